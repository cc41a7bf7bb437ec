"""`nuanfeng calendar` as a clerk uses it, and the warnings of commands while next year is not
known.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.hours.calendar import DayKind
from geodata.store.calendar import HomeCalendar
from geodata.store.files import Dataset
from tests import makers

HOLIDAYS = Path(__file__).parents[2] / "data" / "calendar" / "2027.csv"
MISSING = "Warning: The public holidays of 2027 are not known here"
ADD = ("calendar", "add", str(HOLIDAYS))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With two datasets of the library's calendar."""
    made = makers.frozen(makers.three_places())
    for name in ("made", "other"):
        Dataset(tmp_path / "home", name).publish(made.version, made.about, made.arrays, made.blobs)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def _in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    set_today(monkeypatch, date(2026, 11, 30))


def set_today(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr("app.cli.calendar.today", lambda *_: day)


def nuanfeng(home: Path, *arguments: str) -> Result:
    environment = {"NUANFENG_HOME": str(home), "NUANFENG_DATASET": "made", "COLUMNS": "200"}
    return CliRunner().invoke(cli, arguments, env=environment)


def known_until(home: Path, name: str) -> date:
    return Dataset(home, name).load().known_until


def test_a_year_is_shown_before_it_is_loaded_and_what_must_be_done_is_said(home: Path) -> None:
    shown = nuanfeng(home, "calendar", "show")
    assert shown.exit_code == 0
    assert "Days are known up to 2026-12-31." in shown.stdout
    assert MISSING in shown.stderr
    assert "nuanfeng calendar add 2027.csv --publish" in shown.stderr
    refused = nuanfeng(home, "calendar", "show", "2027")
    assert refused.exit_code == 1
    assert "the holidays of 2027 are not known; known are 2025–2026" in refused.stderr


def test_a_dry_run_says_what_it_would_do_and_keeps_nothing(home: Path) -> None:
    told = nuanfeng(home, *ADD, "--dry-run")
    assert told.exit_code == 0
    assert "2027: 27 days off, 4 worked weekend days." in told.stdout
    assert "2027-02-05 – 2027-02-11" in told.stdout
    assert "Nothing was known of 2027 before." in told.stdout
    assert "Nothing was kept" in told.stdout
    assert HomeCalendar(home).years("CN") == ()


def test_added_it_is_kept_and_the_datasets_without_it_are_named(home: Path) -> None:
    added = nuanfeng(home, *ADD)
    assert added.exit_code == 0
    assert "Published without it so far: made, other." in added.stdout
    assert "nuanfeng calendar publish" in added.stdout
    assert added.stderr == ""  # the home knows 2027 now
    assert known_until(home, "made") == date(2026, 12, 31)
    one = nuanfeng(home, "calendar", "publish", "--dataset", "made")
    assert "Published dataset made with it" in one.stdout
    assert [known_until(home, name).year for name in ("made", "other")] == [2027, 2026]
    both = nuanfeng(home, "calendar", "publish")
    assert "Dataset made has this calendar already." in both.stdout
    assert "Published dataset other with it" in both.stdout
    calendar = Dataset(home, "other").load().hours_by_minute.calendar
    assert calendar.kind(date(2027, 2, 6)) == DayKind.PH
    assert calendar.kind(date(2027, 2, 20)) == DayKind.WORKDAY
    assert nuanfeng(home, "calendar", "publish", "--dataset", "nowhere").exit_code == 1


def test_added_with_publish_and_taken_back_the_places_stay_the_same(home: Path) -> None:
    nuanfeng(home, "build", "--places", "40", "--dataset", "city")
    before = Dataset(home, "city").pointer().version
    assert nuanfeng(home, *ADD, "--publish").exit_code == 0
    assert known_until(home, "made") == known_until(home, "other") == date(2027, 12, 31)
    told = nuanfeng(home, "diff", "--dataset", "city", "--json").stdout
    assert json.loads(told)["places"] == []
    taken = nuanfeng(home, "calendar", "remove", "2027", "--publish")
    assert taken.exit_code == 0
    assert MISSING in taken.stderr
    assert Dataset(home, "city").pointer().version == before
    assert nuanfeng(home, "calendar", "remove", "2027").exit_code == 1


def test_a_year_shown_as_csv_and_added_again_is_the_same(home: Path, tmp_path: Path) -> None:
    nuanfeng(home, *ADD)
    (loaded,) = HomeCalendar(home).years("CN")
    path = tmp_path / "again.csv"
    for year in ("2027", "2026"):
        path.write_text(nuanfeng(home, "calendar", "show", year, "--csv").stdout, encoding="utf-8")
        again = nuanfeng(home, "calendar", "add", str(path))
        assert f"It is what was known of {year} already." in again.stdout
    assert HomeCalendar(home).years("CN")[1] == loaded
    years = json.loads(nuanfeng(home, "calendar", "show", "--json").stdout)
    assert [(each["year"], each["loaded"]) for each in years] == [
        (2025, False),
        (2026, True),
        (2027, True),
    ]


def test_a_year_that_replaces_another_tells_the_differences(home: Path, tmp_path: Path) -> None:
    text = nuanfeng(home, "calendar", "show", "2026", "--csv").stdout
    path = tmp_path / "2026.csv"
    path.write_text(text.replace("2026-10-10,work", "2026-10-11,work"), encoding="utf-8")
    told = nuanfeng(home, "calendar", "add", str(path))
    lines = [line.split("│")[1:4] for line in told.stdout.splitlines() if "2026-10-1" in line]
    assert [[cell.strip() for cell in line] for line in lines] == [
        ["2026-10-10", "worked", "as its weekday"],
        ["2026-10-11", "as its weekday", "worked"],
    ]


def test_a_year_with_a_holiday_missing_is_refused_unless_insisted_upon(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "2027.csv"
    text = HOLIDAYS.read_text(encoding="utf-8").replace("2027-06-09,放假,端午节,\n", "")
    path.write_text(text, encoding="utf-8")
    refused = nuanfeng(home, "calendar", "add", str(path))
    assert refused.exit_code == 1
    assert "2027.csv is hardly the whole year 2027" in refused.stderr
    assert "2027-06-09 端午节" in refused.stderr
    assert HomeCalendar(home).years("CN") == ()
    assert nuanfeng(home, "calendar", "add", str(path), "--force").exit_code == 0


def test_a_bad_row_is_told_with_its_number_and_nothing_is_kept(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    path.write_text(HOLIDAYS.read_text(encoding="utf-8") + "2027-02-30,放假,,\n", encoding="utf-8")
    refused = nuanfeng(home, "calendar", "add", str(path))
    assert refused.exit_code == 1
    assert "2027-02-30" in refused.stderr
    assert "1 rows of 2027.csv cannot be used; nothing was kept" in refused.stderr
    assert HomeCalendar(home).years("CN") == ()
    missing = nuanfeng(home, "calendar", "add", str(tmp_path / "none.csv"))
    assert missing.exit_code == 1
    assert "Traceback" not in missing.output


def test_what_is_built_and_imported_takes_the_calendar_of_the_home(
    home: Path, tmp_path: Path
) -> None:
    table = tmp_path / "stations.csv"
    table.write_text("名称,经度,纬度\n甲驿站,114.05,22.54\n乙驿站,114.06,22.55\n", encoding="utf-8")
    imported = (
        "import",
        str(table),
        "--dataset",
        "mine",
        "--datum",
        "wgs84",
        "--kind",
        "warm_bee_station",
        "--publish",
    )
    built = ("build", "--places", "40", "--dataset", "city")
    for command in (built, imported):
        told = nuanfeng(home, *command)
        assert told.exit_code == 0, told.output
        assert MISSING in told.stderr
    nuanfeng(home, *ADD)
    for command in (built, imported):
        assert "Warning" not in nuanfeng(home, *command).stderr
    assert known_until(home, "city") == known_until(home, "mine") == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("day", "warned"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), True),
    ],
)
def test_the_commands_warn_from_the_first_of_november_on(
    home: Path, monkeypatch: pytest.MonkeyPatch, day: date, *, warned: bool
) -> None:
    set_today(monkeypatch, day)
    for command in (("calendar", "show"), ("calendar", "publish")):
        assert (MISSING in nuanfeng(home, *command).stderr) == warned
    nuanfeng(home, *ADD)
    assert "Warning" not in nuanfeng(home, "calendar", "show").stderr


def test_another_countrys_holidays_are_shown_and_loaded_beside_ours(home: Path) -> None:
    shown = nuanfeng(home, "calendar", "show", "2026", "--country", "fi")
    assert shown.exit_code == 0
    assert "Juhannusaatto" in shown.stdout
    assert (
        "Days are known up to 2030-12-31."
        in nuanfeng(home, "calendar", "show", "--country", "FI").stdout
    )
    nobody = nuanfeng(home, "calendar", "show", "--country", "ZZ")
    assert "No holidays of ZZ are known" in nobody.stdout
    refused = nuanfeng(home, "calendar", "show", "--country", "Finland")
    assert refused.exit_code == 2
    assert "two letters of ISO 3166" in refused.stderr


def test_without_a_country_it_is_the_datasets(tmp_path: Path) -> None:
    there = makers.elsewhere("Europe/Helsinki", "FI")
    made = makers.frozen(makers.three_places(), city=there)
    parts = (made.version, made.about, made.arrays, made.blobs)
    Dataset(tmp_path, "made").publish(*parts)
    shown = nuanfeng(tmp_path, "calendar", "show")
    assert "Days are known up to 2030-12-31." in shown.stdout
    assert shown.stderr == ""
    told = nuanfeng(
        tmp_path, "hours", "Mo-Fr 09:00-18:00; PH off", "--from", "2026-12-24", "--json"
    )
    first = json.loads(told.stdout)["days"][0]
    assert (first["date"], first["open"]) == ("2026-12-24", [])  # Christmas Eve is off
