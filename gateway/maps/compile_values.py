"""What one text is read as, as Python source: values of documents repeat, so most are looked up where they were before.

What the guide has seen to need not be asked again: a number that passed is one.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.guides.generate import Source
from gateway.maps import spelling
from gateway.maps.codecs import Codec
from gateway.maps.compile_places import Layout, Places
from gateway.maps.model import Spot, Words
from gateway.maps.moments import DAY, FORMATTED
from gateway.maps.values import scale

MEMO = 20_000
EXACT = 28
"""Digits up to which Decimal's context leaves every number as it is."""

SMALL = {str(number): Decimal(number) for number in range(1000)}
"""Most quantities: looking one up takes a third of making it."""

Memos = dict[Any, tuple[dict[Any, Any], Callable[[Any], Any]]]


class Declined(Exception):
    """There is something to say about this document: the exact reader shall say it."""


def remembering(read: Callable[[Any], Any]) -> tuple[dict[Any, Any], Callable[[Any], Any]]:
    """(what was read before, how to read what was not): values of documents repeat."""
    memo: dict[Any, Any] = {}

    def found(text: Any) -> Any:
        value = read(text)
        if value is not None:
            if len(memo) >= MEMO:
                memo.clear()
            memo[text] = value
        return value

    return memo, found


class Readings(Places):
    """Writes what makes a value of a text that a place has found. `memos` are all the map's."""

    def __init__(self, source: Source, layout: Layout, first_of_group: int | None, memos: Memos) -> None:
        super().__init__(source, layout, first_of_group)
        self.memos = memos

    def memo(self, key: Any, read: Callable[[Any], Any]) -> tuple[str, str]:
        """The names of a memory and of what fills it."""
        if key not in self.memos:
            self.memos[key] = remembering(read)
        memo, found = self.memos[key]
        return self.const(memo), self.const(found)

    def word_memo(self, words: Words) -> tuple[str, str]:
        return self.memo(("word", words.codes), _read_word(words.codes))

    def look_up(self, memo: tuple[str, str], text: str, x: str) -> None:
        self.add(f"{x} = {memo[0]}.get({text})")
        self.add(f"if {x} is None: {x} = {memo[1]}({text})")

    def read(self, spot: Spot, text: str, x: str) -> tuple[str, bool]:
        """The name of the text's value, and whether there always is one: codecs, and a period, may leave nothing."""
        if spot.conversion is not None and not spot.codecs:
            marked = spot.elements[0].type == "R" and "," in spot.elements[0].marks
            if spot.conversion.name.endswith(" str") and not marked:
                return text, True
            if number := self.number(spot, text):
                self.add(f"{x} = {number}")
                return x, True
        self.look_up(self.memo(alike(spot), read_formed(spot) or read_spot(spot)), text, x)
        return x, not spot.codecs and spot.timing not in (FORMATTED, DAY)

    def number(self, spot: Spot, text: str) -> str | None:
        """A number's value as an expression, where the guide has seen to it that the text is one."""
        element, kind = spot.elements[0], spot.conversion.name.partition(" ")[2] if spot.conversion else ""
        if element.type == "AN" or element.max > EXACT or element.type == "ID" or element.form is not None:
            return None
        if kind == "int" and element.type == "N0":
            return f"{self.const(int)}({text})"
        if kind != "Decimal":
            return None
        if plain := self.decimal(spot, text):
            return f"(len({text}) < 4 and {self.const(SMALL)}.get({text})) or {plain}"
        return f"{self.const(Decimal)}({text}).scaleb(-{scale(element)})"

    def decimal(self, spot: Spot, text: str) -> str | None:
        """The number where the text is one as it stands."""
        element = spot.elements[0]
        free = (
            spot.codecs
            or element.type in ("AN", "ID")
            or element.max > EXACT
            or scale(element)
            or element.form
        )
        decimal = spot.conversion is not None and spot.conversion.name.endswith(" Decimal")
        marked = f"{text}.replace(',', '.')" if "," in element.marks else text
        return f"{self.const(Decimal)}({marked})" if decimal and not free else None


def read_spot(spot: Spot) -> Callable[[Any], Any]:
    """The interpreter's own reading of one spot; a code without a word is its to remark on."""

    def read(given: Any) -> Any:
        texts = given if isinstance(given, tuple) else (given,)
        value = spelling.read(spot, texts)
        if value is not None and not spelling.known(spot, texts):
            raise Declined
        return value

    return read


def read_formed(spot: Spot) -> Callable[[Any], Any] | None:
    """A number that has a form of its own, and that the guide has seen to be one; None for all else."""
    element = spot.elements[0]
    decimal = spot.conversion is not None and spot.conversion.name.endswith(" Decimal")
    if element.form is None or spot.codecs or not decimal or element.max > EXACT or element.type == "AN":
        return None
    form, places = element.form.read, -scale(element)
    if not places:
        return lambda text: Decimal(form(text))
    return lambda text: Decimal(form(text)).scaleb(places)


def _read_word(codec: Codec) -> Callable[[str], str]:
    def read(code: str) -> str:
        if not codec.knows(code):
            raise Declined
        return codec.read(code)

    return read


def alike(spot: Spot) -> Any:
    """What two spots share when they read every text alike."""
    kinds = tuple((element.type, element.max, element.form) for element in spot.elements)
    meeting = spot.timing or spot.conversion
    return (meeting and meeting.name, spot.codecs, kinds)
