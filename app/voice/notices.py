"""Notices as a fold over their versions: what is in force, to come, over or cancelled.

Versions are only added. The latest says what holds; a cancellation ends the notice for good, and
an update may give it another time, another area or another effect. The order is that in which
versions were written, whatever a clock said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from app.db.notices import StoredNotice
from app.request.notices import (
    CapCategory,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    NoticeText,
    ZoneLevel,
)
from app.words import Language
from geodata.snapshot.zones import NoticeZone, Ring, ZoneEffect


class MsgType(StrEnum):
    """What a version does (CAP 1.2, 3.2.1, msgType)."""

    ALERT = "alert"
    UPDATE = "update"
    CANCEL = "cancel"


class NoticeState(StrEnum):
    """Where a notice stands at an instant."""

    TO_COME = "to_come"
    IN_FORCE = "in_force"
    OVER = "over"
    CANCELLED = "cancelled"


#: Notices that people are told of.
LIVING: Final = frozenset({NoticeState.TO_COME, NoticeState.IN_FORCE})


class NoticeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a version says, as it is stored."""

    category: CapCategory
    severity: CapSeverity
    urgency: CapUrgency
    certainty: CapCertainty
    effect: ZoneEffect
    level: ZoneLevel | None
    zh: NoticeText
    en: NoticeText
    polygons: tuple[Ring, ...]
    people: int | None = None
    buildings: int | None = None
    estates: int | None = None

    def text(self, language: Language) -> NoticeText:
        """What it says in a language."""
        return self.zh if language is Language.CHINESE else self.en


@dataclass(frozen=True, slots=True)
class NoticeVersion:
    """One version, as it was published."""

    identifier: str
    root: str
    msg_type: MsgType
    sent: datetime
    onset: datetime
    expires: datetime
    by: str
    body: NoticeBody

    @classmethod
    def of(cls, row: StoredNotice) -> "NoticeVersion":
        """From its row."""
        return cls(
            row.identifier,
            row.root,
            MsgType(row.msg_type),
            row.sent,
            row.onset,
            row.expires,
            row.by,
            msgspec.convert(row.body, NoticeBody),
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of a notice up to its last version."""

    versions: tuple[NoticeVersion, ...]
    """In the order in which they were published; the first is the alert."""
    levels: tuple[tuple[ZoneLevel, datetime], ...]
    """Each level that it had, and since when: the same one twice in a row stands once."""
    is_cancelled: bool = False

    @property
    def id(self) -> str:
        """The identifier of its alert."""
        return self.versions[0].root

    @property
    def latest(self) -> NoticeVersion:
        """The version that holds."""
        return self.versions[-1]

    @property
    def body(self) -> NoticeBody:
        """What it says."""
        return self.latest.body

    def state(self, now: datetime) -> NoticeState:
        """Where it stands at an instant."""
        if self.is_cancelled:
            return NoticeState.CANCELLED
        if now < self.latest.onset:
            return NoticeState.TO_COME
        return NoticeState.IN_FORCE if now < self.latest.expires else NoticeState.OVER

    def zone(self) -> NoticeZone:
        """Its area, as it is laid over places."""
        latest = self.latest
        return NoticeZone(
            self.id, latest.body.effect, latest.onset, latest.expires, latest.body.polygons
        )


def fold(versions: Iterable[NoticeVersion]) -> list[Notice]:
    """What became of notices: the one place that says so, in the order in which they began.

    `versions` stand in the order in which they were published. What follows a cancellation, or
    comes without its alert, changes nothing.
    """
    found: dict[str, Notice] = {}
    for version in versions:
        before = found.get(version.root)
        if before is None and version.msg_type is MsgType.ALERT:
            found[version.root] = Notice((version,), _levels((), version))
        elif before and not before.is_cancelled and version.msg_type is not MsgType.ALERT:
            found[version.root] = _then(before, version)
    return list(found.values())


def _then(before: Notice, version: NoticeVersion) -> Notice:
    versions = (*before.versions, version)
    if version.msg_type is MsgType.CANCEL:
        return Notice(versions, before.levels, is_cancelled=True)
    return Notice(versions, _levels(before.levels, version))


def _levels(
    before: tuple[tuple[ZoneLevel, datetime], ...], version: NoticeVersion
) -> tuple[tuple[ZoneLevel, datetime], ...]:
    level = version.body.level
    if level is None or (before and before[-1][0] is level):
        return before
    return (*before, (level, version.sent))
