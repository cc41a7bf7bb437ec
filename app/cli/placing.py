"""`nuanfeng import --locate` and `--pins`: rows without coordinates get a point, or wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import terminal
from app.cli.locate import book_of, tell_rungs
from app.words import translated

if TYPE_CHECKING:
    from geodata.pipeline.published import StoredTables
    from geodata.snapshot.snapshot import WaitingPlace
    from geodata.sources.grid import RawTable
    from geodata.sources.locate.ladder import Found
    from geodata.sources.locate.rows import Pin, WaitingRow


@dataclass(frozen=True, slots=True)
class Placement:
    """The tables of an import, and what became of their rows without coordinates."""

    tables: list["RawTable"]
    with_our_points: frozenset[int] = frozenset()
    """Which of them hold points in WGS-84 that were found, or put by hand."""
    whole: Sequence["RawTable"] = ()
    """The tables before their rows were divided."""
    waiting: tuple["WaitingRow", ...] = ()
    found: tuple["Found", ...] = field(default=())


def place_rows(
    dataset: str,
    tables: list["RawTable"],
    pins: Path | None,
    mapped: Mapping[str, str],
    *,
    looks_up: bool,
) -> Placement:
    """Divide each table by where its points come from; as they are where nothing is asked for.

    Raises BadTable for pins that fit no row.
    """
    if not looks_up and pins is None:
        return Placement(tables, whole=tables)
    from geodata.sources.locate import rows

    put = _pins(pins) if pins else []
    rows.require_all_used(put, tables, mapped)
    book = book_of(dataset)[0] if looks_up else None
    with terminal.progress("locating", sum(len(table.rows) for table in tables)) as heard:
        placed = [rows.place(table, book, put, mapped, heard) for table in tables]
    divided = [pair for each in placed for pair in each.tables]
    return Placement(
        [table for table, _ in divided],
        frozenset(at for at, (_, is_ours) in enumerate(divided) if is_ours),
        tables,
        tuple(one for each in placed for one in each.waiting),
        tuple(one for each in placed for one in each.found),
    )


def _pins(path: Path) -> list["Pin"]:
    from geodata.sources.locate.rows import pins_of
    from geodata.sources.measure import measure
    from geodata.sources.read import read

    measure(path)
    return pins_of(read(path))


def tell_placed(placed: Placement, waiting_file: Path, held: "StoredTables | None") -> None:
    """How finely rows were found, and the list of those that wait."""
    if placed.found:
        tell_rungs(placed.found)
    if placed.waiting:
        from geodata.sources.locate.rows import waiting_table, write_tables

        language = terminal.language_of_files()
        country = held.about.city.country if held else ""
        table = waiting_table(placed.waiting, country, lambda text: translated(language, text))
        write_tables(waiting_file, [table])
        terminal.tell(
            "{count:,} rows wait for a point in {file}: fill in lon, lat and datum, and import"
            " again with --pins {file}",
            count=len(placed.waiting),
            file=waiting_file,
        )


def waiting_places(placed: Placement) -> tuple["WaitingPlace", ...]:
    """The rows that wait, as they are published: by name, how it is read, and street office."""
    from geodata.snapshot.snapshot import WaitingPlace
    from geodata.text.pinyin import spelled

    named = [each for each in placed.waiting if each.name]
    readings = spelled([each.name for each in named])
    return tuple(
        WaitingPlace(
            each.name,
            each.sought.address,
            each.found.district or each.sought.district,
            each.found.street or each.sought.street,
            pinyin,
            initials,
        )
        for each, pinyin, initials in zip(named, *readings, strict=True)
    )
