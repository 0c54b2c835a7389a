"""Mutated documents and hostile set-ups: faults or a SetupError come of them, never another exception, never a hang.

GATEWAY_FUZZ=20000 pytest tests/end_to_end/test_fuzz.py -n 2      so many documents of each family (750 by default)
GATEWAY_FUZZ_SEED=4711 pytest tests/end_to_end/test_fuzz.py       that one document, as a failure named it
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import pytest

from gateway.certification import laws
from gateway.certification.rehearsal import rehearse
from gateway.faults import Fault, rejecting
from gateway.formats import known
from gateway.formats.events import Group, Interchange, TransactionSet
from gateway.pipeline.translation.conversion import as_agreed
from gateway.pipeline.translation.inspection import inspect
from gateway.pipeline.translation.layouts import laid_out
from gateway.pipeline.translation.translate import Choice, Translation, translate

from .mutations import SAYING, mutated
from .test_samples import house

HOW_MANY = int(os.environ.get("GATEWAY_FUZZ", "750"))
SEED = os.environ.get("GATEWAY_FUZZ_SEED")
SLOWEST = 20.0
"""Seconds for one document; most take a few hundredths, the largest some seconds when the machine is busy."""
IN_A_CHUNK = 100
CHUNKS = (
    [[int(SEED)]]
    if SEED
    else [list(range(at, min(at + IN_A_CHUNK, HOW_MANY))) for at in range(0, HOW_MANY, IN_A_CHUNK)]
)


@contextmanager
def named(seed: int) -> Iterator[None]:
    """Whatever goes wrong names the document, and nothing takes long."""
    began = perf_counter()
    try:
        yield
    except BaseException as error:
        error.add_note(f"GATEWAY_FUZZ_SEED={seed} pytest tests/end_to_end/test_fuzz.py")
        raise
    assert perf_counter() - began < SLOWEST, f"document {seed} took long"


def sound(faults: list[Fault]) -> None:
    """Every fault can be shown, and as JSON."""
    json.dumps([fault.as_dict() for fault in faults])
    assert all(str(fault) for fault in faults)


def both_ways(one: Translation) -> None:
    """Fast and exact agree; what became an object is written and read again, or refused with faults."""
    assert laws.disagreement(one) is None
    if one.object is None:
        assert rejecting(one.all_faults) or one.set.incomplete or one.choice.map is None
        return
    assert type(one.object).from_json(one.object.to_json()) == one.object
    written = laws.write(one)
    assert written is not None
    if not written.refused:
        assert written.back is not None
        assert written.back.object == written.wanted
    assert laws.rewritten(one) == one.set.raw


def read(data: bytes) -> None:
    """Without a profile, by the quick way and by the exact one: the same faults, the same sets."""
    report = inspect(data, "mutated")
    sound(report.faults)
    json.dumps(report.as_dict())
    told = [one["faults"] for at in report.interchanges for group in at["groups"] for one in group["sets"]]
    exact = [event for event in translate(data, trees=True) if isinstance(event, Translation)]
    assert told == [[fault.as_dict() for fault in one.all_faults] for one in exact]
    for one in exact:
        both_ways(one)


def as_answered(header: Interchange, group: Group | None, found: TransactionSet) -> Choice:
    version = found.version if header.standard == "x12" else header.version
    chosen = house().acknowledgment_map(found.code, version, header.standard)
    return Choice(chosen.guide, chosen)


def answered(data: bytes) -> None:
    """What we answer is itself without faults; an answer that cannot be written says why.

    An answer repeats what came, so it is judged by its own maps, which let that be too short.
    """
    known = house()
    done = rehearse(known, known.snapshot.partners["harbor"], data)
    sound(done.faults)
    assert all(done.unanswered)
    for answer in (*done.acknowledgments, *done.ta1s):
        for event in translate(answer, as_answered):
            assert rejecting(event.all_faults if isinstance(event, Translation) else event.faults) == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("family", SAYING)
@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: str(seeds[0]))
def test_mutated_documents(seeds: list[int], family: str):
    for seed in seeds:
        with named(seed):
            data = mutated(seed, family)
            read(data)
            answered(data)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("family", SAYING)
@pytest.mark.parametrize("seeds", CHUNKS[: max(1, len(CHUNKS) // 5)], ids=lambda seeds: str(seeds[0]))
def test_a_document_in_pieces_is_the_document(seeds: list[int], family: str):
    """However the bytes arrive, the events are the same."""
    for seed in seeds:
        with named(seed):
            data = mutated(seed, family)[:40_000]
            whole = [(type(event), event.offset, event.faults) for event in known.read(data)]
            pieces = (data[at : at + 97] for at in range(0, len(data), 97))
            assert [(type(event), event.offset, event.faults) for event in known.read(pieces)] == whole


FEW = CHUNKS if "GATEWAY_FUZZ" in os.environ or SEED else CHUNKS[:2]
"""Files of records are read and written several times each."""
SENDERS = ("swift3pl", "werkstatt")


def records_read(data: bytes) -> None:
    """A file of records by what is agreed with whoever may have sent it: as above, and the table is sound."""
    known_as = house()
    partners = [known_as.snapshot.partners[name] for name in SENDERS]
    layout, _ = laid_out(known_as, partners, "", data)
    sender = next((one for one in partners if layout and layout.name.startswith(one.partner)), partners[0])
    done = rehearse(known_as, sender, data)
    sound(done.faults)
    assert all(done.unanswered)
    choose = as_agreed(known_as, sender.partner)
    if layout is None:
        return
    quick, exact = (
        [one for one in translate(data, choose, trees=trees, layout=layout) if isinstance(one, Translation)]
        for trees in (False, True)
    )
    assert [one.all_faults for one in quick] == [one.all_faults for one in exact]
    for one in exact:
        both_ways(one)
    for table in done.acknowledgments:
        rows = list(csv.reader(io.StringIO(table.decode(), newline="")))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {7}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seeds", FEW, ids=lambda seeds: str(seeds[0]))
def test_mutated_files_of_records(seeds: list[int]):
    for seed in seeds:
        with named(seed):
            records_read(mutated(seed, "flat"))


def test_a_seed_is_a_document():
    assert mutated(7) == mutated(7)
    assert len({mutated(seed) for seed in range(50)}) > 40
