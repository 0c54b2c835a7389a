from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from .desk import Desk


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log lines are read by no test here, and a rendered traceback takes a second."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens desks with other profiles or other limits than `desk`; their ledgers are closed afterwards."""
    opened: list[Desk] = []

    def make(files: dict[str, str] | None = None, **facts: object) -> Desk:
        opened.append(Desk.open(tmp_path / f"desk{len(opened)}", files, **facts))
        return opened[-1]

    yield make
    for one in opened:
        one.ledger.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()
