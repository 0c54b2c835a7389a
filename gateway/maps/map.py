"""A loaded map: one object reads and writes, and says what it leaves unread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import SetupFault
from gateway.faults import Fault
from gateway.guides.model import Guide
from gateway.guides.tree import LoopNode
from gateway.maps.model import Block
from gateway.maps.read import read_object


@dataclass(frozen=True, eq=False)
class Map:
    """`document` is the canonical class, `root` the resolved bindings, `digest` what the map was made of.

    `problems` are warnings: the map works, `gateway check` prints them.
    """

    name: str
    document: type[Any]
    guide: Guide
    root: Block
    digest: str
    problems: tuple[SetupFault, ...] = ()

    def read(self, tree: LoopNode) -> tuple[Any, list[Fault]]:
        """The canonical object, None where it cannot be one; and every fault and note of meaning."""
        return read_object(self.root, tree)
