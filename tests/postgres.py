"""A PostgreSQL cluster of the tests' own: made in a folder that goes with it, reached by a socket
in there.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from tests.patience import PATIENCE_S, until

MISSING: Final = "there is no PostgreSQL with PostGIS here; apt-get install postgresql-15-postgis-3"
#: root may run no server; Debian's package brings this user.
USER: Final = "postgres"


def programs() -> Path | None:
    """The folder of a server that has PostGIS, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if named := shutil.which("postgres"):
        found.append(Path(named).resolve().parent)
    return next((folder for folder in sorted(found, reverse=True) if _has_postgis(folder)), None)


def _has_postgis(folder: Path) -> bool:
    told = subprocess.run(
        [folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False
    )
    shares = [
        Path("/usr/share/postgresql") / folder.parent.name,
        Path(told.stdout.strip() or "/nowhere"),
    ]
    return any((share / "extension" / "postgis.control").is_file() for share in shares)


@contextmanager
def cluster(folder: Path, *, is_durable: bool = False) -> Iterator[str]:
    """The address of an empty database on a running server, stopped at the end.

    `folder` holds programs(). Only one that is durable waits for the disk.
    """
    user = USER if os.geteuid() == 0 else None
    home = Path(
        tempfile.mkdtemp(prefix="nuanfeng-pg-", dir="/tmp")
    )  # a socket's path must be short
    try:
        if user:
            shutil.chown(home, user)
        make = [
            folder / "initdb",
            "-D",
            home / "data",
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(make, user=user, cwd=home, check=True, capture_output=True)
        options = [
            "-k",
            home,
            "-c",
            "listen_addresses=",
            "-c",
            f"fsync={'on' if is_durable else 'off'}",
            "-c",
            "log_min_messages=fatal",
        ]
        with subprocess.Popen(
            [folder / "postgres", "-D", home / "data", *options], user=user, cwd=home
        ) as server:
            try:
                yield _ready(f"postgresql://{USER}@/postgres?host={home}")
            finally:
                server.send_signal(signal.SIGINT)  # ends sessions and stops
                server.wait(timeout=PATIENCE_S)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _ready(url: str) -> str:
    def answers() -> bool:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return False
        return True

    until(answers, "PostgreSQL")
    return url


@contextmanager
def database(server: str, name: str, template: str = "template1") -> Iterator[str]:
    """The address of a new database of that server, dropped at the end with whoever is
    still in it.
    """
    with psycopg.connect(server, autocommit=True) as at:
        at.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(server, autocommit=True) as at:
            at.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
