"""Variables of the environment: those that nobody reads are found, and no other is blamed."""

from __future__ import annotations

import pytest

from gateway import setup
from gateway.settings import Settings, strangers, variables

READ = {
    "a setting": {"GATEWAY_HTTP_PORT": "0"},
    "a setting in lower case, which pydantic reads": {"gateway_http_port": "0"},
    "a secret": {"GATEWAY_SECRET_ACME_SFTP_KEY": "x"},
    "what the command line reads": {"GATEWAY_DEBUG": "1"},
    "what the tests set": {"GATEWAY_KILL_AT": ""},
    "what is not ours": {"GATEWAYS": "1", "MY_GATEWAY_PORT": "1", "HOME": "/"},
    "what Kubernetes says of a service called gateway": {
        "GATEWAY_PORT": "tcp://10.0.0.7:8080",
        "GATEWAY_PORT_8080_TCP": "tcp://10.0.0.7:8080",
        "GATEWAY_PORT_8080_TCP_ADDR": "10.0.0.7",
        "GATEWAY_SERVICE_HOST": "10.0.0.7",
        "GATEWAY_SERVICE_PORT_HTTP": "8080",
    },
}

UNREAD = [
    ("GATEWAY_HTPP_PORT", "did you mean GATEWAY_HTTP_PORT?"),
    ("GATEWAY_VARDIR", "did you mean GATEWAY_VAR_DIR?"),
    ("GATEWAY_PORT", "_PORT?"),
    ("gateway_log_formt", "GATEWAY_LOG_FORMAT"),
    ("GATEWAY_SECRET", "did you mean GATEWAY_SECRETS_DIR?"),
    ("GATEWAY_DB_URL", "did you mean GATEWAY_DATABASE_URL?"),
    ("GATEWAY_COLOUR", "docs/settings.md"),
    ("GATEWAY_", "docs/settings.md"),
]


@pytest.mark.parametrize("case", READ)
def test_nothing_is_said_of(case: str):
    assert strangers(READ[case]) == []


def test_every_setting_is_known():
    assert strangers(dict.fromkeys(variables(), "1")) == []
    assert len(variables()) > len(Settings.model_fields)


@pytest.mark.parametrize(("name", "fix"), UNREAD)
def test_what_nobody_reads_is_told_with_what_it_may_mean(name: str, fix: str):
    (told,) = setup.strangers({name: "9", "GATEWAY_HTTP_PORT": "0"})
    assert (told.what, told.warning, str(told.mark)) == (f"{name}: unknown setting", True, "environment")
    assert fix in told.fix


def test_a_value_is_never_repeated():
    """It may be a secret under a name that was misspelt."""
    assert "hunter2" not in str(setup.strangers({"GATEWAY_SERCET_ACME": "hunter2"}))
