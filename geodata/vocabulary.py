"""The city's words, once: kinds, needs, services, audiences, zones, doors, modes.

Holds no geometry and no state.

The English member values are what tables, URLs and JSON carry; the Chinese words beside them are
what the sources publish and what the importer recognises. Bit numbers are part of the stored
format: members are only ever appended, never reordered (tests/geodata/test_vocabulary.py pins
them).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: The layer that a dataset has where nobody names another.
MAIN_LAYER: Final = "main"
#: The layer of the public places of OpenStreetMap, under a licence of its own (ODbL).
OSM_LAYER: Final = "osm"


class Kind(StrEnum):
    """What a place is. Source of the first four: the city's 2022 announcement of the 暖蜂
    programme. A public place is nobody's of the programme: what it is says its `type`.
    """

    WARM_BEE_STATION = "warm_bee_station"
    DRIVER_HOME = "driver_home"
    WARM_BEE_STREET = "warm_bee_street"
    FRIENDLY_MERCHANT = "friendly_merchant"
    PUBLIC_PLACE = "public_place"


#: The kinds that somebody runs for riders: what coverage and siting count unless told otherwise.
PROGRAMME_KINDS: Final = tuple(kind for kind in Kind if kind is not Kind.PUBLIC_PLACE)


class Need(StrEnum):
    """What a rider wants: 累了能歇脚、渴了能喝水、饭凉能加热、心烦能倾诉、闲时能充电.

    The programme's 充电 meant both; here power for phones and vehicles is RECHARGE, and what
    one learns from, books and courses, is LEARN.
    """

    REST = "rest"
    WATER = "water"
    HEAT_FOOD = "heat_food"
    TALK = "talk"
    RECHARGE = "recharge"
    LEARN = "learn"


class Help(StrEnum):
    """What a contact, an event or a benefit is for: needs of places, and what no place meets."""

    REST = "rest"
    WATER = "water"
    HEAT_FOOD = "heat_food"
    TALK = "talk"
    RECHARGE = "recharge"
    LEARN = "learn"
    EMERGENCY = "emergency"
    HEALTH = "health"
    LEGAL = "legal"
    PAY = "pay"
    INSURANCE = "insurance"
    VEHICLE = "vehicle"
    FAMILY = "family"
    HOUSING = "housing"
    OFFICE = "office"


class Service(StrEnum):
    """One thing a place offers. The needs it serves stand in SERVES."""

    SEAT = "seat"
    NAP_SPACE = "nap_space"
    AIR_CON = "air_con"
    TOILET = "toilet"
    SHOWER = "shower"
    WOMEN_ROOM = "women_room"
    NURSING_ROOM = "nursing_room"
    DRINKING_WATER = "drinking_water"
    HOT_WATER = "hot_water"
    MICROWAVE = "microwave"
    FRIDGE = "fridge"
    COUNSELLOR = "counsellor"
    HOTLINE = "hotline"
    LEGAL_AID = "legal_aid"
    PHONE_CHARGE = "phone_charge"
    EBIKE_CHARGE = "ebike_charge"
    BATTERY_SWAP = "battery_swap"
    EV_CHARGE = "ev_charge"
    BOOKS = "books"
    COURSES = "courses"
    FIRST_AID = "first_aid"
    AED = "aed"
    WIFI = "wifi"
    UMBRELLA = "umbrella"
    AIR_PUMP = "air_pump"
    TRUCK_PARKING = "truck_parking"
    BIKE_PARKING = "bike_parking"
    STICKER_DESK = "sticker_desk"
    LAUNDRY = "laundry"
    HAIRCUT = "haircut"
    MEALS = "meals"
    WATER_REFILL = "water_refill"
    SHELTER = "shelter"
    FUEL = "fuel"
    BIKE_REPAIR = "bike_repair"
    MEDICINE = "medicine"
    SNACKS = "snacks"
    HOT_FOOD = "hot_food"
    REST_STOP = "rest_stop"


class Audience(StrEnum):
    """Who is welcome."""

    COURIER = "courier"
    RIDER = "rider"
    TRUCK_DRIVER = "truck_driver"
    RIDE_HAILING_DRIVER = "ride_hailing_driver"


class Zone(StrEnum):
    """The four sections of a driver home (司机之家)."""

    RED_GUIDANCE = "red_guidance"
    ORANGE_ENTERPRISE = "orange_enterprise"
    GREEN_PASSAGE = "green_passage"
    SPECIAL_CARE = "special_care"


class Door(StrEnum):
    """How one gets in. `unknown` is a value of its own: it is neither open nor locked."""

    OPEN = "open"
    STAFFED = "staffed"
    CODE = "code"
    QR = "qr"
    FACE = "face"
    UNKNOWN = "unknown"


class YesNo(StrEnum):
    """Whether a place asks for money (`fee`), or whether one registers first (`entry`).

    Not known is null, never a member.
    """

    YES = "yes"
    NO = "no"


class Wheelchair(StrEnum):
    """Whether a wheelchair gets in, as OpenStreetMap has it. Not known is null, never a member."""

    YES = "yes"
    LIMITED = "limited"
    NO = "no"


class Position(StrEnum):
    """How a place's coordinates came to be.

    `surveyed`: somebody stood there; `stated`: the source gives them; `located`: worked out from
    an address, within `radius_m`.
    """

    SURVEYED = "surveyed"
    STATED = "stated"
    LOCATED = "located"


#: A place whose position was worked out from an address is drawn at its point up to this radius
#: in metres; a coarser one waits for a person.
PIN_M: Final = 150.0


class PlaceType(StrEnum):
    """What a public place is, as the column `type` says it; tables may say other things there."""

    TOILETS = "toilets"
    DRINKING_WATER = "drinking_water"
    WATER_POINT = "water_point"
    DEVICE_CHARGING = "device_charging"
    BICYCLE_CHARGING = "bicycle_charging"
    VEHICLE_CHARGING = "vehicle_charging"
    SHELTER = "shelter"
    BUS_SHELTER = "bus_shelter"
    COVERED_BENCH = "covered_bench"
    LIBRARY = "library"
    COMMUNITY_CENTRE = "community_centre"
    SOCIAL_CENTRE = "social_centre"
    UNION_CENTRE = "union_centre"
    PARTY_SERVICE_CENTRE = "party_service_centre"
    REST_AREA = "rest_area"
    TRUCK_PARKING = "truck_parking"
    FUEL = "fuel"
    BICYCLE_REPAIR = "bicycle_repair"
    AIR_PUMP = "air_pump"
    DEFIBRILLATOR = "defibrillator"
    PHARMACY = "pharmacy"
    CONVENIENCE = "convenience"
    FAST_FOOD = "fast_food"


class Mode(StrEnum):
    """How the asker travels."""

    WALK = "walk"
    RIDE = "ride"
    DRIVE = "drive"
    TRUCK = "truck"


@dataclass(frozen=True, slots=True)
class Word:
    """The published Chinese words for one member; the first is the official one."""

    official: str
    also: tuple[str, ...] = ()


KIND_WORDS: Final[Mapping[Kind, Word]] = {
    Kind.WARM_BEE_STATION: Word("暖蜂驿站", ("驿站", "骑手驿站", "户外劳动者驿站")),
    Kind.DRIVER_HOME: Word("司机之家", ("货车司机之家", "网约车司机之家")),
    Kind.WARM_BEE_STREET: Word("暖蜂一条街", ("暖蜂街",)),
    Kind.FRIENDLY_MERCHANT: Word("爱心商户", ("友好商户", "爱心商家", "暖蜂商户")),
    Kind.PUBLIC_PLACE: Word("公共场所", ("公共设施",)),
}

NEED_WORDS: Final[Mapping[Need, Word]] = {
    Need.REST: Word("歇脚", ("休息",)),
    Need.WATER: Word("喝水", ("饮水",)),
    Need.HEAT_FOOD: Word("热饭", ("加热", "饭菜加热")),
    Need.TALK: Word("倾诉", ("聊天", "谈心")),
    Need.RECHARGE: Word("充电", ()),
    Need.LEARN: Word("学习", ("充电学习", "看书")),
}

#: Of the needs of places with their words.
HELP_WORDS: Final[Mapping[Help, Word]] = {
    **{Help(need): word for need, word in NEED_WORDS.items()},
    Help.EMERGENCY: Word("紧急求助", ("紧急", "急救", "报警", "火警", "救援", "求助")),
    Help.HEALTH: Word("健康", ("医疗", "看病", "就医", "体检", "心理", "心理咨询")),
    Help.LEGAL: Word("法律", ("法律援助", "维权", "劳动争议", "劳动仲裁", "仲裁", "调解")),
    Help.PAY: Word("工资合同", ("工资", "欠薪", "合同", "报酬", "收入", "劳动报酬")),
    Help.INSURANCE: Word("保险", ("保险理赔", "理赔", "工伤", "社保", "医保", "保障")),
    Help.VEHICLE: Word("车辆", ("修车", "电动车", "换电", "交通", "交通事故", "拖车")),
    Help.FAMILY: Word("家庭", ("子女", "托管", "女性", "妇女", "家人", "亲子")),
    Help.HOUSING: Word("住房", ("租房", "住宿", "公租房")),
    Help.OFFICE: Word("办事", ("政务", "咨询", "热线", "投诉", "办证", "政务服务")),
}

SERVICE_WORDS: Final[Mapping[Service, Word]] = {
    Service.SEAT: Word("座椅", ("桌椅", "休息座椅", "休息区")),
    Service.NAP_SPACE: Word("午休位", ("躺椅", "午休", "睡眠舱")),
    Service.AIR_CON: Word("空调", ("冷暖空调", "风扇")),
    Service.TOILET: Word("卫生间", ("厕所", "洗手间")),
    Service.SHOWER: Word("淋浴", ("洗澡", "冲凉房")),
    Service.WOMEN_ROOM: Word("女性休息室", ("女骑手休息室",)),
    Service.NURSING_ROOM: Word("母婴室", ("母婴间", "哺乳室")),
    Service.DRINKING_WATER: Word("饮用水", ("饮水机", "饮水", "直饮水")),
    Service.HOT_WATER: Word("热水", ("开水", "热水壶", "开水器")),
    Service.MICROWAVE: Word("微波炉", ("饭菜加热", "热饭")),
    Service.FRIDGE: Word("冰箱", ("冷藏柜",)),
    Service.COUNSELLOR: Word("心理咨询", ("心理疏导", "倾诉室", "谈心室")),
    Service.HOTLINE: Word("服务热线", ("心理热线", "12355热线")),
    Service.LEGAL_AID: Word("法律援助", ("法律咨询", "法律服务")),
    Service.PHONE_CHARGE: Word("手机充电", ("充电插座", "充电宝", "手机充电器")),
    Service.EBIKE_CHARGE: Word("电动车充电", ("电动自行车充电", "电单车充电")),
    Service.BATTERY_SWAP: Word("换电柜", ("换电", "电池更换")),
    Service.EV_CHARGE: Word("汽车充电桩", ("充电桩", "新能源车充电")),
    Service.BOOKS: Word("图书", ("书籍", "阅读角", "报刊")),
    Service.COURSES: Word("技能培训", ("课程", "学习培训")),
    Service.FIRST_AID: Word("急救箱", ("医药箱", "应急药箱", "药箱")),
    Service.AED: Word("自动体外除颤器", ("除颤仪", "AED")),
    Service.WIFI: Word("无线网络", ("WiFi", "Wi-Fi", "WIFI")),
    Service.UMBRELLA: Word("雨伞", ("爱心雨伞", "雨具", "雨衣")),
    Service.AIR_PUMP: Word("打气筒", ("充气泵", "打气")),
    Service.TRUCK_PARKING: Word("货车停车位", ("货车停车", "大车停车")),
    Service.BIKE_PARKING: Word("电动车停放", ("单车停放", "非机动车停放")),
    Service.STICKER_DESK: Word("骑手卡办理", ("贴码服务", "上牌服务点")),
    Service.LAUNDRY: Word("洗衣", ("洗衣机", "洗衣房")),
    Service.HAIRCUT: Word("理发", ("义剪",)),
    Service.MEALS: Word("爱心餐", ("优惠餐", "用餐", "平价餐")),
    Service.WATER_REFILL: Word("水壶加水", ("接水点", "灌水点")),
    Service.SHELTER: Word("遮雨棚", ("避雨亭", "凉亭")),
    Service.FUEL: Word("加油", ("加油站",)),
    Service.BIKE_REPAIR: Word("修车工具", ("自行车修理", "修车")),
    Service.MEDICINE: Word("售药", ("买药", "药店")),
    Service.SNACKS: Word("便利食品", ("零食饮料", "便利店")),
    Service.HOT_FOOD: Word("热食", ("热食售卖", "熟食")),
    Service.REST_STOP: Word("停车休息", ("停车歇脚",)),
}

PLACE_TYPE_WORDS: Final[Mapping[PlaceType, Word]] = {
    PlaceType.TOILETS: Word("公共厕所"),
    PlaceType.DRINKING_WATER: Word("饮水点"),
    PlaceType.WATER_POINT: Word("取水点"),
    PlaceType.DEVICE_CHARGING: Word("手机充电点"),
    PlaceType.BICYCLE_CHARGING: Word("电动自行车充电点"),
    PlaceType.VEHICLE_CHARGING: Word("汽车充电站"),
    PlaceType.SHELTER: Word("遮雨棚"),
    PlaceType.BUS_SHELTER: Word("公交候车亭"),
    PlaceType.COVERED_BENCH: Word("有顶长椅"),
    PlaceType.LIBRARY: Word("图书馆"),
    PlaceType.COMMUNITY_CENTRE: Word("社区中心"),
    PlaceType.SOCIAL_CENTRE: Word("活动中心"),
    PlaceType.UNION_CENTRE: Word("工会服务站"),
    PlaceType.PARTY_SERVICE_CENTRE: Word("党群服务中心"),
    PlaceType.REST_AREA: Word("休息区"),
    PlaceType.TRUCK_PARKING: Word("货车停车场"),
    PlaceType.FUEL: Word("加油站"),
    PlaceType.BICYCLE_REPAIR: Word("自行车维修点"),
    PlaceType.AIR_PUMP: Word("打气点"),
    PlaceType.DEFIBRILLATOR: Word("自动体外除颤器"),
    PlaceType.PHARMACY: Word("药店"),
    PlaceType.CONVENIENCE: Word("便利店"),
    PlaceType.FAST_FOOD: Word("快餐店"),
}

#: In English, since places without a name are labelled by their type in both languages.
PLACE_TYPE_ENGLISH: Final[Mapping[PlaceType, str]] = {
    PlaceType.TOILETS: "Public toilet",
    PlaceType.DRINKING_WATER: "Drinking water",
    PlaceType.WATER_POINT: "Water point",
    PlaceType.DEVICE_CHARGING: "Phone charging",
    PlaceType.BICYCLE_CHARGING: "E-bike charging",
    PlaceType.VEHICLE_CHARGING: "Car charging",
    PlaceType.SHELTER: "Shelter",
    PlaceType.BUS_SHELTER: "Bus shelter",
    PlaceType.COVERED_BENCH: "Covered bench",
    PlaceType.LIBRARY: "Library",
    PlaceType.COMMUNITY_CENTRE: "Community centre",
    PlaceType.SOCIAL_CENTRE: "Social centre",
    PlaceType.UNION_CENTRE: "Union service station",
    PlaceType.PARTY_SERVICE_CENTRE: "Party service centre",
    PlaceType.REST_AREA: "Rest area",
    PlaceType.TRUCK_PARKING: "Truck parking",
    PlaceType.FUEL: "Fuel station",
    PlaceType.BICYCLE_REPAIR: "Bicycle repair stand",
    PlaceType.AIR_PUMP: "Air pump",
    PlaceType.DEFIBRILLATOR: "AED",
    PlaceType.PHARMACY: "Pharmacy",
    PlaceType.CONVENIENCE: "Convenience store",
    PlaceType.FAST_FOOD: "Fast food",
}

AUDIENCE_WORDS: Final[Mapping[Audience, Word]] = {
    Audience.COURIER: Word("快递员", ("快递小哥",)),
    Audience.RIDER: Word("外卖配送员", ("外卖骑手", "骑手", "外卖员")),
    Audience.TRUCK_DRIVER: Word("货车司机", ("卡车司机",)),
    Audience.RIDE_HAILING_DRIVER: Word("网约车司机", ("网约车驾驶员", "出租车司机")),
}

ZONE_WORDS: Final[Mapping[Zone, Word]] = {
    Zone.RED_GUIDANCE: Word("红色引领"),
    Zone.ORANGE_ENTERPRISE: Word("橙色创业"),
    Zone.GREEN_PASSAGE: Word("绿色畅通"),
    Zone.SPECIAL_CARE: Word("特色关爱"),
}

DOOR_WORDS: Final[Mapping[Door, Word]] = {
    Door.OPEN: Word("开放", ("免登记", "自由进出")),
    Door.STAFFED: Word("人员值守", ("人员", "有人值守")),
    Door.CODE: Word("密码", ("密码锁",)),
    Door.QR: Word("扫码", ("扫码进入", "二维码")),
    Door.FACE: Word("人脸", ("人脸识别", "刷脸")),
    Door.UNKNOWN: Word("未知", ()),
}

SERVES: Final[Mapping[Service, tuple[Need, ...]]] = {
    Service.SEAT: (Need.REST,),
    Service.NAP_SPACE: (Need.REST,),
    Service.AIR_CON: (Need.REST,),
    Service.TOILET: (),
    Service.SHOWER: (),
    Service.WOMEN_ROOM: (Need.REST,),
    Service.NURSING_ROOM: (),
    Service.DRINKING_WATER: (Need.WATER,),
    Service.HOT_WATER: (Need.WATER,),
    Service.MICROWAVE: (Need.HEAT_FOOD,),
    Service.FRIDGE: (),
    Service.COUNSELLOR: (Need.TALK,),
    Service.HOTLINE: (Need.TALK,),
    Service.LEGAL_AID: (Need.TALK,),
    Service.PHONE_CHARGE: (Need.RECHARGE,),
    Service.EBIKE_CHARGE: (Need.RECHARGE,),
    Service.BATTERY_SWAP: (Need.RECHARGE,),
    Service.EV_CHARGE: (Need.RECHARGE,),
    Service.BOOKS: (Need.LEARN,),
    Service.COURSES: (Need.LEARN,),
    Service.FIRST_AID: (),
    Service.AED: (),
    Service.WIFI: (),
    Service.UMBRELLA: (),
    Service.AIR_PUMP: (),
    Service.TRUCK_PARKING: (),
    Service.BIKE_PARKING: (),
    Service.STICKER_DESK: (),
    Service.LAUNDRY: (),
    Service.HAIRCUT: (),
    Service.MEALS: (),
    Service.WATER_REFILL: (Need.WATER,),
    Service.SHELTER: (Need.REST,),
    Service.FUEL: (),
    Service.BIKE_REPAIR: (),
    Service.MEDICINE: (),
    Service.SNACKS: (),
    Service.HOT_FOOD: (),
    Service.REST_STOP: (Need.REST,),
}

#: Where nothing is asked, a public place is listed only if one of its services serves one of these.
LISTED_FOR: Final = (Need.REST, Need.WATER, Need.HEAT_FOOD, Need.RECHARGE)
