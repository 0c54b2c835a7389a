"""The docs are true: every block loads, every command runs and prints what is shown, every link leads somewhere."""

from __future__ import annotations

import json
import re
import socket
import tomllib
from pathlib import Path

import pytest
import typer.main
from demo_day import Day
from pages import GENERATED, PAGES, ROOMS, ROOT, Block, blocks, carry_out, generated, put, run

from gateway import maps, marked_yaml
from gateway.api.internal import KINDS
from gateway.cli import app as program
from gateway.errors import SetupFault
from gateway.faults import Code
from gateway.guides import records
from gateway.maps.exclusions import places_of
from gateway.maps.provisions import blocks as every

NOT_RUN = {
    "make": "CI runs it, and the end-to-end tests run what `make run` does",
    ".ci/run": "CI runs it",
    "gateway certify lakeside": "needs the sample that the reader writes",
    ".venv/bin/pytest tests/guides": "that is this test suite",
    "curl": "a test of its own sends them to a gateway that runs",
    'sqlite3 var/ledger.sqlite ".backup backup.sqlite"': "the program need not be installed",
}
"""Commands the docs show and nobody runs here, each with the reason."""

FRAGMENTS = {
    "map": "map: fragment/850\nextends: x12/004010/850\n",
    "profile": "partner: bolt\nstage: draft\nidentities: {x12: ZZ/BOLTSUPPLY}\n",
    "comment": "partner: bolt\n",
}
"""What a block lacks that shows only a part of a file, by the word in its comment."""

EVERY = [block for page in PAGES for block in blocks(page)]
YAML = [block for block in EVERY if block.language == "yaml"]


@pytest.fixture
def folder(demo_day: Day, tmp_path: Path) -> Path:
    """A house in which the sample partners' documents have arrived."""
    return demo_day.copied(tmp_path / "house")


# -- lists that the code has too


def test_the_rooms_stand_as_import_linter_holds_them():
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][
        0
    ]
    rooms = " → ".join(layers["layers"]).replace("gateway.", "")
    assert f"`{rooms}`" in (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_segment_that_the_base_map_leaves_is_named():
    page = (ROOT / "docs" / "writing-a-map.md").read_text("utf-8")
    named = page.split("## What the base maps leave")[1].split("\n# ")[0]
    map = maps.load("x12/004010/850")
    places = [place for block in every(map.root) for one in block.bindings for place in places_of(one)]
    read = {id(place.position) for place in places}
    left = {
        child.tag
        for loop in map.guide.root.walk()
        if loop.is_loop and (loop.parent is None or id(loop.children[0]) in read)
        for child in loop.children
        if id(child.children[0] if child.is_loop else child) not in read
    }
    assert left <= set(re.findall(r"\b[A-Z][A-Z0-9]{1,2}\b", named))


# -- blocks of YAML


def kind_of(block: Block) -> str:
    """What the block is, by its comment or its first key."""
    if block.about.startswith(("kind: ", "excerpt: ")):
        return block.about.removeprefix("kind: ")
    return next(iter(marked_yaml.load(block.text, str(block)).data), "")


def whole(block: Block) -> str:
    return (FRAGMENTS[kind_of(block)] if block.about.startswith("kind: ") else "") + block.text


def tables(page: Path) -> dict[str, str]:
    """The cross references a page shows."""
    shown = {
        block.about.removeprefix("table: "): block.text for block in blocks(page) if block.language == "csv"
    }
    return {f"tables/{name}.csv": text for name, text in shown.items()}


def guides(page: Path) -> dict[str, str]:
    """The guides of records that a page shows."""
    folder = "partners/guides/"
    shown = {
        block.file.removeprefix("partners/"): block.text
        for block in blocks(page)
        if block.file.startswith(folder)
    }
    return {name.removesuffix(".yaml"): text for name, text in shown.items()}


def faults_in(block: Block, folder: Path) -> list[SetupFault]:
    """Loads the profile or company.yaml in a house that holds what its page wrote before."""
    from gateway.profiles import load
    from gateway.settings import Settings
    from gateway.setup import surroundings

    for one in blocks(block.page):
        if one.file.startswith("partners/"):
            put(one, folder)
    name = "partners/company.yaml" if kind_of(block) == "company" else "partners/profiles/bolt.yaml"
    (folder / (block.file or name)).write_text(whole(block), "utf-8")
    settings = Settings(
        partners_dir=folder / "partners", samples_dir=folder / "sample_documents", var_dir=folder / "var"
    )
    secrets = surroundings(settings)
    return [fault for fault in load(settings.partners_dir, secrets).faults if not fault.warning]


def test_there_is_yaml_of_every_kind() -> None:
    assert {kind_of(block).partition(":")[0] for block in YAML} >= {
        "map",
        "partner",
        "profile",
        "company",
        "excerpt",
        "guide",
    }


@pytest.mark.parametrize("block", YAML, ids=str)
def test_every_block_of_yaml_loads(block: Block, folder: Path) -> None:
    kind = kind_of(block)
    if kind.startswith("excerpt: "):
        assert block.text in (ROOT / kind.removeprefix("excerpt: ")).read_text("utf-8")
    elif kind == "map":
        text = whole(block)
        name = marked_yaml.load(text, str(block)).data["map"]
        problems = maps.load(name, {name: text, **tables(block.page), **guides(block.page)}.get).problems
        shown = block.page.read_text("utf-8")
        assert [problem.what for problem in problems if problem.what not in shown] == []
    elif kind == "guide":
        assert records.load(block.text, "shown").layout is not None
    elif kind in ("partner", "profile", "company", "comment"):
        own = [one for one in faults_in(block, folder) if "there is no secret" not in one.what]
        assert own == []
    else:
        assert kind in ("receive",), "say what this block is: <!-- kind: map --> or another word"
        assert faults_in(block, folder) == []


# -- commands


def skipped(command: str) -> bool:
    return any(command == one or command.startswith(f"{one} ") for one in NOT_RUN)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_runs_and_prints_what_the_page_shows(page: Path, folder: Path) -> None:
    """What a page calls an example shows ids and times, which are others each time."""
    for block, output in carry_out(page, folder):
        shown = block.text.partition("\n")[2]
        if block.about == "kind: example":
            as_long = (output.count("\n"), output != "\n") == (shown.count("\n"), True)
            assert as_long, f"{block} printed\n{output}"
        else:
            assert shown == output, f"{block}: run python tests/pages.py"


@pytest.mark.parametrize("block", [block for block in EVERY if block.language == "sh"], ids=str)
def test_every_line_of_shell_is_good(block: Block, folder: Path) -> None:
    for command in block.commands:
        if not skipped(command):
            done = run(command, folder)
            assert done.returncode == 0, done.stderr


def test_the_second_thing_to_try_makes_a_partner_live(folder: Path) -> None:
    page = ROOT / "README.md"
    for block in blocks(page):
        if block.file:
            put(block, folder)
        for command in block.commands if block.language == "sh" else ():
            if not skipped(command):
                assert run(command, folder).returncode == 0
    free = " ".join(f"GATEWAY_{door}_PORT=0" for door in ("SFTP", "HTTP", "INTERNAL"))
    done = run(f"{free} gateway run --demo", folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "var/erp/PurchaseOrder-bolt-B900001.json").exists()
    out = {path.name[:4] for path in (folder / "var" / "bolt" / "out").iterdir()}
    assert out == {"997_", "855_", "856_", "810_"}


def test_the_library_example_runs(folder: Path) -> None:
    (example,) = (block.text for block in blocks(ROOT / "README.md") if block.language == "python")
    (folder / "example.py").write_text(example, "utf-8")
    done = run("python example.py", folder)
    assert done.stdout.startswith("4500017 3.15\nISA*"), done.stderr
    assert len(example.strip().split("\n")) <= 6


def test_no_reason_is_left_over() -> None:
    commands = [command for block in EVERY for command in block.commands]
    assert {one for one in NOT_RUN if one != ".ci/run"} == {
        one for one in NOT_RUN if any(command == one or command.startswith(f"{one} ") for command in commands)
    }


# -- what is made from code, and what must be mentioned


@pytest.mark.parametrize("name", GENERATED)
def test_a_page_made_from_code_is_up_to_date(name: str) -> None:
    stands, should = generated(name)
    assert stands == should, "run python tests/pages.py"


def test_every_fault_is_on_its_page_under_a_chapter() -> None:
    page = (ROOT / "docs" / "faults.md").read_text("utf-8")
    assert {code.word for code in Code if f"| `{code.word}`" not in page} == set()
    assert page.count("\n## ") == len(ROOMS)


def test_every_command_is_in_the_readme_and_has_help_with_an_example() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = typer.main.get_command(program).commands  # type: ignore[attr-defined]
    assert {name for name in commands if f"`gateway {name}" not in readme} == set()
    assert {name for name, one in commands.items() if "Example: `gateway " not in (one.help or "")} == set()


LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(#[^)\s]+)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for name, anchor in LINK.findall(page.read_text("utf-8")):
        target = page.parent / name
        if not target.exists() or (anchor and anchor[1:] not in anchors(target)):
            broken.append(name + anchor)
    assert broken == []


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


# -- the page for ERP teams

ERP = ROOT / "docs" / "connecting-an-erp.md"
DOOR = "http://127.0.0.1:8081"


def test_what_the_page_for_erp_teams_sends_is_answered_as_it_says(folder: Path) -> None:
    """Its files are put, its secrets made, and its requests sent to a gateway that runs."""
    for block in blocks(ERP):
        if block.file:
            put(block, folder)
    commands = [command for block in blocks(ERP) if block.language == "sh" for command in block.commands]
    asked = [command for command in commands if command.startswith("curl")]
    for command in commands:
        if command not in asked:
            assert run(command, folder).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    here = "; ".join(
        command.replace(DOOR, f"http://127.0.0.1:{port}") + "; echo" for command in [asked[0], *asked]
    )
    waited = (
        f"for i in $(seq 300); do (echo > /dev/tcp/127.0.0.1/{port}) 2> /dev/null && break; sleep 0.1; done"
    )
    live = (
        f"GATEWAY_INTERNAL_PORT={port} gateway run > run.log 2>&1 & {waited}; {here}; kill -TERM $!; wait $!"
    )
    done = run(live, folder)
    assert done.returncode == 0, (folder / "run.log").read_text()
    first, again, refused = map(json.loads, done.stdout.splitlines())
    assert first == again
    assert first.keys() == {"id", "correlation"}
    (shown,) = (block for block in blocks(ERP) if block.about == "kind: answer")
    assert json.loads(shown.text) == refused


def test_every_kind_of_object_and_status_of_the_api_is_on_that_page() -> None:
    page = ERP.read_text("utf-8")
    assert ", ".join(KINDS) in page
