"""One reader for all syntaxes: what a file holds is told by what begins its interchanges."""

from __future__ import annotations

import pytest

from gateway.formats import edifact, events, x12
from gateway.formats.controls import MOST_PREFIXES, ControlNumbers
from gateway.formats.known import FAMILIES, read

from . import edifact_documents, x12_documents

X12, EDIFACT = x12_documents.order(), edifact_documents.order()


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (X12, [x12.Interchange]),
        (EDIFACT, [edifact.Interchange]),
        (X12 + EDIFACT + b"\n" + X12, [x12.Interchange, edifact.Interchange, x12.Interchange]),
        (b"To: UNB and ISA\n" + EDIFACT + b"junk\n" + X12, [edifact.Interchange, x12.Interchange]),
        (b"\xef\xbb\xbf" + EDIFACT, [edifact.Interchange]),
    ],
)
def test_each_interchange_is_read_as_what_it_is(data: bytes, kinds: list[type]) -> None:
    for size in (1, 50, len(data)):
        found = list(read([data[at : at + size] for at in range(0, len(data), size)]))
        assert [type(event) for event in found if isinstance(event, events.Interchange)] == kinds
        assert not [fault for event in found for fault in event.faults if not fault.is_note]
        assert len([event for event in found if isinstance(event, events.TransactionSet)]) == len(kinds)


def test_every_syntax_has_the_same_events() -> None:
    for family, data in (("x12", X12), ("edifact", EDIFACT)):
        first, group, one, *_ = read(data)
        assert family in FAMILIES
        assert isinstance(first, events.Interchange)
        assert (first.control.lstrip("0"), first.usage, first.test, first.ack_requested) == (
            "7",
            "T",
            True,
            False,
        )
        assert isinstance(group, events.Group)
        assert isinstance(one, events.TransactionSet)
        assert (one.segment_count, one.plain) == (5, True)
        assert [text.split(one.separator) for text in one.texts()] == one.segments()
        assert first.delimiters.forbidden == ("*>~" if family == "x12" else "")


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty-file"), (b"UNH+1+", "unknown-format"), (b"%PDF", "unknown-format")]
)
def test_what_is_of_no_syntax_is_one_fault(data: bytes, code: str) -> None:
    (stray,) = read(data)
    assert [fault.code.word for fault in stray.faults] == [code]


def test_a_charset_is_for_the_syntax_that_knows_it() -> None:
    spoiled = X12.replace(b"BUYER  ", b"buyer  "), EDIFACT
    basic = [fault.code.word for event in read(b"".join(spoiled), charset="basic") for fault in event.faults]
    assert basic == ["character"]
    level = [
        event for event in read(b"".join(spoiled), charset="UNOA") if isinstance(event, events.TransactionSet)
    ]
    assert [bool(one.syntax_faults()) for one in level] == [False, True]
    with pytest.raises(ValueError, match="known: auto, basic, extended, utf-8, latin-1, UNOA"):
        read(b"", charset="ebcdic")


def test_references_with_letters_before_the_digits_stay_few() -> None:
    seen = ControlNumbers()
    assert not any(seen.repeats(f"ME{number:06d}") for number in range(5000))
    assert seen.repeats("ME000100")
    assert not seen.repeats("ME100")
    assert [len(ends) for ranges in seen._ranges.values() for ends in ranges] == [1, 1, 1, 1]
    assert not any(seen.repeats(f"{chr(letter)}1") for letter in range(0x4E00, 0x4E00 + 2 * MOST_PREFIXES))
    assert all(seen.repeats(f"{chr(letter)}1") for letter in range(0x4E00, 0x4E00 + 2 * MOST_PREFIXES))
    assert len(seen._ranges) == MOST_PREFIXES
