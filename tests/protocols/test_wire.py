"""SFTP as bytes: known requests are read, and no bytes whatever do more than end the session."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.protocols.our_sftp import wire
from gateway.protocols.our_sftp.wire import Attributes, BadMessage, Request, Status


def text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


NO_ATTRIBUTES = b"\0\0\0\0"
CASES = [
    (b"\3\0\0\0\7" + text(b"/in/a") + b"\0\0\0\x1a" + NO_ATTRIBUTES, Request(7, "open", (b"/in/a", 0x1A))),
    (b"\4\0\0\0\7" + text(b"h"), Request(7, "close", (b"h",))),
    (b"\5\0\0\0\7" + text(b"h") + struct.pack(">QI", 5, 9), Request(7, "read", (b"h", 5, 9))),
    (
        b"\6\0\0\0\7" + text(b"h") + struct.pack(">Q", 5) + text(b"data"),
        Request(7, "write", (b"h", 5, b"data")),
    ),
    (b"\x12\0\0\0\7" + text(b"a") + text(b"b"), Request(7, "rename", (b"a", b"b"))),
    (b"\x14\0\0\0\7" + text(b"a") + text(b"b"), Request(7, "", ())),
    (
        b"\xc8\0\0\0\7" + text(b"posix-rename@openssh.com") + text(b"a") + text(b"b"),
        Request(7, "posix_rename", (b"a", b"b")),
    ),
    (b"\xc8\0\0\0\7" + text(b"limits@openssh.com"), Request(7, "limits", ())),
    (b"\xc8\0\0\0\7" + text(b"hardlink@openssh.com") + text(b"a") + text(b"b"), Request(7, "", ())),
]


@pytest.mark.parametrize(
    ("packet", "wanted"), CASES, ids=[wanted.operation or "unknown" for _, wanted in CASES]
)
def test_a_request_is_read(packet, wanted):
    assert wire.request(packet) == wanted


@pytest.mark.parametrize(
    "packet", [packet[:-5] for packet, wanted in CASES if wanted.operation not in ("", "limits")]
)
def test_a_request_that_is_cut_short_is_a_bad_message(packet):
    with pytest.raises(BadMessage):
        wire.request(packet)


@given(some.binary(max_size=200))
def test_no_bytes_do_more_than_end_the_session(packet):
    for read in (wire.request, wire.version_of):
        try:
            read(packet)
        except BadMessage:
            continue


@given(some.integers(0, 2**32 - 1), some.sampled_from(Status), some.text(max_size=50))
def test_a_reply_carries_its_length_and_its_number(number, code, message):
    reply = wire.status(number, code, message)
    length, kind, again, status = struct.unpack_from(">IBII", reply)
    assert (length, kind, again, status) == (len(reply) - 4, 101, number, code)


def test_attributes_say_size_kind_and_time():
    flags, size, mode, _, modified = struct.unpack(">IQIII", Attributes(5, True, 7).encoded())
    assert (flags, size, oct(mode), modified) == (13, 5, "0o40700", 7)
