"""An empty ledger, as the migrations make it. It is made once: that takes longer than most tests that need one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.ledger import Ledger


def put(file: Path) -> None:
    """Puts it there, unless there is one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(image())


@cache
def image() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.sqlite"
        Ledger.open(f"sqlite:///{file}", Path(folder) / "blobs").close()
        assert not file.with_name("ledger.sqlite-wal").exists()
        return file.read_bytes()
