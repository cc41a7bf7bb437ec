"""Waiting for what must come true, on a machine of any speed."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

#: What has not come by then will not come.
PATIENCE_S: Final = 120.0
_BETWEEN_S: Final = 0.02


def until(
    true: Callable[[], object], what: str = "what was waited for", within_s: float = PATIENCE_S
) -> None:
    """Wait until this is true."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, f"{what} did not come within {within_s:g} s"
        time.sleep(_BETWEEN_S)


def kill_when(pid: int, true: Callable[[], bool]) -> None:
    """SIGKILL to a process at a moment at which this is true.

    Once it is true the process is stopped and looked at again, so that nothing changes between the
    look and the kill.
    """

    def is_caught() -> bool:
        if not true():
            return False
        os.kill(pid, signal.SIGSTOP)
        until(lambda: _state(pid) == "T", f"process {pid} standing still")
        if true():
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    until(is_caught, f"the moment to kill process {pid}")
    os.kill(pid, signal.SIGKILL)


def _state(pid: int) -> str:
    """R, S, D, T … (proc(5)); the name before it may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
