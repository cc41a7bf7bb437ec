"""The grammar of an address: a text is read from left to right by the names of one book.

A name counts only where one may begin and nothing makes it longer; what is not read is kept as it
stands. Looks for no point.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from geodata.sources.locate.book import AREAS, AddressBook, Sort, letters
from geodata.sources.locate.named_areas import is_locality


class Where(StrEnum):
    """How a place lies to the thing that its address names."""

    AT = "at"
    BESIDE = "beside"
    NEAR = "near"
    OPPOSITE = "opposite"
    TOWARDS = "towards"


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name that was read, and what the book says it may be; of an unknown one what it looks
    like.
    """

    key: str
    sorts: frozenset[Sort]
    known: bool


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """16号, 甲2号院, 13-1: what counts along the road, and all of it."""

    value: int
    text: str

    @property
    def is_plain(self) -> bool:
        """Whether it is a number and nothing else."""
        return self.text == str(self.value)


@dataclass(frozen=True, slots=True)
class Address:
    """What was read of an address, in its order."""

    areas: tuple[ReadName, ...] = ()
    roads: tuple[ReadName, ...] = ()
    landmarks: tuple[ReadName, ...] = ()
    """Stations, villages, communities and everything else that has a name."""
    number: HouseNumber | None = None
    number_of: ReadName | None = None
    """The settlement that it counts in, where that is no road."""
    exit: str = ""
    """Of a station: a1."""
    junction: bool = False
    where: Where = Where.AT
    between: bool = False
    """Whether it lies somewhere between two things."""
    hints: tuple[int, ...] = ()
    """Landmarks, by position, that what stands before them is near to."""
    bearing: float | None = None
    """Degrees from north, of 东侧 and 往东."""
    distance_m: float | None = None
    after: int = 0
    """How many landmarks stand before the words of `where`."""
    detail: tuple[str, ...] = ()
    """Building, floor, room: read, and finer than any point."""
    unread: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    """Of the unread, words behind a street or landmark, all in foreign letters, that may be another
    town's name.
    """


#: Names of the compass.
_BEARINGS: Final = {
    "东北": 45.0,
    "东南": 135.0,
    "西南": 225.0,
    "西北": 315.0,
    "北": 0.0,
    "东": 90.0,
    "南": 180.0,
    "西": 270.0,
}
_DIGITS: Final = dict(zip("零一二三四五六七八九两", (*range(10), 2), strict=True))
_EIGHT: Final = "东北|东南|西南|西北|东|南|西|北"
_AMOUNT: Final = r"(?:约|大约|大概)?(?P<amount>\d+(?:\.\d+)?|[零一二三四五六七八九两十百千]+)"
_UNIT: Final = r"(?P<unit>千米|公里|km|米|m|里)(?:处|左右)*"
#: 往北约300米, 东侧, 向东150米处, 以北, 西南角, 南300米
_TOWARDS: Final = re.compile(
    rf"(?:再)?(?:往|向|朝|以|偏|的)?(?P<to>{_EIGHT})(?P<side>侧|边|面|方向|方|角|头|端|行|走)?"
    rf"(?:{_AMOUNT}{_UNIT})?"
)
_AWAY: Final = re.compile(
    rf"(?:前行|直行|前方|右转|左转|直走|步行|往前走?|向前走?|行|走)*+{_AMOUNT}{_UNIT}"
)
_OPPOSITE: Final = re.compile(r"的?(?:斜|正)?对[面过]")
_NEAR: Final = re.compile(r"的?(?:附近|周边|周围|一带)")
_BESIDE: Final = re.compile(r"的?(?:旁边?|隔壁|边上|侧边?|后面|前面|背后|门前|门口|路旁|路边|楼下)")
#: Words of where, in the order in which they are tried.
_WHERE_WORDS: Final = (
    (Where.OPPOSITE, _OPPOSITE),
    (Where.BESIDE, re.compile(rf"(?:{_EIGHT})?(?:拐角|转角|角)(?:处)?")),
    (Where.NEAR, _NEAR),
    (Where.BESIDE, _BESIDE),
)
_INSIDE: Final = re.compile(
    r"(?:院内|园内|馆内|场内|站内|楼内|大院|内|里面|里|(?:出站|下车)后?(?:即[到达])?|即[到达])"
)
_JUNCTION: Final = re.compile(
    r"(?:的)?(?:相交|交叉|交汇|交会|交接|交界|十字|丁字|三岔)(?:处|口|路口)?|(?:的)?路口|口(?:处)?"
)
_BETWEEN: Final = re.compile(r"之间|中间")
_AND: Final = re.compile(r"(?:与|和|跟|及|同|x(?![a-z])|×|&)")
_GATE: Final = re.compile(
    rf"(?:正|大|{_EIGHT})门(?:口)?|\d+号门|大门口|(?:{_EIGHT})?广场(?=$)|门卫室?|停车场"
)
_EXIT: Final = re.compile(r"(?P<letter>[a-z]\d?|\d{1,2})号?(?:出入口|出口|入口|口)(?:外|旁|处)?")
_NUMBER: Final = re.compile(
    r"第?(?P<before>[甲乙丙丁戊])?(?P<value>\d{1,5})(?P<sub>(?:[-之附]\d{1,4})*[a-z]?(?![a-z]))"
    r"(?P<sign>号(?:[之附](?P<also>\d+|[一二三四五六七八九]))?(?:大?院|楼(?!层))?)?"
)
#: 十八号, behind a street.
_SPELLED_NUMBER: Final = re.compile(
    r"第?(?P<value>[一二三四五六七八九十百零]{1,5})号(?!楼|线|门|馆)"
)
_NUMBER_BEFORE: Final = re.compile(r"(?P<value>\d{1,5})(?P<sub>[a-z]?)(?![a-z\d])")
_DETAIL: Final = re.compile(
    r"(?:[a-z]|[a-z]?\d{1,4}|[一二三四五六七八九十甲乙丙丁]{1,3})-?\d*"
    r"(?:号楼|号院|号铺|号门|栋|幢|座|单元|楼层?|层|室|铺|区|期|馆|库|f)(?!路|街|道)"
    r"|(?:负|地下)[一二三\d](?:层|楼)|首层|底楼|一楼大?堂|大堂|大厅|临街|沿街"
)
_FILLER: Final = re.compile(
    r"(?:(?:下车|出站)?即[到达]|下车|出站|位于|地址|现址|坐落于|座落于|地处|在|原|的|处|旁|侧|内|至|到|交)"
)
#: Before a known name these are no part of it; those of one letter only before one of at least
#: _FEWEST_BEHIND letters.
_BEFORE: Final = re.compile(
    r"(?:位于|地址|现址|坐落于|座落于|地处|原|以及|或者?|和|与|及|"
    r"(?:地铁|轻轨|轨道交通)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})号线)"
)
_FEWEST_BEHIND: Final = 3
#: Before the name that a place is near to.
_NEAR_TO: Final = re.compile(r"(?:靠近|临近|邻近|毗邻|紧邻|紧靠|近)")
#: What, directly behind a name, makes it the beginning of a longer one.
_LONGER: Final = (
    r"(?:大街|大道|路|街|道|巷|弄|胡同|桥|立交|隧道|村|社区|小区|花园|花苑|公寓|大厦|广场|中心|医院|"
    r"学校|小学|中学|大学|学院|幼儿园|派出所|支行|分行|分店|店|站|市场|公园|酒店|宾馆|工业|科技|"
    r"产业|商场|商城|商业|新村|新城|家园|苑|园区|园|街道|步行街|收费站|加油站|公交|停车|口岸|北路|南路|"
    r"东路|西路|中路|一路|二路|三路|四路|五路|[东西南北中](?:路|街|大街|巷|里|道))"
)
_MAKES_LONGER: Final = re.compile(_LONGER)
#: What, behind a name or a gap, makes it another site than the one that the name stands for.
_OTHER_SITE: Final = re.compile(
    r"[㐀-鿿]{0,4}?(?:分校|分院|分部|分园|分馆|校区|院区|分店|分行|支行|分公司)|(?:教育)?集团"
)
#: An area that says its own kind is whole, whatever follows but these.
_OWN_KIND: Final = re.compile(r"(?:省|市|区|县|旗|镇|乡|街道)$")
_NEVER_LONGER: Final = ("街道", "镇", "乡")
_NO_AREA: Final = re.compile(r"[场民政区郊内域块间长委]")
#: The kind of another area behind the short name of one: 东山镇 is not 东山区.
_OTHER_KIND: Final = re.compile(r"(?:新区|开发区|高新区|市|区|县|旗|镇|乡|办事处)(?!场|民|政)")
#: What goes on with a name that the book does not know, directly behind its ending: 花园路.
_GOES_ON: Final = re.compile(
    r"(?:街道(?:办事处|办)?|街办|大街|大道|路|街|道|巷|弄|胡同|桥|村|社区|小区|广场|医院|学校|"
    r"小学|中学|大学|市场|大厦|区(?!块|域)|县|镇|乡(?!村)|"
    r"酒店|派出所|店|站|[东西南北中一二三四五六七八九十](?:路|街|大街|巷|里|道|区|段))"
)
#: A name that the book does not know, by what it ends in.
_HAN: Final = r"[㐀-鿿]"
_UNKNOWN_ENDS: Final = re.compile(
    r"(?:省|自治区|市(?!场|民|政)|自治州|(?<!社)(?<!小)(?<!园)(?<!校)(?<!厂)(?<!院)区(?!块|域)|县|旗|"
    r"街道(?:办事处|办)?|街办(?:事处)?|镇|乡|社区(?:居委会)?|居委会|村(?:委会)?|"
    r"大街|大道|公路|高速|胡同|路|街|巷|弄|道(?!口)|里|"
    r"地铁站|火车站|公交站|站|大厦|大楼|广场|公园|花园|小区|中心|医院|大学|学院|中学|小学|学校|"
    r"市场|商场|商城|酒店|宾馆|桥|立交|园|苑|城|楼|厂|店)"
)
_LONGEST_UNKNOWN: Final = 12
#: Letters of the shortest name; and directly behind an unknown landmark, of which a short name is
#: a part: 农业大学图书馆.
_FEWEST: Final = 2
_FEWEST_INSIDE: Final = 4
_GUESSES: Final = (
    (re.compile(r"(?:省|自治区)$"), None),
    (re.compile(r"(?:市|自治州)$"), Sort.CITY),
    (re.compile(r"(?:街道|街道办|街道办事处|街办|街办事处|镇|乡)$"), Sort.STREET_OFFICE),
    (re.compile(r"(?:社区|社区居委会|居委会)$"), Sort.COMMUNITY),
    (
        re.compile(
            r"(?:工业|住宅|生活|商业|服务|景|片|街|老|库|仓储|物流|特|港|林|营|矿|"
            r"[园苑村场厂里][东西南北中一二三四五六七八九十])区$"
        ),
        Sort.LANDMARK,
    ),
    (re.compile(r"(?<!小)(?:区|县|旗)$"), Sort.DISTRICT),
    (re.compile(r"(?:村|村委会)$"), Sort.VILLAGE),
    (re.compile(r"(?:路|街|大街|大道|公路|高速|胡同|巷|弄|道|里)$"), Sort.ROAD),
    (re.compile(r"站$"), Sort.STATION),
)
_PROVINCE: Final = re.compile(
    r"(?:中国|中华人民共和国)?(?:[㐀-鿿]{2,3}省|内蒙古(?:自治区)?|[㐀-鿿]{2,6}自治区)"
)
#: As people leave its kind off, before a city.
_SHORT_PROVINCE: Final = re.compile(
    r"(?:中国)?(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    r"云南|陕西|甘肃|青海|台湾|内蒙古|内蒙|广西|西藏|宁夏|新疆)|中国"
)


@dataclass(slots=True)
class _Reader:
    """One text being read."""

    book: AddressBook
    text: str
    cuts: frozenset[int]
    at: int = 0
    areas: list[ReadName] = field(default_factory=list)
    roads: list[ReadName] = field(default_factory=list)
    landmarks: list[ReadName] = field(default_factory=list)
    number: HouseNumber | None = None
    number_of: ReadName | None = None
    unread_at_name: int | None = None
    """How much was not read when the first street or landmark came."""
    exit: str = ""
    junction: bool = False
    where: Where = Where.AT
    between: bool = False
    hints: list[int] = field(default_factory=list)
    bearing: float | None = None
    distance_m: float | None = None
    after: int = 0
    detail: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    last: Sort | None = None
    """What was read last, where it was a name."""
    begins: bool = True
    """Whether a name may begin here."""
    in_unknown: bool = False
    """Whether a landmark was read last that the book does not know."""
    near_next: bool = False
    """Whether the place is near to what is read next."""

    def run(self) -> Address:
        self.between = bool(_BETWEEN.search(self.text))
        found = _PROVINCE.match(self.text)
        if found and not self.book.sorts(found[0]):
            self.at = found.end()
        elif (short := _SHORT_PROVINCE.match(self.text)) and self._area_at(short.end()):
            self.at = short.end()
        while self.at < len(self.text):
            if self.at in self.cuts:
                self.begins = True
            if not (self._form() or (self.begins and self._named())):
                self._skip()
        return Address(
            tuple(self.areas),
            tuple(self.roads),
            tuple(self.landmarks),
            self.number,
            self.number_of,
            self.exit,
            self.junction,
            self.where,
            self.between,
            tuple(self.hints),
            self.bearing,
            self.distance_m,
            self.after if self.where is not Where.AT else len(self.landmarks),
            tuple(self.detail),
            tuple(self.unread),
            self._localities(),
        )

    def _localities(self) -> tuple[str, ...]:
        if self.unread_at_name is None or any("㐀" <= letter <= "鿿" for letter in self.text):
            return ()
        return tuple(filter(is_locality, self.unread[self.unread_at_name :]))

    def _rest_begins(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, up to the next gap."""
        return pattern.match(self.text, self.at, self._gap())

    def _gap(self) -> int:
        return min((cut for cut in self.cuts if cut > self.at), default=len(self.text))

    def _take(self, end: int, last: Sort | None = None, *, begins: bool = True) -> bool:
        self.at, self.last, self.begins = end, last, begins
        return True

    def _ends(self, end: int) -> bool:
        return end >= len(self.text) or end in self.cuts

    # --- words of form ---

    def _form(self) -> bool:
        """A number, an exit, a junction, a direction, a building: no name."""
        after_name = self.last is not None
        return (
            self._read_number_before()
            or (self.last is Sort.STATION and self._read_exit())
            or (after_name and (self._read_number() or self._read_spelled_number()))
            or self._read_detail()
            or (after_name and self._read_junction())
            or (self._has_anchor() and self._read_where())
            or (after_name and self._read_and())
        )

    def _has_anchor(self) -> bool:
        return bool(self.roads or self.landmarks or self.number) and self.begins

    def _read_exit(self) -> bool:
        found = self._rest_begins(_EXIT)
        if not found:
            return False
        self.exit = found["letter"]
        return self._take(found.end())

    def _read_number(self) -> bool:
        found = self._rest_begins(_NUMBER)
        if not found or self.number is not None:
            return False
        if not found["sign"] and not (
            self.last is Sort.ROAD and self._ends(found.end()) and self.at
        ):
            return False
        if not found["before"] and _DETAIL.match(self.text, self.at) and self.last is not Sort.ROAD:
            return False
        if self.last not in (Sort.ROAD, Sort.VILLAGE, Sort.COMMUNITY, Sort.STREET_OFFICE):
            return False
        sub = (
            (found["before"] or "") + str(int(found["value"])) + re.sub("[之附]", "-", found["sub"])
        )
        if found["also"]:
            sub += f"-{_value(found['also']):.0f}"
        self.number = HouseNumber(int(found["value"]), sub)
        if self.last in (Sort.VILLAGE, Sort.COMMUNITY) and self.landmarks and not self.roads:
            self.number_of = self.landmarks[-1]
        return self._take(found.end(), Sort.HOUSE_NUMBER)

    def _read_spelled_number(self) -> bool:
        found = self._rest_begins(_SPELLED_NUMBER)
        if not found or self.number is not None or self.last is not Sort.ROAD:
            return False
        value = int(_value(found["value"]))
        self.number = HouseNumber(value, str(value))
        return self._take(found.end(), Sort.HOUSE_NUMBER)

    def _read_number_before(self) -> bool:
        """18 Xueyuan Road, No. 18 Xueyuan Road: before a known road in foreign letters."""
        found = self._rest_begins(_NUMBER_BEFORE) if self.begins else None
        if not found or self.number is not None or self.roads or not self._ends(found.end()):
            return False
        ends = range(
            found.end() + _FEWEST, min(found.end() + self.book.longest, len(self.text)) + 1
        )
        keys = [self.text[found.end() : end] for end in ends if self._ends(end)]
        if not any(key.isascii() and Sort.ROAD in self.book.sorts(key) for key in keys):
            return False
        self.number = HouseNumber(int(found["value"]), found["value"] + found["sub"])
        return self._take(found.end())

    def _read_detail(self) -> bool:
        found = self._rest_begins(_DETAIL) or (
            self._rest_begins(_GATE) if self.last is not None else None
        )
        if not found or not (self.roads or self.landmarks or self.areas):
            return False
        self.detail.append(found[0])
        return self._take(found.end(), self.last)

    def _read_junction(self) -> bool:
        if self.last is not Sort.ROAD:
            return False
        found = self._rest_begins(_JUNCTION)
        if not found:
            return False
        self.junction = True
        return self._take(found.end())

    def _read_where(self) -> bool:
        for where, pattern in _WHERE_WORDS:
            if found := self._rest_begins(pattern):
                is_new = where is Where.OPPOSITE or self.where is Where.AT
                return self._set(where if is_new else self.where, found.end())
        if self._read_towards():
            return True
        if found := self._rest_begins(_AWAY):
            self.distance_m = _metres(found["amount"], found["unit"])
            return self._set(Where.BESIDE if self.where is Where.AT else self.where, found.end())
        found = self._rest_begins(_INSIDE)
        return bool(found) and self._take(found.end() if found else self.at)

    def _read_towards(self) -> bool:
        found = self._rest_begins(_TOWARDS)
        if not found or not (found["side"] or found["amount"] or found[0] != found["to"]):
            return False
        self.bearing = _BEARINGS[found["to"]]
        if found["amount"]:
            self.distance_m = _metres(found["amount"], found["unit"])
        return self._set(Where.TOWARDS, found.end())

    def _set(self, where: Where, end: int) -> bool:
        if self.where is Where.AT:
            self.after = len(self.landmarks)
        self.where = where
        return self._take(end)

    def _read_and(self) -> bool:
        found = self._rest_begins(_AND)
        if self.last is not Sort.ROAD or not found:
            return False
        return self._take(found.end())

    # --- names ---

    def _named(self) -> bool:
        return self._name() or self._word_before_name() or self._unknown()

    def _word_before_name(self) -> bool:
        """A word of form with a known name behind it, which is then no part of an unknown one:
        原静淑东里, 近石板房公交站.
        """
        near = self._rest_begins(_NEAR_TO)
        found = near or self._rest_begins(_BEFORE)
        if not found:
            return False
        least = _FEWEST_BEHIND if found.end() == self.at + 1 else _FEWEST
        if not self._known_whole_at(found.end(), least):
            return False
        first = not (self.landmarks or self.number or self.junction)
        self.near_next = bool(near) and first
        if near and not first:
            self.hints.append(len(self.landmarks))
        return self._take(found.end(), self.last)

    def _name(self) -> bool:
        """The longest name of the book that stands here and is whole."""
        most = min(self.book.longest, len(self.text) - self.at)
        goes_on = self.in_unknown and self.at not in self.cuts
        least = _FEWEST_INSIDE if goes_on else _FEWEST
        for length in range(most, least - 1, -1):
            end = self.at + length
            key = self.text[self.at : end]
            sorts = self.book.sorts(key)
            if sorts and self._is_whole(end, sorts):
                return self._keep(ReadName(key, sorts, known=True), end)
        return False

    def _is_whole(self, end: int, sorts: frozenset[Sort]) -> bool:
        """Whether the name ends here: a Latin word does at a gap or a number, a Chinese name where
        nothing behind it makes it longer.
        """
        if not sorts & {*AREAS, Sort.ROAD} and _OTHER_SITE.match(self.text, end):
            return False
        if self._ends(end):
            return True
        as_area = self._ends_as_area(end) if sorts & {*AREAS} else None
        return self._is_longest(end, sorts) if as_area is None else as_area

    def _ends_as_area(self, end: int) -> bool | None:
        """Whether the name of an area ends here by its own kind, or goes on with another; None: it
        says none.
        """
        kind = _OWN_KIND.search(self.text[:end])
        if kind:
            return kind[0] in _NEVER_LONGER or not _NO_AREA.match(self.text, end)
        return False if _OTHER_KIND.match(self.text, end) else None

    def _is_longest(self, end: int, sorts: frozenset[Sort]) -> bool:
        """Whether nothing behind the name makes it longer."""
        before, behind = self.text[end - 1], self.text[end]
        if before.isascii() and behind.isascii() and before.isalpha() and behind.isalpha():
            return False
        if Sort.ROAD in sorts and _JUNCTION.match(self.text, end):
            return True
        if before.isascii() and before.isdigit() and behind.isdigit():
            return False
        longer = _MAKES_LONGER.match(self.text, end)
        if longer is None:
            return True
        return self._known_at(end, len(longer[0]))  # another name begins there

    def _known_whole_at(self, start: int, least: int) -> bool:
        """Whether a known name of at least so many letters begins there and is whole."""
        most = min(self.book.longest, len(self.text) - start)
        for end in range(start + least, start + most + 1):
            sorts = self.book.sorts(self.text[start:end])
            if sorts and self._is_whole(end, sorts):
                return True
        return False

    def _known_at(self, start: int, least: int) -> bool:
        """Whether a known name of at least so many letters begins there."""
        most = min(self.book.longest, len(self.text) - start)
        return any(
            self.book.sorts(self.text[start : start + length])
            for length in range(most, max(least, _FEWEST) - 1, -1)
        )

    def _area_at(self, start: int) -> bool:
        """Whether the name of a known area begins there."""
        ends = range(start + _FEWEST, min(start + self.book.longest, len(self.text)) + 1)
        return any(self.book.sorts(self.text[start:end]) & {*AREAS} for end in ends)

    def _keep(self, name: ReadName, end: int) -> bool:
        sort, near = self._meant(name.sorts), self.near_next
        self.near_next = False
        self.in_unknown = not name.known and sort is Sort.LANDMARK
        if sort in AREAS:
            self.areas.append(name)
            return self._take(end, sort)
        if self.unread_at_name is None:
            self.unread_at_name = len(self.unread)
        if sort is Sort.ROAD:
            self.roads.append(name)
            return self._take(end, sort)
        self.landmarks.append(name)
        if near:
            self._set(Where.NEAR, end)
        return self._take(end, sort)

    def _meant(self, sorts: frozenset[Sort]) -> Sort:
        """What a name is read as first, where it may be several things."""
        behind_all = self.number is not None and self.at in self.cuts  # Landstrasse 19, Schaan
        stands_early = behind_all or not (self.roads or self.landmarks)
        order: tuple[Sort, ...] = (
            *(AREAS if stands_early else ()),
            Sort.ROAD,
            Sort.STATION,
            Sort.LANDMARK,
            Sort.VILLAGE,
            Sort.COMMUNITY,
            Sort.CHAIN,
            *AREAS,
        )
        return min(sorts, key=order.index)

    def _unknown(self) -> bool:
        """A name that the book does not know, by its ending."""
        stop = min(self._gap(), self.at + _LONGEST_UNKNOWN)
        for found in _UNKNOWN_ENDS.finditer(self.text, self.at + 1, stop):
            end = found.end()
            while (more := _GOES_ON.match(self.text, end)) and more.end() <= stop:
                if self._known_at(end, len(more[0])):
                    break
                end = more.end()
            text = self.text[self.at : end]
            if not re.fullmatch(rf"{_HAN}[㐀-鿿0-9a-z]*", text) or end > stop:
                return False
            guess = next((sort for ends, sort in _GUESSES if ends.search(text)), Sort.LANDMARK)
            if guess in AREAS and self._has_anchor() and self.at not in self.cuts:
                guess = Sort.LANDMARK  # 大运软件小镇
            if guess is not None:
                self._keep(ReadName(text, frozenset((guess,)), known=False), end)
            return self._take(end, guess or Sort.CITY)
        return False

    def _skip(self) -> None:
        """One letter that nobody reads, or a word that says nothing."""
        found = (self._rest_begins(_NEAR_TO) or self._rest_begins(_FILLER)) if self.begins else None
        if found:
            self._take(found.end(), self.last)
            return
        letter = self.text[self.at]
        if self.begins or not self.unread:
            self.unread.append(letter)
        else:
            self.unread[-1] += letter
        self._take(self.at + 1, None, begins=False)


def _metres(amount: str, unit: str) -> float:
    factor = {"千米": 1000.0, "公里": 1000.0, "km": 1000.0, "里": 500.0}.get(unit, 1.0)
    return _value(amount) * factor


def _value(amount: str) -> float:
    """Of 300 and of 三百, 一百五十, 百."""
    try:
        return float(amount)
    except ValueError:
        total, digit = 0, None
        for letter in amount:
            if letter in _DIGITS:
                digit = _DIGITS[letter]
            else:
                total += (1 if digit is None else digit) * {"十": 10, "百": 100, "千": 1000}[letter]
                digit = None
        return float(total + (digit or 0))


def read_address(text: str, book: AddressBook) -> Address:
    """What an address says, in the words of a book. A text of nothing is an address of nothing."""
    even, cuts = letters(text)
    return _Reader(book, even, cuts).run()
