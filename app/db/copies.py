"""All rows of one database as a file of SQLite, and those of such a file in another database.

What is copied is one state: of a file by VACUUM INTO, of PostgreSQL in one serializable
transaction. Writers go on meanwhile.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, literal, select
from sqlalchemy.exc import DBAPIError

from app.db import migrate
from app.db.database import Database, VoiceAway, to_write
from app.db.tables import about, metadata
from geodata.errors import StoreError

#: Rows that are read and written at a time.
_TOGETHER: Final = 1_000
_ONE_STATE: Final[Mapping[str, Any]] = {
    "isolation_level": "SERIALIZABLE",
    "postgresql_readonly": True,
    "postgresql_deferrable": True,
}


class NotEmpty(StoreError):
    """A database in which something stands, and into which a copy was to be put."""


def save(database: Database, copy: Path, now: datetime) -> dict[str, int]:
    """Write a copy of a database into a new file of SQLite; how many rows of each table.

    Raises VoiceAway where the database cannot be read, and StoreError where it holds nothing yet.
    """
    try:
        if database.is_sqlite:
            migrate.write_copy(database, copy)
        else:
            _save_rows(database, copy, now)
    except DBAPIError as fault:
        raise VoiceAway from fault
    return counts(copy)


def restore(copy: Path, database: Database, now: datetime, *, replace: bool) -> dict[str, int]:
    """Put the rows of a copy into a database, all or nothing; how many of each table.

    A copy of an older program is brought to this one's tables first: the file is changed.
    `replace`: what stands in the database is deleted before, in the same transaction; tables of a
    newer program, which this one cannot read, are thrown away before that. Raises NotEmpty where
    something does and it is not to be replaced, NewerVoice for the copy of a newer program,
    OtherVoice for a database of another dataset, and VoiceAway.
    """
    source = Database(f"sqlite:///{copy}")
    try:
        name, synthetic = _whose(source)
        migrate.upgrade(source, name, synthetic=synthetic, now=now)
        try:
            migrate.upgrade(database, name, synthetic=synthetic, now=now)
        except migrate.NewerVoice:
            if not replace:
                raise
            migrate.throw_away(database)
            migrate.upgrade(database, name, synthetic=synthetic, now=now)
        with source.reading() as held, _writing(database) as target, target.begin():
            if not replace and any(_counts(target).values()):
                raise NotEmpty(
                    "something stands in this database already; nothing was changed. To throw that"
                    " away and put the backup there: --replace"
                )
            for table in reversed(metadata.sorted_tables):
                target.execute(delete(table))
            _copy_rows(held, target)
        return counts(copy)
    except DBAPIError as fault:
        raise VoiceAway from fault
    finally:
        source.close()


def counts(copy: Path) -> dict[str, int]:
    """How many rows stand in each table of a copy."""
    held = Database(f"sqlite:///{copy}")
    try:
        with held.reading() as connection:
            return _counts(connection)
    finally:
        held.close()


def _counts(connection: Connection) -> dict[str, int]:
    """Of every table but the one that says whose database it is."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
        if table is not about
    }


def _whose(database: Database) -> tuple[str, bool]:
    with database.reading() as connection:
        row = connection.execute(select(about)).one()
    return row.dataset, row.synthetic


def _save_rows(database: Database, copy: Path, now: datetime) -> None:
    name, synthetic = _whose(database)
    made = Database(f"sqlite:///{copy}")
    try:
        migrate.upgrade(made, name, synthetic=synthetic, now=now)
        whole = database.engine.connect().execution_options(**_ONE_STATE)
        with whole as held, held.begin(), _writing(made) as target, target.begin():
            target.execute(delete(about))
            _copy_rows(held, target)
    finally:
        made.close()


def _writing(database: Database) -> Connection:
    return to_write(database.engine)


def _copy_rows(held: Connection, target: Connection) -> None:
    """Every row of every table, parents before children, with their numbers."""
    for table in metadata.sorted_tables:
        rows = held.execution_options(yield_per=_TOGETHER).execute(select(table))
        for part in _parts(rows.mappings()):
            target.execute(insert(table), part)
        if "number" in table.c and target.dialect.name == "postgresql":
            # The next row of our own comes after those that were put here.
            sequence = func.pg_get_serial_sequence(table.name, "number")
            after = func.coalesce(func.max(table.c.number), 0) + 1
            target.execute(select(func.setval(sequence, after, literal(value=False))))


def _parts(rows: Any) -> Iterator[list[dict[str, Any]]]:
    for part in rows.partitions(_TOGETHER):
        yield [dict(row) for row in part]
