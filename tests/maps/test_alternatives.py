"""`A or B` when written: fresh into the first that takes the value, onto an original where the value was found."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway import maps
from gateway.canonical import Measure, PurchaseOrder
from gateway.errors import NotWritable, SetupError
from gateway.maps import Map
from gateway.maps.compile import compiled
from gateway.maps.examples import example

from .trial import text_of, tree

BASE = "document: PurchaseOrder\nguide: x12/004010/850\nconstants: {BEG01: '00', BEG02: SA}\nfields:\n"
BASE += "  number: BEG03\n  ordered_on: BEG05\n"
LINES = "lines: {each: PO1, number: PO101}"
BEG = "BEG*00*SA*1**20260301\n"
CONTRACT = "contract: BEG06 or REF[CT]02"
DEPARTMENT = "references: {department: 'REF[DP]02 or N9[DP]02'}"
CARRIER = "transport: {each: TD5, carrier: {kind: TD502, value: 'TD503[2] or TD505'}}"
LONE = CARRIER.replace(" or TD505", "")
CURRENCY = "currency: CUR[BY]02 or CUR[SE]02"
CROSSED = "contract: {read: 'REF[CT]02 or BEG06', write: BEG06}"
LAYER = "{BEG06: {max: 4}, REF02: {max: 6}, N902: {max: 8}}"


def alternatives(*fields: str, layer: str = LAYER) -> Map:
    """A map of these fields, on a guide where the places hold 4, 6 and 8 characters."""
    base = BASE + "".join(f"  {field}\n" for field in (*fields, "" if "lines" in str(fields) else LINES))
    return maps.load("narrow", {"narrow": f"extends: wide\nguide: {layer}\n", "wide": base}.get)


def order(**more: Any) -> PurchaseOrder:
    said = {"number": "1", "ordered_on": date(2026, 3, 1), "lines": [{"number": "1"}]}
    return PurchaseOrder.model_validate(said | more)


FULL = {f"x12:{letter * 2}": "1" for letter in "ABCDEFGHIJ"}
PAIRS = "PO1*1*****" + "*".join(f"{letter * 2}*1" for letter in "ABCDEFGHIJ")
ITEM = "lines: {each: PO1, number: PO101, ids: {'*': 'PO1[*] | codes(item_ids)'}, description: 'PO1[VP] or PID[F]05'}"


@pytest.mark.parametrize(
    ("case", "fields", "said", "written"),
    [
        ("the first", CONTRACT, {"contract": "1234"}, "BEG*00*SA*1**20260301*1234\nPO1*1\n"),
        ("the first that holds it", CONTRACT, {"contract": "12345"}, f"{BEG}REF*CT*12345\nPO1*1\n"),
        (
            "the first whose qualifier is said",
            CARRIER,
            {"transport": [{"carrier": {"value": "A1"}}]},
            f"{BEG}TD5*****A1\nPO1*1\n",
        ),
        (
            "the first that has room",
            ITEM,
            {"lines": [{"number": "1", "ids": FULL, "description": "MUG"}]},
            f"{BEG}{PAIRS}\nPID*F****MUG\n",
        ),
        (
            "a list: the first",
            DEPARTMENT,
            {"references": {"department": ["1", "2"]}},
            f"{BEG}REF*DP*1\nREF*DP*2\nPO1*1\n",
        ),
        (
            "a list: the first that holds all",
            DEPARTMENT,
            {"references": {"department": ["1", "1234567"]}},
            f"{BEG}N9*DP*1\nN9*DP*1234567\nPO1*1\n",
        ),
    ],
)
def test_fresh(case: str, fields: str, said: dict[str, Any], written: str) -> None:
    map = alternatives(fields)
    assert text_of(map.write(order(**said))) == written


AT_BEG = "BEG*00*SA*1**20260301*OLD\n"
AT_REF = "REF*CT*OLD*KEPT\n"


@pytest.mark.parametrize(
    ("case", "original", "contract", "written"),
    [
        ("found in the first", AT_BEG, "NEW", "BEG*00*SA*1**20260301*NEW\n"),
        ("found in the second", BEG + AT_REF, "NEW", BEG + "REF*CT*NEW*KEPT\n"),
        ("the second stays where the first says it", AT_BEG + AT_REF, "NEW", "BEG*00*SA*1**20260301*NEW\n" + AT_REF),
        ("found nowhere", BEG, "NEW", "BEG*00*SA*1**20260301*NEW\n"),
        ("taken out of both", AT_BEG + AT_REF, None, BEG + "REF*CT**KEPT\n"),
        ("it cannot stay in the first", AT_BEG, "NEWER", BEG + "REF*CT*NEWER\n"),
        ("nor beside what the second says", AT_BEG + AT_REF, "NEWER", BEG + "REF*CT*NEWER*KEPT\n"),
        ("unchanged", BEG + AT_REF, "OLD", BEG + AT_REF),
    ],
)  # fmt: skip
def test_onto(case: str, original: str, contract: str | None, written: str) -> None:
    map = alternatives(CONTRACT, layer="{BEG06: {max: 4}}")
    root = tree(original + "PO1*1", map)
    found, _ = map.read(root)
    changed = map.write(found.model_copy(update={"contract": contract}), root)
    assert text_of(changed) == written + "PO1*1\n"
    assert map.read(changed)[0].contract == contract


def test_what_cannot_stay_in_the_second_goes_to_the_first() -> None:
    map = alternatives(CONTRACT, layer="{REF02: {max: 4}}")
    root = tree(BEG + "REF*CT*OLD\nPO1*1", map)
    changed = map.write(map.read(root)[0].model_copy(update={"contract": "NEWER"}), root)
    assert text_of(changed) == "BEG*00*SA*1**20260301*NEWER\nPO1*1\n"


@pytest.mark.parametrize(
    ("case", "original", "departments", "written"),
    [
        ("found in the first", "REF*DP*1\n", ["2"], "REF*DP*2\n"),
        ("found in the second", "N9*DP*1*KEPT\n", ["2", "3"], "N9*DP*2*KEPT\nN9*DP*3\n"),
        ("the second stays", "REF*DP*1\nN9*DP*2\n", ["3", "4"], "REF*DP*3\nREF*DP*4\nN9*DP*2\n"),
        ("taken out of both", "REF*DP*1\nN9*DP*2\n", None, ""),
        ("one of them cannot stay", "REF*DP*1\nREF*DP*2\n", ["1", "1234567"], "N9*DP*1\nN9*DP*1234567\n"),
    ],
)
def test_a_list_onto(case: str, original: str, departments: list[str] | None, written: str) -> None:
    map = alternatives(DEPARTMENT)
    root = tree(f"{BEG}{original}PO1*1", map)
    references = {"department": departments} if departments else {}
    changed = map.write(map.read(root)[0].model_copy(update={"references": references}), root)
    assert text_of(changed) == f"{BEG}{written}PO1*1\n"
    assert map.read(changed)[0].references == references


@pytest.mark.parametrize(
    ("case", "fields", "original", "said", "expected"),
    [
        ("none can hold it", CONTRACT, "", {"contract": "1234567"}, "1..4 characters"),
        ("none can hold all", DEPARTMENT, "", {"references": {"department": ["123456789"]}}, "1..6"),
        ("another code's only segment", CURRENCY, "CUR*PE*USD\n", {"currency": "EUR"}, "at most 1"),
        (
            "another field's qualifier",
            LONE,
            "",
            {"transport": [{"carrier": {"value": "A1"}}]},
            "says another",
        ),
        ("read first where none is written", CROSSED, "REF*CT*OLD\n", {"contract": "NEW"}, "back as OLD"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_field(
    case: str, fields: str, original: str, said: dict[str, Any], expected: str
) -> None:
    map = alternatives(fields)
    with pytest.raises(NotWritable, match=expected) as refused:
        map.write(order(**said), tree(f"{BEG}{original}PO1*1", map))
    assert all(fault.place.field for fault in refused.value.faults)


# -- any object, onto any document

PLACES = {
    "release": ("BEG04", "REF[RE]02"),
    "contract": ("BEG06", "REF[CT]02"),
    "currency": ("CUR[BY]02", "CUR[SE]02"),
    "requested_delivery_at": ("DTM[002]", "N9[ZZ]/DTM[002]"),
    "total": ("CTT/AMT[TT]02", "AMT[TT]02"),
}
IN_LINES = {"description": ("PID[F]05", "PO1[VP]"), "text": ("MSG01", "N9[L1]/MSG01")}
REST = "constants: {BEG01: '00', BEG02: SA, 'N9[ZZ]02': '1', 'N9[L1]02': '1'}\n"


def either(backwards: bool) -> Map:
    """A map whose every field has two places, in one order or the other."""
    turn = -1 if backwards else 1
    fields = {name: " or ".join(places[::turn]) for name, places in PLACES.items()}
    inner = ", ".join(f"{name}: '{' or '.join(places[::turn])}'" for name, places in IN_LINES.items())
    text = BASE + "".join(f"  {name}: {places}\n" for name, places in fields.items())
    text += (
        f"  lines: {{each: PO1, key: number, number: PO101, {inner}}}\ncomputed: {{CTT01: count(lines)}}\n"
    )
    text = text.replace("constants: {BEG01: '00', BEG02: SA}\n", REST.replace("'N9[L1]02'", "'PO1/N9[L1]02'"))
    return maps.load("either", {"either": text}.get)


@settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32), backwards=st.booleans())
def test_written_onto_what_says_it_elsewhere_it_reads_back(seed: int, backwards: bool) -> None:
    random = Random(seed)
    here, there = either(backwards), either(not backwards)
    wanted, other = example(here, random), example(there, random)
    original = there.write(other)
    assert here.read(original)[0] == other  # wherever it stands, it is read
    assert text_of(here.write(other, original)) == text_of(original)
    assert here.read(here.write(wanted, original))[0] == wanted


# -- a list of `each:` or `in:`

MEASURES = """lines:
    each: PO1
    key: number
    number: PO101
    description: "PID[F]05"
    measures:
      - {each: MEA, kind: MEA02, value: MEA03}
      - {each: PID/MEA, kind: MEA02, value: MEA03}"""
WIDE, LONG = "MEA**WD*7*IN\n", "MEA**LN*9\n"
PO1, PID = "PO1*1\n", "PID*F****MUG\n"


@pytest.mark.parametrize(
    ("original", "measures"),
    [
        (PO1 + WIDE + LONG + PID, ["width", "length"]),
        (PO1 + PID + WIDE + LONG, ["width", "length"]),
        (PO1 + LONG + PID + WIDE, ["length"]),  # what stands second is residue
        (PO1 + PID, []),
    ],
)
def test_the_first_that_finds_anything_is_read(original: str, measures: list[str]) -> None:
    map = alternatives(MEASURES, layer="{}")
    root = tree(BEG + original, map)
    found, _ = map.read(root)
    assert [one.kind for one in found.lines[0].measures] == measures
    assert compiled(map)([node.elements for node in root.segments()]) == found
    assert text_of(map.write(found, root)) == BEG + original


def test_the_first_is_written_fresh() -> None:
    said = {"lines": [{"number": "1", "measures": [{"kind": "width", "value": "7"}]}]}
    assert text_of(alternatives(MEASURES, layer="{}").write(order(**said))) == f"{BEG}{PO1}MEA**WD*7\n"


@pytest.mark.parametrize(
    ("original", "kinds", "written"),
    [
        (PO1 + PID + WIDE, ["length"], PO1 + "MEA**LN*7\n" + PID),
        (PO1 + PID + WIDE, [], PO1 + PID),
        (PO1 + LONG + PID + WIDE, ["width"], PO1 + "MEA**WD*7\n" + PID + WIDE),
        (PO1 + LONG + PID + WIDE, [], PO1 + PID),
        (PO1 + PID, ["width"], PO1 + "MEA**WD*7\n" + PID),
    ],
)
def test_what_changes_is_written_in_the_first(original: str, kinds: list[str], written: str) -> None:
    map = alternatives(MEASURES, layer="{}")
    root = tree(BEG + original, map)
    line = map.read(root)[0].lines[0]
    measures = [Measure(kind=kind, value=Decimal(7)) for kind in kinds]
    changed = order(lines=[line.model_copy(update={"measures": measures})])
    assert text_of(map.write(changed, root)) == BEG + written
    assert map.read(map.write(changed, root))[0] == changed


@pytest.mark.parametrize("entry", ["['MEA', 'PID/MEA']", "[{kind: MEA02}]", "[]"])
def test_a_list_of_anything_else_is_refused(entry: str) -> None:
    with pytest.raises(SetupError) as refused:
        alternatives(f"lines: {{each: PO1, number: PO101, measures: {entry}}}", layer="{}")
    assert [fault.what for fault in refused.value.faults] == ["measures: a list stands here"]


REFERENCES = "references: {'*': 'REF[*] | codes(references)'}"


@pytest.mark.parametrize(
    ("contract", "others"),
    [
        ("contract: REF[CT]02 or BEG06", {}),
        (CROSSED, {"contract": ["1234"]}),
        ("contract: {read: 'REF[CT]02'}", {}),
    ],
)
def test_what_is_only_read_besides_is_left_to_all_others(contract: str, others: dict[str, list[str]]) -> None:
    map = alternatives(contract, REFERENCES)
    original = tree(f"{BEG}REF*CT*1234\nPO1*1\n", map)
    found, faults = map.read(original)
    assert (found, faults) == (order(contract="1234", references=others), [])
    assert text_of(map.write(found, onto=original)) == f"{BEG}REF*CT*1234\nPO1*1\n"
    assert compiled(map)([node.elements for node in original.segments()]) == found
