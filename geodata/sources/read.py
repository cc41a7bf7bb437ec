"""The only door to raw files: encoding, size limits, checksum. Gives text cells and row numbers; guesses no meaning."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geodata.errors import BadTable, Reject, UnreadableFile
from geodata.sources.formula import freed

#: Larger tables are refused before they are read; 2 million stations are about 200 MB.
MOST_BYTES: Final = 400_000_000
#: Chinese spreadsheets save as UTF-8 with a mark or as GB 18030; both are tried strictly: no cell is ever half right.
_ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class RawTable:
    """Text cells as read."""

    file: str
    sha256: str
    encoding: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    """The line of the file on which each row ends, the heading being on line 1."""


def read_csv(path: Path) -> RawTable:
    """A comma-separated file with one line of headings.

    Raises UnreadableFile (missing, too large, binary, no such encoding) or BadTable (no or twin headings, rows with
    another number of cells; all of them, with their line).
    """
    body = _bytes(path)
    text, encoding = _text(body, path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = tuple(cell.strip() for cell in next(reader, ()))
        _check_columns(columns, path)
        rows, numbers = _rows(reader, columns)
    except csv.Error as fault:
        raise UnreadableFile(f"{path.name}, line {reader.line_num}: {fault}") from None
    return RawTable(path.name, hashlib.sha256(body).hexdigest(), encoding, columns, rows, numbers)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableFile(f"{path.name} has {size:,} bytes; at most {MOST_BYTES:,} are read")
        body = path.read_bytes()
    except OSError as fault:
        raise UnreadableFile(f"{path} cannot be opened: {fault.strerror}") from None
    if b"\0" in body[:65_536]:
        raise UnreadableFile(f"{path.name} is not text; save it as CSV")
    return body


def _text(body: bytes, path: Path) -> tuple[str, str]:
    for encoding in _ENCODINGS:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" or not _looks_like_gb18030(text):
            return text, encoding
    raise UnreadableFile(f"{path.name} is neither UTF-8 nor GB 18030; save it as UTF-8")


def _looks_like_gb18030(text: str) -> bool:
    """Two-byte Chinese characters can form valid UTF-8 by chance: Armenian or Arabic letters, and no Chinese at all."""
    return any("\u0370" <= letter <= "\u07ff" for letter in text) and not any(
        "\u4e00" <= letter <= "\u9fff" for letter in text
    )


def _check_columns(columns: Sequence[str], path: Path) -> None:
    if not any(columns):
        raise BadTable(f"{path.name} has no headings in its first line")
    twins = sorted({name for name in columns if columns.count(name) > 1})
    if twins:
        raise BadTable(f"{path.name} has columns of the same name: {', '.join(twins)}")


def _rows(reader: Iterator[list[str]], columns: Sequence[str]) -> tuple[tuple[tuple[str, ...], ...], tuple[int, ...]]:
    rows, numbers, bad = [], [], []
    for cells in reader:
        number: int = reader.line_num  # type: ignore[attr-defined]  # csv's reader has it, typeshed hides its class
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            bad.append(Reject(number, "", ",".join(cells)[:100], f"{len(cells)} cells where {len(columns)} are headed"))
            continue
        rows.append(tuple(freed(cell.strip()) for cell in cells))
        numbers.append(number)
    if bad:
        raise BadTable(f"{len(bad)} rows do not fit the headings", bad)
    return tuple(rows), tuple(numbers)
