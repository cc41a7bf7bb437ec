"""Notices as operators publish, update and cancel them: functions of a unit's connection, which a
command calls, and a desk may.
"""

import importlib.util
import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import UNSET

from app.db import notices as stored
from app.db.database import Connection
from app.db.notices import StoredNotice
from app.request.notices import CancelPost, NoticePost
from app.response.problems import BadParameters, Fault
from app.response.refusals import NoSuchNotice, NoticeEnded, NoticeMoved
from app.voice.notices import MsgType, Notice, NoticeBody, NoticeVersion, fold
from geodata.snapshot.zones import ZoneEffect
from geodata.space.service_area import Outline

#: No notice runs longer without an update.
LONGEST: Final = timedelta(days=30)
_ID_BYTES: Final = 3


def publish(
    connection: Connection, post: NoticePost, by: str, now: datetime, area: Outline
) -> Notice:
    """Publish a notice of a city's area. Raises BadParameters with every fault."""
    identifier = _new_id(connection, post, now)
    require_sound(post, now, area)
    row = StoredNotice(
        identifier, identifier, None, MsgType.ALERT, now, _onset(post, now), *_rest(post, by)
    )
    stored.add(connection, row)
    return notice(connection, identifier)


def update(
    connection: Connection, post: NoticePost, by: str, now: datetime, area: Outline
) -> Notice:
    """Publish a version that takes the place of the latest one.

    Raises BadParameters with every fault, NoSuchNotice, NoticeEnded, NoticeMoved.
    """
    if post.facts.references is UNSET:
        raise BadParameters(
            [
                Fault(
                    "references",
                    "Say which notice this is of: its id, or that of its latest version.",
                    {},
                )
            ]
        )
    if post.facts.identifier is not UNSET:
        raise BadParameters(
            [
                Fault(
                    "identifier",
                    "Only a new notice has an identifier of its own; leave it out.",
                    {},
                )
            ]
        )
    before = _followed(connection, post.facts.references)
    require_sound(post, now, area)
    onset = before.latest.onset if post.facts.onset is UNSET else post.facts.onset
    stored.add(connection, _next(before, MsgType.UPDATE, now, onset, *_rest(post, by)))
    return notice(connection, before.id)


def cancel(connection: Connection, post: CancelPost, by: str, now: datetime) -> Notice:
    """End a notice at once. Raises NoSuchNotice, NoticeEnded, NoticeMoved."""
    before = _followed(connection, post.references)
    latest, body = before.latest, before.body
    body = msgspec.structs.replace(body, zh=post.zh or body.zh, en=post.en or body.en)
    row = _next(
        before,
        MsgType.CANCEL,
        now,
        latest.onset,
        latest.expires,
        by,
        msgspec.to_builtins(body),
    )
    stored.add(connection, row)
    return notice(connection, before.id)


def notice(connection: Connection, identifier: str) -> Notice:
    """The notice that a version belongs to, by the id of either. Raises NoSuchNotice."""
    root = stored.root_of(connection, identifier)
    found = fold(map(NoticeVersion.of, stored.of_notice(connection, root))) if root else []
    if not found:
        raise NoSuchNotice(identifier)
    return found[0]


def _next(
    before: Notice,
    kind: MsgType,
    now: datetime,
    onset: datetime,
    expires: datetime,
    by: str,
    body: dict[str, object],
) -> StoredNotice:
    """The row of a version after the latest; a clock that was put back makes it none earlier."""
    latest = before.latest
    identifier = f"{before.id}-{len(before.versions) + 1}"
    sent = max(now, latest.sent)
    return StoredNotice(
        identifier, before.id, latest.identifier, kind, sent, onset, expires, by, body
    )


def _followed(connection: Connection, references: str) -> Notice:
    """The notice that a version is to follow. Raises NoSuchNotice, NoticeEnded, NoticeMoved."""
    before = notice(connection, references)
    if before.is_cancelled:
        raise NoticeEnded(before.id)
    if references not in (before.id, before.latest.identifier):
        raise NoticeMoved(references, before.latest.identifier)
    return before


def _new_id(connection: Connection, post: NoticePost, now: datetime) -> str:
    facts = post.facts
    if facts.references is not UNSET:
        raise BadParameters(
            [Fault("references", "A new notice refers to none; publish it as an update.", {})]
        )
    if facts.identifier is UNSET:
        return f"n-{now:%Y%m%d}-{secrets.token_hex(_ID_BYTES)}"
    if stored.root_of(connection, facts.identifier) is not None:
        raise BadParameters(
            [
                Fault(
                    "identifier",
                    "There is a notice {value} already; update it, or leave the identifier out.",
                    {"value": facts.identifier},
                )
            ]
        )
    if facts.identifier.startswith(stored.DEMO):
        raise BadParameters(
            [
                Fault(
                    "identifier",
                    "Ids that begin with {value} are those of made-up notices.",
                    {"value": stored.DEMO},
                )
            ]
        )
    return facts.identifier


def _onset(post: NoticePost, now: datetime) -> datetime:
    return now if post.facts.onset is UNSET else post.facts.onset


def _rest(post: NoticePost, by: str) -> tuple[datetime, str, dict[str, object]]:
    """When a version ends, who published it, and what it says."""
    facts = post.facts
    body = NoticeBody(
        category=facts.category,
        severity=facts.severity,
        urgency=facts.urgency,
        certainty=facts.certainty,
        effect=facts.effect,
        level=None if facts.level is UNSET else facts.level,
        zh=post.zh,
        en=post.en,
        polygons=post.polygons,
        people=None if facts.people is UNSET else facts.people,
        buildings=None if facts.buildings is UNSET else facts.buildings,
        estates=None if facts.estates is UNSET else facts.estates,
    )
    return facts.expires, by, msgspec.to_builtins(body)


def require_sound(post: NoticePost, now: datetime, area: Outline) -> None:
    """What can only be said of the whole, and of now. Raises BadParameters."""
    faults, expires = [], post.facts.expires
    if not now < expires <= now + LONGEST:
        values = {"value": expires.isoformat(), "days": LONGEST.days}
        faults.append(
            Fault(
                "expires",
                "{value} does not lie within the next {days} days; a longer one is updated.",
                values,
            )
        )
    if expires <= _onset(post, now):
        faults.append(Fault("expires", "It must end after it begins.", {}))
    if not post.polygons and post.facts.effect is not ZoneEffect.INFO:
        faults.append(
            Fault(
                "polygons",
                "Where does it hold? Only a notice with effect info may leave out its polygons.",
                {},
            )
        )
    faults += _faults_of_polygons(post, area)
    if faults:
        raise BadParameters(faults)


def _faults_of_polygons(post: NoticePost, area: Outline) -> list[Fault]:
    if not post.polygons:
        return []
    if importlib.util.find_spec("shapely") is None:
        return [
            Fault(
                "polygons",
                "This server cannot check areas; whoever runs it installs more packages:"
                " pip install 'nuanfeng[data]'",
                {},
            )
        ]
    import shapely  # of operators alone: no server's first answer waits for it

    found = []
    west, south, east, north = area.bounds
    for number, ring in enumerate(post.polygons):
        shape = shapely.Polygon(ring)
        name = f"polygons[{number}]"
        if not shape.is_valid or not shape.area:
            found.append(Fault(name, "Its edges cross or touch each other, or it has no area.", {}))
        elif not shape.intersects(shapely.box(west, south, east, north)):
            found.append(
                Fault(
                    name,
                    "It lies outside {area}. Swapped? Send lon first, then lat.",
                    {"area": area.name},
                )
            )
    return found
