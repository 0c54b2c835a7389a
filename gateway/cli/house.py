"""Commands on what engineers write: check, schema, words, init."""

from __future__ import annotations

import json as _json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import show
from gateway.cli.documents import Json, concerns, house_on_disk, is_declared, settings, unknown_partner

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


STANDARDS = ("x12", "edifact")


def words(
    table: Annotated[str, typer.Argument(help="the table, as units; all of them when left out")] = "",
    map: Annotated[str, typer.Option(help="the tables of this map, shipped or your own")] = "",
    json: Json = False,
) -> None:
    """Print the words of the code tables: what maps and JSON say instead of a standard's codes, the first one written.

    Example: `gateway words units`
    """
    found = tables_of(map, json) if map else standard_tables()
    known = list(dict.fromkeys(name for tables in found.values() for name in tables))
    if table and table not in known:
        from gateway.marked_yaml import close

        raise typer.BadParameter(f"no table {table!r}; {close(table, known)}", param_hint="TABLE")
    rows = [
        (name, word, {of: tables[name][word] for of, tables in found.items() if word in tables.get(name, {})})
        for name in ([table] if table else known)
        for word in dict.fromkeys(word for tables in found.values() for word in tables.get(name, {}))
    ]
    if json:
        for name, word, codes in rows:
            show.print_json({"table": name, "word": word, "codes": codes})
    elif table:
        cells = [(word, *(", ".join(codes.get(of, ())) for of in found)) for _, word, codes in rows]
        show.print_table("", ("word", *found), cells)
    else:
        print_tables(Counter(name for name, _, _ in rows))


def print_tables(counts: Mapping[str, int]) -> None:
    """Each table with how many words it has, and the fields that are one of them."""
    from gateway.canonical.vocabulary import fields_of_words

    of = fields_of_words()
    rows = [(name, count, ", ".join(of.get(name, ()))) for name, count in counts.items()]
    show.print_table("", ("table", "words", "in the fields"), rows)


def standard_tables() -> dict[str, Mapping[str, Mapping[str, list[str]]]]:
    from gateway import maps

    return {name: maps.code_tables(name) for name in STANDARDS}


def tables_of(map: str, json: bool) -> dict[str, Mapping[str, Mapping[str, list[str]]]]:
    """Those of one map: a shipped one, else one of the house."""
    from gateway import maps

    text_of = maps.package if maps.exists(map) else house_on_disk("", json).snapshot.map_text
    return {map: maps.code_tables(map, text_of)}


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

COMMANDS = {"check": check, "schema": schema, "words": words, "init": init}
