"""A broken map fails at load, with every fault, each with its line and what to do."""

from __future__ import annotations

import gc
import weakref

import pytest

from gateway import maps
from gateway.canonical.vocabulary import fields_of_words
from gateway.errors import SetupError, SetupFault
from gateway.maps.compile import compiled
from gateway.maps.load import RECENT
from gateway.maps.model import Instances

from .trial import CODES, MAP, ORDER, edited, tree, trial


def faults_of(text: str, **more: str) -> list[SetupFault]:
    with pytest.raises(SetupError) as refused:
        trial(text, **more)
    return refused.value.faults


def test_the_trial_map_is_good() -> None:
    assert all(problem.warning for problem in trial().problems)  # which they are, test_strays says


@pytest.mark.parametrize(
    ("old", "new", "what", "fix"),
    [
        ("number: BEG03", "nummber: BEG03", "PurchaseOrder has no field nummber", "did you mean number?"),
        ("BEG04", "BEQ04", "there is no segment BEQ", "did you mean BEG?"),
        ("BEG04", "BEG44", "BEG has 12 elements", "up to BEG12"),
        ("REF[DP]", "REF[DP]09", "REF[DP]09: REF has 4 elements", "up to REF04"),
        ("CUR[BY]02 or CUR[*]02", "CUR[*]02", "CUR[*]02 cannot be written", "name a qualifier"),
        ("release: BEG04", "release: BEG03", "BEG03 is bound twice", "bind it once"),
        (
            "release: BEG04",
            "release: BEG04 default 1",
            "a default on an optional field",
            "remove the default",
        ),
        ("number: BEG03", "number: BEG04", "the object always needs this field", "default"),
        ("  kind: BEG02\n", "", "nothing provides BEG02", "constants"),
        ("ordered_on: BEG05", "ordered_on: BEG02", "these types do not meet", "another"),
        ("  number: BEG03\n", "", "PurchaseOrder needs the field number", "number: PLACE"),
        ("carrier: {kind", "carriers: {kind", "Transport has no field carriers", "did you mean carrier?"),
        ("role: N101, use: party", "use: party", "nothing provides N101", "bind it"),
        ("codes(dates)", "codes(date)", "no table date", "did you mean dates?"),
        ("| codes(dates)", "", "needs the table of its words", "codes(dates)"),
        ("each: TD5", "in: TD5", "transport is a list", "each:"),
        ("    each: TD5\n", "", "transport is a list", "each:"),
        (
            "{each: PER, use: contact}",
            "{each: PER, use: contacts}",
            "no part contacts",
            "did you mean contact?",
        ),
        ("release: BEG04", "release: BEG04 |", "a part is missing", "place"),
        ("release: BEG04", 'release: "="', "an empty value says nothing", "remove the line"),
        ("department: REF[DP]", '"": REF[DP]', "a word is empty", "give it a name"),
        ("PO403}", "PO403 | uper}", "no codec uper; did you mean upper?", ""),
        ("number: PO101", "number: PO101 | join", "join and wrap have no way back", "read"),
        ("key: number", "key: name", "the key name is not bound", "did you mean number?"),
        ("count(lines)", "count(line)", "has no field line", "did you mean lines?"),
        ("count(lines)", "lines", "this is not computed", "count(lines)"),
        ('"PO1/SCH05": "106"', '"PO1/SCH05": "1066"', "cannot hold 1066", "exactly 3"),
        ("SLN04", "SLN04 + SLN06", "only a moment is made of several places", "SLN04 or SLN06"),
        ("SCH06 + SCH07", "SCH06 + SCH05", "", ""),
        ("number: PO101", "number: {in: PO1}", "number is one value", "each:"),
        ("vendor: REF[IA]", "vendor: REF[DP]", "REF[DP] is bound twice", "bind it once"),
        (
            "guide: x12/004010/850",
            "guide: x12/004010/851",
            "there is no guide x12/004010/851",
            "did you mean",
        ),
        ("document: PurchaseOrder", "document: PurchaseOrders", "no canonical object", "did you mean"),
        ("computed:", "computes:", "unknown key computes", "did you mean computed?"),
        ("computed:", "shape: order line\ncomputed:", "a PurchaseOrder has none", "leave it out"),
        ("number: BEG03", "number: ~", "says nothing", "remove the line"),
        ("number: BEG03", "number: {read: BEG03, write: =1}", "write: takes a place", ""),
    ],
)
def test_a_broken_line_is_found(old: str, new: str, what: str, fix: str) -> None:
    text = edited((old, new))
    found = [fault for fault in faults_of(text) if what in fault.what]
    assert found
    assert fix in found[0].fix
    assert all(fault.fix for fault in found)


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("references:\n    - event: REF[ZZ]\n", "leave the dash away: `event: REF[ZZ]`"),
        ("number: [BEG03, BEG04]\n", "write number: BEG03 or BEG04"),
        ("number: []\n", "write number: PLACE"),
    ],
)
def test_a_list_where_a_place_is_wanted(said: str, fix: str) -> None:
    text = f"map: a\ndocument: PurchaseOrder\nguide: x12/004010/850\nfields:\n  {said}"
    found = next(fault for fault in faults_of(text) if "a list stands here" in fault.what)
    assert "`- `" in found.why
    assert found.fix.startswith(fix)
    whole = faults_of("document: PurchaseOrder\nguide: x12/004010/850\nfields:\n  - number: BEG03\n")[0]
    assert (whole.what, whole.fix) == ("fields: a list stands here", "leave the dash away: `number: BEG03`")


def test_every_fault_is_found_at_once_with_its_line_and_column() -> None:
    text = edited(("number: BEG03", "nummber: BEG03"), ("BEG04", "BEG44"), ("SAC07", "SAX07"))
    marks = {(fault.mark.line, fault.mark.column) for fault in faults_of(text)}
    lines = text.split("\n")
    assert all(lines[line - 1][column - 1 :].strip() for line, column in marks)
    assert {lines[line - 1].strip().split(":")[0] for line, _ in marks} >= {"nummber", "release", "percent"}


def test_one_code_under_two_words_is_a_fault_of_the_table() -> None:
    codes = CODES.replace("case: [CA]", "case: [CA, EA]")
    assert "EA stands under both" in faults_of(MAP, **{"x12/codes": codes})[0].what


def test_a_map_that_is_not_there() -> None:
    with pytest.raises(SetupError, match="there is no map acme/850"):
        maps.load("acme/850", lambda name: None)


def test_a_map_cannot_extend_itself() -> None:
    with pytest.raises(SetupError, match="does it extend itself"):
        maps.load("acme/850", {"acme/850": "map: acme/850\nextends: acme/850\n"}.get)


def test_a_part_cannot_be_made_of_itself() -> None:
    text = edited(("  contact:\n", "  contact:\n    use: contact\n"))
    assert "made of itself" in faults_of(text)[0].what


def test_a_part_that_contains_itself_in_its_own_segment_is_refused() -> None:
    text = edited(
        (
            "    inner:\n      each: SLN\n",
            "    inner:\n      each: SLN\n      inner: {each: SLN, number: SLN02}\n",
        )
    )
    assert "SLN is already the scope" in faults_of(text)[0].what


def test_a_map_that_binds_nothing_is_refused() -> None:
    assert "binds nothing" in faults_of("document: PurchaseOrder\nguide: x12/004010/850\n")[0].what


def test_a_dotted_name_overrides_a_nested_one() -> None:
    partner = (
        "extends: trial\nparts: {party: {address.region: ~, address.city: N403, address.postcode: N401}}\n"
    )
    map = maps.load("acme/850", {"acme/850": partner, "trial": MAP, "x12/codes": CODES}.get)
    order, _ = map.read(tree(ORDER, map))
    assert (order.ship_to.address.city, order.ship_to.address.region) == ("62701", None)


PARTNER = """
map: acme/850
extends: trial
guide:
  BEG03: {max: 15}
fields:
  references:
    event: REF[ZZ]
  cancel_after: ~
codes:
  units: {case: [BX], box: ~}
"""


def test_a_partner_says_only_what_differs() -> None:
    map = maps.load("acme/850", {"acme/850": PARTNER, "trial": MAP, "x12/codes": CODES}.get)
    assert map.guide.segments["BEG"].uses[2].of.max == 15  # type: ignore[union-attr]
    names = {binding.name for binding in map.root.bindings}
    assert "cancel_after" not in names
    assert "number" in names


def test_a_fault_in_a_partners_map_stands_in_the_partners_file() -> None:
    text = PARTNER.replace("REF[ZZ]", "REQ[ZZ]")
    with pytest.raises(SetupError) as refused:
        maps.load("acme/850", {"acme/850": text, "trial": MAP, "x12/codes": CODES}.get)
    assert [str(fault.mark) for fault in refused.value.faults] == ["acme/850.yaml:8:12"]


def test_a_fault_in_a_partners_guide_layer_stands_there_too() -> None:
    text = PARTNER.replace("BEG03: {max", "BEG03: {mux")
    with pytest.raises(SetupError) as refused:
        maps.load("acme/850", {"acme/850": text, "trial": MAP, "x12/codes": CODES}.get)
    assert refused.value.faults[0].mark.file == "acme/850.yaml"


def test_the_same_texts_give_the_same_map() -> None:
    assert trial() is trial()
    assert trial(edited(("release: BEG04", "release: BEG04 | upper"))) is not trial()


def test_a_cross_reference_is_read_when_it_is_named() -> None:
    text = edited(("buyer: PO1[BP]", "buyer: PO1[BP] | lookup(items)"))
    assert trial(text, **{"tables/items.csv": "ours,theirs\nA,1\n"}).name == "trial"
    assert "no table items" in faults_of(text)[0].what
    assert "no way back" in faults_of(text, **{"tables/items.csv": "ours,theirs\nA,1\nA,2\n"})[0].what


@pytest.mark.parametrize("name", ["../maps/x12/codes", "x12//codes", "", "/etc/passwd", "x12/..", "x12/%2e"])
def test_a_hostile_name_is_no_package_file(name: str) -> None:
    assert maps.package(name) is None


@pytest.mark.parametrize("name", ["9" * 400, "x12/" * 400, "a/../b", "..", "/etc/passwd", "a\x00b", "a b"])
def test_a_name_that_is_no_file_of_ours_is_no_map(name: str) -> None:
    assert maps.package(name) is None
    faults = faults_of(f"map: shop/850\nextends: {name!a}\n".replace("'", '"'))
    assert faults
    assert faults_of(MAP.replace("guide: x12/004010/850", f"guide: {name!a}".replace("'", '"')))


def described(n: int) -> maps.Map:
    """The trial map after its n-th edit."""
    return trial(edited(("\nparts:", f"\ndescription: edit {n}\nparts:")))


def test_a_map_is_loaded_once_as_long_as_somebody_holds_it() -> None:
    held = described(0)
    for n in range(RECENT + 1):
        described(n + 1)
    assert described(0) is held


def test_a_map_that_is_edited_again_and_again_is_forgotten_with_its_reader() -> None:
    """A table that changes every hour would fill the memory of a gateway that runs for weeks."""
    alive = []
    for n in range(RECENT + 10):
        found = described(n)
        alive += [weakref.ref(found), weakref.ref(compiled(found))]
    del found
    gc.collect()
    assert sum(one() is not None for one in alive) == 2 * RECENT


def test_the_parts_all_maps_of_a_standard_share_give_way_to_a_map_s_own() -> None:
    of_its_own = """
map: acme/850
document: PurchaseOrder
guide: x12/004010/850
fields:
  number: BEG03
  purpose: BEG01
  kind: BEG02
  ordered_on: BEG05
  contacts: {each: PER, use: contact}
  charges: {each: SAC, use: charge}
  lines: {each: PO1, number: PO101}
parts:
  contact: {function: PER01, name: PER02}
"""
    root = maps.load("acme/850", {"acme/850": of_its_own}.get).root
    bound = {
        one.name: [below.name for below in one.block.flat()]
        for one in root.bindings
        if isinstance(one, Instances)
    }
    assert bound["contacts"] == ["function", "name"]
    assert {"kind", "service", "amount"} <= set(bound["charges"])


def test_the_code_tables_of_a_standard_and_of_a_map_over_it() -> None:
    base = maps.code_tables("x12")
    assert base["units"]["each"] == ["EA"]
    assert maps.code_tables("x12/004010/850") == base
    texts = {
        "lakeside/850": "map: lakeside/850\nextends: x12/004010/850\n"
        "codes: {units: {case: [BX, CA], box: ~}, colours: {red: RD}}\n"
    }
    own = maps.code_tables("lakeside/850", texts.get)
    assert own["units"] == {word: codes for word, codes in base["units"].items() if word != "box"} | {
        "case": ["BX", "CA"]
    }
    assert own["colours"] == {"red": ["RD"]}
    with pytest.raises(SetupError, match="every word has a list of codes"):
        maps.code_tables("a", {"a": "map: a\nextends: x12/004010/850\ncodes: {units: {each: {a: b}}}\n"}.get)


def test_every_table_that_a_field_names_is_one_of_a_standard() -> None:
    known = maps.code_tables("x12").keys() | maps.code_tables("edifact").keys()
    assert fields_of_words().keys() <= known
