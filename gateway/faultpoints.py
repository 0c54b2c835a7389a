"""The named moments at which a test may kill this process, to prove that nothing is lost there and nothing done twice.

`GATEWAY_KILL_AT=folder.after_take` ends the process with SIGKILL the first time that point is reached,
`GATEWAY_KILL_AT=folder.after_take:3` the third time. Without the variable a point costs one look-up.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

from gateway.errors import SetupError

POINTS = frozenset(
    {
        # -- folder: take, accept, file away; drop
        "folder.before_take",
        "folder.after_take",
        "folder.after_accept",
        "folder.after_done",
        "folder.before_drop",
        "folder.after_drop",
        # -- sftp, where we call: take, fetch, accept, file away; upload
        "sftp.before_take",
        "sftp.after_take",
        "sftp.after_fetch",
        "sftp.after_accept",
        "sftp.after_done",
        "sftp.before_upload",
        "sftp.before_rename",
        "sftp.after_rename",
        # -- our sftp server: before and after the ledger, after the reply; placing into out/
        "our_sftp.before_accept",
        "our_sftp.after_accept",
        "our_sftp.after_reply",
        "our_sftp.before_drop",
        "our_sftp.after_drop",
        # -- the ledger: its commits, its large blobs
        "ledger.before_commit",
        "ledger.after_commit",
        "ledger.before_rename",
        "ledger.after_rename",
        # -- the pipeline: every commit of an arrival's, a document's and an outbox entry's way
        "accept.before_commit",
        "accept.after_commit",
        "receive.after_batch",
        "receive.before_commit",
        "receive.after_commit",
        "deliver.before_commit",
        "deliver.after_commit",
        "render.before_commit",
        "render.after_commit",
        "send.before_send",
        "send.after_send",
        "send.after_commit",
        # -- the files connector
        "files.before_rename",
        "files.after_rename",
        # -- the rest connector
        "rest.before_request",
        "rest.after_answer",
    }
)


class Countdown:
    """Counts the visits of one point; `due` answers yes exactly once, at the wanted visit."""

    def __init__(self, name: str, visits: int) -> None:
        self.name, self.visits = name, visits

    def due(self, name: str) -> bool:
        if name != self.name:
            return False
        self.visits -= 1
        return self.visits == 0


def armed(environment: Mapping[str, str]) -> Countdown | None:
    """What `GATEWAY_KILL_AT` asks for, or None; a name nobody reaches is an error."""
    wanted = environment.get("GATEWAY_KILL_AT", "")
    if not wanted:
        return None
    name, _, visits = wanted.partition(":")
    if visits and not visits.isdecimal():
        raise SetupError(f"reading GATEWAY_KILL_AT: {visits!r} is not a number of visits")
    return Countdown(known(name), int(visits or 1))


def known(name: str) -> str:
    if name not in POINTS:
        raise SetupError(f"no fault point {name!r}; known: {', '.join(sorted(POINTS))}")
    return name


_COUNTDOWN = armed(os.environ)


def reach(name: str) -> None:
    """Says that the process stands at this point; ends it there when a test asked for that."""
    known(name)
    if _COUNTDOWN is not None and _COUNTDOWN.due(name):
        os.kill(os.getpid(), signal.SIGKILL)
