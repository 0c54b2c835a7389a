"""One value for one spot, at random: of the canonical type, as long as the element allows, through the codecs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from gateway.canonical import Moment, gs1
from gateway.guides.model import Element
from gateway.guides.tree import SegmentNode
from gateway.maps.codecs import Codes, Lookup, Pad, Split, Sscc, Upper
from gateway.maps.locate import passes, set_text
from gateway.maps.model import Spot, Words
from gateway.maps.moments import APART, DAY, WHOLE, ZONE_CODES
from gateway.maps.values import scale

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEXT = f"{LETTERS}abcdefghijklmnopqrstuvwxyz0123456789-.,/#&()' "
LONGEST = 14
FIRST_DAY = date(2000, 1, 1)
RAW_SHARE = 0.1
TRIES = 20


def value(spot: Spot, random: Random) -> Any:
    """A canonical value the spot can hold."""
    element = spot.elements[0]
    if spot.timing is not None:
        return _moment(spot, random) if spot.timing is APART else _formatted(spot, random)
    if spot.conversion is None:
        raise TypeError(f"{spot.place.text}: neither a value nor a moment")
    for codec in reversed(spot.codecs):
        if isinstance(codec, Codes):
            return word(codec, element, random)
        if isinstance(codec, Lookup):
            return random.choice(list(codec.theirs))
        if isinstance(codec, Sscc):
            digits = f"{random.randrange(10**17):017d}"
            return digits + gs1.check_digit(digits)
    kind = spot.conversion.name.split()[1]
    made = MADE[kind](element, random)
    return _through(spot, made, random) if kind == "str" else made


def word(codes: Codes, element: Element, random: Random) -> str:
    """A word of the table whose code the element can hold; now and then a code without a word."""
    fitting = [one for one, code in codes.codes.items() if _holds(element, code)]
    if not fitting or random.random() < RAW_SHARE:
        raw = _raw(codes, element, random)
        if not fitting or raw not in codes.words:
            return f"{codes.standard}:{raw}"
    return random.choice(fitting)


def free_word(binding: Words, random: Random) -> str | None:
    """A word for one more entry of a mapping: none that another field has taken."""
    place, codes = binding.spots[-1].place, binding.codes
    if not isinstance(codes, Codes):
        return None
    seat = next(place.pair.pairs.seats)[0] if place.pair is not None else place.word_seat
    own = place.own or place.only.any_code
    spec = place.spec if own or place.pair is not None else place.steps[-1].loop.children[0].spec
    if seat is None or spec is None:
        return None
    element = spec.element(seat)
    for _ in range(TRIES):
        found = word(codes, element, random)
        if not _taken(binding, codes.write(found)):
            return found
    return None


def _taken(binding: Words, code: str) -> bool:
    place = binding.spots[-1].place
    if place.pair is not None:
        return code in place.pair.but
    only = place.only if place.only.any_code else place.steps[-1].only
    segment = SegmentNode(None, [place.spec.tag])
    if place.word_seat:
        set_text(segment, place.word_seat, code)
    return any(passes(segment, tests) for tests in only.but)


def _holds(element: Element, code: str) -> bool:
    allowed = not element.closed or element.codes is None or code in element.codes
    return element.min <= len(code) <= element.max and allowed


def _raw(codes: Codes, element: Element, random: Random) -> str:
    if element.closed and element.codes:
        left = [code for code in element.codes if code not in codes.words]
        return random.choice(left or list(element.codes))
    while True:
        code = "".join(
            random.choice(LETTERS) for _ in range(random.randint(element.min, min(element.max, 4)))
        )
        if code not in codes.words:
            return code


def _through(spot: Spot, text: str, random: Random) -> str:
    """A text that the codecs, which only take some, can carry."""
    for codec in spot.codecs:
        if isinstance(codec, Pad):
            text = text[: codec.size].lstrip(codec.fill) or "7"
        elif isinstance(codec, Split):
            text = text.replace(codec.separator, "") or "X"
        elif isinstance(codec, Upper):
            text = text.upper()
    return text.strip() or "X"


def _text(element: Element, random: Random) -> str:
    if element.closed and element.codes:
        return random.choice(list(element.codes))
    if element.type in SPELLED:
        return SPELLED[element.type](element, random)
    if element.type.startswith("N") or element.type == "R":
        return str(random.randint(10 ** (element.min - 1), 10 ** min(element.max, element.min + 3) - 1))
    alphabet = LETTERS if element.type == "ID" else TEXT
    size = random.randint(element.min, max(element.min, min(element.max, LONGEST)))
    inner = "".join(random.choice(alphabet) for _ in range(size))
    return (
        random.choice(LETTERS) + inner[1:-1] + random.choice(LETTERS) if size > 1 else random.choice(LETTERS)
    )


def _decimal(element: Element, random: Random) -> Decimal:
    digits = random.randint(element.min, min(element.max, 9))
    number = Decimal(random.randint(10 ** (digits - 1), 10**digits - 1))
    places = scale(element) if element.type.startswith("N") else random.randint(0, min(2, digits - 1))
    return number.scaleb(-places)


def _integer(element: Element, random: Random) -> int:
    return random.randint(0, 10 ** min(element.max, 6) - 1)


def _date(element: Element, random: Random) -> date:
    return FIRST_DAY + timedelta(days=random.randrange(15_000))


def _time(element: Element, random: Random) -> time:
    seconds = random.randrange(60) if element.max >= 6 else 0
    hundredths = random.randrange(100) if element.max >= 8 and random.random() < 0.3 else 0
    return time(random.randrange(24), random.randrange(60), seconds, hundredths * 10_000)


def _moment(spot: Spot, random: Random) -> Moment:
    day, rest = _date(spot.elements[0], random), spot.elements[1:]
    if len(spot.elements) > 3 and random.random() < 0.2:
        day = date(random.randint(1800, 1968), day.month, min(day.day, 28))  # only a century can say that
    demanded = [spot.place.spec.uses[at.element - 1].required for at in spot.place.also]
    if not rest or (not any(demanded) and random.random() < 0.5):
        return Moment(day)
    zone = random.choice(list(ZONE_CODES)) if len(rest) > 1 and random.random() < 0.5 else None
    return Moment(day, _time(rest[0], random), zone)


def _formatted(spot: Spot, random: Random) -> Moment | date:
    """A day, or with a time to the minute or second; where one text holds both, always that."""
    day = _date(spot.elements[0], random)
    if spot.timing is WHOLE:
        form = spot.elements[0].form
        second = random.randrange(60) if form is not None and "ss" in form.name else 0
        return Moment(day, time(random.randrange(24), random.randrange(60), second))
    if spot.timing is DAY or random.random() < 0.5:
        return day if spot.timing is DAY else Moment(day)
    at = time(random.randrange(24), random.randrange(60), random.choice((0, random.randrange(60))))
    return Moment(day, at, "Z" if random.random() < 0.3 else None)


SPELLED: dict[str, Callable[[Element, Random], str]] = {
    "DT": lambda element, random: f"{_date(element, random):%Y%m%d}"[-element.max :],
    "TM": lambda element, random: f"{_time(element, random):%H%M}",
}
MADE: dict[str, Callable[[Element, Random], Any]] = {
    "str": _text,
    "Decimal": _decimal,
    "int": _integer,
    "date": _date,
    "time": _time,
}
