"""A database comes to the tables that this program speaks with; done once, before workers start.

A file is copied beside itself before its tables change. A database that a newer program made is
refused: to go back is `nuanfeng voice downgrade`, run by that program.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files as resources
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.db.database import Database, VoiceAway, to_write
from app.db.tables import about
from geodata.errors import StoreError

#: The step of migrations/ that this program speaks with.
REVISION: Final = "0001"


class NewerVoice(StoreError):
    """A database that a newer program has changed."""


class OtherVoice(StoreError):
    """A database of another dataset, or of a synthetic one for a real one, or the reverse."""


def upgrade(database: Database, dataset: str, *, synthetic: bool, now: datetime) -> None:
    """Bring a database to REVISION, and say in it whose it is.

    Raises NewerVoice, OtherVoice, and VoiceAway where it cannot be reached.
    """
    try:
        _schema(database)
        at = revision(database)
        if at == REVISION:
            return _own(database, dataset, synthetic=synthetic, now=now)
        script = ScriptDirectory.from_config(_config())
        if at is not None and at not in {step.revision for step in script.walk_revisions()}:
            raise NewerVoice(
                "what people said stands in a database of a newer program (step {at}; this one"
                " knows {known}); install the newer program again",
                at=at,
                known=REVISION,
            )
        if at is not None:
            copy_beside(database, at)
        with to_write(database.engine) as connection:
            _run(connection, command.upgrade, REVISION)
    except DBAPIError as fault:
        raise VoiceAway from fault
    return _own(database, dataset, synthetic=synthetic, now=now)


def downgrade(database: Database, step: str) -> None:
    """Bring a database back to an older step. Raises NewerVoice where there is no such step."""
    try:
        with to_write(database.engine) as connection:
            _run(connection, command.downgrade, step)
    except CommandError as fault:
        raise NewerVoice("there is no step {step} to go back to", step=step) from fault


def revision(database: Database) -> str | None:
    """The step that a database is at; None: it has no tables yet."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def throw_away(database: Database) -> None:
    """Make room where a newer program's tables stand: a file is put aside, PostgreSQL's schema of
    the dataset is dropped.
    """
    database.close()
    if database.is_sqlite:
        held = Path(str(database.url.database))
        for part in (held, *held.parent.glob(f"{held.name}-*")):
            part.replace(part.with_name(f"{part.name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
        return
    quoted = database.engine.dialect.identifier_preparer.quote(schema_of(database.url) or "")
    with database.engine.connect() as connection, connection.begin():
        connection.execute(text(f"DROP SCHEMA {quoted} CASCADE"))


def owner(database: Database) -> str | None:
    """The dataset that a database of this program's tables is of; None: it does not say yet."""
    with database.reading() as connection:
        name: str | None = connection.execute(select(about.c.dataset)).scalar_one_or_none()
    return name


def differences(database: Database) -> list[object]:
    """What `alembic check` would find: how the tables differ from tables.py; empty: not at all."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from app.db.tables import metadata

    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def copy_beside(database: Database, step: str) -> Path | None:
    """A copy of a file as it is, named by its step; None where the database is no file."""
    if not database.is_sqlite:
        return None
    held = Path(str(database.url.database))
    copy = held.with_name(f"{held.stem}.{step}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db")
    write_copy(database, copy)
    return copy


def write_copy(database: Database, copy: Path) -> None:
    """Write a file as it is at this moment into a new one; who writes into it waits for nobody."""
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[union-attr]  # of an open connection


def _schema(database: Database) -> None:
    """The file, or PostgreSQL's schema of the dataset, named by the connection's search path."""
    if database.is_sqlite:
        held = Path(str(database.url.database))
        held.parent.mkdir(parents=True, exist_ok=True)
        held.touch()
    name = schema_of(database.url)
    if name is None:
        return
    connected = database.engine.connect()
    quoted = connected.dialect.identifier_preparer.quote(name)
    with connected as connection, connection.begin():
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))


def schema_of(url: URL) -> str | None:
    """The schema that an address names; None: SQLite has none."""
    options = str(url.query.get("options", ""))
    return options.removeprefix("-csearch_path=") or None


def _run(connection: Connection, verb: Callable[[Config, str], object], step: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    verb(config, step)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources("app.db") / "migrations"))
    return config


def _own(database: Database, dataset: str, *, synthetic: bool, now: datetime) -> None:
    with database.reading() as connection:
        held = connection.execute(select(about)).one_or_none()
    if held is None:
        row = {"dataset": dataset, "synthetic": synthetic, "made_at": now}
        database.write(lambda connection: connection.execute(insert(about).values(row)))
        return
    if (held.dataset, held.synthetic) != (dataset, synthetic):
        raise OtherVoice(
            "what people said of {held} stands in this database; that of {dataset} is kept apart",
            held=held.dataset,
            dataset=dataset,
        )
