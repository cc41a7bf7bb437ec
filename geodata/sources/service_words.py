"""What the words of a service cell mean: 如厕、微波炉2台（免费）, 无热水.

A part of a cell is taken only if all of it is known: words for services, counts, negations and
what stands around them. The rest is told as unknown, part by part.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from geodata.sources.service_scope import Parting, Piece, doubtful, without_limits
from geodata.vocabulary import SERVICE_WORDS, Service

#: What lists of stations write besides the published words.
ALSO: Final[Mapping[Service, str]] = {
    Service.SEAT: "休息 休憩 歇脚 歇息 小憩 休憩区 休息处 休息点 休息位 休息桌椅 休息椅 休息凳 "
    "座位 桌子 "
    "椅子 凳子 沙发 长椅 长凳 休闲椅 休闲桌椅 休息空间 休息场所 临时休息 短暂休息 遮风避雨 "
    "休息室 休闲区 餐桌椅 餐桌 歇脚点 seat seats seating chair chairs bench rest",
    Service.NAP_SPACE: "午睡 午休床 午休区 午休椅 折叠床 行军床 休息床 小睡 睡眠仓 太空舱 "
    "午休躺椅 休息躺椅 nap",
    Service.AIR_CON: "避暑取暖 避暑 取暖 纳凉 避寒 防暑降温 乘凉 供暖 暖气 冷气 暖风机 取暖器 "
    "电风扇 "
    "避暑纳凉 纳凉避暑 纳凉取暖 冬季取暖 夏季纳凉 保暖 御寒 空调扇 避暑避寒 空调房 空调开放 "
    "冷暖气 取暖避暑 清凉避暑 airconditioning airconditioner aircon heating",
    Service.TOILET: "如厕 公厕 公共厕所 公共卫生间 公共洗手间 公用厕所 共享厕所 共享卫生间 "
    "无障碍卫生间 "
    "无障碍厕所 盥洗室 方便 toilet toilets restroom wc washroom",
    Service.SHOWER: "洗浴 冲凉 沐浴 淋浴间 淋浴房 洗澡间 浴室 淋浴室 热水澡 shower showers",
    Service.WOMEN_ROOM: "女性关爱室 女职工休息室 女士休息室",
    Service.NURSING_ROOM: "爱心母婴室 爱心妈咪小屋 妈咪小屋 母婴 哺乳 哺乳间 育婴室 母婴休息室 "
    "母婴设施 "
    "nursingroom",
    Service.DRINKING_WATER: "饮水供给 供水 饮水点 饮用水供应 饮水供应 喝水 接水 补水 纯净水 "
    "矿泉水 桶装水 "
    "直饮机 直饮水机 净水器 净水机 茶水 凉茶 瓶装水 冷水 凉水 温水 加水 取水 续水 免费饮水 "
    "饮水设备 "
    "饮水装置 饮水设施 冷热饮水机 drinkingwater water waterdispenser",
    Service.HOT_WATER: "烧水壶 电热水壶 热水器 热水供应 热饮 烧水 开水壶 开水机 电热水器 热水机 "
    "热水瓶 "
    "暖水瓶 开水供应 热茶 hotwater kettle",
    Service.MICROWAVE: "餐食加热 加热饭菜 加热餐食 加热食物 食物加热 食品加热 热菜 热饭菜 饭菜热 "
    "加热 "
    "餐饭加热 饭食加热 加热饭盒 加热午餐 加热饭 热餐 饭菜加热服务 微波炉加热 加热设备 蒸饭 蒸饭柜 "
    "蒸饭箱 "
    "蒸箱 电磁炉 烤箱 微波 光波炉 餐盒加热 午餐加热 加热餐 microwave heatfood",
    Service.FRIDGE: "冷藏 冰柜 冷藏箱 小冰箱 电冰箱 冷柜 冷冻柜 食物冷藏 fridge refrigerator",
    Service.COUNSELLOR: "心理服务 心理辅导 心理健康 心理健康服务 心理关爱 倾诉 谈心 聊天 谈心谈话 "
    "心灵驿站 "
    "心理减压 心理健康咨询 情绪疏导 心理援助 counselling counseling",
    Service.HOTLINE: "热线电话 hotline",
    Service.LEGAL_AID: "法律 普法 普法宣传 法律服务点 维权服务 维权 劳动维权 法援 权益维护 "
    "维权咨询 "
    "法律维权 legalaid",
    Service.PHONE_CHARGE: "充电 手机充电线 充电线 共享充电宝 充电器 手机充电站 手机充电柜 "
    "手机充电桩 "
    "手机充电处 插座 电源插座 电源 充电接口 充电插口 充电设备 充电设施 充电服务 应急充电 usb充电 "
    "充电口 手机充电宝 手机应急充电 排插 插线板 快充 免费充电 手机快充 phonecharge charging "
    "charger phonecharging",
    Service.EBIKE_CHARGE: "电瓶车充电 电动车充电桩 电瓶车充电桩 电动车充电站 电动车充电柜 "
    "电动自行车充电桩 "
    "骑行充电 两轮车充电 车辆充电 电池充电 电瓶充电 电单车充电桩 ebikecharging",
    Service.BATTERY_SWAP: "换电站 换电服务 换电池 电池换电 电动车换电 batteryswap",
    Service.EV_CHARGE: "电动汽车充电 新能源充电桩 新能源汽车充电 汽车充电 电动汽车充电桩 "
    "新能源充电 "
    "充电车位 evcharging",
    Service.BOOKS: "图书角 阅读 书报 书刊 报纸 杂志 看书 读书 读书角 图书阅读 阅览 阅览室 图书室 "
    "书架 "
    "图书漂流 职工书屋 书屋 书吧 图书架 报刊杂志 书籍阅读 书报阅读 报刊阅览 学习阅读 阅读区 借阅 "
    "图书借阅 书报架 阅览区 读物 书本 阅读学习 漂流书屋 电子阅读 books reading library",
    Service.COURSES: "培训 学习 技能学习 职业培训 教育培训 技能提升 课堂 学习教育 夜校 courses "
    "training",
    Service.FIRST_AID: "应急药品 急救药箱 急救包 医药包 应急药包 药品 常用药 常用药品 常备药 "
    "急救药品 "
    "急救用品 应急医药箱 应急箱 急救 医疗箱 医疗包 小药箱 便民药箱 爱心药箱 应急救助 应急药 药物 "
    "医药用品 医药急救 应急医疗箱 应急用药 家庭药箱 急救设备 应急药物 创可贴 防暑药品 防暑药 "
    "医疗急救 应急救护 医药 firstaid firstaidkit",
    Service.AED: "除颤器 aed除颤仪 自动除颤仪 自动体外除颤仪 心脏除颤器 aed急救 aed设备",
    Service.WIFI: "无线网 免费wifi 无线上网 上网 wlan 网络 无线wifi wifi网络 无线 宽带 免费网络",
    Service.UMBRELLA: "伞 雨伞借用 爱心伞 共享雨伞 便民雨伞 便民伞 应急雨伞 借伞 遮阳伞 晴雨伞 "
    "一次性雨衣 "
    "雨披 避雨用具 雨伞雨衣 umbrella umbrellas",
    Service.AIR_PUMP: "充气筒 打气泵 充气 电动充气泵 车胎充气 轮胎充气 充气机 打气机 气泵 airpump "
    "pump",
    Service.TRUCK_PARKING: "货车泊位 货车停放 大货车停车位 货车停车场 大货车停车 truckparking",
    Service.BIKE_PARKING: "电动车停车 电瓶车停放 电动车停车位 非机动车停车 非机动车停车位 单车停车 "
    "电动自行车停放 骑手停车位 摩托车停放 自行车停放 电动车停靠 bikeparking",
    Service.STICKER_DESK: "骑手卡 骑手卡服务",
    Service.LAUNDRY: "洗衣服 衣物清洗 洗衣服务 烘干机 洗衣烘干 衣物烘干 自助洗衣 laundry",
    Service.HAIRCUT: "剪发 免费理发 理发服务 爱心理发 义务理发 爱心义剪 剪头发 haircut",
    Service.MEALS: "就餐 餐饮 爱心餐食 爱心早餐 早餐 午餐 晚餐 平价餐食 工作餐 餐食 优惠就餐 "
    "用餐区 "
    "就餐区 餐厅 食堂 快餐 简餐 爱心午餐 用餐服务 meals food",
    Service.WATER_REFILL: "水壶接水 水杯接水 灌装水 waterrefill refill",
    Service.SHELTER: "雨棚 避雨棚 候车亭 shelter",
    Service.FUEL: "加油服务 fuel petrol",
    Service.BIKE_REPAIR: "单车修理 电动车修理 修车工具箱 bikerepair",
    Service.MEDICINE: "药房 pharmacy medicine",
    Service.SNACKS: "小吃饮料 便利超市 snacks convenience",
    Service.HOT_FOOD: "热餐售卖 hotfood fastfood",
    Service.REST_STOP: "停车小憩 reststop",
}
#: What is done with a service's thing, behind its word.
_ENDING: Final = (
    "服务 设施 设备 等 处 区域 区 点 供应 供给 使用 借用 提供 功能 角 间 室 柜 机 器 一体机 可用 "
    "齐全 自助 "
    "免费 条件 便利 补给 取用 等服务 等设施 等设备 等物品 用品"
)
_FRAME: Final = (
    "提供 免费 可 可以 有 仅有 只有 仅提供 只提供 配备 配有 配置 设有 内设 爱心 便民 和 及 与 "
    "以及 并 还有 各 共 约 备有 "
    "备 供 供应 "
    "内有 自助 公共 包括 含 设置 应急 简易 常备 共享 一个 一台 支持 能 能够 为 均 全部 "
    "免费提供"
)
_NOT: Final = (
    "无 没有 暂无 没 未配备 未配置 未提供 不提供 不含 缺 缺少 不配备 未设 未设置 尚无 暂不提供 "
    "无法提供 不支持 不能 不可 未安装 未配 不设 禁止 谢绝"
)
_NOT_BEHIND: Final = (
    "无 没有 暂无 未配备 未配置 不提供 否 × ✗ x 未提供 缺 暂缺 暂不提供 未开放 停用"
)
_YES_BEHIND: Final = "有 是 √ ✓ ✔ 已配备 具备 配备 已配置"
#: Not at hand now, and nobody knows for how long; or only asked; or at some hours.
_BROKEN: Final = re.compile(
    r"维修|损坏|故障|坏了|已坏|报修|检修|停用|待装|待安装|待配|待修|拟|有无|有没有|是否|有否|[可能]否|[?？]"
    r"|\d:\d\d"
)
_SEPARATORS: Final = re.compile(
    r"[、,，;；/|\\\n\r\t·+。.•‧・&＆～~]+|(?<=[\u4e00-\u9fff\d)])\s+|\s+(?=[\u4e00-\u9fff])"
)
_NUMBERED: Final = re.compile(r"(?:^|(?<=[\s、,;]))(?:\(?\d{1,2}[.、)]|[-*•])(?!\d)\s*")
#: A list as programs write it: ["热水","微波炉"].
_QUOTED: Final = re.compile(r"^[\[{](.*)[\]}]$", re.DOTALL)
_BRACKETED: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|《([^《》]*)》")
#: In brackets behind a service these leave it as it is.
_NO_LIMIT: Final = re.compile(
    r"全天|24小时|24h|冷|热|常温|冷热|冷暖|男女|公用|公共|共用|室内|室外|大|小|新|全套|不限量|免押金?"
    r"|无密码|免密码?|无需预约|免预约|免费|[一二三四五六七八九1-9][楼层f]|大厅|大堂|门口|厅内|站内|驿站内"
)
_DIGITS: Final = "零〇一二两三四五六七八九十百若干多数几"
_UNITS: Final = (
    "台 个 把 张 间 处 套 部 组 位 只 条 本 册 件 盒 瓶 箱 副 双 卷 包 座 辆 桶 块 根 顶 名 余 "
    "名额 平方米 平米 m2 ㎡ 人 份 种 支 盏 面 组合 口 樘 多个 多台"
)
_COUNT: Final = re.compile(
    rf"(?P<number>\d+|[{_DIGITS}]+)(?:{'|'.join(sorted(_UNITS.split(), key=len, reverse=True))})?"
)
_TIMES: Final = re.compile(r"[*×x:：=—–-]")
_LONGEST_PART: Final = 60
_MOST_READINGS: Final = 64


def _key(word: str) -> str:
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", word).lower())


WORDS: Final[Mapping[str, Service]] = {
    _key(word): service
    for service, said in SERVICE_WORDS.items()
    for word in (service.value, said.official, *said.also, *ALSO[service].split())
}
_TABLES: Final[Mapping[str, frozenset[str]]] = {
    "frame": frozenset(_FRAME.split()),
    "ending": frozenset(_ENDING.split()),
    "not": frozenset(_NOT.split()),
    "not behind": frozenset(_NOT_BEHIND.split()),
    "yes behind": frozenset(_YES_BEHIND.split()),
}
_LONGEST: Final = max(map(len, (*WORDS, *(word for table in _TABLES.values() for word in table))))


@dataclass(frozen=True, slots=True)
class Offered:
    """What a cell says: services that are there, that are not, and parts that are not known."""

    there: tuple[Service, ...]
    missing: tuple[Service, ...] = ()
    unknown: tuple[str, ...] = ()


def offered(text: str, extra: Mapping[str, Service] | None = None) -> Offered:
    """The services of a list cell, each once, in the order written.

    `extra`: words that the person who imports declares; they go before all others. A service that
    one part has and another lacks, or names with words that are not known, is unknown.
    """
    there: dict[Service, None] = {}
    missing: dict[Service, None] = {}
    unknown: list[str] = []
    pieces = list(_pieces(text, extra or {}))
    doubted = doubtful([piece for piece, _ in pieces])
    unsure: set[Service] = set()
    for number, (piece, said) in enumerate(pieces):
        sure = number not in doubted
        there |= dict.fromkeys(said.there if sure else ())
        missing |= dict.fromkeys(said.missing)
        unknown += said.unknown if sure else (piece.text,)
        unsure |= {*_named_in(piece.text)} if said.unknown else {*(() if sure else said.there)}
    unknown += [str(each) for each in there if each in missing or each in unsure]
    certain = tuple(each for each in there if each not in missing and each not in unsure)
    return Offered(certain, tuple(each for each in missing if each not in there), tuple(unknown))


def _pieces(text: str, extra: Mapping[str, Service]) -> Iterator[tuple[Piece, Offered]]:
    """Each part of a cell and what it says by itself; 无 and the like say nothing."""
    for parting, part in _parts(text):
        said = Offered(()) if part.lower() in _NOTHING else _declared(part, extra) or _part(part)
        short = said.unknown and len(part) <= _LONGEST_PART
        first, last = without_limits(part) if short else ("", "")
        limited = [_outside_brackets(rest) is not None for rest in (first, last)]
        yield Piece(part, parting, bool(said.there), bool(said.missing), *limited), said


def _outside_brackets(part: str) -> Offered | None:
    return _phrase(_key(_BRACKETED.sub("", part)))


def _named_in(part: str) -> Iterator[Service]:
    """The services that a part names which is not wholly known: 冰箱故障, 冰箱（坏）."""
    rests = without_limits(part) if len(part) <= _LONGEST_PART else ()
    for said in map(_outside_brackets, (part, *rests)):
        yield from (*said.there, *said.missing) if said else ()


def _declared(part: str, extra: Mapping[str, Service]) -> Offered | None:
    service = extra.get(part) or extra.get(_BRACKETED.sub("", part).strip())
    if service is None or part in extra:
        return Offered((service,)) if service else None
    return _with_brackets(part, "", Offered((service,)))


#: Parts that name nothing.
_NOTHING: Final = frozenset(("无", "暂无", "没有", "否", "×", "✗", "✕", "❌"))
_BLANK: Final = frozenset(("-", "—", "——", "[]", "null", "none"))


def _parts(text: str) -> Iterator[tuple[Parting, str]]:
    """The parts between separators, with what stands before each; in brackets nothing parts."""
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return chr(0xE000 + len(held) - 1)

    even = unicodedata.normalize("NFKC", text).strip()
    if listed := _QUOTED.match(even):
        even = re.sub("[\"']", "", listed[1])
    even = _NUMBERED.sub("、", re.sub(r":\s+", ":", _BRACKETED.sub(hold, even)))
    parting, begin = Parting.START, 0
    for found in (*_SEPARATORS.finditer(even), None):
        part = even[begin : found.start() if found else len(even)]
        whole = re.sub("[\ue000-\uf8ff]", lambda mark: _held(held, mark[0]), part)
        whole = whole.strip(" :。.")
        if whole and whole.lower() not in _BLANK:
            yield parting, whole
            parting = Parting.LIST
        if found:
            parting, begin = max(parting, _parting(found[0])), found.end()


def _parting(separator: str) -> Parting:
    if re.search(r"[;；。.\r\n]", separator):
        return Parting.STOP
    return Parting.COMMA if re.search("[,，]", separator) else Parting.LIST


def _held(held: Sequence[str], mark: str) -> str:
    at = ord(mark) - 0xE000
    return held[at] if at < len(held) else mark


@cache
def _part(part: str) -> Offered:
    """One part: the words outside its brackets, then those inside them."""
    outside = _key(_BRACKETED.sub("", part))
    if _BROKEN.search(part):
        return Offered((), (), (part,))
    said = _phrase(outside) if outside else Offered(())
    if said is None:
        whole = _phrase(_key(re.sub(r"[()\[\]【】《》]", "", part)))
        if whole is not None:
            return whole
        listed = _label(part)
        return listed if listed is not None else Offered((), (), (part,))
    if said.there and said.missing and outside.endswith(tuple(_TABLES["not behind"])):
        return Offered((), (), (part,))  # 微波炉热水无: one of them, or both
    return _with_brackets(part, outside, said)


def _with_brackets(part: str, outside: str, said: Offered) -> Offered:
    """What the brackets of a part make of the services that are named outside of them."""
    several = len(said.there) + len(said.missing) > 1
    plain = said
    for inside in _insides(part):
        special = _specialised(inside, outside) if outside else None
        if special:
            said = special
            continue
        within = _inside(inside, said)
        if within is None or (several and within.missing != plain.missing):
            return Offered((), (), (part,))
        said = within
    return said


def _insides(part: str) -> list[str]:
    return [next(filter(None, found.groups()), "") for found in _BRACKETED.finditer(part)]


def _label(part: str) -> Offered | None:
    """服务内容:热水 is a label and what it names."""
    label, colon, rest = part.replace("：", ":").partition(":")
    if not colon or not rest.strip():
        return None
    known = _phrase(_key(label))
    if known is None and not re.fullmatch(
        r"[^\d:]{0,4}(?:服务|设施|设备|项目|内容|配置|配备)[^\d:]{0,4}|有|已有|配有|提供|可提供",
        label,
    ):
        return None
    inner = offered(rest)
    if inner.unknown:
        return None
    return Offered((*(known.there if known else ()), *inner.there), inner.missing)


def _inside(inside: str, said: Offered) -> Offered | None:
    """What brackets add: a count, 免费, a yes or no, or more services."""
    key = _key(inside)
    count = _COUNT.fullmatch(key)
    if key in _TABLES["not behind"] or (count and _is_none(count["number"])):
        return Offered((), said.there)
    if not key:
        return None  # 微波炉[ ]: a box that nobody ticked
    if count or _NO_LIMIT.fullmatch(key):
        return said
    if key in _TABLES["yes behind"] | _TABLES["frame"] | _TABLES["ending"]:
        return said
    more = [_phrase(_key(each)) for each in _SEPARATORS.split(inside) if each.strip()]
    if any(each is None for each in more):
        return None
    there = [service for each in more if each for service in each.there]
    return Offered(tuple(dict.fromkeys((*said.there, *there))), said.missing)


def _specialised(inside: str, outside: str) -> Offered | None:
    """充电(手机、电动车): each word in the brackets with that before them is a service."""
    pieces = [_key(each) for each in _SEPARATORS.split(inside) if each.strip()]
    found = [_phrase(piece + outside) or _phrase(piece) for piece in pieces]
    if not pieces or not all(found) or not any(_phrase(piece + outside) for piece in pieces):
        return None
    if any(_COUNT.match(piece) for piece in pieces) or any(each and each.missing for each in found):
        return None
    there = [service for each in found if each for service in each.there]
    return Offered(tuple(dict.fromkeys(there)))


def _is_none(number: str) -> bool:
    return set(number) <= {"0", "零", "〇"}


#: What a phrase says so far: services there, services missing, whether a negation is open, whether
#: the last word was a service.
_Reading = tuple[frozenset[tuple[int, Service]], frozenset[Service], bool, bool]


@cache
def _phrase(key: str) -> Offered | None:
    """Words written without a separator (热水微波炉2台); None where a word is not known, or where
    two ways to cut them say different things.
    """
    if len(key) > _LONGEST_PART:
        return None
    start: _Reading = (frozenset(), frozenset(), False, False)
    ways: list[dict[_Reading, int]] = [{start: 0}, *({} for _ in key)]
    for at in range(len(key)):
        for reading, words in list(ways[at].items())[:_MOST_READINGS]:
            for end, after in _steps(key, at, reading):
                # of cuts that break no longer word: 无线网络 is one word, not 无 and a rest
                if words + 1 < ways[end].get(after, words + 2):
                    ways[end][after] = words + 1
    found = {  # a negation that nothing follows negates nothing
        reading: words for reading, words in ways[-1].items() if reading[3] or not reading[2]
    }
    fewest = min(found.values(), default=0)
    said = {(there, missing) for (there, missing, _, _), words in found.items() if words == fewest}
    meant = {(frozenset(each for _, each in there), missing) for there, missing in said}
    if len(meant) != 1:
        return None
    there, missing = next(iter(said))
    order = dict.fromkeys(each for _, each in sorted(there))
    if not order and not missing:
        return None
    return Offered(tuple(order), tuple(sorted(missing)))


def _steps(key: str, at: int, reading: _Reading) -> Iterator[tuple[int, _Reading]]:
    there, missing, negated, after = reading
    for end in range(at + 1, min(at + _LONGEST, len(key)) + 1):
        word = key[at:end]
        service = WORDS.get(word)
        if service and negated:
            yield end, (there, missing | {service}, True, True)
        elif service:
            yield end, (there | {(at, service)}, missing, False, True)
        if word in _TABLES["not"]:
            yield end, (there, missing, True, False)
        if word in _TABLES["frame"]:
            yield end, reading
        if after:
            yield from _behind(word, end, reading, last=end == len(key))
    if after and _TIMES.match(key, at):
        yield at + 1, reading
    count = _COUNT.match(key, at)
    if count:
        none = _is_none(count["number"])
        before = (there, missing, True, False)  # 0台微波炉
        yield count.end(), _taken_back(reading) if none and after else before if none else reading


def _behind(
    word: str, end: int, reading: _Reading, *, last: bool
) -> Iterator[tuple[int, _Reading]]:
    """What a word may do right behind a service: end it, or say yes or no of it."""
    if word in _TABLES["ending"] or (last and word in _TABLES["yes behind"]):
        yield end, reading
    if last and word in _TABLES["not behind"]:
        yield end, _taken_back(reading)


def _taken_back(reading: _Reading) -> _Reading:
    """微波炉0台, 微波炉:无: the service before it is not there."""
    there, missing, _, _ = reading
    last = max(there, default=None)
    if last is None:
        return reading
    return there - {last}, missing | {last[1]}, False, False


_YES_WORDS: Final = (
    "是 有 √ ✓ ✔ ☑ ✅ 1 y yes true t 具备 提供 已配备 o ○ ● 配备 配有 已有 已配置 齐全 支持 可 "
    "可用 免费 若干 多个 多台 全 已设 正常 ok"
)
_YES: Final = frozenset(_YES_WORDS.split())
_NO_WORDS: Final = (
    "否 无 没有 × ✗ x ✕ ❌ 0 n no false f 不具备 未配备 - — / 暂无 没 未配 未配置 不提供 无此项 "
    "不支持 未设 未设置 不可 尚无 —— -- none 缺 不含 未提供 暂不提供"
)
_NO: Final = frozenset(_NO_WORDS.split())


@cache
def has(text: str) -> bool | None:
    """Whether a cell under a service's name says yes; None where it cannot be told, or is blank.

    0台, 无 and × are no; 2台, 有（3个） and √ are yes.
    """
    bare = unicodedata.normalize("NFKC", text).strip().lower()
    key = bare if re.match(r"-\d", bare) else _key(text) or bare
    if key in _YES or key in _NO or bare in _NO:
        return key in _YES
    count = re.fullmatch(rf"(?:有|共|约|各)?{_COUNT.pattern}(?:以上)?", key)
    if count:
        return not _is_none(count["number"])
    outside = _key(_BRACKETED.sub("", bare))
    inside = _BRACKETED.search(bare)
    if inside and outside in _YES | _NO and not _BROKEN.search(inside[0]):
        within = next(filter(None, inside.groups()), "")
        if outside in _YES and has(within) is None and not _NO_LIMIT.fullmatch(_key(within)):
            return None
        return None if has(within) is (outside in _NO) else outside in _YES
    return None
