"""A year's holidays from a table: any valid year comes back as it was, and each bad one has its
sentence.
"""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import BadTable, Reject
from geodata.hours.calendar import CHINA, HolidayDate, HolidayYear, library_years
from geodata.sources.holidays import as_rows, read_holidays

EXAMPLE = Path(__file__).parents[2] / "data" / "calendar" / "2027.csv"
HEAD = "date,off or work,name,source\n"


def written(folder: Path, text: str, name: str = "holidays.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_read_as_it_is_meant() -> None:
    found = read_holidays(EXAMPLE)
    assert (found.year.year, len(found.year.days), found.doubts) == (2027, 31, ())
    assert found.year.days[0].day == date(2027, 1, 1)
    assert {each.source for each in found.year.days} == {"示例通知（并非国务院办公厅的通知）"}
    assert found.year.worked == {
        date(2027, 1, 31),
        date(2027, 2, 20),
        date(2027, 5, 8),
        date(2027, 10, 9),
    }


texts = st.text(st.characters(categories=("L", "N")), max_size=8)


@st.composite
def years(draw: st.DrawFn) -> HolidayYear:
    number = draw(st.integers(2020, 2040))
    first = date(number, 1, 1)
    length = (date(number + 1, 1, 1) - first).days
    chosen = draw(st.sets(st.integers(0, length - 1), min_size=1, max_size=40))
    days = []
    for day in (first + timedelta(days=n) for n in sorted(chosen)):
        off = day.weekday() < 5 or draw(st.booleans())  # Monday to Friday
        days.append(HolidayDate(day, off, draw(texts), draw(texts.filter(bool))))
    return HolidayYear(number, tuple(days))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(years())
def test_any_valid_year_comes_back_as_it_was(tmp_path: Path, year: HolidayYear) -> None:
    path = tmp_path / "year.csv"
    # With its mark: without one, a few letters of other scripts are Chinese in GB 18030 as well.
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(as_rows(year))
    assert read_holidays(path).year == year


def test_the_librarys_years_come_back_and_nobody_doubts_them(tmp_path: Path) -> None:
    for year in library_years(CHINA):
        path = tmp_path / f"{year.year}.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(as_rows(year))
        found = read_holidays(path)
        assert (found.year, found.doubts) == (year, ())


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "2027-01-01,off,元旦,通知\n2027-01-31,work,春节,通知\n",
        HEAD + "2027-01-31,work,春节,通知\n2027-01-01,off,元旦,\n",
        "2027-01-01,off,元旦,通知\n2027-01-31,work,春节,通知\n",
        "2027年1月1日,放假,元旦,通知\n2027年1月31日,调休上班,春节,通知\n",
        "日期;放假/上班;名称;来源\n2027/1/1;休;元旦;通知\n2027/1/31;班;春节;通知\n",
        "name,source,date,kind\n元旦,通知,20270101,OFF\n春节,通知,2027.1.31,Work\n",
        "2027年安排,,,\n日期,放假/上班,名称,来源\n2027-01-01,放假,元旦,通知\n2027-01-31,上班,春节,通知\n",
    ],
)
def test_tables_as_people_write_them(tmp_path: Path, text: str) -> None:
    assert read_holidays(written(tmp_path, text)).year == HolidayYear(
        2027,
        (
            HolidayDate(date(2027, 1, 1), True, "元旦", "通知"),
            HolidayDate(date(2027, 1, 31), False, "春节", "通知"),
        ),
    )


def test_a_workbook_is_read_too(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "2027.xlsx")) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ("日期", "放假/上班", "名称", "来源"))
        sheet.write_datetime(1, 0, datetime(2027, 1, 1), day)  # noqa: DTZ001  # a sheet has no zones
        sheet.write_row(1, 1, ("放假", "元旦", "通知"))
        sheet.write_row(2, 0, ("2027-01-31", "上班", "春节", "通知"))
    found = read_holidays(tmp_path / "2027.xlsx").year
    assert [(each.day, each.off) for each in found.days] == [
        (date(2027, 1, 1), True),
        (date(2027, 1, 31), False),
    ]


def test_a_source_can_be_said_beside_the_table(tmp_path: Path) -> None:
    path = written(tmp_path, "date,kind,name\n2027-01-01,off,元旦\n")
    assert [each.source for each in read_holidays(path, "通知").year.days] == ["通知"]


@pytest.mark.parametrize(
    ("rows", "row", "words"),
    [
        ("2027-02-30,off,春节,通知\n2027-01-01,off,元旦,通知\n", 2, "no date"),
        ("2027-01-01,off,元旦,通知\nspring,off,春节,通知\n", 3, "no date"),
        ("2027-01-01,maybe,元旦,通知\n", 2, "neither off nor work"),
        ("2027-01-01,调休,元旦,通知\n", 2, "neither off nor work"),
        ("2027-01-01,,元旦,通知\n", 2, "neither off nor work"),
        ("2027-01-01,off,元旦,通知\n2027-01-04,work,元旦,通知\n", 3, "only a Sa or Su can be"),
        ("2027-01-01,off,元旦,\n", 2, "whose word is it"),
        ("2027-01-01,off,元旦,甲\n2027-01-02,off,元旦,乙\n2027-01-03,off,元旦,\n", 4, "whose word"),
        ("2027-01-01,off,元旦,通知\n2027-01-01,off,元旦,通知\n", 3, "stands in row 2, too"),
        ("2027-01-02,off,元旦,通知\n2027-01-02,work,元旦,通知\n", 3, "stands in row 2, too"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_reason(
    tmp_path: Path, rows: str, row: int, words: str
) -> None:
    with pytest.raises(BadTable, match="nothing was kept") as told:
        read_holidays(written(tmp_path, HEAD + rows))
    (reject,) = told.value.rejects
    assert isinstance(reject, Reject)
    assert reject.row == row
    assert words in reject.reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "2027-12-31,off,元旦,通知\n2028-01-01,off,元旦,通知\n", "days of 2027, 2028"),
        (HEAD, "holds no"),
        ("a,b\n1,2\n", "has no column 'date'"),
        ("date,name\n2027-01-01,元旦\n", "has no column 'off'"),
        ("2027-01-01,2027-01-02,off,x\n", "has no column 'date'"),
    ],
)
def test_a_table_that_is_no_year_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadTable, match=words):
        read_holidays(written(tmp_path, text))


def test_a_file_that_forgets_a_holiday_is_doubted_by_name(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("2027-09-15,放假,中秋节,\n", "")
    (doubt,) = read_holidays(written(tmp_path, text)).doubts
    assert "2027-09-15 中秋节" in doubt


def test_a_file_of_every_weekend_is_doubted(tmp_path: Path) -> None:
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    named = {line[:10] for line in EXAMPLE.read_text(encoding="utf-8").splitlines()}
    weekend = [str(day) for day in days if day.weekday() in (5, 6)]
    more = [f"{day},off,周末,\n" for day in weekend if day not in named]
    text = EXAMPLE.read_text(encoding="utf-8") + "".join(more)
    (doubt,) = read_holidays(written(tmp_path, text)).doubts
    assert "Plain weekends need no row" in doubt
