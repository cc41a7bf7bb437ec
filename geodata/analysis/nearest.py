"""The analyst's bridge: a file of points in, a table of their nearest places out, any size.

Writes it whole or not.

Asks what `search.nearest_many` answers and the API's batch sends; a piece of the points is held at
a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geodata.analysis.left_out import Apart, apart_of
from geodata.analysis.tables import WRITERS, replaced, require_ending, writing
from geodata.errors import BadTable, UnreadableFile
from geodata.estimate import eta_each
from geodata.search.nearest import Many, Question, nearest_many
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.points import Points, Source
from geodata.space.coordinates import Datum, to_wgs84
from geodata.vocabulary import Mode

#: What is added to the points' own columns.
COLUMNS: Final = (
    "point_row",
    "rank",
    "place_id",
    "place_name",
    "distance_m",
    "eta_s",
    "note",
    "synthetic",
)
NO_DEGREES: Final = "no readable coordinates"
OUTSIDE: Final = "outside the service area"
NOTHING: Final = "nothing matches within reach"


@dataclass(slots=True)
class NearestReport:
    """What was asked, and what came of it."""

    points: int = 0
    rows: int = 0
    unanswered: int = 0
    """Points that have a note in place of places."""
    apart: Apart = field(default_factory=Apart)
    """Of these, who is not in the service area, by why."""


class Answered(NamedTuple):
    """What a piece of the points came to: a table, how many points it had, how many of them have no
    answer, and who of these is not in the service area.
    """

    table: pa.Table
    points: int
    unanswered: int
    apart: Apart = Apart()


#: Asks a piece of the points, given the row of its first one.
Ask = Callable[[Points, int], Answered]
Progress = Callable[[int, int | None], None]


class Job(Protocol):
    """What is asked of all points.

    Plain values, all in its repr: it travels to other processes, and is known again.
    """

    @property
    def source(self) -> Source:
        """The points."""

    def on(self, snapshot: Snapshot) -> Ask:
        """What asks a snapshot, prepared once for many pieces."""


#: Answers piece after piece, in the order of the points, and says how far it is.
Run = Callable[[Snapshot, Job, Progress], Iterator[Answered]]


def here(snapshot: Snapshot, job: Job, progress: Progress) -> Iterator[Answered]:
    """The Run of this process: a piece of the points is held at a time."""
    file, ask, done = job.source.opened(), job.on(snapshot), 0
    for piece in file.pieces:
        answered = ask(piece, done)
        yield answered
        done += answered.points
        progress(done, file.total)


@dataclass(frozen=True, slots=True)
class NearestJob:
    """The job of `nearest_to_file`."""

    source: Source
    question: Question
    keep: tuple[str, ...] | None
    threads: int

    def on(self, snapshot: Snapshot) -> Ask:
        """A row a point and rank."""
        names: dict[int, str] = {}

        def ask(piece: Points, first: int) -> Answered:
            own, lonlat = own_of(piece.own, self.keep, COLUMNS), wgs84_of(piece, self.source.datum)
            found = nearest_many(snapshot, lonlat, self.question, threads=self.threads)
            table = _table(snapshot, own, piece.lonlat, found, self.question.mode, first, names)
            apart = apart_of(piece.lonlat, self.source.datum, snapshot.outline)
            return Answered(table, len(lonlat), len(table) - table["note"].null_count, apart)

        return ask


def nearest_to_file(
    snapshot: Snapshot,
    source: Source,
    target: Path,
    question: Question,
    *,
    keep: Sequence[str] | None = None,
    threads: int = 1,
    progress: Progress,
    run: Run = here,
) -> NearestReport:
    """Ask `question` at every point of `source` and write `target` (.parquet, .csv or .xlsx),
    replacing it when all is done.

    One row a point and rank, in the order of the points, with the point's own columns (`keep`: only
    these), its row in the source from 0, and COLUMNS; a point without an answer has one row with a
    note. `progress` hears points done and points in all. Raises UnreadableFile or BadTable, and
    leaves an older target as it was.
    """
    require_target(source.path, target, tuple(WRITERS))
    job, report = (
        NearestJob(source, question, None if keep is None else tuple(keep), threads),
        NearestReport(),
    )
    with replaced(target) as part, writing(part, target.suffix) as write:
        for table, points, unanswered, apart in run(snapshot, job, progress):
            write(table)
            report.points += points
            report.rows += len(table)
            report.unanswered += unanswered
            report.apart += apart
    return report


def require_target(source: Path | tuple[Path, ...], target: Path, endings: Sequence[str]) -> None:
    """Raises UnreadableFile where a target is of another format, in no folder, or one of the files
    of points itself.
    """
    require_ending(target, endings)
    for path in Source(source).paths:
        if target.exists() and path.exists() and target.samefile(path):
            raise UnreadableFile(
                "{target} would replace the points themselves; name another file",
                target=target.name,
            )


def own_of(own: pa.Table, keep: Sequence[str] | None, added: Sequence[str]) -> pa.Table:
    """The points' own columns that are kept.

    BadTable where one is missing, or called as one that is added.
    """
    if keep is not None:
        missing = [name for name in keep if name not in own.column_names]
        if missing:
            raise BadTable(
                "there is no column {missing!r} to keep; there are: {columns}",
                missing=missing[0],
                columns=[*own.column_names],
            )
        own = own.select(list(keep))
    twins = sorted({*own.column_names} & {*added})
    if twins:
        raise BadTable(
            (
                "the points have a column {twins!r}, as the answers have; name those to keep "
                "by --keep"
            ),
            twins=twins[0],
        )
    return own


def wgs84_of(piece: Points, datum: Datum) -> NDArray[np.float64]:
    """A piece's points in WGS-84, (n, 2).

    What is not on the globe becomes nan, which lies outside any area.
    """
    lon, lat = piece.lonlat.T
    on_globe = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    return np.stack(
        to_wgs84(np.where(on_globe, lon, np.nan), np.where(on_globe, lat, np.nan), datum), axis=1
    )


def _table(
    snapshot: Snapshot,
    own: pa.Table,
    lonlat: NDArray[np.float64],
    found: Many,
    mode: Mode,
    first: int,
    names: dict[int, str],
) -> pa.Table:
    counts = (found.rows >= 0).sum(axis=1)
    takes = np.maximum(counts, 1)
    point = np.repeat(np.arange(len(counts)), takes)
    nth = np.arange(len(point)) - np.repeat(np.cumsum(takes) - takes, takes)
    row, metres = found.rows[point, nth], found.metres[point, nth]
    empty = row < 0
    places, which = np.unique(row, return_inverse=True)
    for each in places[places >= 0].tolist():
        if each not in names:
            names[each] = snapshot.name_of(each)
    ids = snapshot.ids_of(places).astype(str)
    added = {
        "point_row": pa.array(first + point),
        "rank": pa.array(nth + 1, pa.int32(), mask=empty),
        "place_id": _words(ids.tolist(), which, empty),
        "place_name": _words([names.get(each, "") for each in places.tolist()], which, empty),
        "distance_m": pa.array(metres.round(3), pa.float64(), mask=empty),
        "eta_s": pa.array(eta_each(metres, mode), pa.int64(), mask=empty),
        "note": _notes(lonlat[point], found.inside[point], empty),
        "synthetic": pa.array(np.full(len(point), snapshot.about.synthetic)),
    }
    taken = own.take(pa.array(point)) if own.column_names else own
    columns = {
        "point_row": added.pop("point_row"),
        **dict(zip(own.column_names, taken.columns, strict=True)),
        **added,
    }
    return pa.table(columns)


def _words(words: Sequence[str], which: NDArray[np.int64], empty: NDArray[np.bool_]) -> pa.Array:
    """A word a row, each written once and then numbered."""
    numbers = pa.array(which.astype(np.int32), mask=empty)
    return pa.DictionaryArray.from_arrays(numbers, pa.array(words, pa.string())).cast(pa.string())


def _notes(
    lonlat: NDArray[np.float64], inside: NDArray[np.bool_], empty: NDArray[np.bool_]
) -> pa.Array:
    nowhere = ~np.isfinite(lonlat).all(axis=1)
    which = np.where(nowhere, 0, np.where(inside, 2, 1))
    return _words([NO_DEGREES, OUTSIDE, NOTHING], which, ~empty)
