"""A database of what people say, as it is read and written: SQLite or PostgreSQL alike.

Reads are a transaction of their own. A write is a unit: a function of a connection that runs one to
three statements. Units that wait at the same time are written together, each behind a savepoint of
its own, and acknowledged when what they wrote is on the disk: one `fsync` serves them all. Every
transaction that writes begins by taking the database's one place for writers (BEGIN IMMEDIATE), so
that no unit fails half way because another wrote meanwhile.
"""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as NotInTime
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread, Timer
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
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

__all__ = ["Connection", "Database", "Unit", "VoiceAway", "address"]

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
_SQLITE: Final = "sqlite"
_SCHEMA: Final = "voice_"
#: One place for writers in PostgreSQL, too: an advisory lock of the schema's transaction.
_ONE_WRITER: Final = text("SELECT pg_advisory_xact_lock(hashtext(current_schema()))")

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
        self._waiting: SimpleQueue[tuple[Unit[Any], Future[Any]]] = SimpleQueue()
        self._starting = Lock()
        self._writer: Thread | None = None

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
        together = [self._waiting.get()]
        with suppress(Empty):
            while len(together) < MOST_TOGETHER:
                together.append(self._waiting.get_nowait())
        _write_together(self.engine, [each for each in together if not each[1].cancelled()])


def _write_together(engine: Engine, units: list[tuple[Unit[Any], Future[Any]]]) -> None:
    """Write units in one transaction; once it is safe, tell each how it went."""
    outcomes: list[_Outcome] = []
    try:
        with (
            engine.connect().execution_options(writes=True) as connection,
            _patiently(connection),
            connection.begin(),
        ):
            outcomes.extend(_outcome(connection, unit, done) for unit, done in units)
    except _GONE as fault:
        outcomes = [_Outcome(done.set_exception, _away(fault)) for _, done in units]
    for outcome in outcomes:
        with suppress(InvalidStateError):  # nobody waits for it any more
            outcome.say(outcome.what)


class _Outcome(NamedTuple):
    """What there is to say of a unit, and to whom."""

    say: Callable[[Any], None]
    what: Any


def _outcome(connection: Connection, unit: Unit[Any], done: Future[Any]) -> _Outcome:
    """Write a unit behind a savepoint. Raises DBAPIError where the transaction cannot go on."""
    try:
        with connection.begin_nested():
            return _Outcome(done.set_result, unit(connection))
    except DBAPIError as fault:
        if _is_operational(fault):
            raise
        return _Outcome(done.set_exception, fault)
    except Exception as fault:  # noqa: BLE001  # the unit's own, for whoever asked for it
        return _Outcome(done.set_exception, fault)


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
        return engine
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=56,
        pool_timeout=PATIENCE_S,
        connect_args={"connect_timeout": int(PATIENCE_S)},
    )
    event.listen(engine, "checkout", _require_answers)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _require_answers(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection of the pool still answers, and soon; else another is made."""
    try:
        with _in_time(connection):
            connection.execute("SELECT 1")
            connection.rollback()
    except Exception as fault:
        raise DisconnectionError from fault


@contextmanager
def _in_time(connection: Any, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """What is asked of PostgreSQL within is answered in time, or its line is cut: a server that
    hangs keeps its lines open and says nothing, and no setting of its own would end that.
    """
    line = socket.socket(fileno=os.dup(connection.fileno()))
    cut = Timer(patience_s, _cut, [line])
    cut.daemon = True
    cut.start()
    try:
        yield
    finally:
        cut.cancel()
        line.close()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


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
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(PATIENCE_S * 1000)}ms'")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{int(PATIENCE_S * 1000)}ms'")
        connection.execute(_ONE_WRITER)
