"""A backup holds what was said and what answers, and goes into either database."""

import io
import json
import shutil
import tarfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from app.cli.main import cli
from app.db import copies
from app.db.copies import NotEmpty
from app.db.database import Database, address
from app.db.tables import about, metadata, salt
from app.ops import backup
from app.ops.backup import BadBackup
from app.request import queries
from app.settings import Settings
from app.voice.keys import KeyRing
from app.voice.setting_up import make_ready, voice_of
from geodata.store.files import Dataset, RoadNetwork
from tests.app.conftest import publish
from tests.app.db.conftest import NOW

DEMO = "demo"


@pytest.fixture
def said(demo_home: Path, tmp_path: Path) -> Path:
    """A home with the demo city, its reports and its letters."""
    home = tmp_path / "said"
    shutil.copytree(demo_home / "datasets", home / "datasets")
    publish(home, tmp_path)
    ready(home)
    return home


def ready(home: Path, url: str | None = None) -> None:
    voice = voice_of(Settings(home, DEMO, voice_url=url))
    make_ready(voice, Dataset(home, DEMO).load(), DEMO, queries.now())
    voice.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str | None]:
    """An empty home, with its own file or a PostgreSQL database."""
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    return tmp_path / "elsewhere", url


def run(home: Path, *words: str, url: str | None = None, network: str = "grid") -> Result:
    environ = {"NUANFENG_HOME": str(home), "NUANFENG_NETWORK": network}
    environ |= {"NUANFENG_VOICE_URL": url or "", "NUANFENG_DATABASE_URL": ""}
    return CliRunner().invoke(cli, [*words, "--lang", "en"], env=environ)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def rows_at(home: Path, url: str | None = None) -> dict[str, list[tuple[object, ...]]]:
    database = Database(address(home, DEMO, url))
    try:
        return rows(database)
    finally:
        database.close()


def test_a_backup_goes_into_either_database_and_back(
    said: Path, elsewhere: tuple[Path, str | None], tmp_path: Path
) -> None:
    home, url = elsewhere
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    made = run(said, "backup", str(first))
    assert made.exit_code == 0, made.output
    assert "no copy of the newest keys" in made.output
    put = run(home, "restore", str(first), url=url)
    assert put.exit_code == 0, put.output
    assert "nuanfeng keys import" in put.output
    assert rows_at(home, url) == rows_at(said)
    assert Dataset(home, DEMO).verify().version == Dataset(said, DEMO).pointer().version
    assert RoadNetwork(home, "grid").verify().version == RoadNetwork(said, "grid").pointer().version
    assert run(home, "backup", str(second), url=url).exit_code == 0
    shutil.rmtree(said / "voice")
    assert run(said, "restore", str(second)).exit_code == 0
    assert rows_at(said) == rows_at(home, url)
    ready(said)  # the keys are here: a server starts


def test_what_is_written_after_a_restore_comes_after_what_was_restored(
    said: Path, elsewhere: tuple[Path, str | None], tmp_path: Path
) -> None:
    home, url = elsewhere
    file = tmp_path / "b.tar"
    assert run(said, "backup", str(file)).exit_code == 0
    assert run(home, "restore", str(file), url=url).exit_code == 0
    shutil.copytree(said / "keys", home / "keys")
    before = max(row[0] for row in rows_at(home, url)["report"])  # type: ignore[type-var]  # numbers
    ready(home, url)
    assert max(row[0] for row in rows_at(home, url)["report"]) >= before  # type: ignore[type-var]  # numbers


def test_what_stands_in_a_database_is_thrown_away_only_when_told(
    said: Path, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar"
    assert run(said, "backup", str(file)).exit_code == 0
    before = rows_at(said)
    refused = run(said, "restore", str(file))
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert rows_at(said) == before
    assert run(said, "restore", str(file), "--replace").exit_code == 0
    assert rows_at(said) == before


def test_a_backup_that_is_made_while_others_write_is_one_state(said: Path, tmp_path: Path) -> None:
    database = Database(address(said, DEMO))
    stop = threading.Event()

    def write() -> None:
        day = queries.now().date().replace(year=2000, month=1, day=1)
        for number in range(10_000):
            if stop.is_set():
                return
            at = day.fromordinal(day.toordinal() + number)
            row = {"day": at, "salt": bytes(32)}
            database.write(lambda connection, row=row: connection.execute(insert(salt), [row]))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy = tmp_path / "copy.db"
        copies.save(database, copy, NOW)
    finally:
        stop.set()
        writer.join()
        database.close()
    held = Database(f"sqlite:///{copy}")
    days = [row[0] for row in rows(held)["salt"] if row[1] == bytes(32)]
    held.close()
    assert days == [days[0].fromordinal(days[0].toordinal() + n) for n in range(len(days))]  # type: ignore[attr-defined]  # dates


def test_a_damaged_backup_is_refused_and_nothing_changes(said: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    assert run(said, "backup", str(file)).exit_code == 0
    body = bytearray(file.read_bytes())
    for at in (len(body) // 3, len(body) - 20_000):
        torn = bytearray(body)
        torn[at] ^= 1
        file.write_bytes(torn)
        refused = run(tmp_path / "new", "restore", str(file))
        assert refused.exit_code == 1, refused.output
        assert "backup" in refused.output
    file.write_bytes(body[: len(body) // 2])
    assert run(tmp_path / "new", "restore", str(file)).exit_code == 1
    file.write_bytes(b"no tar")
    assert "no backup" in run(tmp_path / "new", "restore", str(file)).output
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("step", [-1, 1], ids=["older", "newer"])
def test_a_backup_of_another_format_names_the_program_that_reads_it(
    said: Path, tmp_path: Path, step: int
) -> None:
    file, other = tmp_path / "b.tar", tmp_path / "other.tar"
    assert run(said, "backup", str(file)).exit_code == 0
    with tarfile.open(file) as held, tarfile.open(other, "w") as made:
        for member in held:
            body = held.extractfile(member)
            assert body is not None
            content = body.read()
            if member.name == "manifest.json":
                told = {**json.loads(content), "format": backup.FORMAT + step, "program": "7.8.9"}
                content = json.dumps(told).encode()
                member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    refused = run(tmp_path / "elsewhere", "restore", str(other))
    assert refused.exit_code == 1
    assert "restore it with Nuanfeng 7.8.9" in " ".join(refused.output.split())
    assert not (tmp_path / "elsewhere").exists()


def test_a_backup_holds_no_key_and_nobody_else_may_read_it(said: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    assert run(said, "backup", str(file)).exit_code == 0
    body = file.read_bytes()
    ring = KeyRing(said / "keys")
    keys = [path.read_bytes() for path in ring.folder.glob("*.key")]
    assert len(keys) >= 2
    assert not any(key in body for key in keys)
    assert file.stat().st_mode & 0o077 == 0
    assert backup.last_at(said, DEMO) is not None
    with tarfile.open(file) as archive:
        assert {"manifest.json", "voice.db"} <= set(archive.getnames())


def test_a_database_of_another_dataset_takes_no_backup(said: Path, tmp_path: Path) -> None:
    copy, other = tmp_path / "copy.db", Database(address(tmp_path, "other"))
    source = Database(address(said, DEMO))
    copies.save(source, copy, NOW)
    source.close()
    from app.db import migrate

    migrate.upgrade(other, "other", synthetic=True, now=NOW)
    with pytest.raises(Exception, match="other"):
        copies.restore(copy, other, NOW, replace=True)
    with other.reading() as connection:
        assert connection.execute(select(about.c.dataset)).scalar_one() == "other"
    other.close()


def test_a_home_without_the_dataset_has_nothing_to_back_up(tmp_path: Path) -> None:
    database = Database(address(tmp_path, DEMO))
    with pytest.raises(BadBackup, match="nothing to back up"):
        backup.save(tmp_path / "b.tar", database, [Dataset(tmp_path, DEMO)], NOW)
    database.close()


def test_all_or_nothing_goes_into_a_database(said: Path, tmp_path: Path) -> None:
    source, copy = Database(address(said, DEMO)), tmp_path / "copy.db"
    copies.save(source, copy, NOW)
    before = rows(source)
    with pytest.raises(NotEmpty):
        copies.restore(copy, source, NOW, replace=False)
    assert rows(source) == before
    source.close()


def test_the_tables_of_a_newer_program_are_thrown_away_only_when_told(
    said: Path, elsewhere: tuple[Path, str | None], tmp_path: Path
) -> None:
    home, url = elsewhere
    file = tmp_path / "b.tar"
    assert run(said, "backup", str(file)).exit_code == 0
    assert run(home, "restore", str(file), url=url).exit_code == 0
    database = Database(address(home, DEMO, url))
    database.write(lambda to: to.exec_driver_sql("UPDATE alembic_version SET version_num='9999'"))
    database.close()
    refused = run(home, "restore", str(file), url=url)
    assert refused.exit_code == 1
    assert "newer program" in refused.output
    assert run(home, "restore", str(file), "--replace", url=url).exit_code == 0
    assert rows_at(home, url) == rows_at(said)
