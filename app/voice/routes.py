"""Voice's views: read, ask, write."""

import hashlib

import msgspec
from flask import Blueprint, Response, request

from app.live.current import Live
from app.request import parsing, queries
from app.response import former
from app.response.headers import JSON, tagged
from app.voice import posting, report_posts
from app.voice.live_reports import phone
from app.voice.live_voice import LiveVoice
from app.voice.posting import Voice

#: A phone asks every 10 s; what it is told is at most so old.
_A_MOMENT = "public, max-age=5"


def blueprint(live: Live, voice: Voice, said: LiveVoice) -> Blueprint:
    """What riders post, and what all are told of it."""
    views = Blueprint("voice", __name__)

    @views.get("/api/v1/reports")
    def reports() -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot, now = live.snapshot(), queries.now()
        places = msgspec.json.encode(phone(said.overlay(now, snapshot.zone)))
        revision = hashlib.blake2b(places, digest_size=8).hexdigest()
        notices = said.notices.at(now).revision
        head = (
            f'{{"revision":"{revision}","notices":"{notices}",'
            f'"dataVersion":"{snapshot.version}","places":'
        ).encode()
        return tagged(
            lambda: head + places + b"}",
            JSON,
            _A_MOMENT,
            request.environ,
            ("reports", snapshot.version, revision, notices),
        )

    @views.post("/api/v1/places/<place_id>/reports")
    def report(place_id: str) -> Response:
        asked = posting.asked(request, queries.now())
        snapshot = live.snapshot()
        row = former.row_of(snapshot, place_id, asked.now, said)
        reply = report_posts.report(voice, asked, snapshot, row)
        said.reports.hurry()
        return reply

    @views.delete("/api/v1/reports/<report_id>")
    def withdraw(report_id: str) -> Response:
        asked = posting.asked(request, queries.now())
        reply = report_posts.withdraw(voice, asked, report_id)
        said.reports.hurry()
        return reply

    @views.post("/api/v1/plates")
    def plate() -> Response:
        return report_posts.plate(voice, posting.asked(request, queries.now()))

    return views
