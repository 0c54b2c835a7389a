"""Commands on documents, without a running gateway: inspect, translate, certify."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import show
from gateway.errors import SetupError
from gateway.faults import rejecting
from gateway.formats import x12
from gateway.pipeline.house import House
from gateway.pipeline.inspection import Report
from gateway.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print JSON, one value a line")]
Files = Annotated[
    list[Path], typer.Argument(help="files to read", exists=True, dir_okay=False, readable=True)
]
File = Annotated[Path, typer.Argument(help="the file to read", exists=True, dir_okay=False, readable=True)]


def limits() -> x12.Limits:
    """The reader's limits as the environment sets them."""
    settings = Settings()
    return x12.Limits(
        segment_bytes=settings.max_segment_bytes,
        set_bytes=settings.max_set_bytes,
        file_bytes=settings.max_file_bytes,
    )


def inspect(files: Files, json: Json = False) -> None:
    """Say what a file is and everything that is wrong with it. Needs no profile.

    Example: `gateway inspect sample_documents/harbor/*/in.edi`
    """
    from gateway.pipeline import inspection

    good = True
    for path in files:
        report = inspection.inspect(show.chunks(path), str(path), limits())
        good &= report.accepted
        if json:
            show.print_json(report.as_dict())
        else:
            print_report(report)
    raise typer.Exit(0 if good else 1)


def print_report(report: Report) -> None:
    """The report as a person reads it: the file, its envelopes, its faults."""
    separators = {name: show.visible(char) for name, char in (report.delimiters or {}).items() if char}
    show.print_facts(
        {
            "file": report.file,
            "format": report.format or "unknown",
            "delimiters": "  ".join(f"{name} {char}" for name, char in separators.items()),
        }
    )
    rows = [
        (
            at["sender"],
            at["receiver"],
            at["control"],
            "test" if at["test"] else "production",
            group["version"],
            group["code"],
            group["control"],
            entry["code"],
            entry["control"],
            entry["segments"],
            verdict(entry["faults"]),
        )
        for at in report.interchanges
        for group in at["groups"]
        for entry in group["sets"]
    ]
    columns = (
        "sender",
        "receiver",
        "interchange",
        "usage",
        "version",
        "group",
        "control",
        "set",
        "control",
        "segments",
        "faults",
    )
    if rows:
        show.print_table("", columns, rows)
    show.print_faults(report.faults)


def verdict(faults: list[dict[str, object]]) -> str:
    """`ok`, or how many faults and notes."""
    notes = sum(fault["severity"] == "note" for fault in faults)
    words = [
        f"{count} {word}" for count, word in ((len(faults) - notes, "faults"), (notes, "notes")) if count
    ]
    return ", ".join(words) or "ok"


def translate(
    file: File,
    partner: Annotated[str, typer.Option(help="read and write as agreed with this partner")] = "",
    map: Annotated[str, typer.Option(help="use this map, for example x12/004010/850")] = "",
    to: Annotated[str, typer.Option(help="canonical or x12")] = "canonical",
    out: Annotated[Path | None, typer.Option(help="write to this file instead of standard output")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="faults as JSON, one a line, on standard error")
    ] = False,
) -> None:
    """Translate a document: X12 to canonical JSON, one object per transaction set, or the reverse.

    Example: `gateway translate sample_documents/harbor/two-lines/in.edi`
    """
    from gateway.pipeline.conversion import converted

    if to not in ("canonical", "x12"):
        raise typer.BadParameter("one of canonical, x12", param_hint="--to")
    if partner and map:
        raise typer.BadParameter("state --partner or --map, not both", param_hint="--map")
    good = True
    target = out.open("wb") if out else sys.stdout.buffer
    try:
        for piece in converted(show.chunks(file), to, agreed(partner), partner, map, limits()):
            target.write(piece.data)
            faults = [fault.in_file(str(file)) for fault in piece.faults]
            good &= not rejecting(faults)
            if json:
                show.print_json_errors(faults)
            else:
                show.print_faults(faults)
    finally:
        target.flush()
        if out:
            target.close()
    raise typer.Exit(0 if good else 1)


def agreed(partner: str) -> House | None:
    """The house as it stands on disk, when a partner's agreements are asked for."""
    return house_on_disk(partner) if partner else None


def house_on_disk(partner: str = "") -> House:
    """The house with this partner in it. Raises `SetupError` with every fault where there is none."""
    from gateway import app

    loaded = app.check(Settings())
    if loaded.snapshot is None or (partner and partner not in loaded.snapshot.partners):
        faults = [fault for fault in loaded.faults if not fault.warning]
        raise SetupError(faults or f"no partner {partner!r} in {Settings().partners_dir / 'profiles'}")
    return House(loaded.snapshot)


def certify(
    partner: Annotated[str, typer.Argument(help="the partner; all of them when left out")] = "",
    json: Json = False,
) -> None:
    """Run every sample of a partner both ways and print what held and what did not.

    Example: `gateway certify harbor`
    """
    from gateway import certification

    held: list[bool] = []
    folder = Settings().samples_dir
    for certificate in certification.certify(house_on_disk(partner), folder, partner):
        held.append(certificate.held)
        if json:
            show.print_json(certificate.as_dict())
        else:
            show.print_certificate(certificate)
    if not held:
        show.complain(f"no samples of {partner or 'any partner'} in {folder}")
    elif not json:
        show.OUT.print(f"{sum(held)} of {len(held)} samples held")
    raise typer.Exit(0 if held and all(held) else 1)


COMMANDS = {"inspect": inspect, "translate": translate, "certify": certify}
