"""Seen keys: only what was accepted blocks, and of two at once one is the second."""

import asyncio

import pytest

from gateway.ledger import keys
from gateway.ledger.ids import new_id
from gateway.ledger.keys import BUSINESS, INTERCHANGE

from .conftest import NOW

A, B = new_id(), new_id()
ONE, TWO = "1" * 64, "2" * 64


def test_a_key_never_seen(do):
    assert do(keys.find, BUSINESS, "acme", "850/PO1") is None


def test_a_key_that_was_only_seen_blocks_nobody(do):
    assert do(keys.remember, BUSINESS, "acme", "PO1", ONE, A, NOW) is None
    assert do(keys.remember, BUSINESS, "acme", "PO1", TWO, B, NOW) is None
    seen = do(keys.find, BUSINESS, "acme", "PO1")
    assert (seen.ref, seen.digest, seen.accepted, seen.at) == (B, TWO, False, NOW)
    assert do(keys.accept, BUSINESS, "acme", "PO1", TWO, B, NOW) is None


def test_an_accepted_key_blocks_and_says_for_whom(do):
    do(keys.remember, BUSINESS, "acme", "PO1", ONE, A, NOW)
    do(keys.accept, BUSINESS, "acme", "PO1", ONE, A, NOW)
    for note in (keys.remember, keys.accept):
        standing = do(note, BUSINESS, "acme", "PO1", TWO, B, NOW)
        assert (standing.ref, standing.digest, standing.accepted) == (A, ONE, True)
    assert do(keys.find, BUSINESS, "acme", "PO1").ref == A


def test_the_holder_of_a_key_may_come_again(do):
    do(keys.accept, BUSINESS, "acme", "PO1", ONE, A, NOW)
    assert do(keys.remember, BUSINESS, "acme", "PO1", ONE, A, NOW) is None
    assert do(keys.accept, BUSINESS, "acme", "PO1", ONE, A, NOW) is None
    assert do(keys.find, BUSINESS, "acme", "PO1").accepted


def test_an_accepted_key_is_handed_on_by_compare_and_swap(do):
    do(keys.accept, BUSINESS, "acme", "PO1", ONE, A, NOW)
    standing = do(keys.find, BUSINESS, "acme", "PO1")
    assert do(keys.hand_on, standing, TWO, B, NOW)
    assert not do(keys.hand_on, standing, ONE, new_id(), NOW), "it stands no longer as it was seen"
    found = do(keys.find, BUSINESS, "acme", "PO1")
    assert (found.ref, found.digest, found.accepted) == (B, TWO, True)


OTHER = [(INTERCHANGE, "acme", "PO1"), (BUSINESS, "bolt", "PO1"), (BUSINESS, "acme", "PO2")]


@pytest.mark.parametrize(("level", "scope", "key"), OTHER)
def test_level_scope_and_key_stand_apart(do, level, scope, key):
    do(keys.accept, BUSINESS, "acme", "PO1", ONE, A, NOW)
    assert do(keys.find, level, scope, key) is None
    assert do(keys.accept, level, scope, key, TWO, B, NOW) is None


async def test_of_many_at_once_one_is_accepted(ledger):
    refs = [new_id() for _ in range(30)]
    found = await asyncio.gather(
        *(
            ledger.commit(lambda tx, ref=ref: keys.accept(tx, BUSINESS, "acme", "PO1", ONE, ref, NOW))
            for ref in refs
        )
    )
    assert found.count(None) == 1
    assert {standing.ref for standing in found if standing} == {refs[found.index(None)]}
