"""Meaning: a tree and a canonical object, one map for both directions. `MAPS` in docs tells how a map is written.

To add a document type, put its map under `x12/<version>/` or `edifact/<directory>/`; no Python changes. The rooms,
in order of use:
`places`, `expression`, `entries` (what the YAML says); `resolve`, `bind`, `exclusions`, `load` (what it means);
`model` (the resolved rows); `codecs`, `values`, `spelling` (one value); `locate`, `read`, `write`, `draft` (documents).
"""

from gateway.maps.load import Heading, code_tables, every, exists, guide_name, heading, load, names, package
from gateway.maps.map import Map

__all__ = [
    "Heading",
    "Map",
    "code_tables",
    "every",
    "exists",
    "guide_name",
    "heading",
    "load",
    "names",
    "package",
]
