"""How results look on a terminal: faults, tables, progress. Nothing is decided here."""

from __future__ import annotations

import errno
import json
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rich import markup
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from gateway.errors import Mark, SetupFault
from gateway.faults import Fault

if TYPE_CHECKING:  # its room imports pyx12, which only `certify` needs
    from gateway.certification import Certificate

OUT = Console(soft_wrap=True)
ERR = Console(stderr=True, soft_wrap=True)

STDIN = Path("-")
LARGE = 16 << 20
"""Files above this many bytes get a progress bar on a terminal."""


def legible(text: str, keep: str = "") -> str:
    """The text as it may stand on a terminal: what would steer it, break its line or turn it round shows as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )


def escape(text: str) -> str:
    """Text of others as it may stand among our markup: every cell, fact and name goes through here."""
    return markup.escape(legible(text))


def complain(message: str) -> None:
    """Why a command ended, in one or more lines of our own."""
    ERR.print(f"[red]gateway:[/] {markup.escape(legible(message, keep=chr(10)))}")


def print_json(value: Any) -> None:
    """One value on one line, as a program reads it."""
    sys.stdout.write(json_line(value, separators=(",", ":")))


def json_line(value: Any, separators: tuple[str, str] | None = None) -> str:
    """JSON whose control characters, also those that JSON leaves alone, are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    return text + "\n"


def print_faults(faults: Iterable[Fault], console: Console = ERR) -> None:
    """Severity, place, what, and what to do; on standard error unless the faults are what was asked for."""
    for fault in faults:
        colour, word = ("cyan", "note ") if fault.is_note else ("red", "fault")
        said = f"{fault.place}: {fault.message}"
        print_hanging(console, f"[{colour}]{word}[/] ", 6, said)
        print_hanging(console, " " * 6, 6, fault.hint or fault.code.value.hint, "dim")


def print_setup_faults(faults: Iterable[SetupFault], folder: Path | None = None) -> None:
    """What, why and how to mend it; files are named from here, so that an editor opens them."""
    for fault in faults:
        colour, word = ("yellow", "warning") if fault.warning else ("red", "fault  ")
        print_hanging(ERR, f"[{colour}]{word}[/] ", 8, f"{from_here(fault.mark, folder)} {fault.what}")
        for label, text in (("why", fault.why), ("fix", fault.fix)):
            if text:
                print_hanging(ERR, f"        [dim]{label}:[/] ", 13, text)


def from_here(mark: Mark, folder: Path | None) -> Mark:
    """The mark with a path that leads there from the working directory; marks of shipped files stay."""
    for path in (folder / mark.file, folder / "maps" / mark.file) if folder else ():
        if path.exists():
            return replace(mark, file=str(path))
    return mark


def print_hanging(console: Console, start: str, indent: int, text: str, style: str = "") -> None:
    """Text that goes on below itself on a terminal; elsewhere one line, so that it can be searched."""
    text = legible(text)
    lines = [text]
    if console.is_terminal:
        room = max(20, console.width - indent)
        lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        styled = f"[{style}]{escape(line)}[/]" if style else escape(line)
        console.print((start if number == 0 else " " * indent) + styled, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    made = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    return made


def line(marked: str) -> None:
    """One line of our own markup."""
    OUT.print(marked, highlight=False)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    OUT.print(table(title, columns, rows))


def print_facts(facts: Mapping[str, object]) -> None:
    """Name and value, one a line; empty ones are left out."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        if value not in (None, ""):
            OUT.print(f"[dim]{escape(name.ljust(width))}[/]  {escape(str(value))}", highlight=False)


def name_of(path: Path) -> str:
    """What a file given on the command line is called in what we say of it."""
    return "<stdin>" if path == STDIN else str(path)


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, `-` is standard input; with a progress bar when it is large and somebody is watching."""
    if path == STDIN:
        yield from blocks(standard_input())
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        if size < LARGE or not ERR.is_terminal:
            yield from blocks(file)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=ERR, transient=True) as progress:
            task = progress.add_task(escape(path.name), total=size)
            for block in blocks(file):
                yield block
                progress.advance(task, len(block))


def standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed", "<stdin>")
    return sys.stdin.buffer


def blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(1 << 15):
        yield block


def visible(char: str) -> str:
    """A delimiter as a person can see it: control characters by name."""
    return char if char.isprintable() and char != " " else repr(char)


def print_json_errors(faults: Iterable[Fault | SetupFault]) -> None:
    """Faults on stderr, one JSON object a line."""
    for fault in faults:
        sys.stderr.write(json_line(fault.as_dict()))


def plain(row: Any) -> Any:
    """A ledger row as JSON has it: moments as ISO text, nothing empty left out."""
    if is_dataclass(row) and not isinstance(row, type):
        return {each.name: plain(getattr(row, each.name)) for each in fields(row)}
    if isinstance(row, Mapping):
        return {str(key): plain(value) for key, value in row.items()}
    if isinstance(row, list | tuple):
        return [plain(value) for value in row]
    return row.isoformat() if isinstance(row, datetime) else row


def when(moment: datetime | None) -> str:
    """A moment in this machine's own time, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def reason(detail: Any) -> str:
    """Why something waits, in one line: its first fault, or what was written down."""
    if isinstance(detail, list) and detail:
        first = next((fault for fault in detail if fault.get("severity") != "note"), detail[0])
        more = f" (+{len(detail) - 1} more)" if len(detail) > 1 else ""
        return f"{first.get('place') or ''} {first.get('message', '')}{more}".strip()
    return str(detail.get("why", "")) if isinstance(detail, dict) else ""


HELD = {True: "[green]held  [/]", False: "[red]FAILED[/]", None: "[dim]-     [/]"}


def print_certificate(certificate: Certificate) -> None:
    """One sample's checks as a table, every difference under the check that found it, and what nothing reads."""
    about = certificate.about.partition("\n")[0]
    OUT.print(f"[bold]{escape(f'{certificate.partner}/{certificate.case}')}[/] [dim]{escape(about)}[/]")
    if not certificate.compared:
        said = "[yellow]nothing to compare with[/]: add canonical.json, acknowledgment.edi or ta1.edi"
        OUT.print(f"  {said}", highlight=False)
    for check in certificate.checks:
        OUT.print(f"  {HELD[check.held]} {check.name:<40} [dim]{escape(check.detail)}[/]", highlight=False)
        for one in check.diff:
            OUT.print(f"      [bold]{escape(one.path)}[/]", highlight=False)
            OUT.print(f"        [green]expected[/] {escape(one.expected or 'nothing')}", highlight=False)
            OUT.print(f"        [red]got     [/] {escape(one.got or 'nothing')}", highlight=False)
    if certificate.residue:
        told = ", ".join(f"{place} {value}" for place, value in certificate.residue)
        OUT.print(f"  [dim]read by no binding:[/] {escape(told)}", highlight=False)
