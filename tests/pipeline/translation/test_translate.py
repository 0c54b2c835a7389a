"""A file's sets, read: what is said of a set does not depend on whether its map is compiled yet."""

from __future__ import annotations

import pytest

from gateway import maps
from gateway.formats.events import TransactionSet
from gateway.formats.known import read
from gateway.maps.compile import compiled
from gateway.pipeline.translation.translate import Translation, by_map, translate

ORDER = (
    b"ISA*00*          *00*          *ZZ*BUYER          *ZZ*US             *260301*0930*U*00401*000000001*0*P*>~"
    b"GS*PO*BUYER*US*20260301*0930*1*X*004010~ST*850*0001~BEG*00*SA*4500017*3*20260301~PO1*1*5*EA~CTT*1~"
    b"SE*9*0001~GE*1*1~IEA*1*000000001~"
)
ANSWER = (
    b"UNB+UNOC:3+4012345000009:14+4099999000008:14+260304:1615+1'UNH+1+ORDRSP:D:96A:UN'BGM+231+R-1+29'"
    b"DTM+137:20260304:102'RFF+ON:4500017'LIN+1+5'UNS+S'UNT+99+1'UNZ+1+1'"
)


@pytest.mark.parametrize(
    ("name", "data", "number"),
    [("x12/004010/850", ORDER, ("4500017", "3")), ("edifact/D96A/ORDRSP", ANSWER, ("4500017", None))],
)
def test_a_rejected_document_keeps_its_number_however_it_is_read(
    name: str, data: bytes, number: tuple[str, str | None]
) -> None:
    """A wrong count rejects the set, and there is nothing else to say against it."""
    chosen = maps.load(name)
    (found,) = [one for one in read(data) if isinstance(one, TransactionSet)]
    assert compiled(chosen)(found.texts(), found.separator) is not None
    told = []
    for trees in (False, True):  # the fast way, and the exact one
        (one,) = [
            event for event in translate(data, by_map(chosen), trees=trees) if isinstance(event, Translation)
        ]
        assert one.object is None
        order = one.names.get("order", one.names)
        told.append((order["number"], order.get("release")))
    assert told == [number, number]
