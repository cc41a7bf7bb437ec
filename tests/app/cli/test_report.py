"""`nuanfeng report`: one area as a page, a PDF, a workbook and a map that say the same."""

import re
from pathlib import Path

import pypdfium2
import pytest
import python_calamine
from click.testing import CliRunner, Result

from app.cli.main import cli
from app.cli.report import chromium

AT = "2026-12-02T02:00:00+08:00"
SYNTHETIC = "虚构数据：其中的场所和需求并不存在。"


def report(home: Path, *arguments: object) -> Result:
    return CliRunner().invoke(
        cli,
        ["report", *map(str, arguments)],
        env={"NUANFENG_HOME": str(home), "COLUMNS": "200", "NUANFENG_NETWORK": ""},
    )


def shown(value: object) -> str:
    """A workbook's cell as its number format shows it."""
    if isinstance(value, str):
        return value
    assert isinstance(value, float)
    if value.is_integer():
        return f"{value:,.0f}"
    return f"{value:.5f}" if value > 1 else f"{100 * value:.1f}%"


def pages_of(path: Path) -> list[str]:
    """The text of each page of a PDF, without spaces: where lines wrap is the printer's choice."""
    document = pypdfium2.PdfDocument(path)
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("area", "lang"), [("粤海街道", "zh"), ("南山区", "zh"), ("nanshan qu", "en")]
)
def test_every_figure_of_the_workbook_stands_in_the_pdf_and_in_the_page(
    demo_home: Path, tmp_path: Path, area: str, lang: str
) -> None:
    for name in ("a.pdf", "a.xlsx", "a.html"):
        told = report(demo_home, area, "--at", AT, "--lang", lang, "-o", tmp_path / name)
        assert told.exit_code == 0, told.stderr
    pages = pages_of(tmp_path / "a.pdf")
    printed = "".join(pages)
    page = re.sub(r"<[^>]*>|\s", "", (tmp_path / "a.html").read_text(encoding="utf-8"))
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    seen = 0
    for name in book.sheet_names[:-1]:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for row in rows[4:]:
            for value in row:
                text = re.sub(r"\s", "", shown(value))
                assert text in printed, (name, row)
                assert text in page, (name, row)
                seen += 1
    assert seen > 150
    synthetic = re.sub(
        r"\s",
        "",
        SYNTHETIC if lang == "zh" else "Synthetic data: these places and this demand do not exist.",
    )
    assert all(synthetic in each for each in pages)


def test_the_parts_of_every_need_add_up_and_the_sites_rise_from_what_is_served(
    demo_home: Path, tmp_path: Path
) -> None:
    told = report(demo_home, "粤海", "--at", AT, "--p", 4, "-o", tmp_path / "a.xlsx")
    assert told.exit_code == 0, told.stderr
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    summary, needs, _, sites, *_ = (
        book.get_sheet_by_name(name).to_python()[4:] for name in book.sheet_names
    )
    assert len(needs) == 6
    for _, places, open_places, unknown_places, served, most, unknown, closed, none in needs:
        assert open_places + unknown_places <= places
        assert served + unknown == pytest.approx(most, abs=0.0015)
        assert most + closed + none == pytest.approx(1.0, abs=0.0025)
    served = next(row[1] for row in summary if row[0] == "可达：范围内有确知营业的场所")
    assert [row[0] for row in sites] == ["1", "2", "3", "4"]
    gained = 0.0
    for _, where, _, _, _, share, so_far, _ in sites:
        gained += share
        assert so_far == pytest.approx(served + gained, abs=0.003)
        assert "grid" not in where
        assert "街道" in where


def test_every_share_served_has_an_interval_that_is_drawn_the_same_again(
    demo_home: Path, tmp_path: Path
) -> None:
    found = []
    for name in ("a.xlsx", "b.xlsx"):
        told = report(demo_home, "南山区", "--at", AT, "--lang", "en", "-o", tmp_path / name)
        assert told.exit_code == 0, told.stderr
        book = python_calamine.CalamineWorkbook.from_path(tmp_path / name)
        sheets = {each: book.get_sheet_by_name(each).to_python() for each in book.sheet_names}
        found.append(sheets["Intervals"][4:])
        assert "95% of 1,000 draws" in str(sheets["Intervals"][1][0])
    assert found[0] == found[1]
    needs, offices = (sheets[name][4:] for name in ("Needs", "Street offices"))
    shares = [*((row[0], row[4]) for row in needs), *((row[0], row[2]) for row in offices)]
    assert [(row[0], row[1]) for row in found[0][1:]] == shares
    assert len(shares) > 10
    for _, served, low, high in found[0]:
        assert low <= served <= high
    assert any(low < high for _, _, low, high in found[0])


@pytest.mark.parametrize("area", ["粤海街道", "粤海", "粤海街道办事处", "440305007", "Yuehai"])
def test_an_area_is_found_by_its_name_alias_code_or_pinyin(
    demo_home: Path, tmp_path: Path, area: str
) -> None:
    told = report(demo_home, area, "--at", AT, "-o", tmp_path / "map.svg")
    assert told.exit_code == 0, told.stderr
    drawn = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert "粤海街道服务覆盖图" in drawn
    assert SYNTHETIC.rstrip("。") in drawn
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ("越海街道", "the nearest names are 粤海街道"),
        ("Yuehi", "the nearest names are 粤海街道"),
        ("龙岗", "say 龙岗区 or 龙岗街道"),
        ("", "is no street office or district"),
    ],
)
def test_an_area_that_is_not_known_is_answered_with_names(
    demo_home: Path, tmp_path: Path, area: str, said: str
) -> None:
    told = report(demo_home, area, "-o", tmp_path / "a.html")
    assert told.exit_code == 1
    assert said in " ".join(told.stderr.split())
    assert not list(tmp_path.iterdir())


def test_the_page_holds_everything_and_asks_no_other_host(demo_home: Path, tmp_path: Path) -> None:
    told = report(demo_home, "南山区", "--at", AT, "--needs", "water", "-o", tmp_path / "a.html")
    assert told.exit_code == 0, told.stderr
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|src=|<script|<link|@import|url\(", page)
    assert page.count(f'<p class="screen">{SYNTHETIC}') == 1
    assert "24:00" in page


def test_without_chromium_a_sentence_says_how_to_print_the_page(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "NAMES", ("no-such-program",))
    told = report(demo_home, "粤海街道", "-o", tmp_path / "a.pdf")
    assert told.exit_code == 1
    assert "Write -o report.html instead" in " ".join(told.stderr.split())
    assert not list(tmp_path.iterdir())


@pytest.mark.browser
def test_the_map_as_a_png_is_a_picture(demo_home: Path, tmp_path: Path) -> None:
    told = report(demo_home, "粤海街道", "--at", AT, "-o", tmp_path / "map.png")
    assert told.exit_code == 0, told.stderr
    body = (tmp_path / "map.png").read_bytes()
    assert body.startswith(b"\x89PNG")
    assert int.from_bytes(body[16:20], "big") == 2_000


def test_another_ending_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    told = report(tmp_path, "粤海街道", "-o", tmp_path / "a.docx")
    assert told.exit_code == 1
    assert "a.docx is none of .html, .pdf, .xlsx, .svg, .png" in " ".join(told.stderr.split())


def test_minutes_without_roads_are_told_as_an_estimate(demo_home: Path, tmp_path: Path) -> None:
    asked = ["--minutes", "10", "--mode", "ride", "--lang", "en", "--at", AT]
    told = report(demo_home, "粤海街道", *asked, "-o", tmp_path / "a.html")
    assert told.exit_code == 0, told.stderr
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "Minutes are estimated from the straight line" in page
    assert "10 min by e-bike" in page


def test_minutes_over_roads_are_told_with_their_network(
    home_on_roads: Path, tmp_path: Path
) -> None:
    asked = ["--minutes", "10", "--mode", "ride", "--network", "grid", "--lang", "en", "--at", AT]
    told = report(home_on_roads, "沙河街道", *asked, "-o", tmp_path / "a.html")
    assert told.exit_code == 0, told.stderr
    assert "network grid" in (tmp_path / "a.html").read_text(encoding="utf-8")
