"""JSON that does not fit a business object: each fault at its JSON path, with what came as JSON, in business words."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.canonical import PurchaseOrder, fitted, schema

SMALL = {"number": "4500017", "ordered_on": "2026-03-01"}

MISFITS = [
    # what is said beside number and ordered_on, the path, what came, what was expected
    ({"number": 5}, "$.number", "5", "text that is not empty"),
    ({"number": None}, "$.number", "null", "text that is not empty"),
    ({"ordered_on": "2026-13-01"}, "$.ordered_on", '"2026-13-01"', 'a date, such as "2026-03-01"'),
    ({"ordered_on": "2026-01-01T00:00"}, "$.ordered_on", '"2026-01-01T00:00"', "a date, such as"),
    ({"ordered_on": "1767225600"}, "$.ordered_on", '"1767225600"', "a date, such as"),
    ({"ordered_on": 1767225600}, "$.ordered_on", "1767225600", "a date, such as"),
    ({"total": " 1 "}, "$.total", '" 1 "', "a decimal number, such as"),
    ({"total": "1_0"}, "$.total", '"1_0"', "a decimal number, such as"),
    ({"total": "+1"}, "$.total", '"+1"', "a decimal number, such as"),
    ({"total": True}, "$.total", "true", "a decimal number, such as"),
    ({"total": "abc"}, "$.total", '"abc"', 'a decimal number, such as "12.50"'),
    ({"total": float("nan")}, "$.total", "NaN", 'a decimal number, such as "12.50"'),
    ({"cancel_after": "noon"}, "$.cancel_after", '"noon"', "a moment, such as"),
    ({"ship_to": [1]}, "$.ship_to", "[1]", "an object, in { }, with fields of Party"),
    ({"lines": {}}, "$.lines", "{}", "a list, in [ ]"),
    ({"lines": [{"ids": 3}]}, "$.lines[0].ids", "3", "an object of words and their values"),
    ({"lines": [{"inner": [[]]}]}, "$.lines[0].inner[0]", "[]", "an object, in { }, with fields of Line"),
    ({"references": {"ship to": []}}, '$.references["ship to"]', "[]", "a list that is not empty"),
    ({"references": {"": ["1"]}}, '$.references[""]', '""', "a word that is not empty"),
    ({"references": {"a": ["1", True]}}, "$.references.a[1]", "true", "text that is not empty"),
]


@pytest.mark.parametrize(("said", "path", "came", "expected"), MISFITS)
def test_what_does_not_fit(said: Any, path: str, came: str, expected: str) -> None:
    (fault,) = misfits(json.dumps(SMALL | said))
    assert (fault.code.word, fault.place.address, fault.came) == ("value", path, came)
    assert str(fault.expected).startswith(expected)
    assert "gateway schema PurchaseOrder" in str(fault)


@pytest.mark.parametrize("number", ["12345678901234567.89", "9.25", "1", "-0", "1e3", "1" * 400])
def test_a_decimal_is_text_for_a_json_number_is_rounded_by_whoever_reads_it(number: str) -> None:
    text = f'{{"number": "1", "ordered_on": "2026-03-01", "lines": [{{"quantity": {number}}}]}}'
    (fault,) = misfits(text)
    assert (fault.code.word, fault.place.address) == ("value", "$.lines[0].quantity")
    assert fault.expected == 'a decimal number, such as "12.50"'
    assert (fault.came, "write it as text" in fault.hint) == (None, True)
    with pytest.raises(ValidationError):
        PurchaseOrder.from_json(text)


EXACT = ["12345678901234567.89", "0.10", "1E+3", "-0", ".5", "007"]


@pytest.mark.parametrize("number", EXACT)
def test_a_decimal_in_text_is_exactly_that(number: str) -> None:
    found = fitted(PurchaseOrder, json.dumps(SMALL | {"total": number}))
    assert isinstance(found, PurchaseOrder)
    assert str(found.total) == str(Decimal(number))


def test_the_schema_says_the_same() -> None:
    known = schema("PurchaseOrder")["properties"]
    told = {name: next(iter(known[name].get("anyOf", [known[name]]))) for name in ("total", "ordered_on")}
    assert {name: one["type"] for name, one in told.items()} == {"total": "string", "ordered_on": "string"}
    for name, good, bad in [
        ("total", EXACT, [" 1 ", "1_0", "+1", "", "1.", "NaN"]),
        ("ordered_on", ["2026-03-01"], ["2026-01-01T00:00", "1767225600"]),
    ]:
        assert all(re.search(told[name]["pattern"], one) for one in good)
        assert not any(re.search(told[name]["pattern"], one) for one in bad)


def test_null_and_empty_parts_are_nothing_said() -> None:
    said = {"ship_to": None, "buyer": {}, "lines": [], "total": None}
    assert fitted(PurchaseOrder, json.dumps(SMALL | said)) == PurchaseOrder.model_validate(SMALL)


def test_what_is_missing_and_what_there_is_not() -> None:
    missing, unknown = misfits('{"number": "1", "orderd_on": "2026-03-01"}', "$[3]")
    assert (missing.code.word, missing.place.address, missing.came) == (
        "field-missing",
        "$[3].ordered_on",
        None,
    )
    assert str(missing).endswith('expected a date, such as "2026-03-01" (add it)')
    assert (unknown.code.word, unknown.place.address) == ("field-unknown", "$[3].orderd_on")
    assert unknown.hint == "did you mean ordered_on?"


TWICE = [
    # JSON, and the paths that stand twice in it
    ('{"number": "1", "number": "1", "ordered_on": "2026-03-01"}', ["$.number"]),
    (
        '{"number": "1", "ordered_on": "2026-03-01", "lines": [{}, {"unit": "each", "unit": "case", '
        '"ids": {"upc": "1", "upc": "2", "upc": "3"}}]}',
        ["$.lines[1].unit", "$.lines[1].ids.upc"],
    ),
    ('{"number": "1", "ordered_on": "2026-03-01", "lines": [{"unit": "each"}, {"unit": "each"}]}', []),
]


@pytest.mark.parametrize(("text", "paths"), TWICE)
def test_what_is_said_twice(text: str, paths: list[str]) -> None:
    """Which of two values counts is left open; we do not choose."""
    found = fitted(PurchaseOrder, text)
    told = found if isinstance(found, list) else []
    assert [fault.place.field for fault in told] == paths
    assert {fault.expected for fault in told} <= {"each name once in its object"}


FAR = [
    # a number as JSON writes it, and whether it fits
    ('"1e30"', True),
    ('"1e31"', False),
    ('"1e999999999"', False),
    ('"-1e-999999999"', False),
    ('"0.000000000000000000000000000001"', True),
    ('"1.0000000000000000000000000000001"', False),
    ('"0e999999999"', False),
]


@pytest.mark.parametrize(("number", "fits"), FAR)
def test_a_number_no_one_can_count_with_is_told_where_it_stands(number: str, fits: bool) -> None:
    """`1e999999999` is a decimal, and spelling it out would take a gigabyte."""
    text = f'{{"number": "1", "ordered_on": "2026-03-01", "lines": [{{"price": {{"amount": {number}}}}}]}}'
    found = fitted(PurchaseOrder, text)
    if fits:
        assert isinstance(found, PurchaseOrder)
    else:
        assert isinstance(found, list)
        (fault,) = found
        assert (fault.code.word, fault.place.address) == ("value", "$.lines[0].price.amount")
        assert "at most 30 digits" in str(fault)


def test_a_number_that_javascript_calls_infinite_is_none() -> None:
    (fault,) = misfits('{"number": "1", "ordered_on": "2026-03-01", "total": 1e999999999}')
    assert (fault.code.word, fault.place.address) == ("value", "$.total")


def test_what_only_python_takes_for_json() -> None:
    (fault,) = misfits('{"number": "\\ud800"}')
    assert (fault.code.word, "JSON" in fault.message) == ("unknown-format", True)


def test_what_fits_is_the_object() -> None:
    assert fitted(PurchaseOrder, json.dumps(SMALL)) == PurchaseOrder.model_validate(SMALL)


def misfits(text: str, root: str = "$") -> Any:
    found = fitted(PurchaseOrder, text, root)
    assert isinstance(found, list)
    return found


NAMES = st.sampled_from(
    ["number", "lines", "references", "ship_to", "ids", "price", "dates", "inner", "", "x"]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


@given(ANY)
def test_whatever_comes_is_said_without_a_word_of_pydantic(value: Any) -> None:
    found = fitted(PurchaseOrder, json.dumps(value))
    for fault in found if isinstance(found, list) else ():
        assert fault.place.address.startswith("$")
        assert "nput" not in f"{fault.expected}"
