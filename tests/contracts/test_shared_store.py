"""What a database adds to a store: several machines, rows for QGIS, and all the ways in which it
can fail to answer.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import psycopg
import pytest
import shapely

from geodata.errors import (
    BadValue,
    DamagedDataset,
    DatabaseAway,
    NoDataset,
    NoSuchVersion,
    PublishRefused,
    StoreError,
)
from geodata.hours.calendar import HolidayDate, HolidayYear
from geodata.pipeline.freeze import Frozen
from geodata.store import postgis
from geodata.store.calendar import HomeCalendar
from geodata.store.files import CURRENT, PREVIOUS, Dataset, Pointer
from geodata.store.history import Stamp
from geodata.store.postgis import SharedDataset
from tests import makers, postgres
from tests.patience import PATIENCE_S, kill_when, until
from tests.proxy import Proxy

#: `make soak` asks for more, in shares that run beside each other.
SOAK = int(os.environ.get("NUANFENG_SOAK", "0"))
SHARES = range(4 if SOAK else 1)
KILLS = SOAK // len(SHARES) or 4

ONE = makers.frozen(makers.three_places())
TWO = makers.frozen(makers.three_places(name=["新驿站", "新面馆", "新街"]))
THREE = makers.frozen(makers.random_city(40, lines=3))
CITY = makers.frozen(makers.random_city(3_000, lines=20))


def publish(local: Dataset, frozen: Frozen) -> Pointer:
    return local.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)


@pytest.fixture
def shared(database_url: str) -> SharedDataset:
    return SharedDataset(database_url, "made")


@pytest.fixture
def here(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path / "here", "made")


@pytest.fixture
def there(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path / "there", "made")


@pytest.fixture
def proxy(database_url: str) -> Iterator[Proxy]:
    socket = psycopg.conninfo.conninfo_to_dict(database_url)["host"]
    made = Proxy(f"{socket}/.s.PGSQL.5432")
    yield made
    made.close()


def through(proxy: Proxy) -> str:
    return f"postgresql://{postgres.USER}:secret-word@127.0.0.1:{proxy.port}/city"


def stored(local: Dataset) -> dict[str, bytes]:
    folder = local.folder / "versions" / local.pointer().version
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- machines ---


def test_what_is_pulled_is_byte_for_byte_what_was_pushed(
    shared: SharedDataset, here: Dataset, there: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgis, "PIECE_BYTES", 1_000)
    publish(here, THREE)
    assert shared.push(here) == shared.pull(there) == here.pointer() == there.pointer()
    assert stored(there) == stored(here)


def test_a_rollback_in_the_database_arrives_and_keeps_the_way_back(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    pushed = []
    for frozen in (ONE, TWO, THREE):
        publish(here, frozen)
        pushed.append(shared.push(here))
        shared.pull(there)
    one, two, three = pushed
    assert shared.rollback(one.version[:6]) == shared.pull(there) == one
    assert there.verify().version == one.version
    with pytest.raises(NoDataset, match="no whole version"):
        shared.rollback()
    assert [(kept.version, kept.pointed) for kept in shared.versions()] == [
        (three.version, ""),
        (two.version, ""),
        (one.version, CURRENT),
    ]
    assert shared.rollback(three.version) == three
    assert shared.pointer(PREVIOUS) == two
    assert shared.rollback() == two
    with pytest.raises(NoSuchVersion, match="in the database has no version 'zzzz'"):
        shared.rollback("zzzz")


def test_who_published_a_version_and_when_goes_with_it(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    stamp = Stamp(datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "小王@office")
    here.publish(ONE.version, ONE.about, ONE.arrays, ONE.blobs, stamp)
    shared.push(here)
    shared.pull(there)
    for kept in (*shared.versions(), *there.versions()):
        assert kept.receipt is not None
        assert (kept.receipt.at, kept.receipt.by) == stamp
        assert kept.receipt.told == {
            "places": 3,
            "layers": 0,
            "synthetic": True,
            "source": "tests",
            "data_date": "2026-11-18",
        }


def test_what_vanished_is_known_as_gone_on_every_machine(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    publish(here, ONE)
    shared.push(here)
    publish(here, makers.frozen(makers.three_places().iloc[1:]))
    shared.push(here)
    shared.pull(there)
    assert [place.id for place in there.load().former] == ["station-1"]


def test_the_last_whole_version_is_gone_back_to(shared: SharedDataset, here: Dataset) -> None:
    for frozen in (ONE, TWO, THREE):
        publish(here, frozen)
        shared.push(here)
    with psycopg.connect(shared.url) as at:
        at.execute(
            "UPDATE nuanfeng.part SET body = body || '!' FROM nuanfeng.release "
            "WHERE release.id = release AND version = %s",
            (TWO.version,),
        )
    assert shared.rollback().version == ONE.version


def test_a_version_of_another_machine_is_not_undone_unseen(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    publish(here, ONE)
    shared.push(here)
    publish(there, TWO)
    with pytest.raises(PublishRefused, match="was never here"):
        shared.push(there)
    assert shared.pointer().version == ONE.version
    shared.pull(there)
    publish(there, TWO)
    assert shared.push(there).version == TWO.version
    publish(here, THREE)
    assert shared.push(here, force=True) == shared.pointer() == here.pointer()


def test_only_what_is_asked_for_is_kept(shared: SharedDataset, here: Dataset) -> None:
    pushed = []
    for frozen in (ONE, TWO, THREE, CITY):
        publish(here, frozen)
        pushed.append(shared.push(here).version)
    assert shared.prune(3) == (pushed[0],)
    shared.rollback(pushed[1])
    assert shared.prune(2) == (pushed[2],)
    assert [kept.version for kept in shared.versions()] == [pushed[3], pushed[1]]
    with psycopg.connect(shared.url) as at:
        assert at.execute("SELECT count(DISTINCT release) FROM nuanfeng.place").fetchall() == [(2,)]
        assert at.execute("SELECT count(DISTINCT release) FROM nuanfeng.part").fetchall() == [(2,)]
    with pytest.raises(NoSuchVersion, match=pushed[0]):
        shared.rollback(pushed[0])
    with pytest.raises(BadValue, match="too few"):
        shared.prune(0)


def test_a_push_keeps_as_many_versions_as_a_home_does(
    shared: SharedDataset, here: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Dataset, "keep", 2)
    for frozen in (ONE, TWO, THREE):
        publish(here, frozen)
        shared.push(here)
    assert [kept.version for kept in shared.versions()] == [
        kept.version for kept in here.versions()
    ]


def test_a_damaged_version_is_neither_pushed_pulled_nor_restored(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    publish(here, ONE)
    shared.push(here)
    publish(here, TWO)
    ids = next((here.folder / "versions" / TWO.version).rglob("ids.npy"))
    ids.write_bytes(ids.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedDataset, match=r"ids\.npy"):
        shared.push(here)
    with psycopg.connect(shared.url) as at:
        at.execute("UPDATE nuanfeng.part SET body = body || '!' WHERE name = 'records.bin'")
    for attempt in (
        lambda: shared.pull(there),
        lambda: shared.rollback(ONE.version),
        shared.verify,
    ):
        with pytest.raises(DamagedDataset, match=r"records\.bin"):
            attempt()
    with pytest.raises(NoDataset):
        there.pointer()


def test_a_second_publisher_is_refused_while_one_is_at_work(
    shared: SharedDataset, here: Dataset, there: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(here, ONE)
    publish(there, TWO)
    ours, met = postgis._store_places, []

    def meanwhile(*arguments: object) -> None:
        with pytest.raises(PublishRefused, match="another process is publishing"):
            shared.push(there)
        met.append(True)
        ours(*arguments)  # type: ignore[arg-type]  # a stand-in

    with monkeypatch.context() as patch:
        patch.setattr(postgis, "_store_places", meanwhile)
        shared.push(here)
    assert met
    assert shared.verify().version == ONE.version


def test_whoever_listens_hears_of_a_new_version_before_he_would_have_asked(
    shared: SharedDataset, here: Dataset
) -> None:
    heard: list[Pointer | None] = []
    asking = threading.Event()

    def listen() -> None:
        for current in shared.changes(600.0):
            heard.append(current)
            asking.set()
            if len(heard) == 2:
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert asking.wait(PATIENCE_S)
    publish(here, ONE)
    pushed = shared.push(here)
    listener.join(PATIENCE_S)
    assert heard == [None, pushed]


def test_a_file_that_would_lie_elsewhere_is_not_pulled(
    shared: SharedDataset, here: Dataset, there: Dataset, tmp_path: Path
) -> None:
    publish(here, ONE)
    shared.push(here)
    manifest = here.body(here.pointer()).replace(b'"records.bin"', b'"../../../../../out.bin"')
    with psycopg.connect(shared.url) as at:
        at.execute(
            "UPDATE nuanfeng.release SET manifest = %s, manifest_sha256 = %s",
            (manifest, hashlib.sha256(manifest).hexdigest()),
        )
        at.execute(
            "UPDATE nuanfeng.part SET name = '../../../../../out.bin' WHERE name = 'records.bin'"
        )
    with pytest.raises(DamagedDataset, match="none of ours"):
        shared.pull(there)
    assert not list(tmp_path.rglob("out.bin"))


# --- killed ---

#: Imports once; then, for each line it is sent, lets a child push two versions in turn until the
#: child is killed.
PUBLISHER = textwrap.dedent("""
    import os, sys, time
    from pathlib import Path
    from geodata.errors import PublishRefused
    from geodata.store.files import Dataset
    from geodata.store.postgis import SharedDataset

    shared, state = SharedDataset(sys.argv[1], "made"), Path(sys.argv[2])
    homes = [Dataset(Path(home), "made") for home in sys.argv[3:]]

    def push(home):
        state.write_text("pushes")
        try:
            shared.push(home, force=True)
        except PublishRefused:
            time.sleep(0.02)  # the database has not noticed yet that the one before is dead
        state.write_text("rests")

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            while True:
                for home in homes:
                    push(home)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)
    """)


@pytest.mark.parametrize("share", SHARES)
def test_a_publisher_killed_at_any_moment_leaves_the_old_or_the_new_version_whole(
    shared: SharedDataset,
    here: Dataset,
    there: Dataset,
    tmp_path: Path,
    share: int,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("kill -9 of a push, old or new version whole in the database", KILLS)
    for local, frozen in ((here, ONE), (there, THREE)):
        publish(local, frozen)
    for local in (there, here):  # from now on there is a version before
        shared.push(local, force=True)
    rng, met, state = random.Random(3 + share), set(), tmp_path / "state"  # noqa: S311  # no secret is drawn
    homes = [str(local.home) for local in (here, there)]
    command = [sys.executable, "-c", PUBLISHER, shared.url, str(state), *homes]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as publisher:
        for number in range(KILLS):
            state.unlink(missing_ok=True)
            publisher.stdin.write("go\n")
            publisher.stdin.flush()
            child = int(publisher.stdout.readline())
            until(state.exists, "a push")
            time.sleep(rng.uniform(0.0, 0.3))
            if number % 2:  # at any moment
                os.kill(child, signal.SIGKILL)
            else:
                kill_when(child, lambda: state.read_text() == "pushes")
            assert publisher.stdout.readline() == "dead\n"
            met.add(shared.verify().version)
        publisher.stdin.close()
    assert met <= {ONE.version, THREE.version}
    shared.verify(shared.pointer(PREVIOUS))
    until(lambda: is_pushed(shared, there), "the database to notice that its client is gone")
    assert shared.verify().version == THREE.version


def is_pushed(shared: SharedDataset, local: Dataset) -> bool:
    try:
        shared.push(local, force=True)
    except PublishRefused:
        return False
    return True


# --- for QGIS ---


def test_every_place_is_a_row_that_says_what_its_record_says(
    shared: SharedDataset, here: Dataset
) -> None:
    publish(here, THREE)
    shared.push(here)
    snapshot = here.load()
    said = {
        (record := json.loads(snapshot.records.with_provenance(row)))["id"]: record
        for row in range(len(snapshot))
    }
    with psycopg.connect(shared.url) as at:
        at.execute("SET search_path TO nuanfeng, public")
        columns = (
            "id, name, kind, door, services, audience, opening_hours, synthetic, version, entry,"
            " layer, source, licence, position, maybe,"
            " ST_AsText({shape}, 9)"
        )
        rows = [
            row
            for view, shape in (("points", "point"), ("streets", "line"))
            for row in at.execute(f"SELECT {columns.format(shape=shape)} FROM {view}".encode())  # noqa: S608
        ]
    assert len(rows) == len(said)
    for (
        place_id,
        name,
        kind,
        door,
        services,
        audience,
        hours,
        synthetic,
        version,
        *own,
        text,
    ) in rows:
        record = said[place_id]
        told = record["properties"]
        assert (name, kind, services, hours) == (
            told["name"],
            told["kind"],
            told["services"],
            told["opening_hours"],
        )
        assert (door, audience) == (told["access"]["door"], told["access"]["audience"])
        names = ("layer", "source", "licence", "position", "maybe")
        assert own == [told["access"]["entry"], *(told[name] for name in names)]
        assert (synthetic, version) == (True, snapshot.version)
        assert shapely.from_wkt(text).equals_exact(
            shapely.from_geojson(json.dumps(record["geometry"])), 1e-9
        )


def test_unknown_stays_unknown_and_provenance_goes_along(
    shared: SharedDataset, here: Dataset
) -> None:
    sourced = {
        "src_file": ["站.xlsx", None, None],
        "src_row": [7, None, None],
        "src_datum": ["gcj02", None, None],
    }
    publish(here, makers.frozen(makers.three_places(**sourced)))
    shared.push(here)
    with psycopg.connect(shared.url) as at:
        columns = (
            b"SELECT src_file, src_row, src_datum, capacity, verified_at::text, phones, door FROM"
            b" nuanfeng.points"
        )
        rows = at.execute(columns + b" ORDER BY id DESC").fetchall()
    assert rows == [
        ("站.xlsx", 7, "gcj02", 12, "2026-11-01", ["075512345678"], "qr"),
        (None, None, None, None, None, [], "open"),
    ]


def test_the_views_show_the_current_version_and_say_what_they_hold(
    shared: SharedDataset, here: Dataset
) -> None:
    for frozen in (THREE, ONE):
        publish(here, frozen)
        shared.push(here)
    with psycopg.connect(shared.url) as at:
        layers = at.execute(
            "SELECT f_table_name, f_geometry_column, type, srid FROM geometry_columns "
            "WHERE f_table_name IN ('points', 'streets') ORDER BY 1"
        ).fetchall()
        assert layers == [
            ("points", "point", "POINT", 4326),
            ("streets", "line", "LINESTRING", 4326),
        ]
        count = (
            "SELECT (SELECT count(*) FROM nuanfeng.points), (SELECT count(*) FROM nuanfeng.streets)"
        )
        assert at.execute(count).fetchall() == [(2, 1)]
    shared.rollback()
    with psycopg.connect(shared.url) as at:
        assert at.execute(count.encode()).fetchall() == [(40, 3)]


def test_a_map_of_the_current_version_is_read_by_the_index(
    shared: SharedDataset, here: Dataset
) -> None:
    for frozen in (THREE, CITY):
        publish(here, frozen)
        shared.push(here)
    with psycopg.connect(shared.url, autocommit=True) as at:
        at.execute("ANALYZE")
        for view, shape in (("points", "point"), ("streets", "line")):
            box = f"SELECT id FROM nuanfeng.{view} WHERE {shape} && ST_MakeEnvelope(114, 22.5, 114.01, 22.51, 4326)"  # noqa: S608
            at.execute("SET enable_seqscan = off")
            plan = " ".join(line for (line,) in at.execute(f"EXPLAIN {box}".encode()))
            assert f"place_{shape}" in plan


def test_the_analysts_tool_reads_a_view_as_it_is(shared: SharedDataset, here: Dataset) -> None:
    import sqlalchemy as sa

    publish(here, CITY)
    shared.push(here)
    engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(shared.url))
    table = gpd.read_postgis("SELECT id, point FROM nuanfeng.points", engine, geom_col="point")
    engine.dispose()
    assert table.crs.to_epsg() == 4326
    assert len(table) == 3_000


# --- a database that is not ready, or not there ---


def test_a_database_that_was_never_prepared_is_told_apart_from_an_empty_one(
    postgres_server: str, here: Dataset
) -> None:
    publish(here, ONE)
    with postgres.database(postgres_server, "bare") as url:
        shared = SharedDataset(url, "made")
        for attempt in (
            shared.pointer,
            shared.versions,
            lambda: shared.push(here),
            lambda: next(shared.changes(1.0)),
        ):
            with pytest.raises(StoreError, match="nuanfeng shared prepare"):
                attempt()
        for _ in range(2):
            postgis.prepare(url)
        with pytest.raises(NoDataset):
            shared.pointer()


def test_a_database_of_another_step_is_refused_by_its_number(shared: SharedDataset) -> None:
    with psycopg.connect(shared.url) as at:
        at.execute("UPDATE nuanfeng.alembic_version SET version_num = '0999'")
    with pytest.raises(StoreError, match=f"step 0999 and this program at {postgis.REVISION}"):
        shared.pointer()


def test_the_schema_can_be_taken_away_again(shared: SharedDataset) -> None:
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config

    engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(shared.url))
    with engine.begin() as connection:
        steps = Config(attributes={"connection": connection})
        steps.set_main_option("script_location", str(Path(postgis.__file__).parent / "migrations"))
        command.downgrade(steps, "base")
    engine.dispose()
    with psycopg.connect(shared.url) as at:
        left = at.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname = 'nuanfeng' AND relkind IN ('r', 'v')"
        )
        assert left.fetchall() == [("alembic_version",)]


def test_a_reader_who_may_only_read_pulls_and_cannot_push(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    publish(here, ONE)
    shared.push(here)
    with psycopg.connect(shared.url, autocommit=True) as at:
        at.execute("DROP ROLE IF EXISTS reader")
        at.execute("CREATE ROLE reader LOGIN")
        at.execute("GRANT USAGE ON SCHEMA nuanfeng TO reader")
        at.execute("GRANT SELECT ON ALL TABLES IN SCHEMA nuanfeng TO reader")
    reader = SharedDataset(shared.url.replace(f"//{postgres.USER}@", "//reader@"), "made")
    assert reader.pull(there).version == ONE.version
    publish(there, TWO)
    with pytest.raises(StoreError, match="refuses: permission denied"):
        reader.push(there)
    assert shared.pointer().version == ONE.version


@pytest.mark.parametrize("mood", ["hung", "down"])
def test_a_database_that_does_not_answer_is_given_up_in_words_without_the_password(
    shared: SharedDataset, here: Dataset, proxy: Proxy, mood: str
) -> None:
    publish(here, ONE)
    shared.push(here)
    behind = SharedDataset(through(proxy), "made")
    assert behind.pointer() == shared.pointer()
    proxy.become(mood)
    with pytest.raises(
        DatabaseAway, match=f"'city' on 127.0.0.1:{proxy.port} does not answer"
    ) as told:
        behind.pointer()  # and comes back, though it hangs on
    assert "secret-word" not in str(told.value)
    proxy.become("well")
    assert behind.pointer() == shared.pointer()


@pytest.mark.parametrize("mood", ["hung", "down"])
def test_a_line_lost_in_the_middle_leaves_both_ends_as_they_were(
    shared: SharedDataset,
    here: Dataset,
    there: Dataset,
    proxy: Proxy,
    mood: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgis, "PIECE_S", 1.0)
    publish(here, ONE)
    shared.push(here)
    behind = SharedDataset(through(proxy), "made")
    behind.pull(there)
    ours, calls = postgis._rows, []

    def breaking(at: object, query: str, /, **values: object) -> object:
        if query in ("piece", "alone"):
            calls.append(query)
            if len(calls) == 3:
                proxy.become(mood)
        return ours(at, query, **values)  # type: ignore[arg-type]  # a stand-in

    publish(here, TWO)
    shared.push(here)
    monkeypatch.setattr(postgis, "_rows", breaking)
    with pytest.raises(DatabaseAway):
        behind.pull(there)
    assert there.verify().version == ONE.version
    assert not list(there.folder.rglob(".unfinished*"))
    proxy.become("well")
    assert behind.pull(there).version == TWO.version


def test_a_listener_whose_line_goes_dead_without_a_word_finds_out(
    shared: SharedDataset, proxy: Proxy
) -> None:
    changes = SharedDataset(through(proxy), "made").changes(0.2)
    assert next(changes) is None
    assert next(changes) is None
    proxy.become("hung")
    with pytest.raises(DatabaseAway):
        next(changes)


def test_a_slow_database_is_waited_for(
    shared: SharedDataset, here: Dataset, there: Dataset, proxy: Proxy
) -> None:
    proxy.become("slow")
    publish(here, CITY)
    behind = SharedDataset(through(proxy), "made")
    assert behind.push(here) == behind.pull(there)
    assert stored(there) == stored(here)


NEW_YEAR = HolidayYear(2027, (HolidayDate(date(2027, 1, 1), True, "元旦", "made up"),))
LABOUR_DAY = HolidayYear(2027, (HolidayDate(date(2027, 5, 1), True, "劳动节", "made up"),))


def test_holidays_go_with_a_push_and_come_with_a_pull_and_the_later_word_holds(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    first, second = Stamp(makers.DAY, "one"), Stamp(makers.NIGHT, "two")
    publish(here, ONE)
    HomeCalendar(here.home).add(NEW_YEAR, first)
    shared.push(here)
    shared.pull(there)
    assert HomeCalendar(there.home).kept() == HomeCalendar(here.home).kept()
    HomeCalendar(there.home).add(LABOUR_DAY, second)
    shared.push(there)  # the version is current already: the holidays are not
    shared.push(here)
    for local in (here, there):
        shared.pull(local)
        assert HomeCalendar(local.home).years("CN") == (LABOUR_DAY,)
    HomeCalendar(here.home).remove("CN", 2027, second)
    shared.push(here)
    shared.pull(there)
    assert HomeCalendar(there.home).years("CN") == ()
    shared.push(there)
    shared.pull(here)
    assert HomeCalendar(here.home).years("CN") == ()


def test_the_holidays_of_two_countries_are_two_rows(
    shared: SharedDataset, here: Dataset, there: Dataset
) -> None:
    finnish = HolidayYear(2031, (HolidayDate(date(2031, 1, 1), True, "", "made up"),), "FI")
    chinese = HolidayYear(2027, NEW_YEAR.days)
    publish(here, ONE)
    for year in (finnish, chinese):
        HomeCalendar(here.home).add(year, Stamp(makers.DAY, "one"))
    shared.push(here)
    shared.pull(there)
    assert HomeCalendar(there.home).kept() == HomeCalendar(here.home).kept()
    assert HomeCalendar(there.home).years("FI") == (finnish,)


def test_a_database_of_the_step_before_is_brought_up_to_date_with_all_it_holds(
    shared: SharedDataset, here: Dataset
) -> None:
    publish(here, ONE)
    shared.push(here)
    with psycopg.connect(shared.url, autocommit=True) as at:
        at.execute("DROP TABLE nuanfeng.holidays")
        at.execute("UPDATE nuanfeng.alembic_version SET version_num = '0002'")
    with pytest.raises(StoreError, match="run `nuanfeng shared prepare`"):
        shared.pointer()
    postgis.prepare(shared.url)
    HomeCalendar(here.home).add(NEW_YEAR, Stamp(makers.DAY, "one"))
    assert shared.push(here).version == shared.verify().version == ONE.version
