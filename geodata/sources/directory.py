"""Tables of contacts, events and benefits, through the door that places come in by.

A column is taken by its heading, a cell is mended where only one reading is possible, and a row
that cannot be an entry is refused with the reason; nothing is guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd

from geodata.city import CityAbout
from geodata.errors import BadTable, OutsideArea, Reject, Said
from geodata.hours.zone import TimeZone
from geodata.places.directory import (
    ENTRIES,
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_TEXT,
    Entry,
    EntryKind,
    entry_id,
)
from geodata.places.entry import LONGEST_URL, is_https
from geodata.sources import repairs
from geodata.sources.cells import Cells, Note, NoteKind, Told, source_of
from geodata.sources.file_options import PLAIN, FileOptions
from geodata.sources.grid import RawTable
from geodata.sources.headings import bare, canonical, meaning
from geodata.sources.read import read
from geodata.sources.repairs import Dialling, Repair
from geodata.space.coordinates import Datum, to_wgs84
from geodata.space.service_area import Outline
from geodata.vocabulary import Help

_COMMON: Final[Mapping[str, str]] = {
    "id": "id 编号 唯一编号 编码",
    "needs": "needs need 需要 需求 用途 事项 类别 分类 类型 帮助 服务内容",
    "district": "district 行政区 区域 区县 所属区 所在区 辖区 区",
    "note": "note notes 备注 说明 简介 内容 介绍 详情 描述 备注说明",
    "number": "number phone tel telephone 电话 联系电话 联系方式 电话号码 号码 热线 服务电话 "
    "咨询电话",
    "url": "url link 链接 网址 报名链接 官网 网页",
    "source": "source 来源 数据来源 信息来源 依据 文件依据 发布单位",
}
#: Field -> the headings that mean it, best first, as headings.SYNONYMS has them.
SYNONYMS: Final[Mapping[EntryKind, Mapping[str, str]]] = {
    EntryKind.CONTACT: {
        **_COMMON,
        "name": "name 名称 单位 单位名称 机构 机构名称 联系人 部门",
        "hours": "hours 时间 服务时间 工作时间 接听时间 受理时间 开放时间",
        "area": "area 范围 服务范围 适用范围 覆盖范围 服务区域",
        "verified": "verified verified_at 核实日期 核实时间 更新日期 更新时间",
    },
    EntryKind.EVENT: {
        **_COMMON,
        "name": "name title 名称 活动 活动名称 主题 活动主题 标题",
        "start": "start starts 开始 开始时间 活动时间 起始时间 开始日期 时间",
        "end": "end ends 结束 结束时间 截止时间 结束日期",
        "where": "where place venue 地点 活动地点 地址 举办地点 详细地址 场地",
        "who": "who audience 对象 参加对象 面向对象 活动对象 参加人员",
        "host": "host organizer organiser 主办 主办单位 主办方 承办单位 组织单位",
        "lon": "lon lng longitude 经度",
        "lat": "lat latitude 纬度",
    },
    EntryKind.BENEFIT: {
        **_COMMON,
        "name": "name title 名称 福利 福利名称 项目 项目名称 政策 政策名称 待遇",
        "who": "who audience 对象 享受对象 适用对象 申请条件 条件 申请对象 面向对象",
        "where": "where 地点 办理地点 申请方式 办理方式 办理渠道 领取地点 申请渠道 怎么办",
        "until": "until 截止 截止日期 有效期 有效期至 截止时间 结束日期 有效期限",
    },
}
#: Without one of these a row is no entry.
_NEEDED: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.CONTACT: ("name", "number"),
    EntryKind.EVENT: ("name", "start"),
    EntryKind.BENEFIT: ("name", "who"),
}
_SHORT: Final = ("name",)
_LINES: Final = ("hours", "area", "where", "who", "host", "source")
#: An event lasts no longer.
_LONGEST: Final = timedelta(days=366)
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_MOMENT: Final = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?\s*(?:[(][^()]*[)])?[\sT]*"
    r"(?P<clock>.*)",
    re.ASCII,
)
_CLOCK: Final = re.compile(
    r"(?P<half>上午|早上|下午|晚上|中午)?\s*(?P<hour>\d{1,2})(?:[:时点](?P<minute>\d{2})?(?::\d{2}(?:\.0+)?)?分?)",
    re.ASCII,
)
_TO: Final = re.compile(r"\s*(?:-|–|—|~|～|至|到)\s*")


@dataclass(frozen=True, slots=True)
class TableCity:
    """Of the city for which a table is: what need not be said in it, and what is known."""

    city: CityAbout
    zone: TimeZone
    outline: Outline
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DirectoryRead:
    """What files hold: entries, and what was told of their rows."""

    entries: tuple[Entry, ...]
    tables: tuple[RawTable, ...]
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]
    unused_columns: tuple[str, ...]


def read_directory(
    path: Path,
    listing: EntryKind,
    around: TableCity,
    datum: Datum | None = None,
    mapped: Mapping[str, str] | None = None,
    options: FileOptions = PLAIN,
) -> DirectoryRead:
    """Entries of one sort out of a table of any format that an import reads.

    `mapped` is heading -> field, besides SYNONYMS; `datum` that of lon and lat where no heading
    states it. Raises UnreadableFile, and BadTable where a needed column is missing, where two mean
    the same, and for degrees in no known datum.
    """
    stated = dict(mapped or {})
    _require_fields(listing, stated)
    words = [word for said in SYNONYMS[listing].values() for word in said.split()]
    tables = read(path, options, [*words, *stated])
    found = [_Reading(table, listing, around, datum, stated).read() for table in tables]
    entries, twins = _without_twins(found)
    return DirectoryRead(
        entries,
        tables,
        tuple(sorted((*(each for one in found for each in one.rejects), *twins), key=_place)),
        tuple(each for one in found for each in one.repairs),
        tuple(each for one in found for each in one.notes),
        tuple(each for one in found for each in one.unused),
    )


def _require_fields(listing: EntryKind, stated: Mapping[str, str]) -> None:
    for heading, name in stated.items():
        if name not in SYNONYMS[listing]:
            raise BadTable(
                "--map {heading}={field}: there is no such field; there are {fields}",
                heading=heading,
                field=name,
                fields=[*SYNONYMS[listing]],
            )


def _place(reject: Reject) -> tuple[str, int]:
    return reject.source, reject.row


@dataclass(frozen=True, slots=True)
class _Found:
    entries: list[tuple[int, Entry]]
    """With the number of the row."""
    source: str
    rejects: list[Reject]
    repairs: list[Repair]
    notes: list[Note]
    unused: list[str]


def _without_twins(found: Sequence[_Found]) -> tuple[tuple[Entry, ...], list[Reject]]:
    """Each id once; a second row of it is refused."""
    held: dict[str, Entry] = {}
    twins = []
    for one in found:
        for number, entry in one.entries:
            if entry.id in held:
                reason = Said("the same as a row above it: {id}", id=entry.id)
                twins.append(Reject(number, "name", entry.name, reason, one.source))
            else:
                held[entry.id] = entry
    return tuple(held.values()), twins


class _Reading:
    """One table on its way."""

    def __init__(
        self,
        table: RawTable,
        listing: EntryKind,
        around: TableCity,
        datum: Datum | None,
        stated: Mapping[str, str],
    ) -> None:
        self._listing, self._around = listing, around
        self._where, self._unused = _columns(table, listing, stated)
        self._datum = self._known_datum(table, datum)
        self._told = Told(table, source_of(table))
        frame = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype=str)
        self._cells = Cells(frame, self._where, self._told)
        self._dialling = Dialling(around.city.country, around.city.area_codes)

    def read(self) -> _Found:
        """Its entries."""
        cells, told = self._cells, self._told
        columns = {name: cells.of(name) for name in SYNONYMS[self._listing]}
        made = []
        for row in range(len(cells)):
            values = self._values(row, {name: column[row] for name, column in columns.items()})
            if row not in told.rejects:
                entry = msgspec.convert(values, ENTRIES[self._listing])
                made.append((told.table.numbers[row], entry))
        rejects = [*told.table.rejects, *told.rejects.values()]
        return _Found(made, told.source, rejects, told.repairs, told.notes, self._unused)

    def _values(self, row: int, cell: dict[str, str]) -> dict[str, Any]:
        for name in _NEEDED[self._listing]:
            if not cell[name]:
                self._refuse(row, name, "", Said("it is missing"))
        values: dict[str, Any] = {
            name: self._text(row, name, cell[name], LONGEST_NAME if name in _SHORT else None)
            for name in cell
            if name in _SHORT or name in _LINES or name == "note"
        }
        values["needs"] = self._needs(row, cell["needs"])
        values["district"] = self._district(row, cell["district"])
        numbers = self._numbers(row, cell["number"])
        values["number"] = numbers[0] if numbers else ""
        if self._listing is EntryKind.CONTACT:
            values["more_numbers"] = numbers[1:]
            values["verified"] = self._day(row, "verified", cell["verified"])
        else:
            values["url"] = self._link(row, cell["url"])
        if self._listing is EntryKind.BENEFIT:
            values["until"] = self._day(row, "until", cell["until"])
        if self._listing is EntryKind.EVENT:
            values |= self._times(row, cell["start"], cell["end"])
            values |= self._position(row, cell["lon"], cell["lat"])
        values["id"] = self._id(row, cell["id"], values)
        return {name: value for name, value in values.items() if value is not None}

    def _refuse(self, row: int, name: str, cell: str, reason: Said) -> None:
        self._told.refused(row, self._where.get(name, name), cell, reason)

    def _text(self, row: int, name: str, cell: str, most: int | None) -> str:
        most = most or (LONGEST_LINE if name in _LINES else LONGEST_TEXT)
        text = " ".join("".join(each if each.isprintable() else " " for each in cell).split())
        if repairs.garbled(text):
            self._refuse(row, name, cell, Said("the text was damaged before it came here"))
        if len(text) > most:
            reason = Said(
                "it has {length:,} letters; there may be {most:,}", length=len(text), most=most
            )
            self._refuse(row, name, cell, reason)
        return text

    def _needs(self, row: int, cell: str) -> list[str]:
        found, unknown = repairs.words(cell, "help")
        for word in unknown:
            about = Said("no need by this word; there are {words}", words=[*map(str, Help)])
            self._told.noted(NoteKind.UNKNOWN_WORD, row, self._where["needs"], word, about)
        return found

    def _district(self, row: int, cell: str) -> str:
        known = self._around.districts
        plain = canonical(cell)
        if not plain or plain in ("全市", canonical(self._around.city.name), "city"):
            return ""
        for name in known:
            if plain in (canonical(name), canonical(name.removesuffix("区"))):
                return name
        if not known:
            return self._text(row, "district", cell, LONGEST_NAME)
        reason = Said("no district is called so; there are {names}", names=[*known])
        self._refuse(row, "district", cell, reason)
        return ""

    def _numbers(self, row: int, cell: str) -> list[str]:
        found, unread = repairs.phones(cell, self._dialling)
        for part in unread:
            about = repairs.phone_length(part, self._dialling) or Said(
                "no telephone number as far as is known"
            )
            if self._listing is EntryKind.CONTACT:
                self._refuse(row, "number", part, about)
            else:
                where = self._where["number"]
                self._told.noted(NoteKind.NO_TELEPHONE, row, where, part, about)
        good = [number for number in found if number not in unread]
        if good and cell != "；".join(good) and not unread:
            how = Said("a telephone number as it is dialled")
            self._told.mended(row, self._where["number"], cell, "；".join(good), how)
        return good

    def _day(self, row: int, name: str, cell: str) -> date | None:
        if not cell:
            return None
        found, how = repairs.day(cell)
        try:
            day = date.fromisoformat(found or "")
        except ValueError:
            self._refuse(row, name, cell, Said("it is no day, such as 2026-12-05"))
            return None
        if how:
            self._told.mended(row, self._where[name], cell, found, how)
        return day

    def _link(self, row: int, cell: str) -> str:
        if not cell or is_https(cell):
            return cell
        about = Said("an address that is not https, or longer than {most}", most=LONGEST_URL)
        self._told.noted(NoteKind.UNSAFE_LINK, row, self._where["url"], cell, about)
        return ""

    def _times(self, row: int, start: str, end: str) -> dict[str, Any]:
        if not start:
            return {}
        begun, rest = _moment(start, None)
        ended, left = _moment(end or rest, begun.date() if begun else None)
        if begun is None or left or (end and (rest or ended is None)) or (rest and ended is None):
            name, cell = ("end", end) if begun and end else ("start", start)
            self._refuse(row, name, cell, Said("it is no day and time, such as 2026-11-01 08:30"))
            return {}
        if ended and not timedelta(0) < ended - begun <= _LONGEST:
            reason = Said("it ends before it begins, or more than a year later")
            self._refuse(row, "end" if end else "start", end or start, reason)
            return {}
        return {"start": self._instant(begun), "end": self._instant(ended) if ended else None}

    def _instant(self, at: datetime) -> datetime:
        return self._around.zone.at_clock(at.date(), at.time()).astimezone(UTC)

    def _position(self, row: int, lon: str, lat: str) -> dict[str, Any]:
        if not (lon or lat):
            return {}
        east, north = (repairs.degrees(cell)[0] for cell in (lon, lat))
        if east is None or north is None:
            name, cell = ("lon", lon) if east is None else ("lat", lat)
            self._refuse(row, name, cell, Said("these are no degrees"))
            return {}
        try:
            at_lon, at_lat = (float(each) for each in to_wgs84(east, north, self._datum))
            self._around.outline.require(at_lon, at_lat)
        except OutsideArea as fault:
            self._refuse(row, "lon", f"{lon}, {lat}", Said("{why}", why=fault))
            return {}
        return {"lon": round(at_lon, 6), "lat": round(at_lat, 6)}

    def _known_datum(self, table: RawTable, datum: Datum | None) -> Datum:
        """Of the degrees; that of whoever has none plays no part."""
        if "lon" not in self._where:
            return Datum.WGS84
        said = meaning(self._where["lon"])
        found = datum or (said and said.datum) or (table.datum and Datum(table.datum))
        if not found and self._around.city.shifted:
            raise BadTable(
                "{file} has degrees in a datum that nobody states; say it with --datum wgs84,"
                " gcj02 or bd09",
                file=table.file,
            )
        return Datum(found or Datum.WGS84)

    def _id(self, row: int, cell: str, values: Mapping[str, Any]) -> str:
        if not cell:
            name, district = values["name"], values["district"]
            return entry_id(self._listing, name, district, values.get("start"))
        found = repairs.place_id(cell)
        if not _ID.fullmatch(found):
            self._refuse(
                row, "id", cell, Said("an id has 2 to 40 small letters, digits and hyphens")
            )
        return found


def _columns(
    table: RawTable, listing: EntryKind, stated: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Field -> heading, and the headings that mean nothing here. Raises BadTable."""
    known = {
        canonical(word): (name, rank)
        for name, words in reversed(list(SYNONYMS[listing].items()))
        for rank, word in enumerate(words.split())
    }
    best: dict[str, tuple[int, str]] = {}
    unused = []
    for heading in table.columns:
        name, rank = (
            (stated[heading], -1)
            if heading in stated
            else known.get(canonical(heading)) or known.get(bare(heading)) or ("", 0)
        )
        if not name:
            unused.append(heading)
            continue
        held = best.get(name)
        if held and held[0] == rank:
            raise BadTable(
                "{file}: {first} and {second} mean the same; name one with --map",
                file=table.file,
                first=held[1],
                second=heading,
            )
        best[name] = min(filter(None, (held, (rank, heading))))
    where = {name: heading for name, (_, heading) in best.items()}
    missing = [name for name in _NEEDED[listing] if name not in where]
    if missing:
        said = [f"{name} ({SYNONYMS[listing][name].split()[1]})" for name in missing]
        raise BadTable(
            "{file} lacks {missing}; it has {columns}",
            file=table.file,
            missing=said,
            columns=[*table.columns],
        )
    unused += [heading for heading in table.columns if heading not in {*where.values(), *unused}]
    return where, unused


def _moment(text: str, day: date | None) -> tuple[datetime | None, str]:
    """The day and time with which a text begins, or the time alone on a known day; and what stands
    behind a dash after it. None where there is none, with the text.
    """
    even = repairs.plain(text)
    if not even:
        return None, ""
    first, *others = _split(even)
    found = _MOMENT.fullmatch(first)
    clock = found["clock"] if found else first
    try:
        on = date(*(int(found[name]) for name in ("year", "month", "day"))) if found else day
        at = _clock(clock)
    except ValueError:
        return None, even
    if on is None or at is None:
        return None, even
    return datetime.combine(on, at), " ".join(others)


def _split(even: str) -> list[str]:
    """A text at the dash behind its time, not at those within its day."""
    found = _MOMENT.match(even)
    if found is None:
        return _TO.split(even, maxsplit=1)
    head = even[: found.start("clock")]
    first, *others = _TO.split(found["clock"], maxsplit=1)
    return [head + first, *others]


def _clock(text: str) -> time | None:
    """08:30, 14时30分, 下午2点. Raises ValueError for a time that no day has."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour = int(found["hour"])
    if found["half"] in ("下午", "晚上") and hour < 12:
        hour += 12
    return time(hour, int(found["minute"] or 0))
