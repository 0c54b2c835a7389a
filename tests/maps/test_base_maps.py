"""The base maps carry what retailers send: everything in these documents is read, and written fresh it is the same."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway import maps
from gateway.canonical import Moment, PurchaseOrder, fields
from gateway.canonical.base import Part
from gateway.canonical.vocabulary import DOCUMENTS
from gateway.errors import NotWritable
from gateway.faults import rejecting
from gateway.formats import x12
from gateway.formats.segment import COMPONENT, Segment
from gateway.guides.load import nearest
from gateway.guides.place import parse
from gateway.maps import Map
from gateway.maps.codecs import Codes
from gateway.maps.model import Block, Instances, Spot, Value, Values, Words
from gateway.maps.model import Part as PartBinding
from gateway.maps.values import fitting

BASE_MAPS = [name for name in maps.names() if not name.endswith("_answer")]

FULL_850 = """
BEG*00*SA*4500017*3*20260301*C-77*AK
CUR*BY*USD
REF*DP*038
REF*IA*0000100183
REF*ZZ*FIRST
REF*ZZ*SECOND
REF*PR**ASK FOR IT
PER*BD*ED SMITH*TE*8001234567*EM*ed@retail.example*CP*8007654321
TAX*53247765*SP*CA*********1
FOB*PC*DE*DALLAS*01*FCA*OR*SHENZHEN*BY*BUYER'S CARRIER
CTP*RS*RES*19.95*100*EA*DIS*0.95*1895.25*PE
CSH*SC
CSH*N
SAC*A*A260*VI*ADV*12500*3*2.5*0.25*EA*500*600*02*R1*O1*COOP ADVERTISING
CUR*BY*CAD
SAC*C*D240***7500********FREIGHT
ITD*08*3*2*20260401*30*20260501*60**20260601*10000*50*2/30 NET 60*15*E
DTM*002*20260320
DTM*037*20260310
DTM*038*20260315
DTM*001*20260331
DTM*015*20260401
DTM*064*20260319*0800*07
PID*F*GM***SPRING RANGE
MEA*PD*WT*1200*LB
PKG*F*35***DISPLAY READY
TD1*CTN*40***BOXES*G*1200*LB*30*CF
TD5*O*2*ABCD*M*CALL FOR APPOINTMENT*CC*DE*DAL**CD*3*CG
TD3*TL*ABCD*12345******SEAL1
TD4*HM*D*3*FLAMMABLE*Y
MAN*GM*00012345678901234567
MAN*GM*00012345678901234574
CTB*OR*NO SUBSTITUTES
TXI*ST*75*7.5*ZZ*TX*2**1000*T-1
AMT*TP*100
REF*CT*C-78
DTM*196*20260301
N9*L1*N-1*ROUTING
DTM*007*20260310
MSG*CALL BEFORE DELIVERY
MSG*DOCK 7 ONLY
N1*BY*RETAIL INC*UL*0012345000058
N2*MERCHANDISING*FLOOR 3
N3*1 RETAIL ROAD*SUITE 5
N4*DALLAS*TX*75201*US*SN*0042
REF*ST*0042
PER*RD*DOCK CLERK*FX*8001112222
N1*SU*NORTHWIND*92*V100
N1*ST*RETAIL DC*9*0123456780042
N4*PLANO*TX*75023
FOB*CC*DE*PLANO DOCK
TD1*PLT*2****G*900*LB
TD5*B*2*RDWY*M*CALL FOR DOCK TIME
TD3*TL*RDWY*98765******SEAL2
TD4*TS***KEEP DRY
PKG*F*36***SHRINK WRAP
N1*BT*RETAIL AP
N1*SF*NORTHWIND WEST
N1*Z7*STORE 42*92*0042
PO1*1*120*EA*9.25*TE*CB*065322-117*UP*012345678905*VN*AB3542*SZ*XL
CTP**RTL*14.99
MEA*PD*WD*61.5*IN*60*63
PID*F****SMALL WIDGET
PID*F****IN A BOX
PID*F*73***RED
PID*S*35*VI*600
PO4*4*2.5*LB*CTN25*G*12*LB*1.5*CF*10*8*6*IN*2
REF*LT*L-9
PER*SR*ANN
SAC*A*C310***100
IT8*******B0
ITD*01*3*****30
TAX*T-2***********1
FOB*CC
SDQ*EA*92*0042*60*0043*60
DTM*106*20260318
TC2*J*5811.00.3000
TD1*CTN25*10
TD5*B*2*WXYZ
TD4*HM*D*3*FLAMMABLE
MAN*GM*00012345678901234581
MSG*GIFT WRAP
MSG*NO PRICE TAG
TXI*GS*5
SCH*60*EA*ST*STORE 42*002*20260320*0800*063*20260322**REQ1
TD5*B*2*EXPR
REF*RE*R-7
SCH*60*EA***106*20260327
PKG*F*34***STICKER
N9*ZZ*LN-1
DTM*007*20260311
MSG*FRAGILE
N1*ST*STORE 42*92*0042
N3*2 STORE STREET
DTM*069*20260321
FOB*PP
TD5*B*2*LOCL
N1*MA*SHOPPER
SLN*1.1*1*I*2*EA*3.5*PE**BP*INNER-1
MSG*BLUE ONE
PID*F****INNER WIDGET
PID*F*75***BLUE
TC2*J*5811.00.3001
DTM*011*20260309
CTP**UCP*3.1
PO4*1
TAX*T-3
N9*ZZ*SN-1
MSG*SUB NOTE
SAC*N*F050**********06***OTHER
N1*MF*MAKER
AMT*1*1110
REF*CT*C-79
PO1*2*5*CA
CTT*2*125*300*LB*12*CF
AMT*TT*1165
"""

PLAIN_997 = """
AK1*PO*1421
AK2*850*0001
AK3*PO1*6*PO1*8
AK4*4*212*6*9.2X
AK4*8:2*234*5*TOO LONG
AK3*N4*9**7
AK5*R*5*3
AK2*850*0002
AK5*E*5
AK2*850*0003
AK5*A
AK9*P*3*3*2*4*5
"""


def segments(text: str, version: str = "004010") -> list[Segment]:
    """Segments as a reader gives them, from one per line."""
    lines = [line.replace(":", COMPONENT) for line in text.strip().splitlines()]
    return [Segment(line.split("*"), number) for number, line in enumerate(lines, 2)]


def read(of: Map, text: str) -> Any:
    tree, faults = parse(of.guide, segments(text))
    found, meaning = of.read(tree)
    assert [str(fault) for fault in rejecting([*faults, *meaning])] == []
    return found


def written(of: Map, document: Any) -> str:
    tree = of.write(document)
    return "\n".join("*".join(node.elements).replace(COMPONENT, ":") for node in tree.segments())


def order(text: str = FULL_850, version: str = "004010") -> PurchaseOrder:
    found = read(maps.load(f"x12/{version}/850"), text)
    assert isinstance(found, PurchaseOrder)
    return found


@pytest.mark.parametrize("name", BASE_MAPS)
def test_a_base_map_loads_without_a_remark(name: str) -> None:
    assert maps.load(name).problems == ()


FIFTH = FULL_850.replace("MSG*", "MTX**")
THIRD = re.sub(r"\b20(26\d{4})\b", r"\1", FULL_850).replace(
    "DTM*064*260319*", "DTM*328*450101***19\nDTM*064*260319*"
)
THIRD = re.sub(
    r"(TC2\*J\*5811.00.3001\n)((?:.*\n)*?)(SAC\*N.*\n)", r"\1\3\2", THIRD
)  # before the sub-line's dates


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x12/003060/850", THIRD),
        ("x12/004010/850", FULL_850),
        ("x12/005010/850", FIFTH),
        ("x12/003060/997", PLAIN_997),
        ("x12/004010/997", PLAIN_997),
        ("x12/005010/997", PLAIN_997.replace("1421", "1421*005010").replace("8:2*", "8:2:3*")),
        ("x12/004010/999", re.sub(r"AK([345])", r"IK\1", PLAIN_997)),
        ("x12/005010/999", re.sub(r"AK([345])", r"IK\1", PLAIN_997).replace("8:2*", "8:2:3*")),
        ("x12/004010/ta1", "TA1*000000001*260301*0800*R*024"),
        ("x12/005010/ta1", "TA1*000000001*260301*0800*A*000"),
    ],
)
def test_everything_in_the_document_is_carried(name: str, text: str) -> None:
    of = maps.load(name)
    found = read(of, text)
    assert written(of, found) == text.strip()
    assert type(found).from_json(found.to_json()) == found


def test_every_field_of_the_order_is_bound_but_those_the_850_has_no_place_for() -> None:
    assert set(unbound(maps.load("x12/004010/850").root)) == {
        "PurchaseOrder.remarks",  # NTE, before 004010 only
        "PurchaseOrder.created_at",  # GS04 and GS05 say it, for the whole group
        "Line.relation",  # only what is inside another line belongs to one
        "Line.within",
        "Line.inner",  # SLN in SLN: there is none
        *(f"Line.{name}" for name in NOT_OF_INNER),
        "Party.role",  # where the field already says it
        "Party.address",  # SCH names its party only
        "Party.contacts",
        "Party.id",
        "Party.location",
        "Party.more_names",
        "Party.references",
        "Party.reference_texts",
        "Amount.currency",  # that of the document
        "Amount.dates",  # no DTM under AMT of a line
        "Party.dates",  # DTM stands under N1 of a line only
        *(f"Party.{name}" for name in NOT_OF_AN_INNER_PARTY),
        "Transport.equipment",  # TD3
        "Transport.tracking",
        "Transport.references",  # CAD, of an invoice
        "AllowanceCharge.taxes",  # no TXI at a SAC
        "Tax.currency",  # the order's
        *(f"Price.{name}" for name in NOT_OF_A_LINES_PRICE),
    }


NOT_OF_INNER = (
    "amounts",
    "contacts",
    "delivery_terms",
    "destinations",
    "handling",
    "loads",
    "marks",
    "measures",
    "packing",
    "payment_terms",
    "reference_texts",
    "references",
    "schedule",
    "substitution",
    "taxes",
    "transport",
)
NOT_OF_AN_INNER_PARTY = ("delivery_terms", "equipment", "handling", "loads", "packing", "transport")
NOT_OF_A_LINES_PRICE = ("customer", "kind", "multiplier", "multiplier_kind", "per", "total", "unit")


def blocks(root: Block) -> Iterator[Block]:
    """Every block once; one may stand under itself."""
    seen, waiting = set[int](), [root]
    while waiting:
        block = waiting.pop()
        if id(block) not in seen:
            seen.add(id(block))
            yield block
            waiting += [one.block for one in block.bindings if isinstance(one, PartBinding | Instances)]


def unbound(root: Block) -> Iterator[str]:
    for block in blocks(root):
        if block.model is not None:
            yield from (f"{block.model.__name__}.{name}" for name in block.unbound)


def test_an_order_reads_in_business_words() -> None:
    found = order()
    assert (found.number, found.purpose, found.kind, found.release) == (
        "4500017",
        "original",
        "stand-alone",
        "3",
    )
    assert found.references == {
        "department": ["038"],
        "vendor": ["0000100183"],
        "mutually defined": ["FIRST", "SECOND"],
    }
    assert found.requested_delivery_at == Moment(date(2026, 3, 20))
    assert found.dates["do not deliver before"] == Moment(date(2026, 3, 19), time(8), "+07:00")
    assert found.charges[0].amount == Decimal("125.00")
    assert [note.lines for note in found.notes] == [["CALL BEFORE DELIVERY", "DOCK 7 ONLY"]]
    assert found.total == Decimal(1165)
    assert [party.role for party in found.other_parties] == ["mark for"]


EARLY_CHARGES = """
BEG*00*SA*1**940301
NTE*GEN*CALL BEFORE DELIVERY
NTE**NO SUBSTITUTES
ITA*C*AX*FREIGHT*06*77**12500******INSIDE DELIVERY
ITA*A***02****1*2.5
PO1*1*1*EA
ITA*C***06*LABEL*.25****40*EA
LDT*AF*10*DA
CTT*1
"""


def test_before_sac_there_was_ita_and_notes_stood_in_nte() -> None:
    found = order(EARLY_CHARGES, "003060")
    assert [(one.kind, one.text) for one in found.remarks] == [
        ("general", "CALL BEFORE DELIVERY"),
        (None, "NO SUBSTITUTES"),
    ]
    freight, discount = found.charges
    assert (freight.kind, freight.agency_service, freight.amount) == ("charge", "FREIGHT", Decimal("125.00"))
    assert (freight.text, freight.settlement) == ("INSIDE DELIVERY", "charge to be paid by customer")
    assert (discount.kind, discount.percent) == ("allowance", Decimal("2.5"))
    (label,) = found.lines[0].charges
    assert (label.reference, label.rate, label.quantity, label.unit) == ("LABEL", Decimal(".25"), 40, "each")
    of = maps.load("x12/003060/850")
    tree, _ = parse(of.guide, segments(EARLY_CHARGES))
    same = [node.elements for node in of.write(found, tree).segments()]
    assert same == [node.elements for node in tree.segments()]
    later = found.model_copy(update={"charges": [freight], "lines": []})
    assert "SAC*C**AX*FREIGHT*12500" in written(of, later.model_copy(update={"lines": order().lines[1:]}))


def test_before_004010_a_date_is_the_same_date() -> None:
    third, fourth = order(THIRD, "003060"), order()
    assert third.dates.pop("x12:328") == Moment(date(1945, 1, 1))  # DTM05 says the century
    assert third == fourth


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("BEG*00*SA*1**20260301", "BEG05"),  # eight digits where six are meant
        ("BEG*00*SA*1**260231", "BEG05"),
        ("BEG*00*SA*1**260301\nDTM*002*260301***2", "DTM05"),
    ],
)
def test_a_date_that_is_none_before_004010(said: str, fault: str) -> None:
    of = maps.load("x12/003060/850")
    _, faults = parse(of.guide, segments(f"{said}\nPO1*1*1*EA"))
    assert [one.place.address for one in rejecting(faults)] == [fault]


def test_a_date_no_two_digits_can_say_is_refused_before_004010() -> None:
    of = maps.load("x12/003060/850")
    with pytest.raises(NotWritable, match="reads back"):
        of.write(order().model_copy(update={"ordered_on": date(1951, 3, 1)}))


def test_a_changed_date_takes_its_century_along() -> None:
    of = maps.load("x12/003060/850")
    tree, _ = parse(
        of.guide, segments("BEG*00*SA*1**980301\nDTM*002*980315***19\nDTM*037*980310\nPO1*1*1*EA")
    )
    found, _ = of.read(tree)
    moved = {"requested_delivery_at": Moment(date(2026, 3, 15)), "ship_not_before": Moment(date(2026, 3, 10))}
    changed = of.write(found.model_copy(update=moved), tree)
    dates = ["*".join(node.elements) for node in changed.segments() if node.tag == "DTM"]
    assert dates == ["DTM*002*260315***20", "DTM*037*260310"]


def test_a_line_reads_in_business_words() -> None:
    line = order().lines[0]
    assert line.ids == {
        "buyer catalog": "065322-117",
        "upc": "012345678905",
        "vendor item": "AB3542",
        "vendor size": "XL",
    }
    assert line.price is not None
    assert (line.price.amount, line.price.basis) == (Decimal("9.25"), "contract each")
    assert line.description == "SMALL WIDGET\nIN A BOX"
    assert [(one.aspect, one.text or one.code) for one in line.descriptions] == [
        ("vendor color", "RED"),
        ("color", "600"),
    ]
    assert [(one.place, one.quantity) for one in line.destinations] == [("0042", 60), ("0043", 60)]
    assert [one.number for one in line.inner] == ["1.1"]


@pytest.mark.parametrize(
    ("segment", "field", "value"),
    [
        ("N1*VN*VENDOR", "supplier", "VENDOR"),
        ("N1*SU*SUPPLIER", "supplier", "SUPPLIER"),
        ("N1*BY*BUYER", "buyer", "BUYER"),
    ],
)
def test_who_is_who(segment: str, field: str, value: str) -> None:
    found = order(f"BEG*00*SA*1**20260301\n{segment}\nPO1*1*1*EA")
    assert getattr(found, field).name == value


@pytest.mark.parametrize("code", ["TT", "1"])
def test_the_total_stands_under_either_code(code: str) -> None:
    assert order(f"BEG*00*SA*1**20260301\nPO1*1*1*EA\nCTT*1\nAMT*{code}*10.5").total == Decimal("10.5")


def test_a_code_without_a_word_is_carried_as_it_came() -> None:
    text = "BEG*00*Q9*1**20260301\nREF*8Z*X\nPO1*1*1*Q7**QQ*QZ*9\nCTT*1"
    text = text.replace("**QQ*QZ", "*5*QQ*QZ")
    found = order(text)
    assert found.kind == "x12:Q9"
    assert found.references == {"x12:8Z": ["X"]}
    assert (found.lines[0].unit, found.lines[0].ids) == ("x12:Q7", {"x12:QZ": "9"})
    assert written(maps.load("x12/004010/850"), found) == text


@pytest.mark.parametrize(
    ("code", "word"),
    [("A", "accepted"), ("E", "accepted with errors"), ("R", "rejected")],
)
@pytest.mark.parametrize("name", ["x12/004010/997", "x12/005010/999"])
def test_verdicts_are_words(name: str, code: str, word: str) -> None:
    tag = "AK5" if name.endswith("997") else "IK5"
    found = read(maps.load(name), f"AK1*PO*1\nAK2*850*0001\n{tag}*{code}\nAK9*{code}*1*1*0")
    assert (found.sets[0].verdict, found.verdict) == (word, word)


# -- the tables


def spots(root: Block) -> Iterator[tuple[str, Spot]]:
    for block in blocks(root):
        for binding in block.flat():
            if isinstance(binding, Value | Values):
                sources = {id(source): source for source in (binding.reading, binding.writing) if source}
                yield from ((binding.name, spot) for source in sources.values() for spot in source.spots)


def test_every_code_of_a_table_fits_the_element_it_is_written_in() -> None:
    misfits = []
    for name in BASE_MAPS:
        for _, spot in spots(maps.load(name).root):
            for table in (codec for codec in spot.codecs if isinstance(codec, Codes)):
                misfits += [code for code in table.words if not fits(code, spot)]
    assert misfits == []


def fits(code: str, spot: Spot) -> bool:
    try:
        return bool(fitting(code, spot.elements[0]))
    except ValueError:
        return False


def parts_of(part: type[Part], seen: set[type[Part]]) -> set[type[Part]]:
    if part not in seen:
        seen.add(part)
        for field in fields(part).values():
            if issubclass(field.type, Part):
                parts_of(field.type, seen)
    return seen


EDIFACT_ONLY = {"change_reasons", "movement_reasons", "movements", "stock_conditions"}


def test_every_word_type_of_the_vocabulary_has_its_table() -> None:
    wanted = {
        field.words
        for document in DOCUMENTS.values()
        for part in parts_of(document, set())
        for field in fields(part).values()
        if field.words
    }
    assert wanted - set(tables()) == EDIFACT_ONLY


FIELDS_OF_THEIR_OWN = {"365": {"EA", "EM", "FX", "TE"}, "88": {"CP"}}
NO_WORD = {
    "133": {"M"},  # mutually defined, which Z is too
    "374": {"194"},  # effective, which 007 is too
    "378": {"8"},  # its name is not certain
    "687": {"DR"},  # dealer, which DE is too
    "735": {"A", "E", "F", "I", "K", "O", "S", "U"},  # levels that are no packs
    "91": {"J"},  # motor, which M is too
}
"""Codes of the guide without a word, by element: of two under one word the second could not be told from it."""


CODED = ["x12/004010/850", "x12/004010/855", "x12/004010/856"]


@pytest.mark.parametrize("name", CODED)
def test_every_code_the_guide_names_has_a_word(name: str) -> None:
    missing: dict[str, set[str]] = {}
    for element, table in coded(maps.load(name).root):
        wordless = {code for code in element.codes or () if not table.knows(code)}
        missing.setdefault(element.id, set()).update(wordless)
    for element_id, codes in missing.items():
        assert codes <= NO_WORD.get(element_id, set()) | FIELDS_OF_THEIR_OWN.get(element_id, set()), (
            element_id
        )


@pytest.mark.parametrize("name", CODED)
def test_every_code_with_a_word_stands_on_the_guides_list(name: str) -> None:
    """Else the order would be told that a code it may well use is not the standard's, and be read the slow way."""
    strange = {
        (element.id, code)
        for element, table in coded(maps.load(name).root)
        for code in table.words
        if element.codes and code not in element.codes
    }
    assert strange == set()


def coded(root: Block) -> Iterator[tuple[Any, Codes]]:
    """The elements that hold codes, each with the table of its words."""
    for block in blocks(root):
        for binding in block.flat():
            if isinstance(binding, Words):
                for place in (spot.place for spot in binding.spots):
                    seat = next(place.pair.pairs.seats)[0] if place.pair else place.word_seat
                    assert seat is not None
                    yield place.spec.element(seat), binding.codes
            elif isinstance(binding, Value | Values) and binding.reading:
                for spot in binding.reading.spots:
                    yield from ((spot.elements[0], one) for one in spot.codecs if isinstance(one, Codes))


def test_words_are_lower_case_and_open() -> None:
    words = [word for table in tables().values() for word in table]
    assert [word for word in words if not re.fullmatch(r"[a-z][a-z0-9]*([ -][a-z0-9]+)*", word)] == []


def tables() -> dict[str, dict[str, Any]]:
    from gateway import marked_yaml

    text = maps.package("x12/codes")
    assert text is not None
    found: dict[str, dict[str, Any]] = marked_yaml.load(text, "x12/codes.yaml").data["codes"]
    return found


# -- documents others published

RESIDUE = {
    "850_2.edi": {},
    "850_fat.edi": {},
    "850.OK.edi": {},
    "x12.850a.edi": None,  # N402 is a word, not a code: its guide rejects it, so it cannot be written fresh
    "x12.Issue101.edi": None,  # no 850: there is no BEG
    "x12.Issue172.edi": None,
    "PO850__pass__1.edi": {},
    "PO850__fail__1.edi": {"CUR03": "0000"},  # no rate of exchange is agreed in an order
    "taxexempt-po.edi": {},
}
"""What fresh writing does not bring back, by file; None where the document cannot be one, or not be written."""

RESPELLED = {
    "AMT01": "a total is written under TT",
    "CTT01": "the sender counted wrong",
}


def published(wanted: str = "X12 850") -> Iterator[tuple[Path, x12.TransactionSet]]:
    folder = os.environ.get("GATEWAY_SAMPLES")
    if not folder:
        pytest.skip("GATEWAY_SAMPLES names no folder of sample documents")
    for line in (Path(folder) / "INDEX.tsv").read_text("utf-8").splitlines()[1:]:
        file, kind = line.split("\t")[:2]
        if kind == wanted:
            path = Path(folder) / file
            for event in x12.read(path.read_bytes()):
                if isinstance(event, x12.TransactionSet):
                    yield path, event


def test_published_orders_are_carried_but_for_what_is_listed() -> None:
    seen = 0
    for path, document in published():
        name, _ = nearest("x12", "850", document.version)
        of = maps.load(str(name))
        tree, _ = parse(of.guide, document.located())
        found, _ = of.read(tree)
        expected = next(value for key, value in RESIDUE.items() if path.name.endswith(key))
        if expected is None:
            assert found is None or path.name == "x12.850a.edi"
            continue
        fresh = of.write(found)
        assert of.read(fresh)[0] == found
        assert lost(elements(tree), elements(fresh)) == expected, path.name
        seen += 1
    assert seen >= 6


def elements(tree: Any) -> Counter[tuple[str, str]]:
    return Counter(
        (f"{node.tag}{number:02d}", value)
        for node in tree.segments()
        for number, value in enumerate(node.elements[1:], 1)
        if value
    )


def lost(before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> dict[str, str]:
    return {place: value for place, value in (before - after) if place not in RESPELLED}
