"""pydifact, which shares no code with ours, reads what we write, and reads regular files as we do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydifact.parser import Parser

from gateway.errors import NotWritable
from gateway.formats.edifact import Delimiters, Writer, unh
from gateway.formats.segment import COMPONENT

from .edifact_documents import grouped, order, sets

NOON = datetime(2026, 3, 1, 15, 30)  # noqa: DTZ001  a wall-clock time, as S004 carries it
SERVICE = ("UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ")

pytestmark = [
    pytest.mark.filterwarnings("ignore:segments.xml not found"),
    pytest.mark.filterwarnings("ignore:Segment ... is empty"),
]
"""It knows no directory of segments, and would rather not see a tag alone."""


def read_by_pydifact(data: bytes, encoding: str = "iso8859-1") -> list[list[str]]:
    """The segments of all messages, as ours are: components in one text."""
    return [
        [segment.tag, *map(element, segment.elements)]
        for segment in Parser().parse(data.decode(encoding))
        if segment.tag not in SERVICE
    ]


def element(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else COMPONENT.join(value)


def read_by_us(data: bytes) -> Iterator[list[str]]:
    """The same; pydifact keeps no empty components at the end."""
    for one in sets(data):
        for tag, *elements in one.segments():
            yield [tag, *(text.rstrip(COMPONENT) for text in elements)]


# Not those of syntax version 4 with repetitions, which pydifact does not tell from data.
REGULAR = (
    "nerdocs__pydifact/order.edi",
    "nerdocs__pydifact/order2.edi",
    "nerdocs__pydifact/wikipedia_de.edi",
    "nerdocs__pydifact/messages__v4__aperak.edi",
    "smooks__smooks-edi-cartridge/INVOIC_D.03B_Interchange_with_UNA.txt",
    "xlate__staedi/baplie-test.edi",
    "xlate__staedi/other_dialect_term_segments.edi",
    "xlate__staedi/pnrgov.edi",
    "indice-co__EDI.Net/edifact.ORDRSP.edi",
    "indice-co__EDI.Net/edifact.Issue188.edi",
)


@pytest.mark.parametrize("data", [order(), order("\r\n"), order(""), grouped()])
def test_both_read_the_same(data: bytes) -> None:
    assert list(read_by_us(data)) == read_by_pydifact(data)


@pytest.mark.skipif("GATEWAY_SAMPLES" not in os.environ, reason="GATEWAY_SAMPLES names no folder")
@pytest.mark.parametrize("file", REGULAR)
def test_both_read_the_same_in_public_documents(file: str) -> None:
    data = Path(os.environ["GATEWAY_SAMPLES"], file).read_bytes().removeprefix(b"\xef\xbb\xbf")
    assert list(read_by_us(data)) == read_by_pydifact(data)


TEXT = st.text(st.sampled_from("AZaz09 .,:+?'*|!@#~;\u00e9" + COMPONENT), max_size=8)
SEGMENTS = st.lists(st.tuples(st.sampled_from(["FTX", "NAD", "BGM"]), st.lists(TEXT, max_size=4)), max_size=6)


@given(
    SEGMENTS,
    st.sampled_from(["", "\n", "\r\n"]),
    st.sampled_from([Delimiters(), Delimiters(";", "|", ",", "!", None, "~")]),
)
def test_pydifact_reads_what_we_write(
    body: list[tuple[str, list[str]]], line_end: str, signs: Delimiters
) -> None:
    writer = Writer(signs, "auto", line_end, una="always")
    try:
        written = writer.transaction_set(unh(1, "ORDERS", "D96A"), [[tag, *rest] for tag, rest in body])
    except NotWritable:
        pytest.fail("the text has nothing that cannot be written")
    data = writer.interchange(writer.unb("14/A", "14/B", NOON, 1), [written])
    assert read_by_pydifact(data) == list(read_by_us(data))
