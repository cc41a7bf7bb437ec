"""A version of a notice as CAP 1.2 (OASIS Standard CAP-V1.2, 1 July 2010): one message in XML, with
a block of information in Chinese and one in English. Written by ElementTree: no text becomes
markup.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from app.request.notices import NoticeText, ZoneLevel
from app.voice.notices import MsgType, Notice, NoticeVersion
from app.words import Language, say
from geodata.hours.zone import TimeZone
from geodata.snapshot.zones import Ring, ZoneEffect

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MIMETYPE: Final = "application/cap+xml"
_MSG_TYPES: Final[Mapping[MsgType, str]] = {
    MsgType.ALERT: "Alert",
    MsgType.UPDATE: "Update",
    MsgType.CANCEL: "Cancel",
}
#: What who reads it is to do (3.2.2, responseType).
_RESPONSES: Final[Mapping[ZoneEffect, str]] = {
    ZoneEffect.CLOSED: "Avoid",
    ZoneEffect.LIMITED: "Prepare",
    ZoneEffect.DETOUR: "Avoid",
    ZoneEffect.SUPPLIES: "Execute",
    ZoneEffect.INFO: "Monitor",
}
_MADE_UP: Final = "Made-up data of a demo: there is no such notice."


def message(
    notice: Notice, version: NoticeVersion, dataset: str, zone: TimeZone, *, synthetic: bool
) -> bytes:
    """One version, its times on the clocks of a time zone; `dataset` names who sends it."""
    ET.register_namespace("", NAMESPACE)
    alert = ET.Element(_tag("alert"))
    _add(alert, "identifier", version.identifier)
    _add(alert, "sender", sender(dataset))
    _add(alert, "sent", _stamp(version.sent, zone))
    _add(alert, "status", "Test" if synthetic else "Actual")
    _add(alert, "msgType", _MSG_TYPES[version.msg_type])
    _add(alert, "scope", "Public")
    if synthetic:
        _add(alert, "note", _MADE_UP)
    before = notice.versions[: notice.versions.index(version)]
    if before:
        named = (
            f"{sender(dataset)},{each.identifier},{_stamp(each.sent, zone)}" for each in before
        )
        _add(alert, "references", " ".join(named))
    for language in Language:
        _add_info(alert, notice, version, language, zone)
    written: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return written


def sender(dataset: str) -> str:
    """Who publishes the notices of a dataset; it holds neither space nor comma (3.2.1, sender)."""
    return f"nuanfeng:{dataset}"


def effect_text(effect: ZoneEffect, language: Language) -> str:
    """What a notice does, in words."""
    return {
        ZoneEffect.CLOSED: say(language, "Closed area"),
        ZoneEffect.LIMITED: say(language, "Limited access"),
        ZoneEffect.DETOUR: say(language, "Detour"),
        ZoneEffect.SUPPLIES: say(language, "Supplies"),
        ZoneEffect.INFO: say(language, "Information"),
    }[effect]


def level_text(level: ZoneLevel, language: Language) -> str:
    """How strictly an area is controlled, in words."""
    return {
        ZoneLevel.SEALED: say(language, "Sealed off"),
        ZoneLevel.CONTROLLED: say(language, "Controlled"),
        ZoneLevel.PRECAUTION: say(language, "Precautions"),
    }[level]


def _add_info(
    alert: ET.Element, notice: Notice, version: NoticeVersion, language: Language, zone: TimeZone
) -> None:
    info, body = _add(alert, "info"), version.body
    text = body.text(language)
    _add(info, "language", language)
    _add(info, "category", body.category)
    _add(info, "event", effect_text(body.effect, language))
    _add(info, "responseType", _RESPONSES[body.effect])
    _add(info, "urgency", body.urgency)
    _add(info, "severity", body.severity)
    _add(info, "certainty", body.certainty)
    _add(info, "effective", _stamp(version.sent, zone))
    _add(info, "onset", _stamp(version.onset, zone))
    _add(info, "expires", _stamp(version.expires, zone))
    _add(info, "headline", text.headline)
    _add(info, "description", text.description)
    _add(info, "instruction", text.instruction)
    for name, value in _parameters(notice, version).items():
        parameter = _add(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    if body.polygons:
        _add_area(info, text, body.polygons)


def _parameters(notice: Notice, version: NoticeVersion) -> dict[str, str]:
    """What CAP has no element for (3.2.2, parameter)."""
    body = version.body
    counted = {"people": body.people, "buildings": body.buildings, "estates": body.estates}
    levels = [str(level) for level, since in notice.levels if since <= version.sent]
    return {
        "effect": str(body.effect),
        **({"level": str(body.level), "levels": " ".join(levels)} if body.level else {}),
        **{name: str(count) for name, count in counted.items() if count is not None},
    }


def _add_area(info: ET.Element, text: NoticeText, polygons: tuple[Ring, ...]) -> None:
    area = _add(info, "area")
    _add(area, "areaDesc", text.area or text.headline)
    for ring in polygons:
        _add(area, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in ring))


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, _tag(name))
    element.text = None if text is None else str(text)
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _stamp(at: datetime, zone: TimeZone) -> str:
    """As 3.3.2 has it: to the second, with an offset in hours and minutes, and never a Z."""
    return zone.local(at).isoformat(timespec="seconds")
