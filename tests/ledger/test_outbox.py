"""The outbox: rendered once, the same bytes until the partner has them, closed by what the partner says."""

import pytest

from gateway.ledger import State, arrivals, blobs, control, documents, outbox

from .conftest import NOW, arrived

LATER = NOW.replace(hour=12)


def sending(content=b"ISA*997", sets=("0001",), group="7", **facts):
    carries = [
        documents.new(
            "out", "855", NOW, State.RENDERED, partner="acme", group_control=group, set_control=control
        )
        for control in sets
    ]
    named = {
        "partner": "acme",
        "channel": "acme.drop",
        "name": "855_7.edi",
        "type": "855",
        "control": "000000007",
    }
    return lambda tx: outbox.add(tx, content, NOW, carries=carries, **named | facts).id


def test_what_is_rendered_is_stored_with_what_it_carries(do):
    id = do(sending(sets=("0001", "0002"), group_control="7"))
    row = do(outbox.get, id)
    assert (row.state, row.control, row.size) == ("rendered", "000000007", 7)
    assert do(blobs.read, row.digest) == b"ISA*997"
    carried = do(documents.of_outbox, id)
    assert [each.set_control for each in carried] == ["0001", "0002"]
    assert {each.correlation for each in carried} == {row.correlation} == {id}


def test_the_same_thing_is_rendered_only_once(do):
    first = do(sending(key="997 of X/2"))
    assert do(sending(b"other", key="997 of X/2")) == first == do(outbox.find, "997 of X/2")
    assert do(outbox.find, "997 of X/3") is None
    assert do(sending()) != do(sending())
    assert len(do(documents.of_outbox, first)) == 1


def test_a_failed_rendering_gives_its_control_number_back(do):
    def render(tx):
        control.next(tx, "us", "acme", "P", "interchange")
        raise ValueError("not writable")

    with pytest.raises(ValueError, match="not writable"):
        do(render)
    assert do(control.next, "us", "acme", "P", "interchange") == 1


def sent(do, **facts):
    id = do(sending(**facts))
    do(outbox.sent, id, do(outbox.claim, id, "w", NOW, LATER), NOW)
    return id


def test_sending_takes_the_documents_along(do):
    id = sent(do, sets=("0001", "0002"))
    assert (do(outbox.get, id).state, do(outbox.get, id).sent_at) == ("sent", NOW)
    assert {row.state for row in do(documents.of_outbox, id)} == {"sent"}


def test_an_acknowledgment_is_matched_by_partner_and_group(do):
    id = sent(do, sets=("0001", "0002"))
    other = sent(do, group="8")
    found = do(documents.sent_as, "acme", "7")
    assert {(row.outbox_id, row.set_control) for row in found} == {(id, "0001"), (id, "0002")}
    assert do(documents.sent_as, "bolt", "7") == []
    assert [row.id for row in do(outbox.sent_as, "acme", "000000007")] == [other, id]


VERDICTS = [
    ([State.ACKNOWLEDGED, State.ACKNOWLEDGED], State.ACKNOWLEDGED),
    ([State.ACKNOWLEDGED, State.REFUSED], State.REFUSED),
    ([State.ACKNOWLEDGED], None),
]


@pytest.mark.parametrize(("verdicts", "end"), VERDICTS)
def test_a_sending_is_closed_when_every_document_is_judged(do, verdicts, end):
    id = sent(do, sets=("0001", "0002"))
    for row, verdict in zip(do(documents.of_outbox, id), verdicts, strict=False):
        do(documents.acknowledge, row.id, verdict, LATER, {"codes": ["5"]})
    assert do(outbox.settle, id, LATER) == end
    row = do(outbox.get, id)
    assert row.state == (end or State.SENT)
    assert do(documents.of_outbox, id)[0].acknowledged == {"codes": ["5"]}


def test_a_second_acknowledgment_may_take_a_refusal_back(do):
    id = sent(do)
    (row,) = do(documents.of_outbox, id)
    for verdict in (State.REFUSED, State.ACKNOWLEDGED):
        do(documents.acknowledge, row.id, verdict, LATER, {})
        assert do(outbox.settle, id, LATER) == verdict
    assert do(outbox.settle, id, LATER) == State.ACKNOWLEDGED


def test_an_acknowledgment_that_is_faster_than_our_own_note_stays(do):
    id = do(sending())
    token = do(outbox.claim, id, "w", NOW, LATER)
    (row,) = do(documents.of_outbox, id)
    do(documents.acknowledge, row.id, State.ACKNOWLEDGED, NOW, {})
    do(outbox.settle, id, NOW)
    do(outbox.sent, id, token, NOW)
    assert (do(outbox.get, id).state, do(documents.get, row.id).state) == ("acknowledged", "acknowledged")


def test_replaying_sends_the_same_bytes_under_the_same_name(do):
    id = sent(do)
    before = do(outbox.get, id)
    do(outbox.replay, id, LATER)
    after = do(outbox.get, id)
    assert after.state == "rendered"
    assert (after.digest, after.name, after.control) == (before.digest, before.name, before.control)
    assert {row.state for row in do(documents.of_outbox, id)} == {"rendered"}


def test_an_answer_names_what_it_answers(do):
    arrival = do(arrivals.add, arrived(), NOW).id
    id = do(sending(arrival_id=arrival, correlation=arrival))
    assert (do(outbox.get, id).arrival_id, do(documents.of_outbox, id)[0].correlation) == (arrival, arrival)


def test_an_unknown_row_is_an_error(do):
    with pytest.raises(LookupError):
        do(outbox.get, "nothing")
