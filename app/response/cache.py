"""Bodies made once and sent often: compressed as well as can be, answered with 304.

Never looks into one.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from flask import Request, Response
from werkzeug.http import quote_etag

from app.response.headers import compress, reply, unchanged

#: In order of preference; what a client does not accept is left out.
_CODINGS: Final = ("br", "gzip")
#: Pictures are compressed already, and tiny bodies do not gain.
_COMPRESSED: Final = ("text/", "application/", "image/svg+xml")
_WORTH_COMPRESSING: Final = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class CachedBody:
    """One body, its type, the tag that names its content, and headers of its own."""

    body: bytes
    mimetype: str
    tag: str
    headers: tuple[tuple[str, str], ...] = ()
    vary: str = "Accept-Encoding"
    _coded: dict[str, bytes] = field(default_factory=dict)
    _coding_lock: Lock = field(default_factory=Lock)

    def send(self, request: Request, cache: str) -> Response:
        """The reply in the best coding the asker accepts, with a strong ETag over tag
        and coding.
        """
        coding = self._coding(request)
        named = (("Content-Encoding", coding),) if coding else ()
        tag = quote_etag(f"{self.tag}-{coding or 'plain'}")
        headers = (("ETag", tag), ("Vary", self.vary), *named, *self.headers)
        known = unchanged(request.environ, tag, cache, headers)
        return known or reply(self._in(coding), self.mimetype, cache, extra=headers)

    def _coding(self, request: Request) -> str:
        if len(self.body) < _WORTH_COMPRESSING or not self.mimetype.startswith(_COMPRESSED):
            return ""
        return request.accept_encodings.best_match(_CODINGS) or ""

    def _in(self, coding: str) -> bytes:
        if not coding:
            return self.body
        # Compressing a city takes 1.4 s: when a version is published all open pages ask, and one of
        # them is to do it.
        with self._coding_lock:
            if coding not in self._coded:
                self._coded[coding] = compress(self.body, coding, best=True)
            return self._coded[coding]


class BodyCache:
    """The bodies asked for last, by key, as many as fit; what nobody asked for longest goes first.

    `most_bytes` bounds the memory of all of them in all codings; one body alone may be larger.
    Threads may make one twice, never a wrong one.
    """

    def __init__(self, *, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._made: dict[Hashable, CachedBody] = {}
        self._weight = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], CachedBody]) -> CachedBody:
        """The body of a key, made when first asked for."""
        found = self._taken(key)
        if found is None:
            found = make()
            self._keep(key, found)
        return found

    def _taken(self, key: Hashable) -> CachedBody | None:
        with self._lock:
            found = self._made.pop(key, None)
            if found is not None:
                self._made[key] = found
            return found

    def _keep(self, key: Hashable, made: CachedBody) -> None:
        with self._lock:
            replaced = self._made.pop(key, None)
            self._weight += _weight(made) - (_weight(replaced) if replaced else 0)
            self._made[key] = made
            while self._weight > self._most_bytes and len(self._made) > 1:
                self._weight -= _weight(self._made.pop(next(iter(self._made))))


def _weight(stored: CachedBody) -> int:
    """Bytes that a body may come to hold: itself, two codings that are no longer, and its key and
    objects.
    """
    return 3 * len(stored.body) + 1_000
