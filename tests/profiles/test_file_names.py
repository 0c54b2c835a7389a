"""What a file is called: filled in from the document, one name per file, and never a way out of the folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import OrderAcknowledgment, PurchaseOrder
from gateway.errors import SetupError
from gateway.profiles.file_names import LONGEST, facts, filled, wrong_with
from gateway.protocols.ports import sendable

from .rooms import ACME, load

AT = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
KNOWN = facts("855", "000000007", "acme", AT)


def order(**said: Any) -> PurchaseOrder:
    known = {"number": "45/17", "ordered_on": "2026-11-20", "references": {"department": ["038"]}}
    return PurchaseOrder.model_validate({**known, **said})


NAMES = [
    ("<document>_<control>.edi", "855_000000007.edi"),
    ("edi", "edi"),
    ("{{ document }}_{{ control }}_{{ date }}.edi", "855_000000007_20261121.edi"),
    ("{{ partner }}.{{ date[2:] }}T{{ time }}.{{ control[-4:] }}", "acme.261121T090500.0007"),
    ("PO{{ number }}.edi", "PO45-17.edi"),
    ("{{ number | lower }}-{{ currency | default('x') }}.edi", "45-17-x.edi"),
    ("{{ order.number | default('x') }}-{{ notes | default('y') }}.edi", "x-y.edi"),
    ("{{ references['department'][0] }}_{{ control }}.edi", "038_000000007.edi"),
    ("{{ supplier.id.value if supplier else 'none' }}.edi", "none.edi"),
    ("{% if document == '855' %}ACK{% else %}DOC{% endif %}{{ control | int }}.txt", "ACK7.txt"),
]


@pytest.mark.parametrize(("pattern", "name"), NAMES)
def test_filled_in(pattern: str, name: str):
    assert filled(pattern, KNOWN, order()) == name
    assert list(wrong_with(pattern)) == []


def test_an_acknowledgment_has_no_fields_of_its_own():
    with pytest.raises(SetupError, match=r"there is no value number$"):
        filled("{{ document }}{{ number }}_{{ control }}.edi", KNOWN)


def test_a_field_of_another_kind_of_document_is_not_said():
    answer = OrderAcknowledgment.model_validate({"order": {"number": "P1"}})
    assert filled("{{ order.number }}.edi", KNOWN, answer) == "P1.edi"
    with pytest.raises(SetupError, match=r"there is no value ordered_on$"):
        filled("{{ order.number }}{{ ordered_on }}.edi", KNOWN, answer)


NO_NAMES = [
    "{{ supplier.id.value }}.edi",  # there is no supplier
    "{{ notes }}.edi",
    "{{ currency }}_{{ control }}.edi",
    "{{ references.contract }}.edi",
    ".{{ document }}",
    "{{ currency }}",
    "{{ number }}" * 64,
]


@pytest.mark.parametrize("pattern", NO_NAMES)
def test_what_gives_no_name_is_told(pattern: str):
    with pytest.raises(SetupError):
        filled(pattern, KNOWN, order())


WRONG = [
    ("{{ documnet }}.edi", "there is no value documnet", "did you mean document?"),
    ("{{ control }}_{{ ship_to.idd.value }}", "ship_to has no field idd", "did you mean id?"),
    ("{{ document }", "reading the template '{{ document }'", ""),
    ("{% for x in lines %}{{ x }}{% endfor %}", "for may not stand in one", ""),
    ("{{ document * 9 }}", "mul may not stand in one", ""),
    ("{{ ''.__class__.__mro__ }}{{ control }}.edi", "filling in", ""),
    ("{{ document.__init__ }}", "filling in", ""),
    (".{{ document }}", "is no file name", ""),
]


@pytest.mark.parametrize(("pattern", "what", "fix"), WRONG)
def test_what_is_wrong_with_a_pattern(pattern: str, what: str, fix: str):
    ((told, mend),) = wrong_with(pattern)
    assert what in told
    assert fix in mend


def in_profile(pattern: str) -> list[str]:
    text = ACME.replace("push: {to: /in}", f"push: {{to: /in, name: {pattern!r}}}")
    return [
        f"{one.mark.line} {one.what}{' (warning)' if one.warning else ''}"
        for one in load({"profiles/acme.yaml": text}).faults
    ]


IN_PROFILES = [
    ("{{ document }}_{{ control }}.edi", []),
    ("{{ document }}_{{ contrl }}.edi", ["8 channels.drop.push.name: there is no value contrl"]),
    ("<document>.edi", ["8 channels.drop.push.name: two files would have one name (warning)"]),
    ("{{ number }}.edi", ["8 channels.drop.push.name: two files would have one name (warning)"]),
]


@pytest.mark.parametrize(("pattern", "told"), IN_PROFILES)
def test_a_profile_is_checked(pattern: str, told: list[str]):
    assert in_profile(pattern) == told


PARTS = st.sampled_from(
    [
        "{{ number }}",
        "{{ control }}",
        "{{ notes }}",
        "{{ buyer }}",
        "{{ lines | string }}",
        "{{ total }}",
        "-",
        "x",
    ]
)


@given(st.lists(PARTS, min_size=1, max_size=5).map("".join), st.text(min_size=1, max_size=60))
def test_whatever_the_document_says_the_name_is_safe(pattern: str, number: str):
    try:
        name = filled(pattern, KNOWN, order(number=number))
    except SetupError:
        return
    assert sendable(name) == name
    assert not name.startswith(".")
    assert len(name.encode()) <= LONGEST
