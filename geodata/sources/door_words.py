"""How one gets in, as door columns and remarks say it: 刷脸, 扫码, 无需登记, 先在小程序申请门禁.

Words are looked for clause by clause, and a negation turns the words of its own clause only. What
is said twice and differently is unknown.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from geodata.places.entry import LONGEST_HOW, is_https
from geodata.vocabulary import DOOR_WORDS, Door, YesNo

_WORDS: Final[Mapping[Door, str]] = {
    Door.FACE: "刷脸 人脸 脸部识别 面部识别 面容 扫脸 刷脸机 face",
    Door.QR: "扫码 二维码 扫一扫 扫描 凭码 亮码 刷码 扫微信 qr",
    Door.CODE: "密码 口令 验证码 开门码 数字锁 pin码",
    Door.STAFFED: "值守 值班 专人 工作人员 保安 前台 人工 管理员 店员 服务员 人员 按门铃 staffed",
    Door.OPEN: "自由进出 自由出入 自由进入 随意进出 随意进入 直接进入 直接进 直接入内 敞开 开放式 "
    "全开放 "
    "无门禁 不设门禁 没有门禁 免门禁 无需门禁 不需要门禁 不用门禁 无门 不锁门 推门即入 推门进入 "
    "随时进出 开放",
}
#: Word -> the door it speaks of, the longest first.
_DOORS: Final[Mapping[str, Door]] = {
    word: door
    for door, words in _WORDS.items()
    for word in (*words.split(), door.value, DOOR_WORDS[door].official)
}
_DOOR_WORD: Final = re.compile("|".join(sorted(map(re.escape, _DOORS), key=len, reverse=True)))
_REGISTER: Final = re.compile(
    r"登记|预约|申请|注册|实名|认证|开通|备案|报名|授权|录入|录脸|采集人脸"
)
#: Before a word these say that it is not so; 免 and 无需 also where the word is one of registering.
_NOT: Final = (
    r"(?:无需|无须|不需要?|不须|不用|不必|毋需|免|未|没有?|无|非|不支持|不可|不能|不设|不采用|取消|"
    r"已取消|不再|勿)"
)
_NEGATED: Final = re.compile(
    rf"{_NOT}(?:要|任何|再|提前|事先|先|另行|使用|额外|进行|实名|扫码|人脸)*$"
)
#: Where and how one registers, which is not yet the door: 扫码登记, 在前台登记.
_REGISTERING: Final = re.compile(
    r"(?:扫码|扫二维码|刷脸|人脸|在?前台|在?保安处?|工作人员|管理员|人工)处?(?:进行|录入|信息)?"
    r"(?:登记|预约|申请|注册|实名|认证|报名|录入|备案)"
)
_LOCK: Final = "门禁"
#: Nobody knows whether a clause with one of these still holds, or which of two doors it is.
_DOUBT: Final = re.compile(r"故障|损坏|坏了|维修|暂停|停用|原|曾|将|拟|待|可能|或许|是否|[?？]")
_CLAUSES: Final = re.compile(r"[,，;；。!、\n\r|]+|(?<=\D)\.(?=\D|$)")
_URL: Final = re.compile(
    r"(?:https?://|www\.)[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef<>\"'()]+", re.IGNORECASE
)
#: What a clause of a remark says besides, where it speaks of getting in.
_ENTERING: Final = re.compile(r"进|入|开门|开锁|门禁|通行|出入|门锁|大门")
_ASKED: Final = re.compile(
    rf"(?:需要?|须|应|请|先|提前|事先|凭|要|{_NOT})[^,]{{0,8}}(?:登记|预约|申请|注册|实名|认证|开通|备案|授权)|"
    r"(?:登记|预约|申请|注册|认证|授权)(?:后|方可|才|即可)|门禁申请|申请门禁"
)


@dataclass(frozen=True, slots=True)
class Entering:
    """What a text says of getting in; None: nothing."""

    door: Door | None = None
    register: YesNo | None = None
    how: str | None = None
    url: str | None = None
    unsafe: tuple[str, ...] = ()
    """Addresses that are not https, which no page may link to."""


@cache
def entering(text: str) -> Entering:
    """What a cell of a door or entry column says."""
    even, url, unsafe = _address(text)
    clauses = [each for each in map(str.strip, _CLAUSES.split(even)) if each]
    door, register = _door(clauses), _register(clauses)
    how = " ".join(even.split()).strip(" :，,。;；")
    plain = how.lower() in _DOORS or how in (word.official for word in DOOR_WORDS.values())
    worth = how and not plain and not _is_bare(how, door, register)
    return Entering(door, register, how[:LONGEST_HOW] if worth else None, url, unsafe)


@cache
def remarked(text: str) -> Entering:
    """What a remark says of getting in; most remarks say nothing of it."""
    even, url, unsafe = _address(text)
    clauses = [
        each
        for each in map(str.strip, _CLAUSES.split(even))
        if (_ENTERING.search(each) and (_DOOR_WORD.search(each) or _LOCK in each))
        or _ASKED.search(each)
    ]
    if not clauses:
        return Entering()
    how = "，".join(clauses)
    return Entering(
        _door([each for each in clauses if _ENTERING.search(each)]),
        _register(clauses),
        how[:LONGEST_HOW],
        url,
        unsafe,
    )


def _address(text: str) -> tuple[str, str | None, tuple[str, ...]]:
    """The text without addresses, its one https address, and the others."""
    even = unicodedata.normalize("NFKC", text)
    found = [each.rstrip(".,;:!?)") for each in _URL.findall(even)]
    safe = [each for each in found if is_https(each)]
    rest = even
    for each in found:
        rest = rest.replace(each, " ")
    rest = "".join(letter if letter.isprintable() else " " for letter in rest)
    return (
        rest,
        safe[0] if safe else None,
        (*(each for each in found if each not in safe), *safe[1:]),
    )


def _door(clauses: list[str]) -> Door | None:
    """The one door that all clauses speak of; None where there is none, or several."""
    found: set[Door] = set()
    for clause in clauses:
        said = {*_doors(clause.lower())}
        if (said or _LOCK in clause) and _DOUBT.search(clause):
            return None
        found |= said
    if Door.OPEN in found and len(found) > 1:
        return None
    return next(iter(found)) if len(found) == 1 else None


def _doors(clause: str) -> Iterator[Door]:
    clause = _REGISTERING.sub("", clause)
    for word in _DOOR_WORD.finditer(clause):
        if not _NEGATED.search(clause[: word.start()]):
            yield _DOORS[word[0]]


def _register(clauses: list[str]) -> YesNo | None:
    said: set[YesNo] = set()
    for clause in clauses:
        for word in _REGISTER.finditer(clause):
            if _DOUBT.search(clause):
                return None
            negated = _NEGATED.search(clause[: word.start()])
            said.add(YesNo.NO if negated else YesNo.YES)
    return next(iter(said)) if len(said) == 1 else None


def _is_bare(how: str, door: Door | None, register: YesNo | None) -> bool:
    """Whether door and register already say all that a text does: 刷脸进入, 免登记."""
    bare = _DOOR_WORD.sub("", how.lower()) if door else how
    if register is YesNo.NO:
        bare = re.sub(rf"{_NOT}要?(?:登记|预约|申请|注册)", "", bare)
    return bare != how and not re.sub(
        r"进入|进门|进出|入内|出入|识别|开门|开锁|方式|门禁|有人|系统|锁|[\s,，、+/()（）]",
        "",
        bare,
    )
