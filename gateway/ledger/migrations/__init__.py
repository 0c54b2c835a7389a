"""The schema's history, run by the ledger itself when it is opened; nobody needs an alembic.ini.

To change the schema: change `gateway/ledger/tables.py`, add `versions/NNNN_what.py` after the last one, and raise
`REVISION`. A test compares what the migrations make with the tables.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from gateway.errors import SetupError

REVISION = "0004"
"""The newest revision; opening a ledger that has it does not even import Alembic."""


def current(tx: Connection) -> str | None:
    """The revision of the ledger, None where there is none yet."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    found: str | None = tx.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def check(tx: Connection) -> None:
    """Raises `SetupError` unless the schema is this version's."""
    found = current(tx)
    if found != REVISION:
        raise SetupError(
            f"opening the ledger: its schema is revision {found or 'none'}, this gateway needs {REVISION}; "
            "`gateway run` of this version brings it up to date"
        )


def upgrade(tx: Connection) -> None:
    """Brings the schema up to date in this transaction; refuses a ledger that is newer than this gateway."""
    found = current(tx)
    if found == REVISION:
        return
    if found is not None and found > REVISION:
        check(tx)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")
