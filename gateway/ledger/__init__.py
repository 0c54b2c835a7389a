"""The durable truth: what arrived, what became of it, what went out, and every step between, append-only.

`Ledger` opens it; the functions are in modules by noun (`arrivals`, `documents`, `outbox`, `keys`, `control`,
`events`, `blobs`, `snapshots`, `interchanges`, `attempts`, `forms`, `work`, `stories`) and take a `Connection` first:

    receipt = await ledger.commit(lambda tx: arrivals.add(tx, arrival, now))

To add a table: `tables.py`, a migration (see `migrations/__init__.py`), a module named by its noun.
"""

from __future__ import annotations

from gateway.ledger.ledger import Ledger, open_ledger
from gateway.ledger.moves import ANYONE, StaleLease
from gateway.ledger.states import ImpossibleStep, Life, State

__all__ = ["ANYONE", "ImpossibleStep", "Ledger", "Life", "StaleLease", "State", "open_ledger"]
