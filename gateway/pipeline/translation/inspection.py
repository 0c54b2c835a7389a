"""What a file is and everything that is wrong with it, without any profile: the report behind `gateway inspect`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.faults import Fault, rejecting
from gateway.formats import edifact, x12
from gateway.formats.events import Group, Interchange, Limits
from gateway.formats.known import Event
from gateway.formats.records import Layout
from gateway.guides.model import Guide
from gateway.pipeline.translation.translate import (
    Choose,
    Source,
    Translation,
    by_guide,
    by_standard,
    translate,
)


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


def inspect(
    source: Source,
    file: str,
    limits: Limits | None = None,
    guide: Guide | None = None,
    choose: Choose = by_standard,
    layout: Layout | None = None,
) -> Report:
    """Reads the whole file by the standards' guides, by one of records, or as agreed: what `choose` and `layout` say.

    Never raises for what the bytes hold.
    """
    report = Report(file)
    if guide is not None:
        choose, layout = by_guide(guide), guide.layout
    for event in translate(source, choose, limits=limits, layout=layout):
        report.faults += [fault.in_file(file) for fault in faults_of(event)]
        add(report, event)
    return report


def faults_of(event: Event | Translation) -> list[Fault]:
    return event.all_faults if isinstance(event, Translation) else event.faults


def add(report: Report, event: Event | Translation) -> None:
    """Puts the event's envelope facts where they nest."""
    if isinstance(event, Interchange):
        report.format = report.format or event.standard
        report.delimiters = report.delimiters or asdict(event.delimiters)
        report.interchanges.append(interchange(event))
    elif not report.interchanges:
        return
    elif isinstance(event, x12.InterchangeAcknowledgment):
        report.interchanges[-1].setdefault("acknowledgments", []).append(list(event.elements[1:]))
    elif isinstance(event, Group):
        known = (event.code, event.control, event.version) if event.header else (None, None, None)
        report.interchanges[-1]["groups"].append(group(*known))
    elif isinstance(event, Translation | edifact.Package):
        groups = report.interchanges[-1]["groups"]
        if not groups:
            groups.append(group(None, None, None))
        groups[-1]["sets"].append(set_of(event))


def interchange(event: Interchange) -> dict[str, Any]:
    level = {"level": event.level} if isinstance(event, edifact.Interchange) else {}
    return {
        "sender": event.sender,
        "receiver": event.receiver,
        "control": event.control,
        "version": event.version,
        **level,
        "test": event.test,
        "groups": [],
    }


def group(code: str | None, control: str | None, version: str | None) -> dict[str, Any]:
    return {"code": code, "control": control, "version": version, "sets": []}


def set_of(event: Translation | edifact.Package) -> dict[str, Any]:
    guide = None
    if isinstance(event, Translation):
        code, control, count = event.set.code, event.set.control, event.set.segment_count
        guide = event.choice.guide
    else:
        code, control, count = "package", event.control, len(event.between) + 2
    return {
        "code": code,
        "control": control,
        "segments": count,
        "guide": guide.id if guide else None,
        "faults": [fault.as_dict() for fault in faults_of(event)],
    }
