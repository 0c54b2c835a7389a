"""Everything that can be wrong with a document: a closed list, one object, one place for each.

A fault is found once, by the room that reads that stage, and rendered many times: as terminal text, as
JSON, and as the codes of a TA1, 997 or 999. `KINDS` is the whole list; `docs/faults.md` is generated from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any


class Severity(StrEnum):
    """`fault` rejects what it stands in; `note` never rejects and never changes an exit status."""

    FAULT = "fault"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the closed list: what it says, what to do, and what it becomes in an acknowledgment.

    The codes are those of TA105 (I18), AK905 (716), AK502 and IK502 (718, 618), AK304 and IK304 (720, 620),
    AK403 and IK403 (723, 621). `syntax_error` is CONTRL's (0085), the same at every level. A kind without any is not
    said to the partner by these documents.
    """

    summary: str
    hint: str
    severity: Severity = Severity.FAULT
    interchange: str | None = None
    group: str | None = None
    set: str | None = None
    segment: str | None = None
    element: str | None = None
    syntax_error: str | None = None


NOTE = Severity.NOTE


class Code(Enum):
    """The closed list. The word in JSON and in docs is the name in lower case with hyphens: `empty-file`."""

    # -- the file as a whole
    EMPTY_FILE = Kind("the file is empty", "ask the partner to send it again")
    UNKNOWN_FORMAT = Kind(
        "this is no format the gateway knows",
        "check that the right file was sent; X12 begins with ISA, EDIFACT with UNA or UNB, records need their guide",
    )
    FILE_TOO_LARGE = Kind(
        "the file is larger than the limit", "raise GATEWAY_MAX_FILE_BYTES, or ask for smaller files"
    )
    ENCODING = Kind(
        "these bytes are not text in the declared encoding", "state `charset:` in the partner's envelope"
    )
    OUTSIDE_INTERCHANGE = Kind(
        "data outside any interchange is not read", "the bytes are kept with the file", NOTE
    )
    # -- interchange
    ISA_TRUNCATED = Kind(
        "the interchange header is cut short",
        "ISA has 16 elements; ask for the file again",
        interchange="022",
    )
    ISA_NOT_FIXED_WIDTH = Kind(
        "an ISA element does not have its fixed width",
        "X12.5 fixes ISA at 106 characters; it was read all the same",
        NOTE,
    )
    ISA_ELEMENT = Kind("an ISA element is not valid", "compare the header with X12.5", interchange="024")
    DELIMITER = Kind(
        "the delimiters cannot be told apart",
        "segment, element and component separators must differ",
        interchange="026",
    )
    MISSING_IEA = Kind(
        "the interchange ends without IEA",
        "the file is probably cut off; ask for it again",
        interchange="023",
    )
    IEA_COUNT = Kind(
        "IEA01 does not count the functional groups",
        "the sender's count is wrong, or groups are missing",
        interchange="021",
    )
    IEA_CONTROL = Kind(
        "IEA02 does not repeat ISA13", "the trailer must carry the header's control number", interchange="001"
    )
    DUPLICATE_INTERCHANGE = Kind(
        "this interchange control number was received before",
        "see `duplicates:` in the partner's profile",
        interchange="025",
        syntax_error="26",
    )
    UNEXPECTED_ENVELOPE = Kind(
        "an envelope segment stands where none belongs",
        "envelopes nest as ISA GS ST SE GE IEA",
        interchange="022",
    )
    UNB_TRUNCATED = Kind(
        "the interchange header is cut short",
        "a UNB ends with the segment terminator; ask for the file again",
        syntax_error="13",
    )
    SERVICE_STRING = Kind(
        "the interchange is not written with the separators it states",
        "a UNA states those of the UNB behind it; it was read as it is written",
        syntax_error="22",
    )
    SYNTAX_VERSION = Kind(
        "no such version of the EDIFACT syntax is known",
        "UNB01-02 is 1 to 4; it was read as the nearest",
        syntax_error="2",
    )
    OTHER_CHARSET = Kind(
        "these bytes look like another character set than the UNB names",
        "they were read as the UNB says; `charset:` in the partner's envelope overrules it",
        NOTE,
    )
    MISSING_UNZ = Kind(
        "the interchange ends without UNZ",
        "the file is probably cut off; ask for it again",
        syntax_error="13",
    )
    UNZ_COUNT = Kind(
        "UNZ01 does not count what is in the interchange",
        "it counts the groups, or the messages and packages where there are none",
        syntax_error="29",
    )
    UNZ_REFERENCE = Kind(
        "UNZ02 does not repeat UNB05", "the trailer must carry the header's reference", syntax_error="28"
    )
    UNEXPECTED_SERVICE = Kind(
        "a service segment stands where none belongs",
        "envelopes nest as UNB UNG UNH UNT UNE UNZ, with or without UNG and UNE",
        syntax_error="33",
    )
    GROUPS_MIXED = Kind(
        "messages stand beside functional groups",
        "either all messages of an interchange are in groups, or none",
        syntax_error="30",
    )
    MISSING_HEADER = Kind(
        "the file begins without its header",
        "its documents were read all the same; ask for the header, or correct the guide",
    )
    MISSING_TRAILER = Kind(
        "the batch ends without its trailer", "the file is probably cut off; ask for it again"
    )
    TRAILER_TOTAL = Kind(
        "the trailer's total is not what the records add up to",
        "the sender's total is wrong, or records are missing or broken",
    )
    COLUMN_MISSING = Kind(
        "a column that the guide needs is not in the header", "send it, or correct its name in the guide"
    )
    COLUMN_TWICE = Kind("two columns of the header have this name", "the first was read; rename the other")
    COLUMN_EXTRA = Kind("the guide does not know this column", "it is kept with the file", NOTE)
    # -- functional group
    MISSING_GE = Kind(
        "the functional group ends without GE", "the file is probably cut off; ask for it again", group="3"
    )
    GE_COUNT = Kind(
        "GE01 does not count the transaction sets",
        "the sender's count is wrong, or sets are missing",
        group="5",
    )
    GE_CONTROL = Kind(
        "GE02 does not repeat GS06", "the trailer must carry the header's control number", group="4"
    )
    GS_ELEMENT = Kind("a GS element is not valid", "compare the header with X12.5", group="6")
    MISSING_UNE = Kind(
        "the functional group ends without UNE",
        "the file is probably cut off; ask for it again",
        syntax_error="13",
    )
    UNE_COUNT = Kind(
        "UNE01 does not count the messages",
        "the sender's count is wrong, or messages are missing",
        syntax_error="29",
    )
    UNE_REFERENCE = Kind(
        "UNE02 does not repeat UNG05", "the trailer must carry the header's reference", syntax_error="28"
    )
    DUPLICATE_GROUP = Kind(
        "UNG05 was used before in this interchange",
        "references are unique within their interchange",
        syntax_error="26",
    )
    # -- transaction set
    MISSING_SE = Kind(
        "the transaction set ends without SE", "the file is probably cut off; ask for it again", set="2"
    )
    SE_COUNT = Kind("SE01 does not count the segments", "count ST and SE too", set="4")
    SE_CONTROL = Kind(
        "SE02 does not repeat ST02", "the trailer must carry the header's control number", set="3"
    )
    ST_ELEMENT = Kind(
        "the transaction set header is not valid", "ST01 is the set's code, ST02 its control number", set="7"
    )
    DUPLICATE_SET = Kind(
        "ST02 was used before in this functional group",
        "control numbers are unique within their group",
        set="23",
    )
    MISSING_UNT = Kind(
        "the message ends without UNT", "the file is probably cut off; ask for it again", syntax_error="13"
    )
    UNT_COUNT = Kind("UNT01 does not count the segments", "count UNH and UNT too", syntax_error="29")
    UNT_REFERENCE = Kind(
        "UNT02 does not repeat UNH01", "the trailer must carry the header's reference", syntax_error="28"
    )
    DUPLICATE_MESSAGE = Kind(
        "this reference was used before in the group or interchange",
        "references are unique within their group, or their interchange where there are no groups",
        syntax_error="26",
    )
    OBJECT_LENGTH = Kind(
        "the object is not as long as its UNO says",
        "UNO04-01 counts the octets between the terminator and UNP; it was read up to UNP",
        syntax_error="29",
    )
    MISSING_UNP = Kind(
        "the package ends without UNP", "the file is probably cut off; ask for it again", syntax_error="13"
    )
    UNP_LENGTH = Kind("UNP01 is not the object's length", "it repeats UNO04-01", syntax_error="29")
    UNP_REFERENCE = Kind(
        "UNP02 does not repeat UNO01", "the trailer must carry the header's reference", syntax_error="28"
    )
    PACKAGE = Kind("an object in a package is not read", "it is kept with the file", NOTE)
    UNKNOWN_SET = Kind("no guide describes this transaction set", "it was read without one", NOTE)
    SET_TOO_LARGE = Kind(
        "the transaction set is larger than the limit",
        "raise GATEWAY_MAX_SET_BYTES",
        set="5",
        syntax_error="18",
    )
    UNKNOWN_VERSION = Kind("no guide describes this version", "the nearest version's guide was used", NOTE)
    OTHER_VERSION = Kind(
        "the map is for another version than the document", "read it with its own version's map", NOTE
    )
    WRONG_GROUP = Kind(
        "this set does not belong to a group of that code", "GS01 names the kind of set inside", group="1"
    )
    # -- segments
    SEGMENT_TOO_LONG = Kind(
        "the segment is longer than the limit",
        "raise GATEWAY_MAX_SEGMENT_BYTES",
        segment="8",
        syntax_error="18",
    )
    SEGMENT_UNKNOWN = Kind(
        "no guide knows this segment", "check the segment's tag", segment="1", syntax_error="15"
    )
    SEGMENT_NOT_IN_SET = Kind(
        "this segment does not belong to the transaction set", "remove it", segment="6", syntax_error="15"
    )
    SEGMENT_OUT_OF_PLACE = Kind(
        "the segment is not in its place", "see the guide's order of segments", segment="7", syntax_error="15"
    )
    SEGMENT_MISSING = Kind("a mandatory segment is missing", "send it", segment="3", syntax_error="13")
    SEGMENT_TOO_OFTEN = Kind(
        "the segment occurs too often", "see its maximum use in the guide", segment="5", syntax_error="35"
    )
    LOOP_TOO_OFTEN = Kind(
        "the loop occurs too often", "see its maximum repeat in the guide", segment="4", syntax_error="36"
    )
    SEGMENT_EMPTY = Kind("an empty segment stands between two terminators", "it was skipped", NOTE)
    LINE_BREAK = Kind(
        "a line break stands inside a segment", "it was removed; neither X12 nor EDIFACT data holds any", NOTE
    )
    RELEASE_NEEDLESS = Kind(
        "the release character stands before one that has no other meaning",
        "it was taken away; write it twice where it is data",
        NOTE,
    )
    RELEASE_LAST = Kind(
        "the release character stands at the end of the data and releases nothing",
        "the file is probably cut off; a release character that is data is written twice",
        syntax_error="22",
    )
    BINARY_LENGTH = Kind(
        "the binary segment's length is not a number the data fits",
        "its length element counts the octets that follow",
        segment="8",
    )
    RECORD_SHORT = Kind(
        "the record ends too early", "compare it with the guide; a cut value is never filled up"
    )
    RECORD_LONG = Kind(
        "the record goes on behind its last field", "compare it with the guide; perhaps a field has slipped"
    )
    QUOTE = Kind(
        "the quotation marks of this row do not close",
        "a quotation mark inside a quoted value is written twice; the rows behind it were read",
    )
    ROWS_DIFFER = Kind(
        "the rows of one document say different things here",
        "what belongs to the whole document stands alike in all its rows",
    )
    ROWS_APART = Kind(
        "rows of this document stood before another one", "sort the file, so that they stand together"
    )
    # -- elements
    ELEMENT_MISSING = Kind("a mandatory element is missing", "send it", element="1", syntax_error="13")
    CONDITION = Kind(
        "a relational condition is broken",
        "see the segment's conditions in the guide",
        element="2",
        syntax_error="48",
    )
    TOO_MANY_ELEMENTS = Kind(
        "the segment has too many elements",
        "remove what is behind the last one",
        element="3",
        syntax_error="16",
    )
    TOO_SHORT = Kind("the value is too short", "see the element's length", element="4", syntax_error="40")
    TOO_LONG = Kind("the value is too long", "see the element's length", element="5", syntax_error="39")
    CHARACTER = Kind(
        "the value holds a character it may not hold",
        "see the element's type and the character set",
        element="6",
        syntax_error="21",
    )
    CHARACTER_TYPE = Kind(
        "the value holds characters of another type than its element's",
        "a number is made of digits, letters are none",
        element="6",
        syntax_error="37",
    )
    CODE_NOT_ALLOWED = Kind(
        "the code is not on the closed list agreed with this partner",
        "use one of the agreed codes",
        element="7",
        syntax_error="14",
    )
    CODE_UNKNOWN = Kind("the code is not on the standard's list", "it was carried as it came", NOTE)
    DATE = Kind("this is not a date", "dates are CCYYMMDD", element="8", syntax_error="12")
    TIME = Kind("this is not a time", "times are HHMM, HHMMSS or HHMMSSDD", element="9", syntax_error="12")
    EXCLUSION = Kind(
        "elements that exclude each other are both present",
        "send only one of them",
        element="10",
        syntax_error="48",
    )
    TOO_MANY_REPETITIONS = Kind(
        "the element repeats too often", "see its maximum repeat", element="12", syntax_error="35"
    )
    TOO_MANY_COMPONENTS = Kind(
        "the value has too many components",
        "the component separator may not stand in data",
        element="13",
        syntax_error="16",
    )
    TRAILING_SEPARATORS = Kind(
        "empty elements stand at the end of the segment", "leave them off; they were ignored", NOTE
    )
    # -- levels of a tree (HL)
    PARENT_UNKNOWN = Kind(
        "no level before it has the number this one names as its parent's",
        "each parent comes before its children",
        element="7",
        syntax_error="12",
    )
    PARENT_UNCLEAR = Kind(
        "several levels before it have the number this one names as its parent's, and not just one is open",
        "number each level of the document differently",
        element="7",
        syntax_error="12",
    )
    LEVEL_TOO_DEEP = Kind(
        "the level lies deeper than any real one",
        "see that each names its parent, and not the level before it",
        element="7",
        syntax_error="12",
    )
    LEVEL_NOT_ALLOWED = Kind(
        "the agreement with this partner lets no such level lie there",
        "see `levels:` in the partner's map",
        element="7",
        syntax_error="14",
    )
    LEVEL_UNUSUAL = Kind("the guide knows no such level there", "it was read where it stands", NOTE)
    PARENT_MISSING = Kind(
        "the level names no parent", "it was read in the nearest open level that it may lie in", NOTE
    )
    LEVEL_NUMBER_TWICE = Kind(
        "another level of the document has this number",
        "children were read in the one that was open when they came",
        NOTE,
    )
    LEVEL_OUT_OF_ORDER = Kind(
        "the level does not stand behind its parent and its parent's other children",
        "it was read in the parent it names",
        NOTE,
    )
    CHILDREN = Kind(
        "the level says another thing of its children than the document does",
        "what stands in the document was read",
        NOTE,
    )
    # -- meaning
    VALUE = Kind("the value does not fit its field", "see the map and the canonical object's type")
    WORD_UNKNOWN = Kind(
        "the map has no word for this code",
        "it was carried as STANDARD:CODE and is written back as it came; add it to the map's `codes:`",
        NOTE,
    )
    CHECK_DIGIT = Kind(
        "the number is no SSCC",
        "it was carried as it came; compare it with the label on the goods",
        NOTE,
    )
    FIELD_MISSING = Kind(
        "the canonical object needs this field and the document has no value for it",
        "give the map a default, or ask the partner to send it",
    )
    FIELD_UNKNOWN = Kind("the canonical object has no such field", "see docs/canonical.md")
    NOT_CARRIED = Kind("this standard has no place for the field", "the receiver will not see it")
    CONSTANT = Kind("the value is not the one the map writes", "the map states a constant here", NOTE)
    COMPUTED = Kind("the value is not what the document adds up to", "compare the total with the lines", NOTE)
    TOTAL = Kind(
        "the invoice does not add up to this",
        "compare it with the lines, the charges, the allowances and the taxes",
    )
    NOT_WRITABLE = Kind(
        "the value cannot be written without changing it", "change it, or where the map writes it"
    )
    ORIGINAL_MISSING = Kind(
        "the document that is answered is not known, and the map echoes from it",
        "see that it names a document the partner sent; `translate` takes it by --answered, a sample as answered.edi",
    )
    ORIGINAL_LINE_MISSING = Kind(
        "no line of the document that is answered is this line",
        "number it as the original does, or give it item ids that only one line of the original has",
    )
    ORIGINALS_DIFFER = Kind(
        "the documents that are answered say different things here",
        "echo it in the scope of each of them, or write a document for each",
    )
    # -- partners and agreements
    UNKNOWN_SENDER = Kind(
        "no partner has this sender's identity",
        "add it to a profile's `identities:`",
        interchange="006",
        syntax_error="23",
    )
    WRONG_CHANNEL = Kind(
        "the sender does not belong to this channel",
        "the partner must use its own channel",
        interchange="006",
        syntax_error="23",
    )
    NOT_FOR_US = Kind(
        "the interchange is addressed to somebody else",
        "see `identities:` in company.yaml",
        interchange="008",
        syntax_error="7",
    )
    WRONG_USAGE = Kind(
        "a test document came where production is agreed, or the reverse",
        "see ISA15, or UNB11, and the partner's `stage:`",
        interchange="020",
        syntax_error="25",
    )
    NO_AGREEMENT = Kind(
        "the partner's profile does not agree on this document type",
        "add it under `receive:`, or `send:` where it goes out",
        set="1",
        syntax_error="17",
    )
    WRONG_MAP = Kind(
        "the agreed map is of other documents than this one",
        "name a map of this type in the partner's profile, then replay",
    )
    DUPLICATE_DOCUMENT = Kind(
        "a document of this number went before", "see `duplicates:` in the partner's profile"
    )
    UNMATCHED_ACKNOWLEDGMENT = Kind(
        "nothing we sent is named so", "the partner acknowledges something it did not get from us"
    )
    UNCERTAIN_ACKNOWLEDGMENT = Kind(
        "it does not say for certain what became of each document",
        "ask the partner; what it does not name is awaited still",
    )
    CONTRADICTING_ACKNOWLEDGMENT = Kind(
        "the partner says otherwise of a document than what is known of it",
        "ask the partner which holds, nothing was changed; if it does not have the document, hand over a new one",
    )
    # -- answers to an order
    NO_SUCH_LINE = Kind(
        "the order has no such line",
        "compare line number and item ids with the order; `gateway trace` shows it",
    )
    QUANTITY_EXCEEDS = Kind(
        "this is more than was ordered", "ask whoever answered, or whoever ordered, to change the quantity"
    )
    PRICE_DIFFERS = Kind("the price is not the one ordered at", "the order's price was expected", NOTE)
    UNIT_DIFFERS = Kind(
        "the unit is not the one ordered in", "nothing was converted, and these quantities not compared", NOTE
    )
    # -- what goes out
    UNKNOWN_DOCUMENT = Kind(
        "the file's name does not say which business object is in it", "name it KIND-ANYTHING.json"
    )
    NO_PARTNER = Kind(
        "nothing says which partner this document is for", "add `accounts:` to the partner's profile"
    )
    NO_IDENTITY = Kind("an envelope cannot be addressed", "add `identities:` to the profile or company.yaml")
    NO_CHANNEL = Kind(
        "no channel of the partner's can carry it, or several could", "say `over:` in the `send:` entry"
    )

    UNKNOWN_ORDER = Kind(
        "it answers an order that is not known",
        "compare the order's number; replay lets the document go as it is, `differs:` in the profile all of them",
    )
    ORDER_CANCELLED = Kind(
        "it answers an order that was cancelled",
        "ask whoever cancelled it; replay lets the document go as it is, `differs:` in the profile all of them",
    )
    NOT_NAMED = Kind("the file cannot be named as agreed", "correct `name:` of the channel, then replay")

    @property
    def word(self) -> str:
        """The code as it is written in JSON, logs and docs."""
        return self.name.lower().replace("_", "-")


UNENDED = frozenset({Code.MISSING_IEA, Code.MISSING_UNZ, Code.MISSING_TRAILER})
"""What says that an interchange has no trailer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault stands. Lines and columns count from 1, the byte offset from 0, segments from 1 at ST.

    Whatever is not known is None; `segment` is a tag (`BEG`), `element`, `component` and `repetition` are
    1-based, `name` is the element's or segment's name in the standard, `loop` the path of its loop in the guide.
    `label` is the element's name where elements go by name, as in records: `LIN.qty`.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    offset: int | None = None
    segment_number: int | None = None
    segment: str | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    name: str | None = None
    loop: str | None = None
    field: str | None = None
    label: str | None = None

    @property
    def address(self) -> str:
        """In a partner's own words: `BEG03`, `SLN09-02`, `REF`, `LIN.qty`, or `` when no segment is known."""
        if self.segment is None:
            return self.field or ""
        if self.element is None:
            return self.segment
        if self.label is not None:
            return f"{self.segment}.{self.label}"
        component = f"-{self.component:02d}" if self.component else ""
        return f"{self.segment}{self.element:02d}{component}"

    @property
    def is_unwritten(self) -> bool:
        """A field of an object and where it would stand in the document: there are no bytes of it."""
        return self.field is not None and self.segment is not None and self.offset is None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        named = self.address
        if self.name and self.address and self.name != self.label:
            named = f"{self.address} ({self.name})"
        if self.is_unwritten:
            named = f"{self.field} in {named}"
        return " ".join(part for part in (where, named) if part) or f"byte {self.offset or 0}"


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: its code, its place, what came, what was expected, and what to do.

    `severity` and `hint` are the kind's unless this case knows better.
    """

    code: Code
    place: Place = NOWHERE
    came: str | None = None
    expected: str | None = None
    severity: Severity | None = None
    hint: str | None = None

    @property
    def is_note(self) -> bool:
        return (self.severity or self.code.value.severity) is Severity.NOTE

    @property
    def message(self) -> str:
        """One sentence for a person, without the place."""
        came = f"; came {shown(self.came)}" if self.came is not None else ""
        expected = f"; expected {self.expected}" if self.expected else ""
        return f"{self.code.value.summary}{came}{expected}"

    def as_note(self) -> Fault:
        """The same finding where a profile says `validate: lenient`."""
        return replace(self, severity=Severity.NOTE)

    def as_fault(self) -> Fault:
        """The same finding where a profile says `validate: strict`."""
        return replace(self, severity=Severity.FAULT)

    def in_file(self, name: str) -> Fault:
        return replace(self, place=replace(self.place, file=name))

    def as_dict(self) -> dict[str, Any]:
        """The fault as JSON has it; absent facts are absent keys."""
        place = self.place
        facts = {
            "code": self.code.word,
            "severity": (self.severity or self.code.value.severity).value,
            "message": self.message,
            "place": place.address,
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "offset": place.offset,
            "segment_number": place.segment_number,
            "segment": place.segment,
            "element": place.element,
            "component": place.component,
            "repetition": place.repetition,
            "name": place.name,
            "loop": place.loop,
            "field": place.field,
            "came": self.came,
            "expected": self.expected,
            "hint": self.hint or self.code.value.hint,
        }
        return {key: value for key, value in facts.items() if value is not None}

    def __str__(self) -> str:
        return f"{self.place}: {self.message} ({self.hint or self.code.value.hint})"


def shown(value: str, most: int = 40) -> str:
    """A value as a message shows it: quoted, control characters escaped, never longer than a line."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 4]}...{text[0]}"


def validated(faults: Iterable[Fault], validation: str) -> list[Fault]:
    """A guide's findings as `validate:` of a profile has them: `strict` leaves no notes, `lenient` only notes."""
    taken = {"strict": Fault.as_fault, "lenient": Fault.as_note}.get(validation)
    return list(map(taken, faults)) if taken else list(faults)


def rejecting(faults: Iterable[Fault]) -> list[Fault]:
    """Those that are no notes."""
    return [fault for fault in faults if not fault.is_note]
