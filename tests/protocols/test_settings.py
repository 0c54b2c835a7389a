"""What a profile may say of channels, and how it is told what it may not."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from gateway.errors import SetupError
from gateway.protocols import PROTOCOLS, folder, load, sftp
from gateway.protocols.settings import Pull, Push, seconds

FINGERPRINT = "SHA256:" + "A" * 43
LOGIN = {"host": "sftp.acme.example", "user": "hub", "key": "secret:acme-sftp", "host_key": FINGERPRINT}


def test_the_example_of_the_map_page_is_understood():
    pull = Pull.model_validate(
        {
            "from": "/out",
            "match": "*.edi",
            "every": "2m",
            "ready": "marker(*.ok)",
            "done": "archive/<date>",
            "bad": "error",
        }
    )
    assert pull.every == 120
    assert pull.markers("po.edi") == ("po.edi.ok", "po.ok")
    assert pull.archive(date(2026, 3, 1)) == "archive/2026-03-01"
    assert sftp.Settings.model_validate(LOGIN).trusts(FINGERPRINT)
    assert Push.model_validate({"to": "/in", "name": "<document>_<control>.edi"}).to == "/in"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("po.edi", True),
        ("po.txt", False),
        ("po.edi.tmp", False),
        (".po.edi", False),
        ("po.edi.DONE", False),
        ("po.EDI", False),
    ],
)
def test_which_names_are_fetched(name, wanted):
    assert Pull(match="*.edi*" if "DONE" in name else "*.edi", done="rename(.DONE)").wants(name) is wanted


@pytest.mark.parametrize(
    ("text", "value"), [("90", 90), ("2m", 120), ("1.5 h", 5400), ("500ms", 0.5), ("1d", 86400)]
)
def test_durations(text, value):
    assert seconds(text) == value


WRONG = [
    (Pull, {"every": "soon"}, "2m"),
    (Pull, {"every": "0s"}, "greater than 0"),
    (Pull, {"ready": "size"}, "stable"),
    (Pull, {"ready": "marker(ok)"}, "marker"),
    (Pull, {"done": "rename(DONE)"}, "rename"),
    (Pull, {"done": "../up"}, "without .."),
    (Pull, {"bad": "../up"}, "without .."),
    (Pull, {"take": "copy"}, "'read' or 'rename'"),
    (Pull, {"form": "/out"}, "form"),
    (Push, {"name": "a/b"}, "without /"),
    (folder.Settings, {}, "give in, or out"),
    (sftp.Settings, LOGIN | {"key": None}, "give key, or password"),
    (sftp.Settings, LOGIN | {"key": "-----BEGIN hunter2"}, "secret:NAME"),
    (sftp.Settings, LOGIN | {"password": "hunter2"}, "secret:NAME"),
    (sftp.Settings, LOGIN | {"host_key": "any"}, "any: WHY"),
    (sftp.Settings, LOGIN | {"host_key": "SHA256:abc..."}, "ssh-keyscan"),
    (sftp.Settings, LOGIN | {"host_key": []}, "host_key"),
    (sftp.Settings, LOGIN | {"port": "0"}, "port"),
    (sftp.Settings, {key: value for key, value in LOGIN.items() if key != "host_key"}, "host_key"),
]


@pytest.mark.parametrize(("model", "data", "why"), WRONG)
def test_what_cannot_work_is_said_without_repeating_secrets(model, data, why):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    assert why in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_host_trusted_without_a_pin_says_why():
    settings = sftp.Settings.model_validate(LOGIN | {"host_key": "any: a lab that makes new keys each night"})
    assert settings.unpinned == "a lab that makes new keys each night"
    assert sftp.Settings.model_validate(LOGIN).unpinned == ""


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_has_settings_that_refuse_unknown_keys(name):
    model = load(name).Settings
    assert model.model_config["frozen"]
    with pytest.raises(ValidationError):
        model.model_validate({"colour": "red"})


def test_a_wrong_protocol_shows_the_right_ones():
    with pytest.raises(SetupError, match="no protocol 'ftp'; known: folder, our_sftp, sftp"):
        load("ftp")
