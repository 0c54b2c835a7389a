"""A record's field, as a guide says it behind name and place: `zoned2 M`, `date(dd.MM.yyyy)`, `text(right)`.

text text(right) secret                 as they stand
integer n0..n9 zoned0..9 packed0..9     whole numbers, the last digits decimals; overpunched; two digits a byte
number number(,) number(.,)             with a decimal mark; number(,-) n2(-) with the sign behind
date(P or P) time(P) moment(P)          by a pattern of yyyy yy MM M dd d HH H mm ss, or one of several
boolean(Y/N)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gateway.guides import forms
from gateway.guides.model import Element

FIX = {
    "fixed": "write `sku 4..23 M`, `qty 24..31 zoned2`, `shipped 32..39 date(yyyyMMdd)`",
    "csv": 'write `po: "PO # | M"`, `price: "Price | number(,)"`; by position [po 1 M, price 4 number]',
}
WIDEST = 28
"""Digits of a number whose field has no width."""
LONGEST = 1 << 20
"""Characters of a text whose field has no width."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The guide's row of a field, and how it is filled up and cut."""

    element: Element
    required: bool = False
    right: bool = False
    fill: str = " "
    whole: bool = True
    packed: bool = False
    signed: bool = False
    nothing: tuple[str, ...] = ()


def typed(name: str, said: str, width: int | None, codes: Any = None) -> Typed:
    """The field. `codes`, a list or mapping, close it. Raises ValueError with what is wrong."""
    words = said.split(" ") if said.strip() else []
    use = next((words.pop(at) for at in (-1, 0) if words and words[at] in ("M", "O")), "O")
    text = " ".join(words) or "text"
    kind = forms.TYPE.fullmatch(text)
    if kind is None or kind["name"] not in TYPES:
        raise ValueError(f"no type {text}; known: {', '.join(TYPES)}")
    if kind["places"] and kind["name"] not in PLACED:
        raise ValueError(f"no type {text}; decimals have {', '.join(PLACED)}")
    if len(kind["places"]) > 1 or (kind["name"] in PLACED and not kind["places"]):
        raise ValueError(f"{text}: {kind['name']} takes its decimals, 0 to 9: {kind['name']}2")
    widest = max(map(len, (kind["said"] or "").split(forms.OR)))
    if width is not None and kind["name"] in PATTERNED and widest > width:
        raise ValueError(f"{text}: wider than its {width} columns")
    found = TYPES[kind["name"]](name, kind["places"], kind["said"] or "", width)
    element = found.element
    if codes is not None:
        if not isinstance(codes, list | dict) or not codes:
            raise ValueError("codes: not a list of codes")
        names = {str(code): str(codes[code] or "") if isinstance(codes, dict) else "" for code in codes}
        element = replace(element, codes=names, closed=True)
    return replace(found, element=element, required=use == "M")


def _text(name: str, places: str, said: str, width: int | None) -> Typed:
    if said not in ("", "right"):
        raise ValueError(f"text({said}): text, or text(right)")
    return Typed(Element(name, name, "AN", 1, width or LONGEST), right=bool(said), whole=False)


def _secret(name: str, places: str, said: str, width: int | None) -> Typed:
    found = _text(name, places, "", width)
    return replace(found, element=replace(found.element, secret=True))


def _whole(name: str, places: str, said: str, width: int | None) -> Typed:
    if said not in ("", forms.BEHIND):
        raise ValueError(f"({said}): nothing in brackets, or (-) where the sign stands behind")
    form = forms.behind() if said else None
    digits = max((width or WIDEST) - (said != ""), 1)
    element = Element(name, name, f"N{places or 0}", 1, digits, form=form)
    return Typed(element, right=True, fill="0", signed=said != "")


def _zoned(name: str, places: str, said: str, width: int | None) -> Typed:
    found = _whole(name, places, "", width)
    return replace(found, element=replace(found.element, form=forms.ZONED))


def _packed(name: str, places: str, said: str, width: int | None) -> Typed:
    if width is None:
        raise ValueError("packed numbers stand in fixed columns")
    return Typed(Element(name, name, f"N{places}", 1, width * 2 - 1), right=True, packed=True)


def _number(name: str, places: str, said: str, width: int | None) -> Typed:
    form = forms.marked(said) if said else None
    element = Element(name, name, "R", 1, width or WIDEST, form=form)
    return Typed(element, right=True, signed=said.endswith(forms.BEHIND))


def _date(name: str, places: str, said: str, width: int | None) -> Typed:
    form = forms.pattern("date", said)
    size = 8 if "yyyy" in said else 6
    plain = said in ("yyyyMMdd", "yyMMdd")
    return Typed(Element(name, name, "DT", size, size, form=None if plain else form), nothing=_zeros(said))


def _zeros(said: str) -> tuple[str, ...]:
    """What stands where there is no date."""
    return tuple(re.sub("[yMdHms]", "0", one) for one in said.split(forms.OR))


def _time(name: str, places: str, said: str, width: int | None) -> Typed:
    return Typed(Element(name, name, "TM", 4, 6, form=forms.pattern("time", said)))


def _moment(name: str, places: str, said: str, width: int | None) -> Typed:
    form = forms.pattern("moment", said)
    return Typed(Element(name, name, "TS", 12, 14, form=form), nothing=_zeros(said))


def _boolean(name: str, places: str, said: str, width: int | None) -> Typed:
    return Typed(Element(name, name, "AN", 4, 5, form=forms.truth(said)))


TYPES: dict[str, Callable[[str, str, str, int | None], Typed]] = {
    "text": _text,
    "secret": _secret,
    "integer": _whole,
    "n": _whole,
    "number": _number,
    "zoned": _zoned,
    "packed": _packed,
    "date": _date,
    "time": _time,
    "moment": _moment,
    "boolean": _boolean,
}
PATTERNED = ("date", "time", "moment")
PLACED = ("n", "zoned", "packed")
