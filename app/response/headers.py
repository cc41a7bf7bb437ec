"""How a reply travels: caching, compression, CORS and the security headers.

Replies are made here and not patched afterwards: an after-request hook costs every request, this
costs those who ask.
"""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import brotli
from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.http import quote_etag

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: A reply with a position in it: kept by nobody.
PRIVATE: Final = "private, no-store"
#: A URL that names its version: kept for a year.
IMMUTABLE: Final = "public, max-age=31536000, immutable"
#: May be kept, but asked about each time (ETag).
REVALIDATE: Final = "public, no-cache"

#: True for the version that made it, and harmless for a while after: kept for a quarter of an hour.
A_WHILE: Final = "public, max-age=900"


def until_quarter_ends(quarter: datetime, now: datetime) -> str:
    """A reply that is true for the quarter of an hour that begins at `quarter`: kept
    until it ends.
    """
    left_s = (quarter - now).total_seconds() + 900
    return f"public, max-age={max(0, min(900, int(left_s)))}"


#: Smaller bodies do not gain from compression.
_WORTH_COMPRESSING: Final = 1_000
#: Made per request: brotli 4 and gzip 5 cost 0.3 ms for 23 kB; stored replies are compressed once,
#: as well as can be.
_QUICK: Final = {"br": 4, "gzip": 5}
_BEST: Final = {"br": 11, "gzip": 9}
#: zlib's way to say: the widest window, with gzip's header and checksum.
_GZIP_WBITS: Final = 31

CORS: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Content-Crs, Content-Disposition, ETag, Retry-After"),
)
#: What pages are made of: nobody reads that from another origin, and a phone pays for each header.
_PAGES: Final = ("text/html", "text/css", "text/javascript", "image/")
SECURITY: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
#: Of data, which no page frames and which runs nothing when it is shown. Scripts have none of it:
#: what the file of a service worker says binds the worker.
LOCKED: Final = (("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),)
#: Of what only one person may read: its address is told to nobody.
UNREFERRED: Final = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
#: Of a page with forms: a browser that says no Sec-Fetch-Site says Origin only if its address may
#: be told to its own server.
OWN_REFERRED: Final = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"))

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
#: IANA's name of Mapbox vector tiles.
TILE: Final = "application/vnd.mapbox-vector-tile"


_BLANK: Final = vars(Response(b"", 200, mimetype=JSON))


class Finished(Response):
    """A reply whose bytes and headers are final: sent as they are, without werkzeug working them
    out again.

    That took as long as answering the question. Its headers are not to be changed afterwards;
    `headers`, `get_data` and the like are there for who reads it.
    """

    _shown: Headers | None

    def __init__(self, body: bytes, status: int, headers: list[tuple[str, str]]) -> None:
        # All that werkzeug's constructor sets, taken from one that it made: a twentieth of what
        # calling it costs.
        self.__dict__.update(_BLANK)
        if status != 200:
            self.status_code = status
        self.response = [body]
        self._on_close = []
        self._body = body
        self._finished = [*headers, ("Content-Length", str(len(body)))]
        self._shown = None

    @property
    def headers(self) -> Headers:
        """What is sent, for who reads it; made when first asked for."""
        if self._shown is None:
            self._shown = Headers(self._finished)
        return self._shown

    @headers.setter
    def headers(self, headers: Headers) -> None:
        """Others than it was made with."""
        self._shown = headers

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """The WSGI side: a HEAD request gets no body."""
        start_response(self.status, self._finished)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self._body]


def reply(
    body: bytes,
    mimetype: str,
    cache: str,
    *,
    status: int = 200,
    accept_encoding: str = "",
    best: bool = False,
    cors: bool = True,
    extra: tuple[tuple[str, str], ...] = (),
) -> Response:
    """A reply with its headers, compressed as the asker accepts. Without `cors` no page of another
    origin reads it.
    """
    chosen = coding(accept_encoding) if len(body) >= _WORTH_COMPRESSING else ""
    if chosen:
        body = compress(body, chosen, best=best)
        extra = (*extra, ("Content-Encoding", chosen))
    return Finished(body, status, [*_usual(mimetype, cache, cors=cors), *extra])


@lru_cache(maxsize=4096)
def _usual(mimetype: str, cache: str, *, cors: bool = True) -> tuple[tuple[str, str], ...]:
    """What every reply of a kind says; few differ, even with all lifetimes in seconds."""
    kind = f"{mimetype}; charset=utf-8" if mimetype.startswith("text/") else mimetype
    is_page = mimetype.startswith(_PAGES)
    shared = CORS if cors and not is_page else ()
    locked = () if is_page else LOCKED
    return ("Content-Type", kind), ("Cache-Control", cache), *shared, *SECURITY, *locked


def streamed(chunks: Iterable[bytes], mimetype: str, cache: str, accept_encoding: str) -> Response:
    """A reply that is sent as it is made, compressed as the asker accepts."""
    chosen = coding(accept_encoding)
    headers = [
        ("Content-Type", mimetype),
        ("Cache-Control", cache),
        *CORS,
        *SECURITY,
        *LOCKED,
        ("Vary", "Accept-Encoding"),
    ]
    if chosen:
        headers.append(("Content-Encoding", chosen))
        chunks = _compressed(chunks, chosen)
    return Response(chunks, headers=headers)


def _compressed(chunks: Iterable[bytes], chosen: str) -> Iterator[bytes]:
    if chosen == "br":
        quick = brotli.Compressor(quality=_QUICK["br"])
        add, finish = quick.process, quick.finish
    else:
        deflate = zlib.compressobj(_QUICK["gzip"], wbits=_GZIP_WBITS)
        add, finish = deflate.compress, deflate.flush
    yield from filter(None, map(add, chunks))
    yield finish()


def compress(body: bytes, coding: str, *, best: bool) -> bytes:
    """A body in a content coding, quickly or as well as can be."""
    level = (_BEST if best else _QUICK)[coding]
    if coding == "br":
        return bytes(brotli.compress(body, quality=level))
    return gzip.compress(body, level, mtime=0)


def coding(accepted: str) -> str:
    """The best coding a client names.

    Refusals by q=0 are rare and spelt out, so they are looked for.
    """
    if not accepted:
        return ""
    return next((name for name in ("br", "gzip") if _accepts(accepted, name)), "")


def accepts_gzip(accepted: str) -> bool:
    """Whether a client takes gzip, whatever else it takes."""
    return _accepts(accepted, "gzip")


def _accepts(accepted: str, name: str) -> bool:
    plain = accepted.replace(" ", "").lower()
    return name in plain and f"{name};q=0," not in f"{plain}," and f"{name};q=0.0" not in plain


def tagged(
    make: Callable[[], bytes],
    mimetype: str,
    cache: str,
    environ: Mapping[str, str],
    depends_on: Sequence[str],
    *,
    vary: str = "Accept-Encoding",
    extra: tuple[tuple[str, str], ...] = (),
) -> Response:
    """A reply with a strong ETag over what it depends on and its coding.

    304 where the client holds it already.
    """
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    tag = quote_etag("-".join((*depends_on, coding(accepted) or "plain")))
    headers = (("ETag", tag), ("Vary", vary), *extra)
    known = unchanged(environ, tag, cache, headers)
    return known or reply(make(), mimetype, cache, accept_encoding=accepted, extra=headers)


def stored_gzip(
    packed: bytes | None, mimetype: str, tag: str, environ: Mapping[str, str]
) -> Response:
    """A reply that is stored gzipped, under an address that names its version and with this quoted
    ETag; 204 where nothing is stored. Who takes no gzip gets it unpacked.
    """
    headers = (("ETag", tag), ("Vary", "Accept-Encoding"))
    known = unchanged(environ, tag, IMMUTABLE, headers)
    if known:
        return known
    if packed is None:
        return Response(
            status=204, headers=[("Cache-Control", IMMUTABLE), *CORS, *SECURITY, *headers]
        )
    if not accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return Finished(gzip.decompress(packed), 200, [*_usual(mimetype, IMMUTABLE), *headers[1:]])
    gzipped = ("Content-Encoding", "gzip")
    return Finished(packed, 200, [*_usual(mimetype, IMMUTABLE), *headers, gzipped])


def unchanged(
    environ: Mapping[str, str], tag: str, cache: str, headers: tuple[tuple[str, str], ...]
) -> Response | None:
    """Where the client's conditions forbid to send the reply with this quoted ETag: 412 where it
    wants another one, 304 where it holds this one; else None.

    In the order of RFC 9110, 13.2.2. Conditions on dates are left out: no reply has one.
    """
    wanted = environ.get("HTTP_IF_MATCH")
    if wanted is not None and not _wanted(wanted, tag):
        return Response(status=412, headers=[("Cache-Control", "no-store"), *CORS, *SECURITY])
    if not _held(environ.get("HTTP_IF_NONE_MATCH", ""), tag):
        return None
    return Response(status=304, headers=[("Cache-Control", cache), *CORS, *SECURITY, *headers])


def _wanted(if_match: str, tag: str) -> bool:
    """RFC 9110, 13.1.1: strong comparison, or any."""
    wanted = {part.strip() for part in if_match.split(",")}
    return "*" in wanted or tag in wanted


def _held(if_none_match: str, tag: str) -> bool:
    """RFC 9110, 13.1.2: weak comparison, or any."""
    held = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in held or tag in held
