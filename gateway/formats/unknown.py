"""What a file looks like that no syntax could read: the word a person would use."""

from __future__ import annotations

import re

from gateway.formats.tabular import table_of

BOM = b"\xef\xbb\xbf"
UTF_16 = (
    b"\xff\xfe",
    b"\xfe\xff",
    *(tag.encode(codec) for tag in ("ISA", "UNA", "UNB") for codec in ("utf-16-le", "utf-16-be")),
)

SIGNS: tuple[tuple[str, str], ...] = (
    (r"%PDF", "a PDF"),
    (r"PK\x03\x04", "a ZIP archive or an Office document"),
    (r"\x1f\x8b", "a gzip archive"),
    (r"\xd0\xcf\x11\xe0", "an old Office document"),
    (r"\x89PNG|\xff\xd8\xff|GIF8", "an image"),
    (r"-----BEGIN PGP|\x85\x01|\x85\x02", "a PGP message"),
    (r"UN[AB][^A-Za-z0-9]", "EDIFACT"),
    (r"UN[HG][^A-Za-z0-9 ]", "EDIFACT without its UNB"),
    (r"UI[BH][^A-Za-z0-9 ]", "interactive EDIFACT"),
    (r"STX=", "TRADACOMS"),
    (r"DXS[^A-Za-z0-9]", "DEX/UCS"),
    (r"EDI_DC", "an SAP IDoc"),
    (r"(?:GS|ST)[^A-Za-z0-9 ]", "X12 without its ISA"),
    (r"ISA", "X12 with a damaged ISA"),
    (r"<\?xml", "XML"),
    (r"(?i)<!doctype html|<html", "HTML"),
    (r"<[A-Za-z]", "XML"),
    (r"[\[{]\s*[\[{\"\]}0-9]", "JSON"),
    (r"(?i)(?:content-type|mime-version|received|message-id):", "an e-mail or a MIME message"),
)


def looks_like(head: bytes) -> str:
    """`a PDF`, `JSON`, `binary data`, `text` ..., from the first bytes."""
    text = head.removeprefix(BOM).lstrip(b" \t\r\n").decode("latin-1")
    for pattern, name in SIGNS:
        if re.match(pattern, text):
            return name
    if (table := table_of(head)) is not None:
        return table
    return "binary data" if re.search("[\x00-\x08\x0e-\x1a]", text) else "text"
