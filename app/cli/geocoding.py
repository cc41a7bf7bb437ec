"""Asks a geocoding service by the owner's key: slowly, each address once, and only when told to."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import msgspec

from app.cli import terminal
from geodata.errors import BadValue, UnreadableFile, why_of

if TYPE_CHECKING:
    from geodata.sources.locate.book import AddressBook
    from geodata.sources.locate.ladder import Found, Sought
    from geodata.sources.locate.providers import Provider, Recorded

#: Questions in a second: the least that any of the services allows a free key.
PER_SECOND: Final = 3.0
_TIMEOUT_S: Final = 15
_LONGEST_REPLY: Final = 1 << 20
_LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A service, and how it is asked."""

    provider: "Provider"
    key: str
    base: str
    """Where it is asked: scheme and host."""
    city: str
    kept: Path
    """Replies of earlier runs, a line each."""

    def answers(
        self,
        sought: Sequence["Sought"],
        book: "AddressBook",
        day: date,
        heard: Callable[[int], None],
        wait: Callable[[float], None] = time.sleep,
    ) -> Iterator["Found"]:
        """What its replies are worth, in order. Raises BadValue where it refuses or is away."""
        from geodata.sources.locate.providers import weighed

        known = self._known()
        for done, each in enumerate(sought, 1):
            asked = f"{each.district}{each.street}{each.address}" if each.address else ""
            reply = known.get(asked)
            if reply is None:
                if done > 1:
                    wait(1 / PER_SECOND)
                reply = known[asked] = self._ask(asked, day)
                self._keep(reply)
            heard(done)
            yield weighed(reply, each, book)

    def _ask(self, asked: str, day: date) -> "Recorded":
        from geodata.sources.locate.providers import path_of, recorded

        url = self.base + path_of(self.provider, asked, self.city, self.key)
        if urlsplit(url).scheme not in ("https", "http"):
            raise BadValue("{url} is no web address", url=self.base)
        try:
            request = Request(url, headers={"User-Agent": "nuanfeng"})  # noqa: S310  # http or https
            with urlopen(request, timeout=_TIMEOUT_S) as reply:  # noqa: S310  # as above
                body = reply.read(_LONGEST_REPLY)
        except (URLError, TimeoutError, OSError) as fault:
            raise BadValue(
                "{host} does not answer: {why}",
                host=urlsplit(self.base).netloc,
                why=getattr(fault, "reason", fault),
            ) from None
        return recorded(self.provider, asked, body, day)

    def _known(self) -> dict[str, "Recorded"]:
        from geodata.sources.locate.providers import Recorded

        try:
            lines = self.kept.read_bytes().splitlines()
        except FileNotFoundError:
            return {}
        found = [msgspec.json.decode(line, type=Recorded) for line in lines if line]
        return {each.asked: each for each in found if each.provider == self.provider}

    def _keep(self, reply: "Recorded") -> None:
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        with self.kept.open("ab") as out:
            out.write(msgspec.json.encode(reply) + b"\n")


def key_in(path: Path) -> str:
    """The key that a file holds as its only word. Raises UnreadableFile."""
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise UnreadableFile("{file} cannot be read: {why}", file=path, why=why_of(fault)) from None
    except UnicodeDecodeError:
        key = ""
    if not key or len(key) > _LONGEST_KEY or len(key.split()) != 1:
        raise UnreadableFile("{file} holds no key: it is one word on one line", file=path)
    return key


def tell_what_is_sent(asked: Asked, count: int) -> None:
    """A sentence before anything leaves this machine."""
    terminal.warn(
        "Sends {count:,} addresses, the city's name and your key to {host}; names, telephones and"
        " everything else stay here. Replies are kept in {file}.",
        count=count,
        host=urlsplit(asked.base).netloc,
        file=asked.kept,
    )
