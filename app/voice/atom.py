"""The notices as a feed of Atom (RFC 4287), by ElementTree: each entry links to its page and to its
CAP message.
"""

from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from app.voice import cap
from app.voice.live_notices import NoticesNow
from app.voice.notices import Notice
from app.words import Language, say

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
MIMETYPE: Final = "application/atom+xml"
#: Of a feed without entries: nothing was ever changed.
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def feed(
    now: NoticesNow, dataset: str, origin: str, language: Language, *, synthetic: bool
) -> bytes:
    """The notices in force and to come, and those that were cancelled before they were over, the
    latest first; `origin` is the address of this server, without a slash at its end.
    """
    ET.register_namespace("", NAMESPACE)
    told = sorted(
        (*now.notices, *now.cancelled),
        key=lambda each: (each.latest.sent, each.id),
        reverse=True,
    )
    root = ET.Element(_tag("feed"), {"xml:lang": language})
    title = say(language, "Notices · Nuanfeng")
    _add(root, "title", _marked(title, language, synthetic=synthetic))
    _add(root, "id", f"urn:nuanfeng:{dataset}:notices")
    _add(root, "updated", _stamp(max((each.latest.sent for each in told), default=_NEVER)))
    author = _add(root, "author")
    _add(author, "name", cap.sender(dataset))
    _link(root, "self", f"{origin}/notices.atom?lang={language}", MIMETYPE)
    _link(root, "alternate", f"{origin}/notices?lang={language}", "text/html")
    for notice in told:
        _add_entry(root, notice, dataset, origin, language)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(
    root: ET.Element, notice: Notice, dataset: str, origin: str, language: Language
) -> None:
    text, entry = notice.body.text(language), _add(root, "entry")
    title = text.headline
    if notice.is_cancelled:
        title = say(language, "Cancelled: {headline}", headline=title)
    _add(entry, "title", title)
    _add(entry, "id", f"urn:nuanfeng:{dataset}:notice:{notice.id}")
    _add(entry, "updated", _stamp(notice.latest.sent))
    _add(entry, "published", _stamp(notice.versions[0].sent))
    _add(entry, "summary", f"{text.description}\n\n{text.instruction}")
    _link(entry, "alternate", f"{origin}/n/{notice.id}?lang={language}", "text/html")
    _link(entry, "related", f"{origin}/notices/{notice.latest.identifier}.cap", cap.MIMETYPE)


def _marked(title: str, language: Language, *, synthetic: bool) -> str:
    return say(language, "{title} (made-up data)", title=title) if synthetic else title


def _link(parent: ET.Element, relation: str, address: str, kind: str) -> None:
    ET.SubElement(parent, _tag("link"), {"rel": relation, "href": address, "type": kind})


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, _tag(name))
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
