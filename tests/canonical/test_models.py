"""Business objects: frozen, nothing unknown, nothing empty, and JSON that gives the same object back, exactly."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway import canonical
from gateway.canonical import (
    DOCUMENTS,
    Address,
    Line,
    Moment,
    Part,
    Party,
    PurchaseOrder,
    document,
    fields,
    schema,
)
from gateway.errors import SetupError

from .objects import objects

ROOM = Path(canonical.__file__).parent
DOCS = Path(__file__).parents[2] / "docs"
SMALL = {"number": "4500017", "ordered_on": "2026-03-01"}


def order(**values: Any) -> PurchaseOrder:
    return PurchaseOrder.model_validate({**SMALL, **values})


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_json_gives_the_object_back(name: str, data: st.DataObject) -> None:
    found = data.draw(objects(DOCUMENTS[name]))
    text = found.to_json()
    assert type(found).from_json(text) == found
    assert type(found).from_json(text).to_json() == text


def test_json_is_short_exact_and_in_the_vocabularys_order() -> None:
    found = order(
        lines=[{"quantity": Decimal("12.50"), "number": "1"}],
        cancel_after=Moment(date(2026, 4, 1)),
        notes=[],
        ship_to={"name": None},
        purpose=None,
        total=Decimal("0.10"),
        references={"vendor": ["7"], "department": ["038"]},
    )
    assert found.to_json() == (
        '{"number":"4500017","references":{"department":["038"],"vendor":["7"]},"ordered_on":"2026-03-01",'
        '"cancel_after":"2026-04-01","total":"0.10","lines":[{"number":"1","quantity":"12.50"}]}'
    )


def test_equal_orders_are_equal_text() -> None:
    one = order(references={"b": ["1"], "a": ["2"]}, lines=[{"ids": {"y": "1", "x": "2"}}])
    other = order(references={"a": ["2"], "b": ["1"]}, lines=[{"ids": {"x": "2", "y": "1"}}])
    assert one == other
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize(
    "nothing", [{}, {"name": None}, {"more_names": []}, {"address": {}}, {"address": {"lines": []}}]
)
def test_a_part_that_says_nothing_is_none(nothing: dict[str, Any]) -> None:
    assert order(ship_to=nothing).ship_to is None


@pytest.mark.parametrize("something", [{"price": {"amount": 0}}, {"packaging": {"pack": 0}}])
def test_zero_says_something(something: dict[str, Any]) -> None:
    line = order(lines=[something]).lines[0]
    assert (line.price or line.packaging) is not None


def test_objects_do_not_change() -> None:
    found = order(ship_to={"name": "A"})
    with pytest.raises(ValidationError, match="frozen"):
        found.number = "2"
    with pytest.raises(ValidationError, match="frozen"):
        found.ship_to.name = "B"  # type: ignore[union-attr]


def test_what_was_said_follows_from_the_fields() -> None:
    found = order(purpose=None, notes=[], total=0, ship_to={"name": "A"})
    assert found.model_fields_set == {"number", "ordered_on", "total", "ship_to"}
    assert found.model_dump(exclude_unset=True, exclude={"ordered_on"}) == {
        "number": "4500017",
        "total": Decimal(0),
        "ship_to": {"name": "A"},
    }
    assert (found.model_extra, found.__pydantic_private__) == (None, None)


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), lambda one: one.model_copy()],  # noqa: S301
)
def test_a_copy_is_the_same_object_in_every_way(again: Any) -> None:
    found = order(ship_to={"name": "A"}, lines=[{"number": "1"}])
    other = again(found)
    assert other == found
    assert repr(other) == repr(found)
    assert other.to_json() == found.to_json()
    assert other.model_fields_set == found.model_fields_set
    assert other.__dict__.keys() == found.__dict__.keys()
    with pytest.raises(ValidationError, match="frozen"):
        other.number = "2"


def test_a_copy_with_other_values_says_so() -> None:
    found = order().model_copy(update={"total": Decimal(1)})
    assert (found.total, "total" in found.model_fields_set) == (Decimal(1), True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"numbr": "1"},
        {"number": ""},
        {"number": None},
        {"ordered_on": "1 March"},
        {"total": "NaN"},
        {"total": "Infinity"},
        {"total": "ten"},
        {"references": {"vendor": []}},
        {"references": {"vendor": "7"}},
        {"references": {"": ["7"]}},
        {"lines": [{"unit": ""}]},
        {"cancel_after": "soon"},
        {"ship_to": {"address": {"street": "x"}}},
    ],
)
def test_what_is_no_order_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        order(**wrong)


def test_only_number_and_day_are_needed() -> None:
    needed = {name for name, field in fields(PurchaseOrder).items() if field.required}
    assert needed == set(SMALL)
    assert [name for name, field in fields(Line).items() if field.required] == []


def test_lines_may_hold_lines() -> None:
    found = order(lines=[{"inner": [{"number": "1.1", "relation": "included"}]}])
    assert found.lines[0].inner[0].relation == "included"


def test_fields_say_what_they_hold() -> None:
    known = fields(PurchaseOrder)
    assert (known["ship_to"].type, known["ship_to"].holds) == (Party, "one")
    assert (known["references"].type, known["references"].holds) == (str, "mapping of lists")
    assert (known["dates"].type, known["dates"].holds) == (Moment, "mapping")
    assert (known["lines"].type, known["lines"].holds) == (Line, "list")
    assert (known["kind"].type, known["kind"].words) == (str, "order_kinds")
    assert (known["total"].type, known["number"].required) == (Decimal, True)
    assert fields(Address)["lines"].holds == "list"


def test_an_unknown_document_says_which_are_known() -> None:
    assert document("PurchaseOrder") is PurchaseOrder
    with pytest.raises(SetupError, match="did you mean PurchaseOrder"):
        document("PurchasOrder")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_is_the_published_one(name: str) -> None:
    found = schema(name)
    assert found["$schema"].endswith("2020-12/schema")
    assert found["additionalProperties"] is False
    published = DOCS / "schemas" / f"{name}.json"
    assert json.loads(published.read_text("utf-8")) == found, (
        f"run python tests/canonical/page.py, then look at {published}"
    )


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_no_default_is_a_literal_list_or_mapping(path: Path) -> None:
    """pydantic copies such a default for every object: it made reading orders three times slower."""
    classes = (
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef)
    )
    fields_of = (node for found in classes for node in found.body if isinstance(node, ast.AnnAssign))
    assert [
        ast.unparse(node) for node in fields_of if isinstance(node.value, ast.List | ast.Dict | ast.Set)
    ] == []


def test_no_word_of_a_wire_stands_in_the_vocabulary() -> None:
    wires = {
        "isa",
        "gs",
        "st",
        "po1",
        "n1",
        "ref",
        "dtm",
        "unb",
        "bgm",
        "lin",
        "qualifier",
        "segment_id",
        "x12",
    }
    used = {name for part in vars(canonical).values() if is_part(part) for name in fields(part)}
    assert used & wires == set()


def is_part(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Part) and value is not Part
