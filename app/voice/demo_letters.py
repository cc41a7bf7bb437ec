"""What a demo says: made up from a seed, marked as such, relative to now, anew at each start.

Its ids begin with `demo-`; what somebody wrote while trying the demo stays.
"""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.db import letters as stored
from app.db.database import Connection
from app.db.letters import DEMO, StoredHappening, StoredKey, StoredLetter
from app.request.letters import Category
from app.voice.keys import KeyRing
from app.voice.letter_box import Reply, Written
from app.voice.letter_seals import new_key
from app.voice.letters import Happening
from app.voice.receipts import hash_of, new_receipt, read_receipt

if TYPE_CHECKING:
    from geodata.snapshot.snapshot import Snapshot

_SEED: Final = 2022
_LETTERS: Final = 400
_OFFICES: Final = 6
_DAY: Final = timedelta(days=1)
_BY: Final = "演示 demo"
#: Five categories, how many of a hundred letters are about each, and what they say.
_ABOUT: Final = (
    (Category.STATION, 38, "驿站的热水器坏了三天，夜里没有热水喝。"),
    (Category.PLATFORM, 24, "暴雨天派单时间没有放宽，超时仍然扣钱。"),
    (Category.PAY, 16, "上个月的补贴没有到账，站长说不知道。"),
    (Category.SAFETY, 12, "驿站门口的台阶夜里没有灯，有人摔倒。"),
    (Category.BENEFITS, 10, "想参加圆梦计划的课程，不知道在哪里报名。"),
)
_ANSWER: Final = "已联系站点负责人，今天派人处理。（演示数据，并无此事）"
_MARK: Final = "（演示数据，并无此事）"


def fill(connection: Connection, keys: KeyRing, snapshot: "Snapshot", now: datetime) -> None:
    """Make the demo's content anew."""
    stored.forget_demo(connection)
    _fill_letters(connection, keys, _offices(snapshot), now)


def _offices(snapshot: "Snapshot") -> list[str]:
    """The street offices with the most places."""
    counted = Counter(snapshot.streets.of[snapshot.streets.of >= 0].tolist())
    names = snapshot.streets.names.tolist()
    return [names[at].decode() for at, _ in counted.most_common(_OFFICES)]


def _fill_letters(connection: Connection, keys: KeyRing, offices: list[str], now: datetime) -> None:
    chance = random.Random(_SEED)  # noqa: S311  # a demo is the same each time; receipts are not
    letters: list[StoredLetter] = []
    wrapped: list[StoredKey] = []
    happened: list[StoredHappening] = []
    for number in range(_LETTERS):
        received = now - chance.uniform(0.02, 89.5) * _DAY
        category, _, text = chance.choices(_ABOUT, [share for _, share, _ in _ABOUT])[0]
        letter_id = f"{DEMO}{number:03}"
        seal, key = new_key(keys, letter_id, received)
        receipt = hash_of(read_receipt(new_receipt()))
        street = chance.choice(offices) if offices else ""
        sealed = seal.seal(Written(text + _MARK))
        letters.append(StoredLetter(letter_id, receipt, category, street, "", received, sealed))
        wrapped.append(key)
        answer = seal.seal(Reply(_ANSWER))
        for turn, (kind, at) in enumerate(_life(chance, received), 1):
            if at >= now:
                break
            said = answer if kind is Happening.ANSWERED else None
            happened.append(StoredHappening(letter_id, turn, at, kind, _BY, {}, said))
    stored.add(connection, letters, wrapped, happened)


def _life(chance: random.Random, received: datetime) -> list[tuple[Happening, datetime]]:
    """What happens to a letter, and when; most are answered within days, some wait."""
    assigned = received + chance.uniform(0.02, 1.5) * _DAY
    answered = assigned + chance.lognormvariate(0.4, 0.9) * _DAY
    ended = answered + chance.lognormvariate(0.8, 0.8) * _DAY
    fate = chance.random()
    life = [(Happening.ASSIGNED, assigned), (Happening.ANSWERED, answered)]
    if fate < 0.06:
        return life[:1]
    if fate < 0.12:
        return [life[0], (Happening.REFUSED, answered)]
    if fate < 0.30:
        return life
    if fate < 0.42:
        again = ended + chance.uniform(0.5, 5) * _DAY
        later = again + chance.uniform(0.5, 6) * _DAY
        return [
            *life,
            (Happening.NOT_SOLVED, ended),
            (Happening.ANSWERED, again),
            (Happening.SOLVED, later),
        ]
    return [*life, (Happening.SOLVED, ended)]
