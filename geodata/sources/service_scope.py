"""How far a denial or a condition reaches in a list of services: 未配备热水、微波炉 and
热水、微波炉，仅限员工 offer neither for certain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Parting(IntEnum):
    """What stands before a piece of a list, from weak to strong."""

    LIST = 1
    """、 or a space."""
    COMMA = 2
    STOP = 3
    START = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a list cell, and what was read of it by itself."""

    text: str
    parting: Parting
    there: bool = False
    """It names services as there."""
    missing: bool = False
    """It names services as not there."""
    limited_first: bool = False
    """It names services behind words that deny or limit them: 拟配热水."""
    limited_last: bool = False
    """Before such words: 热水停用."""


_LIMIT_WORDS: Final = (
    "仅限 仅供 只限 只供 限于 限 专用 专享 员工 职工 内部 本单位 会员 顾客 住户 业主 消费 无 "
    "没有 没 "
    "不 未 非 缺少 缺 禁止 严禁 谢绝 拒绝 请勿 勿 暂停 暂无 暂缺 停用 停止 停供 停 取消 撤除 "
    "撤走 撤 "
    "拆除 拆 维修 维护 检修 报修 故障 损坏 坏了 已坏 坏 对内 凭 拟 待 将 即将 计划 规划 筹建 筹备 "
    "建设 施工 "
    "安装 "
    "预计 预约 申请 登记 审批 咨询 可能 收费 付费 有偿 自费 自备 自带 原有 原 曾有 曾 以前 附近 "
    "隔壁 "
    "对面 周边 除 等待 尚 否 投币 刷卡 凭证 押金 × ✗ ✕ ❌ ?"
)
#: Words that limit nothing by themselves, and may stand among those that do.
_LIGHT_WORDS: Final = (
    "增设 增 新增 新设 添置 加装 启用 投用 投入 通电 开通 运行 运营 到位 供应 供给 供 为 是 由 "
    "对外 对公众 开放 使用 提供 服务 中 后 起 需 须 要 提前 均 都 全部 "
    "全都 皆 "
    "以上 上述 目前 现在 现 已经 已 正在 暂时 因故 临时 但 且 以及 设施 设备 项目 功能 可 能 请 "
    "于 年 "
    "暂 用 了 时间 工牌 "
    "月 日 工作日 周末 节假日 夜间 白天 晚上 夏季 冬季 骑手 配备 配置 配 设置 设有 设 有 :"
)


def _any_of(words: str) -> str:
    """A pattern of all words, the longest first."""
    return "|".join(sorted(map(re.escape, words.split()), key=len, reverse=True))


#: 仅有 and 只提供 limit nothing.
_ONLY: Final = "[仅只](?!有|提供|配)"
#: What takes a limit back: 无需预约.
_FREE_OF: Final = re.compile(
    r"(?:免|无需|无须|不需要?|不用|不必|不)(?:提前|另外|另行)?(?:预约|申请|登记|审批|收费|付费|自备|自带)"
)
_LIMIT: Final = re.compile(f"{_any_of(_LIMIT_WORDS)}|{_ONLY}")
#: Never read in a second way, which long texts could make endless.
_LIMITING: Final = rf"(?:{_any_of(f'{_LIMIT_WORDS} {_LIGHT_WORDS}')}|{_ONLY}|\d|\s)++"
_LIMITED_FIRST: Final = re.compile(_LIMITING)
_LIMITED_LAST: Final = re.compile(rf"{_LIMITING}$")
#: Whom it is for, or what one needs: of all before it, whoever is named.
_FOR_SOME: Final = re.compile(
    r"(?:均|都|暂|现|目前|也)*(?:[仅只][限供对]|限于|对内|凭|内部|员工|职工)"
)
_OF_ALL: Final = re.compile(r"均|都|全部|皆|以上|上述")
_BARE_DENIAL: Final = re.compile(
    r"暂?无|没有?|暂?缺|否|未配[备置]|不提供|未提供|[×✗✕❌x0n]|no|none|false|n/a", re.IGNORECASE
)
_DENIED_FIRST: Final = re.compile(
    r"(?:均|都|目前|现|但|也|还)*(?:暂|尚)?(无|没|未|不|缺|谢绝|禁止|暂无)"
)
_DENIED_LAST: Final = re.compile(
    r"(?:无|没有?|未[^(]{0,3}|不[^(]{0,3}|暂不[^(]{0,3}|缺|否|停用|[×✗✕❌x])$"
)
#: Says by itself that its service is there.
_AFFIRMED: Final = re.compile(
    r"^(?:另?有|还有|提供|配[备有]?|设有?|内设|含|包[含括]|可以?)|\d|[一二两三四五六七八九十]"
    r"|(?:有|是|[√✓✔]|已?配[备置]|具备)$"
)


def without_limits(text: str) -> tuple[str, str]:
    """What is left of a piece without limiting words before it, and without those behind; "" where
    there are none.
    """
    first, last = _LIMITED_FIRST.match(text), _LIMITED_LAST.search(text)
    return (
        text[first.end() :] if first and _LIMIT.search(first[0]) else "",
        text[: last.start()] if last and _LIMIT.search(last[0]) else "",
    )


def doubtful(pieces: Sequence[Piece]) -> set[int]:
    """The pieces whose services are not certain, for a piece beside them may speak of them, too."""
    found = {*_behind_denials(pieces)}
    for number, piece in enumerate(pieces):
        found |= {*_before(pieces, number, piece)}
    return found


def _behind_denials(pieces: Sequence[Piece]) -> Iterator[int]:
    """Those that stand in one list with a denial before them: 未配备热水、微波炉."""
    ends: Parting | None = None
    for number, piece in enumerate(pieces):
        if ends and (piece.parting >= ends or _is_affirmed(piece)):
            ends = None
        if ends and piece.there and not piece.missing:
            yield number
        if _opens(piece):
            ends = Parting.STOP if number == 0 else Parting.COMMA


def _opens(piece: Piece) -> bool:
    """Whether a denial or a limit stands first in a piece. 无 within a list is of its own piece."""
    first = piece.parting is not Parting.LIST
    if _BARE_DENIAL.fullmatch(piece.text):
        return first
    denied = _DENIED_FIRST.match(piece.text) if piece.missing else None
    return piece.limited_first or (denied is not None and (first or denied[1] != "无"))


def _before(pieces: Sequence[Piece], number: int, piece: Piece) -> Iterator[int]:
    """The pieces before one that takes them back."""
    words = piece.text.strip("() ")
    bare = _BARE_DENIAL.fullmatch(words)
    of_all = not (piece.there or piece.missing) and (
        _OF_ALL.search(words) or _LIMITED_FIRST.fullmatch(words) or _FOR_SOME.match(words)
    )
    denied_last = piece.limited_last or (piece.missing and _DENIED_LAST.search(piece.text))
    limits = (of_all or denied_last) and _LIMIT.search(_FREE_OF.sub("", words))
    if not (bare or limits):
        return
    for earlier in range(number - 1, -1, -1):
        parting = pieces[earlier + 1].parting
        near = earlier == number - 1 and (bare or of_all)
        if not near and parting >= (Parting.STOP if of_all else Parting.COMMA):
            return
        if not of_all and _is_affirmed(pieces[earlier]):
            return
        if of_all and not pieces[earlier].there and _LIMITED_FIRST.fullmatch(pieces[earlier].text):
            return  # which spoke of those before it already
        if pieces[earlier].there:
            yield earlier
        if bare:
            return


def _is_affirmed(piece: Piece) -> bool:
    return piece.there and bool(_AFFIRMED.search(piece.text))
