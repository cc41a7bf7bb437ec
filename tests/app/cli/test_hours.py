"""`nuanfeng hours` as a clerk uses it: how a notice is read, on which days, and what stops it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli


def asked(*arguments: str, locale: str = "en_US.UTF-8") -> Result:
    return CliRunner().invoke(cli, ["hours", *arguments], env={"LC_ALL": locale})


def lines(*arguments: str) -> list[dict[str, object]]:
    found = asked(*arguments, "--json")
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.output.splitlines()]


def test_a_text_that_is_read_shows_its_syntax_and_its_next_fortnight() -> None:
    (answer,) = lines("周一至周五 9:00-18:00", "--from", "2026-09-24")
    assert answer["text"] == "周一至周五 9:00-18:00"
    assert answer["read"] == "Mo-Fr 09:00-18:00; PH unknown"
    assert "why" not in answer
    days = answer["days"]
    assert isinstance(days, list)
    assert [day["date"] for day in days][:3] == ["2026-09-24", "2026-09-25", "2026-09-26"]
    assert len(days) == 14
    assert days[0] == {"date": "2026-09-24", "open": [["09:00", "18:00"]], "unknown": False}
    assert days[1] == {"date": "2026-09-25", "open": [], "unknown": True}  # Mid-Autumn Festival


def test_a_night_is_split_at_midnight() -> None:
    (answer,) = lines("周五22:00-次日6:00，法定节假日除外", "--from", "2026-11-06")
    days = answer["days"]
    assert isinstance(days, list)
    assert [day["open"] for day in days[:3]] == [[["22:00", "24:00"]], [["00:00", "06:00"]], []]


def test_what_stops_a_text_is_told_and_every_day_is_unknown() -> None:
    (answer,) = lines("9:00-18:00（需预约）", "--from", "2026-11-06")
    assert answer["read"] is None
    assert answer["why"] == "“需预约” is not known"
    days = answer["days"]
    assert isinstance(days, list)
    assert all(day["open"] == [] and day["unknown"] for day in days)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_file_has_a_text_a_line(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("24小时\n\n工作日9:00-18:00\n", encoding=encoding)
    answers = lines("--file", str(path))
    assert [answer["text"] for answer in answers] == ["24小时", "", "工作日9:00-18:00"]
    assert [answer["read"] for answer in answers] == [
        "Mo-Su 00:00-24:00",
        None,
        'Mo-Fr 09:00-18:00 open "工作日"; PH off',
    ]


def test_a_clerk_sees_a_table_with_holidays_marked() -> None:
    shown = asked("每天9:00-18:00，法定节假日除外", "--from", "2026-09-28").output
    assert "Mo-Su 09:00-18:00; PH off" in shown
    assert "周一至周日09:00-18:00；法定节假日休息" in shown
    (holiday,) = (line for line in shown.splitlines() if "2026-10-01" in line)
    assert "public holiday" in holiday
    assert "closed" in holiday
    (worked,) = (line for line in shown.splitlines() if "2026-10-10" in line)
    assert "worked weekend" in worked


def test_dates_beyond_the_notice_of_holidays_say_so() -> None:
    shown = asked("周一至周五9:00-18:00", "--from", "2029-01-08").output
    assert "holidays not known yet" in shown


def test_it_speaks_chinese_where_the_locale_does_or_when_asked() -> None:
    assert "不认识“预约”" in asked("9:00-18:00（预约）", locale="zh_CN.UTF-8").output
    assert "不认识“预约”" in asked("9:00-18:00（预约）", "--lang", "zh").output
    assert (
        "is not known" in asked("9:00-18:00（预约）", "--lang", "en", locale="zh_CN.UTF-8").output
    )


def test_without_a_text_or_a_file_that_can_be_read_it_says_what_to_do(tmp_path: Path) -> None:
    assert "Give a text" in asked().output
    assert asked().exit_code == 2
    missing = asked("--file", str(tmp_path / "none.txt"))
    assert missing.exit_code == 1
    assert "cannot be read" in missing.output
    (tmp_path / "picture.bin").write_bytes(b"\x89PNG\x00\x00\x00\rIHDR")
    assert "is not text" in asked("--file", str(tmp_path / "picture.bin")).output
    assert "is a folder" in asked("--file", str(tmp_path)).output
    (tmp_path / "empty.txt").touch()
    assert "is empty" in asked("--file", str(tmp_path / "empty.txt")).output


def test_the_last_fortnight_of_the_calendar_is_shown_and_none_beyond() -> None:
    (answer,) = lines("每天22:00-次日6:00", "--from", "9999-12-17")
    days = answer["days"]
    assert isinstance(days, list)
    assert days[-1]["date"] == "9999-12-30"
    refused = asked("每天9:00-18:00", "--from", "9999-12-18")
    assert refused.exit_code == 2
    assert "up to 9999-12-17" in refused.output
