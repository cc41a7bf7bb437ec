"""A form that comes twice is done once: a phone that lost its network before it was answered sends
it again, and is led to what came of it.

A page has a mark of its own in the token of its forms. What was done under a mark, by whom, at
which address and with which words is kept with the change itself, so that neither can be lost
without the other; another form of the same page is another thing.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Final
from urllib.parse import quote

from app.db import posts
from app.db.database import Connection
from app.db.posts import KeptReply

_BETWEEN: Final = "."
_BY: Final = "\n"
_DONE: Final = 303
#: Where a kind of thing stands at the desk; of others the first page.
_PAGES: Final[Mapping[str, str]] = {
    "job": "/desk/jobs/{}",
    "place": "/desk/places/{}",
    "letter": "/desk/letters/{}",
    "notice": "/desk/notices?done={}",
    "report": "/desk/reports",
    "wishes": "/desk/wishes",
    "account": "/desk/account",
    "template": "/desk/templates",
    "pin": "/desk/pins",
    "round": "/desk/round",
    "contact": "/desk/directory?of=contact",
    "event": "/desk/directory?of=event",
    "benefit": "/desk/directory?of=benefit",
}


class DoneBefore(Exception):  # it is no error: what was asked is done
    """The same form was done already; `thing` is what came of it."""

    def __init__(self, thing: str) -> None:
        super().__init__(thing)
        self.thing = thing

    @property
    def address(self) -> str:
        """The page of what came of it."""
        return page_of(self.thing)


def page_of(thing: str) -> str:
    """Where a thing of the audit, such as `job 3f9a`, stands at the desk."""
    kind, _, name = thing.partition(" ")
    return _PAGES.get(kind, "/desk/").format(quote(name, safe=""))


def marked(token: str) -> str:
    """A session's token with the mark of a page."""
    return f"{token}{_BETWEEN}{secrets.token_hex(8)}"


def parts_of(sent: str) -> tuple[str, str]:
    """The token of the session, and the mark of the page; empty where it has none."""
    token, _, mark = sent.partition(_BETWEEN)
    return token, mark[:64]


def key_of(
    account: int,
    path: str,
    mark: str,
    fields: Iterable[tuple[str, str]],
    files: Iterable[IO[bytes]],
) -> str:
    """What a form is known again by; empty without a mark."""
    if not mark:
        return ""
    digest = hashlib.sha256(f"desk\0{account}\0{path}\0{mark}".encode(errors="replace"))
    for name, value in fields:
        if name != "csrf":
            digest.update(f"\0{len(name)} {name}\0{len(value)} {value}".encode(errors="replace"))
    for file in files:
        file.seek(0)
        digest.update(hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]  # of any bytes
        file.seek(0)
    return digest.hexdigest()


def before(connection: Connection, key: str) -> str | None:
    """What came of a form that was done already; None: it was not, or it cannot be told."""
    return _held(connection, key)[0]


def keep(connection: Connection, key: str, thing: str, own: str, at: datetime) -> None:
    """Keep what comes of a form, in the unit that does it; of several things the first. `own` tells
    the request from another that sends the same. Raises DoneBefore where another came first.
    """
    held, whose = _held(connection, key)
    if held is None:
        said = f"{thing}{_BY}{own}".encode()
        posts.keep(connection, key, KeptReply(key, _DONE, said), at)
    elif whose != own:
        raise DoneBefore(held)


def _held(connection: Connection, key: str) -> tuple[str | None, str]:
    """What came of a form, and which request did it."""
    held = posts.kept(connection, key) if key else None
    if held is None:
        return None, ""
    thing, _, whose = held.reply.decode().rpartition(_BY)
    return thing, whose
