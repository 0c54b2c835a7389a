"""Python's garbage collector, told how programs like these use memory: much stands for ever, the rest dies young."""

from __future__ import annotations

import gc


def seldom() -> None:
    """To be called first: what is loaded stays, and looking for circles in it was a sixth of loading it.

    A document's objects hold no circles either, so they are freed without the collector.
    """
    gc.set_threshold(50_000, 20, 50)


def spare() -> None:
    """To be called by what runs long, once all is loaded: what stands then is never looked at again."""
    gc.collect()
    gc.freeze()
    seldom()
