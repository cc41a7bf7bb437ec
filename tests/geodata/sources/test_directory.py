"""Tables of contacts, events and benefits: headings, repairs, refusals with their reasons."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from geodata.errors import BadTable, NuanfengError, UnreadableFile
from geodata.hours.zone import TimeZone
from geodata.pipeline.new_city import shipped
from geodata.places.directory import Benefit, Contact, EntryKind, Event
from geodata.sources.directory import DirectoryRead, TableCity, read_directory
from geodata.space.coordinates import Datum, from_wgs84
from geodata.store.files import Dataset
from geodata.vocabulary import Help
from tests import bombs


@pytest.fixture(scope="module")
def around(demo_home: Path) -> TableCity:
    snapshot = Dataset(demo_home, "demo").load()
    names = tuple(name.decode() for name in snapshot.districts.names.tolist())
    return TableCity(shipped().city, TimeZone("Asia/Shanghai"), snapshot.outline, names)


def read(
    around: TableCity, folder: Path, listing: EntryKind, text: str, **more: object
) -> DirectoryRead:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return read_directory(path, listing, around, **more)  # type: ignore[arg-type]  # by name


def test_a_contact_is_read_however_its_table_is_headed(around: TableCity, tmp_path: Path) -> None:
    found = read(
        around,
        tmp_path,
        EntryKind.CONTACT,
        "2026年手机黄页,,,,,\n*单位名称,用途,联系电话（必填）,所属区,核实时间,经办人\n"
        "法律援助,法律、工资、飞行,0755 12345678 / 12348,南山,2026年11月2日,张三\n",
    )
    (contact,) = found.entries
    assert contact == Contact(
        id=contact.id,
        name="法律援助",
        needs=(Help.LEGAL, Help.PAY),
        number="0755-12345678",
        more_numbers=("12348",),
        district="南山区",
        verified=date(2026, 11, 2),
    )
    assert [note.value for note in found.notes] == ["飞行"]
    assert found.unused_columns == ("经办人",)
    assert {repair.column for repair in found.repairs} == {"联系电话（必填）", "核实时间"}


@pytest.mark.parametrize(
    ("number", "kept"),
    [("110", "110"), ("187****2336", "187****2336"), ("１３８００１３８０００", "13800138000")],
)
def test_numbers_of_emergencies_and_masked_ones_stay(
    around: TableCity, tmp_path: Path, number: str, kept: str
) -> None:
    found = read(around, tmp_path, EntryKind.CONTACT, f"名称,电话\n甲,{number}\n")
    assert [entry.number for entry in found.entries] == [kept]


@pytest.mark.parametrize(
    ("listing", "head", "row", "column", "why"),
    [
        (EntryKind.CONTACT, "名称,电话", ",110", "名称", "missing"),
        (EntryKind.CONTACT, "名称,电话", "甲,", "电话", "missing"),
        (EntryKind.CONTACT, "名称,电话", "甲,没有号码", "电话", "telephone"),
        (EntryKind.CONTACT, "名称,电话,区", "甲,110,火星区", "区", "district"),
        (EntryKind.CONTACT, "名称,电话,核实日期", "甲,110,明天", "核实日期", "day"),
        (EntryKind.CONTACT, "名称,电话", f"{'甲' * 81},110", "名称", "letters"),
        (EntryKind.CONTACT, "名称,电话", "锟斤拷锟斤拷,110", "名称", "damaged"),
        (EntryKind.CONTACT, "id,名称,电话", "../../x,甲,110", "id", "id has"),
        (EntryKind.EVENT, "名称,开始时间", "甲,2026-02-30 10:00", "开始时间", "day and time"),
        (EntryKind.EVENT, "名称,开始时间", "甲,2026-12-05", "开始时间", "day and time"),
        (EntryKind.EVENT, "名称,开始时间", "甲,2026-12-05 25:00", "开始时间", "day and time"),
        (
            EntryKind.EVENT,
            "名称,开始时间,结束时间",
            "甲,2026-12-05 14:00,2026-12-05 13:00",
            "结束时间",
            "before",
        ),
        (
            EntryKind.EVENT,
            "名称,开始时间,lon(wgs84),lat",
            "甲,2026-12-05 14:00,0,0",
            "lon(wgs84)",
            "outside",
        ),
        (
            EntryKind.EVENT,
            "名称,开始时间,lon(wgs84),lat",
            "甲,2026-12-05 14:00,x,22",
            "lon(wgs84)",
            "degrees",
        ),
        (EntryKind.BENEFIT, "名称,对象", "甲,", "对象", "missing"),
        (EntryKind.BENEFIT, "名称,对象,截止", "甲,骑手,很久", "截止", "day"),
    ],
)
def test_a_row_that_is_no_entry_is_refused_with_its_reason(
    around: TableCity,
    tmp_path: Path,
    listing: EntryKind,
    head: str,
    row: str,
    column: str,
    why: str,
) -> None:
    good = {"名称": "好", "电话": "120", "开始时间": "2026-12-05 14:00", "对象": "司机"}
    sound = ",".join(good.get(name, "") for name in head.split(","))
    found = read(around, tmp_path, listing, f"{head}\n{sound}\n{row}\n")
    assert [entry.name for entry in found.entries] == ["好"]
    (reject,) = found.rejects
    assert (reject.row, reject.column) == (3, column)
    assert why in reject.reason


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-12-05 14:00", "2026-12-05 16:00", (6, 8)),
        ("2026-12-05 14:00-16:00", "", (6, 8)),
        ("2026年12月5日 下午2点", "16:00", (6, 8)),
        ("2026/12/5 14:00:00", "2026/12/5 16:00:00", (6, 8)),
        ("2026年12月5日（周六）14:00—16:00", "", (6, 8)),
        ("2026-12-05 14:00", "", (6, None)),
    ],
)
def test_times_are_those_of_the_citys_clock(
    around: TableCity, tmp_path: Path, start: str, end: str, hours: tuple[int, int | None]
) -> None:
    found = read(around, tmp_path, EntryKind.EVENT, f"活动,开始时间,结束时间\n甲,{start},{end}\n")
    assert found.rejects == ()
    (event,) = found.entries
    assert isinstance(event, Event)
    begins, over = (hour and datetime(2026, 12, 5, hour, tzinfo=UTC) for hour in hours)
    assert (event.start, event.end) == (begins, over)


def test_degrees_want_a_datum_and_are_brought_to_wgs84(around: TableCity, tmp_path: Path) -> None:
    lon, lat = (float(each) for each in from_wgs84(113.9645, 22.5405, Datum.GCJ02))
    text = f"活动,开始时间,经度,纬度\n甲,2026-12-05 14:00,{lon:.6f},{lat:.6f}\n"
    with pytest.raises(BadTable, match="--datum"):
        read(around, tmp_path, EntryKind.EVENT, text)
    (event,) = read(around, tmp_path, EntryKind.EVENT, text, datum=Datum.GCJ02).entries
    assert isinstance(event, Event)
    assert event.lon == pytest.approx(113.9645, abs=1e-5)
    assert event.lat == pytest.approx(22.5405, abs=1e-5)


def test_a_benefit_says_who_where_until_and_by_whose_word(
    around: TableCity, tmp_path: Path
) -> None:
    found = read(
        around,
        tmp_path,
        EntryKind.BENEFIT,
        "福利名称,申请对象,办理地点,有效期至,来源,链接\n"
        "意外险,骑手,驿站,2027-06-30,工会,javascript:alert(1)\n"
        "补贴,司机,网上,,工会,https://example.org/a\n",
    )
    first, second = found.entries
    assert isinstance(first, Benefit)
    assert isinstance(second, Benefit)
    assert (first.who, first.where, first.until, first.source) == (
        "骑手",
        "驿站",
        date(2027, 6, 30),
        "工会",
    )
    assert (first.url, second.url, second.until) == ("", "https://example.org/a", None)
    assert [note.value for note in found.notes] == ["javascript:alert(1)"]


def test_an_id_is_the_same_for_the_same_entry_and_stands_once(
    around: TableCity, tmp_path: Path
) -> None:
    once = read(around, tmp_path, EntryKind.CONTACT, "名称,电话\n甲,110\n")
    again = read(around, tmp_path, EntryKind.CONTACT, "name,number\n甲,119\n甲,120\n")
    assert [entry.id for entry in again.entries] == [entry.id for entry in once.entries]
    (twin,) = again.rejects
    assert (twin.row, once.entries[0].id in twin.reason) == (3, True)


def test_headings_that_are_missing_or_twice_are_named(around: TableCity, tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="number"):
        read(around, tmp_path, EntryKind.CONTACT, "名称,区\n甲,南山区\n")
    with pytest.raises(BadTable, match="--map"):
        read(around, tmp_path, EntryKind.CONTACT, "名称,电话,x\n甲,1,2\n", mapped={"x": "nothing"})
    mapped = {"怎么找": "number"}
    found = read(around, tmp_path, EntryKind.CONTACT, "名称,怎么找\n甲,110\n", mapped=mapped)
    assert [entry.number for entry in found.entries] == ["110"]


def test_a_workbook_is_read_as_a_table_is(around: TableCity, tmp_path: Path) -> None:
    path = tmp_path / "events.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("活动")
        date_format = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for column, heading in enumerate(("活动名称", "开始时间", "地点")):
            sheet.write(0, column, heading)
        sheet.write_string(1, 0, "=1+1")
        sheet.write_datetime(1, 1, datetime(2026, 12, 5, 14, 0), date_format)  # noqa: DTZ001  # a cell has no zone
        sheet.write(1, 2, "会堂")
    (event,) = read_directory(path, EntryKind.EVENT, around).entries
    assert isinstance(event, Event)
    assert (event.name, event.where, event.start.hour) == ("=1+1", "会堂", 6)


@pytest.mark.parametrize("bomb", list(bombs.BOMBS))
def test_a_hostile_file_is_refused_in_a_sentence(
    around: TableCity, tmp_path: Path, bomb: str
) -> None:
    make, suffix, _ = bombs.BOMBS[bomb]
    with pytest.raises(NuanfengError) as refused:
        read_directory(make(tmp_path / f"x{suffix}"), EntryKind.CONTACT, around)
    assert str(refused.value)


def test_what_is_no_workbook_is_refused(around: TableCity, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_bytes(b"\x00\x01")
    with pytest.raises(UnreadableFile):
        read_directory(tmp_path / "text.xlsx", EntryKind.CONTACT, around)
