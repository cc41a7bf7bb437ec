"""Each fault that is seeded is named, with the command that mends it."""

import json
import re
import shutil
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import click
import psycopg
import pytest
from click.testing import CliRunner

from app import settings
from app.cli.main import cli
from app.db import migrate
from app.db.database import Database, address
from app.ops import backup, home_checks, server_checks, voice_checks
from app.ops.checks import examine
from app.ops.findings import Finding, Gravity
from app.voice.keys import KeyRing
from geodata.compiled import kernel_cache
from geodata.store.files import Dataset, RoadNetwork
from tests import makers
from tests.app.conftest import CORNER, publish, speak
from tests.proxy import Proxy
from tests.stored_formats import NAME, Archive, kept

FAULT, WARNING = Gravity.FAULT, Gravity.WARNING
#: What every machine of the tests may lack.
ABOUT_THE_MACHINE: Final = {"fonts-missing", "few-files", "holidays-next-year", "port-taken"}


@dataclass
class Seeded:
    """A home with the demo city, in which a fault is sown."""

    home: Path
    monkeypatch: pytest.MonkeyPatch
    database_url: Callable[[], str]
    stack: ExitStack
    environ: dict[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def dataset(self, name: str = "demo") -> Dataset:
        return Dataset(self.home, name)

    def hold(self, held: AbstractContextManager[Any]) -> Any:
        return self.stack.enter_context(held)

    def found(self) -> list[Finding]:
        told = {"NUANFENG_HOME": str(self.home), **self.environ}
        return examine(self.now, self.host, self.port, None, told)


@pytest.fixture(scope="module")
def whole(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole")
    shutil.copytree(demo_home / "datasets", home / "datasets")
    speak(home)
    return home


@pytest.fixture
def seeded(
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Any:
    shutil.copytree(whole, tmp_path / "home")
    monkeypatch.setattr(server_checks, "listed_fonts", lambda: "Noto Sans CJK SC")
    with ExitStack() as stack:
        yield Seeded(
            tmp_path / "home",
            monkeypatch,
            lambda: str(request.getfixturevalue("database_url")),
            stack,
        )


def version_folder(held: Dataset | RoadNetwork) -> Path:
    return held.folder / "versions" / held.pointer().version


def archive(stem: str) -> Archive:
    return next(each for each in kept() if each.stem == stem)


def damage(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


def real(at: Seeded) -> None:
    """A dataset of a real city, made by hand."""
    made = makers.frozen(makers.three_places(), synthetic=False)
    Dataset(at.home, "real").publish(made.version, made.about, made.arrays, made.blobs)
    at.environ["NUANFENG_DATASET"] = "real"


def setting(name: str, value: str) -> Callable[[Seeded], None]:
    return lambda at: at.environ.update({name: value})


def no_home(at: Seeded) -> None:
    shutil.rmtree(at.home)


def read_only(at: Seeded) -> None:
    def refuses(**_: Any) -> Any:
        raise OSError(30, "Read-only file system")

    at.monkeypatch.setattr(home_checks.tempfile, "TemporaryFile", refuses)


def free(megabytes: int) -> Callable[[Seeded], None]:
    def seed(at: Seeded) -> None:
        usage = SimpleNamespace(free=megabytes * 1_000_000)
        at.monkeypatch.setattr(home_checks.shutil, "disk_usage", lambda _: usage)

    return seed


def no_dataset(at: Seeded) -> None:
    shutil.rmtree(at.dataset().folder)


def torn_dataset(at: Seeded) -> None:
    damage(version_folder(at.dataset()) / "records.bin")


def torn_pointer(at: Seeded) -> None:
    (at.dataset().folder / "CURRENT").write_text("torn", encoding="ascii")


def old_dataset(at: Seeded) -> None:
    archive("dataset-6").unpack(at.home)
    at.environ["NUANFENG_DATASET"] = NAME


def old_network(at: Seeded) -> None:
    archive("network-1").unpack(at.home)
    at.environ["NUANFENG_NETWORK"] = NAME


def grid(at: Seeded) -> RoadNetwork:
    publish(at.home, at.home.parent)
    at.environ["NUANFENG_NETWORK"] = "grid"
    return RoadNetwork(at.home, "grid")


def torn_network(at: Seeded) -> None:
    damage(version_folder(grid(at)) / "arrays" / "walk_seconds.npy")


def network_elsewhere(at: Seeded) -> None:
    at.monkeypatch.setattr("tests.app.conftest.CORNER", (CORNER[0] + 5.0, CORNER[1] + 5.0))
    grid(at)


def no_holidays(at: Seeded) -> None:
    at.now = datetime(2027, 1, 2, tzinfo=UTC)


def behind(at: Seeded) -> None:
    at.now -= timedelta(days=2 * 365)


def ahead(at: Seeded) -> None:
    at.now += timedelta(days=10 * 365)


def no_voice(at: Seeded) -> None:
    shutil.rmtree(at.home / "voice")


def voice(at: Seeded) -> Database:
    return Database(address(at.home, "demo"))


def newer_voice(at: Seeded) -> None:
    database = voice(at)
    database.write(lambda to: to.exec_driver_sql("UPDATE alembic_version SET version_num='9999'"))
    database.close()


def others_voice(at: Seeded) -> None:
    database = voice(at)
    database.write(lambda to: to.exec_driver_sql("UPDATE about SET dataset='shop'"))
    database.close()


def torn_voice(at: Seeded) -> None:
    (at.home / "voice" / "demo.db").write_bytes(b"no database at all" * 100)


def nobody_there(at: Seeded) -> None:
    free_port = socket.create_server(("127.0.0.1", 0))
    port = free_port.getsockname()[1]
    free_port.close()
    at.environ["NUANFENG_VOICE_URL"] = f"postgresql://user@127.0.0.1:{port}/none"


def slow_voice(at: Seeded) -> None:
    url = at.database_url()
    database = Database(address(at.home, "demo", url))
    migrate.upgrade(database, "demo", synthetic=True, now=at.now)
    database.close()
    at.monkeypatch.setattr(voice_checks, "_SLOW_S", -1.0)
    at.environ["NUANFENG_VOICE_URL"] = url


def hung_database(at: Seeded) -> None:
    folder = re.search(r"host=([^&]+)", at.database_url())
    assert folder
    proxy = Proxy(f"{folder[1]}/.s.PGSQL.5432")
    at.stack.callback(proxy.close)
    proxy.become("hung")
    at.monkeypatch.setattr(voice_checks, "_CONNECT_S", "2")
    at.environ["NUANFENG_VOICE_URL"] = f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres"


def unprepared_shared(at: Seeded) -> None:
    url = at.database_url()
    with psycopg.connect(url, autocommit=True) as to:
        to.execute("DROP SCHEMA nuanfeng CASCADE")
    at.environ |= {"NUANFENG_DATABASE_URL": url}


def no_key(at: Seeded) -> None:
    for path in (at.home / "keys").glob("letter-*.key"):
        path.unlink()


def open_keys(at: Seeded) -> None:
    (at.home / "keys").chmod(0o755)


def no_key_copy(at: Seeded) -> None:
    real(at)
    KeyRing(at.home / "keys").made("letter-2026-11")
    database = Database(address(at.home, "real"))
    migrate.upgrade(database, "real", synthetic=False, now=at.now)
    database.close()


def old_backup(at: Seeded) -> None:
    real(at)
    backup._note(at.home, "real", at.now - timedelta(days=30))


def taken_port(at: Seeded) -> None:
    held = at.hold(socket.create_server(("127.0.0.1", 0)))
    at.port = held.getsockname()[1]


def killed_publisher(at: Seeded) -> None:
    (at.dataset().folder / "versions" / ".new-123").mkdir()


def killed_backup(at: Seeded) -> None:
    (at.home / ".restore-abc").mkdir()


def no_kernel_cache(at: Seeded) -> None:
    at.monkeypatch.setattr(kernel_cache, "writable", lambda: False)


def outside(at: Seeded) -> None:
    at.host = "0.0.0.0"  # noqa: S104  # it is looked at, and not listened on


def unapproved(at: Seeded) -> None:
    outside(at)
    at.environ["NUANFENG_TRUSTED_HOSTS"] = "map.example.org"
    (at.home / "grounds" / "demo").mkdir(parents=True)


def no_fonts(at: Seeded) -> None:
    at.monkeypatch.setattr(server_checks, "listed_fonts", lambda: "")


def few_files(at: Seeded) -> None:
    at.monkeypatch.setattr(server_checks.resource, "getrlimit", lambda _: (64, 64))


def no_scripts(at: Seeded) -> None:
    lean = SimpleNamespace(bundled=False, under=lambda _: ())
    at.monkeypatch.setattr(server_checks, "assets", lambda: lean)


def torn_calendar(at: Seeded) -> None:
    folder = at.home / "calendar" / "CN"
    folder.mkdir(parents=True)
    (folder / "2027.json").write_text("{", encoding="ascii")


def torn_ground(at: Seeded) -> None:
    folder = at.home / "grounds" / "demo"
    folder.mkdir(parents=True)
    (folder / "CURRENT").write_text("torn", encoding="ascii")


def of_another(at: Seeded) -> None:
    at.monkeypatch.setattr(home_checks.os, "geteuid", lambda: 4_242)


def few_inodes(at: Seeded) -> None:
    room = {"f_frsize": 4_096, "f_blocks": 10**9, "f_bavail": 10**9, "f_bfree": 10**9}
    left = SimpleNamespace(f_files=1_000_000, f_favail=12, **room)
    at.monkeypatch.setattr(home_checks.os, "statvfs", lambda _: left)


def older_voice(at: Seeded) -> None:
    database = voice(at)
    database.write(lambda to: to.exec_driver_sql("UPDATE alembic_version SET version_num='0000'"))
    database.close()


def old_data(at: Seeded) -> None:
    real(at)
    at.now += timedelta(days=400)


def open_secret(at: Seeded) -> None:
    file = at.home.parent / "token"
    file.write_text("0123456789abcdef0123456789abcdef", encoding="ascii")
    file.chmod(0o644)
    at.environ["NUANFENG_METRICS_TOKEN_FILE"] = str(file)


def local_hosts(at: Seeded) -> None:
    outside(at)
    at.environ["NUANFENG_TRUSTED_HOSTS"] = "localhost,127.0.0.1"


class Other(BaseHTTPRequestHandler):
    """A server that says what ours would say, were it of another version."""

    def do_GET(self) -> None:
        body = json.dumps({"info": {"title": "暖蜂 Nuanfeng", "version": "0.9.0"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def older_server(at: Seeded) -> None:
    server = at.hold(HTTPServer(("127.0.0.1", 0), Other))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at.stack.callback(server.shutdown)
    at.port = server.server_port


#: What is sown, the name it is found by, how bad that is, and what its mending begins with.
SEEDED: Final[tuple[tuple[Callable[[Seeded], object], str, Gravity, str], ...]] = (
    (no_home, "home-missing", FAULT, "nuanfeng run"),
    (read_only, "home-read-only", WARNING, "chown -R"),
    (free(50), "disk-full", FAULT, "nuanfeng prune --dataset demo --keep 2"),
    (free(500), "disk-nearly-full", WARNING, "nuanfeng prune --dataset demo --keep 2"),
    (no_dataset, "dataset-missing", FAULT, "nuanfeng import FILE --dataset demo"),
    (torn_dataset, "dataset-damaged", FAULT, "nuanfeng rollback --dataset demo"),
    (torn_pointer, "dataset-damaged", FAULT, "nuanfeng rollback --dataset demo"),
    (old_dataset, "dataset-format", FAULT, "nuanfeng import FILE --dataset"),
    (setting("NUANFENG_NETWORK", "none"), "network-missing", WARNING, "nuanfeng network build"),
    (old_network, "network-format", FAULT, "nuanfeng network build"),
    (torn_network, "network-damaged", FAULT, "nuanfeng network rollback --network grid"),
    (network_elsewhere, "network-elsewhere", FAULT, "nuanfeng network build"),
    (torn_ground, "ground-damaged", FAULT, "nuanfeng ground rollback --ground demo"),
    (no_holidays, "holidays-missing", WARNING, "nuanfeng calendar add 2027.csv --publish"),
    (torn_calendar, "calendar-damaged", FAULT, "nuanfeng calendar add"),
    (behind, "clock-wrong", FAULT, "timedatectl set-ntp true"),
    (ahead, "clock-wrong", FAULT, "timedatectl set-ntp true"),
    (no_voice, "voice-missing", WARNING, "nuanfeng voice prepare --dataset demo"),
    (newer_voice, "voice-newer", FAULT, "pip install --upgrade nuanfeng"),
    (others_voice, "voice-of-another", FAULT, "export NUANFENG_VOICE_URL="),
    (torn_voice, "voice-away", FAULT, "ls -l"),
    (nobody_there, "voice-away", FAULT, "pg_isready"),
    (hung_database, "voice-away", FAULT, "pg_isready"),
    (slow_voice, "voice-slow", WARNING, "psql"),
    (unprepared_shared, "shared-away", FAULT, "nuanfeng shared prepare"),
    (no_key, "key-missing", FAULT, "nuanfeng keys import FILE"),
    (open_keys, "keys-open", FAULT, "chmod -R go="),
    (no_key_copy, "no-key-copy", WARNING, "nuanfeng keys export FILE"),
    (real, "no-backup", WARNING, "nuanfeng backup"),
    (old_backup, "old-backup", WARNING, "nuanfeng backup"),
    (real, "nobody-answers", WARNING, "export NUANFENG_ANSWERERS="),
    (killed_publisher, "leftovers", WARNING, "rm -r"),
    (killed_backup, "leftovers", WARNING, "rm -r"),
    (no_kernel_cache, "kernels-not-kept", WARNING, ""),
    (taken_port, "port-taken", WARNING, "nuanfeng run --port"),
    (outside, "hosts-missing", FAULT, "export NUANFENG_TRUSTED_HOSTS="),
    (unapproved, "map-approval-missing", WARNING, "export NUANFENG_MAP_APPROVAL="),
    (no_fonts, "fonts-missing", WARNING, "apt-get install fonts-noto-cjk"),
    (few_files, "few-files", WARNING, "ulimit -n"),
    (no_scripts, "scripts-not-made", WARNING, "make "),
    (of_another, "home-of-another", WARNING, "ls -ld"),
    (few_inodes, "inodes-full", FAULT, "nuanfeng prune --dataset demo --keep 2"),
    (older_voice, "voice-older", WARNING, "nuanfeng voice prepare --dataset demo"),
    (old_data, "data-old", WARNING, "nuanfeng import FILE --dataset real --publish"),
    (setting("NUANFENG_BASEMAP", "ground"), "ground-missing", WARNING, "nuanfeng ground build"),
    (open_secret, "secret-open", FAULT, "chmod go="),
    (local_hosts, "hosts-local", FAULT, "export NUANFENG_TRUSTED_HOSTS="),
    (
        setting("NUANFENG_TRUSTED_HOSTS", "map.example.org"),
        "proxies-unstated",
        WARNING,
        "export NUANFENG_TRUSTED_PROXIES=1",
    ),
    (older_server, "server-of-another-version", WARNING, "systemctl restart nuanfeng"),
    (
        setting("NUANFENG_TRUSTED_HOSTS", "https://map.example.org/"),
        "setting-bad",
        FAULT,
        "unset NUANFENG_TRUSTED_HOSTS",
    ),
    (setting("NUANFENG_TRUSTED_HOST", "a.org"), "setting-unknown", WARNING, "unset"),
    (setting("NUANFENG_MAX_CONCURRENT", "many"), "setting-bad", FAULT, "unset NUANFENG_MAX"),
    (setting("NUANFENG_DATASET", "../demo"), "setting-bad", FAULT, "unset NUANFENG_DATASET"),
)


def test_of_a_home_that_is_well_nothing_is_said(seeded: Seeded) -> None:
    assert {each.code for each in seeded.found()} <= ABOUT_THE_MACHINE


@pytest.mark.parametrize(
    ("seed", "code", "level", "mend"),
    SEEDED,
    ids=[f"{at}-{row[1]}" for at, row in enumerate(SEEDED)],
)
def test_a_seeded_fault_is_named_with_its_mending(
    seeded: Seeded, seed: Callable[[Seeded], object], code: str, level: Gravity, mend: str
) -> None:
    seed(seeded)
    found = {each.code: each for each in seeded.found()}
    assert code in found, found
    assert found[code].level is level
    assert found[code].mend.startswith(mend)
    assert str(found[code].said).strip()
    if found[code].mend.startswith("nuanfeng "):
        assert names_a_command(found[code].mend)


def test_a_setting_that_is_read_is_known() -> None:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r"NUANFENG_[A-Z_]*[A-Z]", source))
    assert read <= settings.names()
    assert {f"{name}_FILE" for name in read if name.endswith(("_URL", "_TOKEN", "_SECRET"))} <= (
        settings.names()
    )


def test_a_server_of_this_version_and_a_file_of_ones_own_are_well(seeded: Seeded) -> None:
    open_secret(seeded)
    Path(seeded.environ["NUANFENG_METRICS_TOKEN_FILE"]).chmod(0o600)
    older_server(seeded)
    seeded.monkeypatch.setattr(server_checks, "version", lambda _: "0.9.0")
    assert {each.code for each in seeded.found()} <= ABOUT_THE_MACHINE


def names_a_command(mend: str) -> bool:
    """Whether the words after `nuanfeng` name a command, and its options are options of it."""
    group: click.Command = cli
    _, *words = mend.split()
    while isinstance(group, click.Group) and words:
        found = group.get_command(click.Context(group), words.pop(0))
        if found is None:
            return False
        group = found
    options = {name for each in group.params for name in each.opts}
    return {word for word in words if word.startswith("--")} <= options


def test_the_exit_code_says_how_bad_it_is(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*words: str) -> tuple[int, str]:
        environ = {"NUANFENG_HOME": str(seeded.home)}
        told = CliRunner().invoke(
            cli, ["doctor", "--port", "0", "--lang", "en", *words], env=environ
        )
        return told.exit_code, told.output

    monkeypatch.setattr("app.ops.checks.CHECKS", (home_checks.home, home_checks.dataset))
    assert run() == (0, "All is well.\n")
    monkeypatch.setattr("app.ops.checks.CHECKS", (server_checks.fonts,))
    no_fonts(seeded)
    code, said = run()
    assert code == 1
    assert said.startswith("Warning: there is no font")
    monkeypatch.setattr("app.ops.checks.CHECKS", (server_checks.fonts, home_checks.dataset))
    no_dataset(seeded)
    code, said = run("--json")
    assert code == 2
    assert [(each["code"], each["level"]) for each in json.loads(said)] == [
        ("fonts-missing", "warning"),
        ("dataset-missing", "fault"),
    ]
