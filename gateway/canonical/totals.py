"""What an invoice adds up to, to the cent. Where it says otherwise that is a fault; where nobody can tell, nothing is.

A total is right when any reading of the trade's gives it; `sums` has the terms, and what is open in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial

from gateway.canonical.invoice import CREDITS, Invoice, InvoicedLine
from gateway.canonical.parts import Tax
from gateway.canonical.sums import (
    TAXES,
    TOLD,
    Term,
    amounts,
    by_lines,
    cents,
    charges,
    extended,
    extras,
    foreign,
    goods,
    line_taxes,
    line_totals,
    net,
    readings,
    sum_of,
    taxes,
    together,
)
from gateway.faults import Code, Fault, Place

Check = Callable[[Invoice], Iterator[Fault]]

HASH_DIGITS = 10**10
"""A hash total keeps that many digits, and drops what is left of them."""

AS_TOTAL = ("total", "invoice total", "total with vat")
PAID = ("prepaid", "message total prepaid", "paid")


def unbalanced(invoice: Invoice) -> list[Fault]:
    """Where a total, the hash total, or what a line or a tax comes to is not what the invoice adds up to, by path."""
    checks: list[Check] = [partial(_line, number) for number in range(len(invoice.lines))]
    return [
        fault
        for check in (*checks, _total, _stated, _by_rate, _hash_total)
        for fault in _told(check, invoice)
    ]


def _told(check: Check, invoice: Invoice) -> list[Fault]:
    """What the check finds; nothing where the sum is not told, or of numbers beyond all counting."""
    try:
        return list(check(invoice))
    except ArithmeticError:
        return []


def _line(number: int, invoice: Invoice) -> Iterator[Fault]:
    line = invoice.lines[number]
    for at, tax in enumerate(line.taxes):
        yield from _tax(f"lines[{number}].taxes[{at}]", tax, set())
    stated = line_totals(line, invoice)
    if not stated:
        return
    sums = readings([Term(extended(line)), *opened(extras(line, invoice))])
    for at, amount in stated:
        if amount not in sums:
            yield _fault(f"lines[{number}].amounts[{at}].amount", amount, sums)


def _total(invoice: Invoice) -> Iterator[Fault]:
    parts = {
        "lines": goods(invoice),
        "charges": charges(invoice),
        "taxes": taxes(invoice),
        "amounts": amounts(invoice),
    }
    sums = readings([term for terms in parts.values() for term in terms])
    if invoice.kind in CREDITS:
        sums |= {-one for one in sums}
    if invoice.total not in sums:
        yield _fault("total", invoice.total, sums, _counted(**parts))


def _stated(invoice: Invoice) -> Iterator[Fault]:
    """The sums told beside the total: of the lines, of what is taxed, of taxes, and what is due."""
    for at, one in enumerate(invoice.amounts):
        if one.amount is None or one.kind not in STATED or foreign(one, invoice):
            continue
        check = partial(_one_stated, f"amounts[{at}].amount", one.amount, STATED[one.kind])
        yield from _told(check, invoice)


def _one_stated(
    path: str, amount: Decimal, comes_to: Callable[[Invoice], set[Decimal]], invoice: Invoice
) -> Iterator[Fault]:
    sums = comes_to(invoice)
    if invoice.kind in CREDITS:
        sums |= {-one for one in sums}
    if sums and amount not in sums:
        yield _fault(path, amount, sums)


def _of_lines(invoice: Invoice) -> set[Decimal]:
    found = [(at, term) for line in invoice.lines for at, term in enumerate(net(line, invoice))]
    return readings(together(Term(one.amount, one.open or (TOLD if at else "")) for at, one in found))


def _before_taxes(invoice: Invoice) -> set[Decimal]:
    found = together(term for line in invoice.lines for term in net(line, invoice))
    return readings([*found, *opened(charges(invoice)), *amounts(invoice)])


def _taxable(invoice: Invoice) -> set[Decimal]:
    """Of one rate all is taxed with; of several, or of none, nobody can tell."""
    said = [*invoice.taxes, *(tax for line in invoice.lines for tax in line.taxes)]
    return _before_taxes(invoice) if len({tax.rate for tax in said}) == 1 else set()


def _taxes(invoice: Invoice, some: bool = False) -> set[Decimal]:
    """As the header says them, and as the lines do, rounded each or once; with `some` also one of several."""
    above = [tax.amount for tax in invoice.taxes if tax.amount is not None and not foreign(tax, invoice)]
    sums = readings([Term(one, TOLD if some else "") for one in above]) if above else set()
    return sums | _sums_of_taxes(invoice.lines, by_lines(invoice))


def _sums_of_taxes(lines: Iterable[InvoicedLine], invoice: Invoice) -> set[Decimal]:
    below = together(term for line in lines for term in line_taxes(line, invoice))
    return readings(below) if below else set()


def _due(invoice: Invoice) -> set[Decimal]:
    """The total, less what was paid before."""
    paid = [Term(-abs(one.amount), TOLD) for one in invoice.amounts if one.kind in PAID and one.amount]
    rounded = [Term(one.amount, TOLD) for one in invoice.amounts if one.kind == "rounding" and one.amount]
    return readings([Term(invoice.total), *paid, *rounded])


def opened(terms: Iterable[Term]) -> list[Term]:
    """The same, open."""
    return [Term(one.amount, one.open or TOLD) for one in terms]


STATED: dict[str, Callable[[Invoice], set[Decimal]]] = {
    "total of lines": _of_lines,
    "total without vat": _before_taxes,
    "taxable": _taxable,
    **dict.fromkeys(TAXES, partial(_taxes, some=True)),
    **{"tax total": _taxes},
    **dict.fromkeys((*AS_TOTAL, "amount due"), _due),
}
"""Kinds of the invoice's amounts, and every sum that one may be; none where nobody can tell."""


def _by_rate(invoice: Invoice) -> Iterator[Fault]:
    """What is taxed at each rate, and the tax on it, where every line says its one rate."""
    for at, tax in enumerate(invoice.taxes):
        alike = [
            line
            for line in invoice.lines
            if any(
                (one.kind, one.rate, one.category) == (tax.kind, tax.rate, tax.category) for one in line.taxes
            )
        ]
        yield from _tax(f"taxes[{at}]", tax, _sums_of_taxes(alike, by_lines(invoice)))
        if tax.base is None or not all(_has_one_rate(line.taxes, tax.kind) for line in invoice.lines):
            continue
        terms = together(term for line in alike for term in net(line, invoice))
        sums = readings([*terms, *opened(charges(invoice)), *amounts(invoice)])
        if alike and abs(tax.base) not in {abs(one) for one in sums}:
            yield _fault(f"taxes[{at}].base", tax.base, sums)


def _has_one_rate(said: list[Tax], kind: str | None) -> bool:
    return len(said) == 1 and said[0].kind == kind and said[0].rate is not None


def _tax(path: str, tax: Tax, other: set[Decimal]) -> Iterator[Fault]:
    """A tax of a base is its rate of it, or what the lines' come to (`other`)."""
    if tax.amount is None or tax.rate is None or tax.base is None:
        return
    sums = {cents(tax.rate * tax.base / 100), *other}
    if abs(tax.amount) not in {abs(one) for one in sums}:
        yield _fault(f"{path}.amount", tax.amount, sums)


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
