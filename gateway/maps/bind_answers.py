"""`answers:` and `write:` of a map -> Answers, and echoes in the blocks they are written in. All faults are found.

An echo is bound as a field of that type would be at that place, so codecs, code tables and moments are as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.canonical import DOCUMENTS, Field, fields
from gateway.canonical import Part as CanonicalPart
from gateway.maps import expression
from gateway.maps.answers import Answers, Meeting, Names, Naming
from gateway.maps.bind import Binder
from gateway.maps.entries import Entry, Text
from gateway.maps.exclusions import places_of
from gateway.maps.model import Block, Echo, Instances, Value, Values, Words
from gateway.maps.places import Misfit, split_outside
from gateway.maps.provisions import blocks
from gateway.maps.resolve import Ground
from gateway.marked_yaml import close

Model = type[CanonicalPart]
ANSWERED = "answered."


def bind_answers(binder: Binder, root: Block, model: Model) -> Answers | None:
    """What the map says it answers, with its echoes put into its blocks; None for a map that answers nothing."""
    text = binder.text
    answers = _answers(text, model)
    entry = text.entry(("write",))
    if answers is None:
        if entry.value is not None and text.data.get("answers") is None:
            text.fault(
                ("write",),
                "write: echoes, and nothing is answered",
                fix="answers: {PurchaseOrder: order.number}",
            )
        return None
    if entry.value is not None:
        _Echoes(binder, answers).block(entry, root, DOCUMENTS[answers.document])
    return replace(answers, reads=any(block.echoes for block in blocks(root)))


# -- answers:


def _answers(text: Text, model: Model) -> Answers | None:
    entry = text.entry(("answers",))
    if entry.value is None:
        return None
    said = dict(entry.fields()) if isinstance(entry.value, dict) else {}
    documents = [name for name in said if name in DOCUMENTS]
    if len(documents) != 1 or not all(isinstance(below.value, str) for below in said.values()):
        fix = "answers: {PurchaseOrder: order.number, lines: number}"
        text.fault(("answers",), "answers: names one document, and the field that holds its number", fix=fix)
        return None
    (name,) = documents
    try:
        namings = tuple(_naming(one, model) for one in split_outside(said[name].value, " or "))
    except Misfit as misfit:
        text.misfit(said[name].path, misfit)
        return None
    lists = {listed: below for listed, below in said.items() if listed != name}
    return Answers(name, namings, dict(_meetings(text, lists, model, DOCUMENTS[name])))


def _naming(text: str, model: Model) -> Naming:
    """`order.number`, or `orders.number`: the last list on the way is the scope."""
    names, scope, inside, found = text.split("."), "", model, None
    path: list[str] = []
    for name in names:
        found = _field(inside, name, text)
        path.append(name)
        if found.holds == "list":
            scope, path = name, []
        inside = found.type
    if found is None or found.type is not str or found.holds != "one":
        raise Misfit(
            f"{text}: this is no number of a document", fix="name a field that holds one: order.number"
        )
    return Naming(text, scope, tuple(path))


def _meetings(
    text: Text, lists: Mapping[str, Entry], ours: Model, theirs: Model
) -> Iterator[tuple[str, tuple[Meeting, ...]]]:
    for name, entry in lists.items():
        mine, its = _lists(ours).get(name), _lists(theirs).get(name)
        if mine is None or its is None:
            known = _lists(ours).keys() & _lists(theirs).keys()
            what = f"{name}: not a list both in {ours.__name__} and in {theirs.__name__}"
            text.fault(entry.path, what, fix=close(name, known), key=True)
            continue
        try:
            yield name, tuple(_meeting(one, mine, its) for one in split_outside(entry.value, " or "))
        except Misfit as misfit:
            text.misfit(entry.path, misfit)


def _meeting(text: str, ours: Model, theirs: Model) -> Meeting:
    """`number`, or `order.line = number`: our field and the original's."""
    mine, _, its = (part.strip() for part in text.partition("="))
    one, other = _leaf(ours, mine, text), _leaf(theirs, its or mine, text)
    if one.type is not other.type:
        raise Misfit(f"{text}: these types do not meet", fix="name fields of one type")
    return Meeting(tuple(mine.split(".")), tuple((its or mine).split(".")))


def _lists(model: Model) -> dict[str, Model]:
    """The lists of parts in the model, however deep, by name; the outermost of that name."""
    found: dict[str, Model] = {}
    waiting = [model]
    for one in waiting:
        for field in filter(_is_part, fields(one).values()):
            if field.holds == "list":
                found.setdefault(field.name, field.type)
            if field.type not in waiting:
                waiting.append(field.type)
    return found


# -- write:


class _Echoes:
    """Puts every line of `write:` into the block it is written in."""

    def __init__(self, binder: Binder, answers: Answers) -> None:
        self.binder = binder
        self.text = binder.text
        self.answers = answers

    def block(self, entry: Entry, block: Block, original: Model) -> None:
        """The lines of one scope: places, and the names of scopes in it."""
        if not isinstance(entry.value, dict):
            self.text.fault(
                entry.path, "write: a list of places", fix="REF[DP]: answered.references.department"
            )
            return
        found: list[Echo] = []
        for key, below in entry.value.items():
            if isinstance(below.value, dict):
                self.scopes(key, below, block, original)
            elif echo := self.echo(key, below, original, block):
                self.binder.origins[id(block), echo.text] = below.path
                found.append(echo)
        block.echoes = (*block.echoes, *(_without_named(echo, found) for echo in found))

    def scopes(self, name: str, entry: Entry, block: Block, original: Model) -> None:
        found = _named(block, name)
        if not found:
            known = {
                one.name for below in blocks(block) for one in below.bindings if isinstance(one, Instances)
            }
            self.text.fault(
                entry.path,
                f"{name}: the map has no in: or each: of that name",
                fix=close(name, known),
                key=True,
            )
        listed = fields(original).get(name)
        if listed is not None and listed.holds == "list" and _is_part(listed):
            if name not in self.answers.meetings:
                why = f"{original.__name__} has {name} too, and which of them is meant is not said"
                self.text.fault(
                    entry.path,
                    f"{name}: how they meet is missing",
                    why,
                    f"answers: {{..., {name}: number}}",
                    key=True,
                )
                return
            original = listed.type
        for below in {id(one.block): one.block for one in found}.values():
            self.block(entry, below, original)

    def echo(self, key: str, entry: Entry, original: Model, block: Block) -> Echo | None:
        """One line; None where it cannot stand, which is then a fault."""
        try:
            found = self._echo(key, entry, original, self.binder.grounds[id(block)])
            return _outside_lists(found, block) if found else None
        except Misfit as misfit:
            self.text.misfit(entry.path, misfit)
            return None

    def _echo(self, key: str, entry: Entry, original: Model, ground: Ground) -> Echo | None:
        parsed = expression.parse(entry.value) if isinstance(entry.value, str) else None
        said = parsed.alternatives[0] if isinstance(parsed, expression.Expression) else ()
        if (
            not isinstance(parsed, expression.Expression)
            or len(said) != 1
            or not said[0].startswith(ANSWERED)
        ):
            raise Misfit(f"{key}: write: takes what the document answered says", fix=f"{key}: answered.FIELD")
        if len(parsed.alternatives) > 1 or parsed.default is not None or parsed.required:
            raise Misfit(f"{key}: an echo is one field, and nothing instead", fix=f"{key}: {said[0]}")
        names = tuple(said[0].removeprefix(ANSWERED).split("."))
        field = replace(_at(original, names, said[0]), required=False)
        place = " | ".join((key, *parsed.codecs))
        if field.holds.startswith("mapping"):
            words = self.binder.words(field, Entry(place, entry.path), frozenset(), ground)
            return Echo(key, names, words) if isinstance(words, Words) else None
        binding = self.binder.simple(said[0], replace(field, name=said[0]), place, ground)
        if not isinstance(binding, Value | Values):
            raise Misfit(f"{key}: this is no place", fix="REF[DP]")
        return Echo(key, names, binding)


def _outside_lists(echo: Echo, block: Block) -> Echo:
    """The echo, which must not step into a loop that the map lists: which item is meant, only its scope says."""
    many = [one for one in block.flat() if isinstance(one, Instances) and one.many and one.place.own]
    listed = {id(one.place.steps[-1].loop): one.name for one in many if one.place.steps}
    for step in (step for place in places_of(echo.binding) for step in place.steps):
        if id(step.loop) in listed and not step.only.tests:
            name = listed[id(step.loop)]
            what = f"{echo.text}: {step.loop.children[0].tag} is listed as {name}"
            raise Misfit(what, fix=f"write it under {name}: in write:")
    return echo


def _without_named(echo: Echo, echoes: list[Echo]) -> Echo:
    """A whole mapping leaves out the words of it that are echoed by themselves."""
    named = frozenset(one.path[-1] for one in echoes if one.path[:-1] == echo.path)
    return replace(echo, besides=named) if isinstance(echo.binding, Words) else echo


def _named(block: Block, name: str) -> list[Instances]:
    """The binding of that name here, or in the nearest scope below; where loops lie in each other, every such one."""
    level, seen = [block], {id(block)}
    while level:
        here = [one for below in level for one in below.flat() if isinstance(one, Instances)]
        if found := [one for one in here if one.name == name]:
            homes = {id(one.place.position) for one in found}
            every = [one for below in blocks(block) for one in below.bindings if isinstance(one, Instances)]
            return [one for one in every if one.name == name and id(one.place.position) in homes]
        level = [one.block for one in here if id(one.block) not in seen]
        seen |= {id(one) for one in level}
    return []


def _at(model: Model, names: Names, text: str) -> Field:
    """The field of the document answered; of a mapping, one of its words."""
    found = _field(model, names[0], text)
    for number, name in enumerate(names[1:], 2):
        if found.holds.startswith("mapping"):
            if number < len(names) or not name:
                raise Misfit(f"{text}: {name or 'a word'} holds no fields", fix="leave the rest away")
            return replace(found, holds="list" if found.holds == "mapping of lists" else "one")
        if found.holds == "list":
            raise Misfit(f"{text}: {found.name} is a list", fix=f"write it under {found.name}: in write:")
        found = _field(found.type, name, text)
    if _is_part(found):
        inner: Model = found.type
        known = ", ".join(fields(inner))
        raise Misfit(f"{text}: {found.name} is no value", fix=f"name a field of it: {known}")
    return found


def _leaf(model: Model, text: str, whole: str) -> Field:
    found = _at(model, tuple(text.split(".")), whole)
    if found.holds != "one":
        raise Misfit(f"{whole}: {found.name} is no single value", fix="name a field that holds one: number")
    return found


def _field(model: Model, name: str, text: str) -> Field:
    if not hasattr(model, "model_fields"):
        raise Misfit(f"{text}: there are no fields in a value", fix="leave the rest away")
    known = fields(model)
    if name not in known:
        raise Misfit(f"{text}: {model.__name__} has no field {name}", fix=close(name, known))
    return known[name]


def _is_part(field: Field) -> bool:
    return issubclass(field.type, CanonicalPart)
