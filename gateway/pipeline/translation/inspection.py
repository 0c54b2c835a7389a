"""What a file is and everything that is wrong with it, without any profile: the report behind `gateway inspect`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.faults import Fault, rejecting
from gateway.formats import x12
from gateway.pipeline.translation.translate import Source, Translation, translate


@dataclass(slots=True)
class Report:
    """One file's envelopes, nested as they came, and all its faults in document order."""

    file: str
    format: str | None = None
    delimiters: dict[str, str | None] | None = None
    interchanges: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return not rejecting(self.faults)

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "format": self.format,
            "delimiters": self.delimiters,
            "interchanges": self.interchanges,
            "faults": [fault.as_dict() for fault in self.faults],
        }


def inspect(source: Source, file: str, limits: x12.Limits | None = None) -> Report:
    """Reads the whole file by the standards' guides. Never raises for what the bytes hold."""
    report = Report(file)
    for event in translate(source, limits=limits):
        faults = event.all_faults if isinstance(event, Translation) else event.faults
        report.faults += [fault.in_file(file) for fault in faults]
        add(report, event)
    return report


def add(report: Report, event: x12.Event | Translation) -> None:
    """Puts the event's envelope facts where they nest."""
    if isinstance(event, x12.Interchange):
        report.format = "x12"
        report.delimiters = report.delimiters or delimiters(event.delimiters)
        report.interchanges.append(interchange(event))
    elif not report.interchanges:
        return
    elif isinstance(event, x12.InterchangeAcknowledgment):
        report.interchanges[-1].setdefault("acknowledgments", []).append(list(event.elements[1:]))
    elif isinstance(event, x12.Group):
        report.interchanges[-1]["groups"].append(group(event.code, event.control, event.version))
    elif isinstance(event, Translation):
        groups = report.interchanges[-1]["groups"]
        if not groups:
            groups.append(group(None, None, None))
        groups[-1]["sets"].append(transaction_set(event))


def delimiters(found: x12.Delimiters) -> dict[str, str | None]:
    return {
        "element": found.element,
        "component": found.component,
        "repetition": found.repetition,
        "segment": found.segment,
    }


def interchange(event: x12.Interchange) -> dict[str, Any]:
    return {
        "sender": event.sender,
        "receiver": event.receiver,
        "control": event.control,
        "version": event.version,
        "test": event.test,
        "groups": [],
    }


def group(code: str | None, control: str | None, version: str | None) -> dict[str, Any]:
    return {"code": code, "control": control, "version": version, "sets": []}


def transaction_set(event: Translation) -> dict[str, Any]:
    return {
        "code": event.set.code,
        "control": event.set.control,
        "segments": event.set.segment_count,
        "guide": event.choice.guide.id if event.choice.guide else None,
        "faults": [fault.as_dict() for fault in event.all_faults],
    }
