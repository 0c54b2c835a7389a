"""A guide's structure: its lines `TAG M|O max` with loops nested under their first segment, as positions.

- BEG M 1
- N1 O 200:
    - N2 O 2
- HL M 200000 tree:
    - LIN O 1

EDIFACT says C for O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.errors import SetupFault
from gateway.guides.model import UNBOUNDED, Position, SegmentSpec
from gateway.marked_yaml import Marked, Path, close

AREAS = ("heading", "detail", "summary")
LINE = re.compile(
    r"(?P<tag>[A-Za-z]\w*)(?:\[(?P<constants>[^\[\]]+)\])? (?P<use>[MOC]) (?P<max>[1-9]\d*|\*)"
    r"(?: (?!tree$)(?P<name>\S+))?(?P<tree> tree)?"
)
DEEPEST_TREE = 3
"""The length of the path of a loop that stands directly in its area."""
FIX = "write `N1 O 200`: tag, M or O, maximum or *; a loop's segments follow it, indented, after a colon"


def structure(marked: Marked, specs: Mapping[str, SegmentSpec], faults: list[SetupFault]) -> Position:
    """The root position of a guide's three areas. Lines that cannot be read are faults and are left out."""
    root = Position("", True, 1, None)
    building = _Building(marked, specs, faults)
    data = marked.data
    root.children = tuple(
        child for area in AREAS for child in building.children(root, data.get(area) or [], (area,), area)
    )
    return number(root)


def below(marked: Marked, path: Path, specs: Mapping[str, SegmentSpec], faults: list[SetupFault]) -> Position:
    """The root position of the lines at a path, which stand in no area."""
    root = Position("", True, 1, None)
    lines = marked.at(path)
    data = lines.data if lines is not None else []
    root.children = tuple(_Building(marked, specs, faults).children(root, data, path, AREAS[0]))
    return number(root)


def number(position: Position) -> Position:
    """Sets every child's parent and index; called again after children were moved."""
    for index, child in enumerate(position.children):
        child.parent, child.index = position, index
        number(child)
    return position


class _Building:
    def __init__(self, marked: Marked, specs: Mapping[str, SegmentSpec], faults: list[SetupFault]) -> None:
        self.marked = marked
        self.specs = specs
        self.faults = faults

    def children(self, parent: Position, lines: Any, path: Path, area: str) -> Iterable[Position]:
        if not isinstance(lines, list):
            self._fault(path, f"{area}: not a list of segments")
            return
        for at, line in enumerate(lines):
            if isinstance(line, dict) and len(line) == 1:
                ((text, below),) = line.items()
                loop = self._position(text, (*path, at), area)
                if loop is not None:
                    yield self._loop(loop, below, (*path, at, text), area)
            else:
                position = self._position(line, (*path, at), area)
                if position is not None and position.tree is not None:
                    what = f"{position.tag}: a tree is a loop"
                    self._fault((*path, at), what, f"write `{line}:` with its segments beneath")
                elif position is not None:
                    yield position

    def _loop(self, loop: Position, below: Any, path: Path, area: str) -> Position:
        head = Position(loop.tag, True, 1, loop.spec, loop.name, area, loop.constants)
        loop.spec = None
        if loop.tree is not None and len(path) > DEEPEST_TREE:
            self._fault(
                path, f"{loop.tag}: a tree stands in no other loop", "move it out, or leave `tree` away"
            )
        loop.children = (head, *self.children(loop, below, path, area))
        return loop

    def _position(self, line: Any, path: Path, area: str) -> Position | None:
        match = LINE.fullmatch(line) if isinstance(line, str) else None
        if match is None:
            self._fault(path, f"{line}: not a line of a guide")
            return None
        tag = match["tag"]
        if tag not in self.specs:
            self._fault(path, f"{tag}: the segment table does not have it", close(tag, self.specs))
            return None
        most = UNBOUNDED if match["max"] == "*" else int(match["max"])
        constants = tuple(match["constants"].split(",")) if match["constants"] else ()
        spec = self.specs[tag]
        found = Position(tag, match["use"] == "M", most, spec, match["name"], area, constants)
        if match["tree"]:
            found.tree = spec.tree
            if spec.tree is None:
                fix = f"give {tag} in segments.yaml `tree: {{id: 1, parent: 2}}`, or leave `tree` away"
                self._fault(path, f"{tag}: the segment table does not say what makes it a tree", fix)
        return found

    def _fault(self, path: Path, what: str, fix: str = FIX) -> None:
        self.faults.append(self.marked.fault(path, what, fix=fix))
