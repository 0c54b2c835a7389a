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


def shaped(request: str, kind: str = "PurchaseOrder") -> list[str]:
    """`text from where it stands | what -> fix (warning)?` for a request of the system."""
    erp = f"erp:\n    rest:\n      url: https://erp.example\n      requests:\n        {kind}:\n{request}"
    text = COMPANY.replace("erp: {files: {to: var/erp}}", erp)
    connectors = {**AROUND.connectors, "rest": rest.Settings}
    return [
        f"{text.splitlines()[fault.mark.line - 1][fault.mark.column - 1 :]}"
        f" | {fault.what.removeprefix(REQUEST)} -> {fault.fix}{' (warning)' if fault.warning else ''}"
        for fault in load({"company.yaml": text}, connectors=connectors, secrets=SECRETS).faults
        if fault.what.startswith(REQUEST)
    ]


REQUEST = f"{REST}.requests."
PURPOSE = "          body: {purpose: purpose, "
ASTRAY = [
    ("po: nummer}", "PurchaseOrder.body.po: PurchaseOrder has no field nummer", "did you mean number?"),
    ("l: {each: line}}", "PurchaseOrder.body.l.each: PurchaseOrder has no field line", "mean lines?"),
    ("l: {each: number}}", "PurchaseOrder.body.l.each: number is no list", "such as lines"),
    (
        "l: {each: lines, q: quantitty}}",
        "PurchaseOrder.body.l.q: Line has no field quantitty",
        "quantity?",
    ),
    ("l: {each: lines, p: price.amont}}", "PurchaseOrder.body.l.p: price has no field amont", "amount?"),
    ("l: [number, {a: price.amount}]}", "PurchaseOrder.body.l.1.a: PurchaseOrder has no field price", ""),
    ("l: lines.number}", "PurchaseOrder.body.l: lines is a list", "write lines.0.number"),
    ("n: number.value}", "PurchaseOrder.body.n: number has nothing in it", "write number"),
    (
        "d: '{{ refrences.department }}'}",
        "PurchaseOrder.body.d: PurchaseOrder has no field refrences",
        "s?",
    ),
    ("d: '{{ document.numbr }}'}", "PurchaseOrder.body.d: PurchaseOrder has no field numbr", "number?"),
    ("d: '{{ lines[-1].numbr }}'}", "PurchaseOrder.body.d: lines.-1 has no field numbr", "number?"),
    ("l: {each: lines, q: '{{ quantitty }}'}}", "PurchaseOrder.body.l.q: Line has no field", "quantity?"),
    ("n: number | sum}", "PurchaseOrder.body.n: has no codec sum", "number"),
]


@pytest.mark.parametrize(("field", "what", "fix"), ASTRAY)
def test_a_place_no_such_object_has_is_told_where_it_stands(field: str, what: str, fix: str):
    (told,) = shaped(PURPOSE + field)
    stands, _, said = told.partition(" | PurchaseOrder.body.")
    assert said.startswith(what.removeprefix("PurchaseOrder.body."))
    assert fix in said
    last = what.partition(":")[0].rpartition(".")[2]
    value = field.rpartition("each: " if last == "each" else "a: " if last == "a" else f"{last}: ")[2]
    assert stands == value


ELSEWHERE = [
    (
        '          path: "/orders/{{ nummer }}"',
        '"/orders/{{ nummer }}" | PurchaseOrder.path: PurchaseOrder has no field nummer',
    ),
    (
        '          headers: {X-Of: "{{ buyer.idd }}"}',
        '"{{ buyer.idd }}"} | PurchaseOrder.headers.X-Of: buyer has no field idd',
    ),
    (
        '          change: {path: "/{{ nummer }}"}',
        '"/{{ nummer }}"} | PurchaseOrder.change.path: PurchaseOrder has no field',
    ),
]


@pytest.mark.parametrize(("request_", "what"), ELSEWHERE)
def test_templates_in_paths_and_headers_name_fields(request_: str, what: str):
    (told,) = shaped(request_)
    assert told.startswith(what)


def test_for_all_others_a_place_is_one_that_any_object_has():
    assert shaped('          path: "/{{ type }}/{{ order.number }}/{{ issued_on }}"', '"*"') == []
    (told,) = shaped('          path: "/{{ numbr }}"', '"*"')
    assert told == '"/{{ numbr }}" | *.path: no object here has a field numbr -> did you mean number?'


@pytest.mark.parametrize(
    "fields",
    [
        "d: references.whatever it is, w: dates.any, c: =x}",
        "key: number, token: '{{ key }}', password: buyer.id.value, secret: lines.0.ids.upc}",
        "l: {each: lines, sku: ids.vendor item, ref: '{{ type }} {{ document.number }} {{ price.amount }}'}}",
        "z: \"{{ lines[0].number }}{{ number[:3] }}{{ ship_to.id.value | default('none') }}\"}",
        "r: references.department.0, s: lines.0.schedule, whole: buyer}",
    ],
)
def test_what_an_order_has_and_what_fields_are_called_is_silent(fields: str):
    assert shaped(PURPOSE + fields) == []


DOUBTS = [
    (
        "          headers: {X-Sec: geheim123}",
        "geheim123} | PurchaseOrder.headers.X-Sec: reads like a secret",
    ),
    (
        "          headers: {Authorization: Basic abc}",
        "Basic abc} | PurchaseOrder.headers.Authorization: reads like",
    ),
    (PURPOSE + "token: =abc}", "=abc} | PurchaseOrder.body.token: reads like a secret"),
    (
        "          body: {po: number}",
        "{po: number} | PurchaseOrder.body: does not say the purpose of an order",
    ),
]


@pytest.mark.parametrize(("request_", "what"), DOUBTS)
def test_what_may_be_meant_otherwise_is_a_warning(request_: str, what: str):
    (told,) = shaped(request_)
    assert told.startswith(what)
    assert told.endswith("(warning)")
    assert "geheim123" not in told.partition(" | ")[2]


def test_routes_and_requests_name_objects():
    (told,) = shaped("          path: /x", "Invoyce")
    assert told == "Invoyce: | Invoyce: there is no such object -> did you mean Invoice?"
    text = COMPANY.replace("routes: {PurchaseOrder:", "routes: {PurchaseOrders:")
    (fault,) = [one for one in load({"company.yaml": text}).faults if one.what.startswith("routes")]
    assert (fault.what, fault.fix) == (
        "routes.PurchaseOrders: there is no such object",
        "did you mean PurchaseOrder?",
    )
    assert text.splitlines()[fault.mark.line - 1][fault.mark.column - 1 :].startswith("PurchaseOrders")
