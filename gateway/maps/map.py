"""A loaded map: one object reads and writes, and says what it leaves unread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.errors import NotWritable, SetupFault
from gateway.faults import Fault, Place
from gateway.guides.model import Guide
from gateway.guides.tree import LoopNode
from gateway.maps.account import Accounted, Share, account
from gateway.maps.answers import Answered, Answers, Originals
from gateway.maps.draft import drafted
from gateway.maps.model import Block
from gateway.maps.prove import misfits, reads_as, unproved
from gateway.maps.read import read_names, read_object
from gateway.maps.view import view
from gateway.maps.write import write_tree
from gateway.maps.writing import Writing


@dataclass(frozen=True, eq=False)
class Map:
    """`document` is the canonical class, `root` the resolved bindings, `digest` what the map was made of.

    `problems` are warnings: the map works, `gateway check` prints them. `answers` says what its objects answer.
    `shape` is how their contents nest in a new document. `validation` is how its guide is taken when it writes:
    `strict` lets nothing out of which the guide has a note, `lenient` all that reads back as the object.
    """

    name: str
    document: type[Any] = field(repr=False)
    guide: Guide = field(repr=False)
    root: Block = field(repr=False)
    digest: str
    problems: tuple[SetupFault, ...] = ()
    answers: Answers | None = field(default=None, repr=False)
    shape: str | None = None
    validation: str = "normal"

    def read(self, tree: LoopNode) -> tuple[Any, list[Fault]]:
        """The canonical object, None where it cannot be one; and every fault and note of meaning."""
        return read_object(self.root, tree)

    def names(self, tree: LoopNode) -> dict[str, Any]:
        """What names a document that is no object, `number`, `release`, `order` and so on, as far as it is read."""
        return read_names(self.root, tree)

    def write(
        self,
        document: Any,
        onto: LoopNode | None = None,
        forbidden: str = "",
        answered: Answered | None = None,
    ) -> LoopNode:
        """The object as a tree: fresh, or onto a copy of the original it was read from.

        What comes back passes the guide and reads back as the object, and what was echoed from the documents that it
        answers: those of `answered`. Raises NotWritable with every fault by field otherwise. `forbidden` are the
        delimiters the bytes will use.
        """
        if onto is None:
            document = self.nested(document)
        reads = self.answers is not None and self.answers.reads
        originals = Originals(self.answers, document, answered or {}) if self.answers and reads else None
        if onto is None and (draft := self._draft(document, Writing(True, forbidden, originals))) is not None:
            return draft
        writing = Writing(onto is None, forbidden, originals)
        wanted = view(self.root, document, (), writing.faults)
        tree = onto.copy() if onto is not None else self._empty(writing)
        write_tree(self.root, wanted, tree, writing)
        echoed = writing.echoed(tree)
        faults = writing.faults or unproved(
            self.guide, self.root, wanted, tree, onto, echoed, self.validation
        )
        if faults:
            raise NotWritable(faults)
        return tree

    def nested(self, document: Any) -> Any:
        """The object as a new document says it: its contents in the map's shape, if it has one.

        Where the document does not say its shape, only the map knows it. Raises NotWritable, every fault by field.
        """
        if self.shape is None:
            return document
        arranged = document.arranged(self.shape)
        return arranged.model_copy(update={"shape": None}) if "shape" in self.root.unbound else arranged

    def _draft(self, document: Any, writing: Writing) -> LoopNode | None:
        """A new document, written fast and proved; None where there is anything to say about it, or to doubt."""
        from gateway.maps.compile import reader

        tree = self._empty(writing)
        if not drafted(self.root, document, tree, writing):
            return None
        echoed = writing.echoed(tree)
        if reads_as(reader(self, sum(1 for _ in tree.segments())), document, tree, echoed):
            return tree
        wanted = view(self.root, document, (), writing.faults)
        faults = writing.faults or unproved(
            self.guide, self.root, wanted, tree, None, echoed, self.validation
        )
        return None if faults else tree

    def misfits(self, tree: LoopNode) -> list[Fault]:
        """What the guide says of a tree that was written, each with the field it stands in."""
        return misfits(self.guide, self.root, tree)

    def _empty(self, writing: Writing) -> LoopNode:
        """A new document before anything is said in it."""
        tree = LoopNode(self.guide.root)
        writing.furnish(tree)
        return tree

    def account(self, tree: LoopNode) -> list[Accounted]:
        """Every value of the document, and whose it is: bound, constant, computed or residue."""
        return account(self.root, tree)

    def residue(self, tree: LoopNode) -> list[Place]:
        """Where the values stand that no binding touches."""
        return [one.place for one in self.account(tree) if one.share is Share.RESIDUE]
