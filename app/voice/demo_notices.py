"""Made-up notices of a synthetic dataset, relative to now, anew at each start: one that runs and
was made less strict, one to come, one that is over. Each says that it is made up.
"""

import math
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from app.db import notices as stored
from app.db.database import Connection
from app.db.notices import DEMO, StoredNotice
from app.request.notices import (
    CapCategory,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    NoticeText,
    ZoneLevel,
)
from app.voice.notices import MsgType, NoticeBody
from geodata.snapshot.snapshot import Snapshot
from geodata.snapshot.zones import Ring, ZoneEffect

_BY: Final = "演示 demo"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_ZH: Final = "（演示数据，并无此事）"
_EN: Final = " (made-up data: there is no such notice)"
_RADIUS_M: Final = 350.0
_CORNERS: Final = 8
_METRES_A_DEGREE: Final = 111_320.0


def renew(connection: Connection, snapshot: Snapshot, now: datetime) -> None:
    """Make the demo's notices anew."""
    stored.forget_demo(connection)
    for row in _made_up(snapshot, now) if len(snapshot) else ():
        stored.add(connection, row)


def _made_up(snapshot: Snapshot, now: datetime) -> list[StoredNotice]:
    chosen = Random(snapshot.version).sample(range(len(snapshot)), min(3, len(snapshot)))  # noqa: S311  # the same areas at each start
    areas = [_around(*snapshot.lonlat[row].tolist()) for row in chosen]
    first, second, third = areas[0], areas[1 % len(areas)], areas[2 % len(areas)]
    sealed = _body(_CONTROL, ZoneEffect.CLOSED, first, level=ZoneLevel.SEALED)
    eased = msgspec.structs.replace(sealed, level=ZoneLevel.CONTROLLED)
    race = _body(_RACE, ZoneEffect.DETOUR, second)
    food = _body(_FOOD, ZoneEffect.SUPPLIES, third)
    running, to_come, over = (f"{DEMO}{name}" for name in ("control", "race", "food"))
    return [
        _row(running, 1, now - 3 * _DAY, (now - 3 * _DAY, now + 2 * _DAY), sealed),
        _row(running, 2, now - _DAY, (now - 3 * _DAY, now + 4 * _DAY), eased),
        _row(to_come, 1, now - 2 * _HOUR, (now + _DAY, now + _DAY + 6 * _HOUR), race),
        _row(over, 1, now - 5 * _DAY, (now - 5 * _DAY, now - 6 * _HOUR), food),
    ]


def _row(
    root: str, turn: int, sent: datetime, runs: tuple[datetime, datetime], body: NoticeBody
) -> StoredNotice:
    kind = MsgType.ALERT if turn == 1 else MsgType.UPDATE
    before = None if turn == 1 else root
    told: dict[str, Any] = msgspec.to_builtins(body)
    identifier = root if turn == 1 else f"{root}-{turn}"
    return StoredNotice(identifier, root, before, kind, sent, *runs, _BY, told)


def _body(
    texts: tuple[NoticeText, NoticeText],
    effect: ZoneEffect,
    polygon: Ring,
    level: ZoneLevel | None = None,
) -> NoticeBody:
    is_control = effect is ZoneEffect.CLOSED
    return NoticeBody(
        category=CapCategory.HEALTH if is_control else CapCategory.SAFETY,
        severity=CapSeverity.SEVERE if is_control else CapSeverity.MINOR,
        urgency=CapUrgency.IMMEDIATE if is_control else CapUrgency.EXPECTED,
        certainty=CapCertainty.OBSERVED if is_control else CapCertainty.LIKELY,
        effect=effect,
        level=level,
        zh=texts[0],
        en=texts[1],
        polygons=(polygon,),
        people=24_900 if is_control else None,
        buildings=93 if is_control else None,
        estates=22 if is_control else None,
    )


def _around(lon: float, lat: float) -> Ring:
    """A ring of corners about a point, counter-clockwise, closed."""
    height = _RADIUS_M / _METRES_A_DEGREE
    width = height / math.cos(math.radians(lat))
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    ring = [
        (round(lon + width * math.cos(turn), 6), round(lat + height * math.sin(turn), 6))
        for turn in turns
    ]
    return (*ring, ring[0])


_CONTROL: Final = (
    NoticeText(
        headline=f"片区临时管控，站点暂停开放{_ZH}",
        description="片区内小区、楼栋实行临时管控，骑手凭码配送到指定交接点，片区内驿站暂停开放。",
        instruction="请绕行；需要热水、休息请到下列片区外的开放站点。物资由街道统一配送。",
        area="演示片区",
    ),
    NoticeText(
        headline=f"Area under control, stations closed{_EN}",
        description=(
            "Estates and buildings inside are under control. Riders hand over at the points that"
            " are marked; stations inside are closed."
        ),
        instruction=(
            "Go around. For hot water and rest use the open places outside that are listed here."
            " The street office delivers supplies."
        ),
        area="A made-up area",
    ),
)
_RACE: Final = (
    NoticeText(
        headline=f"长跑赛事交通管制，请绕行{_ZH}",
        description="赛道沿线机动车、电动自行车禁止通行。",
        instruction="请提前规划路线，按现场指引绕行。",
        area="演示赛道",
    ),
    NoticeText(
        headline=f"Road race, please go around{_EN}",
        description="No cars and no e-bikes along the course.",
        instruction="Plan another way, and follow the signs.",
        area="A made-up course",
    ),
)
_FOOD: Final = (
    NoticeText(
        headline=f"骑手物资发放点{_ZH}",
        description="向骑手免费发放口罩、热饭和饮用水。",
        instruction="凭平台工牌领取，先到先得。",
        area="演示片区",
    ),
    NoticeText(
        headline=f"Supplies for riders{_EN}",
        description="Masks, hot meals and water, free of charge.",
        instruction="Show your platform's badge; while it lasts.",
        area="A made-up area",
    ),
)
