"""GS1's numbers: the check digit that ends them, and the SSCC, the number of one logistic unit.

What looks wrong is never mended: a label says what it says, and the goods bear it.
"""

from __future__ import annotations

import re

DIGITS = re.compile(r"[0-9]+", re.ASCII)
SSCC = re.compile(r"[0-9]{18}", re.ASCII)
SSCC_LENGTH = 18


def check_digit(digits: str) -> str:
    """The digit that belongs behind these, by GS1's modulo 10: weights 3 and 1 in turn, 3 for the last.

    Raises ValueError where they are no digits.
    """
    if not DIGITS.fullmatch(digits):
        raise ValueError("digits only")
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def sscc(company: str, serial: int) -> str:
    """The SSCC of that serial number. `company` is the extension digit and the company's GS1 prefix."""
    digits = f"{company}{serial:0{SSCC_LENGTH - 1 - len(company)}d}"
    return digits + check_digit(digits)


def is_sscc(text: str) -> bool:
    """Whether it is an SSCC: 18 digits, the last of them the check digit of the others."""
    return SSCC.fullmatch(text) is not None and check_digit(text[:-1]) == text[-1]


def sscc_wanted(text: str) -> str:
    """What an SSCC in its place would look like, in words for a person."""
    if SSCC.fullmatch(text):
        return f"an SSCC; its check digit would be {check_digit(text[:-1])}"
    return f"an SSCC: {SSCC_LENGTH} digits, the last of them their check digit"
