"""The pages and outputs in the docs that are made from code. `python tests/pages.py` writes them all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nursery

from gateway import maps
from gateway.faults import Code, Severity
from gateway.guides.dictionary import dictionary
from gateway.guides.load import available, load
from gateway.ledger.states import LIVES, Life, diagram
from gateway.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted({ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")})
MARK = "<!-- what follows is made from the code: python tests/pages.py -->\n"

# -- docs/faults.md

ROOMS = {
    "EMPTY_FILE": "The file as a whole",
    "ISA_TRUNCATED": "Interchange",
    "MISSING_GE": "Functional group",
    "MISSING_SE": "Transaction set",
    "SEGMENT_TOO_LONG": "Segments",
    "ELEMENT_MISSING": "Elements",
    "PARENT_UNKNOWN": "Levels of a tree",
    "VALUE": "Meaning",
    "UNKNOWN_SENDER": "Partners and agreements",
    "NO_SUCH_LINE": "Answers to an order",
}
"""The first code of each chapter, as they stand in gateway/faults.py."""

CODES = {
    "interchange": "TA105",
    "group": "AK905",
    "set": "AK502",
    "segment": "AK304",
    "element": "AK403",
    "syntax_error": "0085",
}


def faults_page() -> str:
    lines: list[str] = []
    for code in Code:
        if code.name in ROOMS:
            lines += [
                "",
                f"## {ROOMS[code.name]}",
                "",
                "| code | what it says | what to do | answered as |",
                "|---|---|---|---|",
            ]
        kind = code.value
        answers = [
            f"{element} {value}" for level, element in CODES.items() if (value := getattr(kind, level))
        ]
        note = " *(note)*" if kind.severity is Severity.NOTE else ""
        lines.append(f"| `{code.word}`{note} | {kind.summary} | {kind.hint} | {', '.join(answers) or '-'} |")
    return "\n".join(lines).lstrip("\n") + "\n"


# -- docs/settings.md


def settings_page() -> str:
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `GATEWAY_{name.upper()}` | {default(field.default)} | {field.description} |")
    return "\n".join(lines) + "\n"


def default(value: Any) -> str:
    return f"`{value}`" if value not in ("", None) else "-"


# -- docs/operating.md


def states_page() -> str:
    titles = {
        Life.ARRIVAL: "A file that arrived",
        Life.INBOUND: "A document in it",
        Life.OUTBOUND: "A document that goes out",
        Life.SENDING: "What we send",
    }
    parts = []
    for life, title in titles.items():
        rows = [f"| {state} | {stage.prose} |" for state, stage in LIVES[life].items()]
        parts.append("\n".join([f"### {title}", "", "| state | what it means |", "|---|---|", *rows, ""]))
        parts.append(f"```mermaid\n{diagram(life)}```\n")
    return "\n".join(parts)


# -- docs/supported.md


def supported_page() -> str:
    """What the guides and maps of the package say of themselves."""
    return "\n".join(chapter(standard, title) for standard, title in STANDARDS.items())


STANDARDS = {"x12": "X12", "edifact": "EDIFACT"}


def chapter(standard: str, title: str) -> str:
    names = available(standard)
    versions = sorted({name.split("/")[1] for name in names})
    sets = {name.split("/")[2]: load(name).name for name in names}
    head = ["", "", *versions]
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for code, meaning in sorted(sets.items()):
        marks = [mark(f"{standard}/{version}/{code}", names) for version in versions]
        lines.append(f"| {code.upper()} | {meaning} | {' | '.join(marks)} |")
    known = ", ".join(f"{version} {sizes(f'{standard}/{version}')}" for version in versions)
    return "\n".join([*lines, "", f"Behind them: {known}.", ""])


def mark(name: str, guides: Container[str]) -> str:
    """A guide alone validates; with a base map its documents are business objects."""
    if name not in guides:
        return ""
    return maps.load(name).document.__name__ if maps.exists(name) else "guide"


def sizes(standard: str) -> str:
    found = dictionary(standard)
    codes = sum(len(element.codes or ()) for element in found.elements.values())
    return f"({len(found.segments)} segments, {len(found.elements)} elements, {codes} named codes)"


GENERATED = {
    "faults.md": faults_page,
    "settings.md": settings_page,
    "operating.md": states_page,
    "supported.md": supported_page,
}


def generated(name: str) -> tuple[str, str]:
    """What stands below the mark in the page, and what should."""
    return (ROOT / "docs" / name).read_text("utf-8").split(MARK)[1].strip(), GENERATED[name]().strip()


# -- blocks of the docs, carried out in a house

FENCE = re.compile(
    r"(?:<!-- (?P<about>[^>\n]+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A fenced block. The comment before it says what it is, `file: NAME` or `kind: WORD`, where its text does not."""

    page: Path
    line: int
    language: str
    text: str
    about: str

    @property
    def file(self) -> str:
        return self.about.removeprefix("file: ") if self.about.startswith("file: ") else ""

    @property
    def commands(self) -> list[str]:
        """The lines of shell, without the output shown."""
        if self.language == "console":
            return [self.text.partition("\n")[0].removeprefix("$ ")]
        return self.text.splitlines() if self.language == "sh" else []

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start("language")) + 1,
            found["language"],
            found["text"],
            found["about"] or "",
        )
        for found in FENCE.finditer(text)
    ]


def house() -> Path:
    """A copy of what the commands work on, with a ledger in which the sample partners' documents have arrived."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-docs-"))
    for name in ("partners", "sample_documents"):
        shutil.copytree(ROOT / name, folder / name)
    done = run("gateway run --demo --until-idle", folder)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One line of shell in that house, as a reader with the virtual environment on the path has it."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("GATEWAY_")}
    path = os.pathsep.join(
        map(str, (nursery.shared().bin(), Path(sys.executable).parent, os.environ["PATH"]))
    )
    free = {f"GATEWAY_{door}_PORT": "0" for door in ("SFTP", "HTTP", "INTERNAL")}
    more = {"PATH": path, **free, "TZ": "UTC", "COLUMNS": "100"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=own | more,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def put(block: Block, folder: Path) -> None:
    """Writes the block under the name that its page gives it."""
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, "utf-8")


def printed(command: str, folder: Path) -> str:
    """What the command prints, faults first, without blanks at the ends of lines."""
    done = run(command, folder)
    if "internal error" in done.stderr:
        raise RuntimeError(f"{command}: {done.stderr}")
    lines = (done.stderr + done.stdout).rstrip("\n").split("\n")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def carry_out(page: Path, folder: Path, skip: Container[str] = ()) -> Iterator[tuple[Block, str]]:
    """Writes the page's files and runs its `console` blocks in order; yields each of these with what it prints."""
    for block in blocks(page):
        if block.file:
            put(block, folder)
        for command in block.commands:
            if command not in skip and block.about != "kind: not-run" and block.language == "console":
                yield block, printed(command, folder)


def write() -> None:
    for name in GENERATED:
        page = ROOT / "docs" / name
        above = page.read_text("utf-8").split(MARK)[0]
        page.write_text(above + MARK + "\n" + GENERATED[name](), "utf-8")
    base = house()
    for page in PAGES:
        folder = Path(shutil.copytree(base, Path(tempfile.mkdtemp()) / "house"))
        text = page.read_text("utf-8")
        for block, output in carry_out(page, folder):
            text = text.replace(
                f"```console\n{block.text}```", f"```console\n$ {block.commands[0]}\n{output}```"
            )
        page.write_text(text, "utf-8")
        shutil.rmtree(folder.parent)
    shutil.rmtree(base)


if __name__ == "__main__":
    write()
