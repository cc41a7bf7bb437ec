"""Keeps the home folder's copy of a shared dataset up to date.

Answers nothing, and no request ever waits for it.

A server answers from its own copy, so a database that is slow, hung or down only makes that copy
older. Of all processes that share a home one follows, whichever holds the lock; when it dies the
kernel lets go and another does.
"""

import fcntl
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geodata.errors import StoreError
from geodata.store.files import Dataset, Pointer

if TYPE_CHECKING:  # most servers have no database, and none of its packages
    from geodata.store.postgis import SharedDataset

#: The database tells us of a new version at once; a line that has gone dead without a word is found
#: out by asking.
ASK_EVERY_S: Final = 4.0
#: Between two tries at a database that is away, and at the lock.
PAUSE_S: Final = 1.0
#: After so long without a word from the database the server calls itself degraded.
SILENT_S: Final = 15.0

_log = logging.getLogger(__name__)


class Follower:
    """Pulls what becomes current in the database.

    What is published in the home itself stays until then.
    """

    def __init__(self, shared: "SharedDataset", local: Dataset) -> None:
        self._shared, self._local = shared, local
        self._taken: Pointer | None = None
        self._fault: str | None = None

    def start(self) -> None:
        """Follow from now on, in a thread that ends with the process."""
        self._local.folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._run, name="follower", daemon=True).start()

    @property
    def heard_ago_s(self) -> float | None:
        """How long ago whoever follows last heard from the database; None: never."""
        try:
            return max(0.0, time.time() - self._heard.stat().st_mtime)
        except FileNotFoundError:
            return None

    @property
    def degraded(self) -> bool:
        """Whether the database has been silent for so long that the data may be old."""
        ago_s = self.heard_ago_s
        return ago_s is None or ago_s > SILENT_S

    def _run(self) -> None:
        while True:
            with self._elected() as elected:
                if elected:
                    self._follow()
            time.sleep(PAUSE_S)

    def _follow(self) -> None:
        try:
            for current in self._shared.changes(ASK_EVERY_S):
                if current is not None and current != self._taken:
                    self._shared.pull(self._local, current)
                    self._taken = current
                self._heard.touch()
                self._say(None)
        except (StoreError, OSError) as fault:
            self._say(str(fault))

    def _say(self, fault: str | None) -> None:
        """Once per change, not once per try."""
        if fault != self._fault:
            _log.warning(
                "%s",
                f"keeping the last good data: {fault}" if fault else "the database answers again",
            )
        self._fault = fault

    @property
    def _heard(self) -> Path:
        return self._local.folder / ".heard"

    @contextmanager
    def _elected(self) -> Iterator[bool]:
        with (self._local.folder / ".follower").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
