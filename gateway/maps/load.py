"""YAML text -> Map: `extends`, the guide with the partner's layers, the tables; every fault of the map at once.

Nothing is loaded before it is asked for; the same texts give the same Map.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, reduce
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from gateway import canonical, marked_yaml
from gateway.errors import Mark, SetupError, SetupFault
from gateway.guides.layers import Layer
from gateway.guides.load import load as load_guide
from gateway.guides.model import Guide
from gateway.maps import codecs, spelling
from gateway.maps.bind import Binder
from gateway.maps.bind_answers import bind_answers
from gateway.maps.bind_values import Tables
from gateway.maps.codecs import Codec, Codes
from gateway.maps.entries import Text, dotted
from gateway.maps.map import Map
from gateway.maps.model import Block, Value
from gateway.maps.provisions import blocks, creates, examine
from gateway.maps.strays import Stray, strays
from gateway.maps.unlisted import unlisted
from gateway.marked_yaml import Marked, close

KEYS = (
    "map",
    "extends",
    "document",
    "guide",
    "fields",
    "parts",
    "constants",
    "computed",
    "codes",
    "answers",
    "shape",
    "write",
    "description",
)
DEEPEST_CHAIN = 12
LONGEST_NAME = 100
"""No file of the package is called longer, and some systems refuse to look."""
GUIDES = "guides/"
LOOKUP = re.compile(r"lookup\(\s*\"?([\w-]+)")

TextOf = Callable[[str], str | None]
_loaded: WeakValueDictionary[str, Map] = WeakValueDictionary()
"""Every map that somebody holds, by what it says: whoever loads it again gets the same one."""

RECENT = 16
"""Maps kept though nobody holds them: who checks one mostly uses it next."""
_recent: OrderedDict[str, Map] = OrderedDict()


def package(name: str) -> str | None:
    """A base map's text, or what all maps of a standard share (`x12/codes`, `x12/parts`); None where there is none."""
    if len(name) > LONGEST_NAME or not all(part.replace("_", "").isalnum() for part in name.split("/")):
        return None
    file = files("gateway.maps").joinpath(*f"{name}.yaml".split("/"))
    return file.read_text("utf-8") if file.is_file() else None


def names(standard: str = "x12") -> tuple[str, ...]:
    """Every base map the package ships for a standard: `x12/004010/850`."""
    folders = [folder for folder in files("gateway.maps").joinpath(standard).iterdir() if folder.is_dir()]
    return tuple(
        sorted(
            f"{standard}/{folder.name}/{file.name.removesuffix('.yaml')}"
            for folder in folders
            for file in folder.iterdir()
            if file.name.endswith(".yaml")
        )
    )


def every() -> tuple[str, ...]:
    """Every base map the package ships, of whatever standard."""
    standards = sorted(
        one.name for one in files("gateway.maps").iterdir() if one.joinpath("codes.yaml").is_file()
    )
    return tuple(name for standard in standards for name in names(standard))


def exists(name: str) -> bool:
    """Whether the package has a base map of that name."""
    return package(name) is not None


class Heading(NamedTuple):
    """By which guide a map reads and writes, and what: `x12/004010/850`, `PurchaseOrder`."""

    guide: str
    document: str


def heading(name: str, text_of: TextOf = package) -> Heading:
    """What the map of that name, or what it extends, says on top, without loading it or its guide.

    Raises SetupError where there is no such map, or what it extends cannot be followed.
    """
    return _shipped_heading(name) if text_of(name) is None else _heading(_Source(text_of).chain(name))


def guide_name(name: str, text_of: TextOf = package) -> str:
    """Of that only the guide."""
    return heading(name, text_of).guide


@lru_cache(maxsize=256)
def _shipped_heading(name: str) -> Heading:
    return _heading(_Source(package).chain(name))


def _heading(chain: list[Marked]) -> Heading:
    kinds = (marked.data.get("document") for marked in chain)
    return Heading(_named_guide(chain), str(next(filter(None, kinds), "")))


def code_tables(name: str, text_of: TextOf = package) -> Mapping[str, Mapping[str, list[str]]]:
    """The codes of each word, by table: a map's, its standard's among them, or a standard's own, `x12`.

    The first code of a word is the one that is written. Raises SetupError where there is neither.
    """
    source = _Source(text_of)
    alone = source.shared(f"{name}/codes")
    if alone is not None:
        return _whole(alone, None)
    chain = source.chain(name)
    said = [dotted(marked.without("guide"), []) for marked in reversed(chain)]
    return _whole(reduce(marked_yaml.merge, said), source.shared(f"{_standard(chain)}/codes"))


def _whole(own: Marked, shared: Marked | None) -> dict[str, dict[str, list[str]]]:
    found = _codes(own, shared)
    try:
        return {name: _listed(table) for name, table in (found.data if found else {}).items()}
    except ValueError as error:
        raise SetupError([own.fault(("codes",), "a table that cannot be read", str(error))]) from None


def load(name: str, text_of: TextOf = package) -> Map:
    """The map of that name. `text_of` gives a partner's maps and tables by name; the package's are always there.

    Raises SetupError with every fault, each with file, line, column and what to do.
    """
    source = _Source(text_of)
    chain = source.chain(name)
    shared = _Shared(*(source.shared(f"{_standard(chain)}/{what}") for what in ("parts", "codes")))
    source.guide(_named_guide(chain))
    source.tables()
    digest = source.digest(name)
    found = _loaded.get(digest)
    if found is None:
        found = _loaded[digest] = _build(name, chain, shared, source, digest)
    _recent[digest] = found
    _recent.move_to_end(digest)
    while len(_recent) > RECENT:
        _recent.popitem(last=False)
    return found


class _Source:
    """Texts by name, and what was read of them, so that a map is known by all it was made of."""

    def __init__(self, text_of: TextOf) -> None:
        self.text_of = text_of
        self.read: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        found = self.text_of(name)
        if found is None:
            found = package(name)
        if found is not None:
            self.read[name] = found
        return found

    def guide(self, name: str) -> str | None:
        """The text of a partner's own guide; None where it has none of that name."""
        return self.text(f"{GUIDES}{name}")

    def tables(self) -> None:
        """Reads the cross references that the texts name."""
        named = {name for text in list(self.read.values()) for name in LOOKUP.findall(text)}
        for name in sorted(named):
            self.text(_table(name))

    def digest(self, name: str) -> str:
        return sha256(repr((name, sorted(self.read.items()))).encode()).hexdigest()

    def chain(self, name: str) -> list[Marked]:
        """The map and what it extends, the map itself first."""
        chain: list[Marked] = []
        mark, wanted = Mark(name), name
        while wanted:
            text = self.text(wanted)
            if text is None or len(chain) == DEEPEST_CHAIN:
                what = (
                    f"there is no map {wanted}"
                    if text is None
                    else f"{name} extends more than {len(chain)} maps"
                )
                fix = close(wanted, every()) if text is None else "does it extend itself?"
                raise SetupError([SetupFault(mark, what, fix=fix)])
            marked = _marked(text, f"{wanted}.yaml")
            if not isinstance(marked.data, dict):
                raise SetupError([marked.fault((), "a map is a mapping", fix="map: acme/850")])
            chain.append(marked)
            mark, wanted = marked.mark_of(("extends",)), str(marked.data.get("extends") or "")
        return chain

    def shared(self, name: str) -> Marked | None:
        """What all maps of a standard share, under that name."""
        text = self.text(name)
        return _marked(text, f"{name}.yaml") if text is not None else None


@lru_cache(maxsize=16)
def _marked(text: str, file: str) -> Marked:
    """What a text says. All maps of a standard share two of them, and often what they extend."""
    return marked_yaml.load(text, file)


class _Shared(NamedTuple):
    """The parts and the code tables that all maps of a standard have beneath their own."""

    parts: Marked | None
    codes: Marked | None


def _table(name: str) -> str:
    return f"tables/{name}.csv"


def _named_guide(chain: list[Marked]) -> str:
    names = [marked.data.get("guide") for marked in chain]
    return next((name for name in names if isinstance(name, str)), "x12")


def _standard(chain: list[Marked]) -> str:
    """The first part of the guide's name."""
    return _named_guide(chain).split("/")[0]


def _build(name: str, chain: list[Marked], shared: _Shared, source: _Source, digest: str) -> Map:
    twice: list[SetupFault] = []
    layers = [
        dotted(marked.without("guide"), twice) for marked in (*_beneath(chain, shared), *reversed(chain))
    ]
    merged = reduce(marked_yaml.merge, layers)
    text = Text(merged, twice)
    _known_keys(chain, text)
    guide = _guide(chain, text, source)
    document = _document(text)
    tables = _tables(merged, shared.codes, _standard(chain), source, text)
    if guide is None or document is None:
        raise SetupError(list(dict.fromkeys(text.faults)))
    binder = Binder(text, guide, tables)
    root = binder.root(document)
    answers, shape = bind_answers(binder, root, document), _shape(text, document)
    examine(root, guide.root, binder.origins, text.fault)
    _shape_has_code(root, shape, text)
    for block in blocks(root):
        block.constants = tuple(replace(one, alone=creates(one, root)) for one in block.constants)
    if text.faults:
        raise SetupError(list(dict.fromkeys(text.faults)))
    found = (*strays(root, binder.origins, guide.positional), *unlisted(root, binder.origins))
    problems = tuple(_warning(text, stray) for stray in found)
    return Map(name, document, guide, root, digest, tuple(dict.fromkeys(problems)), answers, shape)


def _beneath(chain: list[Marked], shared: _Shared) -> list[Marked]:
    """The shared parts, but for those of which the first map of the chain has its own."""
    parts, own = shared.parts, chain[-1].data.get("parts")
    if parts is None:
        return []
    return [
        reduce(lambda left, name: left.without("parts", name), own if isinstance(own, dict) else {}, parts)
    ]


def _warning(text: Text, stray: Stray) -> SetupFault:
    return text.marked.fault(stray.path, stray.what, stray.why, stray.fix, warning=True)


def _known_keys(chain: list[Marked], text: Text) -> None:
    for marked in chain:
        for key in marked.data:
            if key not in KEYS:
                text.faults.append(marked.fault((key,), f"unknown key {key}", fix=close(key, KEYS), key=True))


def _guide(chain: list[Marked], text: Text, source: _Source) -> Guide | None:
    """The base names the guide; every map of the chain may narrow it."""
    said = [(marked, marked.data.get("guide")) for marked in reversed(chain)]
    names = [(marked, value) for marked, value in said if isinstance(value, str)]
    if not names:
        text.fault(("guide",), "no guide", fix="guide: x12/004010/850")
        return None
    marked, name = names[-1]
    parts = [marked.at(("guide",)) for marked, value in said if isinstance(value, dict)]
    try:
        return load_guide(name, [Layer(part) for part in parts if part is not None], source.guide(name))
    except SetupError as error:
        at_name = marked.fault(("guide",), f"guide: {error.faults[0].what}", fix=error.faults[0].fix)
        text.faults += [at_name if fault.mark.file == name else fault for fault in error.faults]
        return None


def _document(text: Text) -> type[canonical.Part] | None:
    name = str(text.data.get("document"))
    if name not in canonical.DOCUMENTS:
        text.fault(("document",), f"no canonical object {name}", fix=close(name, canonical.DOCUMENTS))
        return None
    return canonical.DOCUMENTS[name]


def _shape(text: Text, document: type[canonical.Part]) -> str | None:
    """How contents are nested before they are written, where the document's contents can be."""
    said = text.data.get("shape")
    if said is None:
        return None
    empty: Any = document.model_construct()
    try:
        empty.arranged(said if isinstance(said, str) else "")
    except AttributeError:
        text.fault(("shape",), f"shape: a {document.__name__} has none", fix="leave it out", key=True)
    except ValueError as error:
        text.fault(("shape",), f"shape: {said} is none", fix=str(error))
    return " ".join(str(said).split())


def _shape_has_code(root: Block, shape: str | None, text: Text) -> None:
    """Where the document says its shape, there must be a code for the map's."""
    bound = next((one for one in root.bindings if one.name == "shape"), None)
    if shape is None or not isinstance(bound, Value) or bound.writing is None:
        return
    if not any(spelling.holds(spot, shape) for spot in bound.writing.spots):
        what = f"shape: {shape} has no code that {bound.writing.text} could say"
        fix = f'give it one, codes: {{shapes: {{{shape}: "..."}}}}, or say none: fields: {{shape: ~}}'
        text.fault(("shape",), what, fix=fix)


def _tables(merged: Marked, shared: Marked | None, standard: str, source: _Source, text: Text) -> Tables:
    """The map's code tables over its standard's; cross references are read when a map names them."""
    known: dict[str, Codes] = {}
    whole = _codes(merged, shared)
    for name, table in (whole.data if whole is not None else {}).items():
        try:
            known[name] = codecs.codes(name, standard, _listed(table))
        except ValueError as error:
            at = whole.mark_of((name,)) if whole else Mark(name)
            text.faults.append(
                SetupFault(at, str(error), "the code could not be read back", "keep it under one word")
            )
    return Tables(standard, known, _Lookups(source))


def _codes(merged: Marked, shared: Marked | None) -> Marked | None:
    """What stands under `codes:`, over what does for the standard."""
    own = merged.at(("codes",))
    base = shared.at(("codes",)) if shared is not None else None
    return marked_yaml.merge(base, own) if base and own else base or own


def _listed(table: Any) -> dict[str, list[str]]:
    if not isinstance(table, dict):
        raise ValueError("a table maps words to codes: units: {each: [EA, PC]}")
    listed = {word: [codes] if isinstance(codes, str) else codes for word, codes in table.items()}
    if not all(
        isinstance(codes, list) and codes and all(isinstance(c, str) for c in codes)
        for codes in listed.values()
    ):
        raise ValueError("every word has a list of codes: units: {each: [EA, PC]}")
    return listed


class _Lookups(dict[str, Codec]):
    """Cross references by name, each parsed when a binding names it."""

    def __init__(self, source: _Source) -> None:
        super().__init__()
        self.source = source

    def __contains__(self, name: object) -> bool:
        if not super().__contains__(name):
            text = self.source.read.get(_table(str(name)))
            if text is None:
                return False
            self[str(name)] = codecs.lookup(str(name), text)
        return True
