"""What the demo city is made of: its roles, words, probabilities and opening hours, as tables.

Every share here is a plausible invention except where a source is named. Shop names are made of our
own word lists: no real business is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Final

from geodata.places.entry import PlaceEntry
from geodata.vocabulary import Audience, Door, Kind, Service, Wheelchair, YesNo, Zone

Text = tuple[str, str]
"""Chinese and English of one thing.

For hours, OSM syntax and the Chinese text as it would be published.
"""


class WeekShape(StrEnum):
    """The shapes of a week of day-time hours."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    MONDAY_TO_SATURDAY = "monday_to_saturday"
    LUNCH_BREAK = "lunch_break"
    SHORTER_WEEKEND = "shorter_weekend"
    TWO_MEALS = "two_meals"


@dataclass(frozen=True, slots=True)
class Role:
    """One sort of place and everything that is drawn for it.

    Probabilities are of a single draw each.
    """

    kind: Kind
    share: float
    """Of the places of its kind."""
    titles: tuple[Text, ...]
    fronts: tuple[Text, ...]
    """What stands before the title in a name: a nickname or a made-up brand.

    Empty for public places.
    """
    services: Mapping[Service, float]
    doors: Mapping[Door, float]
    audience: Mapping[Audience, float]
    weeks: tuple[WeekShape, ...]
    always: float
    """Relative chance to be open 24 hours; the overall share is ALWAYS_SHARE."""
    overnight: float
    """Relative chance to be open past midnight; the overall share is OVERNIGHT_SHARE."""
    seats: tuple[int, int]
    seats_known: float
    operators: tuple[str, ...]
    offers: tuple[str, ...] = ()
    zones: Mapping[Zone, float] = field(default_factory=dict)


#: Of the country's 186,100 union stations 12,100 are open 24 hours (count published by the trade
#: unions).
ALWAYS_SHARE: Final = 0.065
OVERNIGHT_SHARE: Final = 0.05
UNKNOWN_SHARE: Final = 0.08

ALWAYS: Final[Text] = ("24/7", "24小时")
UNKNOWN_TEXTS: Final[tuple[str | None, ...]] = (
    None,
    "以站点为准",
    "开放时间以现场公示为准",
    "请先电话确认",
)

#: Of stations whose door opens by code, QR or face, those that nobody watches: one applies for the
#: door before the first visit.
APPLY_FIRST_SHARE: Final = 0.7
#: What they say of it; the site is one that nobody can own (RFC 2606).
APPLY_FIRST: Final[Mapping[Door, PlaceEntry]] = {
    Door.CODE: PlaceEntry(YesNo.YES, "演示：先打电话登记，凭密码进门"),
    Door.QR: PlaceEntry(
        YesNo.YES, "演示：先申请门禁，通过后扫码进门", "https://example.org/demo/entry"
    ),
    Door.FACE: PlaceEntry(
        YesNo.YES, "演示：先申请门禁并录脸，通过后刷脸进门", "https://example.org/demo/entry"
    ),
}
#: What is known of money, steps and floors, by kind; of all other places nothing is.
FEES: Final[Mapping[Kind, Mapping[str, float]]] = {
    Kind.WARM_BEE_STATION: {YesNo.NO: 0.3},
    Kind.DRIVER_HOME: {YesNo.NO: 0.3, YesNo.YES: 0.15},
}
WHEELCHAIRS: Final[Mapping[Kind, Mapping[str, float]]] = {
    Kind.WARM_BEE_STATION: {Wheelchair.YES: 0.1, Wheelchair.LIMITED: 0.03, Wheelchair.NO: 0.03},
    Kind.DRIVER_HOME: {Wheelchair.YES: 0.3, Wheelchair.LIMITED: 0.1},
}
LEVELS: Final[Mapping[Kind, Mapping[str, float]]] = {
    Kind.WARM_BEE_STATION: {"2F": 0.04, "B1": 0.02},
}

_NICKNAMES: Final[tuple[Text, ...]] = (
    ("老王", "Lao Wang"), ("老李", "Lao Li"), ("阿强", "Ah Qiang"), ("阿芳", "Ah Fang"),
    ("陈记", "Chen's"),
    ("林姐", "Sister Lin"), ("小周", "Xiao Zhou"), ("黄伯", "Uncle Huang"),
    ("客家妹", "Hakka Girl"),
    ("潮味", "Chaowei"), ("湘里", "Xiangli"), ("川江", "Chuanjiang"), ("四季", "Four Seasons"),
    ("胖嫂", "Pang Sao"),
)  # fmt: skip
_BRANDS: Final[tuple[Text, ...]] = (
    ("邻里", "Linli"), ("向阳", "Xiangyang"), ("便民", "Bianmin"), ("晨曦", "Chenxi"),
    ("万家灯", "Wanjiadeng"),
    ("好邻", "Haolin"), ("顺路", "Shunlu"), ("青禾", "Qinghe"), ("百味", "Baiwei"),
    ("同心", "Tongxin"),
    ("蓝鲸", "Lanjing"), ("惠民", "Huimin"),
)  # fmt: skip

_SHOP_DOORS: Final[Mapping[Door, float]] = {Door.OPEN: 0.7, Door.STAFFED: 0.25, Door.UNKNOWN: 0.05}
_RIDERS: Final[Mapping[Audience, float]] = {
    Audience.COURIER: 0.97,
    Audience.RIDER: 0.98,
    Audience.RIDE_HAILING_DRIVER: 0.45,
    Audience.TRUCK_DRIVER: 0.25,
}
_OWNER: Final = ("演示商户自营",)
_DAY: Final = (
    WeekShape.DAILY,
    WeekShape.DAILY,
    WeekShape.SHORTER_WEEKEND,
    WeekShape.MONDAY_TO_SATURDAY,
)

ROLES: Final[tuple[Role, ...]] = (
    Role(
        kind=Kind.WARM_BEE_STATION,
        share=1.0,
        titles=(("暖蜂驿站", "Warm-bee Station"),),
        fronts=(),
        services={
            Service.SEAT: 0.97, Service.NAP_SPACE: 0.14, Service.AIR_CON: 0.82,
            Service.TOILET: 0.55,
            Service.SHOWER: 0.04, Service.WOMEN_ROOM: 0.05, Service.NURSING_ROOM: 0.12,
            Service.DRINKING_WATER: 0.95,
            Service.HOT_WATER: 0.8, Service.MICROWAVE: 0.76, Service.FRIDGE: 0.3,
            Service.COUNSELLOR: 0.1,
            Service.HOTLINE: 0.14, Service.LEGAL_AID: 0.08, Service.PHONE_CHARGE: 0.9,
            Service.EBIKE_CHARGE: 0.22,
            Service.BATTERY_SWAP: 0.12, Service.EV_CHARGE: 0.03, Service.BOOKS: 0.5,
            Service.COURSES: 0.08,
            Service.FIRST_AID: 0.68, Service.AED: 0.12, Service.WIFI: 0.66, Service.UMBRELLA: 0.52,
            Service.AIR_PUMP: 0.3, Service.BIKE_PARKING: 0.4, Service.STICKER_DESK: 0.05,
            Service.LAUNDRY: 0.02,
            Service.HAIRCUT: 0.04, Service.MEALS: 0.08,
        },
        doors={
            Door.OPEN: 0.34, Door.STAFFED: 0.36, Door.CODE: 0.06, Door.QR: 0.12, Door.FACE: 0.05,
            Door.UNKNOWN: 0.07,
        },
        audience={**_RIDERS, Audience.RIDE_HAILING_DRIVER: 0.7, Audience.TRUCK_DRIVER: 0.5},
        weeks=(*_DAY, WeekShape.WEEKDAYS, WeekShape.LUNCH_BREAK),
        always=3.0,
        overnight=1.0,
        seats=(4, 40),
        seats_known=0.7,
        operators=("演示街道总工会", "演示社区党群服务中心", "演示物业公司", "演示银行网点"),
    ),
    Role(
        kind=Kind.DRIVER_HOME,
        share=1.0,
        titles=(("司机之家", "Driver Home"),),
        fronts=(),
        services={
            Service.SEAT: 0.98, Service.NAP_SPACE: 0.6, Service.AIR_CON: 0.95, Service.TOILET: 0.97,
            Service.SHOWER: 0.7, Service.WOMEN_ROOM: 0.12, Service.DRINKING_WATER: 0.98,
            Service.HOT_WATER: 0.95,
            Service.MICROWAVE: 0.8, Service.FRIDGE: 0.45, Service.COUNSELLOR: 0.25,
            Service.HOTLINE: 0.3,
            Service.LEGAL_AID: 0.4, Service.PHONE_CHARGE: 0.95, Service.EV_CHARGE: 0.45,
            Service.BOOKS: 0.6,
            Service.COURSES: 0.3, Service.FIRST_AID: 0.9, Service.AED: 0.3, Service.WIFI: 0.9,
            Service.AIR_PUMP: 0.4, Service.TRUCK_PARKING: 0.85, Service.LAUNDRY: 0.45,
            Service.HAIRCUT: 0.12,
            Service.MEALS: 0.65,
        },
        doors={Door.OPEN: 0.2, Door.STAFFED: 0.6, Door.QR: 0.1, Door.UNKNOWN: 0.1},
        audience={
            Audience.TRUCK_DRIVER: 0.9,
            Audience.RIDE_HAILING_DRIVER: 0.55,
            Audience.COURIER: 0.3,
        },
        weeks=(WeekShape.DAILY,),
        always=15.0,
        overnight=3.0,
        seats=(10, 120),
        seats_known=0.8,
        operators=("演示物流园", "演示港口服务公司", "演示货运行业党委"),
        zones={
            Zone.RED_GUIDANCE: 0.8,
            Zone.ORANGE_ENTERPRISE: 0.45,
            Zone.GREEN_PASSAGE: 0.6,
            Zone.SPECIAL_CARE: 0.55,
        },
    ),
    Role(
        kind=Kind.WARM_BEE_STREET,
        share=1.0,
        titles=(("暖蜂一条街", "Warm-bee Street"),),
        fronts=(),
        services={
            Service.SEAT: 0.9, Service.TOILET: 0.8, Service.DRINKING_WATER: 0.95,
            Service.HOT_WATER: 0.6,
            Service.MICROWAVE: 0.5, Service.PHONE_CHARGE: 0.8, Service.EBIKE_CHARGE: 0.5,
            Service.MEALS: 0.9,
            Service.UMBRELLA: 0.4, Service.BIKE_PARKING: 0.7, Service.HAIRCUT: 0.3,
        },
        doors={Door.OPEN: 1.0},
        audience=_RIDERS,
        weeks=(WeekShape.DAILY,),
        always=0.0,
        overnight=0.5,
        seats=(1, 1),
        seats_known=0.0,
        operators=("演示街道办事处",),
    ),
    Role(
        kind=Kind.FRIENDLY_MERCHANT,
        share=0.42,
        titles=(
            ("快餐", "Diner"), ("小吃店", "Snack Bar"), ("粥粉面", "Congee & Noodles"),
            ("烧腊饭店", "Roast Meat"),
            ("包子铺", "Bun Shop"), ("糖水铺", "Dessert Shop"),
        ),
        fronts=_NICKNAMES,
        services={
            Service.SEAT: 0.85, Service.AIR_CON: 0.5, Service.TOILET: 0.2,
            Service.DRINKING_WATER: 0.75,
            Service.HOT_WATER: 0.5, Service.MICROWAVE: 0.35, Service.PHONE_CHARGE: 0.6,
            Service.WIFI: 0.4,
            Service.MEALS: 0.92, Service.UMBRELLA: 0.06,
        },
        doors=_SHOP_DOORS,
        audience=_RIDERS,
        weeks=(*_DAY, WeekShape.TWO_MEALS),
        always=0.3,
        overnight=4.0,
        seats=(6, 40),
        seats_known=0.2,
        operators=_OWNER,
        offers=("骑手套餐9.9元", "骑手用餐八折", "免费加饭加汤", "免费例汤一碗"),
    ),
    Role(
        kind=Kind.FRIENDLY_MERCHANT,
        share=0.24,
        titles=(("便利店", "Convenience Store"), ("士多", "Corner Store")),
        fronts=_BRANDS,
        services={
            Service.SEAT: 0.3, Service.AIR_CON: 0.4, Service.DRINKING_WATER: 0.6,
            Service.HOT_WATER: 0.55,
            Service.MICROWAVE: 0.6, Service.PHONE_CHARGE: 0.65, Service.UMBRELLA: 0.15,
            Service.FIRST_AID: 0.08,
        },
        doors=_SHOP_DOORS,
        audience=_RIDERS,
        weeks=(WeekShape.DAILY,),
        always=5.0,
        overnight=3.0,
        seats=(2, 8),
        seats_known=0.15,
        operators=_OWNER,
        offers=("瓶装水一元", "免费热水", "便当九折"),
    ),
    Role(
        kind=Kind.FRIENDLY_MERCHANT,
        share=0.13,
        titles=(("药房", "Pharmacy"), ("大药房", "Pharmacy")),
        fronts=_BRANDS,
        services={
            Service.SEAT: 0.5, Service.AIR_CON: 0.7, Service.DRINKING_WATER: 0.7,
            Service.HOT_WATER: 0.25,
            Service.PHONE_CHARGE: 0.4, Service.FIRST_AID: 0.9, Service.AED: 0.04,
            Service.UMBRELLA: 0.2,
        },
        doors=_SHOP_DOORS,
        audience=_RIDERS,
        weeks=_DAY,
        always=1.0,
        overnight=0.5,
        seats=(2, 6),
        seats_known=0.15,
        operators=_OWNER,
        offers=("免费测血压", "防暑药品八折", "免费创可贴"),
    ),
    Role(
        kind=Kind.FRIENDLY_MERCHANT,
        share=0.07,
        titles=(("银行网点", "Bank Branch"),),
        fronts=_BRANDS,
        services={
            Service.SEAT: 0.97, Service.AIR_CON: 0.98, Service.TOILET: 0.3,
            Service.DRINKING_WATER: 0.95,
            Service.HOT_WATER: 0.6, Service.PHONE_CHARGE: 0.85, Service.WIFI: 0.7,
            Service.FIRST_AID: 0.6,
            Service.UMBRELLA: 0.6, Service.BOOKS: 0.4, Service.AED: 0.05,
        },
        doors={Door.OPEN: 0.4, Door.STAFFED: 0.6},
        audience=_RIDERS,
        weeks=(WeekShape.WEEKDAYS, WeekShape.LUNCH_BREAK, WeekShape.MONDAY_TO_SATURDAY),
        always=0.2,
        overnight=0.0,
        seats=(6, 24),
        seats_known=0.4,
        operators=("演示银行网点",),
        offers=("免费换零钱", "歇脚区开放"),
    ),
    Role(
        kind=Kind.FRIENDLY_MERCHANT,
        share=0.05,
        titles=(("加油站", "Petrol Station"),),
        fronts=_BRANDS,
        services={
            Service.SEAT: 0.4, Service.TOILET: 0.9, Service.DRINKING_WATER: 0.7,
            Service.HOT_WATER: 0.6,
            Service.MICROWAVE: 0.25, Service.AIR_PUMP: 0.7, Service.PHONE_CHARGE: 0.4,
            Service.EV_CHARGE: 0.15,
            Service.TRUCK_PARKING: 0.25, Service.FIRST_AID: 0.5,
        },
        doors=_SHOP_DOORS,
        audience={**_RIDERS, Audience.TRUCK_DRIVER: 0.9, Audience.RIDE_HAILING_DRIVER: 0.9},
        weeks=(WeekShape.DAILY,),
        always=9.0,
        overnight=1.0,
        seats=(2, 8),
        seats_known=0.1,
        operators=_OWNER,
        offers=("免费热水", "免费打气"),
    ),
    Role(
        kind=Kind.FRIENDLY_MERCHANT,
        share=0.09,
        titles=(("快递网点", "Parcel Point"), ("代收点", "Parcel Point")),
        fronts=_BRANDS,
        services={
            Service.SEAT: 0.6, Service.DRINKING_WATER: 0.75, Service.HOT_WATER: 0.3,
            Service.MICROWAVE: 0.2,
            Service.PHONE_CHARGE: 0.7, Service.EBIKE_CHARGE: 0.25, Service.BIKE_PARKING: 0.5,
            Service.AIR_PUMP: 0.2,
            Service.UMBRELLA: 0.1,
        },
        doors=_SHOP_DOORS,
        audience=_RIDERS,
        weeks=_DAY,
        always=0.1,
        overnight=0.3,
        seats=(2, 10),
        seats_known=0.15,
        operators=_OWNER,
        offers=("免费充电", "歇脚区开放"),
    ),
)  # fmt: skip


def _said(clock: str) -> str:
    """08:30 as people write it: 8:30."""
    return clock.removeprefix("0") if clock != "00:00" else "0:00"


def _span(opens: str, closes: str) -> Text:
    """An interval within one day."""
    return f"{opens}-{closes}", f"{_said(opens)}-{_said(closes)}"


def _one_span(
    days: Text, after: Text, opens: tuple[str, ...], closes: tuple[str, ...]
) -> tuple[Text, ...]:
    spans = [_span(*pair) for pair in product(opens, closes)]
    return tuple(
        (f"{days[0]} {osm}{after[0]}", f"{days[1]}{text}{after[1]}") for osm, text in spans
    )


def _two_spans(
    days: Text, after: Text, first: tuple[tuple[str, str], ...], second: tuple[tuple[str, str], ...]
) -> tuple[Text, ...]:
    pairs = [(_span(*a), _span(*b)) for a, b in product(first, second)]
    return tuple(
        (f"{days[0]} {a[0]},{b[0]}{after[0]}", f"{days[1]}{a[1]}、{b[1]}{after[1]}")
        for a, b in pairs
    )


def _weekend(weekday: tuple[str, str], weekend: tuple[str, str]) -> Text:
    (osm, text), (osm_end, text_end) = _span(*weekday), _span(*weekend)
    return (
        f'Mo-Fr {osm} open "工作日"; Sa-Su,PH {osm_end}',
        f"工作日{text}，周末及节假日{text_end}",
    )


_EVERY_DAY: Final[Text] = ("Mo-Su", "每日")
#: 工作日, so that a weekend that is worked follows them: `open "工作日"` says so behind the times.
_WORKDAYS: Final[Text] = ("Mo-Fr", "工作日")
_NOTHING: Final[Text] = ("", "")
_HOLIDAYS_OFF: Final[Text] = (' open "工作日"; PH off', "，节假日休息")

HOURS: Final[Mapping[WeekShape, tuple[Text, ...]]] = {
    WeekShape.DAILY: _one_span(
        _EVERY_DAY,
        _NOTHING,
        ("06:30", "07:00", "07:30", "08:00", "08:30", "09:00", "09:30", "10:00"),
        ("18:00", "20:00", "21:00", "22:00", "22:30", "23:00"),
    ),
    WeekShape.WEEKDAYS: _one_span(
        _WORKDAYS,
        _HOLIDAYS_OFF,
        ("08:00", "08:30", "09:00", "09:30"),
        ("17:00", "17:30", "18:00", "18:30"),
    ),
    WeekShape.MONDAY_TO_SATURDAY: _one_span(
        ("Mo-Sa", "周一至周六"),
        ("; PH unknown", ""),
        ("07:30", "08:00", "08:30", "09:00"),
        ("18:00", "19:00", "20:00", "21:00"),
    ),
    WeekShape.LUNCH_BREAK: _two_spans(
        _WORKDAYS,
        (' open "工作日"; Sa 09:00-12:00; PH off', "，周六9:00-12:00，节假日休息"),
        (("08:30", "12:00"), ("09:00", "12:00"), ("09:00", "12:30")),
        (("13:30", "17:30"), ("14:00", "17:30"), ("14:00", "18:00")),
    ),
    WeekShape.SHORTER_WEEKEND: tuple(
        _weekend(weekday, weekend)
        for weekday, weekend in product(
            (("08:00", "21:00"), ("08:30", "20:00"), ("09:00", "21:00"), ("09:00", "22:00")),
            (("09:00", "17:00"), ("09:00", "18:00"), ("10:00", "18:00")),
        )
    ),
    WeekShape.TWO_MEALS: _two_spans(
        _EVERY_DAY,
        _NOTHING,
        (("10:30", "14:00"), ("11:00", "14:00"), ("10:00", "14:30")),
        (("16:30", "21:00"), ("17:00", "21:00"), ("17:00", "21:30")),
    ),
}

OVERNIGHT: Final[tuple[Text, ...]] = tuple(
    (f"Mo-Su {opens}-{closes}", f"每日{_said(opens)}-次日{_said(closes)}")
    for opens, closes in (
        ("22:00", "06:00"),
        ("17:00", "02:00"),
        ("18:00", "03:00"),
        ("21:00", "05:00"),
        ("16:30", "01:00"),
        ("19:00", "04:00"),
        ("20:00", "02:00"),
        ("10:00", "02:00"),
    )
)

#: Street offices where lorries wait: ports, rail freight, logistics and industrial parks. Weight
#: against 1 elsewhere.
FREIGHT: Final[Mapping[str, float]] = {
    "盐田街道": 40.0, "平湖街道": 14.0, "南湾街道": 8.0, "福永街道": 10.0, "福海街道": 6.0,
    "航城街道": 10.0,
    "沙井街道": 5.0, "松岗街道": 5.0, "燕罗街道": 5.0, "光明街道": 8.0, "公明街道": 5.0,
    "龙岗街道": 5.0,
    "宝龙街道": 6.0, "横岗街道": 4.0, "观澜街道": 5.0, "坪山街道": 5.0, "坑梓街道": 5.0,
    "招商街道": 6.0,
    "笋岗街道": 8.0, "清水河街道": 8.0,
}  # fmt: skip
