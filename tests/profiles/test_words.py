"""The small types: what is written, what it becomes, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.profiles.identities import normal, same_identity
from gateway.profiles.words import Allowed, Elapsed, FileRef, Hours, Secret, Truth, Url

DURATIONS = [
    ("30s", timedelta(seconds=30)),
    ("2m", timedelta(minutes=2)),
    ("24 h", timedelta(hours=24)),
    ("400d", timedelta(days=400)),
    ("2w", timedelta(weeks=2)),
    ("7y", timedelta(days=7 * 365)),
]


@pytest.mark.parametrize(("text", "expected"), DURATIONS)
def test_elapsed(text, expected):
    assert TypeAdapter(Elapsed).validate_python(text) == expected


TERMS = [
    ("24h", "24h", False, timedelta(hours=24)),
    ("1 business day", "1 business days", True, timedelta(days=1)),
    ("2 business hours", "2 business hours", True, timedelta(hours=2)),
]


@pytest.mark.parametrize(("text", "shown", "business", "elapsed"), TERMS)
def test_terms(text, shown, business, elapsed):
    term = TypeAdapter(Allowed).validate_python(text)
    assert (str(term), term.business, term.elapsed) == (shown, business, elapsed)


REFUSED = [
    (Elapsed, "2 business days"),
    (Elapsed, "-1m"),
    (Elapsed, "1 month"),
    (Elapsed, "9999999d"),
    (Elapsed, "\u0661m"),
    (Secret, "hunter2"),
    (Secret, "secret:../x"),
    (Secret, "secret:/x"),
    (Secret, "secret:"),
    (FileRef, "/etc/passwd"),
    (FileRef, "../x.pem"),
    (FileRef, "certs/../../x.pem"),
    (FileRef, "certs/./x.pem"),
    (FileRef, "certs\\x.pem"),
    (FileRef, "secret:x"),
    (Url, "ftp://x"),
    (Url, "https://user:pw@x"),
    (Hours, "Mon-Fri"),
    (Hours, "Mon 25:00-26:00"),
    (Truth, "yes"),
    (Truth, ["true"]),
]


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_refused(kind, value):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize("name", ["certs/acme-2026.pem", "keys/a b.pub", "x..y/z.pem", "a@b+c.cer"])
def test_files_inside(name):
    assert TypeAdapter(FileRef).validate_python(name) == name


SAME = [
    ("1/ACME", "01/ACME", True),
    ("01/ACME   ", "01/ACME", True),
    ("zz/ACME", "ZZ/ACME", True),
    ("NORTHWIND", " NORTHWIND", True),
    ("01/ACME", "02/ACME", False),
    ("01/ACME", "01/acme", False),
    ("11/ACME", "1/ACME", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_identities(one, other, same):
    assert same_identity(one, other) is same
    assert (normal(one) == normal(other)) is same
