"""The forms of one business object: told apart by the whole key, with all that was ever handed over."""

from datetime import timedelta

import pytest

from gateway.ledger import attempts, documents, forms
from gateway.ledger.attempts import DELIVERED
from gateway.ledger.states import State

from .conftest import NOW

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


def row(**facts):
    known = {"partner": "acme", "number": "PO1", "purpose": "original", "canonical": ONE} | facts
    return documents.new("in", "850", NOW, State.TRANSLATED, **known)


def test_all_documents_of_the_key_and_what_they_were_handed_over_as(do):
    (first,) = do(documents.add_many, [row()])
    (second,) = do(documents.add_many, [row(canonical=TWO)])
    do(attempts.add, 1, NOW, NOW, "failed", "busy", document_id=first)
    do(attempts.add, 2, NOW, NOW, DELIVERED, THREE, document_id=first)
    do(attempts.add, 3, NOW, NOW, DELIVERED, ONE, document_id=first)
    found = do(forms.of, row())
    assert {(form.id, form.canonical, form.handed_over) for form in found} == {
        (first, ONE, THREE),
        (first, ONE, ONE),
        (second, TWO, None),
    }
    assert set().union(*(form.digests for form in found)) == {ONE, TWO, THREE}


OTHERS = [
    {"partner": "bolt"},
    {"number": "PO2"},
    {"purpose": "cancellation"},
    {"release": "1"},
    {"purpose": None},
]


@pytest.mark.parametrize("facts", OTHERS)
def test_another_key_is_another_object(do, facts):
    do(documents.add_many, [row(**facts)])
    assert do(forms.of, row()) == []
    assert len(do(forms.of, row(**facts))) == 1


def test_what_a_worker_holds_is_in_its_hand_until_the_lease_ends(do):
    (id,) = do(documents.add_many, [row()])
    (form,) = do(forms.of, row())
    assert not form.in_hand(NOW)
    do(documents.claim, id, "w1", NOW, NOW + timedelta(minutes=1))
    (form,) = do(forms.of, row())
    assert form.in_hand(NOW + timedelta(seconds=59))
    assert not form.in_hand(NOW + timedelta(seconds=61))
