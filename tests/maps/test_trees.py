"""Maps of documents whose loops lie in one another: read, written fresh and onto an original, and what they promise."""

import re
from contextlib import suppress
from decimal import Decimal
from random import Random

import pytest
from guides.documents import damaged
from guides.levels import document, random_document
from guides.test_tree import CASES as ODD
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import Party, ShipNotice
from gateway.errors import NotWritable, SetupError
from gateway.faults import Code, rejecting
from gateway.formats.segment import Segment
from gateway.guides.place import parse
from gateway.maps import Map, write
from gateway.maps.account import Share
from gateway.maps.compile import source
from gateway.maps.examples import example

from .notices import MAP, NOTICE, notice_map
from .test_compile import agree
from .test_laws import held
from .trial import grammar, segments, text_of, tree

NOTICES = notice_map()
FLAGGED = notice_map(partner="map: acme/856\nextends: notices\nguide: {HL04: {required: true}}\n")


def edited(*changes: tuple[str, str], text: str = MAP) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def levels(text: str) -> list[str]:
    """Number, parent, level and flag of every level, as `2,1,O`."""
    lines = [line.split("*")[1:] for line in text.split("\n") if line.startswith("HL*")]
    return [",".join(line) for line in lines]


def read(text: str = NOTICE, map: Map = NOTICES) -> ShipNotice:
    found, faults = map.read(tree(text, map))
    assert rejecting(faults) == []
    return found


def onto(notice: ShipNotice, text: str = NOTICE, map: Map = NOTICES) -> str:
    return text_of(map.write(notice, tree(text, map)))


# -- reading


def test_levels_become_what_lies_in_one_another():
    notice = read()
    assert grammar(NOTICE, NOTICES) == []
    assert [order.number for order in notice.orders] == ["4500017", "4500018"]
    first, second = notice.orders
    assert [(pack.ssccs, [line.number for line in pack.lines]) for pack in first.packs] == [
        (["00012345678905000011"], ["1", "2"]),
        (["00012345678905000028"], ["3"]),
    ]
    assert [line.quantity for line in second.lines] == [2]


def test_what_stands_in_a_level_belongs_to_it():
    notice = read()
    assert notice.references == {"bill_of_lading": ["123"], "carrier": ["PRO-9"]}
    assert notice.orders[0].references == {"vendor": ["000123"]}
    assert (notice.ship_to.name, notice.orders[0].buyer.name) == ("Store 12", "Buyer")


DEEP = """
BSN*00*SH-1*20260301*1200
HL*1**S
HL*2*1*T
HL*3*2*P
HL*4*3*P
HL*5*4*I
LIN*1*UP*1
HL*6*2*I
LIN*2*UP*2
HL*7*6*P
MAN*GM*00012345678905000011
HL*8*7*P
MAN*GM*00012345678905000028
CTT*8
"""


def test_parts_stand_in_themselves_as_deep_as_the_goods_do():
    (pallet,) = read(DEEP).packs
    (carton,) = pallet.packs
    assert [line.number for line in carton.packs[0].lines] == ["1"]
    (line,) = pallet.lines
    assert line.packs[0].packs[0].ssccs == ["00012345678905000028"]
    assert text_of(NOTICES.write(read(DEEP))) == DEEP.lstrip()


PLACES = [
    # a binding of a line, what it reads of the second line of the first order
    ("number: HL01", "5"),
    ("number: LIN01", "2"),
    ("number: HL[P]/MAN[GM]02", None),
    ("number: {read: HL03}", "I"),
]


@pytest.mark.parametrize(("binding", "found"), PLACES)
def test_in_a_level_its_own_tag_is_itself_and_with_a_bracket_those_in_it(binding, found):
    binding = binding if "{" in binding else f'number: {{read: "{binding.partition(": ")[2]}"}}'
    map = notice_map(edited(("  line:\n    number: LIN01", f"  line:\n    {binding}")))
    lines = read(map=map).orders[0].packs[0].lines
    assert lines[1].number == found


def test_a_place_in_a_level_that_lies_in_this_one():
    map = notice_map(edited(("    release: PRF02", '    release: {read: "HL[T|P]/HL[I]/LIN01"}')))
    assert [order.release for order in read(map=map).orders] == ["1", None]


def test_a_scope_without_bracket_takes_the_levels_that_no_other_names():
    map = notice_map(
        edited(
            (
                '    packs: {each: "HL[T|P]", use: pack}\n    lines: {each: "HL[I]", use: line}\n  pack:',
                '    packs: {each: HL, use: pack}\n    lines: {each: "HL[I]", use: line}\n  pack:',
            )
        )
    )
    assert [len(order.packs) for order in read(map=map).orders] == [2, 0]


def test_a_scope_in_a_segment_of_a_level_may_name_the_levels_in_it():
    """Whatever is around a level is around those in it: going out of a segment leads to its own level."""
    map = notice_map(
        edited(
            (
                '    buyer: {in: "N1[BY]", use: place}\n',
                '    buyer: {in: "N1[BY]", name: N102, location: {kind: {read: HL01}}}\n',
            ),
        )
    )
    assert read(map=map).orders[0].buyer.location.kind == "x12:2"


@pytest.mark.parametrize(
    ("counted", "right"),
    [
        ("HL", 9),
        ("HL[I]", 4),
        ("HL[O|I]", 6),
        ("HL[S]/HL[T|P]", 2),
        ("DTM", 0),
        ("HL[S]/REF", 2),
        ("HL/LIN", 4),
        ("HL/N1/N3", 1),
        ("HL[P]/MAN", 2),
    ],
)
def test_levels_are_counted_however_deep_they_lie_and_what_lies_in_them(counted, right):
    map = notice_map(edited(("count(HL)", f"count({counted})")))
    text = NOTICE.replace("CTT*9", f"CTT*{right}")
    assert map.read(tree(text, map))[1] == []
    assert agree(map, [line.split("*") for line in text.strip().split("\n")])
    (note,) = map.read(tree(NOTICE.replace("CTT*9", "CTT*7"), map))[1]
    assert (note.code, note.came, note.expected) == (Code.COMPUTED, "7", str(right))
    assert text_of(map.write(read(text, map))).endswith(f"CTT*{right}\n")


def test_the_numbers_of_levels_are_the_maps_own_and_no_residue():
    found = {(one.place.address, one.text): one.share for one in NOTICES.account(tree(NOTICE, NOTICES))}
    assert (found["HL01", "9"], found["HL02", "8"]) == (Share.COMPUTED, Share.COMPUTED)
    assert found["HL03", "O"] is Share.BOUND
    assert [place.address for place in NOTICES.residue(tree(NOTICE, NOTICES))] == ["SN101"] * 3


# -- writing a new one


def test_numbers_count_from_one_each_level_before_those_in_it():
    written = text_of(NOTICES.write(read()))
    assert levels(written) == levels(NOTICE)


def test_one_shipment_holds_them_all_though_the_guide_lets_it_repeat():
    wanted = read().model_copy(
        update={"other_parties": [Party(role="buyer", name="A"), Party(role="supplier", name="B")]}
    )
    assert levels(text_of(NOTICES.write(wanted))) == levels(NOTICE)


def test_the_child_flag_is_written_where_the_agreement_demands_it():
    written = text_of(FLAGGED.write(read()))
    assert levels(written)[:4] == ["1,,S,1", "2,1,O,1", "3,2,P,1", "4,3,I,0"]
    assert rejecting(grammar(written, FLAGGED)) == []


def test_what_an_agreement_closed_is_not_written():
    partner = "map: acme/856\nextends: notices\nguide: {levels: {S: O, O: I}}\n"
    map = notice_map(partner=partner)
    with pytest.raises(NotWritable) as error:
        map.write(read())
    (first, *_) = error.value.faults
    assert (first.code, first.place.address, first.place.field) == (
        Code.LEVEL_NOT_ALLOWED,
        "HL03",
        "orders[0].packs[0].kind",
    )


# -- onto an original


def test_a_document_without_faults_stays_the_same():
    assert onto(read()) == NOTICE.lstrip()


@pytest.mark.parametrize("text", [case[0] for case in ODD])
def test_one_that_is_odd_stays_the_same_too(text):
    lines = ["*".join(elements) for elements in document(text)[1:-1]]
    sent = "\n".join(["BSN*00*SH-1*20260301*1200", *lines, f"CTT*{len(lines)}"]) + "\n"
    root, faults = parse(NOTICES.guide, segments(sent))
    found, more = NOTICES.read(root)
    if not rejecting(faults + more):
        assert text_of(NOTICES.write(found, root)) == text_of(root)


def changed(notice: ShipNotice, change: str) -> ShipNotice:
    """A copy in which one thing is another."""
    orders = [order.model_copy(deep=True) for order in notice.orders]
    first, second = orders
    pack, other = first.packs
    line = pack.lines[0]
    packs = {
        "a line gone": [pack.model_copy(update={"lines": pack.lines[1:]}), other],
        "a line more": [
            pack.model_copy(update={"lines": [*pack.lines, line.model_copy(update={"number": "9"})]}),
            other,
        ],
        "a pack gone": [other],
        "another quantity": [
            pack.model_copy(
                update={"lines": [line.model_copy(update={"quantity": Decimal(13)}), *pack.lines[1:]]}
            ),
            other,
        ],
    }
    if change == "an order gone":
        return notice.model_copy(update={"orders": [second]})
    if change == "orders the other way round":
        return notice.model_copy(update={"orders": [second, first]})
    return notice.model_copy(update={"orders": [first.model_copy(update={"packs": packs[change]}), second]})


CHANGES = [
    ("a line gone", ["1,,S", "2,1,O", "3,2,P", "4,3,I", "5,2,P", "6,5,I", "7,1,O", "8,7,I"]),
    ("a line more", ["1,,S", "2,1,O", "3,2,P", "4,3,I", "5,3,I", "6,3,I", "7,2,P", "8,7,I", "9,1,O", "10,9,I"]),
    ("a pack gone", ["1,,S", "2,1,O", "3,2,P", "4,3,I", "5,1,O", "6,5,I"]),
    ("an order gone", ["1,,S", "2,1,O", "3,2,I"]),
    ("orders the other way round", ["1,,S", "2,1,O", "3,2,I", "4,1,O", "5,4,P", "6,5,I", "7,5,I", "8,4,P", "9,8,I"]),
    ("another quantity", levels(NOTICE)),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[change for change, _ in CHANGES])
def test_numbers_count_on_where_levels_come_and_go(change, expected):
    wanted = changed(read(), change)
    written = onto(wanted)
    assert levels(written) == expected
    assert read(written) == wanted
    assert f"CTT*{len(expected)}\n" in written


def test_numbers_that_do_not_count_up_stay_and_a_new_level_gets_a_free_one():
    odd = re.sub(r"HL\*(\d)\*(\d?)", lambda one: f"HL*{one[1]}0*{one[2] and one[2] + '0'}", NOTICE)
    assert levels(odd)[3:5] == ["40,30,I", "50,30,I"]
    gone = levels(onto(changed(read(odd), "a line gone"), odd))
    assert gone == [level for level in levels(odd) if level != "40,30,I"]
    more = levels(onto(changed(read(odd), "a line more"), odd))
    assert more == [*levels(odd)[:5], "91,30,I", *levels(odd)[5:]]


def test_what_no_binding_names_stays_with_its_level():
    text = NOTICE.replace("PRF*4500018\n", "PRF*4500018\nMEA*PD*WT*5*LB\n").replace(
        "MEA*PD*WT*5*LB", "MAN*CA*X"
    )
    written = onto(changed(read(text), "orders the other way round"), text)
    assert "PRF*4500018\nMAN*CA*X\n" in written


def test_the_child_flag_follows_where_the_original_says_it():
    flagged = [
        line + f"*{int(line.split('*')[3] != 'I')}" if line.startswith("HL") else line
        for line in NOTICE.split("\n")
    ]
    text = "\n".join(flagged)
    assert grammar(text, NOTICES) == []
    wanted = changed(read(text), "a line more")
    written = onto(wanted, text)
    assert levels(written)[2:6] == ["3,2,P,1", "4,3,I,0", "5,3,I,0", "6,3,I,0"]
    empty = wanted.model_copy(update={"orders": [wanted.orders[1].model_copy(update={"lines": []})]})
    assert levels(onto(empty, text)) == ["1,,S,1", "2,1,O,0"]


def test_all_orders_first_then_all_items_is_kept_until_a_level_comes_or_goes():
    text = (
        "BSN*00*SH-1*20260301*1200\nHL*1**S\nHL*2*1*O\nPRF*A\nHL*3*1*O\nPRF*B\n"
        "HL*4*2*I\nLIN*1*UP*1\nHL*5*3*I\nLIN*2*UP*2\nCTT*5\n"
    )
    notice = read(text)
    assert [[line.number for line in order.lines] for order in notice.orders] == [["1"], ["2"]]
    assert onto(notice, text) == text
    renamed = notice.model_copy(update={"number": "SH-2"})
    assert onto(renamed, text) == text.replace("SH-1", "SH-2")
    one = notice.model_copy(
        update={"orders": [notice.orders[0], notice.orders[1].model_copy(update={"lines": []})]}
    )
    assert levels(onto(one, text)) == ["1,,S", "2,1,O", "3,2,I", "4,1,O"]


# -- shapes

SHAPED = notice_map(partner="map: acme/856\nextends: notices\nshape: pack order line\n")


def test_a_new_document_has_the_shape_of_the_partner():
    notice = read().model_copy(update={"orders": read().orders[:1]})
    written = text_of(SHAPED.write(notice))
    assert levels(written) == ["1,,S", "2,1,P", "3,2,O", "4,3,I", "5,3,I", "6,1,P", "7,6,O", "8,7,I"]
    assert read(written, SHAPED) == notice.arranged("pack order line")


def test_what_does_not_fit_the_shape_is_refused_by_name():
    flat = notice_map(partner="map: acme/856\nextends: notices\nshape: order line\n")
    with pytest.raises(NotWritable, match=r"orders\[0\]\.packs\[0\]\.ssccs"):
        flat.write(read())


def test_a_document_that_came_in_another_shape_is_read_as_it_came_and_stays_so():
    assert SHAPED.shape == "pack order line"
    assert onto(read(map=SHAPED), map=SHAPED) == NOTICE.lstrip()


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("order parcel", "there are order, tare, pack, line"),
        ("[order, line]", "each once"),
        ("order order", "each once"),
    ],
)
def test_a_shape_that_is_none_is_said_when_the_map_is_loaded(said, what):
    with pytest.raises(SetupError, match=what):
        notice_map(partner=f"map: acme/856\nextends: notices\nshape: {said}\n")


def test_many_levels_are_put_in_their_place_without_looking_at_all_others(monkeypatch):
    looked, real = 0, write.around

    def counted(*given):
        nonlocal looked
        found = real(*given)
        looked += sum(len(node.items) for node in found)
        return found

    order = read().orders[1]
    orders = [order.model_copy(update={"number": str(number)}) for number in range(300)]
    notice = read().model_copy(update={"orders": orders})
    written = NOTICES.write(notice)
    assert levels(text_of(written))[-1] == "601,600,I"
    monkeypatch.setattr(write, "around", counted)
    again = NOTICES.write(notice.model_copy(update={"orders": [*orders[150:], *orders[:150]]}), written)
    assert levels(text_of(again)) == levels(text_of(written))
    assert len(orders) < looked < 20 * len(orders)


# -- the laws


@pytest.mark.parametrize("map", [NOTICES, SHAPED, FLAGGED], ids=["any", "shaped", "flagged"])
def test_the_laws_hold_for_a_map_of_levels(map):
    held(map, 60)


def test_examples_are_deep_but_not_without_end():
    def depth(part: object) -> int:
        below = [one for name in ("orders", "packs", "lines") for one in getattr(part, name, [])]
        return 1 + max(map(depth, below), default=0)

    depths = [depth(example(NOTICES, Random(seed))) for seed in range(60)]
    assert max(depths) in (4, 5)
    assert min(depths) < 3


# -- compiled


def lines_of(text: str) -> list[list[str]]:
    return [line.split("*") for line in text.strip().split("\n")]


FAST = [
    ("as it is", "", "", True),
    ("a flag that is true", "HL*4*3*I", "HL*4*3*I*0", True),
    ("a flag that is not", "HL*4*3*I", "HL*4*3*I*1", False),
    ("a flag that denies a child", "HL*3*2*P", "HL*3*2*P*0", False),
    ("a parent nobody has", "HL*4*3*I", "HL*4*33*I", False),
    ("no parent", "HL*4*3*I", "HL*4**I", False),
    ("a number twice", "HL*4*3*I", "HL*3*3*I", False),
    ("an order in an item", "HL*8*1*O", "HL*8*7*O", False),
    ("numbers that do not count up", "HL*4*3*I", "HL*X*3*I", True),
    ("another shipment", "CTT*9", "HL*10**S\nREF*BM*9\nCTT*10", True),
    ("a total that is wrong", "CTT*9", "CTT*8", False),
    ("a level nothing is read of", "CTT*9", "HL*10*8*I\nCTT*10", True),
]


@pytest.mark.parametrize(("what", "old", "new", "fast"), FAST, ids=[case[0] for case in FAST])
def test_the_compiled_reader_says_the_same_of_levels(what, old, new, fast):
    assert old in NOTICE
    assert agree(NOTICES, lines_of(NOTICE.replace(old, new, 1))) == fast


@pytest.mark.parametrize("text", [case[0] for case in ODD])
def test_it_takes_no_tree_that_there_is_something_to_say_about(text):
    lines = document(text)
    lines[0], lines[-1] = ["BSN", "00", "1X", "20260301", "1200"], ["CTT", str(len(lines) - 2)]
    agree(NOTICES, lines)


COUNTING = [
    notice_map(edited(("count(HL)", f'"count({what})"'))) for what in ("HL[I]", "HL[S]/HL[T|P]", "HL[S]/REF")
]


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    times=st.sampled_from([0, 1, 1, 2, 4]),
    map=st.sampled_from([NOTICES, *COUNTING]),
)
def test_the_compiled_reader_agrees_on_damaged_notices(seed, times, map):
    random = Random(seed)
    if random.random() < 0.5:
        lines = lines_of(random.choice([NOTICE, DEEP]))
    else:
        lines = random_document(random)
        lines[0] = ["BSN", "00", "1X", "20260301", "1200"]
        for line in lines:
            if line[0] == "LIN":
                line[1:] = ["1", "UP", "1"]
            elif line[0] == "N1":
                line[1:] = ["ST", "X"]
    if lines[-1][0] == "CTT":
        lines[-1] = ["CTT", str(sum(line[0] == "HL" for line in lines))]
    agree(map, damaged(lines, random, times))


def test_what_there_is_nothing_to_say_about_is_read_fast():
    fast = []
    for seed in range(100):
        with suppress(NotWritable):
            written = NOTICES.write(example(NOTICES, Random(seed)))
            root, faults = parse(NOTICES.guide, [Segment(node.elements[:]) for node in written.segments()])
            if not faults + NOTICES.read(root)[1]:
                fast.append(agree(NOTICES, [node.elements for node in root.segments()]))
    assert len(fast) > 10
    assert all(fast)
    assert "block_0" in source(NOTICES)


# -- what is wrong with a map

BROKEN = [
    ("    number: LIN01", "    number: HL01", "number: HL01 is bound and written by the map"),
    ("count(HL)", "count(XX)", "there is no segment XX"),
    ("count(HL)", "count(HL[Z]X)", "this is no place"),
    ("count(HL)", "count(HL01)", "in: and each: take segments, not elements"),
    ("    number: LIN01", "    number: HL[I]/XX01", "XX does not stand"),
]


@pytest.mark.parametrize(("old", "new", "what"), BROKEN)
def test_what_cannot_stand_is_said(old, new, what):
    with pytest.raises(SetupError) as error:
        notice_map(edited((old, new)))
    assert what in str(error.value)
