"""What `gateway check` says of a system over REST in company.yaml, each with its place and its fix."""

from __future__ import annotations

import pytest

from gateway.connectors import rest
from gateway.profiles import Secrets

from .rooms import AROUND, COMPANY, load

SECRETS = Secrets(environment={"GATEWAY_SECRET_ERP_KEY": "k", "GATEWAY_SECRET_ERP_API": "t"})
GOOD = 'url: "https://erp.example/api", auth: {bearer: secret:erp/key}, requests: {"*": {path: /orders}}'


def told(said: str, beside: str = "") -> list[tuple[bool, str, str]]:
    """Warnings and faults: what, and what to do."""
    company = COMPANY.replace("erp: {files: {to: var/erp}}", f"erp: {{rest: {{{said}}}{beside}}}")
    connectors = {**AROUND.connectors, "rest": rest.Settings}
    faults = load({"company.yaml": company}, connectors=connectors, secrets=SECRETS).faults
    return [(fault.warning, fault.what, fault.fix) for fault in faults if "acme" not in fault.what]


def secretless(found: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """Without what the profile of the room lacks here."""
    return [one for one in found if "channels.drop" not in one[1]]


def test_a_good_one_is_silent():
    assert secretless(told(GOOD, ", token: [secret:erp/api, secret:erp/key]")) == []


def test_one_that_gets_http_and_writes_files_is_two_systems():
    files = "}\n  erp_files: {files: {to: var/erp/in, from: var/erp/out}"
    assert secretless(told(GOOD, files)) == []


REST = "systems.erp.rest"
CASES = [
    (
        GOOD.replace("https", "http"),
        "",
        True,
        "systems.erp: secrets travel in the clear (http, not https)",
        "https",
    ),
    (
        GOOD.replace('"*"', "Invoice"),
        "",
        True,
        "routes.PurchaseOrder: erp does not say how it takes one",
        "add requests.PurchaseOrder to systems.erp.rest",
    ),
    (GOOD.replace(": /orders", ": orders"), "", False, f"{REST}.requests.*.path: 'orders' is not", "/orders"),
    (GOOD.replace("path:", "pth:"), "", False, f"{REST}.requests.*.pth: unknown key", "did you mean path?"),
    (
        GOOD.replace("/orders", '"/{{ number.upper() }}"'),
        "",
        False,
        f"{REST}.requests.*.path: is no template",
        "call may not stand in one",
    ),
    (GOOD.replace("secret:erp/key", "abc"), "", False, f"{REST}.auth.bearer: ", "secret:acme/sftp-key"),
    (GOOD, ", token: abc", False, "systems.erp.token: a secret is written out here", "secret:NAME"),
    (
        GOOD,
        ", token: secret:gone",
        False,
        "systems.erp.token: there is no secret:gone",
        "GATEWAY_SECRET_GONE",
    ),
    (
        GOOD,
        ", pull: {every: 5s}",
        False,
        "systems.erp.pull: nothing is fetched from a rest system",
        "remove it",
    ),
]


@pytest.mark.parametrize(("said", "beside", "warning", "what", "fix"), CASES)
def test_what_is_wrong_is_told(said: str, beside: str, warning: bool, what: str, fix: str):
    (found,) = [one for one in secretless(told(said, beside)) if one[1].startswith(what)]
    assert found[0] == warning
    assert fix in found[2]
