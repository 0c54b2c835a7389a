"""What an invoice adds up to, to the cent. Where it says otherwise that is a fault; where nobody can tell, nothing is.

Lines are quantity times price by what the price is for; line charges, header charges and taxes come on top, allowances
off. The trade rounds half up, line by line or once, and leaves some things open (a charge of the header that only
repeats those of the lines): such a total is right when any accepted reading gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from gateway.canonical.invoice import CREDITS, Invoice, InvoicedLine
from gateway.canonical.order import Line
from gateway.canonical.parts import AllowanceCharge, Tax
from gateway.canonical.pricing import lot_size
from gateway.faults import Code, Fault, Place

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
    return [*_lines(invoice), *_total(invoice), *_hash_total(invoice)]


def _lines(invoice: Invoice) -> Iterator[Fault]:
    for number, line in enumerate(invoice.lines):
        try:
            own = [
                Term(_extended(line)),
                *(Term(one.amount, True) for one in _extras(line, invoice.currency)),
            ]
            sums = readings(own)
        except Untold:
            continue
        for at, stated in enumerate(line.amounts):
            if stated.kind == "line total" and stated.amount is not None and stated.amount not in sums:
                yield _fault(f"lines[{number}].amounts[{at}].amount", stated.amount, sums)


def _total(invoice: Invoice) -> Iterator[Fault]:
    try:
        lines, charges, taxes, more = _goods(invoice), _charges(invoice), _taxes(invoice), _amounts(invoice)
        sums = readings([*lines, *charges, *taxes, *more])
    except Untold:
        return
    if invoice.kind in CREDITS:
        sums |= {-one for one in sums}
    if invoice.total not in sums:
        yield _fault(
            "total", invoice.total, sums, _counted(lines=lines, charges=charges, taxes=taxes, amounts=more)
        )


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
    """The header's; one that says what the lines' of its service come to may only repeat them."""
    below: dict[tuple[str | None, str | None], Decimal] = {}
    for charge in (charge for line in invoice.lines for charge in line.charges):
        of = (charge.kind, charge.service)
        below[of] = below.get(of, Decimal(0)) + (charge.amount or 0)
    found = []
    for charge in invoice.charges:
        repeats = charge.amount == below.get((charge.kind, charge.service))
        taxed = bool(invoice.taxes) and (charge.service or "").startswith("tax")
        for term in _charge(charge, invoice.currency):
            found.append(Term(term.amount, term.open or repeats or taxed))
    return found


def _taxes(invoice: Invoice) -> list[Term]:
    """The header's; the same holds of them, and of one that says it is all taxes together."""
    below: dict[str | None, Decimal] = {}
    for tax in (tax for line in invoice.lines for tax in line.taxes):
        below[tax.kind] = below.get(tax.kind, Decimal(0)) + (tax.amount or 0)
    below["all"] = sum(below.values(), Decimal(0)) if below else Decimal("NaN")
    return [
        Term(amount, (tax.kind == "all" and len(invoice.taxes) > 1) or tax.amount == below.get(tax.kind))
        for tax in invoice.taxes
        if (amount := _tax(tax))
    ]


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
