"""What a column's heading means, by synonym.

Never guesses from the cells, and never drops a heading in silence.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from geodata.sources.service_words import WORDS
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind, Service

#: Field -> the headings that mean it, best first: where two columns mean the same, the better
#: heading is taken. Collected from 12 real station tables and what map services export; compared
#: without case, spaces and punctuation.
SYNONYMS: Final[Mapping[str, str]] = {
    "id": "id 编号 站点编号 驿站编号 点位编号 唯一编号 编码 站点编码 poiid uid 序列号",
    "kind": "kind 类别 站点类型 驿站类型 点位类型 类型 type category 分类",
    "name": "name 名称 站点名称 驿站名称 店铺名称 商户名称 点位名称 场所名称 poi名称 站名 店名 "
    "title 站点 驿站",
    "name_en": "name_en 英文名称 英文名 english",
    "address": "address 地址 详细地址 站点地址 驿站地址 具体地址 店铺地址 所在地址 位置描述 addr "
    "地点 具体位置 位置",
    "district": "district 行政区 区域 区县 所属区 所在区 辖区 区 adname ad_info.district",
    "street": "street 街道 所属街道 所在街道 街道办 街道名称 镇街 街镇 township",
    "lon": "lon geometry.lon lng longitude 经度 location.lng x坐标 坐标x",
    "lat": "lat geometry.lat latitude 纬度 location.lat y坐标 坐标y",
    "lonlat": "lonlat lnglat 经纬度 坐标 location 经纬度坐标 地理坐标 gps坐标 定位 坐标位置",
    "phone": "phone 电话 联系电话 联系方式 服务电话 电话号码 手机号码 手机 手机号 固定电话 座机 "
    "contact_phone tel "
    "telephone",
    "services": "services 服务内容 服务项目 设施 服务设施 设施设备 配套设施 提供服务 服务 "
    "serviceContent "
    "facilities "
    "配置 功能",
    "audience": "audience 服务对象 服务人群 适用人群 开放对象",
    "zones": "zones 功能区",
    "door": "door 进入方式 开门方式 门禁 门禁方式 进门方式 入内方式 进站方式 门禁类型 开锁方式 "
    "进入形式 "
    "门禁情况 进出方式 出入方式",
    "entry": "entry 进入说明 进站须知 进入须知 入站须知 使用须知 申请方式 登记方式 预约方式 "
    "申请链接 登记链接 "
    "预约链接 门禁申请 门禁申请方式 门禁说明 使用说明 使用方式 入站说明 申请入口 申请说明",
    "register": "register 是否登记 是否需登记 是否需要登记 需登记 登记 是否预约 是否需预约 "
    "是否需要预约 是否申请 "
    "是否需申请 是否需要申请 需要登记 登记要求 是否需提前登记 是否需先登记 需预约",
    "fee": "fee 收费 是否收费 收费情况 收费标准 费用 是否付费 收费与否",
    "free": "free 是否免费 免费",
    "wheelchair": "wheelchair 无障碍 无障碍设施 轮椅 是否无障碍 无障碍通道 轮椅通行 无障碍情况",
    "level": "level 楼层 所在楼层 层",
    "type": "场所类型 设施类型 poi类型 细分类型 小类 场所类别",
    "position": "position 定位方式 坐标来源 坐标获取方式",
    "radius_m": "radius_m 误差半径 定位误差 误差 精度米",
    "source": "source 数据来源 来源 信息来源",
    "licence": "licence license 数据许可 许可",
    "maybe": "maybe 可能提供 可能有",
    "remarks": "remarks 备注 remark note notes 备注说明 其他说明 特殊说明 备注信息 注意事项 "
    "温馨提示 其他备注 说明",
    "capacity": "capacity 座位数 容纳人数 座位 可容纳人数 容量",
    "opening_hours": "opening_hours",
    "opening_hours_text": "opening_hours_text 营业时间 开放时间 服务时间 运营时间 工作时间 "
    "对外开放时间 "
    "serviceTime open_hours biz_ext.open_time openTimeDescription open_time business_hours "
    "开放时段 营业时段",
    "operator": "operator 运营单位 建设单位 所属单位 管理单位 责任单位 主办单位 运营方",
    "offers": "offers 优惠 优惠内容 优惠措施 优惠信息",
    "parent_street_id": "parent_street_id",
    "status": "status 状态 运营状态 开放状态 营业状态 current_opening_status 使用状态 站点状态 "
    "驿站状态 "
    "启用状态 运行状态 当前状态 建设状态 经营状态 服务状态 是否开放 是否启用 是否运营 是否在用 "
    "是否营业 "
    "是否正常 是否正常运营 是否投入使用 是否在营 是否有效 运营情况 开放情况 使用情况 建设情况 "
    "现状 点位状态",
    "stopped": "是否停用 是否关闭 是否撤销 是否停业 是否拆除 是否已停用 是否已关闭 是否暂停 "
    "是否停运 closed",
    "verified_at": "verified_at 核实日期 核实时间 last_verified_at 更新时间 更新日期 updated_at "
    "采集时间 "
    "采集日期",
    "verified_by": "verified_by 核实人 核实单位 采集人",
    "datum": "datum 坐标系 坐标系统 source_coordinate_system coordtype coord_type crs",
}  # fmt: skip
#: Between the name of a group of columns and the heading under it: 坐标 / 经度.
GROUP_MARK: Final = " / "
#: A column whose heading is a service's word, with 有/无 or 是/否 in its cells.
SERVICE_PREFIX: Final = "service:"

#: A datum that a heading names.
_DATUM_WORDS: Final[tuple[tuple[re.Pattern[str], Datum], ...]] = (
    (re.compile(r"wgs[-_ ]?(?:19)?84"), Datum.WGS84),
    (re.compile(r"gcj[-_ ]?02|火星坐?标?系?|高德|腾讯"), Datum.GCJ02),
    (re.compile(r"bd[-_ ]?09(?:ll)?|百度"), Datum.BD09),
)
#: A single letter begins too many words.
_FEWEST_LETTERS: Final = 2
#: What no table has that is no export of ours.
_OURS: Final = frozenset(
    [
        "id",
        "kind",
        "name",
        "door",
        "opening_hours",
        "opening_hours_text",
        "src_file",
        "src_row",
        "src_datum",
    ]
)
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_LETTERS: Final = re.compile(r"[^\w]|_", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading says: the field, how good a heading for it this is (0 is best), and the datum
    it names.
    """

    field: str
    rank: int
    datum: Datum | None = None


def canonical(heading: str) -> str:
    """A heading for comparing: without case, spaces and punctuation."""
    return _LETTERS.sub("", unicodedata.normalize("NFKC", heading).lower())


_KNOWN: Final[Mapping[str, Meaning]] = {
    canonical(word): Meaning(f"{SERVICE_PREFIX}{service}", 0) for word, service in WORDS.items()
} | {
    canonical(word): Meaning(name, rank)
    for name, words in reversed(list(SYNONYMS.items()))
    for rank, word in enumerate(words.split())
}
#: Around a service's word in the heading of its column: 是否有微波炉, 微波炉数量.
_ASKED: Final = re.compile(
    r"^(?:是否(?:有|配备|提供|配有|设有|具备|配置)?|有无|有没有|配备)|(?:情况|数量|个数|台数|配备情况|"
    r"有无|是否配备|数|服务)$"
)
FIELDS: Final = frozenset((*SYNONYMS, *(f"{SERVICE_PREFIX}{service}" for service in Service)))


def bare(heading: str) -> str:
    """A heading for comparing, without what stands in brackets and without a datum's name."""
    plain = _BRACKETS.sub("", unicodedata.normalize("NFKC", heading).lower())
    for pattern, _ in _DATUM_WORDS:
        plain = pattern.sub("", plain)
    return canonical(plain)


def meaning(heading: str) -> Meaning | None:
    """What a heading means, or None. 经度(WGS84), *联系电话（必填） and "GCJ02_经度" are
    understood.
    """
    plain = unicodedata.normalize("NFKC", heading).lower()
    exact = _KNOWN.get(canonical(plain))
    if exact:
        return exact
    group, mark, under = plain.rpartition(GROUP_MARK)
    if mark and (known := meaning(under)):
        of_point = known.field in ("lon", "lat", "lonlat") and not known.datum
        return replace(known, datum=datum_named(group)) if of_point else known
    datum = next((datum for pattern, datum in _DATUM_WORDS if pattern.search(plain)), None)
    key = bare(heading)
    known = _KNOWN.get(key)
    if known:
        return Meaning(known.field, known.rank, datum)
    asked = _KNOWN.get(_ASKED.sub("", key))
    return asked if asked and asked.field.startswith(SERVICE_PREFIX) else None


#: Words of sheets and titles for kinds, the surest first: 暖蜂驿站 is no 爱心商户 of a title that
#: names both.
_KIND_WORDS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (Kind.DRIVER_HOME, re.compile("司机之家|司机驿站|driver_home")),
    (Kind.WARM_BEE_STREET, re.compile("一条街|暖蜂街|warm_bee_street")),
    (Kind.PUBLIC_PLACE, re.compile("公共场所|公共设施|public_place")),
    (Kind.FRIENDLY_MERCHANT, re.compile("商户|商家|商铺|friendly_merchant")),
    (Kind.WARM_BEE_STATION, re.compile("(?<!司机)驿站|warm_bee_station|暖蜂站")),
)


def kind_named(text: str) -> Kind | None:
    """The one kind that a sheet's name or a title names; None where it names none, or several."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found = [kind for kind, pattern in _KIND_WORDS if pattern.search(plain)]
    return found[0] if len(found) == 1 else None


def datum_named(text: str) -> Datum | None:
    """The datum that a cell such as "GCJ-02" or 火星坐标系 names."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return next((datum for pattern, datum in _DATUM_WORDS if pattern.search(plain)), None)


def completed(beginning: str) -> str | None:
    """The heading that was cut to this beginning, if all known ones that begin so mean one field;
    None where it is whole itself, or nothing or several things begin so.
    """
    start = canonical(beginning)
    if len(start) < _FEWEST_LETTERS or start in _KNOWN:
        return None
    begun = [word for word in _KNOWN if word.startswith(start)]
    if len({_KNOWN[word].field for word in begun}) != 1:
        return None
    return min(begun, key=lambda word: (_KNOWN[word].rank, len(word)))


def shaped(headings: Iterable[str]) -> bool:
    """Whether these are the columns of an export of ours (own.py)."""
    return _OURS.issubset(headings)
