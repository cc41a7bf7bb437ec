"""What an import would do, as plain values for a terminal, a file or a person. Prints nothing."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from geodata.errors import Reject
from geodata.sources.areas.evidence import AreaEvidence
from geodata.sources.evidence import Evidence
from geodata.sources.identity import Changes
from geodata.sources.repairs import Repair
from geodata.sources.table import Note


class Report(msgspec.Struct, frozen=True):
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
    left_out: tuple[str, ...]
    evidence: Evidence
    changes: Changes
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]


def by_kind(rows: Sequence[Repair] | Sequence[Note]) -> list[tuple[str, int]]:
    """How often each thing was mended or told, most often first: what a screen has room for."""
    said = [row.how if isinstance(row, Repair) else _without_numbers(row.about) for row in rows]
    return Counter(said).most_common()


def as_json(report: msgspec.Struct) -> bytes:
    """The whole report, with two spaces of indent, for people and programs."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


def _without_numbers(about: str) -> str:
    """The same telephone as row 17 -> the same telephone as row …: one line on the screen for all
    of a kind.
    """
    return " ".join(
        "…" if any(letter.isdigit() for letter in word) else word for word in about.split()
    )


def as_table(evidence: Evidence) -> list[tuple[str, ...]]:
    """A line for each datum: its name, points on land, far from landmarks and the published, inside
    what rows name.
    """
    return [
        (
            str(each.datum),
            f"{each.on_land:,} of {each.points:,}",
            _metres(each.landmarks, each.landmark_m),
            _metres(each.published, each.published_m),
            _share(each.stated, each.inside),
            "fits best" if each.datum is evidence.fits else "",
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
            "a part of the city"
            if each.uncovered_m2 is None
            else f"{each.uncovered_m2 / 1e6:,.1f} km²",
            f"{each.offices:,} of {each.offices_of:,}",
            f"{each.places:,} of {each.places_of:,}",
            "none before" if each.shifted is None else f"{each.shifted:.1%}",
            "fits best" if each.datum is evidence.fits else "",
        )
        for each in evidence.readings
    ]


def _share(stated: int, inside: int) -> str:
    return f"{inside:,} of {stated:,}" if stated else "no surveyed outline"


def _metres(count: int, median_m: float | None) -> str:
    return "none named so" if median_m is None else f"{median_m:,.0f} m ({count:,} places)"
