"""What the price of a line is for: one of its unit, a hundred of them, a pound of them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from gateway.canonical.order import Line
from gateway.canonical.parts import Price

LOTS = {"dozen": 12, "hundred": 100, "thousand": 1000}
"""The last word of a basis: so many pieces at once."""

MEASURED = {
    "pound": (1, "pound"),
    "ounce": (1, "ounce"),
    "troy ounce": (1, "troy ounce"),
    "ton": (1, "ton"),
    "yard": (1, "yard"),
    "price per foot": (1, "foot"),
    "price per gallon": (1, "gallon"),
    "hundred feet": (100, "foot"),
    "thousand feet": (1000, "foot"),
    "month": (1, "month"),
    "year": (1, "year"),
}
"""The basis says the unit too: a quantity in another cannot be priced by it."""

PIECES = (None, "each", "piece", "unit", "set", "pair", "kit", "count", "book")
NO_PRICES = ("no quote", "to be negotiated", "advise", "not to exceed")


def lot_size(line: Line) -> Decimal | None:
    """For how many of the line's unit its price is; None where nobody can tell, or there is no price.

    >>> lot_size(Line.model_validate({"unit": "each", "price": {"amount": "12.50", "basis": "contract hundred"}}))
    Decimal('100')
    """
    price = line.price
    if price is None or price.multiplier is not None:
        return None
    if price.per is not None:
        told = price.per > 0 and _names_no_lot(price.basis) and price.unit in (None, line.unit)
        return price.per if told else None
    return _by_basis(price, line)


def _names_no_lot(basis: str | None) -> bool:
    """Whether it only says whose price it is (`contract`), and not for how many."""
    if basis is None:
        return True
    last = basis.rpartition(" ")[2]
    return basis not in (*MEASURED, *NO_PRICES) and last not in (*LOTS, "each", "unit") and ":" not in basis


def _by_basis(price: Price, line: Line) -> Decimal | None:
    basis, unit = price.basis or "unit", line.unit
    if basis in NO_PRICES or ":" in basis or price.unit not in (None, unit):
        return None
    if basis in MEASURED:
        count, of = MEASURED[basis]
        return Decimal(count) if unit == of else None
    last = basis.rpartition(" ")[2]
    if last in LOTS and unit != last:
        return Decimal(LOTS[last]) if unit in PIECES else None
    return Decimal(1) if last != "each" or unit in PIECES or not _packed(line) else None


def _packed(line: Line) -> bool:
    """Whether one of the line's unit holds several, each of which the price may be for."""
    return line.packaging is not None and line.packaging.pack not in (None, 1)


def unit_price(line: Line) -> Fraction | None:
    """The exact price of one of the line's unit; None where it is for another unit, or there is none."""
    lot = lot_size(line)
    if not lot or line.price is None or line.price.amount is None:
        return None
    return Fraction(line.price.amount) / Fraction(lot)
