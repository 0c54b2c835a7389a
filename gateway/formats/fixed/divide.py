"""One record's text to its type and fields: a function made for each type, for records that are as they should be.

What is short, long or of no type it leaves to the exact reader: `divide` answers None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.formats.records.layout import Field, Layout, RecordType
from gateway.formats.segment import COMPONENT, REPETITION

Divides = Callable[[list[str]], list[list[str]] | None]
Divide = Callable[[str], list[str] | None]
SEPARATORS = (REPETITION, COMPONENT)
SYMBOLS = {ord(REPETITION): "\u241e", ord(COMPONENT): "\u241f"}
"""Data is never taken for a separator."""


def marked_at(layout: Layout) -> tuple[int, int] | None:
    """The columns that tell all types apart, as a slice; None where there are several, or a type without marks."""
    spans = {(mark.first - 1, mark.last) for record in layout.records for mark in record.marks}
    alone = all(len(record.marks) == 1 for record in layout.records if not record.first)
    return spans.pop() if len(spans) == 1 and alone else None


def classifier(layout: Layout) -> Callable[[str], RecordType | None]:
    """The type of a record's text, None where it is marked as none."""
    spans = {(mark.first, mark.last) for record in layout.records for mark in record.marks}
    marked = [record for record in layout.records if record.marks]
    default = next((record for record in layout.records if not record.marks and not record.first), None)
    if len(spans) == 1 and all(len(record.marks) == 1 for record in marked):
        first, last = next(iter(spans))
        known = {record.marks[0].text.ljust(last - first + 1): record for record in marked}
        begin, width = first - 1, last - first + 1
        return lambda text: known.get(text[begin:last].ljust(width), default)

    def classify(text: str) -> RecordType | None:
        for record in marked:
            if all(text[mark.first - 1 : mark.last].strip() == mark.text.strip() for mark in record.marks):
                return record
        return default

    return classify


def field_text(field: Field, text: str, encoding: str) -> str:
    """The field without what fills it up; empty where it says nothing."""
    found = text[field.first - 1 : field.last]
    if field.packed:
        return unpacked(found, encoding)
    found = found.strip(" ") if field.right or field.whole else found.rstrip(" ")
    if field.right and field.fill == "0":
        return unfilled(found)
    return "" if found in field.nothing else found


def unfilled(text: str) -> str:
    """A number without the zeros that fill it up; of nothing but zeros the last stays."""
    found = text.lstrip("0")
    return found if found not in ("", "-", "+") else text[len(text) - len(found) - 1 :]


def divider(layout: Layout) -> Divides:
    """Of texts, tag and fields each; None where only the exact reader can be trusted."""
    classify = classifier(layout)
    parts: Mapping[str, Divide] = {record.tag: _function(record, layout) for record in layout.records}
    if (span := marked_at(layout)) is not None:
        begin, end = span
        known = {
            record.marks[0].text.ljust(end - begin): parts[record.tag]
            for record in layout.records
            if record.marks
        }

        def quick(texts: list[str]) -> list[list[str]] | None:
            try:
                found = [known[text[begin:end]](text) for text in texts]
            except KeyError:
                return each(texts)
            return None if None in found else found  # type: ignore[return-value]

    def each(texts: list[str]) -> list[list[str]] | None:
        found = [divide(text) for text in texts if text]
        return None if None in found else found  # type: ignore[return-value]

    def divide(text: str) -> list[str] | None:
        record = classify(text)
        return parts[record.tag](text) if record is not None else None

    return each if span is None else quick


def _function(record: RecordType, layout: Layout) -> Divide:
    """The function of one type, as Python: slices side by side cost a third of a loop over them."""
    names: dict[str, Any] = {
        "unpacked": unpacked,
        "unfilled": unfilled,
        "tag": record.tag,
        "encoding": layout.encoding,
    }
    fields = ["tag"]
    for at, field in enumerate(record.fields):
        sliced = f"t[{field.first - 1}:{field.last}]"
        if field.packed:
            fields.append(f"unpacked({sliced}, encoding)")
            continue
        text = f"{sliced}.strip(' ')" if field.right or field.whole else f"{sliced}.rstrip(' ')"
        if field.right and field.fill == "0" and field.signed:
            text = f"unfilled({text})"
        elif field.right and field.fill == "0":
            text = f"((v := {text}).lstrip('0') or v[-1:])"
        elif field.nothing:
            names[f"nothing{at}"] = frozenset(field.nothing)
            text = f"('' if (v := {text}) in nothing{at} else v)"
        fields.append(text)
    last = record.size
    if layout.length is not None:
        test = f"len(t) != {layout.length}"
    else:
        # A short record may only lack blanks, and then it ends inside a text or between two fields.
        whole = [f"{field.first - 1} < n < {field.last}" for field in record.fields if field.whole]
        longer = "False" if record.open else f"n > {last} and not t[{last}:].isspace()"
        test = f"(n := len(t)) != {last} and ({' or '.join([longer, *whole])})"
    lines = [
        "def divide(t):",
        f"    if {test}: return None",
        f"    e = [{', '.join(fields)}]",
        "    while not e[-1]: del e[-1]",
        "    return e",
    ]
    exec(compile("\n".join(lines), f"<layout {record.tag}>", "exec"), names)  # noqa: S102
    found: Divide = names["divide"]
    return found


SIGNS = {0xC: "", 0xF: "", 0xA: "", 0xE: "", 0xD: "-", 0xB: "-"}
"""The last half byte of a packed number: IBM's preferred C, D and F, and those that mean the same."""


def unpacked(found: str, encoding: str) -> str:
    """A packed number's digits and sign; its bytes in hexadecimal, `x'1234'`, where they are none.

    Nothing but blanks or zero bytes is no number and says nothing.
    """
    data = found.encode(encoding, "replace")
    sign = SIGNS.get(data[-1] & 0xF) if data else None
    digits = data.hex()[:-1]
    if sign is not None and digits.isdecimal():
        return sign + digits
    return f"x'{data.hex()}'" if data.strip(b" @\x00") else ""


def packed(text: str, width: int, encoding: str) -> str:
    """The number as so many bytes, decoded. Raises ValueError where it is none, or too large."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError("a whole number")
    digits = digits.lstrip("0").rjust(width * 2 - 1, "0")
    if len(digits) > width * 2 - 1:
        raise ValueError(f"at most {width * 2 - 1} digits")
    return bytes.fromhex(digits + ("d" if text.startswith("-") else "c")).decode(encoding)
