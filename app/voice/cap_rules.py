"""What CAP 1.2 demands of a message, rule by rule with its section: what we publish is checked by
this table. The sections are those of OASIS Standard CAP-V1.2, 1 July 2010.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from app.request.notices import MOST_HEADLINE, CapCategory, CapCertainty, CapSeverity, CapUrgency
from app.voice.cap import NAMESPACE

_T: Final = f"{{{NAMESPACE}}}"
#: 3.3.2: the time zone is a number, that of UTC is -00:00 or +00:00, and Z is not used.
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
#: 3.2.1: of identifier and sender.
_RESTRICTED: Final = re.compile(r"[\s,<&]")
#: RFC 3066.
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_ALERT: Final = [
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
    "info",
]
_INFO: Final = [
    "language",
    "category",
    "event",
    "responseType",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "eventCode",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "contact",
    "parameter",
    "resource",
    "area",
]
_AREA: Final = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
_STATUSES: Final = {"Actual", "Exercise", "System", "Test", "Draft"}
_MSG_TYPES: Final = {"Alert", "Update", "Cancel", "Ack", "Error"}
_SCOPES: Final = {"Public", "Restricted", "Private"}
_RESPONSES: Final = {
    "Shelter",
    "Evacuate",
    "Prepare",
    "Execute",
    "Avoid",
    "Monitor",
    "Assess",
    "AllClear",
    "None",
}
_WORDS: Final = {
    "category": {*CapCategory},
    "urgency": {*CapUrgency},
    "severity": {*CapSeverity},
    "certainty": {*CapCertainty},
    "responseType": _RESPONSES,
}


class CapRule(NamedTuple):
    """A demand of the standard: `broken` gives what breaks it, in words."""

    section: str
    demand: str
    broken: Callable[[ET.Element], Iterator[str]]


def faults(message: bytes) -> list[str]:
    """What of a message breaks a rule, each with its section; empty: nothing does.

    Raises xml.etree.ElementTree.ParseError for what is no XML.
    """
    alert = ET.fromstring(message)  # noqa: S314  # our own bytes
    return [f"{rule.section}: {said}" for rule in RULES for said in rule.broken(alert)]


def _root(alert: ET.Element) -> Iterator[str]:
    if alert.tag != f"{_T}alert":
        yield f"the root is {alert.tag}"


def _namespace(alert: ET.Element) -> Iterator[str]:
    for each in alert.iter():
        if not each.tag.startswith(_T):
            yield f"{each.tag} is not of the namespace"


def _order(alert: ET.Element) -> Iterator[str]:
    for parent, order in _ordered(alert):
        names = [each.tag.removeprefix(_T) for each in parent]
        known = [name for name in names if name in order]
        yield from (f"there is no element {name}" for name in names if name not in order)
        if known != sorted(known, key=order.index):
            yield f"the elements stand as {' '.join(known)}"


def _ordered(alert: ET.Element) -> Iterator[tuple[ET.Element, list[str]]]:
    yield alert, _ALERT
    for info in alert.iter(f"{_T}info"):
        yield info, _INFO
    for area in alert.iter(f"{_T}area"):
        yield area, _AREA


def _required(alert: ET.Element) -> Iterator[str]:
    names = ("identifier", "sender", "sent", "status", "msgType", "scope")
    yield from _once(alert, names)


def _once(parent: ET.Element, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        found = parent.findall(f"{_T}{name}")
        if len(found) != 1 or not (found[0].text or "").strip():
            yield f"{name} stands {len(found)} times, or is empty"


def _named(alert: ET.Element) -> Iterator[str]:
    for name in ("identifier", "sender"):
        text = _text(alert, name)
        if _RESTRICTED.search(text):
            yield f"{name} holds a space, a comma, < or &: {text}"


def _alert_words(alert: ET.Element) -> Iterator[str]:
    for name, allowed in (("status", _STATUSES), ("msgType", _MSG_TYPES), ("scope", _SCOPES)):
        if _text(alert, name) not in allowed:
            yield f"{name} is {_text(alert, name)}"


def _scoped(alert: ET.Element) -> Iterator[str]:
    for scope, name in (("Restricted", "restriction"), ("Private", "addresses")):
        if _text(alert, "scope") == scope and not _text(alert, name):
            yield f"{scope} without {name}"


def _references(alert: ET.Element) -> Iterator[str]:
    stated = _text(alert, "references")
    if _text(alert, "msgType") in ("Update", "Cancel", "Ack", "Error") and not stated:
        yield "there is no earlier message that it refers to"
    for each in stated.split():
        if len(parts := each.split(",")) != 3 or not _TIME.fullmatch(parts[2]):
            yield f"{each} is not sender,identifier,sent"
        elif parts[1] == _text(alert, "identifier"):
            yield "it refers to itself"


def _times(alert: ET.Element) -> Iterator[str]:
    for name in ("sent", "effective", "onset", "expires"):
        for each in alert.iter(f"{_T}{name}"):
            if not _is_time(each.text or ""):
                yield f"{name} is {each.text}"


def _is_time(text: str) -> bool:
    try:
        return _TIME.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _info_required(alert: ET.Element) -> Iterator[str]:
    for info in alert.iter(f"{_T}info"):
        yield from _once(info, ("event", "urgency", "severity", "certainty"))
        if info.find(f"{_T}category") is None:
            yield "there is no category"


def _info_words(alert: ET.Element) -> Iterator[str]:
    for name, allowed in _WORDS.items():
        for each in alert.iter(f"{_T}{name}"):
            if each.text not in allowed:
                yield f"{name} is {each.text}"


def _languages(alert: ET.Element) -> Iterator[str]:
    stated = [_text(info, "language") or "en-US" for info in alert.iter(f"{_T}info")]
    yield from (f"{each} is no language" for each in stated if not _LANGUAGE.fullmatch(each))


def _headlines(alert: ET.Element) -> Iterator[str]:
    for each in alert.iter(f"{_T}headline"):
        if not 0 < len(each.text or "") <= MOST_HEADLINE:
            yield f"a headline has {len(each.text or '')} characters"


def _same_facts(alert: ET.Element) -> Iterator[str]:
    alike = ("category", "urgency", "severity", "certainty", "onset", "expires")
    told = {tuple(_text(info, name) for name in alike) for info in alert.iter(f"{_T}info")}
    if len(told) > 1:
        yield "the languages do not say the same"


def _spans(alert: ET.Element) -> Iterator[str]:
    for info in alert.iter(f"{_T}info"):
        onset, expires = _text(info, "onset"), _text(info, "expires")
        both = _is_time(onset) and _is_time(expires)
        if both and datetime.fromisoformat(expires) <= datetime.fromisoformat(onset):
            yield f"it expires at {expires}, before its onset"


def _values(alert: ET.Element) -> Iterator[str]:
    for each in alert.iter(f"{_T}parameter"):
        if [child.tag.removeprefix(_T) for child in each] != ["valueName", "value"]:
            yield "a parameter is not valueName and value"


def _areas(alert: ET.Element) -> Iterator[str]:
    for area in alert.iter(f"{_T}area"):
        yield from _once(area, ("areaDesc",))


def _polygons(alert: ET.Element) -> Iterator[str]:
    for polygon in alert.iter(f"{_T}polygon"):
        pairs = (polygon.text or "").split(" ")
        if len(pairs) < 4 or pairs[0] != pairs[-1]:
            yield "a polygon has fewer than four pairs, or its last is not its first"
        yield from (f"{pair} is not lat,lon" for pair in pairs if not _is_pair(pair))


def _is_pair(pair: str) -> bool:
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)", pair)
    return found is not None and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180


def _text(parent: ET.Element, name: str) -> str:
    return parent.findtext(f"{_T}{name}") or ""


RULES: Final = (
    CapRule("3.2.1 alert", "the root is alert, of the namespace of CAP 1.2", _root),
    CapRule("3.4", "every element is of that namespace", _namespace),
    CapRule("3.4", "elements stand in the order of the schema, and there are no others", _order),
    CapRule("3.2.1", "identifier, sender, sent, status, msgType and scope stand once", _required),
    CapRule("3.2.1 identifier, sender", "without space, comma, < and &", _named),
    CapRule("3.2.1 status, msgType, scope", "words of the standard", _alert_words),
    CapRule("3.2.1 restriction, addresses", "with their scope", _scoped),
    CapRule(
        "3.2.1 references", "sender,identifier,sent; of what is an update there is one", _references
    ),
    CapRule("3.3.2", "times to the second, with a number as offset", _times),
    CapRule("3.2.2", "category, event, urgency, severity and certainty", _info_required),
    CapRule("3.2.2", "words of the standard", _info_words),
    CapRule("3.2.2 language", "a language of RFC 3066", _languages),
    CapRule("3.2.2 headline", "short enough for small displays (160 characters)", _headlines),
    CapRule("3.2.2 info", "blocks differ by language alone", _same_facts),
    CapRule("3.2.2 onset, expires", "it ends after it begins", _spans),
    CapRule("3.2.2 parameter", "a name and a value", _values),
    CapRule("3.2.4 areaDesc", "stands once", _areas),
    CapRule("3.2.4 polygon", "four pairs of WGS-84 lat,lon or more, the last the first", _polygons),
)
