"""One table proves reader and writer: delimiters, a segment's elements, its bytes."""

from __future__ import annotations

from gateway.formats.x12 import Delimiters

USUAL = Delimiters("*", ">", None, "~")
REPEATING = Delimiters("*", ":", "^", "~")

CASES = [
    (USUAL, ["BEG", "00", "SA", "4500017", "", "20260301"], b"BEG*00*SA*4500017**20260301~"),
    (USUAL, ["REF", "DP", " 12 "], b"REF*DP* 12 ~"),
    (USUAL, ["SLN", "1", "", "I", "5", "EA\x1fCA"], b"SLN*1**I*5*EA>CA~"),
    (USUAL, ["TD5", "", "2", "UPSN"], b"TD5**2*UPSN~"),
    (USUAL, ["N1", "ST", "Caf\u00e9"], "N1*ST*Caf\u00e9~".encode()),
    (USUAL, ["MSG", "x:y^z"], b"MSG*x:y^z~"),
    (REPEATING, ["DMG", "A\x1e\x1fB\x1eC"], b"DMG*A^:B^C~"),
    (Delimiters("|", "\\", None, "\n"), ["CTT", "1*2~"], b"CTT|1*2~\n"),
    (Delimiters("\x1d", "\x1f", None, "\x1c"), ["CTT", "1\x1f2"], b"CTT\x1d1\x1f2\x1c"),
    (Delimiters("*", ">", None, "\u00a6"), ["CTT", "1"], "CTT*1\u00a6".encode()),
    (Delimiters("*", "\u00a7", None, "\u2026"), ["CTT", "1\x1f2"], "CTT*1\u00a72\u2026".encode()),
    (Delimiters("\x1f", "\x1e", None, "~"), ["CTT", "1\x1f2", "3"], b"CTT\x1f1\x1e2\x1f3~"),
]
"""Elements that both ways agree on."""

WRITTEN_SHORTER = [
    (USUAL, ["N1", "ST", "", ""], b"N1*ST~"),
    (USUAL, ["SLN", "EA\x1f\x1f"], b"SLN*EA~"),
    (USUAL, ["SLN", "A", "\x1f"], b"SLN*A~"),
    (REPEATING, ["DMG", "A\x1f\x1eB\x1e\x1f"], b"DMG*A^B~"),
    (USUAL, ["CTT"], b"CTT~"),
]
"""Elements whose empty ends are not written."""
