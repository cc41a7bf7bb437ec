"""A table that somebody sends: what it is by its name and by its first bytes, or why it is refused.

Opens nothing: the job that reads it measures it first, and a library sees it only then.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Final

from app.db import uploads
from app.db.database import Database
from app.db.uploads import PART, StoredUpload
from app.desk.roles import Location
from geodata.errors import BadValue

#: Larger lists are sent by the command line.
MOST_BYTES: Final = 30_000_000
_LONGEST_NAME: Final = 120
_HEAD: Final = 64_000
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_END_OF_ZIP: Final = b"PK\x05\x06"
#: What no table begins with, whatever its name says.
_OTHERS: Final = (b"%PDF", b"\x7fELF", b"MZ", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_MARKUP: Final = re.compile(rb"<\s*(?:svg|script|!doctype\s+svg)", re.IGNORECASE)


def name_of(stated: str) -> str:
    """A file's name without folders, marks and controls. Raises BadValue."""
    last = PurePosixPath(stated.replace("\\", "/")).name
    name = "".join(each for each in last if each.isprintable()).strip(". ")
    suffix = PurePosixPath(name).suffix.lower()
    if not name or suffix not in _LOOKS or len(name) > _LONGEST_NAME:
        raise BadValue(
            "{file} is not taken here; send a table: {formats}",
            file=(name or stated)[:_LONGEST_NAME],
            formats=", ".join(_LOOKS),
        )
    return name


def require_table(name: str, body: IO[bytes], size: int) -> None:
    """Raise BadValue where the bytes are not what the name says, or are too many."""
    if not 0 < size <= MOST_BYTES:
        raise BadValue(
            "{file} has {size:,} bytes; a table has 1 to {most:,}",
            file=name,
            size=size,
            most=MOST_BYTES,
        )
    body.seek(0)
    head = body.read(_HEAD)
    body.seek(max(0, size - _HEAD))
    tail = body.read()
    looks = _LOOKS[PurePosixPath(name).suffix.lower()]
    if head.startswith(_OTHERS) or _MARKUP.search(head) or not looks(head, tail):
        raise BadValue(
            "{file} is not what its name says, or more than that; save it anew as a workbook or as"
            " CSV and send that",
            file=name,
        )


def keep(
    database: Database,
    name: str,
    body: IO[bytes],
    whose: tuple[str, Location],
    by: str,
    now: datetime,
) -> StoredUpload:
    """Write a table part by part; `whose` are its layer and where that lies.

    Raises BadValue, and VoiceAway.
    """
    body.seek(0, 2)
    size = body.tell()
    require_table(name, body, size)
    body.seek(0)
    digest = hashlib.file_digest(body, "sha256").hexdigest()  # type: ignore[arg-type]  # of any bytes
    layer, where = whose
    sent = StoredUpload(
        secrets.token_hex(6), name, layer, where.district, where.street, size, digest, by, now
    )
    database.write(lambda connection: uploads.add(connection, sent))
    body.seek(0)
    for number, part in enumerate(iter(lambda: body.read(PART), b"")):
        database.write(
            lambda connection, at=number, bytes_=part: uploads.add_part(  # type: ignore[misc]  # a default binds it
                connection, sent.id, at, bytes_
            )
        )
    return sent


def _is_zip(head: bytes, tail: bytes) -> bool:
    """A zip that begins and ends with itself: nothing stands before it or after it."""
    end = tail.rfind(_END_OF_ZIP)
    if not head.startswith(_ZIP) or end < 0 or len(tail) < end + 22:
        return False
    return len(tail) == end + 22 + int.from_bytes(tail[end + 20 : end + 22], "little")


def _is_text(head: bytes, _tail: bytes) -> bool:
    """Words: no zeros but in UTF-16, and no markup."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in head and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", _ZIP))


def _is_json(head: bytes, tail: bytes) -> bool:
    return _is_text(head, tail) and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _is_old_workbook(head: bytes, tail: bytes) -> bool:
    """The old format, the new one under its name, or a page with a table."""
    return head.startswith(_OLE) or _is_zip(head, tail) or b"<table" in head.lower()


def _is_sqlite(head: bytes, _tail: bytes) -> bool:
    return head.startswith(b"SQLite format 3\0")


def _is_parquet(head: bytes, tail: bytes) -> bool:
    return head.startswith(b"PAR1") and tail.endswith(b"PAR1")


#: By the ending of a name, whether bytes are of that format: by their beginning and end.
_LOOKS: Final[Mapping[str, Callable[[bytes, bytes], bool]]] = {
    ".xlsx": _is_zip,
    ".xlsm": _is_zip,
    ".xls": _is_old_workbook,
    ".et": _is_old_workbook,
    ".csv": _is_text,
    ".tsv": _is_text,
    ".txt": _is_text,
    ".geojson": _is_json,
    ".json": _is_json,
    ".zip": _is_zip,
    ".gpkg": _is_sqlite,
    ".parquet": _is_parquet,
}
