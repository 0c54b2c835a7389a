"""A record as a segment: its type is the tag, its fields are the elements, and it knows what they are called."""

from __future__ import annotations

from dataclasses import replace

from gateway.faults import Place
from gateway.formats.records.layout import RecordType
from gateway.formats.segment import Segment


class Record(Segment):
    """`elements[3]` is the third field, without what fills it up; empty ones at the end are left out.

    `line` is the record's number in a file without lines. `type` is None for one that is of no type of the layout.
    """

    __slots__ = ("type",)

    type: RecordType | None

    def place(
        self,
        element: int | None = None,
        component: int | None = None,
        name: str | None = None,
        loop: str | None = None,
    ) -> Place:
        found = super().place(element, component, name, loop)
        fields = self.type.fields if self.type else ()
        if not element or element > len(fields):
            return found
        label = fields[element - 1].name
        return replace(found, label=label, name=name or label)
