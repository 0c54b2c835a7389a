"""How what `inspect` found looks on a terminal of eighty columns. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.cli.show import OUT, escape, line, print_faults, visible
from gateway.pipeline.translation.inspection import Report

RECORDS = ("fixed", "csv")
"""Files of records: their envelopes say less."""


def print_report(report: Report) -> None:
    """The file, its envelopes as they nest, and its faults."""
    separators = "  ".join(
        f"{name} {visible(char)}" for name, char in (report.delimiters or {}).items() if char
    )
    OUT.print(f"[bold]{escape(report.file)}[/]  {escape(report.format or 'unknown format')}", highlight=False)
    if separators:
        OUT.print(f"[dim]{escape(separators)}[/]", highlight=False)
    for at in report.interchanges:
        usage = "test" if at["test"] else "production"
        who = f"{at['sender']} > {at['receiver']}"
        version = f"{at['level']} version {at['version']}" if "level" in at else f"version {at['version']}"
        told = f"interchange {at['control']}, {version}, {usage}"
        if report.format in RECORDS:
            who = " > ".join(filter(None, (at["sender"], at["receiver"])))
            told = ", ".join((f"batch {at['control']}".rstrip(), usage))
        line(f"[bold]{escape(who)}[/]  {escape(told)}" if who else escape(told))
        for answer in at.get("acknowledgments", ()):
            line(f"  TA1 of interchange {escape(' '.join(answer))}")
        for group in at["groups"]:
            if group["code"] is not None or report.format == "x12":
                line(group_line(group))
            unit = "records" if report.format in RECORDS else "segments"
            width = max((len(str(one["segments"])) for one in group["sets"]), default=1)
            for one in group["sets"]:
                line(set_line(one, width, unit))
    print_faults(report.faults, OUT)


def group_line(group: Mapping[str, Any]) -> str:
    if group["code"] is None:
        return "  outside any group"
    return escape(f"  group {group['code']} {group['control']}, version {group['version']}")


def set_line(one: Mapping[str, Any], width: int, unit: str) -> str:
    told = verdict(one["faults"])
    colour = "green" if told == "ok" else "red" if "fault" in told else "cyan"
    guide = "" if one.get("guide") else "  [dim]no guide[/]"
    name = escape(f"    {one['code']} {one['control']}")
    return f"{name}  {one['segments']:>{width}} {unit}  [{colour}]{told}[/]{guide}"


def verdict(faults: Sequence[Mapping[str, object]]) -> str:
    """`ok`, or how many faults and notes."""
    notes = sum(fault["severity"] == "note" for fault in faults)
    counts = ((len(faults) - notes, "fault"), (notes, "note"))
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count) or "ok"
