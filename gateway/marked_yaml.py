"""YAML 1.2 text -> plain data that knows the file, line and column of every value and key.

Every scalar is text until a model types it; `~`, `null` and nothing are None. What YAML offers beyond mappings,
lists and scalars (anchors, aliases, tags, several documents) is refused: nobody needs it here, and entity bombs do.
The text is read event by event, never by recursion, so that no nesting is too deep to be refused in words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

import yaml

from gateway.errors import Mark, SetupError, SetupFault

DEEPEST = 64
LARGEST = 8 << 20
Path = tuple[str | int, ...]

# What a plain scalar must be to mean nothing (YAML 1.2 core schema).
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})

# Everything outside YAML's c-printable (section 5.1).
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

# The character a syntax fault stands at -> what an engineer most likely forgot.
HINTS = {
    "[": 'inside { } and [ ] quote a place with brackets, "PO1[UP]", or write one per line',
    "{": "a placeholder is written <date>, not {date}; quote a value that holds braces",
    "@": 'quote a value that begins with @: "@quantity"',
    "`": "quote a value that begins with a backtick",
    "%": 'quote a value that begins with %: "%d"',
    "*": 'quote a value that begins with *: "*.edi"',
    "&": "quote a value that begins with &; anchors are not used here",
    "!": "quote a value that begins with !; tags are not used here",
    ":": "quote a value that holds ': ', or check the indentation",
    "\t": "indent with spaces, never with tabs",
    "\\": "write a backslash in single quotes: 'a\\b'",
    "]": "remove it, or open the list with [",
    "}": "remove it, or open the mapping with {",
}

CLOSES = {"[": "]", "{": "}", '"': '"', "'": "'"}
LOOK = "look at the quotation marks and the indentation of this line and of the one before it"

# libyaml's words for what is nearly always a blank too many or too few -> what to do.
INDENTATION = {
    "did not find expected key": "begin the keys of one mapping in the same column",
    "did not find expected '-' indicator": "begin the items of one list in the same column, each with '- '",
    "could not find expected ':'": "write KEY: VALUE, or quote a text that goes on in the next line",
}

AT_NOTHING = "did not find expected node content"

# libyaml's words -> ours.
SAYS = {
    "found character that cannot start any token": "no value can begin with this character",
    "found a tab character that violates indentation": "a tab indents this line",
    "mapping values are not allowed in this context": "a second ':' follows where a value was expected",
    "did not find expected ',' or ']'": "the list has neither ',' nor ']' here",
    "did not find expected ',' or '}'": "the mapping has neither ',' nor '}' here",
    "did not find expected alphabetic or numeric character": "an alias cannot be named like this",
    "did not find expected key": "this does not belong to the mapping around it",
    "did not find expected '-' indicator": "a list goes on with '- ', and this does not begin with it",
    "could not find expected ':'": "this key has no ':' after it",
    "found unexpected end of stream": "a quotation mark is opened here and never closed",
    AT_NOTHING: "no value can begin with this character",
}


class Node:
    """A value with its place. `value` is None, text, a list of nodes, or key -> (key's node, value's node)."""

    __slots__ = ("column", "file", "flow", "line", "value")

    def __init__(self, value: Any, file: str, line: int, column: int, flow: bool = False) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.column = column
        self.flow = flow

    @property
    def mark(self) -> Mark:
        return Mark(self.file, self.line, self.column)

    def plain(self) -> Any:
        if isinstance(self.value, dict):
            return {key: value.plain() for key, (_, value) in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def step(self, step: str | int) -> tuple[Node, Node] | None:
        """(key's node, value's node) one step down; an item of a list is its own key."""
        if isinstance(self.value, dict):
            found: tuple[Node, Node] | None = self.value.get(str(step))
            return found
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step], self.value[step]
        return None


class Marked:
    """What a file says. `data` is plain dicts, lists, text and None; it is made anew on every access."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def data(self) -> Any:
        return self.node.plain()

    @property
    def file(self) -> str:
        return self.node.file

    def mark_of(self, path: Path = (), key: bool = False) -> Mark:
        """Where the value at `path` begins; with `key`, where its key does.

        A mapping or list in block style is marked at its key, for that is where a person looks. Steps the data
        does not have (a model's own, a missing key) are passed over, so the answer is as near as there is.
        """
        node, mark = self.node, self.node.mark
        for step in path:
            found = node.step(step)
            if found is None:
                continue
            named, node = found
            block = isinstance(node.value, dict | list) and not node.flow
            mark = named.mark if key or block else node.mark
        return mark

    def at(self, path: Path) -> Marked | None:
        """The part of the data at `path`, with its marks; None where there is nothing."""
        node = self.node
        for step in path:
            found = node.step(step)
            if found is None:
                return None
            node = found[1]
        return Marked(node)

    def without(self, *path: str) -> Marked:
        """The same mapping without one of its keys, or one of a mapping below it."""
        return Marked(_pruned(self.node, path))

    def fault(
        self, path: Path, what: str, why: str = "", fix: str = "", *, key: bool = False, warning: bool = False
    ) -> SetupFault:
        """A fault standing at `path`."""
        return SetupFault(self.mark_of(path, key), what, why, fix, warning)


def load(text: str, file: str) -> Marked:
    """The text's data. Raises SetupError with everything that keeps it from being read, duplicate keys included."""
    _refuse_unreadable(text, file)
    text = text.removeprefix("\ufeff")
    building = _Building(text, file)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            building.take(event)
    except yaml.MarkedYAMLError as error:
        building.faults.append(_syntax_fault(error, text, file))
    except yaml.YAMLError as error:
        building.faults.append(SetupFault(Mark(file), f"this is not YAML: {error}", fix=LOOK))
    if building.faults:
        raise SetupError(building.faults)
    return Marked(building.root or Node(None, file, 1, 1))


def merge(base: Marked, over: Marked) -> Marked:
    """`over` on top of `base`: mappings merge by key, `~` removes, all else replaces; marks keep their own file."""
    return Marked(_merged(base.node, over.node))


def close(word: object, known: Iterable[object], none: str = "leave it out, there is none yet") -> str:
    """`did you mean X?` where a known name is near, else `known: a, b`; `none` says what to do where there is none."""
    names = sorted({str(name) for name in known})
    near = difflib.get_close_matches(str(word)[:80], names, 1, 0.6)
    if near:
        return f"did you mean {near[0]}?"
    more = f", and {len(names) - 20} more" if len(names) > 20 else ""
    return f"known: {', '.join(names[:20])}{more}" if names else none


def _pruned(node: Node, path: tuple[str, ...]) -> Node:
    key, *below = path
    if not isinstance(node.value, dict) or key not in node.value:
        return node
    kept = dict(node.value)
    named, value = kept.pop(key)
    if below:
        kept = {**node.value, key: (named, _pruned(value, tuple(below)))}
    return Node(kept, node.file, node.line, node.column, node.flow)


def _merged(base: Node, over: Node) -> Node:
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, (named, value) in over.value.items():
        if value.value is None:
            merged.pop(key, None)
        else:
            merged[key] = (named, _merged(merged[key][1], value) if key in merged else value)
    return Node(merged, over.file, over.line, over.column, over.flow)


def _refuse_unreadable(text: str, file: str) -> None:
    """Raises for what the parser would not say a place of: size, and characters YAML does not allow."""
    if len(text) > LARGEST:
        raise SetupError([SetupFault(Mark(file), f"larger than {LARGEST >> 20} MiB", fix="split the file")])
    if found := UNPRINTABLE.search(text):
        bad = found.start()
        line = text.count("\n", 0, bad) + 1
        column = bad - text.rfind("\n", 0, bad)
        what = f"character U+{ord(text[bad]):04X} does not belong in a text file"
        raise SetupError([SetupFault(Mark(file, line, column), what, fix="save the file as UTF-8 text")])


class _Building:
    """Nodes built from events; open mappings and lists wait on a stack of our own."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.root: Node | None = None
        self.faults: list[SetupFault] = []
        self.open: list[Node] = []
        self.keys: list[Node | None] = []
        self.documents = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event)
            nothing = not event.style and event.value in NOTHING
            self._add(self._node(event, None if nothing else event.value), event.value)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._refuse_extras(event)
            self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.open.pop()
            self.keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._fault(event, f"*{event.anchor}: aliases are not used here", HINTS["*"])
            self._add(self._node(event, None), event.anchor or "")
        elif isinstance(event, yaml.DocumentStartEvent):
            self._begin_document(event)

    def _begin_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents == 2:
            self._stop(event, "a second document begins here", "one file holds one document; remove ---")

    def _begin(self, event: Any, value: Any) -> None:
        node = self._node(event, value)
        if self.open and isinstance(self.open[-1].value, dict) and self.keys[-1] is None:
            self._stop(event, "a key is a mapping or a list", "keys are text; quote a key that has brackets")
        if len(self.open) >= DEEPEST:
            self._stop(event, f"nested deeper than {DEEPEST} levels", "nothing here needs that depth")
        self._add(node, "")
        self.open.append(node)
        self.keys.append(None)

    def _add(self, node: Node, text: str) -> None:
        if not self.open:
            self.root = self.root or node
        elif isinstance(self.open[-1].value, list):
            self.open[-1].value.append(node)
        elif self.keys[-1] is None:
            node.value = text
            self.keys[-1] = node
        else:
            self._add_value(self.keys[-1], node)
            self.keys[-1] = None

    def _add_value(self, key: Node, node: Node) -> None:
        mapping = self.open[-1].value
        if key.value in mapping:
            first = mapping[key.value][0].line
            why = f"also on line {first}; only one of them could count"
            self.faults.append(SetupFault(key.mark, f"{key.value}: written twice", why, "remove one of them"))
        else:
            mapping[key.value] = (key, node)

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor is not None:
            self._fault(event, f"&{event.anchor}: anchors are not used here", HINTS["&"])
        if event.tag is not None:
            self._fault(event, f"{event.tag}: tags are not used here", HINTS["!"])

    def _node(self, event: Any, value: Any) -> Node:
        mark = event.start_mark
        return Node(
            value, self.file, mark.line + 1, mark.column + 1, bool(getattr(event, "flow_style", False))
        )

    def _fault(self, event: Any, what: str, fix: str) -> None:
        mark = event.start_mark
        self.faults.append(SetupFault(Mark(self.file, mark.line + 1, mark.column + 1), what, fix=fix))

    def _stop(self, event: Any, what: str, fix: str) -> None:
        self._fault(event, what, fix)
        raise SetupError(self.faults)


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> SetupFault:
    """libyaml's finding in our words, at the place where a person must look."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return SetupFault(Mark(file), f"this is not YAML: {error.problem}", fix=LOOK)
    problem = error.problem or "no value here"
    what = SAYS.get(problem, problem)
    if problem == AT_NOTHING and mark.index >= len(text):
        place = Mark(file, mark.line + 1, mark.column + 1)
        return SetupFault(place, "this is not YAML: the file ends inside [ or {", fix="close it with ] or }")
    begun = error.context_mark
    at = text[mark.index : mark.index + 1]
    if not at and begun is not None:
        mark, at = begun, text[begun.index : begun.index + 1]
        what = f"{at!r} is opened here and never closed" if at and at in "[{" else what
        fix = f"close it with {CLOSES[at]}" if at in CLOSES else LOOK
        return SetupFault(Mark(file, mark.line + 1, mark.column + 1), f"this is not YAML: {what}", fix=fix)
    if begun is not None and error.context in ("while scanning an alias", "while scanning a simple key"):
        mark, at = begun, text[begun.index : begun.index + 1]
    found = f" ({at!r})" if at.strip() else ""
    place = Mark(file, mark.line + 1, mark.column + 1)
    fix = HINTS.get(at) or INDENTATION.get(problem, LOOK)
    return SetupFault(place, f"this is not YAML: {what}{found}", fix=fix)
