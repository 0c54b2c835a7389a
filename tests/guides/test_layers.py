import pytest

from gateway import marked_yaml
from gateway.errors import SetupError
from gateway.faults import Code, rejecting
from gateway.guides.layers import Layer
from gateway.guides.load import load
from gateway.guides.model import Guide
from gateway.guides.place import parse

from .documents import ORDER, located, segments

BASE = "x12/004010/850"


def layered(*texts: str) -> Guide:
    return load(BASE, [Layer(marked_yaml.load(text, "acme.yaml")) for text in texts])


def faults(guide: Guide, text: str) -> list[tuple[Code, str]]:
    _, found = parse(guide, located(segments(text)))
    return [(fault.code, fault.place.address) for fault in rejecting(found)]


CASES = [
    # layer, what is replaced in the order, by what, the faults that follow
    ("BEG03: {max: 5}", "", "", [(Code.TOO_LONG, "BEG03")]),
    ("BEG03: {min: 9}", "", "", [(Code.TOO_SHORT, "BEG03")]),
    ("REF01: {codes: [DP, ZZ]}", "", "", [(Code.CODE_NOT_ALLOWED, "REF01")]),
    ("REF01: {codes: {DP: Department, IA: Vendor}}", "", "", []),
    ("BEG04: {required: true}", "", "", [(Code.ELEMENT_MISSING, "BEG04")]),
    ("BEG05: {required: false}", "**20260301", "", []),
    ('PO1: {require: ["PO1[VN]"]}', "", "", [(Code.ELEMENT_MISSING, "PO108")]),
    ("PO1: {require: [PO105]}", "", "", [(Code.ELEMENT_MISSING, "PO105")]),
    ("DTM02: {type: date(yyMMdd)}", "", "", [(Code.TOO_LONG, "DTM02")] * 2),
    ("PO101: {type: N0}", "PO1*2", "PO1*B", [(Code.CHARACTER_TYPE, "PO101")]),
    ("CTT: {required: true}", "CTT*2*112\nAMT*TT*169.4", "", [(Code.SEGMENT_MISSING, "CTT")]),
    ("PO1: {max: 1}", "", "", [(Code.LOOP_TOO_OFTEN, "PO1")]),
    ("N1/N3: {required: true}", "", "", [(Code.SEGMENT_MISSING, "N3")]),
    ("N1/N301: {max: 5}", "", "", [(Code.TOO_LONG, "N301")]),
    ("PO1/N1/N301: {max: 5}", "", "", []),
    ("SLN05-01: {codes: [CA]}", "", "", [(Code.CODE_NOT_ALLOWED, "SLN05-01")]),
    ('allow: ["PO1: PID before PO4"]', "", "", []),
]


@pytest.mark.parametrize(("layer", "old", "new", "expected"), CASES)
def test_a_layer_changes_what_is_accepted(layer, old, new, expected):
    assert old in ORDER
    assert faults(layered(layer), ORDER.replace(old, new)) == expected


def test_allow_lets_a_segment_come_after_what_it_should_precede():
    text = "BEG*00*SA*1**20260301\nPO1*1*1*EA\nPID*F****X\nLIN**UP*1\nPID*F****Y\n"
    assert faults(load(BASE), text) == [(Code.SEGMENT_OUT_OF_PLACE, "LIN")]
    assert faults(layered('allow: ["PO1: PID before LIN"]'), text) == []


DEVIATIONS = [
    ("BEG03: {max: 15}", ()),
    ("BEG03: {max: 30}", ("BEG03: 1..30 instead of 1..22",)),
    ("N104: {min: 1}", ("N104: 1..80 instead of 2..80",)),
    ("BEG05: {required: false}", ("BEG05: optional instead of mandatory",)),
    ("BEG01: {codes: ['00', '77']}", ("BEG01: codes the standard does not list: 77",)),
    ("BEG01: {codes: ['00']}", ()),
    ("PO101: {type: N0}", ("PO101: N0 instead of AN",)),
    ("PER: {max: 9}", ("PER: 9 times instead of 3",)),
    ("PO1: {required: false}", ("PO1: optional instead of mandatory",)),
    ('allow: ["PO1: PID before LIN"]', ("allow: PO1: PID before LIN",)),
]


@pytest.mark.parametrize(("layer", "expected"), DEVIATIONS)
def test_widening_is_counted_and_narrowing_is_free(layer, expected):
    found = layered(layer).deviations
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_layers_are_laid_in_turn_and_the_base_stays_as_it_was():
    guide = layered("BEG03: {max: 15}", "BEG03: {max: 10}")
    assert guide.segments["BEG"].uses[2].of.max == 10
    assert load(BASE).segments["BEG"].uses[2].of.max == 22
    assert guide.digest != load(BASE).digest
    assert layered("BEG03: {max: 15}", "BEG03: {max: 10}") is guide


def test_an_empty_layer_changes_nothing():
    assert layered("").segments == load(BASE).segments


BROKEN = [
    ("BEGG03: {max: 1}", "1:1 BEGG03: no such segment or element", "did you mean BEG?"),
    ("BEG99: {max: 1}", "1:1 BEG99: BEG has 12 elements", ""),
    ("BEG03: 15", "1:8 BEG03: not a mapping", "{max: 15}"),
    ("BEG03: {maxx: 1}", "1:9 BEG03: unknown key maxx", "did you mean max?"),
    ("BEG03: {max: many}", "1:14 BEG03: max is a number, not many", "from 1 to 999999999, or *"),
    ("BEG03: {max: 0}", "1:14 BEG03: max is 1 to 999999999, not 0", "from 1 to 999999999"),
    ("BEG03: {max: 9999999999}", "1:14 BEG03: max is 1 to 999999999, not 9999999999", "from 1 to"),
    ("BEG03: {min: '*'}", "1:14 BEG03: min is a number, not *", "write a number from 1 to 999999999"),
    ("REF01: {codes: [DP, DEPT]}", "1:21 REF01: 'DEPT' can never come, it has 4 characters", "2..3"),
    ("REF01: {codes: {DEPT: x}}", "1:23 REF01: 'DEPT' can never come, it has 4 characters", "2..3"),
    ("BEG03: {min: 30}", "1:8 BEG03: shortest 30 is longer than longest 22", ""),
    ("BEG03: {type: date(MMddyy)}", "1:15 BEG03: no such type date(MMddyy)", "known: AN"),
    ("REF01: {codes: DP}", "1:16 REF01: not a list of codes", "[DP, IA, ZZ]"),
    ("REF02: {required: yes}", "1:19 REF02: required is true or false, not yes", ""),
    ('PO1: {require: ["N1[UP]"]}', "1:17 PO1: N1[UP] is no place in PO1", "PO101"),
    ('BEG: {require: ["BEG[UP]"]}', "1:17 BEG: BEG[UP] is no place in BEG", "BEG01"),
    ("BEG03-01: {max: 1}", "1:1 BEG03-01: there is no such component", ""),
    ("SE01: {max: 5}", "1:1 SE01: the guide has no such place", ""),
    ("N1/PO1: {max: 5}", "1:1 N1/PO1: the guide has no such place", ""),
    ('allow: ["PO1: PID after PO3"]', "1:9 PO1: PID after PO3: no such places", "before"),
    ('allow: ["PO1: XXX before PO3"]', "1:9 PO1: XXX before PO3: no such places", ""),
    ("allow: PO1", "1:8 allow: not a list", ""),
    ("- BEG03", "1:1 the guide layer is not a mapping", ""),
]


@pytest.mark.parametrize(("layer", "what", "fix"), BROKEN)
def test_a_broken_layer_says_where_and_what_to_do(layer, what, fix):
    with pytest.raises(SetupError) as error:
        layered(layer)
    (fault,) = error.value.faults
    assert f"{fault.mark} {fault.what}" == f"acme.yaml:{what}"
    assert fix in fault.fix
    assert fault.fix


def test_all_faults_of_all_layers_come_at_once():
    with pytest.raises(SetupError) as error:
        layered("BEGG03: {max: 1}\nBEG03: {max: x}", "REF01: {codes: []}")
    assert len(error.value.faults) == 3
