"""Public EDIFACT documents, as their senders published them: `edifact_samples.tsv` says what is expected, and why.

Runs on the folder that GATEWAY_SAMPLES names; without it the suite is skipped. `messages` and `faults` (those that
reject) are in the order of the file and of the alphabet, `*n` is n of them. `again` is what becomes of the file when
each of its segments is written anew: `same` bytes, the tags of the segments that differ, or `refused`.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import groupby, zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.errors import NotWritable
from gateway.faults import rejecting
from gateway.formats.edifact import Event, Group, GroupEnd, Interchange, TransactionSet, Writer, read
from gateway.formats.segment import Segment

FOLDER = Path(os.environ.get("GATEWAY_SAMPLES", ""))
pytestmark = pytest.mark.skipif(
    "GATEWAY_SAMPLES" not in os.environ, reason="GATEWAY_SAMPLES names no folder of public documents"
)


class Row(NamedTuple):
    file: str
    messages: str
    faults: str
    again: str
    why: str


def rows() -> list[Row]:
    lines = Path(__file__).with_name("edifact_samples.tsv").read_text("utf-8").splitlines()[1:]
    return [Row(*line.split("\t")) for line in lines]


each = pytest.mark.parametrize("row", rows(), ids=lambda row: row.file)


@cache
def data(file: str) -> bytes:
    return (FOLDER / file).read_bytes()


def messages(file: str) -> list[TransactionSet]:
    return [event for event in read(data(file)) if isinstance(event, TransactionSet)]


def times(word: str, number: int) -> str:
    return f"{word}*{number}" if number > 1 else word


def test_every_file_has_a_row() -> None:
    index = (FOLDER / "INDEX.tsv").read_text("utf-8").splitlines()[1:]
    known = {file for file, kind, *_ in (line.split("\t") for line in index) if kind.startswith("EDIFACT")}
    assert known == {row.file for row in rows()}


@each
def test_read(row: Row) -> None:
    found = list(read(data(row.file)))
    faults = [fault for event in found for fault in event.faults]
    faults += [fault for one in messages(row.file) for fault in one.syntax_faults()]
    counted = Counter(fault.code.word for fault in rejecting(faults))
    codes = (one.code or "?" for one in messages(row.file))
    assert " ".join(times(code, len(list(same))) for code, same in groupby(codes)) == row.messages
    assert " ".join(times(word, counted[word]) for word in sorted(counted)) == row.faults, row.why


@each
def test_fast_and_exact_reading_agree_and_every_byte_is_a_segment_s(row: Row) -> None:
    for one in messages(row.file):
        assert one.segments() == [segment.elements for segment in one.located()]
        assert not (one.plain and one.syntax_faults())
        opening, closing = one.ends()
        assert opening + b"".join(segment.raw or b"" for segment in one.located()) + closing == one.raw
        assert data(row.file)[one.offset :].startswith(one.raw)


@dataclass
class Node:
    """What a tree's segment node is to the writer."""

    elements: list[str]
    source: Segment | None


@each
def test_onto_itself_every_message_is_the_same_bytes(row: Row) -> None:
    for one in messages(row.file):
        header = one.header[1:]
        if one.trailer is None or one.trailer[1:] != [str(one.segment_count), one.control]:
            continue  # its trailer is corrected
        nodes = [Node(segment.elements, segment) for segment in one.located()]
        assert Writer(one.delimiters, version="4").transaction_set(header, nodes, onto=one) == one.raw


def written_again(file: str) -> bytes:
    """The file's first interchange, each segment written anew; a level it does not keep to is not asked for."""
    whole = list(read(data(file)))
    charset = "utf-8" if any(fault.code.word == "character" for fault in all_faults(whole)) else "auto"
    writer, header, inside, group = Writer(), (), [], None
    sets: list[bytes] = []
    for event in read(data(file), charset=charset):
        if isinstance(event, Interchange):
            una = "always" if data(file)[event.offset :].startswith(b"UNA") else "needed"
            ends = data(file).partition(event.syntax.segment)[2][:2]
            line_end = next((end for end in ("\r\n", "\n") if ends.startswith(end.encode())), "")
            header = event.header
            writer = Writer(event.delimiters, charset, line_end, event.level, event.version, una)
        elif isinstance(event, Group):
            group, sets = event, []
        elif isinstance(event, TransactionSet):
            sets.append(writer.transaction_set(event.header[1:], event.segments()))
        elif isinstance(event, GroupEnd) and group:
            inside += [writer.group(group.header, sets)] if group.header else sets
    return writer.interchange(header, inside)


def all_faults(found: list[Event]) -> list[object]:
    faults = [fault for event in found for fault in event.faults]
    return faults + [f for event in found if isinstance(event, TransactionSet) for f in event.syntax_faults()]


def different(came: bytes, again: bytes, terminator: bytes) -> str:
    """The tags of the segments that are not the same."""
    lines = [
        [part.translate(None, b"\r\n").strip() for part in whole.split(terminator)] for whole in (came, again)
    ]
    tags = [
        (one or other or b"")[:3].decode("ascii", "replace")
        for one, other in zip_longest(*lines)
        if one != other
    ]
    return " ".join(filter(None, tags)) or "blanks"


@each
def test_written_anew_only_what_is_wrong_differs(row: Row) -> None:
    found = [event for event in read(data(row.file)) if isinstance(event, Interchange)]
    if not found:
        assert row.again == ""
        return
    try:
        again = written_again(row.file)
    except NotWritable:
        assert row.again == "refused", row.why
        return
    same = again.rstrip() == data(row.file).removeprefix(b"\xef\xbb\xbf").rstrip()
    told = "same" if same else different(data(row.file)[found[0].offset :], again, found[0].syntax.segment)
    assert told == row.again, row.why


def test_there_are_files_written_the_same() -> None:
    """Else the law above would hold of nothing."""
    assert len([row for row in rows() if row.again == "same"]) >= 6
