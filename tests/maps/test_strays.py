"""What `gateway check` warns of: a segment that a binding means may stand where the map reads nothing.

Every warning is proved by a document that has no fault and whose value is residue all the same.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import pytest

from gateway import maps
from gateway.errors import SetupFault
from gateway.guides.dictionary import dictionary
from gateway.guides.load import load as load_guide
from gateway.guides.model import Guide
from gateway.guides.place import parse
from gateway.guides.structure import structure
from gateway.maps import Map
from gateway.marked_yaml import load

from .trial import segments, trial

Fields = tuple[str, ...]
"""Lines of the map's `fields`, beside the number and the date."""

LINE = "lines: {each: PO1, number: PO101}"
STORE = "ship_to: {in: 'N1[ST]', name: N102}"
SUBLINE = "inner: {each: SLN, number: SLN01, relation: SLN03}"
DEPARTMENT = "references: {department: 'REF[DP]'}"
COUNTED = "control_total: {read: CTT02}"


def line(*more: str) -> str:
    """A line with these fields too."""
    return f"lines: {{{', '.join(('each: PO1', 'number: PO101', *more))}}}"


def store(references: str) -> str:
    """A ship-to that reads these references."""
    return f"ship_to: {{in: 'N1[ST]', references: {{{references}}}}}"


class Told(NamedTuple):
    """A warning, and a document (behind its BEG) where the segment that ends it is lost."""

    case: str
    fields: Fields
    what: str
    fix: str
    document: str


TOLD = [
    Told(
        "a line's MEA behind its PID",
        (line("description: 'PID[F]05'", "quantity: 'MEA[PD]03'"),),
        "MEA[PD]03: after PID the guide puts MEA at PO1/PID/MEA, not at PO1/MEA",
        "bind `MEA[PD]03 or PID/MEA[PD]03`",
        "PO1*1 PID*F****MUG MEA*PD*WD*3",
    ),
    Told(
        "a line's PID behind its sublines",
        (line("description: 'PID[F]05'", SUBLINE),),
        "PID[F]05: after SLN the guide puts PID at PO1/SLN/PID, not at PO1/PID",
        "bind `PID[F]05 or SLN/PID[F]05`",
        "PO1*1 SLN*1**I PID*F****MUG",
    ),
    Told(
        "the heading's REF behind a party",
        (DEPARTMENT, STORE, LINE),
        "REF[DP]: after N1 the guide puts REF at N1/REF, not at REF",
        "bind `REF[DP] or N1/REF[DP]`",
        "N1*ST*STORE REF*DP*017",
    ),
    Told(
        "the party reads another code",
        (DEPARTMENT, store("vendor: 'REF[IA]'"), LINE),
        "REF[DP]: after N1 the guide puts REF at N1/REF, not at REF",
        "bind `REF[DP] or N1/REF[DP]`",
        "N1*ST*STORE REF*IA*V REF*DP*017",
    ),
    Told(
        "the party reads one of its codes",
        ("references: {department: 'REF[DP|19]'}", store("department: 'REF[DP]'"), LINE),
        "REF[DP|19]: after N1 the guide puts REF at N1/REF, not at REF",
        "bind `REF[DP|19] or N1/REF[DP|19]`",
        "N1*ST*STORE REF*19*017",
    ),
    Told(
        "the total behind CTT",
        ("total: 'AMT[TT]02'", COUNTED, LINE),
        "AMT[TT]02: after CTT the guide puts AMT at CTT/AMT, not at AMT",
        "bind `AMT[TT]02 or CTT/AMT[TT]02`",
        "PO1*1 CTT*1 AMT*TT*10",
    ),
    Told(
        "a part known by its code",
        (line(STORE, SUBLINE),),
        "N1[ST]: after SLN the guide puts N1 at PO1/SLN/N1, not at PO1/N1",
        "bind SLN/N1[ST] in a field of its own",
        "PO1*1 SLN*1**I N1*ST*STORE",
    ),
    Told(
        "a text without a code",
        (line("text: MSG01", "notes: {each: N9, kind: N901, number: N902}"),),
        "MSG01: after N9 the guide puts MSG at PO1/N9/MSG, not at PO1/MSG",
        "bind `MSG01 or N9/MSG01`",
        "PO1*1 N9*L1*7 MSG*GIFT",
    ),
    Told(
        "behind a loop in the loop it steps into",
        (line("references: {lot: 'N1[ST]/REF[LT]'}", "quantity: {read: 'N1[ST]/LDT/QTY[01]02'}"),),
        "N1[ST]/REF[LT]: after LDT the guide puts REF at PO1/N1/LDT/REF, not at PO1/N1/REF",
        "bind `N1[ST]/REF[LT] or N1[ST]/LDT/REF[LT]`",
        "PO1*1 N1*ST*STORE LDT*AA*1*DA REF*LT*5",
    ),
]

QUIET: list[tuple[str, Fields]] = [
    ("two places are named", (line("description: 'PID[F]05'", "quantity: 'MEA[PD]03 or PID/MEA[PD]03'"),)),
    ("the map reads no PID", (line("quantity: 'MEA[PD]03'"),)),
    ("a list of what stands there", (line("description: 'PID[F]05'", "measures: {each: MEA, kind: MEA02}"),)),
    ("all others of a mapping", ("references: {'*': 'REF[*] | codes(references)'}", STORE, LINE)),
    (
        "the subline reads its own",
        (line("description: 'PID[F]05'", SUBLINE.replace("}", ", description: 'PID[F]05'}")),),
    ),
    ("the map reads no sublines", (line("description: 'PID[F]05'"),)),
    ("the party reads every code", (DEPARTMENT, store("'*': 'REF[*] | codes(references)'"), LINE)),
    ("the party reads the code", (DEPARTMENT, store("any: 'REF[IA|DP]'"), LINE)),
    ("nobody sends the heading's among the lines", (DEPARTMENT, line("ids: {upc: 'PO1[UP]'}"))),
    ("both totals", ("total: CTT/AMT[TT]02 or AMT[TT]02", COUNTED, LINE)),
    ("what stands in CTT is not the heading's", ("total: CTT/AMT[TT]02", LINE)),
    ("only written", ("references: {department: {write: 'REF[DP]'}}", STORE, LINE)),
]


class Small(NamedTuple):
    """A guide of our own, by area, where the public one has nothing to tell; `what` is empty for a quiet map."""

    case: str
    heading: str
    detail: str
    summary: str
    fields: Fields
    what: str = ""
    fix: str = ""
    document: str = ""


TOTAL = ("total: 'summary/AMT[TT]02'", LINE)
CONTRACT = ("contract: 'REF[CT]'", "notes: {each: N9, kind: N901, number: N902}", LINE)
STEPPED = ("contract: 'N1[ST]/REF[CT]'", LINE)
SMALL = [
    Small(
        "a summary right behind the lines",
        *("CUR O 1", "AMT O 1", "AMT O 1", TOTAL),
        "summary/AMT[TT]02: after PO1 the guide puts AMT at PO1/AMT, not at AMT",
        "bind `summary/AMT[TT]02 or PO1/AMT[TT]02`",
        "PO1*1 AMT*TT*1",
    ),
    Small(
        "something mandatory comes between",
        "CUR O 1",
        "AMT O 1",
        "CTT M 1; AMT O 1",
        (*TOTAL, "control_total: CTT01"),
    ),
    Small(
        "further out",
        *("N1 O *:; .REF O 1; .N3 O 1; REF O *", "PID O 1", "CTT O 1", STEPPED),
        "N1[ST]/REF[CT]: late in the loop N1 the guide puts REF at REF, not at N1/REF",
        "bind `N1[ST]/REF[CT] or REF[CT]`",
        "N1*ST*STORE N3*STREET REF*CT*9",
    ),
    Small(
        "past something mandatory, which is a fault",
        *("N1 O *:; .REF O 1; .N3 O 1; CUR M 1; REF O *", "PID O 1", "CTT O 1"),
        (*STEPPED, "currency: 'CUR[BY]02'"),
    ),
    Small(
        "nothing can make it late",
        *("N1 O *:; .N3 O 1; .REF O *; REF O *", "PID O 1", "CTT O 1", STEPPED),
    ),
    Small(
        "a scope has no word for what is around it",
        *("N1 O *:; .REF O 1; .N3 O 1; REF O *", "PID O 1", "CTT O 1"),
        (store("contract: 'REF[CT]'"), LINE),
        "REF[CT]: late in the loop N1 the guide puts REF at REF, not at N1/REF",
        "bind REF as well",
        "N1*ST*STORE N3*STREET REF*CT*9",
    ),
    Small(
        "the same tag in two areas",
        *("AMT O 1", "PID O 1", "AMT O 1", ("total: 'heading/AMT[TT]02'", LINE)),
        "heading/AMT[TT]02: late in the document the guide puts AMT at summary/AMT, not at heading/AMT",
        "bind `heading/AMT[TT]02 or summary/AMT[TT]02`",
        "PO1*1 AMT*TT*1",
    ),
    Small("lines part the two areas", "AMT O 1", "PID O 1", "CTT O 1; AMT O 1", TOTAL),
    Small("kept for another code", "REF O *; N9 O *:; .REF[IA] O 1", "PID O 1", "CTT O 1", CONTRACT),
    Small(
        "kept for this code",
        *("REF O *; N9 O *:; .REF[CT] O 1", "PID O 1", "CTT O 1", CONTRACT),
        "REF[CT]: after N9 the guide puts REF at N9/REF, not at REF",
        "bind `REF[CT] or N9/REF[CT]`",
        "N9*L1*7 REF*CT*9",
    ),
]


def loaded(case: str, fields: Fields) -> Map:
    """A map of these fields; the case is in its text, so that no two cases are one map."""
    head = f"map: stray/850\ndescription: {case}\ndocument: PurchaseOrder\nguide: x12/004010/850\n"
    head += "constants: {BEG01: '00', BEG02: SA}\nfields:\n"
    lines = ("number: BEG03", "ordered_on: BEG05", *fields)
    return maps.load("stray", {"stray": head + "".join(f"  {one}\n" for one in lines)}.get)


def small(one: Small) -> Guide:
    """The 850 of 004010 with the structure of the case."""
    whole = load_guide("x12/004010/850")
    specs, faults = dictionary("x12/004010").segments, list[SetupFault]()
    text = f"heading:\n  - BEG M 1\n{area(one.heading, 2)}detail:\n  - PO1 M *:\n{area(one.detail, 6)}"
    root = structure(load(f"{text}summary:\n{area(one.summary, 2)}", "small.yaml"), specs, faults)
    assert not faults
    used = {place.tag: specs[place.tag] for place in root.walk() if place.tag}
    return Guide(one.case, whole.name, "850", "004010", "PO", root, used, whole.known)


def area(lines: str, indent: int) -> str:
    """`N1 O *:; .N3 O 1` as lines of a guide; a dot is one level deeper."""
    depths = ((one.lstrip("."), indent + 4 * (len(one) - len(one.lstrip(".")))) for one in lines.split("; "))
    return "".join(f"{' ' * depth}- {one}\n" for one, depth in depths)


def said(map: Map) -> list[tuple[str, str]]:
    assert all(problem.warning for problem in map.problems)
    return [(problem.what, problem.fix) for problem in map.problems]


def loses(map: Map, document: str) -> bool:
    """Whether the document's last segment is residue, and nothing says so."""
    text = "\n".join(("BEG*00*SA*1**20260301", *document.split(" ")))
    text += "" if "PO1" in text else "\nPO1*1"
    tree, faults = parse(map.guide, segments(text))
    found, meaning = map.read(tree)
    assert found is not None
    assert [fault for fault in faults + meaning if not fault.is_note] == []
    lost = {place.segment for place in map.residue(tree)}
    return document.split(" ")[-1].split("*")[0] in lost


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.case)
def test_what_can_be_missed_is_told_and_true(told: Told) -> None:
    map = loaded(told.case, told.fields)
    assert said(map) == [(told.what, told.fix)]
    assert loses(map, told.document)


@pytest.mark.parametrize(("case", "fields"), QUIET, ids=[case for case, _ in QUIET])
def test_what_cannot_or_need_not_be_is_not_told(case: str, fields: Fields) -> None:
    assert said(loaded(case, fields)) == []


@pytest.mark.parametrize("told", SMALL, ids=lambda told: told.case)
def test_by_the_shape_of_the_guide(told: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = small(told)
    monkeypatch.setattr(sys.modules["gateway.maps.load"], "load_guide", lambda *_: guide)
    map = loaded(told.case, told.fields)
    assert said(map) == ([(told.what, told.fix)] if told.what else [])
    assert not told.document or loses(map, told.document)


def test_what_a_layer_lets_come_early_is_told_of_a_list_too() -> None:
    text = "extends: early\nguide: {allow: ['PO1: PID before MEA']}\n"
    base = "document: PurchaseOrder\nguide: x12/004010/850\nconstants: {BEG01: '00', BEG02: SA}\n"
    fields = (
        f"fields:\n  number: BEG03\n  ordered_on: BEG05\n  {line('measures: {each: MEA, kind: MEA02}')}\n"
    )
    map = maps.load("layered", {"layered": text, "early": f"map: early\n{base}{fields}"}.get)
    assert [what for what, _ in said(map)] == [
        "MEA: after PID the guide puts MEA at PO1/PID/MEA, not at PO1/MEA"
    ]
    assert loses(map, "PO1*1 PID*F****MUG MEA*PD*WD*3")


def test_a_warning_stands_at_its_line_and_a_segment_gets_one() -> None:
    map = loaded("one of two", (line("packaging: {pack: PO401, size: PO402}", SUBLINE),))
    assert [(str(problem.mark), problem.what[:5]) for problem in map.problems] == [
        ("stray.yaml:9:55", "PO401")
    ]


def test_the_trial_map_is_told_of_every_code_it_names() -> None:
    assert [what.split(" the guide")[0] for what, _ in said(trial())] == [
        "CUR[BY]02: after SAC",
        "REF[DP]: after AMT",
        "REF[IA]: after AMT",
        "DTM[002]: after AMT",
        "DTM[001]: after AMT",
        "PID[F]05..: after SLN",
        "PO401: after SLN",
        "N1[ST]: after SLN",
    ]
