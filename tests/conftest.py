"""Compiled Python is kept, whatever the environment says: hundreds of processes start, and each would compile it."""

from __future__ import annotations

import os
import sys

from gateway import collector

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """What was collected stays to the end; the collector need not look through it each time."""
    collector.spare()
