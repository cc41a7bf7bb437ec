"""The one way in for a post: who sent it, once only, within an allowance, and all of it or nothing.

A view reads its request by `asked`, and hands over a unit of work: a function of a connection and
of who posts, which writes one to three rows and gives the reply. `Voice.post` runs it together with
what makes it safe to ask again: the reply is kept under the Idempotency-Key in the same
transaction, and given again to whoever asks with the same key and the same body.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple, TypeVar

import msgspec
from flask import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge

from app.db import posts
from app.db.database import Connection, Database
from app.db.posts import KeptReply
from app.request import parsing
from app.request.posted import body
from app.response.headers import JSON, LOCKED, SECURITY, Finished
from app.response.problems import BadParameters, Fault
from app.response.refusals import CrossSite, KeyReused
from app.voice import allowances, networks
from app.voice.keys import KeyRing
from app.voice.networks import Poster

T = TypeVar("T", bound=msgspec.Struct)

#: No post of voice is longer.
MOST_BYTES: Final = 32_768
#: A key that a phone makes: a UUID, or as much chance otherwise written (with the quotes of a
#: structured field, or without).
_KEY: Final = re.compile(r'"?([A-Za-z0-9_.:+/=-]{16,64})"?')
_OWN: Final = frozenset({"same-origin", "none"})
_KEPT: Final = timedelta(days=7)
_SWEPT_EVERY: Final = timedelta(minutes=10)
_NEVER_KEPT: Final = (("Content-Type", JSON), ("Cache-Control", "no-store"), *SECURITY, *LOCKED)


class PostAsked(NamedTuple):
    """A post as it was sent."""

    key: str
    """The hash of its Idempotency-Key."""
    sent: bytes
    print: str
    """The hash of the method, the path and the body: the same key with another is refused."""
    network: str
    now: datetime

    def read(self, into: type[T]) -> T:
        """The JSON as a value. Raises BadParameters, which names the member at fault."""
        return parsing.of_json(self.sent, into)


class Outcome(NamedTuple):
    """What a unit gives: a status, and a value of JSON."""

    status: int
    body: object

    def response(self) -> Response:
        """As it is sent: kept by nobody, read from no other origin."""
        return sent(self.status, msgspec.json.encode(self.body))


Unit = Callable[[Connection, Poster], Outcome]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many posts an hour allows; 0: any number."""

    reports: int = 30
    wishes: int = 5
    letters: int = 3
    codes: int = 10
    """Wrong receipts."""
    place: int = 20
    """Reports about one place, from all."""
    hot: int = 10
    """From so many on a report needs a proof of work."""


class Voice:
    """The database of what people say, its keys and its limits; made once a process."""

    def __init__(self, database: Database, keys: KeyRing, limits: Limits) -> None:
        self.database, self.keys, self.limits = database, keys, limits
        self._swept_at: datetime | None = None
        self._sweeping = Lock()

    def post(self, asked: PostAsked, what: str, most: int, unit: Unit) -> Response:
        """Run a unit once, however often it is asked for, and count it as `what`.

        Raises KeyReused, Spent, VoiceAway, and what the unit raises; then nothing was written.
        """
        sweeps = self._sweeps(asked.now)

        def whole(connection: Connection) -> tuple[int, bytes]:
            known = _known(connection, asked)
            if known is not None:
                return known
            poster = networks.poster(connection, asked.network, asked.now)
            if most:
                allowances.of_network(connection, poster, what, asked.now).take(asked.now, most)
            outcome = unit(connection, poster)
            reply = msgspec.json.encode(outcome.body)
            answered = KeptReply(asked.print, outcome.status, reply)
            posts.keep(connection, asked.key, answered, asked.now)
            if sweeps:
                forget(connection, asked.now)
            return outcome.status, reply

        return sent(*self.database.write(whole))

    def _sweeps(self, now: datetime) -> bool:
        with self._sweeping:
            at = self._swept_at
            if at is not None and at <= now < at + _SWEPT_EVERY:
                return False
            self._swept_at = now
            return True


def asked(request: Request, now: datetime, *, key: str | None = None) -> PostAsked:
    """A post of JSON, read from its request; `key` where it does not stand in its header.

    Raises CrossSite, BadParameters where the Idempotency-Key is missing or no key; aborts as
    `app.request.posted.body` does.
    """
    require_own(request)
    hashed = key_of(request.headers.get("Idempotency-Key") if key is None else key)
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge
    content = b"" if request.method == "DELETE" else body(request)
    if len(content) > MOST_BYTES:
        raise RequestEntityTooLarge
    return stated(request, hashed, content, now)


def stated(request: Request, key: str, content: bytes, now: datetime) -> PostAsked:
    """A post of which the key's hash and the body are known already, such as that of a form."""
    told = b"\n".join((request.method.encode(), request.path.encode(), content))
    fingerprint = hashlib.sha256(told).hexdigest()
    return PostAsked(key, content, fingerprint, networks.network_of(request.remote_addr), now)


def require_own(request: Request) -> None:
    """Whether our own page, or no page, sent a request. Raises CrossSite."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        own = site in _OWN
    else:
        origin = request.headers.get("Origin", "")
        own = origin.casefold() == request.host_url.rstrip("/").casefold()
    if not own:
        raise CrossSite


def key_of(stated_key: str | None) -> str:
    """The hash of an Idempotency-Key. Raises BadParameters."""
    if stated_key is None:
        raise BadParameters(
            [
                Fault(
                    "Idempotency-Key",
                    "This header is required: a new random key for each thing that is sent.",
                    {},
                )
            ]
        )
    found = _KEY.fullmatch(stated_key)
    if found is None:
        raise BadParameters(
            [
                Fault(
                    "Idempotency-Key",
                    "It takes 16 to 64 letters and digits that nobody can guess, such as a UUID.",
                    {},
                )
            ]
        )
    return hashlib.sha256(found[1].encode()).hexdigest()


def sent(status: int, content: bytes) -> Response:
    """A reply to a post: kept by nobody, and without CORS."""
    return Finished(content, status, list(_NEVER_KEPT))


def forget(connection: Connection, now: datetime) -> None:
    """Let go of keys, counts and salts whose time is over."""
    posts.forget_kept(connection, now - _KEPT)
    allowances.forget(connection, now)
    networks.forget(connection, now)


def _known(connection: Connection, asked: PostAsked) -> tuple[int, bytes] | None:
    """What was answered under this key. Raises KeyReused."""
    answered = posts.kept(connection, asked.key)
    if answered is None:
        return None
    if answered.print != asked.print:
        raise KeyReused
    return answered.status, answered.reply
