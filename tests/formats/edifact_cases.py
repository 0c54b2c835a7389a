"""One table proves reader and writer: service characters, a segment's elements, its bytes."""

from __future__ import annotations

from gateway.formats.edifact import Delimiters

USUAL = Delimiters()
REPEATING = Delimiters(repetition="*")
LEVEL_B = Delimiters("\x1f", "\x1d", ".", None, None, "\x1c")
OTHER = Delimiters(";", "|", ",", "\\", None, "~")

CASES = [
    (USUAL, ["BGM", "220", "4500017", "9"], b"BGM+220+4500017+9'"),
    (USUAL, ["DTM", "137\x1f20260301\x1f102"], b"DTM+137:20260301:102'"),
    (USUAL, ["NAD", "BY", "5412345000013\x1f\x1f9", "", "A\x1fB"], b"NAD+BY+5412345000013::9++A:B'"),
    (USUAL, ["FTX", "AAI", "", "", " 12 "], b"FTX+AAI+++ 12 '"),
    (USUAL, ["FTX", "it's", "1+1", "a:b", "why?"], b"FTX+it?'s+1?+1+a?:b+why??'"),
    (USUAL, ["FTX", "'", "+", ":", "?"], b"FTX+?'+?++?:+??'"),
    (USUAL, ["FTX", "??", "'?", "?'"], b"FTX+????+?'??+???''"),
    (USUAL, ["FTX", "?\x1f'\x1f+"], b"FTX+??:?':?+'"),
    (USUAL, ["FTX", "x*y"], b"FTX+x*y'"),
    (USUAL, ["FTX", "Caf\u00e9"], b"FTX+Caf\xe9'"),
    (USUAL, ["UNS", "S"], b"UNS+S'"),
    (USUAL, ["UNS"], b"UNS'"),
    (REPEATING, ["COM", "a\x1fTE\x1eb\x1fFX"], b"COM+a:TE*b:FX'"),
    (REPEATING, ["COM", "\x1ea"], b"COM+*a'"),
    (REPEATING, ["COM", "a*b\x1e*"], b"COM+a?*b*?*'"),
    (LEVEL_B, ["FTX", "'+:?", "a\x1fb"], b"FTX\x1d'+:?\x1da\x1fb\x1c"),
    (OTHER, ["FTX", "'+:?", "a\x1fb;", "|~\\"], b"FTX|'+:?|a;b\\;|\\|\\~\\\\~"),
    (Delimiters(segment="\n"), ["CNT", "2\x1f1"], b"CNT+2:1\n"),
    (Delimiters(release=None), ["FTX", "why?"], b"FTX+why?'"),
    (Delimiters(segment="\u00a7", release="\u00b6"), ["FTX", "\u00a7\u00b6?"], b"FTX+\xb6\xa7\xb6\xb6?\xa7"),
    (Delimiters("\x1e", "\x1f", ".", "?", None, "\x1d"), ["FTX", "a\x1fb", "c"], b"FTX\x1fa\x1eb\x1fc\x1d"),
    (Delimiters("\t"), ["FTX", "a\x1fb"], b"FTX+a\tb'"),
]
"""Elements that both ways agree on."""

WRITTEN_SHORTER = [
    (USUAL, ["BGM", "220", "", ""], b"BGM+220'"),
    (USUAL, ["DTM", "137\x1f\x1f"], b"DTM+137'"),
    (USUAL, ["DTM", "A", "\x1f"], b"DTM+A'"),
    (REPEATING, ["COM", "A\x1f\x1eB\x1e\x1f"], b"COM+A*B'"),
    (USUAL, ["UNS", ""], b"UNS'"),
]
"""Elements whose empty ends are not written."""
