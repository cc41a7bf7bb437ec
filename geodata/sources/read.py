"""The only door to raw files: formats, encodings, checksum.

Gives text cells and row numbers, no meaning.

measure.py looks at the size of every file before anything opens it.
"""

import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from geodata.errors import BadTable, UnreadableFile
from geodata.sources import workbook
from geodata.sources.formula import freed
from geodata.sources.grid import Cut, Grid, RawTable, cut
from geodata.sources.headings import meaning
from geodata.sources.measure import measure

__all__ = ["FORMATS", "RawTable", "read", "read_csv"]

#: File name endings that are read.
FORMATS: Final = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".geojson",
    ".json",
    ".gpkg",
    ".zip",
    ".shp",
    ".parquet",
)
#: Chinese spreadsheets save as UTF-8 with a mark or as GB 18030; both are tried strictly: no cell
#: is ever half right.
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
#: What else a Chinese table may be in; charset-normalizer chooses among these only.
_RARE_ENCODINGS: Final = ["big5", "big5hkscs", "utf_16", "utf_16_le", "utf_16_be"]
#: Characters of private use: what a text holds that was decoded as what it is not.
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = (",", "\t", ";", "|")
#: Lines looked at to find the delimiter.
_LOOKED_AT: Final = 20


def read(
    path: Path, sheet: str | None = None, mapped: Collection[str] = ()
) -> tuple[RawTable, ...]:
    """Every table of a file: one, or one for each visible sheet or layer.

    With `sheet` only that one, even hidden.

    `mapped` are headings that the caller knows besides the common ones. Raises UnreadableFile
    (missing, too large, not what its name says, no such format) or BadTable (no such sheet, no
    headings).
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnreadableFile(
            f"{path.name} ends in none of {', '.join(FORMATS)}; save it as CSV or xlsx"
        )
    if suffix in (".csv", ".tsv", ".txt"):
        return (read_csv(path, mapped),)
    body = _bytes(path)
    grids, left_out, datum = _grids(path, suffix, body, sheet)
    if not grids:
        raise BadTable(f"{path.name} holds no rows; {'; '.join(left_out) or 'it is empty'}")
    stamp = RawTable(
        path.name,
        hashlib.sha256(body).hexdigest(),
        suffix.removeprefix("."),
        (),
        (),
        (),
        datum=datum,
    )
    tables = [_table(stamp, grid, mapped) for grid in grids]
    return (replace(tables[0], left_out=(*left_out, *tables[0].left_out)), *tables[1:])


def read_csv(path: Path, mapped: Collection[str] = ()) -> RawTable:
    """A text table: comma, tab, semicolon or bar between cells.

    Raises UnreadableFile (missing, too large, binary, no such encoding) or BadTable (no or twin
    headings).
    """
    body = _bytes(path)
    text, encoding = _text(body, path)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text, path, mapped), strict=True
    )
    try:
        numbered = [
            (reader.line_num, tuple(freed(cell.strip()) for cell in cells)) for cells in reader
        ]
    except csv.Error as fault:
        raise UnreadableFile(f"{path.name}, line {reader.line_num}: {fault}") from None
    stamp = RawTable(path.name, hashlib.sha256(body).hexdigest(), encoding, (), (), ())
    return _table(
        stamp,
        Grid(tuple(row for _, row in numbered), tuple(number for number, _ in numbered)),
        mapped,
    )


def _grids(
    path: Path, suffix: str, body: bytes, sheet: str | None
) -> tuple[list[Grid], list[str], str | None]:
    if suffix in (".xlsx", ".xlsm", ".xls"):
        return *workbook.grids(path, body, sheet), None
    from geodata.sources import layers

    if suffix in (".geojson", ".json"):
        grids, datum = layers.geojson(path, body)
        return grids, [], datum
    return layers.parquet(path) if suffix == ".parquet" else layers.layers(path, sheet)


def _table(stamp: RawTable, grid: Grid, mapped: Collection[str]) -> RawTable:
    found: Cut = cut(grid, stamp.file, mapped)
    return replace(
        stamp,
        columns=found.columns,
        rows=found.rows,
        numbers=found.numbers,
        left_out=found.left_out,
        sheet=grid.sheet,
        rejects=found.rejects,
    )


def _bytes(path: Path) -> bytes:
    measure(path)
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UnreadableFile(f"{path} cannot be opened: {fault.strerror}") from None


def _text(body: bytes, path: Path) -> tuple[str, str]:
    if body[:2] in _UTF16_MARKS:  # what Excel calls Unicode text
        return _utf16(body, path), "utf-16"
    if b"\0" in body[:65_536]:
        raise UnreadableFile(f"{path.name} is not text; save it as CSV")
    for encoding in _ENCODINGS:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030":
            return _big5(body) or (text, encoding) if _PRIVATE.search(text) else (text, encoding)
        if not _looks_like_gb18030(text):
            return text, encoding
    return _rare(body, path)


def _big5(body: bytes) -> tuple[str, str] | None:
    """Traditional characters are valid GB 18030 by chance, with letters among them that nobody
    types.
    """
    try:
        text = body.decode("big5hkscs")
    except UnicodeDecodeError:
        return None
    return None if _PRIVATE.search(text) else (text, "big5hkscs")


def _utf16(body: bytes, path: Path) -> str:
    try:
        return body.decode("utf-16")
    except UnicodeDecodeError as fault:
        raise UnreadableFile(
            f"{path.name} begins as UTF-16 and is not: {fault.reason}; save it as UTF-8"
        ) from None


def _rare(body: bytes, path: Path) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(body, cp_isolation=_RARE_ENCODINGS).best()
    if best is None or not any("\u4e00" <= letter <= "\u9fff" for letter in str(best)):
        raise UnreadableFile(f"{path.name} is neither UTF-8 nor GB 18030; save it as UTF-8")
    return str(best), best.encoding


def _looks_like_gb18030(text: str) -> bool:
    """Two-byte Chinese characters can form valid UTF-8 by chance: Armenian or Arabic letters, and
    no Chinese at all.
    """
    return any("\u0370" <= letter <= "\u07ff" for letter in text) and not any(
        "\u4e00" <= letter <= "\u9fff" for letter in text
    )


def _delimiter(text: str, path: Path, mapped: Collection[str]) -> str:
    """The one that yields most known headings in a line, then most cells.

    The comma where nothing decides.
    """
    if path.suffix.lower() == ".tsv":
        return "\t"
    lines = text[:100_000].splitlines()[:_LOOKED_AT]
    return max(
        _DELIMITERS,
        key=lambda each: max((_score(line, each, mapped) for line in lines), default=(0, 0)),
    )


def _score(line: str, delimiter: str, mapped: Collection[str]) -> tuple[int, int]:
    cells: Iterator[str] = (cell.strip(' "') for cell in line.split(delimiter))
    known = [cell in mapped or meaning(cell) is not None for cell in cells]
    return sum(known), len(known)
