"""A disk that is really full at either end of a shared dataset: one line says so, and the old
version stays whole.

Each disk is a small tmpfs, mounted where only the test's own processes see it.
"""

import json
import os
import pwd
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from geodata.pipeline.freeze import Frozen
from geodata.store.files import Dataset
from tests import makers, postgres
from tests.proxy import Proxy

ROOT: Final = Path(__file__).parents[2]
ONE: Final = makers.frozen(makers.three_places())
CITY: Final = makers.frozen(makers.random_city(3_000, lines=20))
#: Room for ONE (2.4 MB), and not for CITY (7 MB) beside it.
DISK: Final = "size=6m,mode=777"
FULL: Final = "No space left on device"


def homes(tmp_path: Path) -> list[str]:
    """A home with a small version, and one with a larger version that follows it."""
    small, large = Dataset(tmp_path / "small", "made"), Dataset(tmp_path / "large", "made")
    for local, versions in ((small, [ONE]), (large, [ONE, CITY])):
        for frozen in versions:
            publish(local, frozen)
    return [str(small.home), str(large.home)]


def publish(local: Dataset, frozen: Frozen) -> None:
    local.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)


def walled(program: str, disk: Path, *arguments: str, user: int = 0) -> dict[str, Any]:
    """What a program prints that sees a small disk at `disk`, as a user of this number."""
    disk.mkdir()
    again = f"unshare --user --map-user={user} --map-group={user}" if user else ""
    script = f'mount -t tmpfs -o {DISK} none "$0" && exec {again} "$@"'
    alone = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
    ]  # nothing outlives it
    inner = ["sh", "-c", script, str(disk), sys.executable, "-c", program, str(disk), *arguments]
    ended = subprocess.run(
        [*alone, *inner],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "NUANFENG_DATASET": "made", "COLUMNS": "300"},
    )
    if ended.stderr.startswith(("unshare:", "mount:")):
        pytest.skip(f"no disk can be mounted here: {ended.stderr.strip()}")
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


COMMAND: Final = textwrap.dedent("""
    import json, os, re, subprocess, sys, urllib.request
    from pathlib import Path
    from geodata.store.files import Dataset
    from geodata.store.postgis import SharedDataset, prepare

    def nuanfeng(home, url, *arguments):
        told = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_DATABASE_URL": url}
        return subprocess.Popen(
            [sys.executable, "-m", "app", *arguments], env=told, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )

    def said(home, url, *arguments):
        with nuanfeng(home, url, *arguments) as ended:
            words = ended.communicate(timeout=120)[0]
        return [ended.returncode, words]
    """)
#: A server follows a database onto a disk that is too small for what comes.
PULLING: Final = COMMAND + textwrap.dedent("""
    disk, url, small, large = sys.argv[1:]
    shared, local = SharedDataset(url, "made"), Dataset(Path(disk), "made")
    shared.push(Dataset(Path(small), "made"))
    told = {"pulled": said(disk, url, "pull")}
    with nuanfeng(disk, url, "run", "--port", "0", "--workers", "1") as server:
        port = next(found[1] for line in server.stdout if (found := re.search(r"http://[0-9.]+:([0-9]+)", line)))
        ask = f"http://127.0.0.1:{port}/api/v1/nearest?lon=114.05&lat=22.54&k=1"
        told["before"] = json.load(urllib.request.urlopen(ask, timeout=120))["dataVersion"]
        shared.push(Dataset(Path(large), "made"))
        told["logged"] = next(line for line in server.stdout if "keeping the last good data" in line)
        told["after"] = json.load(urllib.request.urlopen(ask, timeout=120))["dataVersion"]
        server.terminate()
    told["refused"] = said(disk, url, "pull")
    told["verified"] = local.verify().version
    told["there"] = [path.name for path in (local.folder / "versions").iterdir()]
    told["current"] = shared.pointer().version
    print(json.dumps(told))
    """)
#: A database keeps the parts of versions on a disk that is too small for what comes.
PUSHING: Final = COMMAND + textwrap.dedent("""
    import psycopg
    from tests import postgres

    disk, small, large = sys.argv[1:]
    with postgres.cluster(postgres.programs()) as url:
        prepare(url)
        with psycopg.connect(url, autocommit=True) as at:
            at.execute(f"CREATE TABLESPACE tiny LOCATION '{disk}'")
            at.execute("ALTER TABLE nuanfeng.part SET TABLESPACE tiny")
        shared = SharedDataset(url, "made")
        told = {"pushed": said(small, url, "push"), "refused": said(large, url, "push")}
        told["verified"] = shared.verify().version
        told["kept"] = [kept.version for kept in shared.versions()]
        with psycopg.connect(url, autocommit=True) as at:
            told["rows"] = at.execute("SELECT count(DISTINCT release), (SELECT count(*) FROM nuanfeng.place) "
                                      "FROM nuanfeng.part").fetchone()
        told["pulled"] = shared.pull(Dataset(Path(small).parent / "there", "made")).version
        told["again"] = said(small, url, "push")
        print(json.dumps(told))
    """)
#: A year is loaded onto a disk that holds one already, and is full.
LOADING: Final = textwrap.dedent("""
    import json, sys
    from datetime import UTC, date, datetime
    from pathlib import Path
    from geodata.errors import PublishRefused
    from geodata.hours.calendar import HolidayDate, HolidayYear
    from geodata.store.calendar import HomeCalendar
    from geodata.store.history import Stamp

    home, stamp = HomeCalendar(Path(sys.argv[1])), Stamp(datetime.now(UTC), "clerk")
    def year(*months):
        return HolidayYear(2027, tuple(HolidayDate(date(2027, n, 1), True, "", "x") for n in months))
    home.add(year(1), stamp)
    told = {"refused": ""}
    with (home.home / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    try:
        home.add(year(1, 5), stamp)
    except PublishRefused as fault:
        told["refused"] = str(fault)
    told["there"] = sorted(path.name for path in home.folder.rglob("*.*"))
    told["stays"] = home.years("CN") == (year(1),)
    (home.home / "filler").unlink()
    home.add(year(1, 5), stamp)
    told["again"] = home.years("CN") == (year(1, 5),)
    print(json.dumps(told))
    """)


@pytest.fixture
def reached(database_url: str) -> Iterator[str]:
    """The same database over TCP: behind the wall nobody may enter the folder of its socket."""
    proxy = Proxy(f"{psycopg.conninfo.conninfo_to_dict(database_url)['host']}/.s.PGSQL.5432")
    yield f"postgresql://{postgres.USER}@127.0.0.1:{proxy.port}/city"
    proxy.close()


def test_a_server_whose_disk_is_full_says_so_and_goes_on_with_the_old_version(
    reached: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("a server's disk filled by a pull, it goes on", 1)
    told = walled(PULLING, tmp_path / "disk", reached, *homes(tmp_path))
    assert told["pulled"][0] == 0
    assert told["before"] == told["after"] == told["verified"] == ONE.version
    assert told["there"] == [ONE.version]
    assert told["current"] != ONE.version
    code, words = told["refused"]
    assert (code, words.count("\n")) == (1, 1), words
    for line in (words, told["logged"]):
        assert f"nothing was published: {FULL}; the version before stays" in line


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)
def test_a_database_whose_disk_is_full_takes_a_push_whole_or_not_at_all(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("a database's disk filled by a push, old version whole", 1)
    told = walled(PUSHING, tmp_path / "disk", *homes(tmp_path), user=_server_user())
    assert told["pushed"][0] == told["again"][0] == 0
    code, words = told["refused"]
    assert (code, words.count("\n")) == (1, 1), words
    assert "refuses: could not extend file" in words
    assert FULL in words
    assert told["verified"] == told["pulled"] == ONE.version
    assert told["kept"] == [ONE.version]
    assert told["rows"] == [1, 3]


def _server_user() -> int:
    """A user who may run a server, which root may not."""
    return pwd.getpwnam(postgres.USER).pw_uid if os.geteuid() == 0 else os.geteuid()


def test_a_home_whose_disk_is_full_keeps_the_holidays_it_had(tmp_path: Path) -> None:
    told = walled(LOADING, tmp_path / "disk")
    assert told["refused"] == (f"the holidays were not kept: {FULL}; what was known before stays")
    assert told["there"] == [".lock", "2027.json"]
    assert told["stays"]
    assert told["again"]
