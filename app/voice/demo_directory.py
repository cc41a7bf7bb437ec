"""Made-up contacts, events, benefits and wishes of a synthetic dataset, made anew at each start, so
that its pages show what such a directory looks like on any day.

Numbers are masked, but for those that everybody in the country may call. Who made them is called
demo: no operator is.
"""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final

from app.db import directory as stored
from app.db import wishes as stored_wishes
from app.db.database import Connection
from app.db.wishes import StoredWish, WishEvent
from app.voice.demo import REPORTER
from app.voice.directory import made_up
from app.voice.wishes import WishState
from geodata.places.directory import Benefit, Contact, Entry, EntryKind, Event
from geodata.search.cells import encode
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Help, Mode, Need

_ANYBODY: Final[tuple[tuple[str, tuple[Help, ...], str, str], ...]] = (
    ("报警", (Help.EMERGENCY,), "110", "全天"),
    ("火警和救援", (Help.EMERGENCY,), "119", "全天"),
    ("急救", (Help.EMERGENCY, Help.HEALTH), "120", "全天"),
    ("政务服务便民热线", (Help.OFFICE, Help.PAY, Help.LEGAL), "12345", "全天"),
)
#: Whom a district has: name, needs, hours.
_OF_DISTRICT: Final[tuple[tuple[str, tuple[Help, ...], str], ...]] = (
    ("骑手服务站（虚构）", (Help.REST, Help.WATER, Help.TALK), "9:00–21:00"),
    ("劳动争议调解室（虚构）", (Help.LEGAL, Help.PAY), "周一至周五 9:00–18:00"),
    ("电动车救援队（虚构）", (Help.VEHICLE, Help.RECHARGE), "全天"),
)
_OF_CITY: Final[tuple[tuple[str, tuple[Help, ...], str], ...]] = (
    ("法律援助中心（虚构）", (Help.LEGAL,), "周一至周五 9:00–18:00"),
    ("工伤与社保咨询（虚构）", (Help.INSURANCE, Help.HEALTH), "周一至周五 9:00–17:30"),
    ("心理倾诉热线（虚构）", (Help.TALK, Help.HEALTH), "每晚 18:00–24:00"),
    ("欠薪求助窗口（虚构）", (Help.PAY, Help.LEGAL), "周一至周五 9:00–18:00"),
    ("骑手家庭服务（虚构）", (Help.FAMILY,), "每天 9:00–20:00"),
    ("公租房咨询（虚构）", (Help.HOUSING, Help.OFFICE), "周一至周五 9:00–17:00"),
    ("夜校报名处（虚构）", (Help.LEARN,), "每天 10:00–21:00"),
    ("换电柜报修（虚构）", (Help.RECHARGE, Help.VEHICLE), "全天"),
)
#: How many contacts the demo has in all.
_CONTACTS: Final = 30
#: Name, needs, days from today, hour at which it begins, hours that it lasts, whose it is.
_EVENTS: Final = (
    ("司机体验日（虚构）", (Help.REST, Help.TALK), 0, 0, 24, "市总工会（虚构）"),
    ("骑手恳谈会（虚构）", (Help.TALK, Help.PAY), 0, 19, 2, "街道党群服务中心（虚构）"),
    ("电动车安全课（虚构）", (Help.LEARN, Help.VEHICLE), 1, 15, 2, "交警大队（虚构）"),
    ("免费体检（虚构）", (Help.HEALTH,), 2, 9, 8, "社区医院（虚构）"),
    ("劳动合同问答（虚构）", (Help.LEGAL, Help.PAY), 3, 20, 2, "司法所（虚构）"),
    ("急救培训（虚构）", (Help.LEARN, Help.HEALTH), 5, 14, 3, "红十字会（虚构）"),
    ("子女周末托管开放日（虚构）", (Help.FAMILY,), 6, 9, 9, "社区（虚构）"),
    ("司机恳谈会（虚构）", (Help.TALK,), 8, 19, 2, "司机之家（虚构）"),
    ("英语夜校第一课（虚构）", (Help.LEARN,), 10, 20, 2, "开放大学（虚构）"),
    ("义务修车日（虚构）", (Help.VEHICLE,), 13, 10, 8, "志愿者（虚构）"),
    ("工伤保险说明会（虚构）", (Help.INSURANCE,), 17, 19, 2, "人社局（虚构）"),
    ("平台与骑手圆桌会（虚构）", (Help.TALK, Help.PAY), 24, 15, 3, "市总工会（虚构）"),
)
#: Name, needs, who, where, days until it ends (None: no end is known).
_BENEFITS: Final = (
    ("骑手意外险（虚构）", (Help.INSURANCE,), "本市登记的骑手、快递员", "任一驿站前台", 200),
    ("圆梦计划学费补贴（虚构）", (Help.LEARN,), "工作满一年的户外劳动者", "市总工会网上报名", 60),
    ("温暖助她行（虚构）", (Help.FAMILY, Help.HEALTH), "女性骑手、司机", "街道妇联", 120),
    ("换电优惠券（虚构）", (Help.RECHARGE, Help.VEHICLE), "骑手", "换电柜扫码", 30),
    ("爱心午餐（虚构）", (Help.HEAT_FOOD,), "户外劳动者", "标有“爱心”的商户", 90),
    ("学习积分换课（虚构）", (Help.LEARN,), "学习积分满 100 分者", "夜校报名处", None),
    ("冬季暖心包（虚构）", (Help.REST,), "户外劳动者", "任一驿站，领完即止", 45),
    ("公租房优先轮候（虚构）", (Help.HOUSING,), "社保满三年的骑手、司机", "区住建局窗口", None),
)
_SOURCE: Final = "演示数据 synthetic"
#: Cells in which somebody wishes, and the cells of them that an operator has ended.
_CELLS: Final = 26


def renew(connection: Connection, snapshot: Snapshot, now: datetime) -> None:
    """Put what is made up in place of what was; part of a unit. What people said stays."""
    stored.forget_of(connection, REPORTER)
    stored.add(
        connection,
        [
            made_up(listing, entry, REPORTER, now)
            for listing, entries in (
                (EntryKind.CONTACT, _contacts(snapshot, now)),
                (EntryKind.EVENT, _events(snapshot, now)),
                (EntryKind.BENEFIT, _benefits(snapshot, now)),
            )
            for entry in entries
        ],
    )
    stored_wishes.forget_of(connection, REPORTER)
    wishes, ended = _wishes(snapshot, now)
    stored_wishes.add(connection, wishes)
    for event in ended:
        stored_wishes.end(connection, event)


def _districts(snapshot: Snapshot) -> list[str]:
    return [name.decode() for name in snapshot.districts.names.tolist()]


def _masked(random: Random) -> str:
    return f"1{random.choice('3578')}{random.randrange(10)}****{random.randrange(10_000):04}"


def _contacts(snapshot: Snapshot, now: datetime) -> Iterator[Entry]:
    random, verified = Random(snapshot.version), snapshot.zone.local(now).date()  # noqa: S311  # the same at each start
    city = snapshot.about.city.name
    named: list[tuple[str, tuple[Help, ...], str, str, str]] = [
        (name, needs, hours, number, "") for name, needs, number, hours in _ANYBODY
    ]
    named += [(name, needs, hours, _masked(random), "") for name, needs, hours in _OF_CITY]
    districts = _districts(snapshot) or [""]
    for name, needs, hours in _OF_DISTRICT:
        for district in districts[:6]:
            named.append((f"{district}{name}", needs, hours, _masked(random), district))
    for nth, (name, needs, hours, number, district) in enumerate(named[:_CONTACTS]):
        yield Contact(
            id=f"c-demo-{nth + 1:02}",
            name=name,
            needs=needs,
            number=number,
            hours=hours,
            area=district or city,
            district=district,
            source=_SOURCE,
            verified=verified - timedelta(days=3 * nth),
        )


def _events(snapshot: Snapshot, now: datetime) -> Iterator[Entry]:
    random, today = Random(snapshot.version), snapshot.zone.local(now).date()  # noqa: S311  # as above
    rows = random.sample(range(len(snapshot)), min(len(_EVENTS), len(snapshot)))
    names = _districts(snapshot)
    for nth, (name, needs, days, hour, hours, host) in enumerate(_EVENTS):
        row = rows[nth % len(rows)]
        begins = snapshot.zone.at_clock(today + timedelta(days=days), time(hour)).astimezone(UTC)
        lon, lat = (round(degrees, 5) for degrees in snapshot.lonlat[row].tolist())
        at = int(snapshot.districts.of[row])
        yield Event(
            id=f"e-demo-{nth + 1:02}",
            name=name,
            needs=needs,
            start=begins,
            end=begins + timedelta(hours=hours),
            where=snapshot.name_of(row),
            district=names[at] if at >= 0 else "",
            lon=lon,
            lat=lat,
            who="骑手、快递员、司机",
            host=host,
            number=_masked(random),
            source=_SOURCE,
        )


def _benefits(snapshot: Snapshot, now: datetime) -> Iterator[Entry]:
    today = snapshot.zone.local(now).date()
    for nth, (name, needs, who, where, days) in enumerate(_BENEFITS):
        yield Benefit(
            id=f"b-demo-{nth + 1:02}",
            name=name,
            needs=needs,
            who=who,
            where=where,
            until=None if days is None else today + timedelta(days=days),
            source=_SOURCE,
        )


def _wishes(snapshot: Snapshot, now: datetime) -> tuple[list[StoredWish], list[WishEvent]]:
    """Some 150 wishes about places of the dataset, and how those of the last cells ended."""
    random = Random(snapshot.version)  # noqa: S311  # as above
    rows = random.sample(range(len(snapshot)), min(_CELLS, len(snapshot)))
    cells = dict.fromkeys(encode(lon, lat, 6) for lon, lat in snapshot.lonlat[rows].tolist())
    wishes = [
        _wish(random, cell, now)
        for nth, cell in enumerate(cells)
        for _ in range(1 + (nth * 5) % 14)
    ]
    said = (
        (WishState.BUILT, "新驿站下月开放（虚构）"),
        (WishState.REFUSED, "一百米内已有两处驿站（虚构）"),
        (WishState.KEPT, "列入明年选址（虚构）"),
    )
    enough = [cell for nth, cell in enumerate(cells) if (nth * 5) % 14 >= 4]
    ended = [
        WishEvent(cell, now - timedelta(hours=3), str(state), REPORTER, reason)
        for cell, (state, reason) in zip(enough[-3:], said, strict=False)
    ]
    return wishes, ended


def _wish(random: Random, cell: str, now: datetime) -> StoredWish:
    return StoredWish(
        f"w-{secrets.token_hex(8)}",
        cell,
        [str(need) for need in random.sample(list(Need), random.choice((1, 1, 2, 3)))],
        str(random.choice((Mode.RIDE, Mode.RIDE, Mode.WALK, Mode.DRIVE))),
        random.choice((None, 2, 11, 12, 13, 22, 23)),
        None,
        now - timedelta(hours=random.randrange(4, 24 * 60)),
        f"{REPORTER}-{secrets.token_hex(16)}",
    )
