"""A database of what people say, as it is read and written: SQLite or PostgreSQL alike.

Reads are a transaction of their own. A write is a unit: a function of a connection that runs one to
three statements. Units that wait at the same time are written together, and acknowledged when what
they wrote is on the disk: one `fsync` serves them all. Where one of them fails after it wrote, all
are written anew, each behind a savepoint of its own; a unit may therefore run twice. Every
transaction that writes begins by taking the database's one place for writers (BEGIN IMMEDIATE), so
that no unit fails half way because another wrote meanwhile.
"""

import math
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as NotInTime
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    InternalError,
    InvalidRequestError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import QueuePool

from geodata.errors import StoreError

__all__ = ["Connection", "Database", "Unit", "VoiceAway", "address", "noted", "to_write"]

T = TypeVar("T")
Unit = Callable[[Connection], T]

#: How long a unit, or a reader, waits for its turn.
PATIENCE_S: Final = 2.0
#: How long somebody who sent something waits until it is safe.
ACKNOWLEDGED_S: Final = 2 * PATIENCE_S + 1
#: No transaction of PostgreSQL takes longer: then its server hangs.
LONGEST_S: Final = 30.0
#: Units written in one transaction.
MOST_TOGETHER: Final = 64
#: And no other is begun in it after so long: of a slow database those that were written are safe
#: before nobody waits for them any more, and no transaction grows too long to end.
MOST_TOGETHER_S: Final = 1.0
_SQLITE: Final = "sqlite"
_SCHEMA: Final = "voice_"
#: One place for writers in PostgreSQL, too: an advisory lock of the schema's transaction. In one
#: message, as each costs a way there and back.
_ONE_WRITER: Final = f"""
SET LOCAL lock_timeout = '{int(PATIENCE_S * 1000)}ms';
SET LOCAL statement_timeout = '{int(PATIENCE_S * 1000)}ms';
SELECT pg_advisory_xact_lock(hashtext(current_schema()))
"""
#: How often a writer of SQLite looks whether its place is free; SQLite itself would wait up to
#: 100 ms from one look to the next. Who has written leaves the place for two looks to others.
_LOOK_S: Final = 0.001
_LEFT_S: Final = 2 * _LOOK_S
#: Pages of SQLite's log that go into the file at once: each time costs two `fsync` more.
_LOG_PAGES: Final = 4_000
#: How often it is looked whether a line to PostgreSQL is to be cut.
_WATCH_S: Final = 0.1
_WRITES: Final = "writes"
#: What PostgreSQL's library says of a question without words.
_NOTHING_ASKED: Final = 0

#: What says that the database is not to be had: its own faults, and those of the pool before it.
_GONE: Final = (DBAPIError, DisconnectionError, InvalidRequestError, NoneFree)


class VoiceAway(StoreError):
    """The database of what people say is locked, full, gone or not answering; nothing was kept."""

    def __init__(self) -> None:
        super().__init__(
            "what people say cannot be read or kept at the moment; nothing was kept, try again in"
            " a few seconds"
        )


def address(home: Path, dataset: str, stated: str | None = None) -> URL:
    """Where what is said of a dataset stands: a file of the home, or, where the address of a
    PostgreSQL database is stated, a schema of its own in it.
    """
    if stated is None:
        return URL.create(_SQLITE, database=str(home / "voice" / f"{dataset}.db"))
    url = make_url(stated).set(drivername="postgresql+psycopg")
    return url.update_query_dict({"options": f"-csearch_path={_SCHEMA}{dataset}"})


class Database:
    """One database. Made once a process; threads share it."""

    def __init__(self, url: URL | str) -> None:
        self.url = make_url(url)
        self.engine = _engine(self.url)
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        self._left: list[_Waiting] = []
        """Of the last group those that came too late; they are first in the next."""
        self._starting = Lock()
        self._writer: Thread | None = None
        self._wrote_at = 0.0
        #: On the monotonic clock, until when no question waits for what is read here (voice/looks).
        self.late_until = -math.inf

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.get_backend_name() == _SQLITE

    @property
    def is_made(self) -> bool:
        """Whether its file is there; of a server's database, that is not known without asking."""
        return not (self.is_sqlite and self.url.database) or Path(self.url.database).exists()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database. Raises VoiceAway."""
        self._require()
        try:
            with (
                self.engine.connect() as connection,
                _patiently(connection),
                connection.begin(),
            ):
                yield connection
        except _GONE as fault:
            raise VoiceAway from fault

    def write(self, unit: Unit[T], within_s: float = ACKNOWLEDGED_S) -> T:
        """What a unit gives, after all that it wrote is safe. Raises VoiceAway, and what the unit
        raises; then nothing of it was written.

        A unit that could not be acknowledged within these seconds may yet be written: whoever asks
        again does so under the same Idempotency-Key.
        """
        self._require()
        done: Future[T] = Future()
        self._waiting.put((unit, done))
        self._start()
        try:
            return done.result(within_s)
        except NotInTime:
            done.cancel()
            raise VoiceAway from None

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _require(self) -> None:
        """A file is there: migrate.upgrade makes it, and nobody else. Raises VoiceAway."""
        if not self.is_made:
            raise VoiceAway

    def _start(self) -> None:
        with self._starting:
            if self._writer is None or not self._writer.is_alive():
                self._writer = Thread(target=self._write_on, name="voice-writer", daemon=True)
                self._writer.start()

    def _write_on(self) -> None:
        while True:
            self._write_next()

    def _write_next(self) -> None:
        """Wait for units and write them; who waits again holds on to none of them."""
        together = self._left or [self._waiting.get()]
        with suppress(Empty):
            while len(together) < MOST_TOGETHER:
                together.append(self._waiting.get_nowait())
        if self.is_sqlite:
            time.sleep(max(0.0, self._wrote_at + _LEFT_S - time.monotonic()))
        units = [each for each in together if not each[1].cancelled()]
        self._left = units[_write_together(self.engine, units) :]
        self._wrote_at = time.monotonic()


@dataclass(slots=True)
class _Writing:
    """A transaction that writes."""

    wrote: bool = False
    """Whether its present unit has written."""
    noted: dict[str, Any] = field(default_factory=dict)


def to_write(engine: Engine) -> Connection:
    """A connection whose transaction begins by taking the one place for writers."""
    return engine.connect().execution_options(writes=_Writing())


def noted(connection: Connection) -> dict[str, Any]:
    """What units of one transaction note for each other: what one has read, the next need not.

    Empty after a unit has failed. A connection that reads has a new one each time.
    """
    writing: _Writing | None = connection.get_execution_options().get(_WRITES)
    return {} if writing is None else writing.noted


class _Spoilt(Exception):
    """A unit failed after it wrote: what the others wrote goes with it."""


def _write_together(engine: Engine, units: "list[_Waiting]") -> int:
    """Write units in one transaction; once it is safe, tell each how it went. How many, from the
    first on.
    """
    try:
        try:
            outcomes = _written(engine, units, _plainly)
        except _Spoilt:
            outcomes = _written(engine, units, _apart)
    except _GONE as fault:
        outcomes = [_Outcome(done.set_exception, _away(fault)) for _, done in units]
    for outcome in outcomes:
        with suppress(InvalidStateError):  # nobody waits for it any more
            outcome.say(outcome.what)
    return len(outcomes)


class _Outcome(NamedTuple):
    """What there is to say of a unit, and to whom."""

    say: Callable[[Any], None]
    what: Any


_Waiting = tuple[Unit[Any], "Future[Any]"]
_Way = Callable[[Connection, Unit[Any], "Future[Any]"], _Outcome]


def _written(engine: Engine, units: list[_Waiting], way: _Way) -> list[_Outcome]:
    """The outcomes of units, once they are safe: of all that could be begun in time."""
    outcomes: list[_Outcome] = []
    with (
        to_write(engine) as connection,
        _patiently(connection),
        connection.begin(),
    ):
        ends = time.monotonic() + MOST_TOGETHER_S
        for unit, done in units:
            if outcomes and time.monotonic() > ends:
                break
            outcomes.append(way(connection, unit, done))
    return outcomes


def _plainly(connection: Connection, unit: Unit[Any], done: Future[Any]) -> _Outcome:
    """Write a unit. Raises _Spoilt where it failed after it wrote, or the transaction with it."""
    writing: _Writing = connection.get_execution_options()[_WRITES]
    writing.wrote = False
    try:
        return _Outcome(done.set_result, unit(connection))
    except DBAPIError as fault:
        if _is_operational(fault):
            raise
        raise _Spoilt from fault
    except Exception as fault:
        if writing.wrote:
            raise _Spoilt from fault
        return _Outcome(done.set_exception, fault)


def _apart(connection: Connection, unit: Unit[Any], done: Future[Any]) -> _Outcome:
    """Write a unit behind a savepoint. Raises DBAPIError where the transaction cannot go on."""
    try:
        with connection.begin_nested():
            return _Outcome(done.set_result, unit(connection))
    except DBAPIError as fault:
        noted(connection).clear()
        if _is_operational(fault):
            raise
        return _Outcome(done.set_exception, fault)
    except Exception as fault:  # noqa: BLE001  # the unit's own, for whoever asked for it
        noted(connection).clear()
        return _Outcome(done.set_exception, fault)


def _note_writing(connection: Connection, _cursor: Any, statement: str, *_others: object) -> None:
    writing: _Writing | None = connection.get_execution_options().get(_WRITES)
    if writing is not None and not statement.lstrip()[:6].upper().startswith("SELECT"):
        writing.wrote = True


def _is_operational(fault: DBAPIError) -> bool:
    """Whether it is the database's state, not the unit's words, that failed it."""
    return fault.connection_invalidated or isinstance(
        fault, OperationalError | InternalError | InterfaceError
    )


def _away(fault: Exception) -> VoiceAway:
    away = VoiceAway()
    away.__cause__ = fault
    return away


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == _SQLITE:
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=56,
            pool_timeout=PATIENCE_S,
            connect_args={"timeout": PATIENCE_S, "check_same_thread": False},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "before_cursor_execute", _note_writing)
        return engine
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=56,
        pool_timeout=PATIENCE_S,
        pool_use_lifo=True,  # whoever has prepared the statements writes the next ones, too
        connect_args={"connect_timeout": int(PATIENCE_S)},
    )
    event.listen(engine, "checkout", _require_answers)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "before_cursor_execute", _note_writing)
    return engine


def _require_answers(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection of the pool still answers, and soon; else another is made."""
    try:
        with _in_time(connection):
            told = connection.pgconn.exec_(b"")  # no transaction, one way there and back
    except Exception as fault:
        raise DisconnectionError from fault
    if told.status != _NOTHING_ASKED:
        raise DisconnectionError


@contextmanager
def _in_time(connection: Any, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """What is asked of PostgreSQL within is answered in time, or its line is cut: a server that
    hangs keeps its lines open and says nothing, and no setting of its own would end that.
    """
    line = socket.socket(fileno=os.dup(connection.fileno()))
    _WATCH.begin(line, time.monotonic() + patience_s)
    try:
        yield
    finally:
        _WATCH.end(line)


class _Watch:
    """Cuts the lines whose time is over: one thread for all of a process."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._ends: dict[socket.socket, float] = {}
        self._any = Event()
        self._watcher: Thread | None = None

    def begin(self, line: socket.socket, ends: float) -> None:
        """Cut a line at an instant of the monotonic clock."""
        with self._changing:
            self._ends[line] = ends
            if self._watcher is None or not self._watcher.is_alive():
                self._watcher = Thread(target=self._watch, name="voice-watch", daemon=True)
                self._watcher.start()
        self._any.set()

    def end(self, line: socket.socket) -> None:
        """All was answered in time."""
        with self._changing:
            del self._ends[line]
            line.close()

    def _watch(self) -> None:
        while self._any.wait():
            with self._changing:
                now = time.monotonic()
                for line in [line for line, ends in self._ends.items() if ends <= now]:
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)
                if not self._ends:
                    self._any.clear()
            time.sleep(_WATCH_S)


_WATCH: Final = _Watch()


@contextmanager
def _patiently(connection: Connection) -> Iterator[None]:
    """The same of a connection of SQLAlchemy; a file has its own patience."""
    if connection.dialect.name == _SQLITE:
        yield
        return
    with _in_time(connection.connection.driver_connection, LONGEST_S):
        yield


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` begins them
    # What is deleted is overwritten: the key of a letter must not live on in a free page.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"wal_autocheckpoint={_LOG_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if _WRITES not in connection.get_execution_options():
        connection.exec_driver_sql("BEGIN")
        return
    file: Any = connection.connection.driver_connection
    ends = time.monotonic() + PATIENCE_S
    file.execute("PRAGMA busy_timeout=0")
    try:
        while not (is_begun := _has_begun(file)) and time.monotonic() < ends:
            time.sleep(_LOOK_S)
        if not is_begun:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what is in the way
    finally:
        file.execute(f"PRAGMA busy_timeout={int(PATIENCE_S * 1000)}")


def _has_begun(file: Any) -> bool:
    """Take a file's one place for writers, if it is free."""
    try:
        file.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def _begin_postgresql(connection: Connection) -> None:
    if _WRITES in connection.get_execution_options():
        connection.exec_driver_sql(_ONE_WRITER)
