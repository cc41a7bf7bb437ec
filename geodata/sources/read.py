"""The only door to raw files: formats, encodings, checksum.

Gives text cells and row numbers, no meaning.

measure.py looks at the size of every file before anything opens it.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from geodata.errors import BadTable, Reject, Said, UnreadableFile, why_of
from geodata.extract.foreign_files import apart, readable
from geodata.sources import html_table, workbook
from geodata.sources.decoding import Decoded, checked_encoding, decoded
from geodata.sources.file_options import PLAIN, FileOptions
from geodata.sources.formula import freed
from geodata.sources.grid import Cut, Grid, RawTable, cut
from geodata.sources.headings import meaning, shaped
from geodata.sources.html_table import is_html
from geodata.sources.measure import measure

__all__ = ["FORMATS", "RawTable", "read", "read_csv"]

#: File name endings that are read.
TEXTS: Final = (".csv", ".tsv", ".txt")
#: Those that a spreadsheet writes, or that are called so.
WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls", ".et", ".htm", ".html")
FORMATS: Final = (
    *TEXTS,
    *WORKBOOKS,
    ".geojson",
    ".json",
    ".gpkg",
    ".zip",
    ".shp",
    ".parquet",
)
#: How a zip (xlsx), and a container of old workbooks begin.
_ZIP, _OLD_BOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
#: The longest cell: an outline of a city as WKT has some 100,000 characters.
csv.field_size_limit(50_000_000)
_DELIMITERS: Final = (",", "\t", ";", "|")
#: Lines looked at to find the delimiter.
_LOOKED_AT: Final = 20


def read(
    path: Path, options: FileOptions = PLAIN, mapped: Collection[str] = ()
) -> tuple[RawTable, ...]:
    """Every table of a file: one, or one for each visible sheet or layer that holds places.

    Of several sheets, those without headings of names and places (covers, summaries) are left out
    and told, unless `options` name them. `mapped` are headings that the caller knows besides the
    common ones. Raises UnreadableFile (missing, too large, not what its name says, damaged, no such
    format), BadTable (no such sheet, no headings) or BadValue (no such encoding or CRS).
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnreadableFile(
            "{file} ends in none of {formats}; save it as CSV or xlsx",
            file=path.name,
            formats=[*FORMATS],
        )
    if options.encoding:
        checked_encoding(options.encoding)
    if suffix in TEXTS:
        return (read_csv(path, mapped, options.encoding),)
    body = _bytes(path)
    stamp = RawTable(
        path.name, hashlib.sha256(body).hexdigest(), suffix.removeprefix("."), (), (), ()
    )
    if suffix in WORKBOOKS and _is_text(body):
        found = decoded(body, path.name, options.encoding)
        if not is_html(found.text):
            return (_of_text(stamp, found, path, mapped),)
        grids: Sequence[Grid] = html_table.tables(found.text, path.name, hidden=options.hidden)
        left_out: Sequence[Said] = ()
    elif suffix in WORKBOOKS:
        grids, left_out = _sheets(path, body, options)
    else:
        grids, left_out, stamp = _layers(path, stamp, options)
    if not grids:
        raise BadTable(
            "{file} holds no rows; {left_out}",
            file=path.name,
            left_out=[*left_out] or Said("it is empty"),
        )
    (first, *others), skipped = _of_places(stamp, grids, mapped, every=bool(options.sheets))
    return (replace(first, left_out=(*left_out, *skipped, *first.left_out)), *others)


def _is_text(body: bytes) -> bool:
    """Whether a file named as a workbook is a text: a web page or a CSV. An empty file is none."""
    if not body or body.startswith((_ZIP, _OLD_BOOK)):
        return False
    return body[:2] in _UTF16_MARKS or b"\0" not in body[:65_536]


def _sheets(path: Path, body: bytes, options: FileOptions) -> tuple[list[Grid], list[Said]]:
    opened = partial(workbook.grids, path, body, options.sheets, hidden=options.hidden)
    with readable(path, Said("as a workbook")):
        return opened() if body.startswith(_ZIP) else apart(path, opened)


def _layers(
    path: Path, stamp: RawTable, options: FileOptions
) -> tuple[Sequence[Grid], Sequence[Said], RawTable]:
    if path.suffix.lower() == ".parquet":  # by its footer, before a library of frames is there
        from geodata.sources.geoparquet import require_table

        require_table(path)
    from geodata.sources import layers

    found = layers.grids(path, options)
    return found.grids, found.said, replace(stamp, datum=found.datum, about=found.about)


def _of_places(
    stamp: RawTable, grids: Sequence[Grid], mapped: Collection[str], *, every: bool
) -> tuple[list[RawTable], list[Said]]:
    """Of several sheets those that hold places, and a sentence for each other one.

    All of them where they were asked for by name (`every`), or where none holds places: then
    whoever reads them says what is missing. A sheet is no list of places where its headings have
    neither coordinates nor a name with an address.
    """
    if every or len(grids) == 1:
        return [_table(stamp, grid, mapped) for grid in grids], []
    places: list[RawTable] = []
    others: list[RawTable] = []
    said: list[Said] = []
    for grid in grids:
        try:
            table = _table(stamp, grid, mapped)
        except BadTable as fault:
            said.append(Said("sheet {sheet!r} is skipped: {why}", sheet=grid.sheet, why=fault))
            continue
        if _holds_places(table.columns, mapped):
            places.append(table)
            continue
        others.append(table)
        said.append(
            Said(
                "sheet {sheet!r} is skipped: its headings ({columns}) name no coordinates, nor"
                " names with addresses; take it with --sheet",
                sheet=grid.sheet,
                columns=", ".join(table.columns)[:80],
            )
        )
    if places or others:
        return (places, said) if places else (others, [])
    raise BadTable("{file} has no sheet with headings: {said}", file=stamp.file, said=said)


def _holds_places(columns: Collection[str], mapped: Collection[str]) -> bool:
    fields = {known.field for column in columns if (known := meaning(column))}
    placed = {"lon", "lat"} <= fields or "lonlat" in fields
    return placed or {"name", "address"} <= fields or any(column in mapped for column in columns)


def read_csv(path: Path, mapped: Collection[str] = (), encoding: str | None = None) -> RawTable:
    """A text table: comma, tab, semicolon or bar between cells.

    Raises UnreadableFile (missing, too large, binary, no such encoding) or BadTable (no or twin
    headings).
    """
    body = _bytes(path)
    stamp = RawTable(path.name, hashlib.sha256(body).hexdigest(), "", (), (), ())
    return _of_text(stamp, decoded(body, path.name, encoding), path, mapped)


def _of_text(stamp: RawTable, found: Decoded, path: Path, mapped: Collection[str]) -> RawTable:
    reader = csv.reader(
        io.StringIO(found.text, newline=""),
        delimiter=delimiter_of(found.text, path, mapped),
        strict=True,
    )
    try:
        numbered = _rows(reader)
    except csv.Error as fault:
        raise UnreadableFile(
            "{file}, line {line}: {why}; mend it, or save it anew as CSV",
            file=path.name,
            line=reader.line_num,
            why=fault,
        ) from None
    return _table(
        replace(stamp, encoding=found.encoding),
        Grid(tuple(row for _, row in numbered), tuple(number for number, _ in numbered)),
        mapped,
    )


def _rows(reader: Any) -> list[tuple[int, tuple[str, ...]]]:
    """Lines of cells with their numbers; those of our own exports with every blank they have."""
    head = next(reader, None)
    if head is None:
        return []
    own = shaped(head)
    numbered = [(reader.line_num, tuple(freed(cell.strip()) for cell in head))]
    if own:
        numbered += [(reader.line_num, tuple(map(freed, cells))) for cells in reader]
    else:
        numbered += [
            (reader.line_num, tuple(freed(cell.strip()) for cell in cells)) for cells in reader
        ]
    return numbered


def _table(stamp: RawTable, grid: Grid, mapped: Collection[str]) -> RawTable:
    if grid.rows and shaped(grid.rows[0]):
        return _own(stamp, grid)
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


def _own(stamp: RawTable, grid: Grid) -> RawTable:
    """An export of ours has its headings in the first row, and nothing but places below."""
    columns = grid.rows[0]
    kept = [at for at, row in enumerate(grid.rows) if at and any(row)]
    bad = [at for at in kept if len(grid.rows[at]) != len(columns)]
    rejects = tuple(
        Reject(
            grid.numbers[at],
            "",
            ",".join(grid.rows[at])[:100],
            Said(
                (
                    "{count} cells where {count2} are headed; is a separator missing, or one too "
                    "many?"
                ),
                count=len(grid.rows[at]),
                count2=len(columns),
            ),
            f"{stamp.file} / {grid.sheet}" if grid.sheet else stamp.file,
        )
        for at in bad
    )
    good = [at for at in kept if len(grid.rows[at]) == len(columns)]
    return replace(
        stamp,
        columns=columns,
        rows=tuple(grid.rows[at] for at in good),
        numbers=tuple(grid.numbers[at] for at in good),
        left_out=grid.left_out,
        sheet=grid.sheet,
        rejects=rejects,
    )


def _bytes(path: Path) -> bytes:
    measure(path)
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UnreadableFile(
            "{file} cannot be opened: {why}", file=path, why=why_of(fault)
        ) from None


def delimiter_of(text: str, path: Path, mapped: Collection[str]) -> str:
    """The separator that yields most known headings in a line, then most cells.

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
