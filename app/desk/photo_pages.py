"""The photo of a place: sent by who stands at its door, shown once a publisher has looked at it."""

import hashlib
from collections.abc import Callable

from flask import Response

from app.db import photos as stored
from app.db.database import Connection
from app.db.photos import StoredPhoto
from app.desk import photos
from app.desk.page import page
from app.desk.places import where_of_place
from app.desk.roles import Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.response import problems
from app.response.headers import OWN_REFERRED, Finished
from app.response.refusals import DeskRefusal, NoSuchThing
from geodata.errors import BadValue, NuanfengError


def add(views: Views) -> None:
    """Add what is done with photos."""

    @views.add("/desk/places/<place>/photo", Verb.SEE, ViewReach.THING, where=where_of_place)
    def waits(asked: DeskRequest, place: str) -> Response:
        with asked.desk.database.reading() as connection:
            body = stored.body_of(connection, place, shown=False)
        if body is None:
            raise NoSuchThing
        headers = [("Content-Type", "image/webp"), ("Cache-Control", "no-store"), *OWN_REFERRED]
        return Finished(body, 200, headers)

    @views.add(
        "/desk/places/<place>/photo",
        Verb.EDIT,
        ViewReach.THING,
        post=True,
        where=where_of_place,
        takes_files=True,
        most_bytes=photos.MOST_SENT + 100_000,
    )
    def send(asked: DeskRequest, place: str) -> Response:
        return _done(asked, place, _sent)

    @views.add(
        "/desk/places/<place>/photo/decide",
        Verb.PUBLISH,
        ViewReach.THING,
        post=True,
        where=where_of_place,
    )
    def decide(asked: DeskRequest, place: str) -> Response:
        return _done(asked, place, _decided)


def _done(asked: DeskRequest, place: str, did: Callable[[DeskRequest, str], None]) -> Response:
    """Back to the place; or what was wrong, with the way back."""
    try:
        did(asked, place)
    except NuanfengError as fault:
        status, said, _ = problems.told(fault)
        return page(asked, "photo_refused.html", status, place=place, fault=said)
    return sent_on(f"/desk/places/{place}")


def _sent(asked: DeskRequest, place: str) -> None:
    """Keep a photo until a publisher looks at it. Raises BadValue."""
    file = asked.files.get("photo")
    if file is None or not file.filename:
        raise BadValue("Choose a photo first.")
    if not asked.field("nobody"):
        raise BadValue("Look at the photo first: no faces, no licence plates. Then tick that.")
    small = photos.small(file.stream.read(photos.MOST_SENT + 1))
    digest = hashlib.sha256(small.body).hexdigest()
    by, not_shown = asked.operator.name, False
    size = (small.width, small.height)
    sent = StoredPhoto(place, not_shown, digest, *size, by, asked.now)

    def unit(connection: Connection) -> None:
        stored.put(connection, sent, small.body)
        asked.note(connection, "edit", f"place {place}", "photo", "", digest)

    asked.desk.database.write(unit)


def _decided(asked: DeskRequest, place: str) -> None:
    """Show the photo that waits, throw it away, or take the shown one down. Raises DeskRefusal."""
    act, seen = asked.field("act"), asked.field("seen")

    def unit(connection: Connection) -> bool:
        if act == "publish":
            done = stored.publish(connection, place, seen, asked.operator.name, asked.now)
        else:
            held = stored.of(connection, place, shown=act == "remove")
            done = held is not None and held.sha256 == seen
            if done:
                stored.remove(connection, place, shown=act == "remove")
        if done:
            before, after = ("", seen) if act == "publish" else (seen, "")
            asked.note(connection, "publish", f"place {place}", "photo", before, after)
        return done

    if not asked.desk.database.write(unit):
        raise DeskRefusal("It is another photo by now; look at it, and decide anew.")
