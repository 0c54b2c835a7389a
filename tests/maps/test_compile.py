"""The compiled reader gives the interpreter's object, and only where the interpreter has nothing to say."""

import copy
import pickle
import re
from dataclasses import replace
from random import Random
from typing import Annotated, Any, get_args

import pytest
from guides.documents import ORDER, damaged, located, segments, undivided, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import StringConstraints, field_validator

from gateway import maps
from gateway.canonical import DOCUMENTS, Line, Part
from gateway.guides.place import parse
from gateway.maps import Map, compile_plan
from gateway.maps.compile import compiled, source
from gateway.maps.compile_objects import NOTHING, plain

from . import trial
from .full_855 import FULL_855
from .full_856 import FULL_856

BASES = [maps.load(name) for name in maps.names() if name.startswith("x12/00")]
ORDERS = maps.load("x12/004010/850")
TRIAL = maps.load("trial", {"trial": trial.MAP}.get)  # with the code tables of the package

CLEAN = """
BEG*00*SA*4500017*7*20260301
CUR*BY*USD
REF*DP*042
REF*IA*000123
PER*BD*J SMITH  *TE*5015550100*EM*buyer@example.com
FOB*CC*OR*DALLAS
DTM*010*20260310
DTM*001*20260331*1200*CT
TD5**2*UPSN*M*GROUND
N9*ZZ*NOTES
MSG*DELIVER TO DOCK 4
MSG*RING TWICE
N1*ST*STORE 0042*92*0042
N2*SECOND LINE
N3*12 MAIN STREET*SUITE 7
N4*DALLAS*TX*75201*US
PER*IC*DOCK*TE*5015550199
N1*BT*ACCOUNTS PAYABLE*9*1234567890000
PO1*1*12*EA*9.95*PE*UP*012345678905*VN*AB-12*BP*000777
PID*F****HEX BOLT ZINC
PO4*12*1*EA
SDQ*EA*92*0001*6*0002*6
PO1*2*100*CA*.5**UP*012345678912
PID*F****WASHER
CTT*2*112
AMT*TT*169.4
"""


def agree(map: Map, document: list[list[str]]) -> bool:
    """Whether the fast reader answered; when it did, it said what the exact one says, to the last type."""
    fast = compiled(map)([elements[:] for elements in document])
    for texts in [undivided(document)] * 3:  # seen for the first time, seen again, remembered
        again = compiled(map)(texts, "\x1d")
        assert again == fast
        assert repr(again) == repr(fast)
        assert fields_set(again) == fields_set(fast)
    if fast is None:
        return False
    tree, faults = parse(map.guide, located(document))
    exact, more = map.read(tree)
    assert not faults + more, (document, [str(fault) for fault in faults + more])
    assert fast == exact, document
    assert type(fast) is type(exact)
    assert fast.to_json() == exact.to_json()
    assert repr(fast) == repr(exact)
    assert fields_set(fast) == fields_set(exact)
    assert fast.model_dump(exclude_unset=True) == exact.model_dump(exclude_unset=True)
    assert type(fast).from_json(fast.to_json()) == fast
    return True


def fields_set(value: object) -> object:
    """Which fields were said, through and through."""
    if isinstance(value, Part):
        return value.model_fields_set, [fields_set(below) for below in value.__dict__.values()]
    return [fields_set(below) for below in value] if isinstance(value, list) else None


@pytest.mark.parametrize("map", [ORDERS, TRIAL], ids=["base", "trial"])
def test_a_clean_order_is_read_fast(map):
    assert agree(map, segments(CLEAN))


@pytest.mark.parametrize(
    ("version", "text"), [("004010", FULL_855), ("005010", FULL_855.replace("MSG*", "MTX**"))]
)
def test_an_answer_to_an_order_is_read_fast(version, text):
    assert agree(maps.load(f"x12/{version}/855"), segments(text))


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_a_ship_notice_is_read_fast(version):
    assert agree(maps.load(f"x12/{version}/856"), segments(FULL_856))


@pytest.mark.parametrize(
    ("date", "fast"),
    [
        ("980310", True),
        ("450310***19", True),
        ("980310*1200*CT*19", True),
        ("980310***1", False),
        ("19980310", False),
    ],
)
def test_dates_before_004010_read_alike(date, fast):
    text = re.sub(r"\b20(26\d{4})\b", r"\1", CLEAN).replace("DTM*010*260310", f"DTM*010*{date}")
    assert agree(maps.load("x12/003060/850"), segments(text)) == fast


SAID = [
    ("a fault of the guide", "REF*DP*042", "REF*DP*"),
    ("a note of the guide", "REF*DP*042", "REF*DP*042*"),
    ("a code nobody lists", "FOB*CC", "FOB*QQ"),
    ("a qualifier of a pair that nobody lists", "*TE*5015550100", "*00*5015550100"),
    ("a code without a word", "PO1*2*100*CA", "PO1*2*100*05"),
    ("a total that is wrong", "CTT*2", "CTT*3"),
    ("a mandatory segment that is missing", "BEG*00*SA*4500017*7*20260301\n", ""),
]


@pytest.mark.parametrize(("why", "old", "new"), SAID, ids=[why for why, _, _ in SAID])
def test_where_there_is_something_to_say_it_declines(why, old, new):
    assert old in CLEAN
    assert compiled(ORDERS)(segments(CLEAN.replace(old, new))) is None


USUAL = [
    ("blanks that fill up", "HEX BOLT ZINC", "HEX BOLT ZINC   "),
    ("only blanks", "SUITE 7", "   "),
    ("a second value for one word", "REF*IA", "REF*DP"),
    ("a party twice", "N1*BT", "N1*ST"),
    ("a pair in the middle left out", "VN*AB-12", "*"),
    ("a pair twice", "VN*AB-12", "UP*999999999999"),
    ("no lines' text", "PID*F****WASHER\n", ""),
    ("a store without quantity left out", "*0002*6", ""),
    ("many dates", "DTM*010*20260310\n", "DTM*010*20260310\nDTM*010*20260311\nDTM*037*20260309\n"),
]


@pytest.mark.parametrize(("what", "old", "new"), USUAL, ids=[what for what, _, _ in USUAL])
def test_ordinary_variety_stays_fast(what, old, new):
    assert old in CLEAN
    assert agree(ORDERS, segments(CLEAN.replace(old, new)))


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), times=st.sampled_from([1, 1, 2, 4]), base=st.booleans())
def test_on_damaged_orders(seed, times, base):
    for step in range(8):
        random = Random(f"{seed} {step}")
        text = random.choice([CLEAN, CLEAN, ORDER, trial.ORDER])
        agree(ORDERS if base else TRIAL, damaged(segments(text), random, times))


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), times=st.sampled_from([0, 0, 1, 2]), map=st.sampled_from([*BASES, TRIAL]))
def test_on_walks_through_the_guide_of_every_base_map(seed, times, map):
    for step in range(5):
        random = Random(f"{seed} {step}")
        agree(map, damaged(walk(map.guide, random, random.choice([0.05, 0.1, 0.4])), random, times))


def test_every_base_map_is_compiled_and_answers_some_walks():
    for map in BASES:
        found = [agree(map, walk(map.guide, Random(seed), 0.02)) for seed in range(60)]
        assert any(found), map.name


COUNTED = [
    ("MEA*PD*WT*1*LB", 40),
    ("PID*F****X", 1000),
    ("SDQ*EA*92*0001*1*0002*2", 500),
    ("ITD*01", 2),
    ("N9*ZZ*NOTE", 1000),
    ("N1*ST*STORE", 200),
]


@pytest.mark.parametrize(("segment", "most"), COUNTED, ids=[segment[:3] for segment, _ in COUNTED])
def test_what_is_read_ahead_is_counted_all_the_same(segment, most):
    head = "BEG*00*SA*1**20260301\nPO1*1*1*EA\n"
    full = segments(head + f"{segment}\n" * most)
    assert agree(ORDERS, full)
    assert compiled(ORDERS)([*full, full[-1]]) is None
    twice = full[1:]
    assert agree(ORDERS, [*full, *twice])


FORMS = """
map: x12/forms/850
document: PurchaseOrder
guide: x12/004010/850
fields:
  number: BEG03
  ordered_on: BEG05
  references:
    department: REF[DP]
    vendor: REF[IA] or REF[VR]
    "*": REF[*] | codes(references)
  notes: {each: N9, kind: N901, lines: MSG01}
  ship_to: {in: "N1[ST]", use: party}
  bill_to: {in: "N1[BT]", use: party}
  transport:
    each: TD5
    carrier:
      kind: TD502
      value: TD503[2]
  lines:
    each: PO1
    number: PO101
    quantity: PO102
    description:
      read: PID[F]05.. | join(" / ")
      write: PID[F]05
    ids:
      "*": PO1[*] | codes(item_ids)
      vendor: PO1[VP|VN]
    packaging: {pack: PO401, size: PO402, unit: PO403}
    inner:
      each: SLN
      number: SLN01
      within:
        read: PO101
      quantity: SLN04
parts:
  party:
    name: N102 | upper
    address:
      lines: N301..02
      city:
        read: N401 | split("/",1)
constants: {"PO1/SLN03": I, BEG01: "00", BEG02: SA}
computed: {CTT01: count(lines), CTT02: sum(lines.quantity)}
"""
FORMED = maps.load("forms", {"forms": FORMS}.get)

FORM_CASES = [
    ("as it is", "", "", True),
    ("a constant that is another", "SLN*1**I", "SLN*1**A", False),
    ("a sum that is wrong", "CTT*2*112", "CTT*2*113", False),
    ("a split that leaves nothing", "N4*DALLAS", "N4*/DALLAS", True),
    ("a split that leaves something", "N4*DALLAS", "N4*DALLAS/FW", True),
    ("a qualifier of another kind", "TD5**2", "TD5**1", True),
    ("the second alternative", "REF*IA", "REF*VR", True),
    ("two texts joined", "PID*F****WASHER", "PID*F****WASHER\nPID*F****ZINC", True),
    ("the other code", "VN*AB-12", "VP*AB-12", True),
]


@pytest.mark.parametrize(("what", "old", "new", "fast"), FORM_CASES, ids=[case[0] for case in FORM_CASES])
def test_every_form_of_place_reads_alike(what, old, new, fast):
    text = CLEAN.replace("CTT*2*112", "SLN*1**I*2*EA*1.5*PE\nCTT*2*112")
    assert old in text
    assert agree(FORMED, segments(text.replace(old, new))) == fast


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), times=st.sampled_from([1, 2, 4]))
def test_every_form_on_damaged_orders(seed, times):
    text = CLEAN.replace("CTT*2*112", "SLN*1**I*2*EA*1.5*PE\nCTT*2*112")
    agree(FORMED, damaged(segments(text), Random(seed), times))


def test_what_it_cannot_write_it_leaves_to_the_interpreter():
    map = maps.load("second", {"second": FORMS.replace("REF[IA] or REF[VR]", "REF[#2]02")}.get)
    assert compiled(map)(segments(CLEAN)) is None


def test_the_source_can_be_read_and_holds_no_text_of_the_map():
    text = source(ORDERS)
    assert "# lines: PO1" in text
    assert "# PO1: Baseline Item Data" in text
    assert "'upc'" not in text
    compile(text, "source", "exec")


def test_the_same_map_compiles_once():
    assert compiled(ORDERS) is compiled(ORDERS)


def test_empty_lists_and_mappings_are_shared_and_cannot_be_changed():
    order = compiled(ORDERS)(segments(CLEAN))
    assert order.taxes == []
    assert order.conditions == {} if hasattr(order, "conditions") else True
    for change in (
        lambda: order.taxes.append(1),
        lambda: order.taxes.__iadd__([1]),
        lambda: order.lines[0].dates.update(a=1),
        lambda: order.lines[0].dates.setdefault("a", 1),
    ):
        with pytest.raises(TypeError):
            change()
    assert order.taxes == []


def test_copies_of_them_are_ordinary():
    order = compiled(ORDERS)(segments(CLEAN))
    sent = pickle.loads(pickle.dumps(order))  # noqa: S301 - as to a worker process of ours
    for twin in (copy.deepcopy(order), sent, order.model_copy(deep=True)):
        assert twin == order
        assert type(twin.taxes) is list
        assert type(twin.lines[0].dates) is dict
    assert type(copy.copy(NOTHING[list])) is list
    assert type(copy.copy(NOTHING[dict])) is dict


def test_only_models_without_rules_of_their_own_are_made_directly():
    class Strict(Line):
        @field_validator("number")
        @classmethod
        def short(cls, value: str) -> str:
            return value

    class Long(Part):
        name: Annotated[str, StringConstraints(min_length=3)]

    class Defaulting(Part):
        name: str = "x"

    assert plain(Line)
    assert not plain(Strict)
    assert not plain(Long)
    assert not plain(Defaulting)


def test_where_a_model_has_rules_of_its_own_the_exact_reader_is_asked(monkeypatch):
    assert compiled(ORDERS)(segments(CLEAN)) is not None
    monkeypatch.setattr(compile_plan, "plain", lambda model: False)
    assert compiled(replace(ORDERS))(segments(CLEAN)) is None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_has_rules_of_its_own(name):
    """One that had would be read ten times slower: better its rules stand in the map's types, or in its parts'."""
    for model in parts_of(DOCUMENTS[name], set()):
        assert plain(model), model


def parts_of(model: Any, found: set[Any]) -> set[Any]:
    if isinstance(model, type) and issubclass(model, Part):
        if model not in found:
            found.add(model)
            for field in model.model_fields.values():
                parts_of(field.annotation, found)
    else:
        for inner in get_args(model):
            parts_of(inner, found)
    return found


def test_objects_of_remembered_segments_share_nothing_that_could_be_changed():
    texts = undivided(segments(CLEAN))
    first, second, third = [compiled(ORDERS)(texts, "\x1d") for _ in range(3)]
    second.lines[0].ids["upc"] = "another"
    second.references["department"].append("another")
    second.lines.clear()
    assert third == first != second
    assert compiled(ORDERS)(texts, "\x1d") == first
