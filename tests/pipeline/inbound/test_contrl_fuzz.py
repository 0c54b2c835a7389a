"""Whatever an EDIFACT file looks like, its sender can be answered: by a CONTRL that reads without a fault."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from random import Random

import pytest

from gateway.faults import rejecting
from gateway.formats import known
from gateway.formats.enclosing import Numbers
from gateway.formats.events import Limits
from gateway.ledger.arrivals import ArrivalRow
from gateway.pipeline.inbound.findings import Closed, Opened
from gateway.pipeline.inbound.reader import Reader
from gateway.pipeline.translation import answer
from gateway.pipeline.translation.house import House

from ..desk import NOON, house_in, house_of
from ..edifact import bad_order, files, group, interchange, order

HOW_MANY = int(os.environ.get("GATEWAY_FUZZ", "300"))
SEEDS = [
    interchange(order(), bad_order(), order("3", "3")),
    interchange(order(), syntax="UNOA:1"),
    interchange(group(order(), bad_order()), group(order("3", "3"), control="8"), syntax="UNOC:4"),
    interchange(order("Müller?+Söhne??"), syntax="UNOC:3", una="UNA:+.? '", behind="+REF+ORDERS+A+1+EANCOM"),
    interchange(order(), "UNO+1+1:ABC+1+5'helloUNP+5+1'", syntax="UNOW:4"),
]
PIECES = (
    b"'", b"+", b":", b"?", b"*", b"\x00", b"\x1d\x1f\x1c", b"\xff", b"\xc3", "…".encode(), b"~", b" ", b"\r\n",
    b"UNB+UNOC:3", b"UNZ+1+7'", b"UNT+1+1'", b"UNH+1+ORDERS:D:96A:UN'", b"UNG+", b"UNE+1+7'", b"UNA:+.? '",
    b"x" * 90, b"9" * 40, b"", b"\x7f", b"\xe9", b"UNO+1+", b"/", b"ISA*",
)  # fmt: skip


def mutated(seed: int) -> bytes:
    chance = Random(seed)
    data = chance.choice(SEEDS)
    for _ in range(chance.randint(1, 6)):
        at, size = chance.randrange(len(data) + 1), chance.choice([0, 0, 1, 2, 9, 40])
        piece = chance.choice(PIECES)
        if chance.random() < 0.2:
            start = chance.randrange(len(data) + 1)
            piece = data[start : start + chance.randint(1, 120)]
        data = data[:at] + piece + data[at + size :]
    return data


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_of(house_in(tmp_path_factory.mktemp("house"), files()))


def answered(house: House, data: bytes) -> list[bytes]:
    """What would go back: composed while it is read, else what rejects an interchange of nobody's."""
    arrival = ArrivalRow.__new__(ArrivalRow)
    fields = {
        "id": "a", "channel": "acme.drop", "partner": "acme", "name": "x.edi", "correlation": "c", "size": len(data),
    }  # fmt: skip
    for name in ArrivalRow.__dataclass_fields__:
        object.__setattr__(arrival, name, fields.get(name))
    sent: list[bytes] = []
    header = None
    for batch in Reader(house, replace(arrival), NOON, 100).batches(data, Limits()):
        for found in pickle.loads(pickle.dumps(batch)):  # noqa: S301  as it comes from another process
            if isinstance(found, Opened):
                header = found
            if isinstance(found, Closed) and header is not None:
                made = list(found.answers.values())
                who = house.partner(header.partner) or house.partner(header.addressee)
                if not made and who is not None and found.answerable:
                    one = answer.receipt(house, who, header.header, found.faults, NOON)
                    made = [one] if one else []
                for one in made:
                    assert not isinstance(one, str), one
                    sent.append(one.data(Numbers(1, 1), NOON))
    return sent


@pytest.mark.parametrize(
    "seeds", [range(at, at + 100) for at in range(0, HOW_MANY, 100)], ids=lambda one: one[0]
)
def test_every_answer_can_be_written_and_read(house: House, seeds: range):
    count = 0
    for seed in seeds:
        try:
            for data in answered(house, mutated(seed)):
                faults = [fault for event in known.read(data) for fault in rejecting(event.faults)]
                assert [fault.code.word for fault in faults if fault.place.segment != "UNB"] == []
                count += 1
        except BaseException as error:
            error.add_note(f"mutated({seed})")
            raise
    assert count > 30
