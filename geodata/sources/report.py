"""What an import would do, as plain values for a terminal, a file or a person. Prints nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from geodata.errors import Reject, Said
from geodata.sources import own
from geodata.sources.areas.evidence import AreaEvidence
from geodata.sources.cells import Note, NoteKind, source_of
from geodata.sources.evidence import Evidence
from geodata.sources.grid import RawTable
from geodata.sources.headings import shaped
from geodata.sources.identity import Changes
from geodata.sources.repairs import Repair
from geodata.sources.table import Declared, stated_datum
from geodata.space.datum import Datum
from geodata.vocabulary import MAIN_LAYER

#: What a screen says of all notes of a kind.
KINDS: Final[Mapping[NoteKind, Said]] = {
    NoteKind.HOURS_NOT_UNDERSTOOD: Said("hours not understood, so unknown; the text is kept"),
    NoteKind.UNKNOWN_WORD: Said("a word that its column does not know; not taken"),
    NoteKind.NO_HOURS_BUT_A_DATE: Said("a date or a single time where hours should be; not shown"),
    NoteKind.UNKNOWN_KIND: Said("a word for no known kind, so refused"),
    NoteKind.UNKNOWN_STATUS: Said("a status that is not understood; the row is kept"),
    NoteKind.UNKNOWN_AREA: Said(
        "no district or street office by that name; it follows from the position"
    ),
    NoteKind.NOT_SERVING: Said("left out: its status says closed"),
    NoteKind.SOMETIMES_CLOSED: Said("closed at times or in part; the row is kept"),
    NoteKind.UNREADABLE: Said("an error of the spreadsheet, so unknown"),
    NoteKind.UNSAFE_LINK: Said("an address that is not https, or one too many; not taken"),
    NoteKind.KIND_OF_SHEET: Said("the kind by the name of the sheet or its title"),
    NoteKind.TELEPHONE_LENGTH: Said("a telephone number with too few or too many digits"),
    NoteKind.COARSE_POSITION: Said(
        "a position of so few decimals that it is off by a kilometre or more"
    ),
    NoteKind.FAR_FROM_DISTRICT: Said("the point lies far from the district that its row names"),
    NoteKind.OTHER_DISTRICT: Said("its street office lies in another district than the row says"),
    NoteKind.UNKNOWN_DOOR: Said("no known way to enter, so unknown"),
    NoteKind.NEITHER_YES_NOR_NO: Said("neither yes nor no; not taken"),
    NoteKind.NO_TELEPHONE: Said("no telephone number as far as is known"),
    NoteKind.RUNNING_NUMBERS: Said("a column of running numbers, which are no ids"),
    NoteKind.PERHAPS_RUNNING: Said("numbers that rise with gaps; taken for ids"),
    NoteKind.TWIN: Said("perhaps the same place as one of another layer; both stay"),
    NoteKind.SAME_POINT: Said("the same point as another row"),
    NoteKind.SAME_TELEPHONE: Said("the same telephone as another row"),
    NoteKind.FAR_FROM_STREET: Said("the point lies far from the area of its street office"),
    NoteKind.OTHER_AREA: Said("the point lies in another area than its source says"),
    NoteKind.JOINED: Said("joined with another row of the same name"),
    NoteKind.OVERLAP: Said("overlaps another outline"),
    NoteKind.GAP: Said("a gap between outlines"),
    NoteKind.HOLE: Said("a hole in an outline"),
    NoteKind.SLIVER: Said("a part too thin to be land"),
    NoteKind.NO_GROUND: Said("no ground is left for it; import its outline, too"),
}


#: Notes that are about a word: these are counted word by word.
WORDS: Final = (
    NoteKind.UNKNOWN_KIND,
    NoteKind.NOT_SERVING,
    NoteKind.UNKNOWN_STATUS,
    NoteKind.SOMETIMES_CLOSED,
    NoteKind.UNKNOWN_WORD,
    NoteKind.UNKNOWN_DOOR,
    NoteKind.UNKNOWN_AREA,
    NoteKind.NEITHER_YES_NOR_NO,
)


class WordCount(msgspec.Struct, frozen=True):
    """A word that a column holds, what was made of it, and in how many rows."""

    column: str
    word: str
    what: Said
    rows: int


class DatumKnownFrom(StrEnum):
    """How it is known which datum a table's coordinates are in."""

    DECLARED = "declared"
    FILE = "file"
    """Its CRS, a heading or a column says so."""
    OWN_EXPORT = "own_export"


class DatumRead(msgspec.Struct, frozen=True):
    """The datum that the coordinates of a table were read in."""

    source: str
    datum: Datum
    known_from: DatumKnownFrom


#: How a screen says it.
KNOWN_FROM: Final[Mapping[DatumKnownFrom, Said]] = {
    DatumKnownFrom.DECLARED: Said("declared with --datum"),
    DatumKnownFrom.FILE: Said("the file states it"),
    DatumKnownFrom.OWN_EXPORT: Said("an export of ours states it"),
}


class ImportReport(msgspec.Struct, frozen=True):
    """Counts first, then every row that was touched.

    Rows carry the number that a spreadsheet shows.
    """

    dataset: str
    files: dict[str, str]
    """File name -> SHA-256."""
    rows: int
    taken: int
    refused: int
    repaired: int
    """Cells that were read otherwise than written."""
    hours_read: int
    hours_not_understood: int
    unused_columns: tuple[str, ...]
    left_out: tuple[Said, ...]
    evidence: Evidence
    changes: Changes
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]
    words: tuple[WordCount, ...] = ()
    """Words that are not known or that keep rows out, the most frequent first."""
    layer: str = MAIN_LAYER
    """Which layer of the dataset the files would replace; changes are those of this layer."""
    elsewhere: int = 0
    """Places of other layers, which stay as they are."""
    datums: tuple[DatumRead, ...] = ()
    """Of each table whose coordinates are its own."""


def datum_read(table: RawTable, declared: Declared) -> DatumRead | None:
    """The datum that `places_from` reads a table in, and how it is known; None: nobody says it."""
    if shaped(table.columns) and not {*declared.columns} & {*table.columns}:
        return DatumRead(source_of(table), own.datum_of(table), DatumKnownFrom.OWN_EXPORT)
    datum = stated_datum(table, declared)
    if datum is None:
        return None
    how = DatumKnownFrom.DECLARED if declared.datum else DatumKnownFrom.FILE
    return DatumRead(source_of(table), datum, how)


def word_counts(notes: Sequence[Note]) -> tuple[WordCount, ...]:
    """How many rows have each word that a note is about, the most frequent first."""
    said = Counter((note.column, note.value, note.kind) for note in notes if note.kind in WORDS)
    return tuple(
        WordCount(column, word, KINDS[kind], rows)
        for (column, word, kind), rows in said.most_common()
    )


def by_kind(rows: Sequence[Repair] | Sequence[Note]) -> list[tuple[Said, int]]:
    """How often each thing was mended or told, most often first: what a screen has room for."""
    said = [row.how if isinstance(row, Repair) else KINDS[row.kind] for row in rows]
    return Counter(said).most_common()


def number_of(notes: Sequence[Note], kind: NoteKind) -> int:
    """How many notes are about one thing."""
    return sum(note.kind is kind for note in notes)


def as_json(report: msgspec.Struct, spoken: Callable[[Said], str] = str) -> bytes:
    """The whole report, with two spaces of indent, for people and programs.

    Its names are English; its sentences are as `spoken` says them.
    """
    return msgspec.json.format(msgspec.json.encode(report, enc_hook=spoken), indent=2)


def silence(evidence: Evidence) -> Said | None:
    """A sentence where no witness spoke for or against a datum; None where one did."""
    if evidence.fits is not None:
        return None
    return Said(
        "no witness speaks for a datum or against one: too few of these places are published"
        " already, named after a landmark, or near a surveyed border or the coast; look at some of"
        " them on a map"
    )


def as_table(evidence: Evidence) -> list[tuple[str, ...]]:
    """A line for each datum: its name, points on land, far from landmarks and the published, inside
    what rows name.
    """
    return [
        (
            str(each.datum),
            _of(each.on_land, each.points),
            _metres(each.landmarks, each.landmark_m),
            _metres(each.published, each.published_m),
            _share(each.stated, each.inside),
            Said("fits best") if each.datum is evidence.fits else "",
        )
        for each in evidence.readings
    ]


def areas_as_table(evidence: AreaEvidence) -> list[tuple[str, ...]]:
    """The same of outlines: land left uncovered, street offices and places inside, what differs
    from before.
    """
    return [
        (
            str(each.datum),
            Said("a part of the city")
            if each.uncovered_m2 is None
            else f"{each.uncovered_m2 / 1e6:,.1f} km²",
            _of(each.offices, each.offices_of),
            _of(each.places, each.places_of),
            Said("none before") if each.shifted is None else f"{each.shifted:.1%}",
            Said("fits best") if each.datum is evidence.fits else "",
        )
        for each in evidence.readings
    ]


def _share(stated: int, inside: int) -> str:
    return _of(inside, stated) if stated else Said("no surveyed outline")


def _of(part: int, whole: int) -> Said:
    return Said("{part:,} of {whole:,}", part=part, whole=whole)


def _metres(count: int, median_m: float | None) -> str:
    if median_m is None:
        return Said("none named so")
    return Said("{metres:,.0f} m ({count:,} places)", metres=median_m, count=count)
