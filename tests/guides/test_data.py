"""The standards as data agree with themselves, with what pyx12 ships of them, and with public samples."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from defusedxml import ElementTree

from gateway.formats.x12 import TransactionSet, read
from gateway.guides.dictionary import dictionary, table
from gateway.guides.load import available, load, nearest
from gateway.guides.model import UNBOUNDED, Composite, Element, Position

STANDARDS = ("x12/003060", "x12/004010", "x12/005010")
SEGMENTS = [(standard, tag) for standard in STANDARDS for tag in dictionary(standard).segments]
PYX12 = files("pyx12").joinpath("map")

# pyx12 ships one element table for all versions, and it speaks 005010. What ours says otherwise, and why.
BEFORE_005010 = {
    "61": "called a message until 005010",
    "127": "30 characters until 005010",
    "332": "called Percent until 005010",
    "358": "10 digits until 005010 (bots)",
    "364": "80 characters until 005010",
    "447": "4 characters from 005010 on (bots)",
    "954": "called Percent until 005010",
    "1321": "2 characters until 005010 (EDDY)",
}
OTHER_ELEMENTS = {
    **{(standard, row): why for standard in STANDARDS[:2] for row, why in BEFORE_005010.items()},
    ("x12/003060", "373"): "6 digits until 004010 (bots)",
    ("x12/005010", "719"): "10 digits from 005010 on (bots)",
    **{(standard, "142"): "the apostrophe is pyx12's to miss" for standard in STANDARDS},
    **{(standard, "621"): "pyx12 repeats the name of 620" for standard in STANDARDS},
    **{(standard, "715"): "Acknowledge, in the printed standard" for standard in STANDARDS},
    **{(standard, "1528"): "pyx12 drops the first word of Component Data Element" for standard in STANDARDS},
}

# Rows of pyx12's maps that are not the standard's.
OTHER_ROWS = {
    ("830.4010.PS.xml", "GS"): "date and time under the numbers of 003010",
    ("837.5010.X222.A1.xml", "ISA"): "ISA11 as it was in 00401",
}

# Conditions that a map of pyx12 leaves out, or cannot state because its row ends earlier.
OTHER_RULES = {
    ("x12/004010", "CTT"): ["P0506"],
    ("x12/005010", "MEA"): ["E0412"],
}

# Fixtures of a parser (EDI.Net) that call themselves 850s, with made-up segments.
NO_850 = {"x12.Issue101.edi", "x12.Issue172.edi"}


def test_an_element_row_is_what_pyx12_says_it_is() -> None:
    differing = {
        (standard, element.id)
        for standard in STANDARDS
        for element in dictionary(standard).elements.values()
        if element.id in pyx12_elements() and not same(element, *pyx12_elements()[element.id])
    }
    assert differing == set(OTHER_ELEMENTS)


@pytest.mark.parametrize("standard", STANDARDS)
def test_most_elements_are_in_pyx12s_dictionary(standard: str) -> None:
    assert len(dictionary(standard).elements.keys() & pyx12_elements().keys()) > 160


@pytest.mark.parametrize(("standard", "tag"), SEGMENTS)
def test_a_segment_row_holds_together(standard: str, tag: str) -> None:
    spec = dictionary(standard).segments[tag]
    assert spec.source, "name the public source of the row"
    assert spec.name != tag
    assert all(1 <= number <= len(spec.uses) for rule in spec.rules for number in rule.at)
    assert len({str(rule) for rule in spec.rules}) == len(spec.rules)
    assert all(1 < len(rule.at) == len(set(rule.at)) for rule in spec.rules)


@pytest.mark.parametrize(("standard", "tag"), SEGMENTS)
def test_a_qualifier_is_a_code_and_a_value_is_not(standard: str, tag: str) -> None:
    spec = dictionary(standard).segments[tag]
    pairs = list(spec.pairs.places if spec.pairs else ())
    beside = [seat.element for seats in spec.qualified.values() for seat in seats]
    qualifying = {*spec.qualifiers, *beside, *(qualifier for qualifier, _ in pairs)}
    assert all(is_code(spec.uses[number - 1].of) for number in qualifying)
    assert not any(is_code(spec.uses[value - 1].of) for _, value in pairs)
    kinds = [spec.uses[number - 1].of for number in spec.moment or ()]
    types = [of.type for of in kinds if isinstance(of, Element)]
    assert types in ([], ["DT", "TM"], ["DT", "TM", "ID"], ["DT", "TM", "ID", "N0"])


@pytest.mark.parametrize(("standard", "digits"), [("x12/003060", 6), ("x12/004010", 8), ("x12/005010", 8)])
def test_a_date_has_the_digits_of_its_version(standard: str, digits: int) -> None:
    dates = [one for one in dictionary(standard).elements.values() if one.type == "DT" and one.id != "I08"]
    assert len(dates) == 4
    assert {(one.min, one.max) for one in dates} == {(digits, digits)}


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_element_and_composite_is_used(standard: str) -> None:
    rows = dictionary(standard)
    lists = [spec.uses for spec in rows.segments.values()]
    lists += [composite.components for composite in rows.composites.values()]
    used = {use.of.id for uses in lists for use in uses}
    assert rows.elements.keys() | rows.composites.keys() == used


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_code_fits_its_element_and_has_a_name(standard: str) -> None:
    coded = [element for element in dictionary(standard).elements.values() if element.codes is not None]
    assert len(coded) > 60
    for element in coded:
        for code, name in element.codes.items() if element.codes else ():
            assert element.min <= len(code) <= element.max, f"{element.id} {code}"
            assert name, f"{element.id} {code}"


class Row(NamedTuple):
    """A segment as one of pyx12's maps has it; `used` are its elements' R, S and N."""

    file: str
    elements: tuple[str, ...]
    used: tuple[str, ...]
    rules: frozenset[str]


@pytest.mark.parametrize(("standard", "tag"), SEGMENTS)
def test_a_segment_row_is_what_pyx12s_maps_say_it_is(standard: str, tag: str) -> None:
    spec = dictionary(standard).segments[tag]
    rows = pyx12_rows(standard).get(tag, [])
    ours = tuple(use.of.id for use in spec.uses)
    for row in rows:
        whole = len(ours) if not row.file.startswith("830.") else len(row.elements)
        assert ours[:whole] == row.elements, row.file
        if row.file != "830.4010.PS.xml":
            needed = {at for at, use in enumerate(spec.uses) if use.required}
            assert needed <= {at for at, usage in enumerate(row.used) if usage == "R"}, row.file
    if stated := frozenset().union(*(row.rules for row in rows)):
        assert sorted({str(rule) for rule in spec.rules} - stated) == OTHER_RULES.get((standard, tag), [])
        assert stated <= {str(rule) for rule in spec.rules}


def test_pyx12s_maps_were_found() -> None:
    shared = [(standard, tag) for standard, tag in SEGMENTS if tag in pyx12_rows(standard)]
    assert len(shared) == 82


@pytest.mark.parametrize(
    ("name", "file", "below", "splits"),
    [
        ("x12/004010/997", "997.4010.xml", "HEADER", {}),
        (
            "x12/005010/999",
            "999.5010.xml",
            "HEADER",
            {"AK2/IK3/CTX": 10},
        ),  # one use for a trigger, nine besides
    ],
)
def test_an_acknowledgment_is_built_as_in_pyx12s_map(
    name: str, file: str, below: str, splits: dict[str, int]
) -> None:
    root = next(each for each in tree(file).iter("loop") if each.get("xid") == below)
    theirs = dict(places(root, ""))
    ours = {
        place.path: (place.required, None if place.max >= 999999 else place.max)
        for place in load(name).root.walk()
        if place.parent is not None and not opens(place)
    }
    assert list(ours) == list(theirs)
    assert ours == {**theirs, **{path: (False, most) for path, most in splits.items()}}


@pytest.mark.parametrize(
    ("standard", "file", "element", "without"),
    [
        *[
            ("x12/004010", "997.4010.xml", element, "")
            for element in ("715", "716", "717", "718", "720", "723")
        ],
        *[("x12/004010", "x12.control.00401.xml", element, "") for element in ("I17", "I18")],
        *[("x12/005010", "999.5010.xml", element, "") for element in ("715", "716", "717", "618", "620")],
        ("x12/005010", "999.5010.xml", "621", "11"),  # a code without a meaning
        *[("x12/005010", "x12.control.00501.xml", element, "") for element in ("I17", "I18")],
    ],
)
def test_the_codes_of_acknowledgments_are_complete(
    standard: str, file: str, element: str, without: str
) -> None:
    theirs = {
        code.text
        for each in tree(file).iter("element")
        if each.findtext("data_ele") == element
        for code in each.iter("code")
    }
    assert theirs
    assert set(dictionary(standard).elements[element].codes or ()) == theirs - {without}


@pytest.mark.parametrize("name", available())
def test_a_guide_uses_its_own_versions_tables(name: str) -> None:
    guide = load(name)
    assert table(name).data["segments"] == name.rpartition("/")[0]
    assert {place.tag for place in guide.root.walk() if place.tag} <= guide.known


@pytest.mark.parametrize(
    ("name", "path", "required", "most"),
    [
        # As bots-grammars, EdiEngine and X12.NET have it for 004010, and bots-grammars for 005010.
        ("x12/004010/850", "BEG", True, 1),
        ("x12/004010/850", "SAC", False, 25),
        ("x12/004010/850", "SAC/CUR", False, 1),
        ("x12/004010/850", "N9", False, 1000),
        ("x12/004010/850", "N9/MSG", False, 1000),
        ("x12/005010/850", "N9/MTX", False, UNBOUNDED),
        ("x12/003060/850", "NTE", False, 100),  # as bots-grammars has it for 003040 and 003060
        ("x12/003060/850", "PO1/SLN", False, 1000),
        ("x12/004010/850", "N1", False, 200),
        ("x12/004010/850", "N1/NX2", False, UNBOUNDED),
        ("x12/004010/850", "SPI/N1/G61", False, 1),
        ("x12/004010/850", "ADV/MTX", False, UNBOUNDED),
        ("x12/004010/850", "PO1", True, 100000),
        ("x12/004010/850", "PO1/PID", False, 1000),
        ("x12/004010/850", "PO1/SCH/TD4", False, 5),
        ("x12/004010/850", "PO1/N1/LDT/MSG", False, 1),
        ("x12/004010/850", "PO1/SLN", False, 1000),
        ("x12/004010/850", "PO1/SLN/N9/MSG", False, UNBOUNDED),
        ("x12/004010/850", "CTT", False, 1),
        ("x12/004010/850", "CTT/AMT", False, 1),
        # As bots-grammars, EdiEngine and X12.NET have it for 004010, and bots-grammars for 005010.
        ("x12/004010/810", "BIG", True, 1),
        ("x12/004010/810", "REF", False, 12),
        ("x12/004010/810", "N1/DMG", False, 1),
        ("x12/004010/810", "LM/LQ", True, 100),
        ("x12/004010/810", "N9", False, 1),
        ("x12/004010/810", "V1/R4", False, UNBOUNDED),
        ("x12/004010/810", "IT1", False, 200000),
        ("x12/004010/810", "IT1/CAD", False, UNBOUNDED),
        ("x12/004010/810", "IT1/SAC", False, 25),
        ("x12/004010/810", "IT1/SAC/TXI", False, 10),
        ("x12/004010/810", "IT1/SLN/TC2", False, 2),
        ("x12/004010/810", "TDS", True, 1),
        ("x12/004010/810", "CAD", False, 1),
        ("x12/004010/810", "SAC/TXI", False, 10),
        ("x12/004010/810", "ISS/PID", False, 1),
        ("x12/005010/810", "CRC", False, 1),
        ("x12/005010/810", "SAC", False, UNBOUNDED),
        ("x12/005010/810", "SAC/TXI/DTM", False, 1),
        # As bots-grammars and EdiEngine have it for 004010, and bots-grammars for 005010.
        ("x12/004010/855", "BAK", True, 1),
        ("x12/004010/855", "CSH", False, 1),
        ("x12/004010/855", "ITD", False, 5),
        ("x12/004010/855", "N1/MSG", False, UNBOUNDED),
        ("x12/005010/855", "N1/MTX", False, UNBOUNDED),
        ("x12/004010/855", "PO1", False, 100000),
        ("x12/004010/855", "PO1/LDT", False, 12),
        ("x12/004010/855", "PO1/ACK", False, 104),
        ("x12/004010/855", "PO1/ACK/DTM", False, 1),
        ("x12/004010/855", "PO1/AMT", False, 1),
        ("x12/005010/855", "PO1/N9/EFI", False, UNBOUNDED),
        ("x12/004010/855", "PO1/SLN/ACK", False, 104),
        ("x12/005010/855", "PO1/SLN/MEA", False, UNBOUNDED),
        ("x12/004010/855", "CTT/AMT", False, 1),
        # As bots-grammars and EdiEngine have it for 004010, and bots-grammars for 005010.
        ("x12/004010/856", "BSN", True, 1),
        ("x12/004010/856", "HL", True, 200000),
        ("x12/004010/856", "HL/SN1", False, 1),
        ("x12/003060/856", "NTE", False, 100),  # as bots-grammars has it for 003040 and 003050
        ("x12/003060/856", "HL/ITA", False, 10),  # as bots-grammars has it for 003040
        ("x12/004010/856", "HL/TD1", False, 20),
        ("x12/005010/856", "HL/REF", False, UNBOUNDED),
        ("x12/004010/856", "HL/LH1", False, 100),
        ("x12/004010/856", "HL/LH1/LH4", False, 1),
        ("x12/005010/856", "HL/LH1/LH4", False, 4),
        ("x12/004010/856", "HL/CLD/REF", False, 200),
        ("x12/005010/856", "HL/MAN", False, UNBOUNDED),
        ("x12/004010/856", "HL/N1/PER", False, 3),
        ("x12/004010/856", "HL/SAC/CUR", False, 1),
        ("x12/005010/856", "HL/V1/DTM", False, UNBOUNDED),
        ("x12/004010/856", "CTT", False, 1),
    ],
)
def test_a_set_is_built_as_published(name: str, path: str, required: bool, most: int) -> None:
    found = [place for place in load(name).root.walk() if place.path == path and not opens(place)]
    assert [(place.required, place.max) for place in found] == [(required, most)]


@pytest.mark.parametrize("code", ["810", "850", "855", "856"])
def test_samples_have_known_segments_only(code: str) -> None:
    folder = os.environ.get("GATEWAY_SAMPLES")
    if not folder:
        pytest.skip("GATEWAY_SAMPLES names no folder of sample documents")
    seen = 0
    for file, document in samples(Path(folder), code):
        name, _ = nearest("x12", code, document.version)
        assert name is not None
        assert {segment[0] for segment in document.segments()} <= load(name).known, file
        seen += 1
    assert seen > 0


def samples(folder: Path, set_code: str) -> Iterator[tuple[Path, TransactionSet]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.stat().st_size < 1 << 22 and file.name not in NO_850:
            for event in read(file.read_bytes()):
                if isinstance(event, TransactionSet) and event.code == set_code:
                    yield file, event


def same(element: Element, name: str, kind: str, least: int, most: int) -> bool:
    named = name == element.id or plain(name) == plain(element.name)  # some of pyx12's rows have no name
    return named and (element.type, element.min, element.max) == (kind, least, most)


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def is_code(of: Element | Composite) -> bool:
    return isinstance(of, Composite) or of.type == "ID" or of.id == "1000"  # 1000 is AN 2..2, of codes


def opens(place: Position) -> bool:
    """The segment that opens a loop stands for the loop, whose path it shares; one of the two is counted."""
    return place.parent is not None and place.parent.parent is not None and place.parent.tag == place.tag


@lru_cache
def tree(file: str) -> Any:
    return ElementTree.fromstring(PYX12.joinpath(file).read_bytes())


@lru_cache
def pyx12_elements() -> dict[str, tuple[str, str, int, int]]:
    return {
        row.get("ele_num"): (
            row.get("name"),
            row.get("data_type"),
            int(row.get("min_len")),
            int(row.get("max_len")),
        )
        for row in tree("dataele.xml")
    }


@lru_cache
def pyx12_rows(standard: str) -> dict[str, list[Row]]:
    """Each segment as every map of the version has it; maps of a newer shape (`v2`) do not name the elements."""
    release = standard.removeprefix("x12/")
    marks = (f".{release[2:]}.", f".{release[:5]}.")
    names = [each.name for each in PYX12.iterdir() if any(mark in each.name for mark in marks)]
    found: dict[str, list[Row]] = {}
    for name in sorted(name for name in names if name.endswith(".xml")):
        for segment in tree(name).iter("segment"):
            uses = [each for each in segment if each.tag in ("element", "composite")]
            elements = tuple(each.findtext("data_ele") for each in uses)
            rules = frozenset(each.text.strip() for each in segment.findall("syntax"))
            used = tuple(each.findtext("usage") for each in uses)
            if all(elements) and (name, segment.get("xid")) not in OTHER_ROWS:
                found.setdefault(segment.get("xid"), []).append(Row(name, elements, used, rules))
    return found


def places(loop: Any, path: str) -> Iterator[tuple[str, tuple[bool, int | None]]]:
    """(path, (required, maximum)) of what is in a loop of pyx12's map, the envelope's and ST and SE left out."""
    opening = True
    for each in loop:
        if each.tag == "segment" and each.get("xid") not in ("ST", "SE"):
            if not (opening and path):
                yield join(path, each.get("xid")), bounds(each, "max_use")
            opening = False
        elif each.tag == "loop":
            inner = join(path, each.find("segment").get("xid"))
            yield inner, bounds(each, "repeat")
            yield from places(each, inner)


def bounds(each: Any, most: str) -> tuple[bool, int | None]:
    text = each.findtext(most)
    return each.findtext("usage") == "R", None if not text.isdecimal() or int(text) >= 999999 else int(text)


def join(path: str, tag: str) -> str:
    return f"{path}/{tag}" if path else tag
