"""The only door to raw files: formats, encodings, checksum.

Gives text cells and row numbers, no meaning.

measure.py looks at the size of every file before anything opens it.
"""

import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from geodata.errors import BadTable, UnreadableFile
from geodata.sources import html_table, workbook
from geodata.sources.formula import freed
from geodata.sources.grid import Cut, Grid, RawTable, cut
from geodata.sources.headings import meaning
from geodata.sources.html_table import is_html
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
    ".et",
    ".htm",
    ".html",
    ".geojson",
    ".json",
    ".gpkg",
    ".zip",
    ".shp",
    ".parquet",
)
#: Those that a spreadsheet writes, or that are called so.
_BOOKS: Final = (".xlsx", ".xlsm", ".xls", ".et", ".htm", ".html")
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
    path: Path,
    sheets: Sequence[str] = (),
    mapped: Collection[str] = (),
    *,
    hidden: bool = False,
) -> tuple[RawTable, ...]:
    """Every table of a file: one, or one for each visible sheet or layer that holds places.

    With `sheets` only those, even hidden. Of several sheets, those without headings of names and
    places (covers, summaries) are left out and told. `hidden` takes hidden and struck-out rows.

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
    if suffix in _BOOKS and _is_text(body):
        text, encoding = _text(body, path)
        if not is_html(text):
            return (_of_text(body, text, encoding, path, mapped),)
        grids = html_table.tables(text, path.name, hidden=hidden)
        left_out: list[str] = []
        datum = None
    else:
        grids, left_out, datum = _grids(path, suffix, body, sheets, hidden=hidden)
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
    (first, *others), skipped = _of_places(stamp, grids, mapped, every=bool(sheets))
    return (replace(first, left_out=(*left_out, *skipped, *first.left_out)), *others)


def _of_places(
    stamp: RawTable, grids: Sequence[Grid], mapped: Collection[str], *, every: bool
) -> tuple[list[RawTable], list[str]]:
    """Of several sheets those that hold places, and a sentence for each other one.

    All of them where they were asked for by name (`every`), or where none holds places: then
    whoever reads them says what is missing. A sheet is no list of places where its headings have
    neither coordinates nor a name with an address.
    """
    if every or len(grids) == 1:
        return [_table(stamp, grid, mapped) for grid in grids], []
    places: list[RawTable] = []
    others: list[RawTable] = []
    said: list[str] = []
    for grid in grids:
        try:
            table = _table(stamp, grid, mapped)
        except BadTable as fault:
            said.append(f"sheet {grid.sheet!r} is skipped: {fault}")
            continue
        if _holds_places(table.columns, mapped):
            places.append(table)
            continue
        others.append(table)
        said.append(
            f"sheet {grid.sheet!r} is skipped: its headings ({', '.join(table.columns)[:80]}) name"
            " no coordinates, nor names with addresses; take it with --sheet"
        )
    if places or others:
        return (places, said) if places else (others, [])
    raise BadTable(f"{stamp.file} has no sheet with headings: {'; '.join(said)}")


def _holds_places(columns: Collection[str], mapped: Collection[str]) -> bool:
    fields = {known.field for column in columns if (known := meaning(column))}
    placed = {"lon", "lat"} <= fields or "lonlat" in fields
    return placed or {"name", "address"} <= fields or any(column in mapped for column in columns)


def read_csv(path: Path, mapped: Collection[str] = ()) -> RawTable:
    """A text table: comma, tab, semicolon or bar between cells.

    Raises UnreadableFile (missing, too large, binary, no such encoding) or BadTable (no or twin
    headings).
    """
    body = _bytes(path)
    text, encoding = _text(body, path)
    return _of_text(body, text, encoding, path, mapped)


def _of_text(
    body: bytes, text: str, encoding: str, path: Path, mapped: Collection[str]
) -> RawTable:
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


def _is_text(body: bytes) -> bool:
    """Whether a file named as a workbook is a text: a web page or a CSV."""
    if body.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return False
    return body[:2] in _UTF16_MARKS or b"\0" not in body[:65_536]


def _grids(
    path: Path, suffix: str, body: bytes, sheets: Sequence[str], *, hidden: bool
) -> tuple[list[Grid], list[str], str | None]:
    if suffix in _BOOKS:
        return *workbook.grids(path, body, sheets, hidden=hidden), None
    from geodata.sources import layers

    if suffix in (".geojson", ".json"):
        grids, datum = layers.geojson(path, body)
        return grids, [], datum
    return layers.parquet(path) if suffix == ".parquet" else layers.layers(path, sheets)


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
        title=found.title,
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
