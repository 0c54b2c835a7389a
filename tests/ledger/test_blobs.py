"""Blobs: kept once, found by their digest, and never handed out changed."""

import pytest

from gateway.arrival import Content
from gateway.errors import LedgerUnavailable
from gateway.ledger import blobs
from gateway.ledger.blobs import INLINE, CorruptBlob

SIZES = [0, 1, INLINE, INLINE + 1, 3 * INLINE]


def pattern(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("from_file", [False, True])
def test_what_is_kept_is_read_again(do, tmp_path, ledger, size, from_file):
    data = pattern(size)
    (tmp_path / "in").write_bytes(data)
    content = Content.of_file(tmp_path / "in") if from_file else Content.of_bytes(data)
    digest = do(blobs.add, content)
    assert do(blobs.add, content) == digest
    assert do(blobs.read, digest) == data
    assert do(blobs.part, digest, size // 3, size // 2) == data[size // 3 :][: size // 2]
    assert do(lambda tx: b"".join(blobs.chunks(tx, digest, 1000))) == data
    assert (tmp_path / "in").read_bytes() == data
    assert ledger.shelf.path(digest).exists() == (size > INLINE)
    assert not list(ledger.shelf.folder.rglob("*.part"))


def test_a_blob_changed_on_disk_is_never_handed_out(do, ledger):
    data = pattern(3 * INLINE)
    digest = do(blobs.add_bytes, data)
    ledger.shelf.path(digest).write_bytes(data[:-1] + b"!")
    with pytest.raises(CorruptBlob, match="have changed on disk; restore it"):
        do(blobs.read, digest)
    given = []
    with pytest.raises(CorruptBlob):
        given.extend(do(blobs.chunks, digest, 1000))
    assert len(b"".join(given)) < len(data)


def test_a_blob_cut_short_or_gone_is_said_to_be(do, ledger):
    data = pattern(3 * INLINE)
    digest = do(blobs.add_bytes, data)
    ledger.shelf.path(digest).write_bytes(data[:100])
    with pytest.raises(CorruptBlob, match="cut short"):
        do(blobs.part, digest, 50, 100)
    ledger.shelf.path(digest).unlink()
    for read in (blobs.read, lambda tx, digest: list(blobs.chunks(tx, digest))):
        with pytest.raises(CorruptBlob, match="No such file"):
            do(read, digest)


def test_a_changed_inline_blob_is_never_handed_out(do):
    digest = do(blobs.add_bytes, b"ISA")
    do(lambda tx: tx.exec_driver_sql("UPDATE blob SET data = x'00'"))
    with pytest.raises(CorruptBlob):
        do(blobs.part, digest, 0, 1)


def test_an_unknown_digest_and_a_place_outside_are_errors(do):
    with pytest.raises(LookupError, match="the ledger has none"):
        do(blobs.read, "0" * 64)
    digest = do(blobs.add_bytes, pattern(2 * INLINE))
    with pytest.raises(ValueError, match="bytes 131072 to 131073 of 131072"):
        do(blobs.part, digest, 2 * INLINE, 1)


@pytest.mark.parametrize("size", [10, 2 * INLINE])
def test_a_file_that_changes_while_it_is_taken_is_not_taken(do, tmp_path, ledger, size):
    (tmp_path / "in").write_bytes(pattern(size))
    content = Content.of_file(tmp_path / "in")
    (tmp_path / "in").write_bytes(b"!" * size)
    with pytest.raises(LedgerUnavailable, match="changed while it was read"):
        do(blobs.add, content)
    with pytest.raises(LookupError):
        do(blobs.read, content.digest)
    assert not [path for path in ledger.shelf.folder.rglob("*") if path.is_file()]


def test_a_shelf_that_cannot_be_written_is_unavailable(do, ledger):
    ledger.shelf.folder.rmdir()
    ledger.shelf.folder.write_text("in the way")
    with pytest.raises(LedgerUnavailable, match="storing 131072 bytes"):
        do(blobs.add_bytes, pattern(2 * INLINE))


def test_a_blob_half_written_is_written_again(do, ledger):
    data = pattern(2 * INLINE)
    path = ledger.shelf.path(Content.of_bytes(data).digest)
    path.parent.mkdir()
    path.write_bytes(data[:100])
    assert do(blobs.read, do(blobs.add_bytes, data)) == data
