"""What files of records share, whether their fields have fixed columns or delimiters: layout, batch, documents.

A record is a segment to every room above: its type is the tag, its fields are the elements. Which records a document
begins with, and which only envelop, a `Layout` says; a guide makes one.
"""

from gateway.formats.records.layout import Batch, Field, Layout, Mark, RecordType, Said, Total

__all__ = ["Batch", "Field", "Layout", "Mark", "RecordType", "Said", "Total"]
