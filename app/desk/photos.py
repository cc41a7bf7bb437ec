"""A photo as somebody sends it becomes a small one without what its camera wrote into it.

Only pixels are taken over: a new picture is encoded of them, so that positions, names, previews
and whatever else stands in a file go no further.
"""

import io
import re
import struct
from threading import Lock
from typing import Final, NamedTuple

from geodata.errors import BadValue

#: Bytes that are sent at most, and that a photo has at the end.
MOST_SENT: Final = 12_000_000
MOST_KEPT: Final = 200_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
#: Pixels of what is decoded whole, and of a JPEG, which is decoded at a fraction.
_MOST_PIXELS: Final = 25_000_000
_MOST_PIXELS_JPEG: Final = 64_000_000
_LONGEST_SIDE: Final = 20_000
_SHORTEST_SIDE: Final = 64
#: Pixels of the longer side at the end, and how coarse it is: the first that is small enough.
_SIDES: Final = (1280, 960, 640)
_QUALITIES: Final = (80, 65, 50)
#: What a photo holds nowhere, and a file that is several things at once does.
_MARKUP: Final = re.compile(rb"<(?:script|!doctype|html|\?php)|<svg[\s>]", re.IGNORECASE)
_PDF: Final = (b"%PDF-", 1_024)
_END_OF_ZIP: Final = (b"PK\x05\x06", 66_000)
_MAGIC: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
#: One at a time is decoded: each takes up to 100 MB.
_DECODING: Final = Lock()


class SmallPhoto(NamedTuple):
    """A photo as it is kept."""

    body: bytes
    """WebP of at most MOST_KEPT bytes."""
    width: int
    height: int


def small(sent: bytes) -> SmallPhoto:
    """A photo of what was sent: JPEG, PNG or WebP. Raises BadValue, which says what is taken."""
    if len(sent) > MOST_SENT:
        raise BadValue(
            "The photo has {size:,} bytes; at most {most:,} are taken.",
            size=len(sent),
            most=MOST_SENT,
        )
    if not sent.startswith(_MAGIC) or _is_more_than_a_picture(sent):
        raise BadValue("This is no photo, or more than one; send a JPEG, a PNG or a WebP.")
    with _DECODING:
        return _encoded(sent)


def _is_more_than_a_picture(sent: bytes) -> bool:
    pdf, zipped = _PDF, _END_OF_ZIP
    return bool(_MARKUP.search(sent) or pdf[0] in sent[: pdf[1]] or zipped[0] in sent[-zipped[1] :])


def _encoded(sent: bytes) -> SmallPhoto:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(sent), formats=_FORMATS) as opened:
            _require_size(opened.size, is_jpeg=opened.format in ("JPEG", "MPO"))
            opened.draft("RGB", (_SIDES[0], _SIDES[0]))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (
        *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error),
        *(Image.DecompressionBombError, Image.DecompressionBombWarning),
    ):
        raise BadValue("The photo cannot be read; take it anew, or save it as a JPEG.") from None
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    for side in _SIDES:
        plain.thumbnail((side, side))
        for quality in _QUALITIES:
            kept = io.BytesIO()
            plain.save(kept, "WEBP", quality=quality)
            if kept.tell() <= MOST_KEPT:
                return SmallPhoto(kept.getvalue(), *plain.size)
    raise BadValue("The photo cannot be made small enough; take another one.")


def _require_size(size: tuple[int, int], *, is_jpeg: bool) -> None:
    """Raise BadValue before anything is decoded."""
    width, height = size
    most = _MOST_PIXELS_JPEG if is_jpeg else _MOST_PIXELS
    if min(size) < _SHORTEST_SIDE or max(size) > _LONGEST_SIDE or width * height > most:
        raise BadValue(
            "The photo has {width} × {height} pixels; a side has {least} to {longest}, and all of"
            " it at most {most:,}.",
            width=width,
            height=height,
            least=_SHORTEST_SIDE,
            longest=_LONGEST_SIDE,
            most=most,
        )
