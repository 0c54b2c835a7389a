"""Commands on what engineers write: check, schema, init."""

from __future__ import annotations

import json as _json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import show
from gateway.cli.documents import Json, concerns, is_declared, settings, unknown_partner

if TYPE_CHECKING:
    from gateway.profiles import Snapshot

SETUP = ("company", "profile")
"""The kinds of files that engineers write."""


def check(
    partner: Annotated[str, typer.Argument(help="only this partner's profile and what it uses")] = "",
    json: Json = False,
) -> None:
    """Check company.yaml, profiles, maps and guides: every fault at once, each with file, line, column and fix.

    Example: `gateway check harbor`
    """
    from gateway import setup

    loaded = setup.check(settings())
    faults = [*setup.strangers(os.environ), *(fault for fault in loaded.faults if concerns(fault, partner))]
    partners = loaded.snapshot.partners if loaded.snapshot else {}
    if partner and partner not in partners and not is_declared(partner):
        raise typer.BadParameter(unknown_partner(partner, partners), param_hint="partner")
    if json:
        for fault in faults:
            show.print_json(fault.as_dict())
    else:
        show.print_setup_faults(faults, settings().partners_dir)
        if loaded.snapshot is not None:
            print_partners(loaded.snapshot, partner)
    raise typer.Exit(1 if any(not fault.warning for fault in faults) else 0)


def print_partners(snapshot: Snapshot, only: str) -> None:
    """The partners in force, one line each; nothing where there is none."""
    rows = [
        (name, one.title, one.stage, ", ".join(one.channels), ", ".join(one.receive), ", ".join(one.send))
        for name, one in snapshot.partners.items()
        if not only or name == only
    ]
    if not rows:
        return
    show.print_table("", ("partner", "name", "stage", "channels", "receives", "sends"), rows)


def schema(
    kind: Annotated[str, typer.Argument(help="company, profile, or a business object as PurchaseOrder")],
) -> None:
    """Print the JSON Schema of company.yaml, of a profile, or of a canonical object.

    Example: `gateway schema profile > profile.schema.json`
    """
    from gateway import canonical

    if kind not in (*SETUP, *canonical.DOCUMENTS):
        known = ", ".join((*SETUP, *canonical.DOCUMENTS))
        raise typer.BadParameter(f"no schema {kind!r}; known: {known}", param_hint="KIND")
    made = setup_schema(kind) if kind in SETUP else canonical.schema(kind)
    typer.echo(_json.dumps(made, indent=2))


def setup_schema(kind: str) -> dict[str, Any]:
    """The schema of a file engineers write, with the protocols and connectors there are."""
    from gateway import profiles, setup

    around = setup.surroundings(settings())
    return profiles.schema(kind, around.protocols, around.connectors)


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="a new or empty folder")]) -> None:
    """Lay out a new house: company.yaml, a first profile, folders for maps and samples.

    Example: `gateway init my-gateway`
    """
    if folder.is_file():
        raise typer.BadParameter(f"{folder} is a file", param_hint="DIR")
    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter(f"{folder} is not empty", param_hint="DIR")
    for name, text in LAYOUT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("partners/maps", "partners/tables", "sample_documents"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    show.print_facts({"made": folder, "next": f"cd {folder} && gateway check"})


LAYOUT = {
    "partners/company.yaml": """\
# Ourselves: who we are, what stands behind us, what holds for every partner.
company:
  main:
    name: Your Company
    identities: {x12: ZZ/YOURCOMPANY}
systems:
  erp: {files: {to: ../erp}}
routes: {"*": erp}
defaults: {acknowledge: standard, duplicates: {same: drop, changed: hold}, incomplete: hold}
""",
    "partners/profiles/example.yaml": """\
# A partner. Change its names, then set its stage to testing, and to live once its samples are certified.
partner: example
name: Example Retail
stage: draft
identities: {x12: ZZ/EXAMPLE}
channels:
  mailbox:
    folder: {in: ../mailbox/example/in, out: ../mailbox/example/out}
    pull: {every: 5s}
    push: {}
receive:
  850: x12/004010/850
""",
}

COMMANDS = {"check": check, "schema": schema, "init": init}
