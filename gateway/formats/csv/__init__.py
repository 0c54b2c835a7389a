"""Rows of delimited cells: bytes to batches and documents and back, by a layout and the names in the file's first row.

`read` yields events, properly nested, and never raises for what a file holds. `Writer` composes rows, documents and
files. Both are pure; neither knows what a cell means.
"""

from gateway.formats.csv.enclose import Envelope
from gateway.formats.csv.likeness import likeness
from gateway.formats.csv.read import read
from gateway.formats.csv.write import Writer

__all__ = ["Envelope", "Writer", "likeness", "read"]
