"""Whether what answers an order agrees with it, line by line: quantities, prices, money. Nothing is converted.

Lines meet by their number, else by what the item is called. A quantity in another unit than the order's is told, and
never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gateway.canonical.answers import REFUSES, Amount, Answer, Said, about, said
from gateway.canonical.meeting import Lines
from gateway.canonical.order import Line, PurchaseOrder
from gateway.canonical.order_acknowledgment import OrderAcknowledgment
from gateway.canonical.parts import Price, Quantity
from gateway.canonical.pricing import unit_price
from gateway.canonical.sums import cents
from gateway.faults import Code, Fault, Place

TAKES_THE_REST = frozenset({"no detail or change", "accepted", "exception detail"})
"""Verdicts by which a line the acknowledgment does not speak of is accepted as it was ordered."""

Key = int | tuple[str | None, frozenset[tuple[str, str]]]
"""A line of the order by its place, or one the order does not have by what it is called."""

Heard = dict[str, list[Amount]]


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was said of one line, in which unit, and what it is worth where prices tell. None: it was not said.

    `apart` are quantities in other units, which the sum is without.
    """

    quantity: Decimal | None = None
    unit: str | None = None
    worth: Fraction | None = None
    apart: tuple[Quantity, ...] = ()

    @property
    def money(self) -> Decimal | None:
        """What it is worth, to the cent."""
        return None if self.worth is None else cents(Decimal(self.worth.numerator) / self.worth.denominator)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a line of an order has come. A line that the order does not have, but an answer has, is not `ordered`."""

    number: str | None
    ids: Mapping[str, str]
    ordered: Tally | None = None
    acknowledged: Tally | None = None
    backordered: Tally | None = None
    shipped: Tally | None = None
    invoiced: Tally | None = None

    @property
    def differing(self) -> tuple[str, ...]:
        """Those of `acknowledged`, `shipped` and `invoiced` that do not say what was said just before them."""
        earlier = [self.ordered] if self.ordered else []
        found = []
        for name in ("acknowledged", "shipped", "invoiced"):
            if tally := getattr(self, name):
                if not _follows(tally, earlier):
                    found.append(name)
                earlier.append(tally)
        return tuple(found)

    @property
    def agrees(self) -> bool:
        return not self.differing


def exceeding(order: PurchaseOrder, answer: Answer) -> list[Fault]:
    """What the answer promises, ships or charges that was not ordered so.

    A line that was not ordered, and more than was ordered, are faults; another price and another unit are notes.
    """
    lines, sums, over = Lines(order.lines), dict[int, Decimal](), dict[int, Fault]()
    faults: list[Fault] = []
    for one in said(order, answer):
        at = lines.met(one.number, one.line.ids)
        if at is None:
            faults.append(_not_ordered(order, one))
            continue
        ordered = lines[at]
        faults += _other_terms(ordered, one)
        for amount in one.amounts:
            sums[at] = sums.get(at, Decimal(0)) + (_quantity(amount, ordered) or Decimal(0))
            if ordered.quantity is not None and sums[at] > ordered.quantity:
                over[at] = _too_much(ordered, amount, sums[at])
    return faults + list(over.values())


def standing(order: PurchaseOrder, answers: Iterable[Answer]) -> list[Standing]:
    """Each line of the order and how far it has come, then what answers have and the order does not.

    Lines of the order that nothing tells apart are one.
    `answers` come in the order of time. What a later acknowledgment says of a line stands for what an earlier one said;
    ship notices and invoices add up, but for those of one number, where the last stands, and a cancelled one for none.
    """
    lines = Lines(order.lines)
    heard: dict[Key, Heard] = {at: {} for at in lines}
    for answer in counting(answers):
        for key, amounts in _by_line(order, lines, answer).items():
            before = heard.setdefault(key, {})
            if isinstance(answer, OrderAcknowledgment):
                before.update({"acknowledged": [], "backordered": []})
            for amount in amounts:
                before.setdefault(amount.what, []).append(amount)
    return [_stands(lines, key, amounts) for key, amounts in heard.items()]


# -- what does not agree


def _not_ordered(order: PurchaseOrder, one: Said) -> Fault:
    called = one.number or ", ".join(f"{kind} {value}" for kind, value in one.line.ids.items())
    return Fault(Code.NO_SUCH_LINE, Place(field=one.path), called or None, f"a line of order {order.number}")


def _too_much(ordered: Line, amount: Amount, total: Decimal) -> Fault:
    most = " ".join(filter(None, (f"at most {ordered.quantity:f}", ordered.unit)))
    own = total if amount.quantity is None else amount.quantity
    together = f"; {total:f} in all" if own != total else ""
    came = Place(field=amount.path)
    return Fault(Code.QUANTITY_EXCEEDS, came, f"{own:f}", f"{most}, as ordered{together}")


def _other_terms(ordered: Line, one: Said) -> Iterator[Fault]:
    agreed = unit_price(ordered)
    if agreed is not None and one.price is not None and agreed != one.price:
        place = Place(field=f"{one.path}.price")
        yield Fault(Code.PRICE_DIFFERS, place, _stated(one.line), _stated(ordered))
    for amount in one.amounts:
        if not _in_unit(amount.unit, ordered.unit):
            yield Fault(Code.UNIT_DIFFERS, Place(field=amount.path), amount.unit, ordered.unit)


def _stated(line: Line) -> str:
    """A line's price in its own words."""
    price = line.price or Price()
    amount = f"{price.amount:f}" if price.amount is not None else None
    per = f"for {price.per:f}" if price.per is not None else None
    return " ".join(filter(None, (amount, per, price.basis)))


# -- how far a line has come


def counting(answers: Iterable[Answer]) -> list[Answer]:
    """Those that stand: of ship notices and invoices of one number the last, of a cancelled one none."""
    last: dict[object, Answer] = {}
    for number, answer in enumerate(answers):
        again = not isinstance(answer, OrderAcknowledgment) and answer.number is not None
        name = (type(answer), answer.number) if again else number
        last.pop(name, None)
        if answer.purpose != "cancellation":
            last[name] = answer
    return list(last.values())


def _by_line(order: PurchaseOrder, lines: Lines, answer: Answer) -> dict[Key, list[Amount]]:
    found: dict[Key, list[Amount]] = {}
    for one in said(order, answer):
        at = lines.met(one.number, one.line.ids)
        key: Key = (one.number, frozenset(one.line.ids.items())) if at is None else at
        found.setdefault(key, []).extend(one.amounts)
    if isinstance(answer, OrderAcknowledgment) and about(order, answer.order):
        rest = _rest(answer.verdict)
        found.update({at: rest for at in lines if rest and at not in found})
    return found


def _rest(verdict: str | None) -> list[Amount]:
    """What an acknowledgment says of a line it does not speak of."""
    if verdict in TAKES_THE_REST:
        return [Amount("acknowledged", "verdict", None, None)]
    return [Amount("acknowledged", "verdict", Decimal(0), None)] if verdict in REFUSES else []


def _stands(lines: Lines, key: Key, heard: Heard) -> Standing:
    if not isinstance(key, int):
        number, ids = key
        return Standing(number, dict(ids), None, **_tallies(Line(), heard))
    line = lines[key]
    itself = Amount("ordered", "quantity", line.quantity, line.unit, unit_price(line))
    return Standing(line.number, line.ids, **_tallies(line, {"ordered": [itself], **heard}))


def _tallies(line: Line, heard: Heard) -> dict[str, Tally]:
    return {what: _tally(line, amounts) for what, amounts in heard.items() if amounts}


def _tally(line: Line, amounts: list[Amount]) -> Tally:
    unit = line.unit or next((one.unit for one in amounts if one.unit), None)
    found = [(quantity, one.price) for one in amounts if (quantity := _quantity(one, line, unit)) is not None]
    apart = [one for one in amounts if not _in_unit(one.unit, unit)]
    return Tally(
        quantity=sum((quantity for quantity, _ in found), Decimal(0)) if found else None,
        unit=unit,
        worth=_worth(found),
        apart=tuple(Quantity(value=one.quantity, unit=one.unit) for one in apart),
    )


def _worth(found: list[tuple[Decimal, Fraction | None]]) -> Fraction | None:
    """What it comes to, where every price is known."""
    sums = [Fraction(quantity) * price for quantity, price in found if price is not None]
    return sum(sums, Fraction(0)) if found and len(sums) == len(found) else None


def _quantity(amount: Amount, ordered: Line, unit: str | None = None) -> Decimal | None:
    """As much as was ordered, where the amount does not say; None where that is not known, or in another unit."""
    if not _in_unit(amount.unit, unit or ordered.unit):
        return None
    return ordered.quantity if amount.quantity is None else amount.quantity


def _in_unit(unit: str | None, ordered: str | None) -> bool:
    return unit is None or ordered is None or unit == ordered


def _follows(tally: Tally, earlier: list[Tally]) -> bool:
    """Whether it repeats the quantity last said, and the price that was last told."""
    if not earlier or tally.apart or earlier[-1].quantity not in (None, tally.quantity):
        return False
    priced = [one for one in earlier if one.worth is not None]
    return not priced or tally.worth is None or _at_one_price(tally, priced[-1])


def _at_one_price(one: Tally, other: Tally) -> bool:
    return _times(one.worth, other.quantity) == _times(other.worth, one.quantity)


def _times(worth: Fraction | None, quantity: Decimal | None) -> Fraction:
    return (worth or Fraction(0)) * Fraction(quantity or 0)
