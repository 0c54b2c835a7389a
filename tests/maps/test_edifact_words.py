"""The words of EDIFACT's codes: each code the standard's, and where X12 means the same, X12's word for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import pytest

from gateway import maps, marked_yaml
from gateway.guides.dictionary import dictionary
from gateway.maps import codecs
from gateway.maps.codecs import Codes

TABLE = re.compile(r"^  (\w+):(.*?)(?=^  \w+:|\Z)", re.MULTILINE | re.DOTALL)
ELEMENT = re.compile(r"# (\d{2,4})\b")

TWINS = {"price_specifications": "prices", "texts": "remarks", "verdicts": "answers"}
"""Tables whose words are those of an X12 table of another name."""

OF_THEIR_OWN = {"prices"}
"""5125 says how a price was reached; which price it is, as X12's 236 does, says 5387."""

NOT_THE_SAME = {
    ("amounts", "227"),  # what is held back from a builder
    ("dates", "180"),  # when a ship's cargo must be there; X12's closing date is any
    ("dates", "310"),  # a message too may be received; X12 speaks of goods, as 50 does
    ("references", "AOQ"),  # a department itself, of a work breakdown; AMV is its number
}
"""Codes that X12 has under the same name for something else."""

FIELDS_OF_THEIR_OWN = {"EM", "FX", "TE"}


class Words(NamedTuple):
    """A table, and the names its standard gives the codes of the element that stands beside it."""

    codes: Codes
    names: Mapping[str, str]


@cache
def tables(standard: str, *versions: str) -> dict[str, Words]:
    text = maps.package(f"{standard}/codes")
    assert text is not None
    numbers = {name: ELEMENT.search(body) for name, body in TABLE.findall(text)}
    lists = [dictionary(f"{standard}/{version}").elements for version in versions]
    found = {}
    for name, table in marked_yaml.load(text, f"{standard}/codes.yaml").data["codes"].items():
        listed = {word: [codes] if isinstance(codes, str) else codes for word, codes in table.items()}
        number = numbers[name]
        named = [elements[number[1]].codes or {} for elements in lists if number and number[1] in elements]
        found[name] = Words(
            codecs.codes(name, standard, listed), {c: n for one in named for c, n in one.items()}
        )
    return found


def edifact() -> dict[str, Words]:
    return tables("edifact", "D96A", "D01B")


def twins() -> dict[str, tuple[Words, Words]]:
    """The tables that both standards have, ours and X12's."""
    theirs = tables("x12", "004010")
    pairs = {name: (ours, theirs.get(TWINS.get(name, name))) for name, ours in edifact().items()}
    return {name: (ours, x12) for name, (ours, x12) in pairs.items() if x12 and name not in OF_THEIR_OWN}


def test_every_code_with_a_word_stands_on_the_guides_list() -> None:
    """Else a document that says it would be told that it is not the standard's."""
    strange = [(name, c) for name, of in edifact().items() for c in of.codes.words if c not in of.names]
    assert strange == []


def test_words_are_lower_case() -> None:
    words = [word for of in edifact().values() for word in of.codes.codes]
    assert [word for word in words if not re.fullmatch(r"[a-z][a-z0-9]*([ -][a-z0-9]+)*", word)] == []


def test_what_a_contacts_fields_hold_has_no_word_besides() -> None:
    assert not FIELDS_OF_THEIR_OWN & set(edifact()["contact_ways"].codes.words)


def test_a_word_is_spelled_as_x12_spells_it() -> None:
    """The same words in another order, number or hyphenation would be one meaning under two names."""
    apart = {}
    for name, (ours, x12) in twins().items():
        spelled = {_parts(word): word for word in x12.codes.codes}
        own = set(ours.codes.codes) - set(x12.codes.codes)
        theirs = {word: spelled.get(_parts(word), word) for word in own}
        apart.update({(name, word): one for word, one in theirs.items() if one != word})
    assert apart == {}


def test_what_both_standards_name_alike_has_one_word() -> None:
    apart: dict[tuple[str, str], str] = {}
    for name, (ours, x12) in twins().items():
        words = {_name(x12.names[c]): word for c, word in x12.codes.words.items() if c in x12.names}
        theirs = {code: words[_name(text)] for code, text in ours.names.items() if _name(text) in words}
        apart.update({(name, c): w for c, w in theirs.items() if ours.codes.words.get(c) != w})
    assert {place: word for place, word in apart.items() if place not in NOT_THE_SAME} == {}


@pytest.mark.parametrize(
    ("table", "x12", "code"),
    [
        ("units", "EA", "EA"),
        ("units", "KG", "KGM"),
        ("units", "TN", "STN"),  # the American ton is not the tonne
        ("roles", "ST", "DP"),
        ("roles", "BT", "IV"),
        ("party_ids", "UL", "9"),
        ("references", "PO", "ON"),
        ("references", "MA", "AAK"),
        ("dates", "002", "2"),
        ("dates", "063", "63"),
        ("item_ids", "VP", "SA"),
        ("item_ids", "EN", "EN"),
        ("charges", "A", "A"),
        ("freight_payers", "PS", "WD"),
        ("answers", "AT", "AP"),
    ],
)
def test_what_x12_says_edifact_says(table: str, x12: str, code: str) -> None:
    ours, theirs = twins()[table]
    assert ours.codes.write(theirs.codes.read(x12)) == code


def _parts(word: str) -> tuple[str, ...]:
    return tuple(sorted(part.rstrip("s") for part in re.split("[ -]", word)))


def _name(text: str) -> str:
    """A code's name without what the standards spell each in its own way."""
    plain = text.lower().replace("colour", "color").replace("'s", "")
    plain = re.sub(r"\b(number|code|contact|date|time|date/time)\b", " ", plain)
    return re.sub(r"\W+", " ", plain).strip()
