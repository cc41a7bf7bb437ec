"""The command line speaks the clerk's language: help, reports, refusals and the returned workbook
are Chinese or English as a whole, and neither slips into the other.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from app.cli.main import cli
from app.words import Language, of_locale
from geodata.sources.read import read

HAN = re.compile("[\u4e00-\u9fff]")
#: Two words of small letters in a row: no name of a command, an option, a format or a field is.
ENGLISH = re.compile(r"(?<![\w`'./-])[a-z]{2,} (?:[a-z]{2,}|a)(?![\w.=/-])")
#: What stands in help as it is typed or written into files, in whatever language.
TYPED = re.compile(
    r"`[^`]*`|'[^']*'|\{[^}]*\}|[\[(]?[\w-]+(?:\|[\w:-]+)+[\])]?|nuanfeng(?: [a-z-]+)+"
)


def invoked(*arguments: str | Path) -> Result:
    return CliRunner().invoke(
        cli, list(map(str, arguments)), terminal_width=120, prog_name="nuanfeng"
    )


def commands(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


def prose_of(output: str) -> str:
    """Help without its examples and without what is typed."""
    said = re.split(r"\n\s*(?:示例|Examples?)[:：]", output)[0]
    return TYPED.sub("", said)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path / "home"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_chinese_help_has_no_english_sentence_and_english_help_no_chinese_one(
    path: tuple[str, ...], home: Path
) -> None:
    chinese = invoked(*path, "--help", "--lang", "zh")
    assert chinese.exit_code == 0
    assert "用法" in chinese.output
    assert ENGLISH.findall(prose_of(chinese.output)) == []
    english = invoked("--lang", "en", *path, "--help")
    assert english.exit_code == 0
    assert "Usage:" in english.output
    han = [line for line in prose_of(english.output).splitlines() if HAN.search(line)]
    assert all(re.search("[A-Za-z]{3,}", line) for line in han), han
    assert not re.search("[，。；：？！]", prose_of(english.output))


MISREAD = {
    "an unknown option": ["import", "--datun", "wgs84"],
    "an option like none": ["versions", "--zzzzzz"],
    "an unknown command": ["improt"],
    "a command like none": ["qqqqqq"],
    "a missing option": ["import", "a.csv"],
    "a missing argument": ["import", "--dataset", "mine"],
    "a missing value": ["versions", "--dataset"],
    "a flag with a value": ["versions", "--json=yes"],
    "a word that is none of a list": ["import", "a.csv", "--dataset", "mine", "--datum", "wgs72"],
    "a number out of range": ["run", "--port", "99999"],
    "no number": ["build", "--places", "many"],
    "no number without a range": ["build", "--seed", "many"],
    "no date": ["hours", "全天", "--from", "2026"],
    "an argument too many": ["info", "x"],
    "arguments too many": ["info", "x", "y"],
    "a pair without an equals sign": ["import", "a.csv", "--dataset", "mine", "--map", "名称"],
    "a folder in place of a file": ["nearest", "a.csv", "-o", "."],
    "options that do not go together": [
        "coverage", "a.csv", "-o", "b.csv", "--each", "--hourly", "true",
    ],
}  # fmt: skip


@pytest.mark.parametrize("arguments", MISREAD.values(), ids=MISREAD)
def test_a_command_line_that_cannot_be_read_is_answered_in_either_language(
    arguments: list[str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("名称\n甲\n", "utf-8")
    chinese, english = (invoked(*arguments, "--lang", each) for each in ("zh", "en"))
    assert chinese.exit_code == english.exit_code == 2
    assert "错误：" in chinese.output
    assert ENGLISH.findall(TYPED.sub("", chinese.output)) == []
    assert "Error: " in english.output
    assert not HAN.search(english.output.replace("名称", ""))


HEADINGS = ["驿站名称", "类型", "经度", "纬度", "服务内容", "开放时间", "联系电话", "状态", "门禁"]
ROWS = [
    ["科技园驿站", "暖蜂驿站", "113.950101", "22.540101", "饮水、按摩椅", "周一至周日9:00-18:00",
     "1380000001", "正常", "刷脸进入"],
    ["海上站", "暖蜂驿站", "0", "0", "饮水", "", "", "", ""],
    ["无坐标站", "暖蜂驿站", "", "", "", "", "", "", ""],
    ["上海站", "暖蜂驿站", "121.473701", "31.230401", "", "", "", "", ""],
    ["停用站", "暖蜂驿站", "113.940101", "22.530101", "", "", "", "已停用", ""],
    ["看不懂站", "某某点", "113.930101", "22.520101", "有吃有喝", "看心情", "无", "随缘", "翻墙"],
    ["科技园驿站", "暖蜂驿站", "113.950101", "22.540101", "", "", "", "", ""],
    ["反写站", "暖蜂驿站", "22.550101", "113.960101", "", "2022-05-01", "", "", ""],
]  # fmt: skip
#: Cells and names that stand in reports as they are.
SHEETS = {"乱表", "一区", "封面", "资料汇编", "驿站一览表", "合计", "按摩椅"}
CELLS = {cell for row in ROWS for cell in row} | {*HEADINGS, *SHEETS}


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "乱表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("一区")
        for line, row in enumerate([["驿站一览表"], HEADINGS, *ROWS, ["合计", "8"]]):
            sheet.write_row(line, 0, row)
        sheet.set_row(3, None, None, {"hidden": True})
        book.add_worksheet("封面").write(0, 0, "资料汇编")
    return path


def without_cells(text: str) -> str:
    for cell in sorted(CELLS, key=len, reverse=True):
        text = text.replace(cell, "") if HAN.search(cell) else text
    return text


def sentences(report: Path) -> Iterator[str]:
    """What a report says to people."""
    found = json.loads(report.read_text("utf-8"))
    yield from found["left_out"]
    yield from (each["reason"] for each in found["rejects"])
    yield from (each["how"] for each in found["repairs"])
    yield from (each["about"] for each in found["notes"])
    yield from (each["what"] for each in found["words"])


def test_a_messy_import_is_reported_and_refused_in_either_language(
    messy: Path, home: Path, tmp_path: Path
) -> None:
    back, report = tmp_path / "back.xlsx", tmp_path / "report.json"
    told = ("import", messy, "--dataset", "mine", "--datum", "wgs84", "--hidden")
    files = ("--refused", back, "--report", report)
    said: dict[str, tuple[Result, list[str], list[str]]] = {}
    for language in ("zh", "en"):
        ended = invoked(*told, *files, "--lang", language)
        (table,) = read(back)
        said[language] = (ended, list(sentences(report)), [row[1] for row in table.rows])
        assert ended.exit_code == 1
    ended, report_says, reasons = said["zh"]
    assert "尚未发布" in ended.output
    assert len(reasons) >= 5
    for text in (*report_says, *reasons):
        assert HAN.search(text), text
        assert ENGLISH.findall(TYPED.sub("", text)) == [], text
    assert ENGLISH.findall(TYPED.sub("", ended.output)) == []
    ended, report_says, reasons = said["en"]
    assert "Nothing was published" in ended.output
    for text in (*report_says, *reasons, ended.output):
        assert not re.search("[，。；？！]", without_cells(text)), text
        assert not HAN.search(without_cells(text).replace("放假 or 上班", "")), text
    assert len(said["zh"][1]) == len(said["en"][1])


def test_the_returned_workbook_is_chinese_unless_english_is_asked_for(
    messy: Path, home: Path, tmp_path: Path
) -> None:
    back = tmp_path / "back.xlsx"
    told = ("import", messy, "--dataset", "mine", "--datum", "wgs84", "--refused", back)
    assert "Nothing was published" in invoked(*told).output
    assert read(back)[0].columns[:2] == ("行号", "原因")
    invoked(*told, "--lang", "en")
    assert read(back)[0].columns[:2] == ("row number", "reason")


REFUSED = {
    "no such file": (["import", "nowhere.csv", "--dataset", "mine"], "没有这个文件"),
    "no such format": (["import", "a.pdf", "--dataset", "mine"], "后缀"),
    "no such dataset": (["versions", "--dataset", "nowhere"], "没有数据集"),
    "no datum": (["import", "a.csv", "--dataset", "mine"], "坐标系"),
    "no name": (["import", "b.csv", "--dataset", "mine", "--datum", "wgs84"], "没有哪一列是"),
    "no database": (["push"], "用哪个数据库"),
    "no network": (["network", "rollback"], "用哪个路网"),
    "no address": (["run", "--host", " "], "本机地址"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_a_sentence_in_either_language(
    arguments: list[str], words: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    head = "名称,类型,经度,纬度\n"
    Path("a.csv").write_text(head + "甲,暖蜂驿站,113.95,22.54\n", "utf-8")
    Path("b.csv").write_text("地方,经度,纬度\n甲,113.95,22.54\n", "utf-8")
    Path("a.pdf").write_bytes(b"%PDF")
    chinese, english = (invoked(*arguments, "--lang", each) for each in ("zh", "en"))
    assert chinese.exit_code == english.exit_code == 1
    assert words in chinese.output
    assert ENGLISH.findall(TYPED.sub("", chinese.output)) == []
    assert ENGLISH.search(english.output)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.ENGLISH),
        ({"LANG": "zh_CN.UTF-8"}, Language.CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, Language.ENGLISH),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, Language.CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, Language.CHINESE),
        ({"LANG": "C"}, Language.ENGLISH),
    ],
)
def test_the_locale_chooses_where_nothing_is_stated(
    environment: dict[str, str], language: Language
) -> None:
    assert of_locale(environment) is language


def test_the_option_stands_above_the_locale_and_may_stand_before_or_behind_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "用法" in invoked("info", "--help").output
    for arguments in (["--lang", "en", "info", "--help"], ["info", "--help", "--lang=en"]):
        assert "Usage:" in invoked(*arguments).output
    assert "用法" in invoked("info", "--help").output
