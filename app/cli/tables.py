"""Tables that commands write, to be read by geodata and by spreadsheets."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from app.cli import terminal
from geodata.errors import BadValue

#: An office of fewer rows is not named in a file for research.
FEWEST: Final = 5


def offices_of_many(streets: Iterable[str]) -> frozenset[str]:
    """The street offices that FEWEST rows or more are about."""
    return frozenset(name for name, count in Counter(streets).items() if count >= FEWEST)


def write_table(out: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Rows as CSV, cells guarded against formulas, or as Parquet, by the file's name.

    Raises BadValue for another name.
    """
    if out.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = io.BytesIO()
        made = {name: [row[name] for row in rows] for name in columns}
        pq.write_table(pa.table(made), sink)
        terminal.write(out, sink.getvalue())
        return
    if out.suffix != ".csv":
        raise BadValue("{file} is neither a .csv nor a .parquet file", file=out.name)
    from geodata.sources.formula import guarded

    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        cells = {name: row[name] for name in columns}
        writer.writerow({name: _cell(value, guarded) for name, value in cells.items()})
    terminal.write(out, text.getvalue().encode("utf-8-sig"))


def _cell(value: object, guard: Callable[[str], str]) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return guard(value) if isinstance(value, str) else value
