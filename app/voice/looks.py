"""When a worker looks what was written, and for how long a question waits for that.

A look is made by a thread, one at a time. Who asks waits for it while the database is quick; while
it is slow, hangs or is gone, one question in a while finds that out, and all others are answered by
what is known.
"""

import logging
import math
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any, Final

from app.db.database import Database, VoiceAway

#: How often a worker looks what was written.
LOOK_EVERY_S: Final = 2.0
#: A question waits so long for a look, and no longer.
PATIENCE_S: Final = 0.5
#: After a look that takes longer nobody waits for any at the same database, until so much later.
_LATE_FOR_S: Final = 10.0

_log = logging.getLogger(__name__)


class Looks:
    """The looks of one worker at one thing; threads share it."""

    def __init__(self, database: Database, look: Callable[..., None], kept: str) -> None:
        """`look` reads what is new and may raise VoiceAway; `kept` says in the log what stays as it
        was then.
        """
        self._database, self._look, self._kept = database, look, kept
        self._changing = Lock()
        self._ended: Event | None = None
        self._looked_at: float | None = None
        self.is_hurried = False

    @property
    def since_s(self) -> float:
        """How long ago the last one ended; infinite: none has."""
        return math.inf if self._looked_at is None else time.monotonic() - self._looked_at

    @property
    def is_due(self) -> bool:
        """Whether a question looks before it is answered."""
        return self.is_hurried or self.since_s >= LOOK_EVERY_S

    def hurry(self) -> None:
        """The next question looks: this worker itself has written."""
        self.is_hurried = True

    def first(self, *told: Any) -> None:
        """Look before a question is answered, for as long as it has patience. While another looks
        only those wait who know nothing yet, or have written since that began.
        """
        is_new, ended = self._begin(told)
        if not is_new:
            if self._looked_at is not None and not self.is_hurried:
                return
            self._wait(ended)
            if not self.is_hurried:
                return
            _, ended = self._begin(told)
        self._wait(ended)

    def now(self, *told: Any) -> None:
        """The same whenever it is asked, of what is read rarely."""
        self.hurry()
        self.first(*told)

    def beside(self, *told: Any) -> None:
        """Look while questions are answered by what is known."""
        self._begin(told)

    def _wait(self, ended: Event) -> None:
        patience_s = PATIENCE_S if time.monotonic() >= self._database.late_until else 0.0
        if not ended.wait(patience_s) and patience_s:
            self._database.late_until = time.monotonic() + _LATE_FOR_S

    def _begin(self, told: tuple[Any, ...]) -> tuple[bool, Event]:
        """Whether a look began now or another is under way, and its end."""
        with self._changing:
            if self._ended is not None and not self._ended.is_set():
                return False, self._ended
            ended = Event()
            thread = Thread(target=self._run, args=(ended, told), name="voice-look", daemon=True)
            self.is_hurried = False
            thread.start()
            self._ended = ended
            return True, ended

    def _run(self, ended: Event, told: tuple[Any, ...]) -> None:
        began = time.monotonic()
        try:
            self._look(*told)
        except VoiceAway as fault:
            _log.warning("keeping %s: %s", self._kept, str(fault))  # no frames kept
        except Exception:  # noqa: BLE001  # its thread has nobody to tell, and the next may succeed
            _log.exception("looking what was said failed; keeping %s", self._kept)
        finally:
            self._looked_at = now = time.monotonic()
            late = now - began > PATIENCE_S
            self._database.late_until = now + _LATE_FOR_S if late else -math.inf
            ended.set()
