"""Writing says exactly what it was given or nothing: released where it must be, right counts, no empty ends.

What cannot be written so raises `NotWritable` with every fault. Written onto an original, a segment that still says
the same keeps its bytes. Whatever is written, `read` reads back without a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place
from gateway.formats.edifact.charset import CONTROL, Level, level
from gateway.formats.edifact.delimiters import TAGS, Delimiters, repeats, standard
from gateway.formats.edifact.envelope import element_faults, envelope_name, part_of
from gateway.formats.edifact.events import Interchange, TransactionSet
from gateway.formats.segment import COMPONENT, REPETITION, Item, Segment, trimmed, trimmed_parts
from gateway.formats.writing import SetWriter

CLASH = "replace the sign in the value, or state a `una:` with a release character in the `envelope:`"
"""Without a release character there is no way to say that a separator is meant as data."""

BREAKS = "\r\n"


@dataclass(frozen=True, slots=True)
class Writer(SetWriter):
    """How one interchange is written. `line_end` stands behind every terminator: nothing, `\\n` or `\\r\\n`.

    `level` and `version` are what the UNB says of it, and limit its characters; `charset` overrules how they are
    encoded, as for `read`. A UNA is written where it is `needed`, or `always`. `association` is
    the code of what the messages follow, which a `heading` has.
    """

    NEEDED: ClassVar = "needed"
    ALWAYS: ClassVar = "always"

    delimiters: Delimiters = field(default_factory=Delimiters)
    charset: str = "auto"
    line_end: str = ""
    level: str = "UNOC"
    version: str = "3"
    una: str = NEEDED
    association: str = ""

    def __post_init__(self) -> None:
        signs = self.delimiters
        text = str(signs) + signs.decimal
        wrong = (
            len(set(text)) < len(text)
            or not signs.distinct
            or signs.decimal not in (",", ".")
            or (signs.repetition is not None and not repeats(self.version))
            or any(sign in BREAKS for sign in str(signs)[:-1])
            or (signs.segment in BREAKS and self.line_end != "")
            or not _encodes(text, self.encoding)
        )
        if wrong:
            raise NotWritable(
                [Fault(Code.DELIMITER, came=signs.una[3:], expected=f"signs {self.encoding} has")]
            )

    @property
    def encoding(self) -> str:
        return self._level.encoding or "utf-8"

    @property
    def mark(self) -> str:
        return self.delimiters.decimal

    @property
    def _level(self) -> Level:
        return level(self.charset, self.level, self.version)

    def segment(self, elements: Sequence[str]) -> bytes:
        """The segment with its terminator, without a line end."""
        return (self._text(elements) + self.delimiters.segment).encode(self.encoding)

    def inside(self, elements: Sequence[str]) -> bytes:
        """A segment inside a message: none that would end it."""
        if elements[0] in TAGS:
            raise NotWritable([_fault(Code.NOT_WRITABLE, elements[0], None, "a segment of a message")])
        return self.line(elements)

    def _text(self, elements: Sequence[str]) -> str:
        signs = self.delimiters
        kept = [elements[0], *trimmed(elements[1:])]
        faults = [] if _is_tag(kept[0]) else [_fault(Code.NOT_WRITABLE, kept[0], None, "a segment tag")]
        if not self._clean("".join(kept)):
            for at in range(1, len(kept)):
                faults += self._faults(kept[0], at, kept[at])
                kept[at] = self._element(kept[at])
        if faults:
            raise NotWritable(faults)
        return signs.element.join(kept)

    def _clean(self, text: str) -> bool:
        """Whether there is nothing to refuse and nothing to spell otherwise."""
        if not (text.isascii() and text.isprintable()):
            return False
        allowed = self._level.allowed
        if allowed is not None and not allowed.issuperset(text):
            return False
        return not any(sign in text for sign in str(self.delimiters))

    def _element(self, text: str) -> str:
        signs = self.delimiters
        parts = [[self._released(one) for one in components] for components in trimmed_parts(text)]
        return (signs.repetition or "").join(map(signs.component.join, parts))

    def _released(self, data: str) -> str:
        release = self.delimiters.release
        if release is None:
            return data
        return data.translate({ord(sign): release + sign for sign in str(self.delimiters)})

    def _faults(self, tag: str, element: int, text: str) -> list[Fault]:
        """Why this element cannot be written; mostly nothing."""
        signs = self.delimiters
        data = text.replace(COMPONENT, "").replace(REPETITION, "")
        faults = []
        clashes = [sign for sign in signs.forbidden if sign in data]
        if clashes:
            told = ", ".join(f"{sign!r} ({signs.use_of(sign)})" for sign in clashes)
            clash = _fault(Code.NOT_WRITABLE, data, (tag, element), f"data without {told}")
            faults.append(replace(clash, hint=CLASH))
        control = next((c for c in CONTROL.findall(data) if c not in clashes), None)
        if control is not None:
            faults.append(_fault(Code.CHARACTER, control, (tag, element), "data without control characters"))
        elif (outside := self._outside(data)) is not None:
            expected = f"{self._level.name} characters"
            faults.append(_fault(Code.CHARACTER, outside, (tag, element), expected))
        if REPETITION in text.rstrip(COMPONENT + REPETITION) and not signs.repetition:
            expected = "a repetition separator, which syntax version 4 has"
            faults.append(_fault(Code.NOT_WRITABLE, data, (tag, element), expected))
        return faults

    def _outside(self, data: str) -> str | None:
        """The first character the level does not have."""
        allowed = self._level.allowed
        if allowed is not None:
            return next((character for character in data if character not in allowed), None)
        if data.isascii():
            return None
        return next((character for character in data if not _encodes(character, self.encoding)), None)

    # -- envelopes

    @classmethod
    def like(cls, came: Interchange, charset: str = "auto", line_end: str = "") -> Writer:
        """Writes with the signs of what came, at its level and in its version."""
        return cls(came.delimiters, charset, line_end, came.level, came.version)

    def heading(self, code: str, version: str, number: int) -> tuple[str, str]:
        return unh(number, code, version, association=self.association)

    def renumbered(self, header: Sequence[str], number: int) -> list[str]:
        return [self.reference(number), *header[2:]]

    def transaction_set(
        self, header: Sequence[str], body: Iterable[Item], onto: TransactionSet | None = None
    ) -> bytes:
        """UNH to UNT. `header` holds the UNH's elements, as `unh` makes them; UNT is counted.

        With `onto`, which must have been read with these delimiters, a segment whose `source` still says the same
        is written as its bytes were; so are UNH and UNT when nothing in them changes.
        """
        opening = ["UNH", *header]
        if onto is None or trimmed(onto.header) != trimmed(opening):
            _checked(opening)
        return self.written_set(opening, body, "UNT", header[0], onto)

    def package(self, header: Sequence[str], data: bytes) -> bytes:
        """UNO, the object as it is, and UNP. `header` is UNO01 to UNO03; the length is counted."""
        opening = ["UNO", *header, str(len(data))]
        if not repeats(self.version):
            place = Place(segment="UNO", name=envelope_name("UNO", None))
            raise NotWritable([Fault(Code.NOT_WRITABLE, place, self.version, "syntax version 4")])
        _checked(opening)
        return self.segment(opening) + data + self.line(["UNP", str(len(data)), header[0]])

    def group(self, header: Sequence[str], sets: Sequence[bytes]) -> bytes:
        """UNG, the messages and packages, and a UNE that counts them. `header` holds the UNG's elements."""
        opening = ["UNG", *header]
        _checked(opening)
        trailer = ["UNE", str(len(sets)), header[4]]
        return b"".join((self.line(opening), *map(self.closed, sets), self.line(trailer)))

    def interchange(self, header: Sequence[str], inside: Sequence[bytes]) -> bytes:
        """UNA, UNB, what is inside, and a UNZ that counts it: groups, or else messages and packages.

        `header` holds the UNB's elements; its first must be the writer's level and version, as `unb` makes it.
        """
        opening = ["UNB", *header]
        _checked(opening)
        for at, own in ((1, self.level), (2, self.version)):
            if (came := part_of(list(header), 1, at)) != own:
                place = Place(segment="UNB", element=1, component=at, name=envelope_name("UNB", 1, at))
                raise NotWritable([Fault(Code.NOT_WRITABLE, place, came, own)])
        groups = [one.startswith(b"UNG") for one in inside]
        if any(groups) and not all(groups):
            raise NotWritable([Fault(Code.GROUPS_MIXED, Place(segment="UNB"))])
        trailer = self.line(["UNZ", str(len(inside)), header[4]])
        return b"".join((self._advice(), self.line(opening), *map(self.closed, inside), trailer))

    def _advice(self) -> bytes:
        usual = self.delimiters == standard(self.delimiters.element, self.version)
        if usual and self.una == self.NEEDED:
            return b""
        return (self.delimiters.una + self.line_end).encode(self.encoding)

    def unb(
        self,
        sender: str,
        receiver: str,
        at: datetime,
        control: int | str,
        *,
        test: bool = False,
        ack_requested: bool = False,
        reference: str = "",
        application: str = "",
        priority: str = "",
        agreement: str = "",
    ) -> tuple[str, ...]:
        """The UNB's elements. Identities are `14/4012345000009`."""
        day = f"{at:%Y%m%d}" if repeats(self.version) else f"{at:%y%m%d}"
        return (
            _parts(self.level, self.version),
            _identity(sender),
            _identity(receiver),
            _parts(day, f"{at:%H%M}"),
            str(control),
            reference,
            application,
            priority,
            "1" if ack_requested else "",
            agreement,
            "1" if test else "",
        )


def unh(
    control: int | str, code: str, version: str, agency: str = "UN", association: str = ""
) -> tuple[str, str]:
    """UNH01 and UNH02; `version` is `D96A`, message version and release number together."""
    return str(control), _parts(code, version[:1], version[1:], agency, association)


def ung(
    code: str, sender: str, receiver: str, at: datetime, control: int | str, version: str, agency: str = "UN"
) -> tuple[str, ...]:
    """The UNG's elements, dated YYMMDD, which every syntax version reads."""
    when = _parts(f"{at:%y%m%d}", f"{at:%H%M}")
    return (
        code,
        _identity(sender),
        _identity(receiver),
        when,
        str(control),
        agency,
        _parts(version[:1], version[1:]),
    )


def _parts(*parts: str) -> str:
    return COMPONENT.join(parts).rstrip(COMPONENT)


def _identity(identity: str) -> str:
    qualifier, slash, name = identity.partition("/")
    return _parts(name, qualifier) if slash else qualifier


def _checked(elements: Sequence[str]) -> None:
    """Refuses a header that the reader would find a fault in."""
    if faults := list(element_faults(Segment(list(elements)))):
        raise NotWritable(faults)


def _is_tag(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalnum() and text == text.upper()


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _fault(code: Code, came: str, at: tuple[str, int] | None, expected: str) -> Fault:
    tag, element = at or (came, None)
    place = Place(segment=tag, element=element, name=envelope_name(tag, element) if at else None)
    return Fault(code, place, came, expected)
