"""Compiled Python is kept, whatever the environment says: hundreds of processes start, and each would compile it."""

from __future__ import annotations

import os
import sys
from typing import Any

import demo_day as demo_days
import nursery as nurseries
import pytest

from gateway import collector

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """What was collected stays to the end; the collector need not look through it each time."""
    collector.spare()


@pytest.fixture(scope="session")
def nursery() -> nurseries.Nursery:
    """What gateways are forked from, here where many are started."""
    return nurseries.shared()


@pytest.fixture(scope="session")
def demo_day(tmp_path_factory: pytest.TempPathFactory) -> demo_days.Day:
    """The sample partners' documents have arrived, in a house that nobody changes."""
    base = tmp_path_factory.getbasetemp()
    return demo_days.lived(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file stay together, and so do the fixtures they share; whoever is done takes from the other."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None
