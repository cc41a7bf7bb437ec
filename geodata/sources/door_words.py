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
#: Before a word of registering these say that nobody has to.
_FREE: Final = (
    r"(?:无需|无须|不需要?|不须|不用|不必|毋需|免|不要求|不再(?:需要?)?|已?取消)"
    r"(?:要|任何|再|提前|事先|先|另行|额外|进行|实名|线上|线下|现场|在|到|去|前台|保安处?|柜台|门卫处?|服务台)*"
)
#: Before a word these say that it is not so.
_NOT: Final = (
    r"(?:无需|无须|不需要?|不须|不用|不必|毋需|免|尚未|暂未|未|没有?|无法|无|并非|不是|非|不支持|不可|不能"
    r"|不得|不设|不采用|不允许|不准|不再|暂不|不|已?取消|禁止|严禁|谢绝|请?勿)"
)
_NEGATED: Final = re.compile(
    rf"{_NOT}(?:要|任何|再|提前|事先|先|另行|使用|额外|进行|实名|扫码|人脸|对外|向|对|公众|骑手|专职|专人|固定"
    r"|工作人员|管理员|保安|人员|人|找|联系|设|有|能|可以?|完全|全面|随意|配备|安排|开通|启用|提供|支持"
    r"|在|到|去|前台|保安处?|柜台|门卫处?|服务台|线上|线下)*$"
)
#: Right behind a word these take it back, or leave it unsure: 人脸识别未启用, 前台无人.
_TAKEN_BACK: Final = re.compile(
    r"(?:识别|锁|门禁|系统|功能|设备|机|开门|进门|进入|出入|方式|服务)*(?:目前|现|均|已经?|被|暂时?|尚|还|并)*"
    r"(?:未|没|不(?!限|收费|需|用|必|上锁|锁|打烊|关)|无(?!需|须|障碍|押金|密码)|除外|禁|关闭|取消)"
)
#: Nobody gets in without it: 未登记不得入内.
_MUST: Final = re.compile(
    r"(?:未经?|不(?![需用必须])|没有?|无(?![需须])|非)([^,\s]{1,8}?)(?:的|者|人员)?(?:一律)?"
    r"(?:不得|不能|不可|不准|不许|不予|不|禁止|无法|谢绝|拒绝|请?勿)"
    # Of a kitchen or a machine room nothing follows for the place.
    r"(?:开门|开锁|通行|出入|使用|接待|办理|[进入]+(?:内|门|[本该]?站|驿站|场|馆|室内)?(?=$|[,\s]))"
)
#: Before a word of registering, and behind it: one may, and need not.
_MAY: Final = re.compile(
    r"(?:可以?|建议|最好|推荐|欢迎|鼓励|自愿|[不非无]强制)(?:提前|事先|线上|在线|电话|现场|先)*$"
)
_OPTIONAL: Final = re.compile(r"^[^,]{0,3}(?:选填|自愿|可选|非必|不强制)")
#: Where and how one registers, which is not yet the door: 扫码登记, 在前台登记.
_REGISTERING: Final = re.compile(
    r"(?:扫码|扫二维码|刷脸|人脸|在?前台|在?保安处?|工作人员|管理员|人工)处?(?:进行|录入|信息)?"
    r"(?:登记|预约|申请|注册|实名|认证|报名|录入|备案)"
)
_LOCK: Final = "门禁"
#: Nobody knows whether a clause with one of these still holds, or which of two doors it is.
_DOUBT: Final = re.compile(
    r"故障|损坏|坏|失[灵效]|维修|检修|暂停|停用|拆|原|曾|将|拟|待|可能|或许|是否|有时|偶尔|部分|[?？]"
)
#: A clause of one door at some hours, or for some people only.
_IN_PART: Final = re.compile(
    r"夜间|晚上|晚间|深夜|白天|日间|上午|下午|凌晨|工作日|周[一二三四五六日末]|星期|节假日|(?:工作|上班|值班|营业)时间"
    r"|期间|下班|打烊|(?:无人|没人|不在)(?:时|的话)|\d{1,2}[:点]|[仅只](?:限|供|对)|限员工|员工|职工|会员|内部|对内|业主|住户"
)
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
        either = "或" in clause and _REGISTERING.search(clause)  # 刷脸或前台登记
        unsure = either or _DOUBT.search(clause) or _IN_PART.search(clause)
        if (said or _LOCK in clause) and unsure:
            return None
        found |= said
    if Door.OPEN in found and len(found) > 1:
        return None
    return next(iter(found)) if len(found) == 1 else None


def _doors(clause: str) -> Iterator[Door]:
    must = _MUST.search(clause)
    if must:
        its = (_DOORS[word[0]] for word in _DOOR_WORD.finditer(must[1]))
        yield from (door for door in its if door is not Door.STAFFED or must[0][0] != "非")
        clause = _without(clause, must)
    clause = _REGISTERING.sub("", clause)
    for word in _DOOR_WORD.finditer(clause):
        before, behind = clause[: word.start()], clause[word.end() :]
        if not _NEGATED.search(before) and not _TAKEN_BACK.match(behind):
            yield _DOORS[word[0]]


def _register(clauses: list[str]) -> YesNo | None:
    said: set[YesNo | None] = set()
    for clause in clauses:
        must = _MUST.search(clause)
        if must:
            said |= {YesNo.YES for _ in _REGISTER.finditer(must[1])}
            clause = _without(clause, must)  # noqa: PLW2901  # what is left of it
        for word in _REGISTER.finditer(clause):
            said.add(_duty(clause, word))
    return next(iter(said)) if len(said) == 1 else None


def _without(clause: str, part: re.Match[str]) -> str:
    return f"{clause[: part.start()]} {clause[part.end() :]}"


def _duty(clause: str, word: re.Match[str]) -> YesNo | None:
    """Whether a clause asks for one act of registering; None: it does not say, as 扫码未开通."""
    before, behind = clause[: word.start()], clause[word.end() :]
    if re.search(rf"{_FREE}$", before) and not _DOUBT.search(clause):
        return YesNo.NO
    unsure = _NEGATED.search(before) or _MAY.search(before) or _OPTIONAL.match(behind)
    other = "或" in clause and _DOOR_WORD.search(_REGISTERING.sub("", clause))
    return None if unsure or other or _DOUBT.search(clause) else YesNo.YES


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
