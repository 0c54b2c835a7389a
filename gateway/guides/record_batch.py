"""The envelope of a guide of records: what the records around the documents say, and what they add up.

envelope: {sender: HDR.sender, created: HDR.day + HDR.time, test: HDR.usage = T, computed: {TRL.hash: sum(LIN.qty)}}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from gateway.errors import SetupFault
from gateway.formats.records.layout import Batch, Said, Total
from gateway.guides.model import Element
from gateway.guides.record_types import Reading
from gateway.guides.spelling import spelled
from gateway.marked_yaml import Marked, Path, close

ENVELOPE = ("sender", "receiver", "control", "created", "test", "computed")
REFERENCE = re.compile(r"(?P<tag>\w+)\.(?P<field>\w+)")
COMPUTED = re.compile(r"count\((?P<counted>\w+)\)|sum\((?P<tag>\w+)\.(?P<field>\w+)\)")


class Batching:
    """Reads `envelope:` by the records it names; what is wrong is added to `faults`."""

    def __init__(self, marked: Marked, records: Mapping[str, Reading], faults: list[SetupFault]) -> None:
        self.marked = marked
        self.data: dict[str, Any] = marked.data
        self.records = records
        self.faults = faults

    def read(self, leading: list[tuple[str, bool]], trailing: list[tuple[str, bool]]) -> Batch:
        """The batch; (record, mandatory) stand before and behind the documents."""
        said = self.data.get("envelope") or {}
        if not isinstance(said, dict):
            self._fault(("envelope",), "envelope: not a mapping", "write {sender: HDR.sender}")
            said = {}
        for key in said:
            if key not in ENVELOPE:
                self._fault(("envelope", key), f"unknown key {key}", close(key, ENVELOPE), key=True)
        day, _, clock = str(said.get("created") or "").partition(" + ")
        test, _, yes = str(said.get("test") or "").partition(" = ")
        return Batch(
            tuple(tag for tag, _ in leading),
            tuple(tag for tag, _ in trailing),
            frozenset(tag for tag, required in [*leading, *trailing] if required),
            self._said("sender", said.get("sender")),
            self._said("receiver", said.get("receiver")),
            self._said("control", said.get("control")),
            self._said("created", day),
            self._said("created", clock),
            self._said("test", test, yes),
            tuple(self._totals(said.get("computed") or {})),
        )

    def _said(self, key: str, text: Any, yes: str = "") -> Said | None:
        if not text:
            return None
        found = self._reference(str(text), ("envelope", key))
        if found is None:
            return None
        of = found[0].uses[found[1] - 1].of
        return Said(found[0].tag, found[1], yes, _checked(of) if isinstance(of, Element) else str)

    def _reference(self, text: str, path: Path, key: bool = False) -> tuple[Reading, int] | None:
        match = REFERENCE.fullmatch(text)
        record = self.records.get(match["tag"]) if match else None
        at = record.at(match["field"]) if record and match else None
        if record is None or at is None:
            known = [f"{tag}.{one.name}" for tag, rec in self.records.items() for one in rec.fields]
            self._fault(path, f"{text}: there is no such field", close(text, known), key=key)
            return None
        return record, at

    def _totals(self, said: Any) -> Iterable[Total]:
        for text, how in said.items() if isinstance(said, dict) else ():
            path: Path = ("envelope", "computed", text)
            found = self._reference(text, path, key=True)
            match = COMPUTED.fullmatch(str(how))
            if match is None:
                self._fault(path, f"{how}: this is not computed", "count(LIN) or sum(LIN.qty)")
                continue
            summed = self._reference(f"{match['tag']}.{match['field']}", path) if match["tag"] else None
            counted = self._tag(match["counted"], path) if match["counted"] else ""
            if found is None or (match["tag"] and summed is None):
                continue
            record, at = found
            into = record.uses[at - 1].of
            of = summed[0].uses[summed[1] - 1].of if summed else None
            if (
                not isinstance(into, Element)
                or not _numeric(into)
                or (isinstance(of, Element) and not _numeric(of))
            ):
                self._fault(path, f"{text}: {how}: these are no numbers", "give both a numeric type")
                continue
            read = _reader(of) if isinstance(of, Element) else Decimal
            yield Total(
                record.tag,
                at,
                summed[0].tag if summed else counted,
                summed[1] if summed else 0,
                read,
                _reader(into),
                _writer(into),
                str(how),
            )

    def _tag(self, tag: str, path: Path) -> str:
        if tag not in self.records:
            self._fault(path, f"{tag}: there is no such record", close(tag, self.records))
        return tag

    def _fault(self, path: Path, what: str, fix: str = "", key: bool = False) -> None:
        self.faults.append(self.marked.fault(path, what, fix=fix, key=key))


def _checked(of: Element) -> Any:
    """X12's text as the field spells it; ValueError where that is nothing the field can hold."""

    def write(text: str) -> str:
        written = of.formed(text)
        if (wrong := spelled(written, of)) is not None:
            raise ValueError(wrong[1])
        return written

    return write


def _numeric(of: Element) -> bool:
    return of.type.startswith("N") or of.type == "R"


def _places(of: Element) -> int:
    return int(of.type[1:] or 0) if of.type.startswith("N") else 0


def _reader(of: Element) -> Any:
    """The number a field's text says."""
    return lambda text: Decimal(of.plain(text)).scaleb(-_places(of))


def _writer(of: Element) -> Any:
    """A total as the field's text; ValueError where it has too many decimals, or digits."""

    def write(total: Decimal) -> str:
        shifted = total.scaleb(_places(of))
        if of.type.startswith("N") and shifted != shifted.to_integral_value():
            raise ValueError(f"at most {_places(of)} decimals")
        text = f"{shifted.to_integral_value():f}" if of.type.startswith("N") else f"{shifted:f}"
        if sum(map(str.isdigit, text)) > of.max:
            raise ValueError(f"at most {of.max} digits")
        return of.formed(text)

    return write
