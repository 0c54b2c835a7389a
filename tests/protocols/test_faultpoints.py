"""The points at which a test kills the process: named, counted, and harmless when nobody asks."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from gateway.errors import SetupError
from gateway.faultpoints import POINTS, armed, reach


def test_a_point_is_nothing_when_nobody_asks():
    for name in POINTS:
        reach(name)


@pytest.mark.parametrize(("asked", "why"), [("folder.nowhere", "known: "), ("folder.after_take:x", "visits")])
def test_a_point_nobody_reaches_is_an_error(asked, why):
    with pytest.raises(SetupError, match=why):
        armed({"GATEWAY_KILL_AT": asked})


def test_an_unnamed_point_is_an_error():
    with pytest.raises(SetupError, match="no fault point"):
        reach("folder.nowhere")


def test_the_wanted_visit_is_due_and_no_other():
    countdown = armed({"GATEWAY_KILL_AT": "folder.after_take:3"})
    visits = [
        countdown.due(name)
        for name in ("folder.after_take", "folder.after_done") + ("folder.after_take",) * 3
    ]
    assert visits == [False, False, False, True, False]


def test_the_process_ends_there_at_once():
    code = "from gateway.faultpoints import reach\nreach('folder.after_done')\nreach('folder.after_take')\nprint('on')"
    command = [sys.executable, "-c", code]
    killed = subprocess.run(
        command, env={"GATEWAY_KILL_AT": "folder.after_take"}, capture_output=True, timeout=30
    )
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b"")
