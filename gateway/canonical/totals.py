"""What an invoice adds up to, to the cent. Where it says otherwise that is a fault; where nobody can tell, nothing is.

Lines are quantity times price by what the price is for; line charges, header charges and taxes come on top, allowances
off. The trade rounds half up, line by line or once, and leaves some things open (a charge of the header that only
repeats those of the lines): such a total is right when any accepted reading gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import TypeVar

from gateway.canonical.invoice import CREDITS, Invoice, InvoicedLine
from gateway.canonical.order import Line
from gateway.canonical.parts import AllowanceCharge, Tax
from gateway.canonical.pricing import lot_size
from gateway.faults import Code, Fault, Place

K = TypeVar("K")
Check = Callable[[Invoice], Iterator[Fault]]

CENT = Decimal("0.01")
MOST_READINGS = 4096
HASH_DIGITS = 10**10
"""A hash total keeps that many digits, and drops what is left of them."""

FREE = ("no charge", "not separately priced")

SIGNS = {"charge": 1, "allowance": -1, "service": 1, "promotion": -1}
UNSURE_KINDS = ("service", "promotion")
SETTLED_ELSEWHERE = ("information only", "bill back", "vendor check", "charge to be paid by vendor")
SETTLED_HERE = (None, "off invoice", "charge to be paid by customer")
NOT_ADDED = ("included", "information only")
TOLD_AS_AMOUNTS = ("service charge", "adjustment", "tax")
"""Some senders say these as amounts of the invoice, and some repeat them there."""


class Untold(ArithmeticError):
    """Something the sum needs is not said, or is said in a way that nobody can count with."""


@dataclass(frozen=True, slots=True)
class Term:
    """An amount of the sum; `open` where some count it and some do not."""

    amount: Decimal
    open: bool = False


def unbalanced(invoice: Invoice) -> list[Fault]:
    """Where the total, the hash total or a line's total is not what the invoice adds up to, by the field's path."""
    checks: list[Check] = [partial(_line, number) for number in range(len(invoice.lines))]
    return [fault for check in (*checks, _total, _hash_total) for fault in _told(check, invoice)]


def _told(check: Check, invoice: Invoice) -> list[Fault]:
    """What the check finds; nothing where the sum is not told, or of numbers beyond all counting."""
    try:
        return list(check(invoice))
    except ArithmeticError:
        return []


def _line(number: int, invoice: Invoice) -> Iterator[Fault]:
    line = invoice.lines[number]
    stated = [(at, one.amount) for at, one in enumerate(line.amounts) if one.kind == "line total"]
    if not stated:
        return
    extras = [Term(one.amount, True) for one in _extras(line, invoice.currency)]
    sums = readings([Term(_extended(line)), *extras])
    for at, amount in stated:
        if amount is not None and amount not in sums:
            yield _fault(f"lines[{number}].amounts[{at}].amount", amount, sums)


def _total(invoice: Invoice) -> Iterator[Fault]:
    lines, charges, taxes, more = _goods(invoice), _charges(invoice), _taxes(invoice), _amounts(invoice)
    sums = readings([*lines, *charges, *taxes, *more])
    if invoice.kind in CREDITS:
        sums |= {-one for one in sums}
    if invoice.total not in sums:
        said = _counted(lines=lines, charges=charges, taxes=taxes, amounts=more)
        yield _fault("total", invoice.total, sums, said)


def _hash_total(invoice: Invoice) -> Iterator[Fault]:
    """The sum of the invoiced quantities; X12 sums their digits, without decimal points and signs."""
    stated = invoice.control_total
    quantities = [line.quantity for line in invoice.lines if line.quantity is not None]
    if stated is None or not quantities or len(quantities) < len(invoice.lines):
        return
    digits = sum(int("".join(map(str, one.as_tuple().digits))) for one in quantities) % HASH_DIGITS
    if stated not in (sum_of(Term(one) for one in quantities), digits):
        yield _fault("control_total", stated, {sum_of(Term(one) for one in quantities)})


def _fault(path: str, stated: Decimal, sums: set[Decimal], hint: str | None = None) -> Fault:
    nearest = min(sums, key=lambda one: (abs(one - stated), one))
    return Fault(Code.TOTAL, Place(field=path), f"{stated:f}", f"{nearest:f}", hint=hint)


def _counted(**parts: list[Term]) -> str:
    said = ", ".join(f"{name} {cents(sum_of(terms))}" for name, terms in parts.items() if terms)
    unsure = [
        str(cents(term.amount)) for terms in parts.values() for term in terms if term.open and term.amount
    ]
    either = f"; {', '.join(unsure)} of it may count or not" if unsure else ""
    return f"compare it with what was counted: {said}{either}"


# -- sums


def cents(amount: Decimal) -> Decimal:
    """Half a cent is rounded up, away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def sum_of(terms: Iterable[Term]) -> Decimal:
    return sum((term.amount for term in terms), Decimal(0))


def readings(terms: list[Term]) -> set[Decimal]:
    """Every sum that an accepted reading gives: rounded once or term by term, with each open term or without it."""
    sure = [term for term in terms if not term.open]
    sums = {cents(sum_of(sure)), sum((cents(term.amount) for term in sure), Decimal(0))}
    for term in terms:
        if term.open and term.amount:
            sums |= {cents(one + term.amount) for one in sums}
        if len(sums) > MOST_READINGS:
            raise Untold
    return sums


# -- what is summed


def _goods(invoice: Invoice) -> list[Term]:
    """The lines, with their own charges and taxes."""
    if not invoice.lines:
        raise Untold
    found = []
    for line in invoice.lines:
        found += [Term(_priced(line)), *_extras(line, invoice.currency)]
    return found


def _charges(invoice: Invoice) -> list[Term]:
    """The header's; those of a service that come to what the lines' of it come to may only repeat them."""
    repeated = _repeated(
        [((one.kind, one.service), one.amount) for one in invoice.charges],
        [((one.kind, one.service), one.amount) for line in invoice.lines for one in line.charges],
    )
    return [
        Term(term.amount, term.open or (charge.kind, charge.service) in repeated or _taxed(charge, invoice))
        for charge in invoice.charges
        for term in _charge(charge, invoice.currency)
    ]


def _taxed(charge: AllowanceCharge, invoice: Invoice) -> bool:
    """Whether the charge is a tax, which the invoice may say as such too."""
    return bool(invoice.taxes) and (charge.service or "").startswith("tax")


def _taxes(invoice: Invoice) -> list[Term]:
    """The header's; the same holds of them, and of one that says it is all taxes together."""
    below = [(tax.kind, tax.amount) for line in invoice.lines for tax in line.taxes]
    repeated = _repeated(
        [(tax.kind, tax.amount) for tax in invoice.taxes],
        [*below, *(("all", amount) for kind, amount in below if kind != "all")],
    )
    together = {"all"} if len(invoice.taxes) > 1 else set()
    return [Term(_tax(tax), tax.kind in repeated | together) for tax in invoice.taxes]


def _repeated(above: list[tuple[K, Decimal | None]], below: list[tuple[K, Decimal | None]]) -> set[K]:
    """The kinds that come to the same above as below."""
    there = _by_kind(below)
    return {kind for kind, amount in _by_kind(above).items() if amount and amount == there.get(kind)}


def _by_kind(said: list[tuple[K, Decimal | None]]) -> dict[K, Decimal]:
    found: dict[K, Decimal] = {}
    for kind, amount in said:
        found[kind] = found.get(kind, Decimal(0)) + (amount or 0)
    return found


def _amounts(invoice: Invoice) -> list[Term]:
    return [Term(one.amount, True) for one in invoice.amounts if one.kind in TOLD_AS_AMOUNTS and one.amount]


def _extras(line: Line, currency: str | None) -> Iterator[Term]:
    """What comes on top of a line, or off it."""
    for charge in line.charges:
        yield from _charge(charge, currency)
    yield from (Term(_tax(tax)) for tax in line.taxes)


def _priced(line: InvoicedLine) -> Decimal:
    """Quantity times price; where there is no price, what the line says it comes to."""
    for inner in line.inner:
        if inner.relation not in (None, *NOT_ADDED) and (inner.price or inner.charges or inner.taxes):
            raise Untold
    try:
        return _extended(line)
    except Untold:
        stated = [one.amount for one in line.amounts if one.kind == "line total" and one.amount is not None]
        if len(stated) != 1:
            raise
        return stated[0]


def _extended(line: InvoicedLine) -> Decimal:
    price, quantity = line.price, line.quantity
    if price is not None and price.basis in FREE:
        return Decimal(0)
    if price is None or price.amount is None or quantity is None:
        raise Untold
    lot = lot_size(line)
    if lot is None:
        raise Untold
    return quantity * price.amount / lot


def _charge(charge: AllowanceCharge, currency: str | None) -> Iterator[Term]:
    """Off or on top; nothing where it is settled otherwise or only told."""
    if charge.kind == "neither" or charge.settlement in SETTLED_ELSEWHERE:
        return
    amount = _amount(charge)
    if not amount:
        return
    if charge.kind not in SIGNS or charge.currency not in (None, currency):
        raise Untold
    signed = amount if SIGNS[charge.kind] > 0 else -abs(amount)
    yield Term(signed, charge.kind in UNSURE_KINDS or charge.settlement not in SETTLED_HERE)
    yield from (Term(_tax(tax), True) for tax in charge.taxes)


def _amount(charge: AllowanceCharge) -> Decimal:
    """As stated, else by its rate; a percentage alone does not say of what."""
    if charge.amount is not None:
        return charge.amount
    if charge.rate is not None and charge.quantity is not None:
        return charge.rate * charge.quantity
    if charge.rate is not None or charge.percent is not None:
        raise Untold
    return Decimal(0)


def _tax(tax: Tax) -> Decimal:
    if tax.relation in NOT_ADDED:
        return Decimal(0)
    if tax.relation not in (None, "add"):
        raise Untold
    if tax.amount is not None:
        return tax.amount
    if tax.rate is not None and tax.base is not None:
        return tax.rate * tax.base / 100
    if tax.rate:
        raise Untold
    return Decimal(0)
