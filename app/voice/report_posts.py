"""Reports as they are posted and taken back, and plates that are scanned."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Response
from msgspec import UNSET

from app.db import reports as stored
from app.db.database import Connection
from app.db.reports import NewReport
from app.request.said import PlatePost, ReportPost
from app.response.problems import BadParameters, Fault
from app.response.refusals import Hot, NoSuchReport, TooLate
from app.voice import allowances, plates, proof, sealing
from app.voice.allowances import Allowance
from app.voice.live_reports import stamp
from app.voice.networks import Poster
from app.voice.posting import Outcome, PostAsked, Voice, sent
from app.voice.reports import expires_at
from geodata.hours.timeline import State
from geodata.snapshot.snapshot import Snapshot

#: A clock of a phone may be ahead by so much.
_AHEAD: Final = timedelta(minutes=2)
_SEEN_WITHIN: Final = timedelta(hours=24)
#: Within this time a report can be taken back.
WITHDRAWN_WITHIN: Final = timedelta(minutes=10)
#: Tokens that one network may try within an hour.
PLATES_PER_HOUR: Final = 60


def report(voice: Voice, asked: PostAsked, snapshot: Snapshot, row: int) -> Response:
    """Keep a report of a place. Raises BadParameters, Hot, Spent, KeyReused, VoiceAway."""
    said, place = asked.read(ReportPost), snapshot.id_of(row)
    seen_at = _seen_at(said, asked.now)
    has_ticket = _has_ticket(voice, said, place, asked.now)
    ends = expires_at(said.type, seen_at, _next_opening(snapshot, row, seen_at))
    note = None if said.note is UNSET else sealing.seal(voice.keys, said.note, asked.now)

    def unit(connection: Connection, poster: Poster) -> Outcome:
        held = stored.by_key(connection, asked.key)
        if held is not None:
            return Outcome(201, _told(held))
        _count_at_place(voice, connection, asked, place, said)
        reporter, salted_on = _reporter(connection, poster, place, asked.now)
        new = NewReport(
            f"r-{secrets.token_hex(8)}",
            place,
            str(said.type),
            seen_at,
            asked.now,
            ends,
            reporter,
            salted_on,
            asked.key,
            has_ticket,
            note,
        )
        stored.add(connection, new)
        return Outcome(201, _told(new._asdict()))

    return voice.post(asked, "reports", voice.limits.reports, unit)


def withdraw(voice: Voice, asked: PostAsked, report_id: str) -> Response:
    """Take a report back, under the key that it was posted with; again changes nothing.

    Raises NoSuchReport, TooLate, VoiceAway.
    """

    def unit(connection: Connection) -> None:
        held = stored.by_id(connection, report_id, asked.key)
        if held is None:
            raise NoSuchReport("No report with this id was sent under this Idempotency-Key.")
        if stored.is_withdrawn(connection, report_id):
            return
        if asked.now > held["received_at"] + WITHDRAWN_WITHIN:
            raise TooLate("A report can be taken back for 10 minutes; say what is so by a new one.")
        stored.withdraw(connection, report_id, asked.now)

    voice.database.write(unit)
    return sent(204, b"")


def plate(voice: Voice, asked: PostAsked) -> Response:
    """A ticket for who scanned a plate. Raises Spent, KeyReused, VoiceAway."""
    said = asked.read(PlatePost)
    number = plates.key_number(voice.keys, said.place, said.token)

    def unit(connection: Connection, _poster: Poster) -> Outcome:
        if number is None or number in stored.revoked_keys(connection, said.place):
            return Outcome(200, {"place": said.place, "ticket": None, "expires": None})
        ticket, ends = plates.ticket(voice.keys, said.place, asked.now)
        return Outcome(200, {"place": said.place, "ticket": ticket, "expires": stamp(ends)})

    return voice.post(asked, "plates", PLATES_PER_HOUR, unit)


def _told(row: Mapping[Any, Any]) -> dict[str, object]:
    return {
        "id": row["id"],
        "place": row["place"],
        "type": row["type"],
        "seen_at": stamp(row["seen_at"]),
        "expires": stamp(row["expires_at"]),
        "present": row["has_ticket"],
        "withdraw_until": stamp(row["received_at"] + WITHDRAWN_WITHIN),
    }


def _seen_at(said: ReportPost, now: datetime) -> datetime:
    if said.seen_at is UNSET:
        return now
    if not now - _SEEN_WITHIN <= said.seen_at <= now + _AHEAD:
        value = {"value": said.seen_at.isoformat()}
        raise BadParameters(
            [Fault("seen_at", "{value} does not lie within the last 24 hours.", value)]
        )
    return said.seen_at


def _has_ticket(voice: Voice, said: ReportPost, place: str, now: datetime) -> bool:
    if said.ticket is UNSET:
        return False
    if not plates.proves(voice.keys, place, said.ticket, now):
        raise BadParameters(
            [
                Fault(
                    "ticket",
                    "This ticket has run out, or is of another place; scan the plate, or send"
                    " none.",
                    {},
                )
            ]
        )
    return True


def _next_opening(snapshot: Snapshot, row: int, seen_at: datetime) -> datetime | None:
    """When a place that is closed by its hours opens, or, while it should be open, opens next."""
    minute_hours = snapshot.hours_by_minute.at(seen_at)
    hours_row = snapshot.hours_row(row)
    change = minute_hours.until(hours_row)
    closed = minute_hours.state(hours_row) in (State.CLOSED, State.OPENING_SOON)
    if change is None or closed:
        return change
    later = snapshot.hours_by_minute.at(change)
    if later.state(hours_row) in (State.CLOSED, State.OPENING_SOON):
        return later.until(hours_row)
    return None


def _count_at_place(
    voice: Voice, connection: Connection, asked: PostAsked, place: str, said: ReportPost
) -> None:
    """Count a report of a place; of much at once each needs a proof. Raises Hot, Spent."""
    at_place = allowances.of_all(connection, place, "place", asked.now)
    hot, most = voice.limits.hot, voice.limits.place
    if hot and hot <= at_place.used(asked.now) < most:
        _require_proof(voice, asked, at_place, place, said)
    at_place.take(asked.now, most)


def _require_proof(
    voice: Voice, asked: PostAsked, at_place: Allowance, place: str, said: ReportPost
) -> None:
    if said.proof is not UNSET and proof.is_solved(
        voice.keys, place, asked.key, said.proof, asked.now
    ):
        return
    challenge, ends = proof.challenge(voice.keys, place, asked.key, asked.now)
    wait_s = at_place.wait_s(asked.now, voice.limits.hot)
    raise Hot(challenge, proof.BITS, stamp(ends), wait_s)


def _reporter(connection: Connection, poster: Poster, place: str, now: datetime) -> tuple[str, Any]:
    """The hash that a network goes by at a place: over midnight that of its report that lives, so
    that it is no other one by the new day's salt.
    """
    living = stored.reporters(connection, place, now)
    for name, day in poster.names.items():
        if name in living:
            return name, day
    return next(iter(poster.names.items()))
