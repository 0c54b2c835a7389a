"""Records of fixed columns: bytes to batches and documents and back, by a layout.

`read` yields events, properly nested, and never raises for what a file holds. `Writer` composes records, documents and
batches. Both are pure; neither knows what a field means.
"""

from gateway.formats.fixed.enclose import Envelope
from gateway.formats.fixed.likeness import likeness
from gateway.formats.fixed.read import read
from gateway.formats.fixed.write import Writer

__all__ = ["Envelope", "Writer", "likeness", "read"]
