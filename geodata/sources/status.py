"""Whether a place serves anybody now, as a status column says it: 未停用 serves, 装修中 does not.

A text is cut into words that are all known: states, negations, scopes. It says something only if
every way to cut and join them says the same; anything else is unknown, and told.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Final


class StatusMeaning(StrEnum):
    """What a status text says of a place."""

    SERVES = "serves"
    SOMETIMES = "sometimes"
    """It serves, but a time or a part of it is closed: 节假日暂停, 部分开放."""
    CLOSED = "closed"
    UNKNOWN = "unknown"


class _Role(StrEnum):
    """What a word does in its clause."""

    SERVING = "serving"
    STOPPED = "stopped"
    """Closed for good or for now; 未 before it says that the place serves."""
    WORKS = "works"
    """Being mended: 完成 behind it ends it, and 未 before it says nothing of the door."""
    BUILDING = "building"
    """Not there yet: 完成 behind it ends it, 未 before it does not."""
    BUILT = "built"
    """Serves as far as nothing else is said: 已建成，未开放."""
    STOPS = "stops"
    """A verb whose object is a serving state: 暂停 营业."""
    NOT = "not"
    CANNOT = "cannot"
    """A negation, but of a closed state it may be a rule: 不得关闭."""
    FUTURE = "future"
    DONE = "done"
    RESUMED = "resumed"
    EVENLY = "evenly"
    """正常 before another state is an adverb, by itself a state."""
    SCOPE = "scope"
    HOUR = "hour"
    """A scope, too: a clock time."""
    DATE = "date"
    LINK = "link"
    """Joins times (22:00 后), and means nothing without one."""
    UNTIL = "until"
    """A link; behind a closed state it says how long that lasts: 暂停开放至春节后."""
    USUAL = "usual"
    """As at all other times: 节假日照常."""
    MANNER = "manner"
    """Changes nothing (永久关闭), but for a negation right before it: 未全面开放, 非全天开放."""
    PAST = "past"
    FILLER = "filler"


_WORDS: Final[Mapping[_Role, str]] = {
    _Role.SERVING: "运营 营业 开放 开门 开 进入 启用 使用 在用 投用 投入使用 投入运营 服务 运行 "
    "运转 无休 开业 试运营 试运行 试营业 可用 正常化 开通 存在 在营 在业 有效 上线 办公 经营 "
    "挂牌 用 入内",
    _Role.STOPPED: "停用 停业 停运 停开 停办 歇业 休业 结业 闭店 闭馆 闭站 关闭 关停 关门 关店 "
    "已关 封闭 封停 撤销 撤除 撤点 撤站 撤并 撤离 撤走 撤 拆除 拆迁 拆掉 拆走 已拆 被拆 搬迁 "
    "搬走 搬离 已搬 迁走 迁移 迁址 迁出 已迁 取消 注销 清退 清拆 倒闭 空置 闲置 废弃 荒废 弃用 "
    "失效 作废 下线 解约 征收 腾退 摘牌 退出 停摆 不存在 合并 移除 查封 吊销 打烊 休息 停 暂关 "
    "关 关了 拆 拆了 搬 搬了 没了 不在了 报废 退役 淘汰 下架 封存 封控 冻结 禁用 停工 停建 缓建 "
    "烂尾 断电 离线 掉线 锁门 上锁 锁闭 锁着 紧闭 异常 休馆 占用 被占 改作他用 另作他用 挪作他用 "
    "移作他用 无效 迁新址 已迁新址 搬新址 已搬新址 终止合作 停止合作 解除合作 不对外 未对外 "
    "暂不对外 对内 对内开放 内部使用 内部开放 内部专用 仅限内部 限内部 员工专用 职工专用 "
    "仅限员工 仅限职工 限员工 会员专享 会员专用 仅限会员 待修 待维修 待修复 暂未对外 尚未对外",
    _Role.WORKS: "装修 重装 翻新 翻修 维修 修缮 整修 检修 修理 维护 抢修 改造 升级改造 提升改造 "
    "提升 升级 整改 整治 改建 扩建 围挡 消杀 布置 整顿 内部装修 内部改造 内部整修 内部升级 "
    "内部整改 内部维修 内部施工 内部调整 内部翻新 内部提升 故障 损坏 坏了 已坏 毁坏 报修",
    _Role.BUILDING: "建设 在建 筹建 筹备 规划 施工 新建 待建 拟建 未建 选址 设计 招标 立项 筹设 "
    "兴建 建造 搭建 安装 调试 建 迁建 重建 复建 验收 移交 交付 恢复中 正在恢复 验收不合格 "
    "验收未通过 未通过验收",
    _Role.BUILT: "建成 完工 竣工 落成 已建 已验收 验收合格 验收通过 通过验收 已移交 已交付",
    _Role.STOPS: "暂停 停止 终止 中止 暂缓 终结 不再 禁止 中断 暂闭 暂停对外",
    _Role.NOT: "未 不 没有 没 尚未 还未 还没 暂未 暂不 暂无 并未 并不 从未 未曾 非 均未 永不 "
    "从不 绝不 不会",
    _Role.CANNOT: "无法 不能 不可 不予 不得 未能",
    _Role.FUTURE: "待 拟 将 即将 预计 计划 准备 等待 有待 将要 拟于",
    _Role.DONE: "完成 完毕 结束 已完 到位 完结 修复 修好",
    _Role.RESUMED: "恢复 重新 重启 复工 复业 恢复正常",
    _Role.EVENLY: "正常 正式 良好 完好 稳定",
    _Role.SCOPE: "周一 周二 周三 周四 周五 周六 周日 周天 周末 星期一 星期二 星期三 星期四 "
    "星期五 星期六 星期日 星期天 工作日 非工作日 双休日 双休 单休 节假日 法定节假日 节日 "
    "法定假日 假日 假期 春节 国庆 国庆节 元旦 五一 清明 端午 中秋 除夕 寒暑假 寒假 暑假 夏季 "
    "冬季 春季 秋季 雨天 台风天 台风 暴雨 夜间 夜晚 深夜 晚上 晚间 白天 日间 上午 下午 中午 午间 "
    "凌晨 早上 傍晚 期间 时段 部分时段 午休 部分 个别 局部 部份 一楼 二楼 室内 室外 不定期 "
    "不定时 偶尔 间歇 限时 分时段 错峰 逢 每周 每逢 每月 另行通知",
    _Role.MANNER: "临时 暂时 暂 短期 永久 长期 完全 彻底 全面 全天 全天候 全年 常年 24小时 24h "
    "全时段 每天 每日 天天 均 都 全部 一直 仅 只",
    _Role.UNTIL: "至 到 直至 直到 截至",
    _Role.USUAL: "照常 照旧",
    _Role.LINK: "后 前 之后 之前 以后 以前 起",
    _Role.PAST: "原 原为 原先 原来 曾 曾经 此前 先前 前期 过去 原属",
    _Role.FILLER: "已 已经 正在 正 中 了 的 目前 现 现在 当前 现已 均已 状态 处于 对外 面向 该站 "
    "本站 站点 驿站 站 点位 场所 网点 门店 店铺 仍 仍在 仍然 还 还在 依然 继续 保持 进行 进一步 "
    "因 因故 由于 故 而 于 予以 被 整体 中的 阶段 期 给 向 公众 社会 骑手 门 在 期限 原址 大门 "
    "并 又 另 对内对外",
}
#: A word may do more than one thing: both readings must then come to the same.
_ROLES: Final[Mapping[str, tuple[_Role, ...]]] = {
    word: tuple(role for role, words in _WORDS.items() if word in words.split())
    for words in _WORDS.values()
    for word in words.split()
}
_LONGEST: Final = max(map(len, _ROLES))
#: A clock time or a number of hours is a scope.
_CLOCK: Final = re.compile(
    r"\d{1,2}(?:[:.]\d{2}|[点时](?:半|\d{1,2}分?)?)(?:\s*[-~—–]\s*\d{1,2}(?:[:.]\d{2}|[点时]))?",
    re.ASCII,
)
#: Done by then: 已于2026年3月停用.
_SINCE: Final = re.compile(
    r"已[于在自从]\d{4}年[初底末]?(?!\d)|"
    r"已[于在自从](?:\d{4}年?)?[-/.]?\d{1,2}(?:月份?|[-/.]\d{1,2})(?:\d{1,2}[日号])?起?",
    re.ASCII,
)
_DATE: Final = re.compile(
    r"\d{4}年(?:\d{1,2}月(?:\d{1,2}[日号]|[份底初]|[上中下]旬)?|[底初末中]|[上下]半年|第?[一二三四1-4]季度)?"
    r"|\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)|\d{1,2}月(?:\d{1,2}[日号]|[份底初]|[上中下]旬)?"
    r"|[今明后本]年(?:[底初末]|[上下]半年|\d{1,2}月)?|[本下]个?[月周][底初末]?|年[底初末]|月[底初]|近[期日]|明[天日]",
    re.ASCII,
)
#: Where it went to is not where it was; 现址 and the like are where it is.
_MOVED: Final = re.compile(
    r"(?:现?已经?|现)?(?:整体)?(?:搬迁?|迁移?|合并|归并|并|转移)[至到往入](?!\d{4}|\d+[月日:点]|[今明]|期)"
    r"(?!.*(?:[现此本新][址处地]|开放|营业|运营|使用|启用))"
    # Within its building it is where it was.
    r"(?!.*(?:[\d一二三四五六七八九十]+[楼层]|大[堂厅])).{2,}"
)
_CLAUSES: Final = re.compile(
    r"[,，;；。.!、/|\\\s()\[\]{}【】<>《》:：\-—–_+·]+|且|并且|但是|但|不过|和|及|与"
)
#: A cell with one of these asks more than it says.
_DOUBT: Final = re.compile(
    r"(?:取消|解除|撤销)(?:停用|停业|关闭|封闭|封控|查封|暂停|装修|施工|拆除|拆迁|搬迁|维修|改造|撤销|取消)|解[封禁]"
    r"|[?？]|是否|疑|可能|核实|误|不详|不明|未知|或"
)
#: The private letters that stand for clock times and dates, up to the last.
_FIRST_HOUR, _FIRST_DATE, _LAST_MARK = 0xE000, 0xF000, 0xF8FF
#: Longer texts are no status, and more ways to cut one are none that a person reads.
_LONGEST_TEXT: Final = 80
_MOST_CUTS: Final = 200

#: Whole cells, without spaces and hyphens.
_YES: Final = (
    "是 有 有效 true yes y t open opened active enabled operating operational operation running "
    "normal available inservice inuse working openforbusiness √ ✓ ✔ ok"
)
_NO: Final = (
    "否 false no n f closed close inactive disabled suspended tempclosed temporarilyclosed "
    "closedtemporarily permanentlyclosed closedpermanently notopen notoperating notinuse "
    "notyetopen underconstruction underrenovation construction planned proposed demolished "
    "removed abandoned relocated moved outofservice unavailable decommissioned renovation "
    "notopenyet nolongeropen openingsoon reopeningsoon unused notenabled outoforder broken "
    "maintenance undermaintenance comingsoon cancelled canceled terminated defunct ceased × ✗ ✕"
)
_WHOLE: Final[Mapping[str, StatusMeaning]] = {
    **dict.fromkeys(_YES.split(), StatusMeaning.SERVES),
    **dict.fromkeys(_NO.split(), StatusMeaning.CLOSED),
}


@cache
def standing(text: str) -> StatusMeaning:
    """What a status text says. UNKNOWN where a word is not known or two readings differ."""
    even = unicodedata.normalize("NFKC", text).strip().lower()
    whole = _WHOLE.get(re.sub(r"[\s_\-]+", "", even))
    if whole:
        return whole
    if len(even) > _LONGEST_TEXT or _DOUBT.search(even):
        return StatusMeaning.UNKNOWN
    return _together(list(_said_by_clauses(even)))


#: What a thing is now. 维修 or 搬迁 alone may be what a shop does.
_NOW: Final = re.compile(
    r"[已正暂未拟待]|中$|停[用业运办开]|[在筹]建|不[对再]|内部使用|内部专用|仅限|员工专用|关闭|关停|撤销|拆除|废弃"
)
_ASIDE: Final = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_PARTS: Final = re.compile(r"[-—_\s]+")
#: Behind one span of a day, which is all there is: of several one alone may be meant.
_HOURS_ASIDE: Final = re.compile(
    r"(?:每[天日])?\s*(?:全天|24小时|\d{1,2}(?:[:.点时]\d{0,2})?\s*[-~—–至到]+\s*\d{1,2}(?:[:.点时]\d{0,2})?)"
    r"\s*\(([^()]*)\)"
)


def name_says_closed(text: str) -> bool:
    """Whether a name says in brackets or at its end that its place is closed: 驿站（装修中）."""
    even = unicodedata.normalize("NFKC", text).strip()
    return any(map(_is_closed_now, (*_ASIDE.findall(even), *_PARTS.split(even)[1:][-1:])))


def hours_say_closed(text: str) -> bool:
    """Whether a cell of hours says that the place is closed for now or for good: 暂停开放, or
    9:00-18:00（装修中） where no days are named that alone may be meant.
    """
    even = unicodedata.normalize("NFKC", text).strip()
    aside = _HOURS_ASIDE.fullmatch(even)
    if aside:
        return _is_closed_now(aside[1])
    return _is_closed_now(even) and not _CLOCK.search(even)


def _is_closed_now(text: str) -> bool:
    of_else = re.search("休息|打烊|原址", text)
    return bool(_NOW.search(text)) and not of_else and standing(text) is StatusMeaning.CLOSED


def says_where_to(text: str) -> bool:
    """Whether a clause names the place to which something moved: a remark may mean that it came."""
    even = unicodedata.normalize("NFKC", text).strip().lower()
    return any(_MOVED.fullmatch(clause) for clause in _clauses(even))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a clause says; `scoped`: of a time or a part only."""

    standing: StatusMeaning
    scoped: bool = False
    weak: bool = False
    """It gives way to every other clause."""


def _together(clauses: Sequence[_Said | None]) -> StatusMeaning:
    """What all clauses come to. A remark of unknown words does not open a closed door."""
    firm = [said for said in clauses if said and not said.weak] or clauses
    flat = {said.standing for said in firm if said and not said.scoped}
    scoped = {said.standing for said in firm if said and said.scoped}
    if StatusMeaning.UNKNOWN in scoped or len(flat) > 1 + (StatusMeaning.UNKNOWN in flat):
        return StatusMeaning.UNKNOWN
    if StatusMeaning.CLOSED in flat:
        return StatusMeaning.UNKNOWN if StatusMeaning.SERVES in scoped else StatusMeaning.CLOSED
    if StatusMeaning.UNKNOWN in flat:
        return StatusMeaning.UNKNOWN
    if scoped:
        return StatusMeaning.SOMETIMES
    return StatusMeaning.SERVES if flat else StatusMeaning.UNKNOWN


def _said_by_clauses(text: str) -> Iterator[_Said | None]:
    """Each clause; one that only names times (春节、国庆) goes with the clause behind it."""
    waiting = ""
    for clause in _clauses(text):
        joined = waiting + clause
        if _is_scope(joined):
            waiting = joined
            continue
        waiting = ""
        yield _said(joined)
    if waiting:
        yield _Said(StatusMeaning.UNKNOWN)


def _clauses(text: str) -> Iterator[str]:
    """Clock times and dates keep their colons and dashes: each is one private letter."""
    text = _SINCE.sub("已", text)
    for expression, first in ((_CLOCK, _FIRST_HOUR), (_DATE, _FIRST_DATE)):
        held = {found[0]: chr(first + i) for i, found in enumerate(expression.finditer(text))}
        for said in sorted(held, key=len, reverse=True):
            text = text.replace(said, held[said])
    yield from filter(None, _CLAUSES.split(text))


def _is_scope(clause: str) -> bool:
    return any(
        set(cut) <= {*_SCOPES, *_BESIDE} and not _SCOPES.isdisjoint(cut) for cut in _cuts(clause)
    )


def _said(clause: str) -> _Said | None:
    """What a clause says; None: it speaks of the past, or of nothing."""
    if _MOVED.fullmatch(clause):
        return _Said(StatusMeaning.CLOSED)
    readings = {_read(cut) for cut in _cuts(clause)}
    if not readings:
        return _Said(StatusMeaning.UNKNOWN)
    return next(iter(readings)) if len(readings) == 1 else _Said(StatusMeaning.UNKNOWN)


def _cuts(clause: str) -> list[tuple[_Role, ...]]:
    """Every way to cut a clause into known words, as what the words do.

    None where a word is unknown; none, too, where there are more ways than a person reads.
    """
    ways: list[list[tuple[_Role, ...]]] = [[()], *([] for _ in clause)]
    for start in range(len(clause)):
        if len(ways[start]) > _MOST_CUTS:
            return []
        for end in range(start + 1, min(start + _LONGEST, len(clause)) + 1):
            word = clause[start:end]
            roles = _ROLES.get(word) or _role_of_mark(word)
            ways[end] += [(*way, role) for way in ways[start] for role in roles]
    return _fewest_words(ways[-1])


def _role_of_mark(word: str) -> tuple[_Role, ...]:
    number = ord(word) if len(word) == 1 else 0
    if not _FIRST_HOUR <= number <= _LAST_MARK:
        return ()
    return (_Role.HOUR if number < _FIRST_DATE else _Role.DATE,)


def _fewest_words(cuts: Sequence[tuple[_Role, ...]]) -> list[tuple[_Role, ...]]:
    """Of cuts the ones that break no longer word: 停用 is one word, not 停 and a rest."""
    fewest = min(map(len, cuts), default=0)
    return [cut for cut in cuts if len(cut) == fewest]


_SCOPES: Final = frozenset((_Role.SCOPE, _Role.HOUR))
#: What may stand among the words that say something.
_BESIDE: Final = frozenset((_Role.LINK, _Role.UNTIL, _Role.USUAL, _Role.MANNER, _Role.FILLER))


def _read(cut: Sequence[_Role]) -> _Said | None:
    if _Role.PAST in cut:
        return None
    spoken = [role for role in cut if role is not _Role.FILLER]
    lasting = _lasts(spoken)
    spoken = spoken[:lasting] if lasting else spoken
    core = tuple(role for role in spoken if role not in _SCOPES | _BESIDE | {_Role.DATE})
    usual = _Role.USUAL in spoken
    scoped = not _SCOPES.isdisjoint(spoken) and not usual
    if _is_unsure(spoken, core, scoped=scoped):
        return _Said(StatusMeaning.UNKNOWN)
    if not core:
        return _Said(StatusMeaning.SERVES, weak=True) if usual else None
    if core == (_Role.BUILT,):
        return _Said(StatusMeaning.SERVES, scoped, weak=True)
    core = core[2:] if core[:2] in _FINISHED and core[2:] else core
    said = {*_units(_adverbs_off(core))}
    meaning = next(iter(said)) if len(said) == 1 else StatusMeaning.UNKNOWN
    if lasting and meaning is not StatusMeaning.CLOSED:
        meaning = StatusMeaning.UNKNOWN  # 开放至年底
    return _Said(meaning, scoped, weak=core in _FINISHED)


def _is_unsure(spoken: Sequence[_Role], core: Sequence[_Role], *, scoped: bool) -> bool:
    """未全面开放 is open in part, or not yet; a day may have come, but for 预计明年开放; a scope of
    nothing, or a link of no times.
    """
    dated = _Role.DATE in spoken
    linked = not scoped and not dated and not {_Role.LINK, _Role.UNTIL}.isdisjoint(spoken)
    return (
        (_Role.NOT, _Role.MANNER) in pairwise(spoken)
        or (dated and _Role.FUTURE not in spoken)
        or (scoped and not core)
        or linked
    )


def _lasts(spoken: Sequence[_Role]) -> int:
    """Where 至 stands that says until what day a state lasts; 0: nowhere. 关闭至6:00 is of hours,
    every day.
    """
    for at, role in enumerate(spoken):
        days = {_Role.DATE, _Role.SCOPE, _Role.LINK}
        if role is _Role.UNTIL and at and set(spoken[at + 1 :]) <= days and spoken[at + 1 :]:
            return 0 if spoken[at - 1] in _SCOPES | {_Role.DATE} else at
    return 0


def _adverbs_off(core: tuple[_Role, ...]) -> tuple[_Role, ...]:
    """正常 before a serving state says no more than it, and 建成 no more than any other state."""
    kept = []
    for at, role in enumerate(core):
        behind = core[at + 1] if at + 1 < len(core) else None
        if role is _Role.EVENLY:
            if behind in (_Role.SERVING, _Role.EVENLY):
                continue
            kept.append(_Role.SERVING)
        elif role is not _Role.BUILT or (kept and kept[-1] in (_Role.NOT, _Role.FUTURE)):
            kept.append(role)
    return tuple(kept)


_CANNOT: Final = _Role.CANNOT
_N, _S, _X, _W, _B = _Role.NOT, _Role.SERVING, _Role.STOPPED, _Role.WORKS, _Role.BUILDING
_V, _F, _D, _R = _Role.STOPS, _Role.FUTURE, _Role.DONE, _Role.RESUMED
_BUILT: Final = _Role.BUILT
#: What some words that stand together say; a longer pattern goes before what it begins with.
_UNITS: Final[Mapping[tuple[_Role, ...], StatusMeaning]] = {
    (_S,): StatusMeaning.SERVES,
    (_X,): StatusMeaning.CLOSED,
    (_W,): StatusMeaning.CLOSED,
    (_B,): StatusMeaning.CLOSED,
    (_V,): StatusMeaning.CLOSED,
    (_V, _S): StatusMeaning.CLOSED,
    (_V, _X): StatusMeaning.UNKNOWN,
    (_V, _W): StatusMeaning.UNKNOWN,
    (_CANNOT, _S): StatusMeaning.CLOSED,
    (_CANNOT, _R): StatusMeaning.CLOSED,
    (_CANNOT, _R, _S): StatusMeaning.CLOSED,
    (_X, _S): StatusMeaning.CLOSED,
    (_N, _S): StatusMeaning.CLOSED,
    (_N, _X): StatusMeaning.SERVES,
    (_N, _V): StatusMeaning.SERVES,
    (_N, _V, _S): StatusMeaning.SERVES,
    (_N, _X, _S): StatusMeaning.SERVES,
    (_N, _B): StatusMeaning.CLOSED,
    (_N, _W): StatusMeaning.UNKNOWN,
    (_S, _V): StatusMeaning.CLOSED,
    (_N, _BUILT): StatusMeaning.CLOSED,
    (_F, _BUILT): StatusMeaning.CLOSED,
    (_F, _S): StatusMeaning.CLOSED,
    (_F, _X): StatusMeaning.UNKNOWN,
    (_F, _W): StatusMeaning.UNKNOWN,
    (_F, _V): StatusMeaning.UNKNOWN,
    (_F, _V, _S): StatusMeaning.UNKNOWN,
    (_F, _B): StatusMeaning.CLOSED,
    (_W, _D): StatusMeaning.SERVES,
    (_B, _D): StatusMeaning.SERVES,
    (_X, _D): StatusMeaning.CLOSED,
    (_W, _N, _D): StatusMeaning.CLOSED,
    (_B, _N, _D): StatusMeaning.CLOSED,
    (_N, _W, _D): StatusMeaning.CLOSED,
    (_N, _B, _D): StatusMeaning.CLOSED,
    (_F, _W, _D): StatusMeaning.CLOSED,
    (_F, _B, _D): StatusMeaning.CLOSED,
    (_W, _F, _S): StatusMeaning.CLOSED,
    (_R,): StatusMeaning.SERVES,
    (_R, _S): StatusMeaning.SERVES,
    (_N, _R): StatusMeaning.CLOSED,
    (_N, _R, _S): StatusMeaning.CLOSED,
    (_F, _R): StatusMeaning.CLOSED,
    (_F, _R, _S): StatusMeaning.CLOSED,
    (_R, _X): StatusMeaning.UNKNOWN,
}
#: The works are over; whether it serves is for other clauses to say: 装修完成，尚未开放.
_FINISHED: Final = ((_W, _D), (_B, _D))
_LONGEST_UNIT: Final = max(map(len, _UNITS))


def _units(core: tuple[_Role, ...]) -> Iterator[StatusMeaning]:
    """The core cut into the longest units from the left; a negation that reaches further is unsure.

    未 停用 关闭 may mean not stopped but closed, or neither: two states behind one negation.
    """
    at = 0
    while at < len(core):
        for width in range(min(_LONGEST_UNIT, len(core) - at), 0, -1):
            unit = core[at : at + width]
            if unit in _UNITS:
                yield _UNITS[unit]
                if unit[0] is _N and core[at + width : at + width + 1] == unit[-1:]:
                    yield StatusMeaning.UNKNOWN
                at += width
                break
        else:
            yield StatusMeaning.UNKNOWN
            return
