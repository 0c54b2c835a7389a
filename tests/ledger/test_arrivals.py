"""Arrivals: stored with their bytes and an event, and a repeat knows of what."""

import pytest

from gateway.ledger import ImpossibleStep, State, arrivals, blobs, interchanges, snapshots
from gateway.ledger.interchanges import InterchangeRow

from .conftest import NOW, arrived


def test_an_arrival_is_stored_with_its_bytes(do):
    added = do(arrivals.add, arrived("po.edi", b"ISA*00*"), NOW)
    row = do(arrivals.get, added.id)
    assert row == added
    assert row.duplicate_of is None
    assert (row.channel, row.partner, row.name, row.size) == ("acme.drop", "acme", "po.edi", 7)
    assert (row.state, row.correlation, row.received_at, row.faults) == ("received", row.id, NOW, [])
    assert do(blobs.read, row.digest) == b"ISA*00*"


SECOND = [
    ("the same again", {}, True),
    ("other bytes", {"data": b"other"}, False),
    ("other key", {"key": "2"}, False),
    ("other channel", {"channel": "acme.other"}, False),
]


@pytest.mark.parametrize(("name", "change", "duplicate"), SECOND, ids=[each[0] for each in SECOND])
def test_a_repeat_is_the_same_channel_key_and_bytes(do, name, change, duplicate):
    first = do(arrivals.add, arrived(key="1"), NOW)
    second = do(arrivals.add, arrived(**{"key": "1", **change}), NOW)
    assert second.id != first.id
    assert second.duplicate_of == (first.id if duplicate else None)
    assert do(arrivals.get, second.id) == second


def test_every_repeat_names_the_first(do):
    first, *others = [do(arrivals.add, arrived(), NOW) for _ in range(3)]
    assert {each.duplicate_of for each in others} == {first.id}


def test_a_repeat_within_one_batch_is_seen(do):
    def both(tx):
        return arrivals.add(tx, arrived(), NOW), arrivals.add(tx, arrived(), NOW)

    first, second = do(both)
    assert (first.duplicate_of, second.duplicate_of) == (None, first.id)


def test_a_quarantined_arrival_is_replayed_from_its_beginning(do):
    id = do(arrivals.add, arrived(), NOW).id
    fault = {"code": "empty-file"}
    do(arrivals.move, id, State.QUARANTINED, None, NOW, faults=[fault], attempt=3)
    assert do(arrivals.get, id).faults == [fault]
    do(arrivals.replay, id, NOW, {"by": "ann"})
    row = do(arrivals.get, id)
    assert (row.state, row.attempt, row.faults) == ("received", 0, [])
    with pytest.raises(ImpossibleStep):
        do(arrivals.replay, id, NOW)


def test_an_unknown_arrival_is_an_error(do):
    with pytest.raises(LookupError):
        do(arrivals.get, "nothing")
    with pytest.raises(LookupError):
        do(arrivals.move, "nothing", State.PROCESSED, None, NOW)


def test_an_interchange_read_twice_is_stored_once(do):
    arrival = do(arrivals.add, arrived(), NOW).id
    first = InterchangeRow(
        "", arrival, "in", "acme", "x12", "ZZ/A", "ZZ/B", "P", "000000001", "00401", "received", 0
    )
    again = InterchangeRow("", arrival, "in", None, "x12", "?", "?", "?", "?", "?", "?", 0)
    second = InterchangeRow(
        "", arrival, "in", "acme", "x12", "ZZ/A", "ZZ/B", "P", "000000002", "00401", "received", 500
    )
    id = do(interchanges.add, first)
    assert do(interchanges.add, again) == id
    do(interchanges.add, second)
    do(interchanges.amend, id, state="processed", length=499, faults=[{"code": "iea-count"}])
    row = do(interchanges.get, id)
    assert (row.sender, row.state, row.length, row.faults) == (
        "ZZ/A",
        "processed",
        499,
        [{"code": "iea-count"}],
    )
    assert [row.control for row in do(interchanges.of_arrival, arrival)] == ["000000001", "000000002"]
    with pytest.raises(LookupError):
        do(interchanges.get, "nothing")


def test_snapshots_are_kept_and_the_last_adopted_is_the_latest(do):
    assert do(snapshots.latest) is None
    assert do(snapshots.adopt, "a" * 64, b"one", NOW) is True
    assert do(snapshots.adopt, "b" * 64, b"two", NOW.replace(minute=31)) is True
    assert do(snapshots.latest).body == b"two"
    assert do(snapshots.adopt, "a" * 64, b"one", NOW.replace(minute=32)) is False
    assert do(snapshots.latest).body == b"one"
    assert do(snapshots.get, "b" * 64).body == b"two"
    with pytest.raises(LookupError):
        do(snapshots.get, "c" * 64)
