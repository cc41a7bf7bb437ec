"""The database of what people say: its steps forward and back, and what is acknowledged is kept."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db import migrate
from app.db.database import Database, VoiceAway
from app.db.migrate import NewerVoice, OtherVoice
from app.db.tables import about, allowance, metadata, salt
from tests.app.db.conftest import NOW
from tests.patience import PATIENCE_S, until


def counted(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(salt)).scalar_one()


def salted(day: int) -> dict[str, object]:
    return {"day": date(2026, 1, 1) + timedelta(days=day), "salt": bytes(32)}


def test_the_tables_are_those_of_the_program_forward_and_back(bare: Database) -> None:
    migrate.upgrade(bare, "demo", synthetic=True, now=NOW)
    assert migrate.revision(bare) == migrate.REVISION
    assert migrate.differences(bare) == []
    migrate.downgrade(bare, "base")
    assert migrate.revision(bare) is None
    assert len(migrate.differences(bare)) >= len(metadata.tables)
    migrate.upgrade(bare, "demo", synthetic=True, now=NOW)
    assert migrate.differences(bare) == []


def test_a_second_start_changes_nothing(database: Database) -> None:
    database.write(lambda connection: connection.execute(insert(salt).values(salted(1))))
    migrate.upgrade(database, "demo", synthetic=True, now=NOW + timedelta(days=1))
    with database.reading() as connection:
        assert connection.execute(select(about.c.made_at)).scalar_one() == NOW
    assert counted(database) == 1


def test_a_newer_database_is_refused(database: Database) -> None:
    def newer(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    database.write(newer)
    with pytest.raises(NewerVoice, match="9999"):
        migrate.upgrade(database, "demo", synthetic=True, now=NOW)


@pytest.mark.parametrize(("dataset", "synthetic"), [("shop", True), ("demo", False)])
def test_a_database_is_one_datasets_for_ever(
    database: Database, dataset: str, *, synthetic: bool
) -> None:
    with pytest.raises(OtherVoice, match="demo"):
        migrate.upgrade(database, dataset, synthetic=synthetic, now=NOW)


def test_a_file_is_copied_before_its_tables_change(database: Database) -> None:
    copy = migrate.copy_beside(database, "0001")
    assert (copy is not None) == database.is_sqlite
    if copy is not None:
        held = Database(f"sqlite:///{copy}")
        assert migrate.differences(held) == []
        held.close()


def test_instants_come_back_aware_and_alike(database: Database) -> None:
    at = datetime(2026, 11, 30, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    row = {"who": "a", "what": "reports", "hour": at, "times": 1}
    database.write(lambda connection: connection.execute(insert(allowance).values(row)))
    with database.reading() as connection:
        held = connection.execute(select(allowance.c.hour)).scalar_one()
        assert (held, held.tzinfo) == (at, UTC)
        assert connection.execute(select(allowance).where(allowance.c.hour == at)).one().times == 1


def test_an_instant_without_a_zone_is_not_stored(database: Database) -> None:
    row = {"who": "a", "what": "reports", "hour": datetime(2026, 11, 30, 10), "times": 1}  # noqa: DTZ001  # the fault
    with pytest.raises(Exception, match="time zone"):
        database.write(lambda connection: connection.execute(insert(allowance).values(row)))


def test_a_unit_that_fails_takes_no_other_with_it(database: Database) -> None:
    def unit(number: int) -> None:
        def write(connection: Connection) -> None:
            connection.execute(insert(salt).values(salted(number)))
            if number % 3 == 0:
                raise ValueError(number)

        database.write(write)

    with ThreadPoolExecutor(16) as pool:
        failed = [type(each.exception()) for each in [pool.submit(unit, n) for n in range(90)]]
    assert failed.count(ValueError) == 30
    assert failed.count(type(None)) == 60
    assert counted(database) == 60


def test_what_comes_late_in_a_slow_group_is_first_in_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.database.MOST_TOGETHER_S", -1.0)
    begun, all_wait, order = threading.Event(), threading.Event(), []
    groups: list[int] = []
    event.listen(database.engine, "commit", lambda _connection: groups.append(len(order)))

    def unit(number: int) -> None:
        def write(connection: Connection) -> None:
            connection.execute(insert(salt).values(salted(number)))
            order.append(number)
            begun.set()
            all_wait.wait(PATIENCE_S)

        database.write(write)

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(unit, 0)
        begun.wait(PATIENCE_S)
        others = [pool.submit(unit, number) for number in range(1, 6)]
        until(lambda: database._waiting.qsize() == 5)
        waiting = order[:]
        all_wait.set()
        assert [each.result(PATIENCE_S) for each in (first, *others)] == [None] * 6
    assert (waiting, sorted(order), groups) == ([0], [*range(6)], [1, 2, 3, 4, 5, 6])
    assert counted(database) == 6


def test_the_same_row_twice_is_the_askers_fault_and_nobody_elses(database: Database) -> None:
    database.write(lambda connection: connection.execute(insert(salt).values(salted(1))))
    with pytest.raises(IntegrityError):
        database.write(lambda connection: connection.execute(insert(salt).values(salted(1))))
    database.write(lambda connection: connection.execute(insert(salt).values(salted(2))))
    assert counted(database) == 2


def test_read_and_written_by_many_nothing_is_lost(database: Database) -> None:
    other = Database(database.url)  # as another worker has it
    row = {"who": "a", "what": "reports", "hour": NOW, "times": 0}
    database.write(lambda connection: connection.execute(insert(allowance).values(row)))

    def one_more(connection: Connection) -> None:
        times = connection.execute(select(allowance.c.times)).scalar_one()
        connection.execute(update(allowance).values(times=times + 1))

    with ThreadPoolExecutor(16) as pool:
        done = [pool.submit((database, other)[n % 2].write, one_more) for n in range(400)]
    assert [each.exception() for each in done if each.exception()] == []
    with other.reading() as connection:
        assert connection.execute(select(allowance.c.times)).scalar_one() == 400
    other.close()


def test_a_database_that_is_held_is_away_and_then_back(database: Database) -> None:
    held, let_go = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        held.set()
        let_go.wait(PATIENCE_S)

    holder = Database(database.url)
    thread = threading.Thread(target=holder.write, args=(hold,))
    thread.start()
    held.wait(PATIENCE_S)
    with pytest.raises(VoiceAway):
        database.write(lambda connection: connection.execute(insert(salt).values(salted(1))))
    let_go.set()
    thread.join()
    database.write(lambda connection: connection.execute(insert(salt).values(salted(2))))
    assert counted(database) == 1
    holder.close()


def test_what_is_read_meanwhile_waits_for_nobody(database: Database) -> None:
    seen: list[int] = []

    def write(connection: Connection) -> None:
        connection.execute(insert(salt).values(salted(1)))
        seen.append(counted(database))

    database.write(write)
    assert (seen, counted(database)) == ([0], 1)


def test_a_writer_that_waits_holds_on_to_nothing_it_wrote(database: Database) -> None:
    class Held:
        """What a unit closes over."""

    held = Held()
    gone = weakref.ref(held)
    assert database.write(lambda _connection, held=held: type(held)) is Held
    del held
    until(lambda: gc.collect() >= 0 and gone() is None)  # it may still be telling us
