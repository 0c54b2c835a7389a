"""Compiled Python is kept, and temporary files lie in memory, whatever the environment says.

Hundreds of processes start, and each would compile it; and no test shows what a power cut leaves, so none need wait for
a disk: what a process wrote before it was killed is there either way.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import demo_day as demo_days
import nursery as nurseries
import pytest

from gateway import collector

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30
"""Where files lie in memory, and more bytes than all tests leave there."""

if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


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
