"""Cells of words become members of the vocabulary: kinds, services, doors, whether a place serves.

A word that is not known is told and taken for nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadValue, Said
from geodata.places.entry import PlaceEntry, entry_text, read_entry
from geodata.sources import repairs
from geodata.sources.cells import Cells, NoteKind
from geodata.sources.door_words import Entering, entering, remarked
from geodata.sources.headings import SERVICE_PREFIX
from geodata.sources.service_words import has, offered
from geodata.sources.status import (
    StatusMeaning,
    hours_say_closed,
    name_says_closed,
    says_where_to,
    standing,
)
from geodata.vocabulary import Door, Kind, Position, Service, Wheelchair, YesNo

#: A kind as options take it; in another language with its word.
KINDS_SAID: Final[Mapping[Kind, Said]] = {
    Kind.WARM_BEE_STATION: Said("warm_bee_station"),
    Kind.DRIVER_HOME: Said("driver_home"),
    Kind.WARM_BEE_STREET: Said("warm_bee_street"),
    Kind.FRIENDLY_MERCHANT: Said("friendly_merchant"),
    Kind.PUBLIC_PLACE: Said("public_place"),
}
#: Words of columns that say one thing of a few.
_FEE: Final[Mapping[YesNo, str]] = {
    YesNo.NO: "免费 不收费 无偿 无需付费 免费开放 免费使用 全免费 全部免费 公益 公益免费 0元 0 "
    "free no 否 "
    "不 无收费 不用钱 无 ×",
    YesNo.YES: "收费 付费 有偿 自费 需付费 收费使用 是 yes 有收费 paid √",
}
_WHEELCHAIR: Final[Mapping[Wheelchair, str]] = {
    Wheelchair.YES: "是 有 yes 无障碍 可通行 完全无障碍 全无障碍 无障碍通道 有无障碍通道 "
    "有无障碍设施 有坡道 "
    "轮椅可进 轮椅可进入 可 true √ 具备",
    Wheelchair.LIMITED: "部分 有限 limited 部分无障碍 需协助 需帮助 有门槛 部分可通行 半无障碍",
    Wheelchair.NO: "否 无 no 没有 不可 不具备 无无障碍设施 无无障碍通道 不无障碍 轮椅不可进 "
    "有台阶 台阶 "
    "false ×",
}
_POSITION: Final[Mapping[Position, str]] = {
    Position.SURVEYED: "surveyed 实测 实地测量 现场采集 现场定位 测绘 gps采集",
    Position.STATED: "stated 填报 上报 提供 来源提供",
    Position.LOCATED: "located 地址解析 解析 地理编码 推算 估计",
}
#: Field -> word -> member.
_SIMPLE: Final[Mapping[str, Mapping[str, str]]] = {
    name: {each: str(member) for member, said in words.items() for each in said.split()}
    for name, words in (("fee", _FEE), ("wheelchair", _WHEELCHAIR), ("position", _POSITION))
}


def kinds(at: Cells, words: Mapping[str, Kind], otherwise: Kind | None) -> list[str | None]:
    """The kind of each row by its word; `otherwise` where a cell is blank.

    A word that is not known refuses its row.
    """
    found: list[str | None] = []
    for row, cell in enumerate(at.of("kind")):
        kind = words.get(cell) or repairs.one_word(cell, "kind") or (None if cell else otherwise)
        if kind is None:
            refusal = (
                "the kind is not known; a kind is one of {kinds}, or its Chinese word. Declare"
                " others with --kind-word WORD=KIND"
                if cell
                else "the kind is missing; a kind is one of {kinds}, or its Chinese word. Declare"
                " others with --kind-word WORD=KIND"
            )
            at.told.refused(
                row,
                at.where["kind"],
                cell,
                Said(refusal, kinds=[KINDS_SAID[each] for each in Kind]),
            )
            about = Said("no kind by this word; declare it with --kind-word")
            at.told.noted(NoteKind.UNKNOWN_KIND, row, at.where["kind"], cell, about)
        elif kind != cell:
            at.told.mended(row, at.where["kind"], cell, str(kind), Said("kind by its word"))
        found.append(kind and str(kind))
    return found


def services(
    at: Cells, words: Mapping[str, Service], default: Sequence[Service]
) -> list[list[str]]:
    """Words of the list column, and of each column that is headed by a service.

    Where all of them are blank, what is declared for every row.
    """
    read = cache(lambda cell: offered(cell, words))
    found: list[list[str]] = []
    stated: list[bool] = []
    for row, cell in enumerate(at.of("services")):
        said = read(cell)
        stated.append(bool(cell))
        for word in said.unknown:
            about = Said("a word that services does not know; not taken")
            at.told.noted(NoteKind.UNKNOWN_WORD, row, at.where["services"], word, about)
        found.append([str(service) for service in said.there])
    for name in sorted(name for name in at.where if name.startswith(SERVICE_PREFIX)):
        service = name.removeprefix(SERVICE_PREFIX)
        for row, cell in enumerate(at.frame[at.where[name]]):
            answer = has(cell)
            stated[row] |= bool(cell)
            if answer is None and cell:
                about = Said("neither yes nor no; not taken")
                at.told.noted(NoteKind.NEITHER_YES_NOR_NO, row, at.where[name], cell, about)
            elif answer and service not in found[row]:
                found[row].append(service)
    usual = list(map(str, default))
    return [each if said else [*usual] for each, said in zip(found, stated, strict=True)]


def maybe(at: Cells) -> list[list[str]]:
    """Services that are only likely."""
    return [[str(service) for service in offered(cell).there] for cell in at.of("maybe")]


def lists(at: Cells, name: str, default: Sequence[str]) -> list[list[str]]:
    """Words of another list column: audience, zones."""
    read = cache(lambda cell: repairs.words(cell, name))
    found = []
    for row, cell in enumerate(at.of(name)):
        known, unknown = read(cell) if cell else (default, [])
        for word in unknown:
            about = Said("a word that {name} does not know; not taken", name=name)
            at.told.noted(NoteKind.UNKNOWN_WORD, row, at.where[name], word, about)
        found.append(list(known))
    return found


def one_of(at: Cells, name: str) -> list[str | None]:
    """The member that each cell of fee, wheelchair or position means; None: not known."""
    words = _SIMPLE[name]
    found = []
    for row, cell in enumerate(at.frame[at.where[name]] if name in at.where else at.of(name)):
        said = words.get(repairs.plain(cell).lower())
        if said is None and repairs.said(cell):
            about = Said("a word that {name} does not know; not taken", name=name)
            at.told.noted(NoteKind.UNKNOWN_WORD, row, at.where[name], cell, about)
        found.append(said)
    return found


def fees(at: Cells) -> list[str | None]:
    """Whether a place asks for money, from 收费 or from 是否免费."""
    said = one_of(at, "fee")
    if "free" not in at.where:
        return said
    free = [has(cell) for cell in at.frame[at.where["free"]]]
    words = [None if answer is None else str(YesNo.NO if answer else YesNo.YES) for answer in free]
    return [mine or other for mine, other in zip(said, words, strict=True)]


# --- whether it serves ---


def serving(at: Cells, names: Sequence[str]) -> tuple[NDArray[np.bool_], list[Said], list[str]]:
    """Which rows serve, shape (n,); a sentence for each that does not; and what says of those that
    do that they are closed at times, "" where nothing does.

    A status that is not understood is told and its row kept.
    """
    serves = np.ones(len(at), dtype=bool)
    closed: dict[int, tuple[str, str]] = {}
    at_times = [""] * len(at)
    for name in _STANDING:
        for row, cell in enumerate(at.of(name)):
            said = _STANDING[name](cell) if cell else StatusMeaning.SERVES
            if said is StatusMeaning.CLOSED and row not in closed:
                closed[row] = (at.where[name], cell)
            elif said is StatusMeaning.UNKNOWN:
                about = Said("a status that is not understood; the row is kept")
                at.told.noted(NoteKind.UNKNOWN_STATUS, row, at.where[name], cell, about)
            elif said is StatusMeaning.SOMETIMES:
                about = Said(
                    "closed at times or in part; the row is kept, its hours count only with it"
                )
                at.told.noted(NoteKind.SOMETIMES_CLOSED, row, at.where[name], cell, about)
                at_times[row] = "，".join(filter(None, (at_times[row], _of_hours(name, cell))))
    sentences = []
    for row, (heading, cell) in sorted(closed.items()):
        serves[row] = False
        at.told.noted(
            NoteKind.NOT_SERVING, row, heading, cell, Said("left out: its status says closed")
        )
        number = at.told.table.numbers[row]
        sentences.append(
            Said(
                "row {row}: {name!r}, its {heading} says {cell!r}",
                row=number,
                name=names[row],
                heading=heading,
                cell=cell[:60],
            )
        )
    return serves, sentences, at_times


def _stopped(cell: str) -> StatusMeaning:
    """Of a column such as 是否停用: yes is closed."""
    answer = has(cell)
    if answer is None and has(re.sub(r"[(（].*[)）]", "", cell)):
        answer = True  # 是（装修）
    if answer is None or (not answer and name_says_closed(cell)):
        return StatusMeaning.UNKNOWN  # 否（装修中）
    return StatusMeaning.CLOSED if answer else StatusMeaning.SERVES


def _remark(cell: str) -> StatusMeaning:
    """A remark may say anything; only one that says closed, always or at times, counts."""
    said = standing(cell)
    if said is StatusMeaning.CLOSED and has(cell) is None and not says_where_to(cell):
        return said
    return StatusMeaning.SOMETIMES if _of_hours("remarks", cell) else StatusMeaning.SERVES


def _of_hours(name: str, cell: str) -> str:
    """The words of a cell that say when a place is closed: of a remark only such clauses."""
    if name != "remarks":
        return cell
    return "，".join(each for each in re.split(r"[，,；;。!！\n]+", cell) if _AT_TIMES.search(each))


#: 周一闭馆, 每周三下午不对外, 春节期间暂停开放; not 中午可在此休息, nor 夜间停车.
_AT_TIMES: Final = re.compile(
    r"(?:[周週][一二三四五六日天末]|星期[一二三四五六日天]|礼拜|工作日|双休日?|节假日?|假日|春节|国庆|元旦|五一|清明"
    r"|端午|中秋|除夕|[寒暑]假|夜间|晚上|凌晨|中午|午间|上午|下午|每月|(?<!\d)(?:[01]?\d|2[0-4])[:点时](?:\d\d|半)?)"
    # What is asked of people, or said of a thing, is not said of the place.
    r"(?:(?!热水|微波|空调|充电|饮水|冰箱|淋浴|卫生间|厕|灯|窗|电|车)[^请可供能来在，,；;。]){0,8}?"
    r"(?:[闭休]馆|停业|关门|闭店|不开[放门]|不营业|不对外|不办公|不上班|放假|除外|轮休|公休"
    r"|(?:停用|停止|暂停|关闭)(?:对外|开放|营业|服务|使用|接待|运营|办公)*(?=$|[\s()（）、，,；;。!！]|时|日|至|到|[一\d])"
    r"|(?<=[日天末一二三四五六间午节假\d点时])(?:均|都|全天)?休息(?![区室点处站位用椅床请]))"
)


def _closing(says_closed: Callable[[str], bool]) -> Callable[[str], StatusMeaning]:
    """Of a column that seldom says whether a place serves: only a certain no counts."""
    return lambda cell: StatusMeaning.CLOSED if says_closed(cell) else StatusMeaning.SERVES


_STANDING: Final[Mapping[str, Callable[[str], StatusMeaning]]] = {
    "status": standing,
    "stopped": _stopped,
    "remarks": _remark,
    "name": _closing(name_says_closed),
    "opening_hours_text": _closing(hours_say_closed),
}


# --- how one gets in ---


def doors(at: Cells, default: Door) -> tuple[list[str], list[str | None]]:
    """The door of each row, and the JSON text of its entry: what the columns of doors, entry and
    registering and the remarks say together.

    Where they contradict each other it is unknown, and told.
    """
    found, entries = [], []
    columns = [at.of(name) for name in ("door", "entry", "register", "remarks")]
    for row, (door, entry, register, remark) in enumerate(zip(*columns, strict=True)):
        said = [*_entry(at, row, entry), *_register(at, row, register), remarked(remark)]
        by_door = entering(door)
        if door and by_door.door is None and by_door.register is None:
            about = Said("no known way to enter, so unknown; the text is kept")
            at.told.noted(NoteKind.UNKNOWN_DOOR, row, at.where["door"], door, about)
        every = [by_door, *said]
        kind = _agreed(at, row, "door", [each.door for each in every if each.door])
        found.append(str(kind or (Door.UNKNOWN if door else default)))
        if door and kind and kind != door:
            at.told.mended(row, at.where["door"], door, kind, Said("door by its word"))
        entries.append(_entry_of(at, row, every))
    return found, entries


def says_anything(at: Cells) -> bool:
    """Whether any remark says something that is taken: of the door, or when the place is closed."""
    return any(
        remarked(cell) != Entering() or _remark(cell) is not StatusMeaning.SERVES
        for cell in {*at.of("remarks")} - {""}
    )


def _entry_of(at: Cells, row: int, every: Sequence[Entering]) -> str | None:
    register = _agreed(at, row, "register", [each.register for each in every if each.register])
    how = dict.fromkeys(each.how for each in every if each.how)
    url = next((each.url for each in every if each.url), None)
    for unsafe in (each for said in every for each in said.unsafe):
        about = Said("not taken: a page links to one https address only")
        at.told.noted(NoteKind.UNSAFE_LINK, row, _heading(at), unsafe, about)
    text = "；".join(how)
    try:
        checked = read_entry(_json(register, text, url))
    except BadValue:  # too long together
        checked = PlaceEntry(register, next(iter(how), None), url)
    return entry_text(checked)


def _json(register: YesNo | None, how: str, url: str | None) -> str:
    return entry_text(PlaceEntry(register, how or None, url)) or "{}"


_Said = TypeVar("_Said", Door, YesNo)


def _agreed(at: Cells, row: int, what: str, said: Sequence[_Said]) -> _Said | None:
    if len({*said}) > 1:
        about = Said("the columns contradict each other about {what}, so unknown", what=what)
        at.told.noted(NoteKind.UNKNOWN_DOOR, row, _heading(at), " / ".join(said), about)
        return None
    return said[0] if said else None


def _heading(at: Cells) -> str:
    return next(
        at.where[name] for name in ("door", "entry", "register", "remarks") if name in at.where
    )


def _entry(at: Cells, row: int, cell: str) -> list[Entering]:
    """An entry in words, or as our own exports write it."""
    if not cell.startswith("{"):
        return [entering(cell)] if cell else []
    try:
        read = read_entry(cell)
    except BadValue as fault:
        at.told.noted(NoteKind.UNKNOWN_DOOR, row, at.where["entry"], cell, fault.said)
        return []
    return [Entering(None, read.register, read.how, read.url)]


def _register(at: Cells, row: int, cell: str) -> list[Entering]:
    """Of a column such as 是否需登记: yes or no, or in words."""
    answer = has(cell) if cell else None
    if answer is not None:
        return [Entering(register=YesNo.YES if answer else YesNo.NO)]
    said = entering(cell) if cell else Entering()
    if cell and said.register is None:
        about = Said("neither yes nor no; not taken")
        at.told.noted(NoteKind.NEITHER_YES_NOR_NO, row, at.where["register"], cell, about)
    return [said]
