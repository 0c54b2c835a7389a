"""Service characters come from the UNA, else from the standard, and the UNB proves them."""

from __future__ import annotations

import pickle

import pytest

from gateway.formats.edifact import Delimiters, Interchange, Stray
from gateway.formats.edifact.delimiters import syntax

from .edifact_cases import LEVEL_B, OTHER, USUAL
from .edifact_documents import UNA, UNB, events, order, sets, with_delimiters, words

SIGNS = [
    (USUAL, "iso8859-1"),
    (OTHER, "iso8859-1"),
    (LEVEL_B, "iso8859-1"),
    (Delimiters(segment="\n"), "iso8859-1"),
    (Delimiters(segment="\r"), "iso8859-1"),
    (Delimiters(decimal=","), "iso8859-1"),
    (Delimiters(release=None), "iso8859-1"),
    (Delimiters("\t", "\x1e", ".", "\x1f", None, "\x15"), "iso8859-1"),
    (Delimiters("*", "^", ".", "$", None, "#"), "iso8859-1"),
    (Delimiters(segment="\u00a7"), "iso8859-1"),
    (Delimiters("\u00a6", "\u00b6", ".", "\u00ac", None, "\u00a7"), "iso8859-1"),
    (Delimiters("\u00a6", "\u00b6", ".", "\u00ac", None, "\u00a7"), "utf-8"),
    (Delimiters("\u2026", "\u00d6", ".", "\u20ac", None, "\u00a7"), "utf-8"),
]


@pytest.mark.parametrize(("signs", "encoding"), SIGNS)
def test_any_characters_may_serve(signs: Delimiters, encoding: str) -> None:
    data = with_delimiters(signs, encoding)
    first, *rest = events(data)
    assert isinstance(first, Interchange)
    assert first.delimiters == signs
    assert [fault for event in (first, *rest) for fault in event.faults] == []
    (only,) = sets(data)
    assert only.segments()[2] == ["LIN", "1", "", "4000862141404\x1fSRV"]
    plus, mark = (signs.element, signs.release) if signs.release else ("&", "&")
    data = f"Muster {plus} Co\x1fWhat{mark}".translate({0x1E: 0x241E})
    assert only.segments()[1][4] in (data, data[:-1] + "\u241f")
    assert [segment.elements for segment in only.located()] == only.segments()
    assert only.syntax_faults() == []


@pytest.mark.parametrize("signs", [USUAL, LEVEL_B])
def test_the_standard_s_need_no_una(signs: Delimiters) -> None:
    first = events(with_delimiters(signs, una=False))[0]
    assert isinstance(first, Interchange)
    assert (first.delimiters, first.faults) == (signs, [])


@pytest.mark.parametrize(
    ("una", "version", "repetition"),
    [
        ("UNA:+.? '", "3", None),
        ("UNA:+.?*'", "3", None),
        ("UNA:+.?*'", "1", None),
        ("UNA:+.?*'", "X", None),
        ("UNA:+.?*'", "4", "*"),
        ("UNA:+.?!'", "4", "!"),
        ("UNA:+.? '", "4", None),
        ("", "4", "*"),
        ("", "3", None),
        ("", "", None),
    ],
)
def test_elements_repeat_from_syntax_version_4_on(una: str, version: str, repetition: str | None) -> None:
    unb = f"UNB+UNOC:{version}+A+B+20260301:1530+7'"
    data = order(UNA=una, UNB=unb, NAD=f"NAD+a{repetition or '*'}b'")
    first = events(data)[0]
    assert isinstance(first, Interchange)
    assert first.delimiters.repetition == repetition
    assert sets(data)[0].segments()[1] == ["NAD", "a\x1eb" if repetition else "a*b"]


LIES = [
    ("UNA;|.? ~", UNB, USUAL),
    ("UNA:+.? ~", UNB, USUAL),
    ("UNA;+.? '", UNB, USUAL),
    ("UNA++.? '", UNB, USUAL),
    ("UNA:+.?'", UNB, USUAL),
    ("UNA:+.? '", UNB.replace("+", "|"), Delimiters(element="|")),
    ("", UNB.replace("+", "|"), Delimiters(element="|")),
    ("", UNB.replace(":", ">"), Delimiters(component=">")),
    ("", UNB.replace("'", "~"), Delimiters(segment="~")),
]


@pytest.mark.parametrize(("una", "unb", "signs"), LIES)
def test_a_una_that_lies_is_a_fault_and_the_unb_is_believed(una: str, unb: str, signs: Delimiters) -> None:
    text = order("", UNA="", UNB="").decode("iso8859-1")
    table = {"+": signs.element, ":": signs.component, "'": signs.segment}
    data = (una + unb + text.translate(str.maketrans(table))).encode("iso8859-1")
    first = events(data)[0]
    assert isinstance(first, Interchange)
    assert first.delimiters == signs
    told = [f"service-string UNB 1:{len(una) + 1}"]
    assert words(data) == ([] if una == "UNA:+.?'" else told)
    assert sets(data)[0].code == "ORDERS"


def test_a_una_stands_before_each_interchange_or_does_not() -> None:
    other = with_delimiters(OTHER)
    data = order() + other + order(UNA="") + b"\r\n" + other + order()
    found = [event for event in events(data) if isinstance(event, Interchange)]
    assert [event.delimiters for event in found] == [USUAL, OTHER, USUAL, OTHER, USUAL]
    assert words(data) == []


def test_an_interchange_is_all_its_bytes() -> None:
    data = b"\n\n" + order()
    first = events(data)[0]
    assert (first.offset, first.line, data[first.offset :][:4]) == (2, 3, b"UNA:")


@pytest.mark.parametrize(
    "junk", [b"LUNA:+.? ' ", b"UNABLE\n", b"UNB is here: ", b"\xff\x00\x01", b"(UNB)\n", b"UNA:+.? ' and\n"]
)
def test_una_and_unb_are_no_part_of_other_text(junk: bytes) -> None:
    stray, first, *_ = events(junk + order())
    assert isinstance(stray, Stray)
    assert isinstance(first, Interchange)
    assert (stray.offset, stray.size, first.offset) == (0, len(junk), len(junk))


@pytest.mark.parametrize("lead", [b"", b"\n\n", b"  \t\r\n"])
def test_blanks_and_a_byte_order_mark_are_nothing(lead: bytes) -> None:
    assert words(lead + order()) == []
    assert words(b"\xef\xbb\xbf" + lead + order()) == []


def test_blanks_may_stand_between_una_and_unb() -> None:
    for blank in ("", "\n", "\r\n", " \n\t"):
        assert words(order("", UNA=UNA + blank)) == []


def test_a_syntax_is_made_again_where_it_is_unpickled() -> None:
    made = syntax(OTHER, "auto", "UNOC", "3", "utf-8")
    assert pickle.loads(pickle.dumps(made)) is made  # noqa: S301


INSIDE = [
    # a message, what stands in it
    (b"UNH+1+ORDERS'BGM+220'UNT+3+1'", b"BGM+220'"),
    (b"UNH+1?'x+ORDERS'BGM+it?'s'UNT+3+1?'x'", b"BGM+it?'s'"),
    (b"UNH+1+ORDERS'FTX+what??'UNT+3+1'", b"FTX+what??'"),
    (b"UNH+1+ORDERS'FTX+what???'s'UNT+3+1'\r\n", b"FTX+what???'s'"),
    (b"UNH+1+ORDERS'UNT+2+1'", b""),
]


@pytest.mark.parametrize(("raw", "inside"), INSIDE)
def test_what_stands_in_a_message(raw: bytes, inside: bytes) -> None:
    """Header and trailer differ from sending to sending; a terminator that is released ends neither."""
    assert syntax(Delimiters()).inside(raw) == inside
