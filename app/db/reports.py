"""Reports in the database. Functions of a connection; none decides anything."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, exists, func, insert, select

from app.db.tables import report, report_event, revoked_plate

#: What becomes of a report by its reporter.
WITHDRAWN = "withdrawn"
#: What becomes of it by an operator.
HANDLED = "handled"

#: The statements of a post are made once: to make one takes longer than to run it.
_ADD: Final = insert(report)
_BY_KEY: Final = select(report).where(report.c.key == bindparam("asked"))
_REPORTERS: Final = select(report.c.reporter, report.c.salted_on).where(
    report.c.place == bindparam("asked"), report.c.expires_at > bindparam("now")
)


class NewReport(NamedTuple):
    """A report to be written."""

    id: str
    place: str
    type: str
    seen_at: datetime
    received_at: datetime
    expires_at: datetime
    reporter: str
    salted_on: date
    """The day of the salt that the reporter is hashed with."""
    key: str
    """The hash of its Idempotency-Key: of one there is one report for ever."""
    has_ticket: bool
    note: bytes | None
    """Encrypted."""


def add(connection: Connection, new: NewReport) -> None:
    """Write a report."""
    connection.execute(_ADD, new._asdict())


def by_key(connection: Connection, key: str) -> RowMapping | None:
    """The report that was written under the hash of a key."""
    return connection.execute(_BY_KEY, {"asked": key}).mappings().one_or_none()


def by_id(connection: Connection, report_id: str, key: str) -> RowMapping | None:
    """The report of an id, if it was written under the hash of this key."""
    found = select(report).where(report.c.id == report_id, report.c.key == key)
    return connection.execute(found).mappings().one_or_none()


def reporters(connection: Connection, place: str, now: datetime) -> dict[str, date]:
    """The hashes of those whose reports of a place live, with the days of their salts."""
    living = connection.execute(_REPORTERS, {"asked": place, "now": now})
    return {row.reporter: row.salted_on for row in living}


def is_withdrawn(connection: Connection, report_id: str) -> bool:
    """Whether a report was taken back."""
    taken = select(func.count()).where(
        report_event.c.report == report_id, report_event.c.kind == WITHDRAWN
    )
    return connection.execute(taken).scalar_one() > 0


def withdraw(connection: Connection, report_id: str, at: datetime) -> None:
    """Take a report back."""
    row = {"report": report_id, "at": at, "kind": WITHDRAWN, "by": "reporter", "details": {}}
    connection.execute(insert(report_event).values(row))


def after(connection: Connection, number: int, seen_after: datetime) -> list[RowMapping]:
    """The reports written after a number, if seen after an instant; in the order of writing."""
    later = report.c.number > number, report.c.seen_at > seen_after
    return list(connection.execute(select(report).where(*later).order_by("number")).mappings())


def last_number(connection: Connection) -> int:
    """The number of the last report; 0: there is none."""
    return connection.execute(select(func.max(report.c.number))).scalar() or 0


def state(connection: Connection) -> tuple[int, int]:
    """The numbers of the last report, and of the last that became of any: both alike, nothing was
    written.
    """
    event = connection.execute(select(func.max(report_event.c.number))).scalar()
    return last_number(connection), event or 0


def withdrawn_after(connection: Connection, number: int) -> list[tuple[int, str, str]]:
    """The number, the report and its place of what was taken back after a number of events."""
    columns = select(report_event.c.number, report_event.c.report, report.c.place)
    later = columns.join(report).where(
        report_event.c.number > number, report_event.c.kind == WITHDRAWN
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(later.order_by("number"))]


def handled_after(connection: Connection, number: int) -> list[tuple[int, str, datetime]]:
    """The number, the place and the instant of what operators did after a number of events."""
    columns = select(report_event.c.number, report.c.place, report_event.c.at)
    later = columns.join(report).where(
        report_event.c.number > number, report_event.c.kind == HANDLED
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(later.order_by("number"))]


class WaitingReport(NamedTuple):
    """A report that nobody withdrew or handled, without its note."""

    id: str
    place: str
    type: str
    received_at: datetime
    expires_at: datetime
    has_ticket: bool


def waiting(connection: Connection, types: Sequence[str], now: datetime) -> list[WaitingReport]:
    """The reports of these types that live, and that nobody withdrew or handled; oldest first."""
    open_ = ~exists().where(report_event.c.report == report.c.id)
    columns = [report.c[name] for name in WaitingReport._fields]
    living = select(*columns).where(report.c.type.in_(types), report.c.expires_at > now, open_)
    return [WaitingReport(*row) for row in connection.execute(living.order_by(report.c.number))]


def notes(connection: Connection, ids: Sequence[str]) -> dict[str, bytes]:
    """The notes of some reports, encrypted, by id; of those that have one."""
    said = select(report.c.id, report.c.note).where(
        report.c.id.in_(ids), report.c.note.is_not(None)
    )
    return {row.id: row.note for row in connection.execute(said)}


def with_id(connection: Connection, report_id: str) -> RowMapping | None:
    """The report of an id."""
    found = select(report).where(report.c.id == report_id)
    return connection.execute(found).mappings().one_or_none()


def handle(connection: Connection, report_id: str, at: datetime, by: str, did: str) -> bool:
    """Write that an operator handled a report; False: somebody did, or it was withdrawn."""
    ends = select(func.count()).where(report_event.c.report == report_id)
    if connection.execute(ends).scalar_one():
        return False
    row = {"report": report_id, "at": at, "kind": HANDLED, "by": by, "details": {"did": did}}
    connection.execute(insert(report_event).values(row))
    return True


def every(connection: Connection, since: datetime) -> list[dict[str, Any]]:
    """All reports received since an instant, with what became of them; in the order of writing."""
    chosen = select(report).where(report.c.received_at >= since).order_by("number")
    rows = [dict(row) for row in connection.execute(chosen).mappings()]
    ends = select(report_event.c.report, report_event.c.kind).order_by("number")
    became = {row.report: row.kind for row in connection.execute(ends)}
    return [{**row, "became": became.get(row["id"])} for row in rows]


def revoke_plates(
    connection: Connection, places: Iterable[str], key_numbers: Iterable[int], at: datetime, by: str
) -> int:
    """From now on the plates of places under these keys prove nothing; how many that is new of."""
    numbers = list(key_numbers)
    new = [
        {"place": place, "key_number": number, "at": at, "by": by}
        for place in dict.fromkeys(places)
        for number in sorted(set(numbers) - revoked_keys(connection, place))
    ]
    if new:
        connection.execute(insert(revoked_plate), new)
    return len(new)


def revoked_keys(connection: Connection, place: str) -> set[int]:
    """The numbers of the keys under which a place's plates prove nothing any more."""
    chosen = select(revoked_plate.c.key_number).where(revoked_plate.c.place == place)
    return set(connection.execute(chosen).scalars())


def live_of(connection: Connection, reporters_begin: str, now: datetime) -> int:
    """How many reports live whose reporters' names begin so."""
    theirs = report.c.reporter.startswith(reporters_begin, autoescape=True)
    living = select(func.count()).where(theirs, report.c.expires_at > now)
    return connection.execute(living).scalar_one()
