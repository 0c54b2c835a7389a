"""Hostile files: only faults come of them, never an exception, and the good partner goes on."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from .rooms import ACME, COMPANY, GOOD, load
from .test_good import FULL, FULL_ACME, FULL_COMPANY

WORDS = st.sampled_from([
    "partner", "identities", "channels", "receive", "send", "x12", "as2", "sftp", "our_sftp", "pull", "push", "map",
    "expect", "extends", "environments", "test", "acknowledge", "duplicates", "850", "*", "~", "secret:", "secret:../x",
    "templates/acme", "../../etc/passwd", "\x00", "{date}", "1m", "[key]", "<as2>", "__class__", "", "é", "9" * 400,
])  # fmt: skip
DATA = st.recursive(
    WORDS | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


def attempt(texts):
    loaded = load({**GOOD, **texts})
    assert all(str(fault) for fault in loaded.faults)
    if loaded.snapshot is not None:
        assert "acme" in loaded.snapshot.partners or "profiles/acme.yaml" in texts
    return loaded


@given(DATA)
@settings(max_examples=150, deadline=None)
def test_any_data_as_a_profile(data):
    attempt({"profiles/bolt.yaml": json.dumps(data)})


@given(DATA)
@settings(max_examples=100, deadline=None)
def test_any_data_as_company_or_template(data):
    text = json.dumps(data)
    attempt({"company.yaml": text})
    attempt({"templates/t.yaml": text, "profiles/bolt.yaml": "partner: bolt\nextends: templates/t\n"})


def mangled(text):
    """One piece of a good file replaced, doubled or cut."""
    at = st.integers(0, len(text))
    piece = st.sampled_from(
        ["", ":", "\n", "  ", "{", "}", "[", "]", "~", "*", "&a", '"', "\t", "x", "secret:x", "\x00"]
    )
    return st.builds(
        lambda a, b, more: text[: min(a, b)] + more + text[max(a, b) if abs(a - b) < 30 else min(a, b) :],
        at,
        at,
        piece,
    )


@given(mangled(FULL_ACME), mangled(FULL_COMPANY))
@settings(max_examples=200, deadline=None)
def test_mangled_files(acme, company):
    load({**FULL, "profiles/acme.yaml": acme})
    load({**FULL, "company.yaml": company})


@given(mangled(ACME), mangled(COMPANY))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_the_last_good_house_stands(acme, company):
    before = load({}).snapshot
    again = load({"profiles/acme.yaml": acme, "company.yaml": company}, previous=before)
    assert again.snapshot is not None
    if not again.sound:
        assert again.snapshot.partners or before.partners
