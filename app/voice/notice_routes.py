"""The API of notices: those in force and to come as GeoJSON, as a feed, and each as CAP."""

from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from app.live.current import Live
from app.request import parsing, queries
from app.response.headers import GEOJSON, tagged
from app.response.mount import root
from app.response.refusals import NoSuchNotice
from app.voice import atom, cap, notice_posts
from app.voice.live_notices import NoticesNow
from app.voice.live_reports import stamp
from app.voice.live_voice import LiveVoice
from app.voice.notices import Notice, NoticeVersion
from app.voice.posting import Voice
from app.words import Language, preferred

#: A phone learns of a new revision within seconds, and then asks anew.
_A_MOMENT: Final = "public, max-age=15"
_VARY: Final = "Accept-Encoding, Accept-Language"


def blueprint(live: Live, voice: Voice, said: LiveVoice) -> Blueprint:
    """What is told of notices."""
    views = Blueprint("notices", __name__)

    @views.get("/api/v1/notices")
    def notices() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot, now = live.snapshot(), said.notices.at(queries.now())
        language, made_up = _language(query), snapshot.about.synthetic
        return tagged(
            lambda: msgspec.json.encode(collection(now, language, synthetic=made_up)),
            GEOJSON,
            _A_MOMENT,
            request.environ,
            ("notices", str(made_up), now.revision, language),
            vary=_VARY,
            extra=(("Content-Language", language),),
        )

    @views.get("/notices.atom")
    def feed() -> Response:
        query = parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        about, now = live.snapshot().about, said.notices.at(queries.now())
        language, origin = _language(query), request.root_url.rstrip("/")
        body = atom.feed(now, about.dataset, origin, language, synthetic=about.synthetic)
        return tagged(
            lambda: body,
            atom.MIMETYPE,
            _A_MOMENT,
            request.environ,
            ("atom", parsing.fingerprint(body)),
            vary=_VARY,
            extra=(("Content-Language", language),),
        )

    @views.get("/notices/<notice_id>.cap")
    def message(notice_id: str) -> Response:
        parsing.parse(request.environ["QUERY_STRING"], queries.NoQuery)
        snapshot = live.snapshot()
        found = known(voice, said, notice_id)
        version = _version(found, notice_id)
        about = snapshot.about
        return tagged(
            lambda: cap.message(
                found, version, about.dataset, snapshot.zone, synthetic=about.synthetic
            ),
            cap.MIMETYPE,
            _A_MOMENT,
            request.environ,
            ("cap", about.dataset, version.identifier, stamp(version.sent)),
        )

    return views


def known(voice: Voice, said: LiveVoice, identifier: str) -> Notice:
    """The notice of an id, or of one of its versions: at hand while it lives, else from the
    database. Raises NoSuchNotice, VoiceAway.
    """
    now = said.notices.at(queries.now())
    for notice in (*now.notices, *now.cancelled):
        if any(each.identifier == identifier for each in notice.versions):
            return notice
    with voice.database.reading() as connection:
        return notice_posts.notice(connection, identifier)


def _version(notice: Notice, identifier: str) -> NoticeVersion:
    """Of a notice's own id the latest, as that of the alert is the same: else the named one."""
    if identifier == notice.id:
        return notice.latest
    for version in notice.versions:
        if version.identifier == identifier:
            return version
    raise NoSuchNotice(identifier)


def collection(now: NoticesNow, language: Language, *, synthetic: bool) -> dict[str, Any]:
    """The notices in force and to come as a FeatureCollection, their texts in a language."""
    return {
        "type": "FeatureCollection",
        "revision": now.revision,
        "synthetic": synthetic,
        "features": [_feature(notice, language) for notice in now.notices],
    }


def _feature(notice: Notice, language: Language) -> dict[str, Any]:
    latest, body = notice.latest, notice.body
    text = body.text(language)
    return {
        "type": "Feature",
        "id": notice.id,
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in body.polygons]},
        "properties": {
            "id": notice.id,
            "version": latest.identifier,
            "category": body.category,
            "severity": body.severity,
            "urgency": body.urgency,
            "certainty": body.certainty,
            "effect": body.effect,
            "sent": stamp(latest.sent),
            "onset": stamp(latest.onset),
            "expires": stamp(latest.expires),
            "headline": text.headline,
            "description": text.description,
            "instruction": text.instruction,
            "area": text.area,
            "level": body.level,
            "levels": [{"level": level, "since": stamp(since)} for level, since in notice.levels],
            "people": body.people,
            "buildings": body.buildings,
            "estates": body.estates,
            "href": f"{root()}/n/{notice.id}",
            "cap": f"{root()}/notices/{latest.identifier}.cap",
        },
    }


def _language(query: queries.NoQuery) -> Language:
    stated = None if query.lang is msgspec.UNSET else query.lang
    return preferred(stated, request.headers.get("Accept-Language"))
