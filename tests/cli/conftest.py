"""A house to type commands in: partners, samples, a ledger with one day's documents, and bad files of every sort."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from demo_day import Day

from gateway.cli import main

ROOT = Path(__file__).parents[2]
Gateway = Callable[..., "Typed"]

BAD_FILES = {
    "empty.edi": b"",
    "junk.bin": bytes(range(256)) * 4,
    "a.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "cut.edi": b"ISA*00*          *00*",
    "broken.json": b'{"number": "1",',
    "wrong.json": b'{"number": "1", "ordered_on": "today"}',
    "nothing.json": b" [ ]\n",
    "separators.json": b'[\n{"number": "4*5~6", "ordered_on": "2026-03-01", "purpose": "original", '
    b'"kind": "stand-alone", "lines": [{"quantity": "1", "unit": "each", "ids": {"upc": "012345678905"}}]}]',
    "latin.json": b'{"number": "\xe9"}',
    "deep.json": b"[" * 100_000,
    "long.json": b'{"number": ' + b"9" * 5000 + b"}",
}
ROWS = """format: csv
delimiter: ";"
records:
  order: {by: [po], fields: {po: "PO #"}}
  line: {fields: {sku: Item, qty: Qty | integer}}
structure:
  - document order M *:
      - line M *
"""
EUROPEAN = (
    b"UNB+UNOC:3+A:14+B+260301:1530+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4500017'DTM+137:20260301:102'NAD+BY+A::9'LIN+1'UNS+S'"
    b"UNT+7+1'UNZ+1+7'"
)


def laid_out(folder: Path) -> Path:
    """Our own house, copied, with the bad files beside it."""
    shutil.copytree(ROOT / "partners", folder / "partners")
    shutil.copytree(ROOT / "sample_documents", folder / "sample_documents")
    return with_bad_files(folder)


def with_bad_files(folder: Path) -> Path:
    for name, content in BAD_FILES.items():
        (folder / name).write_bytes(content)
    (folder / "good.edi").write_bytes((ROOT / "sample_documents/harbor/two-lines/in.edi").read_bytes())
    (folder / "noted.edi").write_bytes((ROOT / "sample_documents/harbor/unknown-codes/in.edi").read_bytes())
    (folder / "faulty.edi").write_bytes(
        (ROOT / "sample_documents/harbor/every-element-fault/in.edi").read_bytes()
    )
    (folder / "european.edi").write_bytes(EUROPEAN)
    (folder / "rows.csv").write_text("PO #;Item;Qty\n1;A;2\n2;B;x\n")
    (folder / "rows.yaml").write_text(ROWS)
    (folder / "wrong.yaml").write_text(ROWS.replace("format: csv", "format: rows"))
    return folder


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment but a terminal of eighty columns."""
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def house(plain: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house that never ran, as the working directory."""
    monkeypatch.chdir(laid_out(tmp_path / "house"))
    return tmp_path / "house"


@pytest.fixture
def after(plain: None, demo_day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A day's end, as the working directory; a copy, so that nobody sees what another test did to it."""
    copy = with_bad_files(demo_day.copied(tmp_path / "after"))
    monkeypatch.chdir(copy)
    return copy


@dataclass(frozen=True)
class Typed:
    """What a command printed, and its exit status."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stderr + self.stdout


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Types one command, in this process; what leaves `main` as an exception fails the test."""

    def typed(*words: str, given: bytes | None = b"") -> Typed:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["gateway", *words])
            patch.setattr(sys, "stdin", None if given is None else io.TextIOWrapper(io.BytesIO(given)))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as ended:
                main()
        texts = (stream.buffer.getvalue().decode("utf-8") for stream in (out, err))  # type: ignore[attr-defined]
        return Typed(int(ended.value.code or 0), *texts)

    return typed
