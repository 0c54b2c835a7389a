"""A file with its templates beneath and its environment on top, as one piece of marked data.

`extends: templates/NAME` puts the template under the profile; `environments: {test: ...}` lays a part of the file
over the rest of it. Mappings merge by key, `~` removes, all else replaces; every value keeps the place it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import SetupError, SetupFault
from gateway.marked_yaml import Marked, Node, close, load, merge

ENTRIES = ("receive", "send")
ENVIRONMENTS = "environments"
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Layered:
    """`marked` is None where nothing could be read; `sources` are the files it came from, its own first."""

    marked: Marked | None
    sources: tuple[str, ...]
    faults: tuple[SetupFault, ...] = ()


@lru_cache(maxsize=4096)
def parsed(text: str, file: str) -> Marked:
    """Reading is pure, so a file that did not change is not read again."""
    return load(text, file)


def layered(file: str, texts: Mapping[str, str], above: tuple[str, ...] = ()) -> Layered:
    """The file on top of all it extends."""
    try:
        own = parsed(texts[file], file)
    except SetupError as error:
        return Layered(None, (file,), tuple(error.faults))
    data = own.data
    if not isinstance(data, dict) or not isinstance(data.get("extends"), str):
        return Layered(own, (file,))
    beneath = f"{data['extends']}.yaml"
    fault = refusal(own, beneath, texts, (*above, file))
    if fault is not None:
        return Layered(own, (file,), (fault,))
    base = layered(beneath, texts, (*above, file))
    merged = laid_over(base.marked, own) if base.marked is not None else own
    return Layered(merged, (file, *base.sources), base.faults)


def refusal(own: Marked, beneath: str, texts: Mapping[str, str], above: tuple[str, ...]) -> SetupFault | None:
    """Why this template cannot be put beneath."""
    name = beneath.removesuffix(".yaml")
    if beneath in above:
        return own.fault(("extends",), f"extends: {name} extends itself", fix="end the circle")
    if not name.startswith("templates/") or beneath not in texts:
        known = [file.removesuffix(".yaml") for file in texts if file.startswith("templates/")]
        return own.fault(("extends",), f"extends: there is no {name}", fix=close(name, known))
    if len(above) >= DEEPEST:
        what = f"extends: more than {DEEPEST} templates on top of each other"
        return own.fault(("extends",), what, fix="merge some of them")
    return None


def environments_of(marked: Marked) -> tuple[list[str], list[SetupFault]]:
    """The environments the data has something to say about."""
    part = marked.at((ENVIRONMENTS,))
    if part is None or part.data is None:
        return [], []
    if not isinstance(part.data, dict):
        return [], [
            marked.fault(
                (ENVIRONMENTS,), "environments: needs a mapping", fix="write {test: {KEY: what differs}}"
            )
        ]
    wrong = [name for name, value in part.data.items() if value is not None and not isinstance(value, dict)]
    fix = "write {KEY: what differs}"
    faults = [
        marked.fault((ENVIRONMENTS, name), f"environments.{name}: needs a mapping", fix=fix) for name in wrong
    ]
    return [name for name, value in part.data.items() if isinstance(value, dict)], faults


def overlaid(marked: Marked, environment: str) -> Marked:
    """The data as it is in this environment, without what is said of others."""
    over = marked.at((ENVIRONMENTS, environment)) if environment else None
    plain = marked.without(ENVIRONMENTS)
    return laid_over(plain, over) if over is not None and isinstance(over.data, dict) else plain


def laid_over(base: Marked, over: Marked) -> Marked:
    """`over` on top of `base`. `850: MAP` is `850: {map: MAP}` in both: over the other it changes only the map."""
    return merge(opened(base), opened(over))


def opened(marked: Marked) -> Marked:
    """The data with each short entry of `receive` and `send` written out, here and in its environments."""
    return Marked(rewritten(marked.node, {**dict.fromkeys(ENTRIES, entries), ENVIRONMENTS: environments}))


def rewritten(node: Node, by: Mapping[str, Callable[[Node], Node]]) -> Node:
    """The mapping with some of its values made anew; anything else stays as it is."""
    if not isinstance(node.value, dict):
        return node
    made = {key: (named, by.get(key, same)(value)) for key, (named, value) in node.value.items()}
    return Node(made, node.file, node.line, node.column, node.flow)


def same(node: Node) -> Node:
    return node


def entries(node: Node) -> Node:
    return rewritten(node, dict.fromkeys(node.value or (), entry))


def entry(node: Node) -> Node:
    if not isinstance(node.value, str):
        return node
    return Node({"map": (node, node)}, node.file, node.line, node.column, flow=True)


def environments(node: Node) -> Node:
    return rewritten(node, dict.fromkeys(node.value or (), lambda part: opened(Marked(part)).node))
