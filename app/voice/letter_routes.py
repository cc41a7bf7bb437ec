"""The API of letters: taken, opened by their receipt, ended by who holds it; the public clock."""

import hashlib
from datetime import date, datetime
from typing import Any, Final

import msgspec
from flask import Blueprint, Request, Response, request

from app.db import letters as stored
from app.db import posts
from app.db.database import Connection
from app.db.letters import StoredLetter
from app.live.current import Live
from app.request import parsing, queries
from app.request.letters import LetterPost, StatusPost, WordPost
from app.request.posted import body
from app.response import former
from app.response.former import SaidOfPlaces
from app.response.headers import JSON, LOCKED, UNREFERRED, Finished, tagged
from app.response.problems import BadParameters, Fault
from app.response.refusals import NoSuchLetter, TakesNoLetters
from app.voice import allowances, letter_box, networks, posting
from app.voice.clock import ClockLine, NamedLine, PublicClock
from app.voice.clock_face import ClockFace
from app.voice.letter_box import NewLetter, OpenedLetter, Reply, Written
from app.voice.letters import ANSWERS, HOLDERS, Happening, LetterEvent
from app.voice.networks import Poster
from app.voice.posting import Outcome, PostAsked, Voice
from app.voice.receipts import hash_of, read_receipt
from app.voice.survival import Quantile
from app.voice.working_time import Urgency, due_on, urgency
from geodata.errors import BadValue, OutsideArea
from geodata.snapshot.snapshot import Snapshot

#: The clock may be a minute old.
_A_MINUTE: Final = "public, max-age=60"
_PRIVATE: Final = (
    ("Content-Type", JSON),
    ("Cache-Control", "no-store"),
    *UNREFERRED,
    *LOCKED,
)
#: Working days to the first answer, and of what is about safety.
ANSWER_DAYS: Final = 5
SAFETY_DAYS: Final = 1


class LetterBox:
    """What the routes and the pages do with letters; made once a process."""

    def __init__(self, voice: Voice, live: Live, said: SaidOfPlaces, answerers: str) -> None:
        self.voice, self._live, self._said = voice, live, said
        self._answerers = answerers
        self.face = ClockFace(voice.database)

    def takes(self) -> bool:
        """Whether somebody answers; of a demo nobody does, and all know."""
        return bool(self._answerers) or self._live.snapshot().about.synthetic

    @property
    def answerers(self) -> str:
        """Who reads letters; empty: of a demo, or nobody."""
        return self._answerers

    def clock(self, now: datetime) -> PublicClock:
        """The public clock. Raises VoiceAway."""
        snapshot = self._live.snapshot()
        return self.face.show(now, snapshot.hours_by_minute.calendar, snapshot.zone)

    def receive(self, asked: PostAsked, letter: LetterPost) -> Response:
        """Take a letter, once. Raises TakesNoLetters, BadParameters, Spent, KeyReused."""
        if not self.takes():
            raise TakesNoLetters
        snapshot = self._live.snapshot()
        new = _new_letter(snapshot, self._said, letter, asked.now)

        def unit(connection: Connection, _: Poster) -> Outcome:
            row = letter_box.receive(connection, self.voice.keys, new, asked.now)
            letter_box.forget_old(connection, asked.now)
            return Outcome(201, _received(snapshot, row))

        return self.voice.post(asked, "letters", self.voice.limits.letters, unit)

    def open(self, code: str, network: str, now: datetime) -> OpenedLetter:
        """The letter of a receipt. Ten wrong ones an hour are heard of a network.

        Raises BadParameters, NoSuchLetter, and Spent once ten were wrong, even for a right one.
        """
        receipt, most = hash_of(_read(code)), self.voice.limits.codes
        with self.voice.database.reading() as connection:
            poster = Poster(network, posts.salts(connection))
            counted = allowances.of_network(connection, poster, "codes", now)
            row = stored.of_receipt(connection, receipt)
            if row and not (most and counted.used(now) + 1 > most):
                return letter_box.opened(connection, self.voice.keys, row)

        def wrong(connection: Connection) -> None:
            poster = networks.poster(connection, network, now)
            allowances.of_network(connection, poster, "codes", now).take(now, most)

        self.voice.database.write(wrong)
        raise NoSuchLetter

    def say(self, asked: PostAsked, said: WordPost) -> Response:
        """Write what the holder says. Raises as `open` does, and NotNow."""
        found = self.open(said.receipt, asked.network, asked.now)
        event = LetterEvent(Happening(said.says), asked.now)

        def unit(connection: Connection, _: Poster) -> Outcome:
            reply, id_ = Reply(said.text), found.stored.id
            keys = self.voice.keys
            after = letter_box.happen(connection, keys, id_, event, "holder", reply)
            return Outcome(200, {"state": after.state, "since": _stamp(after.since)})

        return self.voice.post(asked, "words", 0, unit)

    def streets(self) -> list[str]:
        """The street offices that a letter can be sent to, as the dataset names them."""
        return [name.decode() for name in self._live.snapshot().streets.names.tolist()]

    def described(self, letter: OpenedLetter, now: datetime) -> dict[str, Any]:
        """A letter as its holder reads it."""
        return _described(self._live.snapshot(), letter, now)


def blueprint(box: LetterBox) -> Blueprint:
    """The API of letters."""
    api = Blueprint("letters", __name__)

    @api.post("/api/v1/letters")
    def receive() -> Response:
        asked = posting.asked(request, queries.now())
        return box.receive(asked, asked.read(LetterPost))

    @api.post("/api/v1/letters/status")
    def status() -> Response:
        posting.require_own(request)
        sent = parsing.of_json(body(request), StatusPost)
        now = queries.now()
        found = box.open(sent.receipt, network_of(request), now)
        return _private(box.described(found, now))

    @api.post("/api/v1/letters/words")
    def words() -> Response:
        asked = posting.asked(request, queries.now())
        return box.say(asked, asked.read(WordPost))

    @api.get("/api/v1/letters/stats")
    def stats() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        now = queries.now()
        told = msgspec.json.encode(clock_json(box.clock(now)))
        tag = hashlib.sha256(told).hexdigest()[:16]
        return tagged(lambda: told, JSON, _A_MINUTE, request.environ, ("letters", tag))

    return api


def network_of(asked: Request) -> str:
    """The network that a request came from."""
    return networks.network_of(asked.remote_addr)


def clock_json(clock: PublicClock) -> dict[str, Any]:
    """The public clock as JSON: null is a figure of fewer than five letters."""
    return {
        "days": 90,
        "fewest": 5,
        "whole": _line_json(clock.whole),
        "categories": [_named("category", each) for each in clock.by_category],
        "streets": [_named("street", each) for each in clock.by_street],
    }


def _named(what: str, named: NamedLine) -> dict[str, Any]:
    return {what: named.name, **_line_json(named.line)}


def _line_json(line: ClockLine) -> dict[str, Any]:
    def quantiles(pair: tuple[Quantile | None, Quantile | None]) -> dict[str, Any]:
        return dict(zip(("median", "p90"), map(_quantile, pair), strict=True))

    longest = line.longest_days
    return {
        "received": line.received,
        "answered": line.answered,
        "solved": line.solved,
        "reopened": line.reopened,
        "waiting": line.waiting,
        "longest_days": None if longest is None else int(longest),
        "answer_hours": quantiles(line.answer_hours),
        "solved_days": quantiles(line.solved_days),
    }


def _quantile(found: Quantile | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"value": round(found.value, 1), "reached": found.is_reached}


def _new_letter(
    snapshot: Snapshot, said: SaidOfPlaces, letter: LetterPost, now: datetime
) -> NewLetter:
    street = letter.street.strip()
    if letter.place:
        row = former.row_of(snapshot, letter.place, now, said)
        at = int(snapshot.streets.of[row])
        street = street or (snapshot.streets.names.tolist()[at].decode() if at >= 0 else "")
    if street and street.encode() not in {*snapshot.streets.names.tolist()}:
        raise BadParameters(
            [
                Fault(
                    "street",
                    "There is no street office of this name here; leave it empty for the city's.",
                    {},
                )
            ]
        )
    if not letter.text.strip():
        raise BadParameters([Fault("text", "The letter is empty.", {})])
    if letter.pin:
        _require_inside(snapshot, letter.pin)
    text, where, contact = (each.strip() for each in (letter.text, letter.where, letter.contact))
    written = Written(text, where, contact, letter.pin)
    return NewLetter(letter.category, street, letter.place, written, _read(letter.receipt))


def _require_inside(snapshot: Snapshot, pin: str) -> None:
    """Raise BadParameters for a pin that is not in the city."""
    lon, lat = map(float, pin.split(","))
    try:
        snapshot.outline.require(lon, lat)
    except OutsideArea as outside:
        raise BadParameters([Fault("pin", outside.message, outside.values)]) from None


def _read(code: str) -> str:
    try:
        return read_receipt(code)
    except BadValue as fault:
        raise BadParameters([Fault("receipt", fault.message, fault.values)]) from None


def _received(snapshot: Snapshot, row: StoredLetter) -> dict[str, Any]:
    due = due_of(snapshot, row)
    return {
        "id": row.id,
        "category": row.category,
        "street": row.street,
        "received_at": _stamp(row.received_at),
        "due_on": due.isoformat(),
        "synthetic": snapshot.about.synthetic,
    }


def due_of(snapshot: Snapshot, row: StoredLetter) -> date:
    """The day by which a letter should be answered."""
    days = SAFETY_DAYS if row.category == "safety" else ANSWER_DAYS
    received = snapshot.zone.local(row.received_at).date()
    return due_on(snapshot.hours_by_minute.calendar, received, days)


def _described(snapshot: Snapshot, letter: OpenedLetter, now: datetime) -> dict[str, Any]:
    row, here = letter.stored, letter.course.at(now)
    due = due_of(snapshot, row)
    today = snapshot.zone.local(now).date()
    waits = here.first_answer_at is None and here.ended_at is None
    colour = urgency(snapshot.hours_by_minute.calendar, due, today) if waits else Urgency.IN_TIME
    written = letter.written
    return {
        **_received(snapshot, row),
        "place": row.place,
        "state": here.state,
        "since": _stamp(here.since),
        "urgency": colour if waits else None,
        "silent_at": _stamp(here.silent_at) if here.silent_at else None,
        "reopened": here.reopened,
        "text": written and written.text,
        "where": written and written.where,
        "pin": written and written.pin,
        "may": [word for word in Happening if _holder_may(letter, word, now)],
        "told": [
            {
                "kind": each.kind,
                "at": _stamp(each.at),
                "by": each.by if each.kind in ANSWERS else "",
                "to": each.details.get("to", ""),
                "until": each.details.get("until", ""),
                "text": each.reply.text if each.reply else None,
                "elsewhere": each.reply.elsewhere if each.reply else None,
            }
            for each in letter.told
        ],
    }


def _holder_may(letter: OpenedLetter, word: Happening, now: datetime) -> bool:
    return word in HOLDERS and letter.course.may(word, now)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _private(told: dict[str, Any]) -> Response:
    return Finished(msgspec.json.encode(told), 200, list(_PRIVATE))
