"""A ship notice nested another way: orders around packs or within them, lines in packs or packs beneath their line.

Every fact keeps its level and goes where that level goes. An order that is no level any more is named by its lines.
What would be left without a place, or be said of two things where it was said of one, is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.canonical.base import Part, said
from gateway.canonical.parts import OrderRef
from gateway.canonical.ship_notice import Pack, ShipNotice, ShippedLine, ShippedOrder
from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place

LEVELS = ("order", "tare", "pack", "line")
"""What a shape is made of. Where `tare` is not named, a pallet is a pack that holds packs."""

CONTENTS = ("orders", "packs", "lines")
NAMED_BY_LINES = ("number", "release", "change", "ordered_on")
"""What a line says of its order where the order is no level."""

COUNTED = frozenset(
    (
        "amounts",
        "charges",
        "destinations",
        "equipment",
        "inner",
        "loads",
        "measures",
        "packaging",
        "packed",
        "schedule",
        "serials",
        "shipped_to_date",
        "taxes",
    )
)
"""What is said once: of each of two parts it would say twice as much."""

Path = tuple[str | int, ...]


def levels(shape: str) -> tuple[str, ...]:
    """The levels of a shape, from outside in. Raises ValueError where it is none."""
    found = tuple(shape.split())
    if not found or len(set(found)) < len(found) or not set(found) <= set(LEVELS):
        raise ValueError(f"levels from outside in, each once: order pack line; there are {', '.join(LEVELS)}")
    return found


def arranged(notice: ShipNotice, shape: str) -> ShipNotice:
    """The notice with its contents nested as the shape says. Raises NotWritable, every fault by field.

    One that lies so already stays as it is.
    """
    nesting = levels(shape)
    named = {"shape": " ".join(nesting)}
    for_all = notice.order if "order" in nesting else None
    if lies(notice, nesting):
        return notice.model_copy(update=named)
    arranging = _Arranging(nesting)
    for way in list(_Walk(arranging.faults, for_all).ways(notice)):
        arranging.place(way)
    arranging.once()
    if arranging.faults:
        raise NotWritable(arranging.faults)
    left = {"order": None if for_all is not None else notice.order}
    return notice.model_copy(update={**arranging.top.contents(), **named, **left})


def lies(around: Part, nesting: tuple[str, ...], at: int = 0, ordered: bool = False) -> bool:
    """Whether all that lies in the part lies as the shape says; a level may be missing, not stand elsewhere."""
    if isinstance(around, ShipNotice) and around.order is not None and "order" in nesting:
        return not any(getattr(around, name) for name in CONTENTS)
    for name in CONTENTS:
        for part in getattr(around, name, ()):
            level = _level(part, nesting)
            known = nesting.index(level) if level in nesting else -1
            again = level in ("tare", "pack")
            if known < at or not lies(
                part, nesting, known if again else known + 1, ordered or name == "orders"
            ):
                return False
            if "order" in nesting and not ordered and name == "lines" and _names_order(part):
                return False
    return True


def _level(part: Part, nesting: tuple[str, ...]) -> str:
    if isinstance(part, Pack):
        return "tare" if "tare" in nesting and part.kind == "tare" else "pack"
    return "order" if isinstance(part, ShippedOrder) else "line"


def _names_order(line: ShippedLine) -> bool:
    return line.order is not None and line.order.number is not None


# -- what there is


@dataclass(frozen=True, slots=True)
class _Found:
    """One part without its contents, where it stood, and what makes two of them the same."""

    part: Any
    path: Path
    key: object

    @staticmethod
    def of(part: Any, path: Path) -> _Found:
        """Without its contents. Orders are the same that say the same of all their goods, packs that have one SSCC."""
        bare = part.model_copy(update={name: [] for name in CONTENTS if hasattr(part, name)})
        labelled = isinstance(part, Pack) and bool(part.ssccs)
        alike = labelled or (isinstance(part, ShippedOrder) and not COUNTED & said(bare))
        return _Found(bare, path, bare.to_json() if alike else path)


@dataclass(frozen=True, slots=True)
class _Way:
    """How one line lies: its order and its packs from outside in. Without a line what holds nothing at all.

    `share` is which of the packs beneath the line this is, and None where there are not several.
    """

    order: _Found | None
    packs: tuple[_Found, ...]
    line: _Found | None = None
    share: int | None = None


@dataclass(slots=True)
class _Walk:
    """Through the notice, line by line. `for_all` is the order of what is in none and names none."""

    faults: list[Fault]
    for_all: OrderRef | None = None
    _orders: list[_Found] = field(default_factory=list)

    def ways(self, notice: ShipNotice) -> Iterator[_Way]:
        found = list(self._in(notice, (), None, ()))
        self._orders = [way.order for way in found if way.order is not None]
        yield from (way if way.order is not None else self._by_its_line(way) for way in found)

    def _in(
        self, around: Part, path: Path, order: _Found | None, packs: tuple[_Found, ...]
    ) -> Iterator[_Way]:
        """The ways that end in the part. Its own line, order or pack is in them already."""
        empty = True
        for name in CONTENTS:
            for index, part in enumerate(getattr(around, name, ())):
                empty, at = False, (*path, name, index)
                if name == "lines":
                    yield from self._line(part, at, order, packs)
                elif name == "packs":
                    yield from self._in(part, at, order, (*packs, _Found.of(part, at)))
                elif order is None:
                    yield from self._in(part, at, _Found.of(part, at), packs)
                else:
                    self._refuse(at, "no order within another")
        if empty and (order is not None or packs):
            yield _Way(order, packs)

    def _line(
        self, line: ShippedLine, path: Path, order: _Found | None, packs: tuple[_Found, ...]
    ) -> Iterator[_Way]:
        found = _Found.of(line, path)
        inner = list(self._beneath(line.packs, path, packs))
        for share, each in enumerate(inner or [packs]):
            yield _Way(order, each, found, share if len(inner) > 1 else None)

    def _beneath(
        self, below: list[Pack], path: Path, packs: tuple[_Found, ...]
    ) -> Iterator[tuple[_Found, ...]]:
        """The packs beneath a line, each with those around it."""
        for index, pack in enumerate(below):
            at = (*path, "packs", index)
            if pack.lines or pack.orders:
                self._refuse(at, "nothing but packs in a pack beneath a line")
            here = (*packs, _Found.of(pack, at))
            yield from self._beneath(pack.packs, at, here) if pack.packs else [here]

    def _by_its_line(self, way: _Way) -> _Way:
        """With the order the line names, or that of all, which may say more elsewhere in the notice."""
        line = way.line.part if way.line is not None else None
        own = line.order if line is not None and _names_order(line) else None
        reference = own or self.for_all
        if reference is None:
            return way
        named = {name: getattr(reference, name) for name in NAMED_BY_LINES}
        said_more = {one.key: one for one in self._orders if _agrees(one.part, named)}
        if len(said_more) == 1:
            order = next(iter(said_more.values()))
        else:
            around = way.line.path if own is not None and way.line is not None else ()
            order = _Found.of(ShippedOrder(**named), (*around, "order"))
        return _Way(order, way.packs, way.line, way.share)

    def _refuse(self, path: Path, expected: str) -> None:
        self.faults.append(_fault(Code.NOT_WRITABLE, path, None, f"{expected}, to be nested another way"))


def _agrees(order: ShippedOrder, named: dict[str, Any]) -> bool:
    return all(value is None or getattr(order, name) == value for name, value in named.items())


# -- what becomes of it


@dataclass(slots=True)
class _Made:
    """A part of the notice to be, and what will lie in it."""

    part: Any = None
    below: dict[str, dict[object, _Made]] = field(default_factory=dict)

    def child(self, name: str, key: object, part: Any) -> _Made:
        return self.below.setdefault(name, {}).setdefault(key, _Made(part))

    def contents(self) -> dict[str, list[Any]]:
        lists = {name: list(made.values()) for name, made in self.below.items()}
        return {name: [one.whole() for one in lists.get(name, ())] for name in CONTENTS}

    def whole(self) -> Any:
        known = {name: parts for name, parts in self.contents().items() if hasattr(self.part, name)}
        return self.part.model_copy(update=known)


@dataclass(slots=True)
class _Arranging:
    """The notice to be, way by way."""

    nesting: tuple[str, ...]
    faults: list[Fault] = field(default_factory=list)
    top: _Made = field(default_factory=_Made)
    _told: set[tuple[Path, bool]] = field(default_factory=set)
    _homes: dict[Path, tuple[_Found, set[int]]] = field(default_factory=dict)
    _shared: dict[Path, list[_Way]] = field(default_factory=dict)

    def place(self, way: _Way) -> None:
        made = self.top
        for level in self.nesting:
            if level == "line":
                made = self._line(way, made)
            else:
                for found in self._at(level, way):
                    name = "orders" if level == "order" else "packs"
                    self._homes.setdefault(found.path, (found, set()))[1].add(id(made))
                    made = made.child(name, found.key, found.part)
        self._vanished(way)

    def once(self) -> None:
        """A pack lies in one place; an order that lies in several says nothing that would be counted twice."""
        for found, homes in self._homes.values():
            if len(homes) == 1:
                continue
            if isinstance(found.part, Pack):
                expected = (
                    f"what fits into one pack of the shape {' '.join(self.nesting)}; it would stand twice"
                )
                self.faults.append(_fault(Code.NOT_WRITABLE, found.path, _sscc(found.part), expected))
            else:
                self._not_carried(found, COUNTED & said(found.part))
        for ways in self._shared.values():
            self._shares(ways)

    def _at(self, level: str, way: _Way) -> list[_Found]:
        if level == "order":
            return [way.order] if way.order is not None else []
        return [found for found in way.packs if _level(found.part, self.nesting) == level]

    # -- lines

    def _line(self, way: _Way, made: _Made) -> _Made:
        if way.line is None:
            return made
        line, key = self._named(way, way.line), way.line.key
        if way.share is not None and self._packs_around():
            self._shared.setdefault(way.line.path, []).append(way)
            line, key = line.model_copy(update={"quantity": way.packs[-1].part.quantity}), (key, way.share)
        return made.child("lines", key, line)

    def _packs_around(self) -> bool:
        outer = self.nesting[: self.nesting.index("line")]
        return "pack" in outer or "tare" in outer

    def _named(self, way: _Way, found: _Found) -> ShippedLine:
        """The line, with the name of its order where that is no level, and without it where the order says it all."""
        line: ShippedLine = found.part
        if way.order is None:
            return line
        if "order" not in self.nesting:
            return line.model_copy(update={"order": self._reference(way.order, found)})
        if _lies_in(way.order, found):
            return line
        says_more = line.order is not None and line.order.line is not None
        return line if says_more else line.model_copy(update={"order": None})

    def _reference(self, order: _Found, found: _Found) -> OrderRef | None:
        """What the line will say of its order; two that differ are none."""
        own = found.part.order or OrderRef()
        values: dict[str, Any] = {"line": own.line}
        for name in NAMED_BY_LINES:
            around, inside = getattr(order.part, name), getattr(own, name)
            values[name] = around if inside is None else inside
            if around is not None and inside is not None and around != inside:
                path = (*found.path, "order", name)
                self.faults.append(
                    _fault(Code.NOT_WRITABLE, path, str(inside), f"{around}, as its order says")
                )
        reference = OrderRef(**values)
        return reference if said(reference) else None

    def _shares(self, ways: list[_Way]) -> None:
        """A line whose packs will each hold a part of it: how much must be said, and all of it be there."""
        found = ways[0].line
        if found is None:
            return
        line: ShippedLine = found.part
        if not _adds_up(line, [way.packs[-1].part for way in ways]):
            came = None if line.quantity is None else str(line.quantity)
            expected = "as much as its packs hold together, each of which says how much"
            self.faults.append(_fault(Code.NOT_WRITABLE, (*found.path, "quantity"), came, expected))
        self._not_carried(found, COUNTED & said(line))

    # -- levels that are none any more

    def _vanished(self, way: _Way) -> None:
        """Refuses what a part says whose level the shape has not, but for what its lines say in its stead."""
        parts = [way.order, *way.packs, way.line]
        for found in (one for one in parts if one is not None):
            by_line = isinstance(found.part, ShippedOrder) and way.line is not None
            if (
                _level(found.part, self.nesting) not in self.nesting
                and (found.path, by_line) not in self._told
            ):
                self._told.add((found.path, by_line))
                self._not_carried(found, said(found.part) - set(NAMED_BY_LINES if by_line else ()))

    def _not_carried(self, found: _Found, names: frozenset[str] | set[str]) -> None:
        for name in sorted(names):
            expected = f"a shape in which it has its place, not {' '.join(self.nesting)}"
            value = getattr(found.part, name)
            came = None if isinstance(value, list | dict | Part) else str(value)
            self.faults.append(_fault(Code.NOT_CARRIED, (*found.path, name), came, expected))


def _adds_up(line: ShippedLine, packs: list[Pack]) -> bool:
    quantities = [pack.quantity for pack in packs if pack.quantity is not None]
    alike = all(pack.unit in (None, line.unit) for pack in packs)
    return alike and len(quantities) == len(packs) and sum(quantities, Decimal(0)) == line.quantity


def _lies_in(order: _Found, line: _Found) -> bool:
    """Whether the line stood in the order, rather than named it."""
    return line.path[: len(order.path)] == order.path


def _sscc(pack: Pack) -> str | None:
    return pack.ssccs[0] if pack.ssccs else None


def _fault(code: Code, path: Path, came: str | None, expected: str) -> Fault:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    hint = "agree on another shape with the partner, or send it in two notices"
    return Fault(code, Place(field=text.removeprefix(".")), came, expected, hint=hint)
