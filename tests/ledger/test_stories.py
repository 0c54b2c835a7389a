"""What a person asks: one document's story, how things stand, what waits for me, what is unfinished."""

from datetime import timedelta

import pytest

from gateway.ledger import (
    State,
    arrivals,
    attempts,
    documents,
    events,
    interchanges,
    outbox,
    stories,
    work,
)
from gateway.ledger.interchanges import InterchangeRow

from .conftest import NOW, arrived

HOUR = timedelta(hours=1)


@pytest.fixture
def tale(do):
    """An arrival with two orders, the 997 for it, an answer to the first order, and a stranger's arrival."""

    def tell(tx):
        arrival = arrivals.add(tx, arrived("po.edi"), NOW).id
        row = InterchangeRow(
            "", arrival, "in", "acme", "x12", "01/A", "ZZ/US", "P", "000000042", "00401", "received", 0
        )
        envelope = interchanges.add(tx, row)
        first, second = documents.add_many(
            tx,
            [
                documents.new(
                    "in",
                    "850",
                    NOW,
                    State.RECEIVED,
                    arrival_id=arrival,
                    interchange_id=envelope,
                    partner="acme",
                    number=f"PO{n}",
                    ordinal=n,
                    correlation=arrival,
                    group_control="421",
                )
                for n in (1, 2)
            ],
        )
        documents.move(tx, first, State.DELIVERED, None, NOW)
        attempts.add(tx, 1, NOW, NOW + HOUR, "delivered", "erp", document_id=first)
        documents.move(tx, second, State.QUARANTINED, None, NOW, faults=[{"code": "date"}])
        named = {"partner": "acme", "channel": "acme.drop", "control": "000000007"}
        carried = documents.new(
            "out", "997", NOW, State.RENDERED, partner="acme", group_control="77", set_control="0001"
        )
        answer = outbox.add(
            tx,
            b"ISA",
            NOW,
            name="997_7.edi",
            type="997",
            carries=[carried],
            arrival_id=arrival,
            correlation=arrival,
            **named,
        ).id
        attempts.add(tx, 1, NOW, NOW, "refused", "no route", outbox_id=answer)
        stranger = arrivals.add(tx, arrived("other.edi", partner="bolt"), NOW + HOUR).id
        return {
            "arrival": arrival,
            "envelope": envelope,
            "first": first,
            "second": second,
            "answer": answer,
            "stranger": stranger,
        }

    return do(tell)


def known(story):
    rows = (*story.arrivals, *story.interchanges, *story.documents, *story.outbox)
    return {row.id for row in rows}


@pytest.mark.parametrize(("key", "found"), [("PO1", "number"), ("first", "id")])
def test_an_orders_story_is_its_own(do, tale, key, found):
    story = do(stories.trace, tale.get(key, key))
    carried = {row.id for row in do(documents.of_outbox, tale["answer"])}
    assert story.found == found
    assert known(story) == {tale["arrival"], tale["envelope"], tale["first"], tale["answer"]} | carried
    assert tale["second"] not in {event.document_id for event in story.events}
    assert [event.kind for event in story.events] == [
        "received",
        "received",
        "delivered",
        "rendered",
        "rendered",
    ]
    assert [attempt.outcome for attempt in story.attempts] == ["delivered", "refused"]


KEYS = [
    ("arrival", "id"),
    ("envelope", "id"),
    ("po.edi", "name"),
    ("42", "interchange control number"),
    ("000000042", "interchange control number"),
    ("421", "group control number"),
]


@pytest.mark.parametrize(("key", "found"), KEYS)
def test_a_files_story_has_all_of_it(do, tale, key, found):
    story = do(stories.trace, tale.get(key, key))
    assert story.found == found
    assert {tale["arrival"], tale["envelope"], tale["first"], tale["second"], tale["answer"]} <= known(story)
    assert tale["stranger"] not in known(story)
    assert [event.at for event in story.events] == sorted(event.at for event in story.events)
    assert "quarantined" in {event.kind for event in story.events}


@pytest.mark.parametrize("key", ["7", "answer", "77", "997_7.edi"])
def test_what_went_out_leads_to_what_it_answers(do, tale, key):
    story = do(stories.trace, tale.get(key, key))
    assert {tale["arrival"], tale["answer"]} <= known(story)


def test_an_arrival_without_documents_has_a_story(do, tale):
    story = do(stories.trace, tale["stranger"])
    assert known(story) == {tale["stranger"]}
    assert [event.kind for event in story.events] == ["received"]


def test_a_key_nobody_knows_has_none(do, tale):
    story = do(stories.trace, "PO9")
    assert (story.found, known(story), list(story.events)) == (None, set(), [])


def test_status_counts_by_kind_partner_and_state(do, tale):
    status = do(stories.status)
    counted = {(row.kind, row.partner, row.state): row.count for row in status.counts}
    assert counted == {
        ("arrival", "acme", "received"): 1,
        ("arrival", "bolt", "received"): 1,
        ("document", "acme", "delivered"): 1,
        ("document", "acme", "quarantined"): 1,
        ("outbox", "acme", "rendered"): 1,
    }
    assert (status.of("arrival", "received"), status.of("arrival", "received", "bolt")) == (2, 1)
    assert status.oldest(["received"]) == NOW
    assert status.oldest(["dead"]) is None


def test_what_waits_for_a_person(do, tale):
    do(arrivals.move, tale["stranger"], State.DEAD, None, NOW, faults=[{"code": "empty-file"}])
    waiting = do(stories.dead)
    assert [(row.kind, row.state, row.name, row.detail[0]["code"]) for row in waiting] == [
        ("document", "quarantined", "PO2", "date"),
        ("arrival", "dead", "other.edi", "empty-file"),
    ]
    assert [row.id for row in do(stories.dead, [State.DEAD])] == [tale["stranger"]]
    assert [row.id for row in do(stories.dead, partner="acme")] == [tale["second"]]


def test_unfinished_is_what_has_work_and_no_holder(do, tale):
    def found():
        return {(task.kind, task.id, task.partner, task.channel) for task in do(work.unfinished, NOW)}

    rest = {
        ("arrival", tale["stranger"], "bolt", "acme.drop"),
        ("outbox", tale["answer"], "acme", "acme.drop"),
    }
    assert found() == {("arrival", tale["arrival"], "acme", "acme.drop")} | rest
    do(documents.replay, tale["second"], NOW)
    do(arrivals.claim, tale["arrival"], "w", NOW, NOW + HOUR)
    assert found() == {("document", tale["second"], "acme", None)} | rest
    assert ("arrival", tale["arrival"]) in {(task.kind, task.id) for task in do(work.due, NOW + 2 * HOUR)}
    assert do(work.forget_leases) == 1
    assert ("arrival", tale["arrival"], "acme", "acme.drop") in found()


def test_due_is_what_has_come_to_its_time(do, tale):
    do(outbox.move, tale["answer"], State.RETRYING, None, NOW, due_at=NOW + HOUR, attempt=2)

    def due(now):
        return {task.id for task in do(work.due, now)}

    assert tale["answer"] not in due(NOW)
    assert tale["answer"] in due(NOW + HOUR)
    (task,) = [task for task in do(work.unfinished, NOW) if task.id == tale["answer"]]
    assert (task.state, task.attempt, task.due_at) == ("retrying", 2, NOW + HOUR)
    assert len(do(work.unfinished, NOW, 1)) == 1


def test_one_partner_s_flood_hides_nobody_s_work(do):
    """Of each partner the oldest, and nothing of whom the queue has no room for."""

    def put(partner, count):
        rows = [
            documents.new("in", "850", NOW, State.TRANSLATED, partner=partner, number=str(n))
            for n in range(count)
        ]
        return do(documents.add_many, rows)

    flood, small = put("flood", 20), put("small", 2)
    assert [task.id for task in do(work.due, NOW, 5)] == flood[:5] + small
    assert [task.id for task in do(work.due, NOW, 5, ["flood"])] == small


def test_a_story_is_in_the_order_of_time_whoever_wrote_it_down_first(do):
    late, early = (
        do(arrivals.add, arrived("many.edi", key=str(at), received_at=at), NOW) for at in (NOW + HOUR, NOW)
    )
    for at in (NOW + HOUR, NOW, NOW + HOUR / 2):
        do(events.add, "seen", at, arrival_id=early.id)
    told = do(stories.trace, "many.edi")
    assert [row.id for row in told.arrivals] == [early.id, late.id]
    assert [event.at for event in told.events] == sorted(event.at for event in told.events)
    assert [event.at for event in told.events if event.kind == "seen"] == [NOW, NOW + HOUR / 2, NOW + HOUR]


def test_an_event_of_ones_own(do, tale):
    id = do(
        lambda tx: events.add(tx, "certificate", NOW, detail={"until": "2027"}, correlation=tale["arrival"])
    )
    assert id in {event.id for event in do(stories.trace, tale["arrival"]).events}
