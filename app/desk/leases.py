"""Jobs: who begins them, and how a process holds on to one.

A job is done by a process of its own, `nuanfeng job run ID`. It says every few seconds that it
lives; when it has not for as long as its lease runs, any server of the database begins the job
again. What a process wrote of a job that it had lost by then is not taken.
"""

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any, Final

from app.db import jobs as stored
from app.db.database import Database, VoiceAway
from app.db.jobs import JobState, StoredJob
from app.desk.roles import Location
from geodata.errors import NuanfengError, StoreError

#: How often a process says that it lives, and how long it is believed.
BEAT_S: Final = 2.0
LEASE: Final = timedelta(seconds=20)
#: How often a server looks for jobs that nobody is at.
LOOK_S: Final = 3.0


class JobCancelled(NuanfengError):
    """Somebody asked that a job ends."""


class JobLost(StoreError):
    """Another process has taken a job over."""


class Lease:
    """A job in the hands of this process."""

    def __init__(self, database: Database, job: StoredJob, lease: timedelta = LEASE) -> None:
        self.database, self.job = database, job
        self._lease = lease
        self._done = self._total = 0
        self._over = Event()
        self._cancelled = self._lost = False

    def heard(self, done: int, of: int | None = None) -> None:
        """How far it is. Raises JobCancelled and JobLost."""
        self._done, self._total = done, of or self._total
        self._require()

    def require(self) -> None:
        """Ask now, before something is done that cannot be taken back.

        Raises JobCancelled and JobLost.
        """
        self.beat()
        self._require()

    def beat(self) -> None:
        """Say that this process lives."""
        until = datetime.now(UTC) + self._lease
        said = self.database.write(
            lambda connection: stored.beat(connection, self.job, until, self._done, self._total)
        )
        self._lost = self._lost or not said.is_mine
        self._cancelled = self._cancelled or said.cancelled

    def end(
        self, state: JobState, outcome: dict[str, Any], files: dict[str, bytes] | None = None
    ) -> bool:
        """Write how it ended; False: another process has taken it over."""
        now, made = datetime.now(UTC), files or {}
        return self.database.write(
            lambda connection: stored.end(connection, self.job, state, outcome, now, made)
        )

    @contextmanager
    def beating(self, every_s: float = BEAT_S) -> Iterator[None]:
        """Say it again and again, beside the work."""
        thread = Thread(target=self._beat_on, args=(every_s,), name="job-beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _beat_on(self, every_s: float) -> None:
        while not self._over.wait(every_s):
            with suppress(VoiceAway):  # the lease outlasts a database that is away for a while
                self.beat()

    def _require(self) -> None:
        if self._lost:
            raise JobLost("another process has taken this job over")
        if self._cancelled:
            raise JobCancelled("It was cancelled; nothing was published.")


def take(database: Database, job_id: str, lease: timedelta = LEASE) -> Lease | None:
    """A job that nobody is at; None: somebody is, or it is over."""
    now = datetime.now(UTC)
    held = database.write(lambda connection: stored.claim(connection, job_id, now, now + lease))
    return Lease(database, held, lease) if held else None


def new_job(
    kind: str, where: Location, details: dict[str, Any], by: str, now: datetime
) -> StoredJob:
    """A job to be written."""
    return StoredJob(secrets.token_hex(6), kind, where.district, where.street, details, by, now)


class Keeper:
    """Begins jobs that nobody is at, one at a time a server process."""

    def __init__(self, database: Database, dataset: str) -> None:
        self._database, self._dataset = database, dataset
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Look again and again, in a thread of its own."""
        Thread(target=self._look_on, name="jobs", daemon=True).start()

    def look(self) -> str | None:
        """Begin a job that nobody is at; its id. None: there is none, or one is begun already."""
        if self._child is not None and self._child.poll() is None:
            return None
        with self._database.reading() as connection:
            job_id = stored.free(connection, datetime.now(UTC))
        if job_id is not None:
            self._child = begun(job_id, self._dataset)
        return job_id

    def _look_on(self) -> None:
        waits: Callable[[float], bool] = Event().wait
        while not waits(LOOK_S):
            with suppress(VoiceAway, OSError):
                self.look()


def begun(job_id: str, dataset: str) -> "subprocess.Popen[bytes]":
    """A process that does a job; it goes on when its server ends."""
    command = [sys.executable, "-m", "app", "job", "run", job_id, "--dataset", dataset]
    return subprocess.Popen(  # noqa: S603  # our own program, and an id that we made
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
