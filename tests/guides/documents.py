"""Documents for the guides' tests: orders as retailers send them, walks through a guide, and damage to either."""

from __future__ import annotations

from random import Random

from gateway.faults import rejecting
from gateway.formats.segment import COMPONENT, REPETITION, Segment
from gateway.guides.check import check_segment
from gateway.guides.model import Composite, Element, Guide, Position, SegmentSpec, Tree, Use

ORDER = """
BEG*00*SA*4500017**20260301
CUR*BY*USD
REF*DP*042
REF*IA*000123
PER*BD*J SMITH*TE*5015550100*EM*buyer@example.com
FOB*CC*OR*DALLAS
SAC*A*C310***1250*Z*10*125.00
ITD*01*3*2**10**30
DTM*010*20260310
DTM*001*20260331*1200*CT
TD5**2*UPSN*M*GROUND
N9*ZZ*NOTES
MSG*DELIVER TO DOCK 4
N1*ST*STORE 0042*92*0042
N2*SECOND LINE
N3*12 MAIN STREET*SUITE 7
N4*DALLAS*TX*75201*US
PER*RE*DOCK*TE*5015550199
N1*BT*ACCOUNTS PAYABLE*9*1234567890000
PO1*1*12*EA*9.95*PE*UP*012345678905*VN*AB-12*BP*000777
PID*F*08***HEX BOLT ZINC
MEA*PD*WT*1.25*LB
PO4*12*1*EA
SDQ*EA*92*0001*6*0002*6
SCH*12*EA*ST*STORE*002*20260312
PO1*2*100*CA*.5**UP*012345678912
PID*F****WASHER
SLN*1**I*2*EA*1.5*PE
CTT*2*112
AMT*TT*169.4
"""


def segments(text: str) -> list[list[str]]:
    """One segment a line, elements by `*`, components by `:`, repetitions by `^`."""
    table = str.maketrans({":": COMPONENT, "^": REPETITION})
    return [line.translate(table).split("*") for line in text.strip().splitlines()]


def located(document: list[list[str]]) -> list[Segment]:
    return [Segment(elements, number) for number, elements in enumerate(document, 2)]


ODD = [
    "", " ", "0", "-1", "-", "1.5", ".", "1.", ".5", "1e5", "+3", "١٢", "20261301", "20260229", "20240229", "260101",
    "2400", "1260", "235959", "2359599", "12", "00", "ZZ", "ZZZ", "EA", "X" * 200, "A\x07B", "\x1f", "\x1e", "EA\x1fKG",
    "A\x1e\x1eB", "É", "\u00a0", "1\u00b2", "9" * 30, "-12.50", "DP", "N1", "UP", "\x1fX", "X\x1f", "1\x1f1\x1f1",
]  # fmt: skip


def damaged(document: list[list[str]], random: Random, times: int) -> list[list[str]]:
    """A copy with that many things done to it, each of which may or may not be a fault."""
    copy = [elements[:] for elements in document]
    for _ in range(times):
        if copy:
            random.choice(DAMAGES)(copy, random)
    return copy


def _element(copy: list[list[str]], random: Random) -> None:
    elements = random.choice(copy)
    if len(elements) > 1:
        elements[random.randrange(1, len(elements))] = random.choice(ODD)


def _blank(copy: list[list[str]], random: Random) -> None:
    elements = random.choice(copy)
    if len(elements) > 1:
        elements[random.randrange(1, len(elements))] = ""


def _lengthen(copy: list[list[str]], random: Random) -> None:
    elements = random.choice(copy)
    if len(elements) > 1:
        at = random.randrange(1, len(elements))
        elements[at] = elements[at] + random.choice(
            ["A", "1", "00000", ".", " ", COMPONENT, REPETITION + "1"]
        )


def _shorten(copy: list[list[str]], random: Random) -> None:
    elements = random.choice(copy)
    del elements[random.randrange(1, len(elements) + 1) :]


def _extra(copy: list[list[str]], random: Random) -> None:
    random.choice(copy).extend(random.choice([[""], ["", ""], ["X"], ["", "X"], ["", "20260101"], [""] * 30]))


def _drop(copy: list[list[str]], random: Random) -> None:
    del copy[random.randrange(len(copy))]


def _twice(copy: list[list[str]], random: Random) -> None:
    at = random.randrange(len(copy))
    copy[at:at] = [copy[at][:] for _ in range(random.choice([1, 1, 1, 2, 2, 5, 5, 30, 30, 220]))]


def _swap(copy: list[list[str]], random: Random) -> None:
    one, other = random.randrange(len(copy)), random.randrange(len(copy))
    copy[one], copy[other] = copy[other], copy[one]


def _move(copy: list[list[str]], random: Random) -> None:
    elements = copy.pop(random.randrange(len(copy)))
    copy.insert(random.randrange(len(copy) + 1), elements)


def _tag(copy: list[list[str]], random: Random) -> None:
    random.choice(copy)[0] = random.choice(["XXX", "N1", "REF", "SE", "", "PO1", "PID", "n1", "HL"])


def _shuffle(copy: list[list[str]], random: Random) -> None:
    elements = random.choice(copy)
    rest = elements[1:]
    random.shuffle(rest)
    elements[1:] = rest


DAMAGES = [
    _element, _element, _element, _blank, _blank, _lengthen, _lengthen, _shorten, _extra, _drop, _twice, _swap, _move,
    _tag, _shuffle,
]  # fmt: skip


def walk(guide: Guide, random: Random, fullness: float = 0.4) -> list[list[str]]:
    """A document the guide allows: its structure, elements of the right types, conditions kept where luck finds how."""
    out: list[list[str]] = []
    levels: dict[Position, list[list[str]]] = {}
    _walk(guide.root, random, fullness, out, levels)
    for loop, opened in levels.items():
        if loop.tree is not None:
            _hang(opened, loop.tree, random)
    return out


def _hang(levels: list[list[str]], tree: Tree, random: Random) -> None:
    """Counts the levels of a tree, and hangs each in one before it in which it may lie."""
    open: list[tuple[str, str | None]] = [("", None)]
    for number, segment in enumerate(levels, 1):
        known = [(at, code) for at, (_, around) in enumerate(open) for code in _inside(tree, around)]
        at, code = random.choice(known)
        said = {tree.id: str(number), tree.parent: open[at][0], tree.level: code}
        segment[1:] = [said.get(element, "") for element in range(1, max(said, key=lambda one: one or 0) + 1)]
        open[at + 1 :] = [(str(number), code)]


def _inside(tree: Tree, around: str | None) -> list[str]:
    """The levels that may lie in one, or at the top; any where the guide does not say."""
    if not tree.levels:
        return [""]
    return sorted(tree.top if around is None else tree.levels.get(around, ()))


def _walk(
    loop: Position,
    random: Random,
    fullness: float,
    out: list[list[str]],
    levels: dict[Position, list[list[str]]],
) -> None:
    for child in loop.children:
        times = min(random.choice([1, 1, 1, 2, 3]), child.max)
        for _ in range(times if child.required or random.random() < fullness else 0):
            if child.is_loop:
                _walk(child, random, fullness / 2, out, levels)
            elif child.spec is not None:
                out.append([child.tag, *child.constants] if child.constants else _segment(child.spec, random))
                if loop.tree is not None and child.index == 0:
                    levels.setdefault(loop, []).append(out[-1])


def _segment(spec: SegmentSpec, random: Random) -> list[str]:
    elements = [spec.tag]
    for share in (0.5, 0.3, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.0):
        chosen = [use.required or random.random() < share for use in spec.uses]
        elements = [
            spec.tag,
            *(_use(use, random) if sent else "" for use, sent in zip(spec.uses, chosen, strict=True)),
        ]
        while not elements[-1]:
            elements.pop()
        if not rejecting(check_segment(Segment(elements), spec)):
            break
    return elements


def _use(use: Use, random: Random) -> str:
    if isinstance(use.of, Composite):
        share = random.choice([0, 0, 0.3])
        sent = [part.required or random.random() < share for part in use.of.components]
        parts = [_use(part, random) if one else "" for part, one in zip(use.of.components, sent, strict=True)]
        if use.of.moment is not None:
            stated, format = use.of.moment
            parts[stated - 1 : format] = random.choice(MOMENTS)
        return COMPONENT.join(parts).rstrip(COMPONENT) or _use(use.of.components[0], random)
    return value(use.of, random)


MOMENTS = [
    ("20260301", "102"),
    ("202603011530", "203"),
    ("202609", "610"),
    ("2026030120260331", "718"),
    ("7", "804"),
]
"""A moment and its code of 2379."""


def value(element: Element, random: Random) -> str:
    """A good value of the element's type, its length somewhere in its range."""
    size = random.randint(element.min, min(element.max, element.min + 5))
    if element.type == "DT":
        return f"2026{random.randint(1, 12):02d}{random.randint(1, 28):02d}"[-min(8, element.max) :]
    if element.type == "TM":
        return f"{random.randint(0, 23):02d}{random.randint(0, 59):02d}"
    if element.type == "A":
        return "".join(random.choice("ABCXYZ") for _ in range(size))
    if element.type[0] in "NR":
        return "".join(random.choice("0123456789") for _ in range(size))
    fitting = [code for code in element.codes or () if element.min <= len(code) <= element.max]
    if fitting:
        return random.choice(fitting)
    return "".join(random.choice("ABC XYZ19") for _ in range(size)).replace(" ", "Q", 1)


def undivided(document: list[list[str]]) -> list[str]:
    """The segments as texts; what divides their elements is in none of them."""
    return ["\x1d".join(elements) for elements in document]
