"""A small guide of our own with a tree: shipments, orders, packs and items, as a ship notice has them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from gateway.errors import SetupFault
from gateway.guides import levels
from gateway.guides.model import Element, Guide, SegmentSpec, Tree, Use
from gateway.guides.structure import structure
from gateway.marked_yaml import load

NUMBER = Element("628", "Hierarchical ID Number", "AN", 1, 12)
PARENT = Element("734", "Hierarchical Parent ID Number", "AN", 1, 12)
CODES = {"S": "Shipment", "O": "Order", "P": "Pack", "I": "Item", "T": "Tare", "Q": "Subdetail"}
LEVEL = Element("735", "Hierarchical Level Code", "ID", 1, 2, CODES)
CHILDREN = Element("736", "Hierarchical Child Code", "ID", 1, 1, {"0": "None", "1": "Some"})
TEXT = Element("1", "Text", "AN", 1, 30)

STRUCTURE = """
heading:
  - BSN M 1
detail:
  - HL M 200 tree:
      - LIN O 1
      - N1 O 2:
          - N3 O 1
levels: {S: O P I, O: P I, P: I P, I: P}
summary:
  - CTT O 1
"""
TREE = Tree(1, 2, 3, 4)


def specs(tree: Tree | None = TREE) -> dict[str, SegmentSpec]:
    uses = (Use(NUMBER, True), Use(PARENT), Use(LEVEL, True), Use(CHILDREN))
    made = {
        tag: SegmentSpec(tag, f"Name of {tag}", (Use(TEXT),)) for tag in ("BSN", "LIN", "N1", "N3", "CTT")
    }
    return {**made, "HL": SegmentSpec("HL", "Hierarchical Level", uses, qualifier=3, tree=tree)}


def built(text: str = STRUCTURE, tree: Tree | None = TREE) -> tuple[Guide, list[SetupFault]]:
    """The guide, and what is wrong with its text."""
    known: Mapping[str, SegmentSpec] = specs(tree)
    faults: list[SetupFault] = []
    marked = load(text, "levels.yaml")
    root = structure(marked, known, faults)
    levels.state(root, marked, faults)
    used = {place.tag: known[place.tag] for place in root.walk() if place.tag}
    return Guide("x12/004010/856", "Levels", "856", "004010", "SH", root, used, frozenset(used)), faults


def guide(text: str = STRUCTURE) -> Guide:
    found, faults = built(text)
    assert not faults
    return found


def document(levels: str) -> list[list[str]]:
    """`1,,S 2,1,O,0 =x` as a notice: a level's number, parent, code and flag; `=x` is an item in it, `_` a blank."""
    lines = [["LIN", one[1:]] if one[0] == "=" else _level(one) for one in levels.split()]
    return [["BSN", "1"], *lines, ["CTT", "1"]]


def _level(text: str) -> list[str]:
    number, parent, code, *flag = text.replace("_", " ").split(",")
    return ["HL", number, parent, code, *flag]


def random_document(random: Random, most: int = 12) -> list[list[str]]:
    """Levels as anybody might send them: mostly in order, now and then with another number, parent or level."""
    numbers, lines = ["1"], [["HL", "1", "", "S"]]
    for number in range(2, random.randint(2, most)):
        parent = random.choice(numbers[-3:])
        lines.append(["HL", str(number), parent, random.choice("OPI"), random.choice(["", "", "0", "1"])])
        numbers.append(str(number))
        if random.random() < 0.4:
            lines.append(random.choice([["LIN", "x"], ["N1", "x"], ["N3", "x"]]))
    for _ in range(random.choice([0, 0, 1, 1, 3])):
        line = random.choice([line for line in lines if line[0] == "HL"])
        at = random.choice([1, 2, 2, 3])
        line[at] = random.choice(["", "1", "2", "3", "7", "S", "Q", "2 "])
    return [["BSN", "1"], *([end for end in line] for line in lines), ["CTT", "1"]]
