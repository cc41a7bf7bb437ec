"""A sheet of text cells becomes a table: where its headings stand, and which rows are none of its.

Reads no files.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from geodata.errors import BadTable, Reject, Said
from geodata.sources.headings import GROUP_MARK, datum_named, meaning

#: Headings are looked for this far down: above them stand a title, a date, who filled it in.
_LOOKED_AT: Final = 20
#: Fewer known headings may be cells that look like one.
_FEWEST_KNOWN: Final = 2
_TOTAL: Final = re.compile(
    r"\S{0,12}?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总数|汇总|total|sum|subtotal)"
    r"(?:\s*[:：\d(（].*)?",
    re.IGNORECASE,
)
_NOTE: Final = re.compile(
    r"(?:备\s*注|注|说\s*明|填\s*(?:表|报)|制\s*表|审\s*[核批]|复\s*核|经\s*办|负\s*责|主\s*管|单\s*位|"
    r"数据来源|来源|联\s*系|电\s*话|日\s*期|更新|统计|截\s*[至止]|上报|报送|盖章|签[字名])"
    r"[^:：]{0,12}[:：].*|注\d?[、.].*|[(（]?(?:盖章|签字|公章)[)）]?",
    re.DOTALL,
)
#: The title of a part of a list: 一、民权街道, （二）商户, 江汉区:
_SECTION: Final = re.compile(
    r"(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.．：:]|第[一二三四五六七八九十\d]+[部章节批]).*"
    r"|\S{1,12}(?:区|街道|办事处|镇)(?:[（(].*[）)])?[:：]?|.*[:：]",
    re.DOTALL,
)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawTable:
    """Text cells as read."""

    file: str
    sha256: str
    encoding: str
    """Of a text file; else the name of the format."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    """The row of the file as a spreadsheet counts it (of a feature, its number): what a person
    looks up.
    """
    sheet: str | None = None
    left_out: tuple[Said, ...] = ()
    """What stood in the file and is no row: titles, totals, hidden sheets; a sentence each."""
    datum: str | None = None
    """The datum that the file itself states."""
    rejects: tuple[Reject, ...] = ()
    """Rows that do not fit the headings; they are not in `rows`."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the file says of itself as a whole, beside its rows."""
    title: str = ""
    """What stood above the headings."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: rows of text cells with the number of each in the file."""

    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    sheet: str | None = None
    left_out: tuple[Said, ...] = ()
    """What the sheet holds besides: hidden rows, a sentence each."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a grid holds: headings, rows under them, and a sentence for each other row."""

    columns: Row
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    left_out: tuple[Said, ...]
    rejects: tuple[Reject, ...] = ()
    """Rows with other numbers of cells than there are headings."""
    title: str = ""
    """What stood above the headings."""


def cut(grid: Grid, name: str, mapped: Collection[str] = ()) -> Cut:
    """Find the headings and the rows under them.

    Headings are the row of the first 20 that holds most known ones (`mapped` are known too), or two
    rows that hold more together, or the first row. Blank rows and blank columns say nothing; a row
    with another number of cells is refused, for nobody knows which is missing. Raises BadTable: no
    headings, or twin headings.
    """
    filled = [
        (number, row) for number, row in zip(grid.numbers, grid.rows, strict=True) if any(row)
    ]
    if not filled:
        raise BadTable("{name} has no headings in its first line", name=name)
    found = _headings([row for _, row in islice(filled, _LOOKED_AT)], mapped)
    columns = _columns(found.joined, name)
    above = filled[: found.at]
    left_out: list[Said] = [
        *grid.left_out,
        *(Said("row {row}: title {cells}", row=number, cells=_shown(row)) for number, row in above),
    ]
    rows, numbers, bad = [], [], []
    source = f"{name} / {grid.sheet}" if grid.sheet else name
    for number, row in filled[found.at + found.height :]:
        why = _no_row(row, found)
        if why:
            left_out.append(
                Said("row {row}: {why} {cells}", row=number, why=why, cells=_shown(row))
            )
            continue
        fitted = _fitted(row, len(columns))
        if fitted is None:
            reason = Said(
                (
                    "{count} cells where {count2} are headed; is a separator missing, or one too "
                    "many?"
                ),
                count=len(row),
                count2=len(columns),
            )
            bad.append(Reject(number, "", ",".join(row)[:100], reason, source))
            continue
        rows.append(fitted)
        numbers.append(number)
    title = " ".join(dict.fromkeys(cell for _, row in above for cell in row if cell))
    whole = Cut(columns, tuple(rows), tuple(numbers), tuple(left_out), tuple(bad), title)
    return whole if all(columns) else _without_blank_columns(whole)


@dataclass(frozen=True, slots=True)
class _Headings:
    """Where the headings stand among the filled rows, and what they are."""

    at: int
    height: int
    rows: tuple[Row, ...]
    """As they stand."""
    joined: Row
    """One text a column, "" where there is none."""
    places: frozenset[int]
    """Columns of names and coordinates: a row that fills none of them is no place."""
    words: tuple[frozenset[str], ...]
    """Of each column its headings without spaces, in any of the rows."""


def _headings(rows: Sequence[Row], mapped: Collection[str]) -> _Headings:
    """The row, or the two rows, that name most fields; the upper one where several do."""
    best, most = _one(rows, 0, mapped), _fields(rows[0], mapped)
    for at in range(len(rows)):
        known = _fields(rows[at], mapped)
        if known > most and known >= _FEWEST_KNOWN:
            best, most = _one(rows, at, mapped), known
    for at in range(len(rows) - 1):
        joined = _joined(rows[at], rows[at + 1], mapped)
        if joined and _fields(joined, mapped) > most and _fields(joined, mapped) >= _FEWEST_KNOWN:
            best = _found(at, rows[at : at + 2], joined, mapped)
            most = _fields(joined, mapped)
    return best


def _one(rows: Sequence[Row], at: int, mapped: Collection[str]) -> _Headings:
    """A row of headings; above it a row of merged cells may name groups of columns."""
    above = rows[at - 1] if at else ()
    joined = _joined(above, rows[at], mapped) if above else None
    if joined and above and _is_group(above, rows[at]):
        return _found(at - 1, (above, rows[at]), joined, mapped)
    return _found(at, (rows[at],), rows[at], mapped)


def _found(at: int, rows: Sequence[Row], joined: Row, mapped: Collection[str]) -> _Headings:
    every = (*rows, joined)
    words = tuple(
        frozenset(_plain(row[column]) for row in every if column < len(row))
        for column in range(max(map(len, every)))
    )
    return _Headings(at, len(rows), tuple(rows), joined, _places(joined, mapped), words)


def _is_group(above: Row, below: Row) -> bool:
    """Whether a row repeats headings of the next (merged over both) and names groups of others."""
    same = sum(bool(cell) and cell == under for cell, under in zip(above, below, strict=False))
    return same > 0 and len({*above} - {""}) > 1


def _fields(row: Row, mapped: Collection[str]) -> int:
    """How many fields a row of headings names; services count, each once."""
    said = {cell if cell in mapped else meaning(cell) for cell in row if cell}
    return len({each if isinstance(each, str) else each.field for each in said if each})


def _places(row: Row, mapped: Collection[str]) -> frozenset[int]:
    wanted = ("name", "lon", "lat", "lonlat")
    return frozenset(
        at
        for at, cell in enumerate(row)
        if cell in mapped or ((known := meaning(cell)) is not None and known.field in wanted)
    )


def _joined(above: Row, below: Row, mapped: Collection[str]) -> Row | None:
    """Two rows of headings as one; None where the lower one holds numbers, so is none."""
    width = max(len(above), len(below))
    if any(_NUMBER.fullmatch(cell) for cell in below):
        return None
    upper = _carried(_wide(above, width), _wide(below, width))
    lower = _wide(below, width)
    counts = {cell: lower.count(cell) for cell in lower}
    return tuple(
        _pair(group, cell, mapped, alone=counts[cell] == 1)
        for group, cell in zip(upper, lower, strict=True)
    )


_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?")


def _wide(row: Row, width: int) -> Row:
    return (*row, *[""] * (width - len(row)))


def _carried(above: Row, below: Row) -> Row:
    """The name of a group reaches to the right over blank cells that have a heading below."""
    carried = list(above)
    for at in range(1, len(carried)):
        if not carried[at] and below[at] and below[at - 1]:
            carried[at] = carried[at - 1]
    return tuple(carried)


def _pair(group: str, cell: str, mapped: Collection[str], *, alone: bool) -> str:
    """The heading of a column under the name of its group.

    The lower one by itself where that is enough.
    """
    if not cell or cell == group:
        return group
    known = meaning(cell)
    names_datum = known is not None and known.field in ("lon", "lat", "lonlat") and not known.datum
    if not group or (
        alone and (known or cell in mapped) and not (names_datum and datum_named(group))
    ):
        return cell
    return f"{group}{GROUP_MARK}{cell}"


def _columns(row: Row, name: str) -> Row:
    """One text a column; of headings merged over several columns the later ones are numbered."""
    columns = [" ".join(cell.split()) for cell in row]
    if not any(columns):
        raise BadTable("{name} has no headings in its first line", name=name)
    twins = sorted({column for column in columns if column and columns.count(column) > 1})
    known = [
        twin for twin in twins if (said := meaning(twin)) is not None and said.field in _ONLY_ONE
    ]
    if known:
        raise BadTable(
            "{name} has columns of the same name: {known}; give each a name of its own",
            name=name,
            known=[*known],
        )
    seen: dict[str, int] = {}
    for at, column in enumerate(columns):
        seen[column] = seen.get(column, 0) + 1
        if column and seen[column] > 1:
            columns[at] = f"{column} ({seen[column]})"
    return tuple(columns)


#: Two columns may not both be one of these.
_ONLY_ONE: Final = ("id", "name", "lon", "lat", "lonlat")


def _no_row(row: Row, found: _Headings) -> Said | None:
    """Why a row under the headings is no place: a total, a note, a title between, the headings once
    more.
    """
    cells = [cell for cell in row if cell]
    if _is_headings(row, found):
        return Said("the headings again")
    if any(_TOTAL.fullmatch(cell) for cell in cells[:2]) and not _has_point(row, found):
        return Said("a total")
    labelled = all(_NOTE.fullmatch(cell) for cell in {*cells})
    if labelled or (_NOTE.fullmatch(cells[0]) and len({*cells}) == 1):
        return Said("a note")
    if len({*cells}) == 1 and not _stands_alone(row, found):
        return Said("a title")
    return None


def _is_headings(row: Row, found: _Headings) -> bool:
    """Whether a row is the headings, or one of their two rows, or most of them again."""
    if row in found.rows:
        return True
    same = 0
    for at, cell in enumerate(row):
        if cell:
            if at >= len(found.words) or _plain(cell) not in found.words[at]:
                return False
            same += 1
    return same >= _FEWEST_KNOWN


def _plain(cell: str) -> str:
    return "".join(cell.split())


def _has_point(row: Row, found: _Headings) -> bool:
    """Whether any cell that should hold coordinates holds digits."""
    return any(
        at < len(row) and re.search(r"\d{2,3}\.\d{2}", row[at]) is not None for at in found.places
    )


def _stands_alone(row: Row, found: _Headings) -> bool:
    """Whether a row's only text stands in one cell under a heading of names or coordinates.

    Then it is a place without the rest, to be refused and told.
    """
    at = [column for column, cell in enumerate(row) if cell]
    if _SECTION.fullmatch(row[at[0]]):
        return False
    return len(at) == 1 and (len(row) == 1 or at[0] in found.places)


def _fitted(row: Row, width: int) -> Row | None:
    if len(row) == width:
        return row
    if len(row) > width and not any(row[width:]):
        return row[:width]
    return None


def _without_blank_columns(whole: Cut) -> Cut:
    """A column without a heading is dropped if it is empty and named by its number if it is not."""
    columns, rows = whole.columns, whole.rows
    used = [bool(column) or any(row[i] for row in rows) for i, column in enumerate(columns)]
    named = tuple(column or f"column {i + 1}" for i, column in enumerate(columns) if used[i])
    kept = tuple(tuple(cell for i, cell in enumerate(row) if used[i]) for row in rows)
    return replace(whole, columns=named, rows=kept)


def _shown(row: Row) -> str:
    return repr(" ".join(cell for cell in dict.fromkeys(row) if cell)[:60])
