"""What a file looks like that needs a guide: the words a person would use."""

from __future__ import annotations

import pytest

from gateway.formats.tabular import table_of
from gateway.formats.unknown import looks_like

LOOKS: list[tuple[bytes, str | None]] = [
    (b"PO #;Qty\nA;1\nB;2\n", "rows of 2 cells parted by ; (PO #, Qty)"),
    (b"\xef\xbb\xbfa,b,c,d,e\n1,2,3,4,5\n", "rows of 5 cells parted by , (a, b, c, d, ...)"),
    (b"a\tb\n1\t2\n", "rows of 2 cells parted by tabs (a, b)"),
    (b"4711;12\n4712;13\n", "rows of 2 cells parted by ;"),
    (b'name;price\n"a;b";1,5\n"c;d";2,5\n', "rows of 2 cells parted by ; (name, price)"),
    (b"HDRACME      01\nLINTEA       12\nLINCOFFEE    13\n", "records of 15 columns"),
    (b"HDRACME       1\nLINTEA       12\nLINCOFFEE    130\nLINMILK      14\n" * 2, "records marked HDR, LIN"),
    ("HDRACME      12LINTEA       12".encode("cp037"), "EBCDIC, as mainframes write records"),
    (b"Dear Sir,\nplease find the order enclosed.\n", None),
    (b"one line; only\n", None),
    (b"", None),
]


@pytest.mark.parametrize(("head", "looks"), LOOKS)
def test_a_table_is_told_from_prose(head: bytes, looks: str | None) -> None:
    assert table_of(head) == looks


def test_what_is_no_table_is_called_as_before() -> None:
    assert looks_like(b"%PDF-1.7") == "a PDF"
    assert looks_like(b"Dear Sir,\n") == "text"
    assert looks_like(b"\x01\x02\x03") == "binary data"
