"""A place as GeoJSON, written once when a dataset is published and never again: replies splice
these bytes.

Nobody else knows how a record is laid out. It is four pieces. Between the first three stand the
words for the asker's mode of travel (Apple's, then that of the country's first map app), after the
third whatever the question
adds; the fourth holds provenance and is only sent with the place alone. A line has no point to
navigate to before somebody asks, so its second and third piece are empty and its links are made
then. Stored, the words for walking stand in their gaps, so that the common reply takes a record in
one piece.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.snapshot.map_links import MODE_WORDS, MapLinks
from geodata.vocabulary import Mode

#: Ends a feature whose properties are still open.
END: Final = b"}}"
#: The mode whose words stand in a stored record: the commonest, and that of who has not said.
STORED_MODE: Final = Mode.WALK
#: The words for Apple's and for the first app's link: by whether maps are shifted, and mode.
_MODE_WORDS: Final = {
    shifted: {mode: (apple.encode(), main.encode()) for mode, (apple, main) in words.items()}
    for shifted, words in MODE_WORDS.items()
}
_NAVIGATE: Final = b',"navigate":'
_encode: Final = msgspec.json.Encoder().encode


class Record(NamedTuple):
    """head | Apple's mode | middle | the first app's mode | tail, then the question's own members.

    Provenance apart.
    """

    head: bytes
    middle: bytes
    tail: bytes
    provenance: bytes


#: Columns of `Records` behind those that say where each piece begins.
_PIECES: Final = len(Record._fields)
_HOURS_ROW: Final = _PIECES
_CHECKED: Final = _PIECES + 1


def record(
    place_id: str,
    geometry: Mapping[str, Any],
    properties: Mapping[str, Any],
    provenance: Mapping[str, Any],
    links: MapLinks | None,
) -> Record:
    """The pieces of one place.

    `properties` are all that no question changes; they must not be empty.
    """
    opened = _encode(
        {"type": "Feature", "id": place_id, "geometry": geometry, "properties": properties}
    ).removesuffix(END)
    source = b',"provenance":' + _encode(provenance)
    if links is None:
        return Record(opened, b"", b"", source)
    return Record(
        opened + _navigate_head(links), _navigate_middle(links), _navigate_tail(links), source
    )


def navigate(links: MapLinks, mode: Mode) -> bytes:
    """The links into map apps for a mode, as a member that an open feature takes."""
    apple, main = _MODE_WORDS[links.shifted][mode]
    return b"".join(
        (_navigate_head(links), apple, _navigate_middle(links), main, _navigate_tail(links))
    )


def lay_out(
    records: Iterable[Record],
    hours_rows: NDArray[np.integer[Any]],
    checked: NDArray[np.int32],
    kept: "tuple[Records, NDArray[np.int64]] | None" = None,
    *,
    shifted: bool,
) -> tuple[NDArray[np.int64], bytes]:
    """As `Records` holds them: its table and its bytes.

    Of each record, in row order, the row of its opening hours and the day last checked (0:
    unknown). `kept` are records that were laid out before, and which of them is that of each row:
    -1, and the next of `records` is. `shifted`: whether maps of the country are.
    """
    held, lengths = io.BytesIO(), np.empty((len(hours_rows), _PIECES), np.int64)
    new = (_stored(each, shifted=shifted) for each in records)
    for row, copied in enumerate(_copied(kept, len(hours_rows))):
        if copied is not None:
            held.write(copied)
            continue
        pieces = next(new)
        held.write(b"".join(pieces))
        lengths[row] = [len(piece) for piece in pieces]
    if kept is not None:
        before, rows = kept
        lengths[rows >= 0] = before.lengths(rows[rows >= 0])
    cuts = np.concatenate([[0], np.cumsum(lengths)])
    facts = np.zeros((len(hours_rows) + 1, _PIECES + 2), np.int64)
    facts[:-1, :_PIECES], facts[-1, 0] = cuts[:-1].reshape(-1, _PIECES), cuts[-1]
    facts[:-1, _HOURS_ROW], facts[:-1, _CHECKED] = hours_rows, checked
    return facts, held.getvalue()


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The records of a dataset's places, by row.

    A feature is *open* where its properties take more members; END closes it.
    """

    _facts: NDArray[np.int64]
    """(n + 1, 6): where the record's pieces begin, the hours row, and the ordinal of the day last
    checked (0: unknown). The last row says where the records end.
    """
    _held: bytes | mmap
    _shifted: bool
    """Whether maps of the country are shifted."""

    def __post_init__(self) -> None:
        self._facts.setflags(write=False)

    @property
    def checked(self) -> NDArray[np.int64]:
        """Of each row the ordinal of the day last checked, 0 where unknown."""
        return self._facts[:-1, _CHECKED]

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bytes of the stored pieces of these rows, shape (n, 4)."""
        starts = np.concatenate([self._facts[rows, :_PIECES], self._facts[rows + 1, :1]], axis=1)
        return np.diff(starts, axis=1)

    def stored(self, rows: NDArray[np.int64]) -> Iterator[bytes]:
        """What is stored of these rows, as it is."""
        bounds = zip(self._facts[rows, 0].tolist(), self._facts[rows + 1, 0].tolist(), strict=True)
        return (self._held[first:after] for first, after in bounds)

    def pieces(self, row: int) -> Record:
        """The pieces of a place, for another dataset to lay out."""
        a, b, c, d = self._facts[row, :_PIECES].tolist()
        e = int(self._facts[row + 1, 0])
        held = self._held
        return _unstored(Record(held[a:b], held[b:c], held[c:d], held[d:e]), shifted=self._shifted)

    def open_features(self, rows: Sequence[int], mode: Mode) -> list[tuple[bytes, int, int]]:
        """Of several places the open feature for a mode of travel, the hours row, and the day last
        checked (0: unknown).

        A line's has no links. One look for all hits: this is what a reply needs of them.
        """
        held = self._held
        facts = self._facts.take(rows, axis=0).tolist()
        if mode is STORED_MODE:
            return [(held[a:d], hours_row, day) for a, _, _, d, hours_row, day in facts]
        apple, main = _MODE_WORDS[self._shifted][mode]
        found = []
        for row, (*_, hours_row, day) in zip(rows, facts, strict=True):
            head, middle, tail, _ = self.pieces(row)
            feature = b"".join((head, apple, middle, main, tail)) if middle else head
            found.append((feature, hours_row, day))
        return found

    def plain(self, row: int) -> bytes:
        """The feature without links and without provenance."""
        return self._without_links(row) + END

    def with_provenance(self, row: int) -> bytes:
        """The feature with its provenance and without links, as it leaves for other programs."""
        return self._without_links(row) + self.pieces(row).provenance + END

    def whole(self, row: int) -> bytes:
        """All that is stored: the feature with links for STORED_MODE and with its provenance."""
        return self._held[int(self._facts[row, 0]) : int(self._facts[row + 1, 0])] + END

    def _without_links(self, row: int) -> bytes:
        first, after = self._facts[row, :2].tolist()
        return self._held[first:after].partition(_NAVIGATE)[0]


def _copied(kept: tuple[Records, NDArray[np.int64]] | None, many: int) -> Iterator[bytes | None]:
    """Of each row what was stored before; None where there is nothing."""
    if kept is None:
        yield from (None for _ in range(many))
        return
    before, rows = kept
    stored = before.stored(rows[rows >= 0])
    yield from (next(stored) if row >= 0 else None for row in rows.tolist())


def _stored(pieces: Record, *, shifted: bool) -> Record:
    """The pieces, each with the word for STORED_MODE that follows it."""
    if not pieces.middle:
        return pieces
    apple, main = _MODE_WORDS[shifted][STORED_MODE]
    return pieces._replace(head=pieces.head + apple, middle=pieces.middle + main)


def _unstored(pieces: Record, *, shifted: bool) -> Record:
    """The way back."""
    if not pieces.middle:
        return pieces
    apple, main = _MODE_WORDS[shifted][STORED_MODE]
    return pieces._replace(
        head=pieces.head.removesuffix(apple), middle=pieces.middle.removesuffix(main)
    )


def _navigate_head(links: MapLinks) -> bytes:
    """`,"navigate":{…` up to the word for Apple's mode."""
    plain = _encode(links.plain)[:-1]
    return _NAVIGATE + plain + b',"apple":"' + _inner(links.apple_before_mode)


def _navigate_middle(links: MapLinks) -> bytes:
    """From the word for Apple's mode to the word for the first app's."""
    return b'","%s":"' % links.main.encode() + _inner(links.main_before_mode)


def _navigate_tail(links: MapLinks) -> bytes:
    """From the word for the first app's mode to the end of the links."""
    return _inner(links.main_after_mode) + b'"}'


def _inner(text: str) -> bytes:
    """A JSON string without its quotes."""
    return _encode(text)[1:-1]
