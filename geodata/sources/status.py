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
    FUTURE = "future"
    DONE = "done"
    RESUMED = "resumed"
    EVENLY = "evenly"
    """正常 before another state is an adverb, by itself a state."""
    SCOPE = "scope"
    LINK = "link"
    """Joins times (22:00 后), and means nothing without one."""
    PAST = "past"
    FILLER = "filler"


_WORDS: Final[Mapping[_Role, str]] = {
    _Role.SERVING: "运营 营业 开放 开门 启用 使用 在用 投用 投入使用 投入运营 服务 运行 运转 "
    "无休 开业 试运营 试运行 试营业 可用 正常化 开通 存在 在营 在业 有效 上线 办公 经营 挂牌",
    _Role.STOPPED: "停用 停业 停运 停开 停办 歇业 休业 结业 闭店 闭馆 闭站 关闭 关停 关门 关店 "
    "已关 "
    "封闭 封停 撤销 撤除 撤点 撤站 撤并 撤离 撤走 撤 拆除 拆迁 拆掉 拆走 已拆 被拆 搬迁 搬走 搬离 "
    "已搬 迁走 迁移 迁址 迁出 已迁 取消 注销 清退 清拆 倒闭 空置 闲置 废弃 荒废 弃用 失效 作废 "
    "下线 "
    "解约 征收 腾退 摘牌 退出 停摆 不存在 合并 移除 查封 吊销 打烊 休息 停",
    _Role.WORKS: "装修 重装 翻新 翻修 维修 修缮 整修 检修 修理 维护 抢修 改造 升级改造 提升改造 "
    "提升 升级 整改 整治 改建 扩建 围挡 消杀 布置 整顿",
    _Role.BUILDING: "建设 在建 筹建 筹备 规划 施工 新建 待建 拟建 未建 选址 设计 招标 立项 筹设 "
    "兴建 "
    "建造 搭建 安装 调试 建",
    _Role.BUILT: "建成 完工 竣工 落成",
    _Role.STOPS: "暂停 停止 终止 中止 暂缓 终结 不再 禁止 中断 暂闭 暂停对外",
    _Role.NOT: "未 不 没有 没 尚未 还未 还没 暂未 暂不 暂无 并未 并不 从未 未曾 无法 不能 不可 "
    "不予 "
    "不得 非 未能 均未 永不 从不 绝不 不会",
    _Role.FUTURE: "待 拟 将 即将 预计 计划 准备 等待 有待 将要 拟于",
    _Role.DONE: "完成 完毕 结束 已完 到位 完结",
    _Role.RESUMED: "恢复 重新 重启 复工 复业 恢复正常",
    _Role.EVENLY: "正常 正式 良好 完好 稳定 全面",
    _Role.SCOPE: "周一 周二 周三 周四 周五 周六 周日 周天 周末 星期一 星期二 星期三 星期四 星期五 "
    "星期六 星期日 星期天 工作日 非工作日 双休日 双休 单休 节假日 法定节假日 节日 法定假日 假日 "
    "假期 "
    "春节 国庆 国庆节 元旦 五一 清明 端午 中秋 除夕 寒暑假 寒假 暑假 夏季 冬季 春季 秋季 雨天 "
    "台风天 "
    "台风 暴雨 夜间 夜晚 深夜 晚上 晚间 白天 日间 上午 下午 中午 午间 凌晨 早上 傍晚 期间 时段 "
    "部分时段 午休 部分 个别 局部 部份 一楼 二楼 室内 室外 不定期 不定时 偶尔 间歇 限时 分时段 "
    "错峰 "
    "逢 每周 每逢 每月",
    _Role.LINK: "至 到 后 前 之后 之前 以后 以前 起",
    _Role.PAST: "原 原为 原先 原来 曾 曾经 此前 先前 前期 过去 原属",
    _Role.FILLER: "已 已经 正在 正 中 了 的 目前 现 现在 当前 现已 均已 状态 处于 临时 暂时 暂 "
    "短期 "
    "永久 长期 完全 彻底 对外 面向 全天 全天候 全年 常年 24小时 24h 全时段 每天 每日 天天 均 都 "
    "全部 "
    "该站 本站 站点 驿站 站 点位 场所 网点 门店 店铺 一直 仍 仍在 仍然 还 还在 依然 继续 保持 进行 "
    "内部 进一步 因 因故 由于 故 而 于 予以 被 整体 中的 阶段 期 给 向 公众 社会 骑手 门 仅 只 在 "
    "期限",
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
    r"已[于在自从](?:\d{4}年?)?[-/.]?\d{1,2}(?:月份?|[-/.]\d{1,2})(?:\d{1,2}[日号])?起?", re.ASCII
)
_CLAUSES: Final = re.compile(
    r"[,，;；。.!、/|\\\s()\[\]{}【】<>《》:：\-—–_+·]+|且|并且|但是|但|不过|和|及|与"
)
#: A cell with one of these asks more than it says.
_DOUBT: Final = re.compile(r"[?？]|是否|疑|可能|核实|误|不详|不明|未知|或")
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
    """Clock times keep their colons and dashes."""
    text = _SINCE.sub("已", text)
    held = {found[0]: chr(0xE000 + i) for i, found in enumerate(_CLOCK.finditer(text))}
    for time, mark in held.items():
        text = text.replace(time, mark)
    yield from filter(None, _CLAUSES.split(text))


def _is_scope(clause: str) -> bool:
    return any(
        all(role in (_Role.SCOPE, _Role.LINK, _Role.FILLER) for role in cut)
        and any(role is _Role.SCOPE for role in cut)
        for cut in _cuts(clause)
    )


def _said(clause: str) -> _Said | None:
    """What a clause says; None: it speaks of the past, or of nothing."""
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
            roles = (
                (_Role.SCOPE,)
                if len(word) == 1 and "\ue000" <= word <= "\uf8ff"
                else _ROLES.get(word, ())
            )
            ways[end] += [(*way, role) for way in ways[start] for role in roles]
    return _fewest_words(ways[-1])


def _fewest_words(cuts: Sequence[tuple[_Role, ...]]) -> list[tuple[_Role, ...]]:
    """Of cuts the ones that break no longer word: 停用 is one word, not 停 and a rest."""
    fewest = min(map(len, cuts), default=0)
    return [cut for cut in cuts if len(cut) == fewest]


def _read(cut: Sequence[_Role]) -> _Said | None:
    if _Role.PAST in cut:
        return None
    scoped = _Role.SCOPE in cut
    core = tuple(role for role in cut if role not in (_Role.SCOPE, _Role.LINK, _Role.FILLER))
    if (_Role.LINK in cut and not scoped) or (scoped and not core):
        return _Said(StatusMeaning.UNKNOWN)
    if not core:
        return None
    if core == (_Role.BUILT,):
        return _Said(StatusMeaning.SERVES, scoped, weak=True)
    said = {*_units(_adverbs_off(core))}
    return _Said(next(iter(said)) if len(said) == 1 else StatusMeaning.UNKNOWN, scoped)


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
