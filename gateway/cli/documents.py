"""Commands on documents, without a running gateway: inspect, translate, certify.

What a command needs it imports itself: whoever asks for help, or translates one file, waits for nothing else.
"""

from __future__ import annotations

import errno
import itertools
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from gateway.cli import show
from gateway.errors import SetupFault
from gateway.faults import Fault, rejecting

if TYPE_CHECKING:
    from gateway.formats.events import Limits
    from gateway.guides.model import Guide
    from gateway.maps.answers import Answered
    from gateway.pipeline.translation.house import House
    from gateway.pipeline.translation.inspection import Report
    from gateway.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print JSON, one value a line")]


def there(given: Path | list[Path] | None) -> Path | list[Path] | None:
    """Wrong usage where a file is named that there is not; `-` always is."""
    for path in given if isinstance(given, list) else [given] if given else []:
        if path != show.STDIN and not os.path.exists(path):
            raise typer.BadParameter(f"{path} does not exist")
    return given


Files = Annotated[
    list[Path], typer.Argument(help="files to read, - is standard input", dir_okay=False, callback=there)
]
File = Annotated[
    Path, typer.Argument(help="the file to read, - is standard input", dir_okay=False, callback=there)
]


def settings() -> Settings:
    from gateway.settings import Settings

    return Settings()


AS_WHAT = (
    "canonical JSON does not say what it becomes: state --map x12/004010/850, or --partner NAME for their map"
)


def inspect(
    files: Files,
    guide: Annotated[
        str,
        typer.Option(help="of a file of records: its guide, partners/guides/NAME.yaml, or the path of one"),
    ] = "",
    partner: Annotated[str, typer.Option(help="read as agreed with this partner")] = "",
    json: Json = False,
) -> None:
    """Say what a file is and everything that is wrong with it. Needs no profile; records need one, or their guide.

    Example: `gateway inspect sample_documents/harbor/*/in.edi`
    """
    from gateway.cli.reports import print_report
    from gateway.pipeline.translation import inspection
    from gateway.pipeline.translation.translate import limits

    if guide and partner:
        raise typer.BadParameter("state --guide or --partner, not both", param_hint="--guide")
    good = True
    chosen, house = guide_of(guide) if guide else None, agreed(partner, json)
    for path in files:
        source, file, most = show.chunks(path), show.name_of(path), limits(settings())
        if house is None:
            report = inspection.inspect(source, file, most, chosen)
        else:
            report = as_theirs(house, partner, source, file, most)
        good &= report.accepted
        if json:
            show.print_json(report.as_dict())
        else:
            print_report(report)
    raise typer.Exit(0 if good else 1)


def as_theirs(house: House, partner: str, source: Iterator[bytes], file: str, most: Limits) -> Report:
    """What a file is by what is agreed with this partner."""
    from gateway.pipeline.translation.conversion import as_agreed, theirs
    from gateway.pipeline.translation.inspection import inspect

    layout, blocks = theirs(house, partner, source, file.rpartition("/")[2])
    return inspect(blocks, file, most, choose=as_agreed(house, partner), layout=layout)


def guide_of(name: str) -> Guide:
    """The guide of records of that name, or at that path. Wrong usage where there is none."""
    from gateway.guides import records
    from gateway.marked_yaml import close

    folder = settings().partners_dir / "guides"
    path = Path(name) if name.endswith(".yaml") else folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(str(one.relative_to(folder).with_suffix("")) for one in folder.rglob("*.yaml"))
        raise typer.BadParameter(f"there is no guide {path}; {close(name, known)}", param_hint="--guide")
    return records.load(path.read_text("utf-8"), name.removesuffix(".yaml"), str(path))


def translate(
    file: File,
    partner: Annotated[str, typer.Option(help="read and write as agreed with this partner")] = "",
    map: Annotated[str, typer.Option(help="use this map, for example x12/004010/850")] = "",
    to: Annotated[str, typer.Option(help="canonical, x12, edifact, fixed or csv")] = "canonical",
    answered: Annotated[
        Path | None,
        typer.Option(
            help="the orders answered, X12, EDIFACT or canonical JSON, from which the map echoes",
            callback=there,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="write to this file instead of standard output")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="faults as JSON, one a line, on standard error")
    ] = False,
) -> None:
    """Translate a document: X12, EDIFACT or records to canonical JSON, one object for each, or the reverse.

    Example: `gateway translate sample_documents/harbor/two-lines/in.edi`
    """
    from gateway.pipeline.translation.conversion import FORMS, converted, is_json
    from gateway.pipeline.translation.translate import limits

    known(map)
    if to not in FORMS:
        raise typer.BadParameter(f"one of {', '.join(FORMS)}", param_hint="--to")
    if partner and map:
        raise typer.BadParameter("state --partner or --map, not both", param_hint="--map")
    good = True
    blocks = show.chunks(file)
    start = next(blocks, b"")
    if is_json(start) and not (partner or map):
        raise typer.BadParameter(AS_WHAT, param_hint="--map")
    source = itertools.chain([start], blocks)
    house = agreed(partner, json)
    orders, wrong = orders_in(answered, house, partner) if answered else ({}, [])
    told(wrong, json)
    good &= not rejecting(wrong)
    with target_of(out) as target:
        for piece in converted(source, to, house, partner, map, limits(settings()), orders):
            target.write(piece.data)
            faults = [fault.in_file(show.name_of(file)) for fault in piece.faults]
            good &= not rejecting(faults)
            told(faults, json)
    raise typer.Exit(0 if good else 1)


def told(faults: list[Fault], json: bool) -> None:
    if json:
        show.print_json_errors(faults)
    else:
        show.print_faults(faults)


def orders_in(path: Path, house: House | None, partner: str) -> tuple[Answered, list[Fault]]:
    """The orders of a file, and what is wrong with it."""
    from gateway.pipeline.translation.conversion import orders
    from gateway.pipeline.translation.translate import limits

    found, faults = orders(show.chunks(path), house, partner, limits(settings()))
    return found, [fault.in_file(show.name_of(path)) for fault in faults]


@contextmanager
def target_of(out: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or the file: it is replaced at the end, and only where there is something to put into it."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = out.with_name(f".{os.getpid()}.part")
    try:
        if out.exists() and not out.is_file():  # a pipe or a device: there is nothing to lose
            with out.open("wb") as target:
                yield target
            return
        with unfinished.open("xb") as target:
            yield target
        if unfinished.stat().st_size:
            unfinished.replace(out)
    except OSError as error:
        ours = error.errno == errno.ENOSPC or error.filename == str(unfinished)
        named = str(out) if ours else error.filename
        raise OSError(error.errno, error.strerror, named) from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def known(map: str) -> None:
    """Wrong usage where a shipped map is named that there is not."""
    from gateway import maps
    from gateway.marked_yaml import close

    if map and not maps.exists(map):
        said = (
            f"no map {map!r} is shipped; {close(map, maps.every())}; a partner's own is used with --partner"
        )
        raise typer.BadParameter(said, param_hint="--map")


def agreed(partner: str, json: bool) -> House | None:
    """The house as it stands on disk, when a partner's agreements are asked for."""
    return house_on_disk(partner, json) if partner else None


def house_on_disk(partner: str, json: bool) -> House:
    """The house with this partner in it. Ends with every fault, or with the known partners, where there is none."""
    from gateway import setup
    from gateway.pipeline.translation.house import House

    loaded = setup.check(settings())
    partners = loaded.snapshot.partners if loaded.snapshot else {}
    if loaded.snapshot is not None and (not partner or partner in partners):
        return House(loaded.snapshot)
    if loaded.snapshot is not None and not is_declared(partner):
        raise typer.BadParameter(unknown_partner(partner, partners), param_hint="partner")
    faults = [fault for fault in loaded.faults if not fault.warning]
    concerning = [fault for fault in faults if concerns(fault, partner)]
    if json:
        show.print_json_errors(concerning or faults)
    else:
        show.print_setup_faults(concerning or faults, settings().partners_dir)
    raise typer.Exit(1)


def is_declared(partner: str) -> bool:
    """Whether there is a profile of that name, sound or not."""
    return any(path.stem == partner for path in (settings().partners_dir / "profiles").glob("*.yaml"))


def concerns(fault: SetupFault, partner: str) -> bool:
    """Whether the fault belongs to what this partner uses: its profile, its maps, or what all share."""
    return not partner or about(fault, partner) or "profiles" not in fault.mark.file


def about(fault: SetupFault, partner: str) -> bool:
    """Whether the fault stands in this partner's own files."""
    file = Path(fault.mark.file)
    return partner in file.parts or file.stem == partner


def unknown_partner(name: str, partners: Collection[str]) -> str:
    """Also where there is a profile that is only called so that it is not read."""
    from gateway.marked_yaml import close
    from gateway.profiles.files import MISNAMED

    folder = settings().partners_dir / "profiles"
    if end := next((end for end in MISNAMED if (folder / f"{name}{end}").is_file()), None):
        return f"{folder / name}{end} is not read; rename it to {name}{MISNAMED[end]}"
    return f"no partner {name!r} in {folder}; {close(name, partners)}"


def certify(
    partner: Annotated[str, typer.Argument(help="the partner; all of them when left out")] = "",
    json: Json = False,
) -> None:
    """Run every sample of a partner both ways and print what held and what did not.

    Example: `gateway certify harbor`
    """
    from gateway import certification

    held: list[bool] = []
    folder = settings().samples_dir
    for certificate in certification.certify(house_on_disk(partner, json), folder, partner):
        held.append(certificate.held)
        if json:
            show.print_json(certificate.as_dict())
        else:
            show.print_certificate(certificate)
    for case in certification.without_document(folder, partner):
        show.complain(f"{case}: no sample: there is no document in it, in.* or out.*")
    if not held:
        show.complain(f"no samples of {partner or 'any partner'} in {folder}")
    elif not json:
        show.OUT.print(f"{sum(held)} of {len(held)} samples held")
    raise typer.Exit(0 if held and all(held) else 1)


COMMANDS = {"inspect": inspect, "translate": translate, "certify": certify}
