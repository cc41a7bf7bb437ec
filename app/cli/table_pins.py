"""Pins of the desk, laid on the rows of a table that have no point of their own; and the rows of it
that still wait for one.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.cli.importing import Examined, ImportAsked
from app.db.pins import StoredPin, key_of
from app.words import Language, translated
from geodata.sources.cells import source_of
from geodata.sources.locate.rows import column_of, has_point
from geodata.sources.read import read
from geodata.space.datum import Datum

if TYPE_CHECKING:
    from geodata.sources.grid import RawTable


def laid(asked: ImportAsked, held: Sequence[StoredPin], folder: Path) -> Path | None:
    """A file of pins for the rows that some of these are for; None: for no row.

    A row with a point of its own keeps that, whatever somebody put before it had one.
    """
    if not held:
        return None
    mapped = dict(each.rpartition("=")[::2] for each in asked.maps)
    by_key = {each.key: each for each in held}
    lines = [
        (source_of(table), row, *pin.point.split(), str(Datum.WGS84))
        for file in asked.files
        for table in read(file, asked.options, [*mapped])
        for row, pin in _rows(table, by_key, mapped)
        if pin.point
    ]
    if not lines:
        return None
    path = folder / "pins.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("file", "row", "lon", "lat", "datum"), *lines])
    return path


def used(path: Path | None) -> int:
    """How many rows have a pin."""
    return len(path.read_text(encoding="utf-8").splitlines()) - 1 if path else 0


def _rows(
    table: "RawTable", pins: Mapping[tuple[str, str], StoredPin], mapped: Mapping[str, str]
) -> list[tuple[int, StoredPin]]:
    columns = [column_of(table, field, mapped) for field in ("name", "address")]
    found: list[tuple[int, StoredPin]] = []
    for number, row in zip(table.numbers, table.rows, strict=True):
        name, address = ("" if at is None else row[at] for at in columns)
        pin = pins.get(key_of(name, address))
        if pin is not None and not has_point(table, row, mapped):
            found.append((number, pin))
    return found


def waiting(seen: Examined) -> bytes:
    """The rows that wait, as the page of pins lists them."""
    return msgspec.json.encode(
        [
            {
                "row": each.row,
                "name": each.name,
                "address": each.sought.address,
                "district": each.found.district or each.sought.district,
                "street": each.found.street or each.sought.street,
                "candidate": each.found.candidate,
                "radius_m": each.found.radius_m,
                "lon": each.found.lon,
                "lat": each.found.lat,
                "evidence": {
                    str(language): [translated(language, one) for one in each.found.evidence]
                    for language in Language
                },
            }
            for each in seen.placed.waiting
        ]
    )
