"""Suppliers for rehearsals: they fetch our orders over SFTP, and answer each as a supplier does.

A 997 or a CONTRL at once, then acknowledgment, ship notice and invoice that tell the same story: all is accepted and
shipped, but for one unit of the last line, which is on backorder. So the thread of such an order has something that
does not agree. One speaks X12, the other EDIFACT; what they say is the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

import asyncssh

from gateway import library
from gateway.canonical import (
    AcknowledgedEnd,
    AcknowledgedGroup,
    AcknowledgedInterchange,
    AcknowledgedLine,
    AcknowledgedSet,
    FunctionalAcknowledgment,
    Invoice,
    InvoicedLine,
    Line,
    Moment,
    OrderAcknowledgment,
    OrderRef,
    Pack,
    Part,
    PurchaseOrder,
    Quantity,
    Response,
    ShipNotice,
    ShippedLine,
    ShippedOrder,
)
from gateway.canonical.gs1 import sscc
from gateway.canonical.pricing import unit_price
from gateway.canonical.sums import cents
from gateway.formats import edifact

SHORT = Decimal(1)
COMPANY_PREFIX = "0854120"
"""GS1's extension digit, and its company prefix."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One file of the supplier."""

    name: str
    data: bytes


X12: Mapping[type[Part], str] = {
    PurchaseOrder: "x12/004010/850",
    FunctionalAcknowledgment: "x12/004010/997",
    OrderAcknowledgment: "x12/004010/855",
    ShipNotice: "x12/004010/856",
    Invoice: "x12/004010/810",
}
EDIFACT: Mapping[type[Part], str] = {
    PurchaseOrder: "edifact/D96A/ORDERS",
    FunctionalAcknowledgment: "edifact/D3/CONTRL",
    OrderAcknowledgment: "edifact/D96A/ORDRSP",
    ShipNotice: "edifact/D96A/DESADV",
    Invoice: "edifact/D96A/INVOIC",
}
"""The map of each business object in the supplier's standard."""


@dataclass(slots=True)
class Supplier:
    """A supplier's side: its login, its identity, ours, its maps, how it confirms, and the numbers it counts on by."""

    user: str
    identity: str
    customer: str
    speaks: Mapping[type[Part], str]
    confirms: Callable[[Sequence[library.Translation]], FunctionalAcknowledgment]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def orders(self) -> str:
        """What the names of our orders' files begin with."""
        return named(self.speaks[PurchaseOrder])

    def replies(self, data: bytes, now: datetime) -> list[Reply]:
        """What the supplier sends for a file of orders: one interchange each."""
        found = [one for one in library.translate(data) if isinstance(one.object, PurchaseOrder)]
        said: list[Part] = [self.confirms(found)] if found else []
        for order in (one.object for one in found):
            said += [
                acknowledgment(order, now),
                ship_notice(order, now, next(self.numbers)),
                invoice(order, now, next(self.numbers)),
            ]
        return [self.reply(business, now) for business in said if type(business) in self.speaks]

    def reply(self, business: Part, now: datetime) -> Reply:
        control = int(now.timestamp()) % 100_000 * 1000 + next(self.numbers) % 1000
        map = library.load_map(self.speaks[type(business)])
        unsaid = dict.fromkeys(map.root.unbound & {"purpose"})  # no ORDRSP says one
        written = library.render(
            [business.model_copy(update=unsaid)],
            map,
            sender=self.identity,
            receiver=self.customer,
            control=control,
            newline=True,
            at=now,
        )
        return Reply(f"{named(map.name)}_{control:09d}.edi", written)


def named(map: str) -> str:
    return map.rpartition("/")[2]


def accepted(found: Sequence[library.Translation]) -> FunctionalAcknowledgment:
    """The 997 for the group the orders came in: all good."""
    sets = [AcknowledgedSet(code=one.set.code, control=one.set.control, verdict="accepted") for one in found]
    group = found[0].group
    return FunctionalAcknowledgment(
        group=AcknowledgedGroup(code="PO", control=group.control if group else "1"),
        sets=sets,
        verdict="accepted",
        stated=len(sets),
        received=len(sets),
        accepted=len(sets),
    )


def received(found: Sequence[library.Translation]) -> FunctionalAcknowledgment:
    """The CONTRL for the interchange the orders came in: all good."""
    came = found[0].interchange
    names = ("code", "version", "release", "agency", "association")
    return FunctionalAcknowledgment(
        interchange=AcknowledgedInterchange(
            control=came.control, sender=end(came.sender), receiver=end(came.receiver)
        ),
        sets=[
            AcknowledgedSet(
                control=one.set.control,
                verdict="accepted",
                **dict(zip(names, one.set.identifier, strict=False)),
            )
            for one in found
            if isinstance(one.set, edifact.TransactionSet)
        ],
        verdict="accepted",
    )


def keystone() -> Supplier:
    return Supplier("keystone", "ZZ/KEYSTONECER", "12/8475551234", X12, accepted)


def rheinland() -> Supplier:
    return Supplier("rheinland", "14/4012345000009", "14/4099999000008", EDIFACT, received)


def end(identity: str) -> AcknowledgedEnd:
    kind, _, value = identity.rpartition("/")
    return AcknowledgedEnd(kind=kind or None, value=value)


def acknowledgment(order: PurchaseOrder, now: datetime) -> OrderAcknowledgment:
    lines = [
        AcknowledgedLine(
            **same(line),
            responses=[
                Response(action="accepted", quantity=coming, unit=line.unit),
                *([Response(action="backordered", quantity=SHORT, unit=line.unit)] if late else []),
            ],
        )
        for line, coming, late in shipped(order)
    ]
    return OrderAcknowledgment(
        purpose="original",
        order=answered(order),
        verdict="detail and change",
        acknowledged_on=now.date(),
        lines=lines,
    )


def ship_notice(order: PurchaseOrder, now: datetime, number: int) -> ShipNotice:
    """One carton for each line."""
    packs = [
        Pack(
            kind="pack",
            ssccs=[sscc(COMPANY_PREFIX, number * 100 + at)],
            lines=[
                ShippedLine(
                    **{**same(line), "quantity": coming, "price": None},
                    ordered=Quantity(value=line.quantity, unit=line.unit),
                )
            ],
        )
        for at, (line, coming, _) in enumerate(shipped(order), 1)
        if coming
    ]
    at = Moment(now.date(), now.time().replace(second=0, microsecond=0))
    return ShipNotice(
        number=f"SN{now:%y%m%d}{number:04d}",
        purpose="original",
        created_at=at,
        shape="order pack line",
        shipped_at=Moment(now.date()),
        ship_to=order.ship_to,
        orders=[
            ShippedOrder(number=order.number, release=order.release, ordered_on=order.ordered_on, packs=packs)
        ],
    )


def invoice(order: PurchaseOrder, now: datetime, number: int) -> Invoice:
    lines = [
        InvoicedLine(**{**same(line), "quantity": coming}) for line, coming, _ in shipped(order) if coming
    ]
    prices = [(line.quantity, unit_price(line)) for line in lines]
    goods = sum((Fraction(quantity) * price for quantity, price in prices if quantity and price), Fraction(0))
    return Invoice(
        number=f"KC{now:%y%m%d}{number:04d}",
        issued_on=now.date(),
        order=answered(order),
        total=cents(Decimal(goods.numerator) / goods.denominator),
        lines=lines,
    )


def answered(order: PurchaseOrder) -> OrderRef:
    return OrderRef(number=order.number, release=order.release, ordered_on=order.ordered_on)


def same(line: Line) -> dict[str, Any]:
    """What of an order's line its answers repeat."""
    return {name: getattr(line, name) for name in ("number", "ids", "quantity", "unit", "price")}


def shipped(order: PurchaseOrder) -> Iterator[tuple[Line, Decimal, bool]]:
    """Each line, how much of it comes, and whether the rest comes later."""
    for at, line in enumerate(order.lines, 1):
        wanted = line.quantity or Decimal(0)
        late = at == len(order.lines) and wanted > SHORT
        yield line, wanted - SHORT if late else wanted, late


@dataclass(frozen=True, slots=True)
class Login:
    """Where the supplier logs in, and as whom."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)


class Fetches(Protocol):
    """Whoever fetches our orders' files, called `orders...`, and answers them."""

    @property
    def orders(self) -> str: ...

    def replies(self, data: bytes, now: datetime) -> list[Reply]: ...


async def look(supplier: Fetches, login: Login) -> int:
    """Fetches and removes what waits in out/, and puts the answers into in/; returns how many orders' files it was."""
    async with AsyncExitStack() as stack:
        joined = await stack.enter_async_context(
            asyncssh.connect(
                login.host,
                login.port,
                username=login.user,
                password=login.password,
                known_hosts=None,
                client_keys=None,
                config=None,
            )
        )
        sftp = await stack.enter_async_context(joined.start_sftp_client())
        waiting = [
            f"out/{name}"
            for name in sorted(await sftp.listdir("out"))
            if str(name).startswith(supplier.orders)
        ]
        for path in waiting:
            async with sftp.open(path, "rb", encoding=None) as file:
                data = await file.read()
            for reply in supplier.replies(
                data if isinstance(data, bytes) else data.encode(), datetime.now(UTC)
            ):
                async with sftp.open(f"in/{reply.name}", "wb", encoding=None) as target:
                    await target.write(reply.data)
            await sftp.remove(path)
    return len(waiting)
