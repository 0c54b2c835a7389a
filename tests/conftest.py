"""Compiled Python is kept, whatever the environment says: hundreds of processes start, and each would compile it."""

from __future__ import annotations

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
