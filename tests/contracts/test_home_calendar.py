"""The holidays that an operator loaded: whole or not at all, and of each year the later word."""

import hashlib
import json
import multiprocessing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from geodata.errors import BadValue, DamagedDataset, PublishRefused
from geodata.hours.calendar import DayKind, HolidayDate, HolidayYear, calendar_of
from geodata.store.calendar import HomeCalendar, KeptYear
from geodata.store.history import Stamp
from tests.patience import PATIENCE_S

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STAMP = Stamp(NOON, "clerk@desk")


def year(number: int, *days: tuple[int, int], source: str = "made up") -> HolidayYear:
    return HolidayYear(
        number,
        tuple(HolidayDate(date(number, month, day), True, "", source) for month, day in days),
    )


def test_a_year_is_kept_and_stands_before_the_librarys(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    assert home.calendar("CN").same_as(calendar_of("CN"))
    home.add(year(2027, (1, 1)), STAMP)
    home.add(year(2026, (1, 1)), STAMP)
    assert [each.year for each in HomeCalendar(tmp_path).years("CN")] == [2026, 2027]
    assert [(each.at, each.by) for each in home.kept()] == [(NOON, "clerk@desk")] * 2
    assert home.calendar("CN").known_until == date(2027, 12, 31)
    assert home.calendar("CN").kind(date(2026, 10, 1)) == DayKind.TH  # the library's is off
    found = {path.relative_to(home.folder).as_posix() for path in home.folder.rglob("*.*")}
    assert found == {".lock", "CN/2026.json", "CN/2027.json"}


def test_a_year_added_again_is_replaced_and_one_taken_back_is_the_librarys(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    home.add(year(2026, (1, 1)), STAMP)
    home.add(year(2026, (5, 1)), STAMP)
    assert home.years("CN") == (year(2026, (5, 1)),)
    home.remove("CN", 2026, STAMP)
    assert home.years("CN") == ()
    assert home.calendar("CN").same_as(calendar_of("CN"))
    with pytest.raises(BadValue, match="2026 were not loaded here; loaded are: none"):
        home.remove("CN", 2026, STAMP)


def test_a_year_after_a_gap_is_refused_and_so_is_making_one(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    with pytest.raises(BadValue, match="2028 does not follow the years that are known"):
        home.add(year(2028, (1, 3)), STAMP)
    home.add(year(2027, (1, 1)), STAMP)
    home.add(year(2028, (1, 3)), STAMP)
    with pytest.raises(BadValue, match="without 2027 nobody could use 2028"):
        home.remove("CN", 2027, STAMP)
    with pytest.raises(BadValue, match="2029 has no days"):
        home.add(HolidayYear(2029, ()), STAMP)
    home.remove("CN", 2028, STAMP)
    home.remove("CN", 2027, STAMP)
    assert home.years("CN") == ()


def test_of_two_machines_the_later_word_holds_even_if_a_clock_is_set_back(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    home.add(year(2027, (1, 1)), STAMP)
    home.add(year(2027, (5, 1)), Stamp(NOON - timedelta(days=9), "clerk@desk"))
    (kept,) = home.kept()
    assert kept.at > NOON
    older = KeptYear(2027, kept.at - timedelta(hours=1), "other", year(2027, (10, 1)).days)
    newer = KeptYear(2027, kept.at + timedelta(hours=1), "other", ())
    assert not home.take(older)
    assert home.years("CN") == (year(2027, (5, 1)),)
    assert home.take(newer)
    assert home.years("CN") == ()
    assert not home.take(kept)  # what was taken back does not come back


def test_a_damaged_year_is_told_and_can_be_loaded_anew_or_taken_back(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    for mend in (
        lambda: home.add(year(2027, (1, 1)), STAMP),
        lambda: home.remove("CN", 2027, STAMP),
    ):
        home.add(year(2027, (1, 1)), STAMP)
        path = home.folder / "CN" / "2027.json"
        path.write_bytes(path.read_bytes().replace(b"2027-01-01", b"2027-01-02"))
        with pytest.raises(
            DamagedDataset, match=r"the holidays in calendar/CN/2027.json are damaged"
        ):
            home.calendar("CN")
        mend()
        home.calendar("CN")


def test_a_folder_that_refuses_says_so_and_the_year_before_stays(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    home.add(year(2027, (1, 1)), STAMP)
    (home.folder / "CN" / ".unfinished-2027").mkdir()  # no file can be written there
    with pytest.raises(PublishRefused, match="the holidays were not kept: "):
        home.add(year(2027, (5, 1)), STAMP)
    assert home.years("CN") == (year(2027, (1, 1)),)


def _add(home: Path, source: str, said: "multiprocessing.Queue[str]") -> None:
    try:
        HomeCalendar(home).add(year(2027, (1, 1), (5, 1), source=source), Stamp.now())
        said.put("kept")
    except PublishRefused as fault:
        said.put(str(fault))


def test_processes_that_add_at_once_leave_one_whole_year(tmp_path: Path) -> None:
    spawned = multiprocessing.get_context("fork")
    said = spawned.Queue()
    sources = [f"process {n}" for n in range(6)]
    running = [spawned.Process(target=_add, args=(tmp_path, each, said)) for each in sources]
    for process in running:
        process.start()
    answers = [said.get(timeout=PATIENCE_S) for _ in running]
    for process in running:
        process.join()
    assert "kept" in answers
    assert set(answers) <= {
        "kept",
        "another process is publishing to the calendar; try again later",
    }
    (kept,) = HomeCalendar(tmp_path).years("CN")
    assert {each.source for each in kept.days} <= set(sources)
    assert len({each.source for each in kept.days}) == 1


def test_years_belong_to_a_country(tmp_path: Path) -> None:
    home = HomeCalendar(tmp_path)
    ours = year(2027, (1, 1))
    theirs = HolidayYear(2031, (HolidayDate(date(2031, 1, 2), True, "", "x"),), "FI")
    home.add(ours, STAMP)
    home.add(theirs, STAMP)
    assert home.years("CN") == (ours,)
    assert home.years("FI") == (theirs,)
    assert [(each.country, each.year) for each in home.kept()] == [("CN", 2027), ("FI", 2031)]
    assert home.calendar("FI").known_until == date(2031, 12, 31)
    assert home.calendar("CN").known_until == date(2027, 12, 31)
    home.remove("FI", 2031, STAMP)
    assert home.years("FI") == ()
    assert home.years("CN") == (ours,)


def test_years_that_were_kept_before_there_were_countries_are_chinas_and_move_when_written(
    tmp_path: Path,
) -> None:
    home = HomeCalendar(tmp_path)
    home.add(year(2027, (1, 1)), STAMP)
    written_then = json.loads((home.folder / "CN" / "2027.json").read_bytes().splitlines()[0])
    del written_then["country"]
    body = json.dumps(written_then).encode()
    (home.folder / "CN" / "2027.json").unlink()
    before = home.folder / "2027.json"
    before.write_bytes(body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n")
    assert home.years("CN") == (year(2027, (1, 1)),)
    assert home.before("CN", 2027) == year(2027, (1, 1))
    assert home.years("FI") == ()
    home.add(year(2027, (5, 1)), STAMP)
    assert home.years("CN") == (year(2027, (5, 1)),)
    assert not before.exists()
