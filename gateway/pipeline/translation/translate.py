"""One transaction set from bytes to business object: syntax, grammar, meaning, and every fault on the way.

Pure: no ledger, no clock, no files. The gateway, the command line and the library all translate through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from gateway import maps
from gateway.faults import Code, Fault, rejecting, validated
from gateway.formats import known
from gateway.formats.events import Group, GroupEnd, Interchange, Limits, TransactionSet
from gateway.formats.known import Event
from gateway.formats.records import Layout
from gateway.guides.compile import compiled
from gateway.guides.load import load as load_guide
from gateway.guides.load import nearest
from gateway.guides.model import Guide
from gateway.guides.place import parse
from gateway.guides.tree import LoopNode
from gateway.maps import Map
from gateway.maps.compile import reader
from gateway.maps.read import names_in

if TYPE_CHECKING:  # the library has no settings
    from gateway.settings import Settings

Source = BinaryIO | bytes | Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Choice:
    """What one transaction set is read with. Without a guide it is read generically, without a map only checked.

    `faults` are the document's; `ours` are of what we set up, and no acknowledgment mentions them.
    """

    guide: Guide | None = None
    map: Map | None = None
    validation: str = "normal"
    faults: tuple[Fault, ...] = ()
    ours: tuple[Fault, ...] = ()

    @property
    def lenient(self) -> bool:
        """Whether what syntax and guide say only notes, as far as the values can be read."""
        return self.validation == "lenient"


@dataclass(slots=True)
class Translation:
    """One transaction set, read as far as it could be.

    `faults` are of syntax and grammar: what a functional acknowledgment judges. `meaning` are the map's own, and those
    of our set-up, which it never mentions. `object` is None when there is no map or when anything rejects; `names` then
    says what the document is called, as far as its map can read that.
    """

    interchange: Interchange
    group: Group | None
    set: TransactionSet
    choice: Choice
    faults: list[Fault] = field(default_factory=list)
    object: Any = None
    names: Mapping[str, Any] = field(default_factory=dict)
    meaning: list[Fault] = field(default_factory=list)
    tree: LoopNode | None = None

    @property
    def accepted(self) -> bool:
        """Nothing in syntax or grammar rejects it."""
        return not rejecting(self.faults)

    @property
    def all_faults(self) -> list[Fault]:
        return self.faults + self.meaning


Choose = Callable[[Interchange, "Group | None", TransactionSet], Choice]


def limits(settings: Settings) -> Limits:
    """The reader's limits as the environment sets them."""
    return Limits(
        segment_bytes=settings.max_segment_bytes,
        set_bytes=settings.max_set_bytes,
        file_bytes=settings.max_file_bytes,
    )


def by_standard(interchange: Interchange, group: Group | None, transaction_set: TransactionSet) -> Choice:
    """The nearest standard's guide, and its base map where the gateway ships one."""
    name, notes = nearest(interchange.standard, transaction_set.code, transaction_set.version)
    if name is None:
        return Choice(faults=tuple(placed(notes, transaction_set)))
    guide, base = standard(name)
    return Choice(guide, base, faults=tuple(placed(notes, transaction_set)))


@cache
def standard(name: str) -> tuple[Guide, Map | None]:
    """A guide the gateway ships and its base map. Loaded once: a file may hold a hundred thousand sets."""
    base = maps.load(name) if maps.exists(name) else None
    return base.guide if base else load_guide(name), base


def base_map(standard: str, code: str, version: str) -> str | None:
    """The shipped map of a document type that is nearest to a version."""
    name, _ = nearest(standard, code, version)
    return name if name and maps.exists(name) else None


def by_guide(guide: Guide) -> Choose:
    """Every document is checked against this guide."""
    return lambda interchange, group, transaction_set: Choice(guide)


def by_map(chosen: Map) -> Choose:
    """Every transaction set of the map's type is read with it; others by the standard."""

    def choose(interchange: Interchange, group: Group | None, transaction_set: TransactionSet) -> Choice:
        if transaction_set.code == chosen.guide.set:
            return Choice(chosen.guide, chosen)
        return by_standard(interchange, group, transaction_set)

    return choose


def translate(
    source: Source,
    choose: Choose = by_standard,
    *,
    charset: str = "auto",
    limits: Limits | None = None,
    trees: bool = False,
    layout: Layout | None = None,
) -> Iterator[Event | Translation]:
    """Reads a file of interchanges; a `Translation` stands where the reader had a transaction set.

    With a layout it is a file of records, which does not say what it is. Never raises for what the bytes hold. `trees`
    keeps each set's tree, for certification and rewriting; the fast path has none.
    """
    interchange: Interchange | None = None
    group: Group | None = None
    for event in known.read(source, charset=charset, limits=limits or Limits(), layout=layout):
        if isinstance(event, TransactionSet) and interchange is not None:
            choice = choose(interchange, group, event)
            yield read_set(interchange, group, event, choice, tree=trees)
            continue
        if isinstance(event, Interchange):
            interchange, group = event, None
        elif isinstance(event, Group):
            group = event
        elif isinstance(event, GroupEnd):
            yield event
            group = None
            continue
        yield event


def read_set(
    interchange: Interchange,
    group: Group | None,
    transaction_set: TransactionSet,
    choice: Choice,
    *,
    tree: bool = False,
) -> Translation:
    """The set through grammar and meaning: the compiled way when it says yes, else the exact one that explains."""
    translation = Translation(interchange, group, transaction_set, choice)
    translation.faults = [
        *transaction_set.faults,
        *choice.faults,
        *wrong_group(group, transaction_set, choice),
    ]
    translation.meaning = list(choice.ours)
    if transaction_set.incomplete or transaction_set.skipped or (not tree and fast(translation)):
        return translation
    explain(translation)
    if not tree:
        translation.tree = None
    return translation


def fast(translation: Translation) -> bool:
    """Tries the compiled path; True when it took the set and there is nothing more to say."""
    choice, transaction_set = translation.choice, translation.set
    if choice.guide is None or choice.lenient or not transaction_set.plain:
        return False
    if choice.map is None and choice.validation != "normal":
        return False
    texts, element = transaction_set.texts(), transaction_set.separator
    if choice.map is None:
        return compiled(choice.guide)(texts, element)
    found = reader(choice.map, len(texts))(texts, element)
    if found is None:
        return False
    if translation.accepted:
        translation.object = found
    else:
        translation.names = names_in(found)
    return True


def explain(translation: Translation) -> None:
    """The exact path: everything that is wrong and where, and the object if nothing rejects."""
    choice, transaction_set = translation.choice, translation.set
    segments = transaction_set.located()
    faults = list(transaction_set.syntax_faults())
    if choice.guide is None:
        translation.faults += faults
        return
    root, grammar = parse(choice.guide, segments)
    translation.tree = root
    found, meaning = choice.map.read(root) if choice.map else (None, [])
    if not choice.lenient:
        grammar = validated(grammar, choice.validation)
    faults += grammar
    judged = {at(fault) for fault in rejecting(grammar)}
    unread = {at(fault) for fault in rejecting(meaning)}
    if choice.lenient:
        faults = [fault if at(fault) in unread else fault.as_note() for fault in faults]
    translation.faults += faults
    translation.meaning += [fault for fault in meaning if fault.is_note or at(fault) not in judged]
    if translation.accepted and not rejecting(translation.meaning):
        translation.object = found
    elif choice.map:
        translation.names = choice.map.names(root)
        told = placed(other_version(choice.map, transaction_set), transaction_set)
        translation.faults = [*told, *translation.faults]


def other_version(chosen: Map, transaction_set: TransactionSet) -> list[Fault]:
    """A rejected set may only be of another version (dates of six digits): which map reads it, and the line to add."""
    version = transaction_set.version
    name = base_map(chosen.guide.id.partition("/")[0], transaction_set.code, version)
    if name is None or name == chosen.guide.id:
        return []
    key = f"{transaction_set.code}/{name.split('/')[1]}"
    line = f'{key}: {{map: {name}, when: {{version: "{version[:3]}*"}}}}'
    hint = f"add to the partner's profile, under receive:, {line}"
    return [Fault(Code.OTHER_VERSION, came=version, expected=f"{name}, not {chosen.name}", hint=hint)]


def at(fault: Fault) -> tuple[int | None, int | None, int | None]:
    """Which value a fault speaks of: what grammar rejects, meaning need not say again."""
    return fault.place.segment_number, fault.place.element, fault.place.component


def wrong_group(group: Group | None, transaction_set: TransactionSet, choice: Choice) -> list[Fault]:
    """GS01 must be the functional identifier code of the sets inside (X12.5, GS01 and ST01)."""
    if group is None or choice.guide is None or not choice.guide.group or group.code == choice.guide.group:
        return []
    place = transaction_set.place
    expected = f"GS01 {choice.guide.group} for a {choice.guide.set}"
    return [Fault(Code.WRONG_GROUP, place, came=group.code, expected=expected)]


def placed(faults: Iterable[Fault], transaction_set: TransactionSet) -> Iterator[Fault]:
    """Findings about the set as a whole stand where its header says what it is."""
    place = transaction_set.place
    return (replace(fault, place=place) for fault in faults)
