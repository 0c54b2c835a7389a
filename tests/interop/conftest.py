"""The loopback partners of tests/conformance serve here too, and the documents of the other rooms' tests."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "conformance"), str(TESTS)]
