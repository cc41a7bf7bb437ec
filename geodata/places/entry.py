"""The `entry` column: how one gets in, whether one registers first, and where that is done."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from geodata.errors import BadValue, Said
from geodata.vocabulary import YesNo

#: A line on a card, and an address that a sign could carry.
LONGEST_HOW: Final = 300
LONGEST_URL: Final = 500
ENTRY_RULE: Final = Said(
    "an entry is JSON of register (yes, no or null), how (a text of at most {longest_how}"
    " characters) and url (https://…, at most {longest_url} characters)",
    longest_how=LONGEST_HOW,
    longest_url=LONGEST_URL,
)


class PlaceEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of getting in beyond the sort of door; null is unknown."""

    register: YesNo | None = None
    """Whether one must register before the first visit."""
    how: str | None = None
    """In the operator's words: 先在小程序申请门禁."""
    url: str | None = None
    """Where one registers; https only."""


def read_entry(text: str) -> PlaceEntry:
    """The entry that a JSON text holds, its words freed of needless blanks.

    An empty text is unknown. Raises BadValue for what is no JSON object of these names, for a text
    that is too long, and for an address that is not https.
    """
    try:
        said = msgspec.json.decode(text, type=PlaceEntry)
    except (msgspec.MsgspecError, UnicodeError) as fault:
        raise BadValue("{rule}, not {text}", rule=ENTRY_RULE, text=text[:200]) from fault
    how, url = " ".join((said.how or "").split()), (said.url or "").strip()
    if len(how) > LONGEST_HOW or not how.isprintable() or (url and not is_https(url)):
        raise BadValue("{rule}, not {text}", rule=ENTRY_RULE, text=text[:200])
    return PlaceEntry(said.register, how or None, url or None)


def entry_text(entry: PlaceEntry) -> str | None:
    """The entry as the places table stores it; None where nothing of it is known."""
    if entry == PlaceEntry():
        return None
    return msgspec.json.encode(entry).decode()


def is_https(url: str) -> bool:
    """Whether a text is an address that a page may link to: https, a host, no one's name in it."""
    if len(url) > LONGEST_URL or not url.isprintable() or any(map(str.isspace, url)):
        return False
    try:
        parts = urlsplit(url)
        named = parts.hostname is not None and parts.username is None and (parts.port or 443) > 0
    except ValueError:
        return False
    return parts.scheme == "https" and named
