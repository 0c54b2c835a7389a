"""How much is kept: every object that can be reached from one."""

from __future__ import annotations

import gc
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any

CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType, FrameType)
"""Not followed: what leads from everything to everything."""


def reachable(root: Any) -> int:
    """The number of objects, `root` included, that live because it does."""
    gc.collect()
    seen, waiting = {id(root): root}, [root]
    while waiting:
        for found in gc.get_referents(waiting.pop()):
            if id(found) not in seen and not isinstance(found, CODE):
                seen[id(found)] = found
                waiting.append(found)
    return len(seen)
