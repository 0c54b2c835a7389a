"""A small guide of our own, so that the tests of structure do not hang on the standard's data."""

from __future__ import annotations

from gateway.guides.model import Element, Guide, SegmentSpec, Use
from gateway.guides.structure import structure
from gateway.marked_yaml import load

TEXT = Element("1", "Text", "AN", 1, 30)

STRUCTURE = """
heading:
  - BEG M 1
  - REF O 2
  - DTM O 1
  - N1 O 2:
      - N3 M 1
      - REF O *
detail:
  - PO1 M 3:
      - PID O 1:
          - MEA O 40
      - N1 O *:
          - N3 O 1
      - TXI M 1
summary:
  - CTT O 1:
      - AMT O 1
"""


def guide(text: str = STRUCTURE) -> Guide:
    tags = ["BEG", "REF", "DTM", "N1", "N3", "PO1", "PID", "MEA", "TXI", "CTT", "AMT"]
    specs = {tag: SegmentSpec(tag, f"Name of {tag}", (Use(TEXT),)) for tag in tags}
    faults: list = []
    root = structure(load(text, "small.yaml"), specs, faults)
    assert not faults
    used = {place.tag: specs[place.tag] for place in root.walk() if place.tag}
    return Guide("x12/004010/999", "Small", "999", "004010", "XX", root, used, frozenset([*used, "ZZZ"]))
