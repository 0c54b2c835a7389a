"""A place's words -> one position of the guide, fixed when the map is loaded; documents are never searched.

A name is looked for among the scope's own segments, then as the first segment of a loop directly in it, then as the
first segment of the scopes around. Two positions that fit are a fault that names both. In a scope on a level of a tree
the level's own tag with a bracket, or as a scope, means the levels that lie in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.guides.model import Composite, Element, Guide, Position, Seat, SegmentSpec, Use
from gateway.maps.model import Filter, PairOf, Place, Step, Test
from gateway.maps.places import Bracket, Misfit, Named, Spelled, no_place, parse
from gateway.marked_yaml import close


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a block stands in the guide: its loop (None inside a segment), its own segment, the ground around."""

    loop: Position | None
    own: Position | None = None
    outer: Ground | None = None


def resolve(text: str, ground: Ground, guide: Guide) -> Place:
    """The place of a value. Raises Misfit where the guide has no such place, or two."""
    spelled = parse(text)
    place = _segment(spelled, ground, guide)
    return _value(place, spelled)


def resolve_scope(text: str, ground: Ground, guide: Guide) -> Place:
    """The place of an `in:` or `each:`: segments, each with the loop it opens."""
    spelled = parse(text)
    if spelled.element or spelled.field or spelled.span or len(spelled.last.brackets) > 1:
        raise Misfit(f"{text}: in: and each: take segments, not elements", fix=f"write {spelled.last.tag}")
    place = _segment(spelled, ground, guide, scope=True)
    if place.own and not place.steps:
        raise Misfit(
            f"{text}: {spelled.last.tag} is already the scope", fix="bind its elements where they are"
        )
    if place.pair is not None:
        raise Misfit(
            f"{text}: {spelled.last.tag} has no qualifier of its own, only pairs", fix=spelled.last.tag
        )
    return place


def ground_of(place: Place, ground: Ground) -> Ground:
    """The ground inside an `in:` or `each:`."""
    loop = place.steps[-1].loop if place.own and place.steps else None
    outer = _around(ground, place.up).outer if place.lower else ground
    return Ground(loop, place.position, outer)


def element_of(place: Place) -> Element:
    """The guide's row of the value: the element, or the component of its composite."""
    return place.spec.element(place.seat)


def _segment(spelled: Spelled, ground: Ground, guide: Guide, *, scope: bool = False) -> Place:
    """Everything of the place but its element."""
    if spelled.record and guide.layout is None:
        raise no_place(spelled.text)
    names = [*spelled.steps, spelled.last]
    up, found = _first(names[0], ground, spelled, guide)
    if found is None and (scope or len(names) > 1 or names[0].brackets):
        found = _lower(_around(ground, up))
    if found is None:  # the scope's own segment, or that of a scope around
        own = _around(ground, up).own
        if own is None or len(names) > 1:
            what = f"{spelled.text}: {names[0].tag} is already the scope"
            raise Misfit(what, fix="leave the step away")
        return _bracketed(Place(spelled.text, own, own=True, up=up), names[0], inside=True)
    place, base = Place(spelled.text, found, up=up), _around(ground, up).loop
    for name in names[1:]:
        place = _into(place, name, spelled, base)
    return _last(place, spelled.last, base, spelled)


def _lower(ground: Ground) -> Position | None:
    """The loop of the levels that lie in the scope's own, where it is a tree's."""
    loop = ground.loop
    return loop if loop is not None and loop.tree is not None and ground.own is loop.children[0] else None


def _first(name: Named, ground: Ground, spelled: Spelled, guide: Guide) -> tuple[int, Position | None]:
    """(scopes to go up, position), the position None for a scope's own segment."""
    if spelled.area is None and ground.own is not None and ground.own.tag == name.tag:
        return 0, None
    if ground.loop is not None and (found := _child(ground.loop, name, spelled)):
        return 0, found
    up, around = 1, ground.outer
    while spelled.area is None and around is not None:
        if around.own is not None and around.own.tag == name.tag:
            return up, None
        up, around = up + 1, around.outer
    raise _nowhere(name, ground, spelled, guide)


def _around(ground: Ground, up: int) -> Ground:
    for _ in range(up):
        ground = ground.outer or ground
    return ground


def _child(loop: Position, name: Named, spelled: Spelled) -> Position | None:
    """The loop's own segment of that tag, else the loop nested directly in it that such a segment opens."""
    fitting = [
        child for child in loop.children if child.tag == name.tag and spelled.area in (None, child.area)
    ]
    found = [child for child in fitting if not child.is_loop] or fitting
    if len(found) > 1:
        both = " and ".join(f"{child.area}/{child.path}" for child in found[:2])
        raise Misfit(
            f"{spelled.text}: {name.tag} stands in two places, {both}",
            fix=f"write {found[0].area}/{spelled.text}",
        )
    return found[0] if found else None


def _into(place: Place, name: Named, spelled: Spelled, base: Position | None) -> Place:
    """One step further: the place found so far must be a loop."""
    loop, at = place.position, len(place.steps)
    if not loop.is_loop:
        raise Misfit(f"{spelled.text}: {loop.tag} opens no loop here", fix=f"write {name.tag} alone")
    head = _bracketed(Place(spelled.text, loop.children[0]), spelled.steps[at], step=True)
    child = loop if loop.tree is not None and loop.tag == name.tag else _child(loop, name, spelled)
    if child is None:
        known = {below.tag for below in loop.children}
        raise Misfit(
            f"{spelled.text}: {name.tag} does not stand in the loop {loop.path}", fix=close(name.tag, known)
        )
    step = _step(place, loop, _held(head.only, loop, spelled.steps[at], spelled), base)
    return replace(place, position=child, steps=(*place.steps, step))


def _held(only: Filter, loop: Position, name: Named, spelled: Spelled) -> Filter:
    """The filter with what the loop must hold, or must not."""
    way: list[Position] = []
    for tag in name.holding:
        child = _child(way[-1] if way else loop, Named(tag), spelled)
        if child is None:
            known = {below.tag for below in (way[-1] if way else loop).children}
            raise Misfit(
                f"{spelled.text}: {tag} does not stand in the loop {loop.path}", fix=close(tag, known)
            )
        way.append(child)
    return replace(only, holding=tuple(way), lacked=name.lacked) if way else only


def _step(place: Place, loop: Position, only: Filter, base: Position | None) -> Step:
    """A step into the loop from where the place has come to, which without steps is the scope's loop."""
    here = place.steps[-1].loop if place.steps else base
    return Step(loop, only, loop.tree is not None and here is loop)


def _last(place: Place, name: Named, base: Position | None, spelled: Spelled) -> Place:
    """The segment itself; where it opens a loop, that loop is the last step and the qualifier is its."""
    if not place.position.is_loop:
        if name.holding:
            raise Misfit(f"{place.text}: {name.tag} opens no loop here", fix=f"write {name.tag} alone")
        return _bracketed(place, name)
    loop = place.position
    inner = _bracketed(replace(place, position=loop.children[0]), name)
    only = _held(inner.only, loop, name, spelled)
    steps = (*place.steps, _step(place, loop, only, base))
    return replace(inner, own=True, steps=steps, only=Filter())


def _bracketed(place: Place, name: Named, *, inside: bool = False, step: bool = False) -> Place:
    """The brackets as filter and pair: first the segment's own qualifier, then the pair's.

    Inside a scope on that very segment the qualifier is already said, so the bracket is the pair.
    """
    spec, brackets = place.spec, list(name.brackets)
    only = Filter()
    if brackets and brackets[0].counts:
        counted = brackets.pop(0)
        only = Filter(first=counted.first, last=counted.last)
    if brackets and spec.qualifiers and not (inside and spec.pairs):
        only = replace(only, tests=_tests(brackets.pop(0), spec, place.text))
    pair = _pair(brackets.pop(0), spec, place.text) if brackets and spec.pairs and not step else None
    if brackets:
        fix = f"name an element, {name.tag}02, or leave the bracket away"
        raise Misfit(f"{place.text}: the guide names no such qualifier of {name.tag}", fix=fix)
    return replace(place, only=only, pair=pair)


def _tests(bracket: Bracket, spec: SegmentSpec, text: str) -> tuple[Test, ...]:
    if len(bracket.codes) > len(spec.qualifiers):
        what = f"{text}: {spec.tag} has {len(spec.qualifiers)} qualifiers, not {len(bracket.codes)}"
        raise Misfit(what, fix="a comma parts qualifiers, | parts codes of one: TAX[7|9]")
    return tuple(
        Test(spec.seat(element), codes)
        for element, codes in zip(spec.qualifiers, bracket.codes, strict=False)
    )


def _pair(bracket: Bracket, spec: SegmentSpec, text: str) -> PairOf:
    if spec.pairs is None or len(bracket.codes) != 1:
        raise Misfit(f"{text}: a pair has one qualifier", fix=f"{spec.tag}[UP]")
    return PairOf(spec.pairs, bracket.codes[0])


def _value(place: Place, spelled: Spelled) -> Place:
    """The element of the place, checked against the segment."""
    spec = place.spec
    element = (
        spelled.element
        or _field(spec, spelled)
        or (spec.pairs.value if place.pair and spec.pairs else spec.value)
    )
    if element is None and spec.named:
        raise Misfit(f"{spelled.text}: name the field", fix=f"write {spec.tag}.{spec.label(1)}")
    if element is None:
        raise Misfit(f"{spelled.text}: name the element", fix=f"{spelled.text}01 is {spec.uses[0].name}")
    if place.pair is not None and spelled.element:
        raise Misfit(f"{spelled.text}: a pair stands anywhere", fix="leave the element's number away")
    if not 1 <= element <= len(spec.uses):
        last = len(spec.uses)
        raise Misfit(
            f"{spelled.text}: {spec.tag} has {last} elements", fix=f"name one up to {spec.tag}{last:02d}"
        )
    tests = _qualified(spec, spelled) if spelled.qualified else ()
    placed = replace(place, element=element, last=element, qualified=tests)
    inner = spelled.component
    if spelled.element is None:  # the guide says which component is the value
        inner = next(spec.pairs.seats)[1].component if place.pair and spec.pairs else spec.component
    return _spanned(_component(placed, spelled, inner), spelled)


def _field(spec: SegmentSpec, spelled: Spelled) -> int | None:
    """The number of the element that is named; None where none is."""
    if spelled.field is None:
        return None
    names = [use.of.id for use in spec.uses] if spec.named else []
    if spelled.field not in names:
        fix = close(spelled.field, names) if names else f"elements of {spec.tag} go by number: {spec.tag}01"
        raise Misfit(f"{spelled.text}: {spec.tag} has no field {spelled.field}", fix=fix)
    return names.index(spelled.field) + 1


def _qualified(spec: SegmentSpec, spelled: Spelled) -> tuple[Test, ...]:
    element = spelled.element or 0
    at = Seat(element, spelled.component) if spelled.component else spec.seat(element)
    beside = spec.qualified.get(at, ())
    if not beside:
        known = [_spoken(spec, seat) for seat in spec.qualified]
        raise Misfit(
            f"{spelled.text}: the guide names no qualifier of this element", fix=close(spelled.text, known)
        )
    if len(spelled.qualified) > len(beside):
        seats = ", ".join(_spoken(spec, seat) for seat in beside)
        what = (
            f"{spelled.text}: {_spoken(spec, at)} has {len(beside)} qualifiers, not {len(spelled.qualified)}"
        )
        raise Misfit(what, fix=f"they are {seats}")
    return tuple(Test(seat, codes) for seat, codes in zip(beside, spelled.qualified, strict=False))


def _spoken(spec: SegmentSpec, seat: Seat) -> str:
    inner = f"-{seat.component:02d}" if (seat.component or 1) > 1 else ""
    return f"{spec.tag}{seat.element:02d}{inner}"


def _component(place: Place, spelled: Spelled, inner: int | None) -> Place:
    """A composite named alone is its first component, so that a map survives versions."""
    use = place.spec.uses[place.element - 1]
    if isinstance(use.of, Composite):
        component = inner or 1
        if component > len(use.of.components):
            last = len(use.of.components)
            fix = f"name one up to {place.spec.tag}{place.element:02d}-{last:02d}"
            raise Misfit(f"{spelled.text}: {use.name} has {last} components", fix=fix)
        return replace(place, component=component, last_component=component)
    if inner:
        raise Misfit(
            f"{spelled.text}: {use.name} has no components", fix=f"{place.spec.tag}{place.element:02d}"
        )
    return place


def _spanned(place: Place, spelled: Spelled) -> Place:
    """`..`: on to that number, or as far as the same kind of element goes; then the segment's repetitions.

    Components where one is named. A bracket without an element counts through repetitions only.
    """
    if not spelled.span:
        return place
    use = place.spec.uses[place.element - 1]
    if spelled.component and isinstance(use.of, Composite):
        end = _end(place, use.of.components, spelled.component, spelled.to)
        return replace(place, last_component=end, repeats=True)
    if spelled.element is None:
        return replace(place, repeats=True)
    return replace(place, last=_end(place, place.spec.uses, place.element, spelled.to), repeats=True)


def _end(place: Place, uses: Sequence[Use], first: int, to: int | None) -> int:
    alike = first
    while alike < len(uses) and uses[alike].of.id == uses[first - 1].of.id:
        alike += 1
    if to is not None and not first <= to <= alike:
        raise Misfit(
            f"{place.text}: .. must end between {first:02d} and {alike:02d}",
            "beyond, other elements stand",
            f"write ..{alike:02d}, or .. alone",
        )
    return to or alike


def _nowhere(name: Named, ground: Ground, spelled: Spelled, guide: Guide) -> Misfit:
    """Why the name fits nothing: no such segment, not in this set, or deeper than the name says."""
    where = f"the loop {ground.loop.path}" if ground.loop is not None and ground.loop.tag else "the document"
    where = f"the segment {ground.own.tag}" if ground.loop is None and ground.own is not None else where
    homes = [place for place in guide.root.walk() if place.tag == name.tag and not (place.is_loop)]
    if homes:
        return Misfit(f"{spelled.text}: {name.tag} does not stand in {where}", fix=_spell(homes))
    if name.tag in guide.known:
        return Misfit(
            f"{spelled.text}: the guide {guide.id} does not use {name.tag}", fix=_near(name.tag, guide)
        )
    return Misfit(f"{spelled.text}: there is no segment {name.tag}", fix=_near(name.tag, guide))


def _spell(homes: Sequence[Position]) -> str:
    paths = sorted(
        {place.parent.path if place.index == 0 and place.parent else place.path for place in homes}
    )
    return f"it stands at {', '.join(path or place.tag for path, place in zip(paths, homes, strict=False))}"


def _near(tag: str, guide: Guide) -> str:
    return close(tag, {place.tag for place in guide.root.walk() if place.tag})
