"""What an invoice is made of, as terms of its sums: lines, charges, taxes, and amounts that stand for either.

Lines are quantity times price by what the price is for; charges and taxes come on top, allowances off. The trade rounds
half up, line by line or once, and leaves some things open: a charge of the header that only repeats those of the lines,
a line's allowance that its net price has in it already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from gateway.canonical.invoice import Invoice, InvoicedLine
from gateway.canonical.parts import AllowanceCharge, Amount, Tax
from gateway.canonical.pricing import lot_size

K = TypeVar("K")

CENT = Decimal("0.01")
MOST_READINGS = 4096
MOST_OPEN = 64

FREE = ("no charge", "not separately priced")

SIGNS = {
    **{f"{of}allowance": -1 for of in ("", "line item ", "lines ", "message ")},
    **{f"{of}charge": 1 for of in ("", "line item ", "lines ", "message ")},
    **{"service": 1, "promotion": -1},
}
NEITHER = ("neither", "no allowance", "no charge")
UNSURE_KINDS = ("service", "promotion")
SETTLED_ELSEWHERE = ("information only", "bill back", "vendor check", "charge to be paid by vendor")
SETTLED_HERE = (None, "off invoice", "charge to be paid by customer")
NOT_ADDED = ("included", "information only")
LINE_TOTALS = ("line total", "goods item total", "invoice item")
VALUE_ADDED = ("value added", "goods and services", "harmonized sales")
TAXES = ("tax", "tax total", "value added tax")
TOLD_AS_AMOUNTS = {
    **dict.fromkeys(TAXES, 1),
    **{"service charge": 1, "adjustment": 1, "freight": 1, "insurance": 1, "packing": 1, "postage": 1},
    **{"other charges": 1, "other costs": 1, "administration charge": 1, "invoice additional total": 1},
    **{"rounding": 1, "total charges": 1, "total allowances": -1, "total charges and allowances": 1},
}
"""Some senders say these as amounts of the invoice, and some repeat them there; with the sign they count with."""


IN_THE_PRICE = "in the price"
WITHIN = "within another line"
TOLD = "told elsewhere too"
NOT_CERTAIN = "not certain"
"""Why a term is open."""


class Untold(ArithmeticError):
    """Something the sum needs is not said, or is said in a way that nobody can count with."""


@dataclass(frozen=True, slots=True)
class Term:
    """An amount of the sum; `open` says why some count it and some do not."""

    amount: Decimal
    open: str = ""


def cents(amount: Decimal) -> Decimal:
    """Half a cent is rounded up, away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def sum_of(terms: Iterable[Term]) -> Decimal:
    return sum((term.amount for term in terms), Decimal(0))


def readings(terms: list[Term]) -> set[Decimal]:
    """Every sum that an accepted reading gives: rounded once or term by term, with each open term or without it."""
    sure = [term for term in terms if not term.open]
    if sum(1 for term in terms if term.open and term.amount) > MOST_OPEN:
        raise Untold
    sums = {cents(sum_of(sure)), sum((cents(term.amount) for term in sure), Decimal(0))}
    for term in terms:
        if term.open and term.amount:
            sums |= {cents(one + term.amount) for one in sums}
        if len(sums) > MOST_READINGS:
            raise Untold
    return sums


def together(terms: Iterable[Term]) -> list[Term]:
    """Of many lines: who counts one that is open counts all that are for the same reason."""
    found, open_ones = [], dict[str, Decimal]()
    for term in terms:
        if term.open:
            open_ones[term.open] = open_ones.get(term.open, Decimal(0)) + term.amount
        else:
            found.append(term)
    return [*found, *(Term(amount, why) for why, amount in open_ones.items())]


# -- lines


def goods(invoice: Invoice) -> list[Term]:
    """The lines, with their own charges and taxes."""
    if not invoice.lines:
        raise Untold
    return together(
        term for line in invoice.lines for term in (*net(line, invoice), *line_taxes(line, invoice))
    )


def net(line: InvoicedLine, invoice: Invoice) -> list[Term]:
    """A line before taxes: what it is priced at, and its charges; open where its price may have them in it.

    All of it is open where the line is within another, and may only say what that one is made of.
    """
    if line.within and (line.price is None or line.price.amount is None):
        return []
    priced = _priced(line, invoice)
    within = WITHIN if line.within else ""
    inside = within or (IN_THE_PRICE if _has_charges_in_it(line, priced, invoice) else "")
    try:
        found = [Term(one.amount, within or one.open or inside) for one in _line_charges(line, invoice)]
    except Untold:  # a percentage that only explains the price
        if not inside:
            raise
        found = []
    return [Term(priced, within), *found]


def extras(line: InvoicedLine, invoice: Invoice) -> list[Term]:
    """What comes on top of a line, or off it, whatever the invoice says of it in all."""
    return [*_line_charges(line, invoice), *line_taxes(line, by_lines(invoice))]


def extended(line: InvoicedLine) -> Decimal:
    """Quantity times price, by what the price is for."""
    price, quantity = line.price, line.quantity
    if price is not None and price.basis in FREE:
        return Decimal(0)
    if price is None or price.amount is None or quantity is None:
        raise Untold
    lot = lot_size(line)
    if lot is None:
        raise Untold
    return quantity * price.amount / lot


def line_totals(line: InvoicedLine, invoice: Invoice) -> list[tuple[int, Decimal]]:
    """What the line itself says it comes to, and where among its amounts."""
    return [
        (at, one.amount)
        for at, one in enumerate(line.amounts)
        if one.kind in LINE_TOTALS and one.amount is not None and not foreign(one, invoice)
    ]


def line_taxes(line: InvoicedLine, invoice: Invoice) -> Iterator[Term]:
    """A rate alone is one of what the line comes to, unless the invoice says its taxes in all.

    What it says of a tax on value added in all is all of it, of the lines and of what else is charged.
    """
    in_all = {tax.kind for tax in invoice.taxes if tax.amount is not None}
    for tax in line.taxes:
        if tax.kind in VALUE_ADDED and tax.kind in in_all:
            continue
        if not _is_rate_alone(tax):
            told = TOLD if tax.kind in VALUE_ADDED and _says_its_tax(invoice) else ""
            yield Term(_tax(tax, invoice), WITHIN if line.within else told)
        elif not in_all and not _says_its_tax(invoice):
            rate = tax.rate or Decimal(0)
            yield Term(rate * sum_of(one for one in net(line, invoice) if not one.open) / 100)


def by_lines(invoice: Invoice) -> Invoice:
    """As if it said no taxes in all."""
    return invoice.model_copy(update={"taxes": [], "amounts": []})


def foreign(said: Amount | Tax | AllowanceCharge, invoice: Invoice) -> bool:
    """Whether it is in another currency than the invoice, which nobody can add up."""
    return said.currency not in (None, invoice.currency)


def _has_charges_in_it(line: InvoicedLine, priced: Decimal, invoice: Invoice) -> bool:
    """Whether the price may be that after the line's charges: its gross one stands beside it, or its total is this."""
    stated = [amount for _, amount in line_totals(line, invoice)]
    return any(one.kind == "gross" for one in line.prices) or cents(priced) in stated


def _priced(line: InvoicedLine, invoice: Invoice) -> Decimal:
    """Quantity times price; where there is no price, what the line says it comes to."""
    for inner in line.inner:
        if inner.relation not in (None, *NOT_ADDED) and (inner.price or inner.charges or inner.taxes):
            raise Untold
    try:
        return extended(line)
    except Untold:
        stated = [amount for _, amount in line_totals(line, invoice)]
        if len(stated) != 1:
            raise
        return stated[0]


def _line_charges(line: InvoicedLine, invoice: Invoice) -> Iterator[Term]:
    for charge in line.charges:
        yield from _charge(charge, invoice)


# -- what the header says


def charges(invoice: Invoice) -> list[Term]:
    """The header's; those of a service that come to what the lines' of it come to may only repeat them."""
    repeated = _repeated(
        [((one.kind, one.service), one.amount) for one in invoice.charges],
        [((one.kind, one.service), one.amount) for line in invoice.lines for one in line.charges],
    )
    return [
        Term(
            term.amount,
            TOLD if (charge.kind, charge.service) in repeated or _taxed(charge, invoice) else term.open,
        )
        for charge in invoice.charges
        for term in _charge(charge, invoice)
    ]


def taxes(invoice: Invoice) -> list[Term]:
    """The header's; the same holds of them, and of one that says it is all taxes together."""
    below = [(tax.kind, tax.amount) for line in invoice.lines for tax in line.taxes]
    repeated = _repeated(
        [(tax.kind, tax.amount) for tax in invoice.taxes],
        [*below, *(("all", amount) for kind, amount in below if kind != "all")],
    ).difference(VALUE_ADDED)
    told = repeated | ({"all"} if len(invoice.taxes) > 1 else set())
    return [Term(_header_tax(tax, invoice), TOLD if tax.kind in told else "") for tax in invoice.taxes]


def amounts(invoice: Invoice) -> list[Term]:
    return [
        Term(one.amount * TOLD_AS_AMOUNTS[one.kind], TOLD)
        for one in invoice.amounts
        if one.kind in TOLD_AS_AMOUNTS and one.amount and not foreign(one, invoice)
    ]


def _taxed(charge: AllowanceCharge, invoice: Invoice) -> bool:
    """Whether the charge is a tax, which the invoice may say as such too."""
    return bool(invoice.taxes) and (charge.service or "").startswith("tax")


def _header_tax(tax: Tax, invoice: Invoice) -> Decimal:
    """A rate alone is told where the lines say theirs, or an amount says what it comes to."""
    if _is_rate_alone(tax) and (any(line.taxes for line in invoice.lines) or _says_its_tax(invoice)):
        return Decimal(0)
    return _tax(tax, invoice)


def _says_its_tax(invoice: Invoice) -> bool:
    """Whether an amount of it does."""
    return any(one.kind in TAXES and one.amount is not None for one in invoice.amounts)


def _repeated(above: list[tuple[K, Decimal | None]], below: list[tuple[K, Decimal | None]]) -> set[K]:
    """The kinds that come to the same above as below."""
    there = _by_kind(below)
    return {kind for kind, amount in _by_kind(above).items() if amount and amount == there.get(kind)}


def _by_kind(said: Iterable[tuple[K, Decimal | None]]) -> dict[K, Decimal]:
    found: dict[K, Decimal] = {}
    for kind, amount in said:
        found[kind] = found.get(kind, Decimal(0)) + (amount or 0)
    return found


# -- one charge, one tax


def _charge(charge: AllowanceCharge, invoice: Invoice) -> Iterator[Term]:
    """Off or on top; nothing where it is settled otherwise or only told."""
    if charge.kind in NEITHER or charge.settlement in SETTLED_ELSEWHERE:
        return
    amount = _amount(charge)
    if not amount:
        return
    if charge.kind not in SIGNS or foreign(charge, invoice):
        raise Untold
    signed = amount if SIGNS[charge.kind] > 0 else -abs(amount)
    unsure = charge.kind in UNSURE_KINDS or charge.settlement not in SETTLED_HERE
    yield Term(signed, NOT_CERTAIN if unsure else "")
    for tax in charge.taxes:
        if not _is_rate_alone(tax):
            yield Term(_tax(tax, invoice), TOLD)
        elif not _says_its_tax(invoice) and not any(one.amount for one in invoice.taxes):
            yield Term((tax.rate or Decimal(0)) * signed / 100, TOLD)


def _amount(charge: AllowanceCharge) -> Decimal:
    """As stated, else by its rate; a percentage alone does not say of what."""
    if charge.amount is not None:
        return charge.amount
    if charge.rate is not None and charge.quantity is not None:
        return charge.rate * charge.quantity
    if charge.rate is not None or charge.percent is not None:
        raise Untold
    return Decimal(0)


def _is_rate_alone(tax: Tax) -> bool:
    return bool(tax.rate) and tax.amount is None and tax.base is None and tax.relation in (None, "add")


def _tax(tax: Tax, invoice: Invoice) -> Decimal:
    """One told in another currency besides is no more than that."""
    if tax.relation in NOT_ADDED or foreign(tax, invoice):
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
