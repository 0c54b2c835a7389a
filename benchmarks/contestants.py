"""What is measured, ours and the peers': each function gets ready (imports, guides) and returns the work itself.

`python -m benchmarks.contestants NAME ARGUMENT...` does one of them in this process and prints what it took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks import answers, edifact_orders, record_orders
from gateway import collector

Work = Callable[[], int]
"""Does it, and returns how many segments, documents or bytes that were."""

VERSION = "x12/004010"
WARM = 50_000
MOMENT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


# -- reading


def files(path: str) -> list[str]:
    """The file, or every file of the folder in order."""
    return sorted(entry.path for entry in os.scandir(path)) if os.path.isdir(path) else [path]


def sources(path: str) -> Iterator[BinaryIO]:
    """Each of them opened, or standard input."""
    if path == "-":
        yield sys.stdin.buffer
        return
    for one in files(path):
        with open(one, "rb") as file:
            yield file


def verdicts(path: str, type: str = "850") -> Work:
    """Ours: envelopes, loops and every element checked; a verdict for each document."""
    from gateway.guides.load import load
    from gateway.pipeline.translation.translate import Choice

    return ready(path, type, Choice(load(f"{VERSION}/{type}")))


def objects(path: str, type: str = "850") -> Work:
    """Ours: the same, and a canonical object of each."""
    from gateway import maps
    from gateway.pipeline.translation.translate import Choice

    chosen = maps.load(f"{VERSION}/{type}")
    return ready(path, type, Choice(chosen.guide, chosen))


def ready(path: str, type: str, choice: Any) -> Work:
    """Guides and maps compile as documents need them, once per process: that is start-up, and is shown as such."""
    accepted([b"".join(answers.file_of(type, WARM))], choice)
    return lambda: accepted(sources(path), choice)


def accepted(opened: Iterable[Any], choice: Any) -> int:
    from gateway.pipeline.translation.translate import Translation, translate

    found = 0
    for source in opened:
        for event in translate(source, lambda *_: choice):
            found += isinstance(event, Translation) and event.accepted
    return found


def pyx12_reader(path: str) -> Work:
    """pyx12's X12Reader: segments, envelope counts and control numbers; no loops, no elements."""
    from pyx12.x12file import X12Reader

    def read() -> int:
        found = 0
        for one in files(path):
            with X12Reader(one) as reader:
                for segment in reader:
                    found += segment.get_seg_id() == "ST"
        return found

    return read


def badx12_parser(path: str) -> Work:
    """badx12's parser, which does not import without what Python 3.10 removed, and a module it never uses here."""
    import collections
    import collections.abc
    import types

    collections.Iterable = collections.abc.Iterable  # type: ignore[attr-defined]
    sys.modules["dicttoxml"] = types.ModuleType("dicttoxml")
    sys.modules["dicttoxml"].dicttoxml = None  # type: ignore[attr-defined]
    from badx12 import Parser

    def read() -> int:
        found = 0
        for source in sources(path):
            document = Parser().parse_document(source.read().decode("ascii"))
            found += sum(len(group.transaction_sets) for group in document.interchange.groups)
        return found

    return read


def edifact_segments(path: str) -> Work:
    """Ours: envelopes, counts, references and characters checked; every segment of every message divided."""
    from gateway.formats import edifact

    def read() -> int:
        found = 0
        for source in sources(path):
            for event in edifact.read(source):
                if isinstance(event, edifact.TransactionSet):
                    found += len(event.segments()) + 2
        return found

    return read


def edifact_validated(path: str) -> Work:
    """Ours: all that, and the verdict of the directory's guide on every message; segments of those it accepts."""
    from gateway.formats import edifact
    from gateway.guides.compile import compiled
    from gateway.guides.load import load, nearest

    def accepts(one: edifact.TransactionSet) -> bool:
        name, _ = nearest("edifact", one.code, one.version)
        return name is not None and compiled(load(name))(one.texts(), one.separator)

    def read() -> int:
        found = 0
        for source in sources(path):
            for event in edifact.read(source):
                if isinstance(event, edifact.TransactionSet) and event.plain and accepts(event):
                    found += event.segment_count
        return found

    return read


def edifact_objects(path: str) -> Work:
    """Ours: all that, and a canonical object of each message; segments of those that became one."""
    from gateway.pipeline.translation.translate import Translation, translate

    def read(opened: Iterable[Any]) -> int:
        found = 0
        for source in opened:
            for event in translate(source):
                if isinstance(event, Translation) and event.object is not None:
                    found += event.set.segment_count
        return found

    read([b"".join(edifact_orders.file_of(WARM))])  # the map compiles: start-up, as in `ready`
    return lambda: read(sources(path))


def pydifact_parser(path: str) -> Work:
    """pydifact's Parser: segments; neither counts nor characters are checked. UNA, UNB and UNZ are not counted."""
    import warnings

    from pydifact.parser import Parser

    warnings.simplefilter("ignore")  # it says of each tag that it has no directory

    def read() -> int:
        found = 0
        for source in sources(path):
            for segment in Parser().parse(source.read().decode("iso8859-1")):
                found += segment.tag not in ("UNA", "UNB", "UNZ")
        return found

    return read


def records_validated(path: str, format: str) -> Work:
    """Ours: records, totals and every field checked by the guide; the records of the documents it accepts."""
    from gateway.formats import known
    from gateway.formats.events import TransactionSet
    from gateway.guides import records
    from gateway.guides.compile import compiled

    guide = records.load(record_orders.TEXTS[f"guides/bench/{format}"], f"bench/{format}")
    accepts = compiled(guide)

    def read(opened: Iterable[Any]) -> int:
        found = 0
        for source in opened:
            for event in known.read(source, layout=guide.layout):
                accepted = isinstance(event, TransactionSet) and accepts(event.texts(), event.separator)
                found += event.segment_count if accepted else 0
        return found

    read([b"".join(record_orders.MADE[format](WARM))])
    return lambda: read(sources(path))


def records_objects(path: str, format: str) -> Work:
    """Ours: all that, and a canonical order of each document; the records of those that became one."""
    from gateway import maps
    from gateway.pipeline.translation.translate import Translation, by_map, translate

    chosen = maps.load(f"bench/{format}", record_orders.TEXTS.get)

    def read(opened: Iterable[Any]) -> int:
        found = 0
        for source in opened:
            for event in translate(source, by_map(chosen), layout=chosen.guide.layout):
                if isinstance(event, Translation) and event.object is not None:
                    found += event.set.segment_count
        return found

    read([b"".join(record_orders.MADE[format](WARM))])
    return lambda: read(sources(path))


def sliced(path: str) -> Work:
    """The floor: lines of text and their columns, by the offsets of each type; blanks stay, nothing is a number."""

    def read() -> int:
        found = 0
        for line in open(path, encoding="utf-8", newline="\n"):  # noqa: SIM115
            tag = line[:3]
            if tag == "LIN":
                _ = [tag, line[3:8], line[8:28], line[28:37], line[37:39], line[39:50]]
            elif tag == "ORD":
                _ = [tag, line[3:18], line[18:26], line[26:36], line[36:66]]
            elif tag == "ADR":
                _ = [tag, line[3:33], line[33:53], line[53:55], line[55:64]]
            else:
                continue
            found += 1
        return found

    return read


def csv_module(path: str) -> Work:
    """The floor: the csv module's rows, with nothing done to them."""
    import csv

    def read() -> int:
        found = 0
        with open(path, encoding="utf-8", newline="") as file:
            for _ in csv.reader(file, delimiter=";"):
                found += 1
        return found

    return read


# -- writing


def written(path: str, type: str) -> Work:
    """Ours: canonical objects to the bytes of one interchange, each checked against its guide.

    The objects are read from the file that the peers' segments come from.
    """
    from gateway import maps
    from gateway.formats.enclosing import Numbers
    from gateway.formats.x12 import Envelope
    from gateway.pipeline.translation.render import interchange, sets
    from gateway.pipeline.translation.translate import Choice, Translation, translate

    chosen = maps.load(f"{VERSION}/{type}")
    choice = Choice(chosen.guide, chosen)
    events = (event for source in sources(path) for event in translate(source, lambda *_: choice))
    objects = [event.object for event in events if isinstance(event, Translation)]
    envelope = Envelope("12/8475551234", "08/9254110060", line_end="\n")

    def write() -> int:
        made = sets(envelope, chosen, objects)
        return len(interchange(envelope, Numbers(1, 1), MOMENT, chosen, made))

    return write


def split_segments(path: str) -> list[list[str]]:
    text = Path(path).read_text("ascii")
    return [segment.strip().split("*") for segment in text.split("~") if segment.strip()]


def pyx12_writer(path: str) -> Work:
    """pyx12's X12Writer: finished segments to text; it counts, and writes the trailers itself."""
    import io

    from pyx12.segment import Segment
    from pyx12.x12file import X12Writer

    segments = [Segment("*".join(one) + "~", "~", "*", ">") for one in split_segments(path)]

    def write() -> int:
        out = io.StringIO()
        writer = X12Writer(out, "~", "*", ">", "\n", "^")
        for segment in segments:
            writer.Write(segment)
        writer.Close()
        return len(out.getvalue())

    return write


def joined(path: str) -> Work:
    """The floor: finished elements, joined and encoded; nothing is counted or checked."""
    segments = split_segments(path)
    return lambda: len("".join("*".join(segment) + "~\n" for segment in segments).encode())


def nothing() -> Work:
    """Python itself."""
    return int


CONTESTANTS: dict[str, Callable[..., Work]] = {
    one.__name__: one
    for one in (
        verdicts,
        objects,
        pyx12_reader,
        badx12_parser,
        edifact_segments,
        edifact_validated,
        edifact_objects,
        pydifact_parser,
        records_validated,
        records_objects,
        sliced,
        csv_module,
        written,
        pyx12_writer,
        joined,
        nothing,
    )
}


def main(name: str, *arguments: str) -> None:
    began = time.process_time()
    work = CONTESTANTS[name](*arguments)
    collector.spare()  # as `gateway translate` does, and for the peers as well
    startup, cpu, wall = time.process_time() - began, time.process_time(), time.perf_counter()
    count = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    report = {"cpu": cpu, "wall": wall, "startup": startup, "peak": peak(), "count": count}
    print(json.dumps(report))


def peak(pid: str = "self") -> float:
    """The most memory this process ever held, or another that still runs, in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        kib = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    return int(kib) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
