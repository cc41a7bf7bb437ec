"""A place's photo: what is taken, what of it is kept, and who shows it to riders."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from app.db import photos as stored
from app.desk import photos
from app.desk.roles import DeskRole
from geodata.errors import BadValue
from tests.app.desk.desk_town import LOOPBACK, DeskClient, DeskTown
from tests.app.desk.samples import place_of

SECRET = b"22.5405N 113.9512E Wang"


def picture(
    form: str = "JPEG", size: tuple[int, int] = (900, 600), noise: int = 1, **more: object
) -> bytes:
    made, kept = Image.effect_noise(size, noise).convert("RGB"), io.BytesIO()
    made.save(kept, form, **more)
    return kept.getvalue()


def from_a_phone() -> bytes:
    """On its side, with a position, a comment and a profile in it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=SECRET, icc_profile=SECRET)


def header_of(width: int, height: int) -> bytes:
    """A PNG that says that it is this large, and holds nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_a_phones_photo_stands_upright_and_says_nothing_of_who_took_it() -> None:
    sent = from_a_phone()
    assert SECRET in sent
    small = photos.small(sent)
    assert (small.width, small.height) == (600, 900)
    assert SECRET not in small.body
    with Image.open(io.BytesIO(small.body)) as read:
        assert (read.format, read.size, dict(read.getexif())) == ("WEBP", (600, 900), {})
        assert not {"exif", "icc_profile", "xmp", "comment"} & {*read.info}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_large_noisy_photo_becomes_small(form: str) -> None:
    small = photos.small(picture(form, (2400, 1600), 90))
    assert len(small.body) <= photos.MOST_KEPT
    assert max(small.width, small.height) <= 1280


def test_what_is_seen_through_becomes_white() -> None:
    kept = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(kept, "PNG")
    with Image.open(io.BytesIO(photos.small(kept.getvalue()).body)) as read:
        assert min(read.convert("RGB").getpixel((50, 50))) > 250  # type: ignore[type-var,operator]  # three numbers


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        lambda: picture("GIF"),
        lambda: picture("TIFF"),
        lambda: picture("BMP"),
        lambda: b"%PDF-1.7 " + picture(),
        lambda: picture(comment=b"<script>alert(1)</script>"),
        lambda: picture() + b"<!DOCTYPE html><p>",
        lambda: picture() + b"PK\x05\x06" + bytes(18),
        lambda: picture(comment=b"%PDF-1.7"),
        lambda: picture()[:400],
        lambda: b"\xff\xd8\xff" + bytes(500),
        lambda: b"RIFF" + bytes(500),
        lambda: header_of(60_000, 60_000),
        lambda: header_of(6_000, 6_000),
        lambda: header_of(19_999, 2_000),
        lambda: header_of(0, 10),
        lambda: picture(size=(20, 20)),
        lambda: bytes(photos.MOST_SENT + 1),
    ],
)
def test_what_is_no_photo_or_more_than_one_is_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(BadValue):
        photos.small(make())


def test_nothing_too_large_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head says how large it is; that is refused before a pixel is read."""

    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", never)
    for size in ((6_000, 6_000), (9_000, 9_000)):
        with pytest.raises(BadValue, match="pixels"):
            photos.small(header_of(*size))


def sent(client: DeskClient, place: str, body: bytes, **more: str) -> int:
    fields = {"nobody": "1", **more}
    file = (io.BytesIO(body), "../../door.jpg")
    return client.post(f"/desk/places/{place}/photo", photo=file, **fields).status_code


def digest_of(town: DeskTown, place: str, *, shown: bool) -> str:
    with town.desk.database.reading() as connection:
        held = stored.of(connection, place, shown=shown)
    return held.sha256 if held else ""


def test_a_photo_is_shown_once_a_publisher_has_looked_at_it(town: DeskTown) -> None:
    place = place_of(town)
    editor, publisher = town.client(DeskRole.EDITOR), town.client(DeskRole.PUBLISHER)
    rider = town.app.test_client()
    decide = f"/desk/places/{place}/photo/decide"
    for _ in range(2):  # the second replaces the first
        before = digest_of(town, place, shown=True)
        assert sent(editor, place, from_a_phone()) == 303
        waits = digest_of(town, place, shown=False)
        assert editor.get(f"/desk/places/{place}/photo").data.startswith(b"RIFF")
        assert place in publisher.get("/desk/waiting").text
        assert rider.get(f"/photos/{waits}.webp").status_code == 404
        assert editor.post(decide, act="publish", seen=waits).status_code == 403
        assert publisher.post(decide, act="publish", seen="0" * 64).status_code == 409
        assert publisher.post(decide, act="publish", seen=waits).status_code == 303
        town.desk.hurry()
        assert f"/photos/{waits}.webp" in rider.get(f"/p/{place}").text
        shown = rider.get(f"/photos/{waits}.webp")
        assert (shown.status_code, shown.mimetype) == (200, "image/webp")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        if before:
            assert rider.get(f"/photos/{before}.webp").status_code == 404
    assert publisher.post(decide, act="remove", seen=waits).status_code == 303
    town.desk.hurry()
    assert "/photos/" not in rider.get(f"/p/{place}").text
    assert rider.get(f"/photos/{waits}.webp").status_code == 404


def test_a_photo_that_is_not_taken_changes_nothing_and_says_why(town: DeskTown) -> None:
    editor, place = town.client(DeskRole.EDITOR), place_of(town)
    assert sent(editor, place, picture()) == 303
    kept = digest_of(town, place, shown=False)
    assert sent(editor, place, b"<svg/>") == 400
    assert sent(editor, place, picture(), nobody="") == 400
    assert editor.post(f"/desk/places/{place}/photo", nobody="1").status_code == 400
    assert digest_of(town, place, shown=False) == kept
    refused = town.client(DeskRole.PUBLISHER).post(
        f"/desk/places/{place}/photo/decide", act="refuse", seen=kept
    )
    assert refused.status_code == 303
    assert digest_of(town, place, shown=False) == ""


@pytest.mark.parametrize("digest", ["x", "../x", "0" * 63, "A" * 64, "%00", "0" * 64])
def test_an_address_without_a_photo_is_refused(town: DeskTown, digest: str) -> None:
    reply = town.app.test_client().get(f"/photos/{digest}.webp", base_url=LOOPBACK)
    assert reply.status_code == 404
