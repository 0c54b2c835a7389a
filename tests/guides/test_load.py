import pytest

from gateway.errors import SetupError
from gateway.faults import Code
from gateway.guides import dictionary as tables
from gateway.guides import load as loading
from gateway.guides.dictionary import dictionary
from gateway.guides.load import available, load, nearest
from gateway.guides.model import UNBOUNDED, Composite, Element, Groups, Pairs, Rule, Seat


def test_a_guide_is_loaded_once():
    assert load("x12/004010/850") is load("x12/004010/850")
    guide = load("x12/004010/850")
    assert (guide.set, guide.version, guide.group, guide.name) == ("850", "004010", "PO", "Purchase Order")


def test_the_same_text_has_the_same_digest_and_other_guides_another():
    digests = {load(name).digest for name in available()}
    assert len(digests) == len(available())


@pytest.mark.parametrize("name", available())
def test_every_packaged_guide_loads_and_its_positions_know_their_place(name):
    guide = load(name)
    for place in guide.root.walk():
        assert all(child.parent is place and place.children[child.index] is child for child in place.children)
        if place.is_loop and place.parent is not None:
            assert place.children[0].tag == place.tag
            assert place.children[0].required
            assert place.spec is None
    assert guide.root.path == ""


def test_a_line_becomes_a_position():
    root = load("x12/004010/850").root
    party = next(place for place in root.children if place.tag == "N1")
    assert (party.required, party.max, party.area, party.path) == (False, 200, "heading", "N1")
    assert [child.path for child in party.children[:2]] == ["N1/N1", "N1/N2"]
    line = next(place for place in root.children if place.tag == "PO1")
    assert (line.area, line.required) == ("detail", True)
    assert next(place for place in root.children if place.tag == "REF").max == UNBOUNDED


def test_an_unknown_guide_names_a_known_one():
    with pytest.raises(SetupError, match=r"did you mean x12/004010/850\?"):
        load("x12/00401/850")
    with pytest.raises(SetupError):
        load("../secrets")


NEAREST = [
    ("850", "004010", "x12/004010/850", []),
    ("850", "005010", "x12/005010/850", []),
    ("850", "004010VICS", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("850", "004010X357", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("850", "003060", "x12/003060/850", []),
    ("850", "002040", "x12/003060/850", [Code.UNKNOWN_VERSION]),
    ("850", "003010", "x12/003060/850", [Code.UNKNOWN_VERSION]),
    ("850", "003040VICS", "x12/003060/850", [Code.UNKNOWN_VERSION]),
    ("850", "003072", "x12/003060/850", [Code.UNKNOWN_VERSION]),
    ("850", "00304", "x12/003060/850", [Code.UNKNOWN_VERSION]),
    ("850", "004000", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("997", "003030", "x12/003060/997", [Code.UNKNOWN_VERSION]),
    ("999", "003060", "x12/004010/999", [Code.UNKNOWN_VERSION]),
    ("850", "004060", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("850", "005030", "x12/005010/850", [Code.UNKNOWN_VERSION]),
    ("850", "008020", "x12/005010/850", [Code.UNKNOWN_VERSION]),
    ("850", "00401", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("850", "", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("850", "VICS", "x12/004010/850", [Code.UNKNOWN_VERSION]),
    ("TA1", "004010", "x12/004010/ta1", []),
    ("837", "004010", None, [Code.UNKNOWN_SET]),
    ("elements", "004010", None, [Code.UNKNOWN_SET]),
    ("../850", "004010", None, [Code.UNKNOWN_SET]),
]


@pytest.mark.parametrize(("code", "version", "name", "codes"), NEAREST)
def test_a_version_without_a_guide_takes_the_nearest_and_says_so(code, version, name, codes):
    found, notes = nearest("x12", code, version)
    assert found == name
    assert [note.code for note in notes] == codes
    assert all(note.is_note for note in notes)


FILES = {
    "x12/009999/elements": '"353": Purpose, ID 2..2\n"67": Code, AN 2..80\n"66": Qualifier, ID 1..2\n"9": Day, DT 8..8',
    "x12/009999/codes": '"353": {"00": Original}',
    "x12/009999/composites": "C001: {name: Measure, components: [353 M, 67], rules: [P0102]}",
    "x12/009999/segments": (
        "AAA: {name: First, elements: [353 M, C001, 67 x3], qualifier: 1, value: 3, qualified: {2-2: [1, 2]}}\n"
        'BBB: {name: Second, elements: [353, "(66, 67) x3", 9, 66, 67], rules: [P0203, R0105],'
        " pairs: 2/3 x3, moment: [8], qualified: {10: 9}}\n"
        'CCC: {elements: [353, 353, "(66, 67) x3"], groups: 3.. by 2, qualifier: [1, 2], value: moment 3}\n'
    ),
    "x12/009999/850": "name: Order\nsegments: x12/009999\nheading:\n  - AAA M 1\n  - BBB O *:\n      - CCC O 5\n",
}


@pytest.fixture
def files(monkeypatch):
    """Guide files of the test's own instead of the package's."""
    texts = dict(FILES)
    for module in (tables, loading):
        monkeypatch.setattr(module, "packaged", texts.get)
    dictionary.cache_clear()
    loading._plain.cache_clear()
    yield texts
    dictionary.cache_clear()
    loading._plain.cache_clear()


def test_rows_of_a_dictionary(files):
    found = dictionary("x12/009999")
    purpose = found.elements["353"]
    assert (purpose.type, purpose.min, purpose.max, purpose.codes) == ("ID", 2, 2, {"00": "Original"})
    first, second, third = (found.segments[tag] for tag in ("AAA", "BBB", "CCC"))
    assert [use.required for use in first.uses] == [True, False, False]
    assert isinstance(first.uses[1].of, Composite)
    assert first.uses[1].of.rules == (Rule("P", (1, 2)),)
    assert (first.uses[2].repeat, first.qualifier, first.value) == (3, 1, 3)
    assert [use.of.id for use in second.uses] == ["353", *["66", "67"] * 3, "9", "66", "67"]
    assert second.rules == (Rule("P", (2, 3)), Rule("R", (1, 5)))
    assert (second.pairs, second.moment) == (Pairs(2, 3, 3), (8,))
    assert second.qualified == {Seat(10): (Seat(9),)}
    assert first.qualified == {Seat(2, 2): (Seat(1), Seat(2, 1))}
    assert (third.groups, third.qualifiers, third.qualifier) == (Groups(3, 2, 3), (1, 2), 1)
    assert (third.value, third.moment) == (3, (3,))
    assert list(second.pairs.places) == [(2, 3), (4, 5), (6, 7)]


def test_a_version_says_only_what_differs(files):
    files |= {
        "x12/010000/elements": 'extends: x12/009999\n"67": Code, AN 2..99\n"9": ~',
        "x12/010000/codes": "extends: x12/009999",
        "x12/010000/composites": "extends: x12/009999",
        "x12/010000/segments": "extends: x12/009999\nBBB: ~",
    }
    found = dictionary("x12/010000")
    assert found.elements["67"] == Element("67", "Code", "AN", 2, 99)
    assert found.elements["353"].codes == {"00": "Original"}
    assert found.known == {"AAA", "CCC"}
    assert found.digest != dictionary("x12/009999").digest


BROKEN = [
    ("elements", '"353": Purpose ID 2..2', "353: not an element row"),
    ("codes", '"999": {A: B}', "999: codes of an element"),
    ("codes", '"353": nothing', "353: not a code list"),
    ("elements", '"353": Purpose, an..', "353: not an element row"),
    ("composites", "C001: [353]", "C001: not a composite"),
    ("composites", "C001: {components: [353, 67], moment: 2}", "2 is no moment in it"),
    ("composites", "C001: {components: [353, 67], moment: 2 by 3}", "2 by 3 is no moment in it"),
    ("composites", "C001: {components: [999 M]}", "999 M is no known element"),
    ("segments", "AAA: {elements: [353 Q]}", "353 Q is no known element"),
    ("segments", "AAA: {elements: [353], rules: [X0102]}", "X0102 is no relational condition"),
    ("segments", "AAA: {elements: [353], rules: [P0102]}", "P0102 names an element beyond 1"),
    ("segments", "AAA: {elements: [353], qualifier: 4}", "4 is not an element number in 1..1"),
    ("segments", "AAA: {elements: [353], value: x}", "x is not an element number"),
    ("segments", "AAA: {elements: [353], value: moment 1 2}", "2 is not an element number"),
    ("segments", "AAA: {elements: [66, 67], pairs: 1/2 x5}", "1/2 x5 are no pairs"),
    ("segments", "AAA: {elements: [66, 67], pairs: some}", "some are no pairs"),
    ("segments", "AAA: {elements: [C001], pairs: 1-2/1-3}", "1-2/1-3 are no pairs"),
    ("segments", "AAA: {elements: [C001, C001], pairs: 1-2/2-1}", "1-2/2-1 are no pairs"),
    ("segments", "AAA: {elements: [C001], value: 1-3}", "3 is not an element number in 1..2"),
    ("segments", "AAA: {elements: [66, 67], groups: 3.. by 2}", "are no groups"),
    ("segments", "AAA: {elements: [66, 67], qualified: {3: 1}}", "3 is not an element number"),
    ("segments", "AAA: {elements: [66, 67], qualified: {2-2: 1}}", "2 is not an element number in 1..1"),
    ("segments", "AAA: {elements: [66, C001], qualified: {1: [2-3]}}", "3 is not an element number in 1..2"),
    ("segments", "AAA: {elements: [66], quallifier: 1}", "unknown key quallifier"),
    ("segments", "AAA: none", "AAA: not a segment"),
    ("850", "segments: x12/009999\nheading: [AAA X 1]", "AAA X 1: not a line of a guide"),
    ("850", "segments: x12/009999\nheading: [ZZZ M 1]", "ZZZ: the segment table does not have it"),
    ("850", "segments: x12/009999\nheading: AAA", "heading: not a list of segments"),
    ("850", "segments: x12/009999\nheading:\n  - AAA M 1:\n      - - b", "not a line of a guide"),
    ("850", "segments: x12/1\nheading: []", "x12/1: no such segment table"),
    ("850", "segments: x12/009999\nheding: []", "unknown key heding"),
    ("850", "extends: x12/nowhere", "there is no guide file"),
    ("850", "- AAA", "not a mapping"),
]


@pytest.mark.parametrize(("kind", "text", "what"), BROKEN)
def test_what_is_wrong_in_a_file_is_said_with_its_place(files, kind, text, what):
    files[f"x12/009999/{kind}"] = text
    with pytest.raises(SetupError) as error:
        load("x12/009999/850")
    assert what in str(error.value)
    assert all(fault.mark.file.endswith(".yaml") and fault.mark.line >= 1 for fault in error.value.faults)


def test_all_faults_of_the_tables_come_at_once(files):
    files["x12/009999/elements"] += "\n700: Bad\n701: Worse"
    files["x12/009999/segments"] += "\nDDD: {elements: [999]}"
    with pytest.raises(SetupError) as error:
        dictionary("x12/009999")
    assert [fault.mark.line for fault in error.value.faults] == [5, 6, 5]
