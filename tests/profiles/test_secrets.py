"""Secrets are found where references lead, and never shown."""

from __future__ import annotations

import pytest

from gateway.errors import SetupError
from gateway.profiles import Secrets
from gateway.profiles.secrets import variable

FOUND = [
    ({"GATEWAY_SECRET_ACME_SFTP_KEY": "from environment"}, {}, "from environment"),
    ({}, {"acme/sftp-key": "from file\n"}, "from file"),
    ({}, {"acme/sftp-key": "from file\r\n"}, "from file"),
    ({}, {"acme/sftp-key": "two\nlines\n"}, "two\nlines"),
    ({"GATEWAY_SECRET_ACME_SFTP_KEY": "first"}, {"acme/sftp-key": "second"}, "first"),
    ({"GATEWAY_SECRET_ACME_SFTP_KEY": ""}, {"acme/sftp-key": "second"}, ""),
]


@pytest.mark.parametrize(("environment", "files", "expected"), FOUND)
def test_found(tmp_path, environment, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    secrets = Secrets(tmp_path, environment)
    assert secrets.has("secret:acme/sftp-key")
    assert secrets.resolve("secret:acme/sftp-key") == expected


MISSING = [
    ("secret:acme/sftp-key", "set GATEWAY_SECRET_ACME_SFTP_KEY, or write it to {folder}/acme/sftp-key"),
    ("secret:demo/harbor", "`gateway run --demo` makes it"),
]


@pytest.mark.parametrize(("reference", "remedy"), MISSING)
def test_missing(tmp_path, reference, remedy):
    secrets = Secrets(tmp_path, {})
    assert not secrets.has(reference)
    with pytest.raises(SetupError) as raised:
        secrets.get(reference)
    assert str(raised.value) == f"resolving {reference}: there is none; {remedy.format(folder=tmp_path)}"


@pytest.mark.parametrize("name", ["../passwd", "/etc/passwd", "a/../b", "", "a//b", ".hidden", "a\0b", "a b"])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path, name):
    with pytest.raises(SetupError):
        Secrets(tmp_path, {}).get(f"secret:{name}")


def test_what_is_no_small_text_is_not_taken(tmp_path):
    (tmp_path / "large").write_text("x" * 100_000)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    secrets = Secrets(tmp_path, {})
    assert [secrets.has(f"secret:{name}") for name in ("large", "binary", "folder")] == [False] * 3


def test_never_shown(tmp_path):
    secrets = Secrets(tmp_path, {"GATEWAY_SECRET_A": "s3cr3t"})
    found = secrets.get("secret:a")
    assert "s3cr3t" not in f"{secrets!r} {found!r} {found}"


def test_variable():
    assert variable("acme/sftp-key.2026") == "GATEWAY_SECRET_ACME_SFTP_KEY_2026"
