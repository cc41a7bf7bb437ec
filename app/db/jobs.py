"""Jobs in the database: what is to be done, who is at it, how far it is, and what came of it.

Functions of a unit's connection. Whoever works on a job holds a lease, and the number of its turn:
who comes back after a lease has run out, and finds another turn, has lost it and writes nothing.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from app.db.tables import job, job_file

#: A job that ended so many processes is not begun again.
MOST_TURNS: Final = 3


class JobState(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: States that a job does not leave.
OVER: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class StoredJob(NamedTuple):
    """A job as it stands in its table."""

    id: str
    kind: str
    district: str
    street: str
    details: dict[str, Any]
    by: str
    made_at: datetime
    state: str = JobState.WAITING
    turn: int = 0
    lease_until: datetime | None = None
    done: int = 0
    total: int = 0
    cancelled: bool = False
    """Whether somebody asked that it ends."""
    ended_at: datetime | None = None
    outcome: dict[str, Any] = {}  # noqa: RUF012  # never changed


class Beaten(NamedTuple):
    """What whoever works on a job hears."""

    is_mine: bool
    cancelled: bool


_JOB: Final = [job.c[name] for name in StoredJob._fields]


def add(connection: Connection, made: StoredJob) -> None:
    """Write a job that waits."""
    connection.execute(insert(job).values(made._asdict()))


def get(connection: Connection, job_id: str) -> StoredJob | None:
    """A job by its id."""
    row = connection.execute(select(*_JOB).where(job.c.id == job_id)).one_or_none()
    return StoredJob(*row) if row else None


def newest(connection: Connection, most: int, kind: str | None = None) -> list[StoredJob]:
    """The newest jobs first, of one kind or of all."""
    asked = select(*_JOB).order_by(job.c.number.desc()).limit(most)
    rows = connection.execute(asked.where(job.c.kind == kind) if kind else asked)
    return [StoredJob(*row) for row in rows]


def newest_of_layers(
    connection: Connection, kind: str, name: str
) -> list[tuple[StoredJob, bytes | None]]:
    """Of each layer that outcomes name the newest job of a kind that is done, the newest first;
    with what came of it by a name. However many jobs came after it.
    """
    layer = job.c.outcome["layer"].as_string()
    done = select(func.max(job.c.number)).where(job.c.kind == kind, job.c.state == JobState.DONE)
    of_it = and_(job_file.c.job == job.c.id, job_file.c.name == name)
    asked = select(*_JOB, job_file.c.body).outerjoin(job_file, of_it)
    asked = asked.where(job.c.number.in_(done.where(layer != "").group_by(layer)))
    rows = connection.execute(asked.order_by(job.c.number.desc()))
    return [(StoredJob(*row[:-1]), row[-1]) for row in rows]


def free(connection: Connection, now: datetime) -> str | None:
    """The id of the oldest job that nobody is at: it waits, or its lease has run out."""
    asked = select(job.c.id).where(_is_free(now)).order_by(job.c.number).limit(1)
    return connection.execute(asked).scalar()


def claim(connection: Connection, job_id: str, now: datetime, until: datetime) -> StoredJob | None:
    """Take a job that nobody is at, for a new turn; None: it is over, or somebody is at it."""
    asked = select(*_JOB).where(job.c.id == job_id, _is_free(now))
    row = connection.execute(asked.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    held = StoredJob(*row)
    turn = held.turn + 1
    state = JobState.FAILED if turn > MOST_TURNS else JobState.RUNNING
    values: dict[str, Any] = {"state": state, "turn": turn, "lease_until": until}
    if state is JobState.FAILED:
        values |= {"ended_at": now, "outcome": {"gave_up": held.turn}}
    connection.execute(update(job).where(job.c.id == job_id).values(values))
    return None if state is JobState.FAILED else held._replace(**values)


def beat(connection: Connection, held: StoredJob, until: datetime, done: int, total: int) -> Beaten:
    """Say that somebody is still at a job, and how far it is."""
    mine = (job.c.id == held.id, job.c.turn == held.turn, job.c.state == JobState.RUNNING)
    values = {"lease_until": until, "done": done, "total": total}
    if connection.execute(update(job).where(*mine).values(values)).rowcount == 0:
        return Beaten(is_mine=False, cancelled=False)
    cancelled = connection.execute(select(job.c.cancelled).where(job.c.id == held.id)).scalar()
    return Beaten(is_mine=True, cancelled=bool(cancelled))


def end(
    connection: Connection,
    held: StoredJob,
    state: JobState,
    outcome: dict[str, Any],
    now: datetime,
    files: dict[str, bytes],
) -> bool:
    """Write how a job ended, if it is still this turn's; False: another has taken it over."""
    mine = (job.c.id == held.id, job.c.turn == held.turn, job.c.state == JobState.RUNNING)
    values = {"state": state, "outcome": outcome, "ended_at": now, "lease_until": None}
    if connection.execute(update(job).where(*mine).values(values)).rowcount == 0:
        return False
    connection.execute(delete(job_file).where(job_file.c.job == held.id))
    rows = [{"job": held.id, "name": name, "body": body} for name, body in files.items()]
    if rows:
        connection.execute(insert(job_file), rows)
    return True


def cancel(connection: Connection, job_id: str, now: datetime) -> None:
    """Ask that a job ends; one that nobody has begun ends at once."""
    connection.execute(update(job).where(job.c.id == job_id).values(cancelled=True))
    waits = (job.c.id == job_id, job.c.state == JobState.WAITING)
    ended = {"state": JobState.CANCELLED, "ended_at": now}
    connection.execute(update(job).where(*waits).values(ended))


def file(connection: Connection, job_id: str, name: str) -> bytes | None:
    """What came of a job, by its name."""
    asked = select(job_file.c.body).where(job_file.c.job == job_id, job_file.c.name == name)
    return connection.execute(asked).scalar()


def _is_free(now: datetime) -> Any:
    waits = job.c.state == JobState.WAITING
    left = (job.c.state == JobState.RUNNING) & (job.c.lease_until < now)
    return or_(waits, left)
