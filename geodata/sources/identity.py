"""Which place is which: ids that stay true from one import to the next, and places that stand
twice. Decides no merge.

An id is printed on a plate at a door. A row with an id keeps it; one without takes that of the
published place of the same name nearby, and a new place gets an id made of its name and position,
so that the same table gives the same ids. A published place that a table has under another name is
told; only a person says that it was renamed, and then it keeps its id.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.errors import BadTable, Reject, Said
from geodata.sources.cells import Note, NoteKind
from geodata.sources.repairs import Repair, name_key, same_phone
from geodata.space.coordinates import ecef
from geodata.vocabulary import MAIN_LAYER, Kind

#: A place of the same name this near is the same place: a mended coordinate, not a move down the
#: road.
SAME_PLACE_M: Final = 300.0
#: Two rows of one name this near are one place told twice; 驿站 of one name in two buildings lie
#: further apart.
TWICE_M: Final = 100.0
SAME_POINT_M: Final = 1.0
#: A place under another name this near is perhaps the same: its point was typed anew, with fewer
#: digits.
RENAMED_M: Final = 10.0
#: What a person says who has looked at all renames that are listed.
ALL: Final = "all"
#: A telephone that one place further off has, too, is the number of a chain.
_PHONE_TWIN_M: Final = 300.0
_PREFIX: Final = {
    Kind.WARM_BEE_STATION: "st",
    Kind.DRIVER_HOME: "dh",
    Kind.WARM_BEE_STREET: "ws",
    Kind.FRIENDLY_MERCHANT: "fm",
    Kind.PUBLIC_PLACE: "pp",
}


@dataclass(frozen=True, slots=True)
class Renamed:
    """A published place that is gone and a new one that is perhaps the same."""

    old_id: str
    old_name: str
    new_id: str
    new_name: str
    why: Said
    """What both have in common."""
    moved_m: float


@dataclass(frozen=True, slots=True)
class Renumbered:
    """An id that meant one place and would now mean another one elsewhere."""

    id: str
    was: str
    now: str
    moved_m: float


@dataclass(frozen=True, slots=True)
class NewName:
    """An id that stays, under another name."""

    id: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import does to the version that is published, by id."""

    added: tuple[str, ...]
    kept: tuple[str, ...]
    moved: tuple[tuple[str, float], ...]
    """Kept places whose point moved by a metre or more, and how far."""
    gone: tuple[str, ...]
    renamed: tuple[Renamed, ...] = ()
    """What may have been renamed, unless a person has said so already: then it is kept."""
    renumbered: tuple[Renumbered, ...] = ()
    """Kept ids whose name changed and whose point moved by more than SAME_PLACE_M."""
    new_names: tuple[NewName, ...] = ()
    """Kept ids whose name changed, the renumbered apart."""


def assign(
    places: gpd.GeoDataFrame,
    published: gpd.GeoDataFrame | None,
    elsewhere: Collection[str] = frozenset(),
) -> tuple[gpd.GeoDataFrame, list[Repair]]:
    """Give every place without id (text "") one; told as repairs.

    `published` are the places that the table replaces, `elsewhere` ids that others have already.
    """
    bare = np.flatnonzero((places["id"] == "").to_numpy(bool))
    if not len(bare):
        return places, []
    ids = places["id"].tolist()
    taken = {*elsewhere, *(each for each in ids if each)}
    found = _same_places(places, bare, published, taken)
    taken.update(found.values())
    told: list[Repair] = []
    whose = places.iloc[bare]
    made = zip(_said(whose), whose["kind"], whose["src_row"], _sources(whose), strict=True)
    for row, (said, kind, number, source) in zip(bare.tolist(), made, strict=True):
        ids[row] = found.get(row) or _new_id(said, kind, taken)
        taken.add(ids[row])
        how = (
            Said("the id of the published place of this name")
            if row in found
            else Said("a new id of name and position")
        )
        told.append(Repair(int(number), "id", "", ids[row], how, source))
    return places.assign(id=ids), told


def _same_places(
    places: gpd.GeoDataFrame,
    bare: NDArray[np.int64],
    published: gpd.GeoDataFrame | None,
    taken: Collection[str],
) -> dict[int, str]:
    """Of rows without id the published place of their name within reach.

    The nearest pairs come first, whatever the order of the rows; each place is taken once.
    """
    known = _by_name(published)
    xyz_m, names = _xyz_m(places), places["name"].tolist()
    pairs = [
        (math.dist(at, xyz_m[row]), place_id, row)
        for row in bare.tolist()
        for place_id, at in known.get(name_key(names[row]), ())
    ]
    found: dict[int, str] = {}
    used = set(taken)
    for distance_m, place_id, row in sorted(pairs):
        if distance_m <= SAME_PLACE_M and place_id not in used and row not in found:
            found[row] = place_id
            used.add(place_id)
    return found


_Known = dict[str, list[tuple[str, NDArray[np.float64]]]]


def _by_name(published: gpd.GeoDataFrame | None) -> _Known:
    known: _Known = {}
    if published is not None:
        for place_id, name, xyz_m in zip(
            published["id"], published["name"], _xyz_m(published), strict=True
        ):
            known.setdefault(name_key(name), []).append((place_id, xyz_m))
    return known


def _said(places: gpd.GeoDataFrame) -> Iterator[str]:
    """What an id is made of: name and position, and the layer unless it is the main one, since two
    layers may hold one place, and their ids do not hang on who came first.
    """
    layers = places["layer"] if "layer" in places else [MAIN_LAYER] * len(places)
    columns = (layers, places["name"], places.geometry.x, places.geometry.y)
    for layer, name, lon, lat in zip(*columns, strict=True):
        whose = "" if layer == MAIN_LAYER else f"{layer} "
        yield f"{whose}{name_key(name)} {lon:.5f} {lat:.5f}"


def _new_id(said: str, kind: Kind, taken: Collection[str]) -> str:
    prefix = _PREFIX.get(kind, "pl")
    for again in range(len(taken) + 1):
        digest = hashlib.sha256(f"{said} {again}".encode()).hexdigest()
        made = f"{prefix}-{digest[:10]}"
        if made not in taken:
            return made
    raise AssertionError("more ids than rows are taken")


def twice(places: gpd.GeoDataFrame, own: Collection[str] = frozenset()) -> dict[int, Reject]:
    """Position -> refusal of each place that stands in an earlier row: the same name within
    TWICE_M.

    Two branches of a chain may be neighbours: with `own` ids, which their table gave them, and
    addresses that differ they are two places.
    """
    xyz_m = _xyz_m(places)
    branches = _branches(places, own)
    seen: dict[str, list[int]] = {}
    found: dict[int, Reject] = {}
    for row, name in enumerate(places["name"]):
        earlier = seen.setdefault(name_key(name), [])
        for other in earlier:
            distance_m = math.dist(xyz_m[row], xyz_m[other])
            if distance_m <= TWICE_M and not _two_branches(branches[row], branches[other]):
                reason = Said(
                    (
                        "the same name stands {metres:.0f} m away in row {row}; delete one, or "
                        "give each its own id and address"
                    ),
                    metres=distance_m,
                    row=_row(places, other),
                )
                found[row] = Reject(
                    _row(places, row), Said("name"), name, reason, _source(places, row)
                )
                break
        else:
            earlier.append(row)
    return found


def _branches(places: gpd.GeoDataFrame, own: Collection[str]) -> list[str]:
    """Of each place with an id of its own the address, "" where either is missing."""
    addresses = places["address"] if "address" in places else [None] * len(places)
    return [
        name_key(address) if place_id in own and isinstance(address, str) else ""
        for place_id, address in zip(places["id"], addresses, strict=True)
    ]


def _two_branches(here: str, there: str) -> bool:
    return bool(here and there) and here != there


def alike(places: gpd.GeoDataFrame) -> list[Note]:
    """Places that share their point or a telephone number with one in an earlier row: perhaps one
    place.
    """
    notes: list[Note] = []
    points: dict[tuple[int, ...], int] = {}
    numbers: dict[str, int] = {}
    for row, (key, phones) in enumerate(zip(_cells(places), places["phones"], strict=True)):
        if (other := points.setdefault(key, row)) != row:
            about = Said("the same point as row {row}")
            notes.append(
                _note(
                    NoteKind.SAME_POINT,
                    places,
                    row,
                    Said("lon, lat"),
                    places["name"].iloc[row],
                    about,
                    other,
                )
            )
        shared = ((number, numbers.setdefault(number, row)) for number in same_phone(phones))
        about = Said("the same telephone as row {row}")
        notes += [
            _note(NoteKind.SAME_TELEPHONE, places, row, Said("phone"), number, about, other)
            for number, other in shared
            if other != row
        ]
    return notes


def claimed(places: gpd.GeoDataFrame, elsewhere: gpd.GeoDataFrame) -> dict[int, Reject]:
    """Position -> refusal of each place whose id a place of another layer has."""
    whose = elsewhere.set_index("id")[["layer", "name"]]
    found: dict[int, Reject] = {}
    for row in np.flatnonzero(places["id"].isin(whose.index)).tolist():
        place_id = places["id"].iloc[row]
        layer, name = whose.loc[place_id]
        reason = Said(
            (
                "the layer {layer} has this id, for {name}; an id belongs to one layer. Is "
                "it the same place, leave it out here or there, or move it with --move-from "
                "{layer}"
            ),
            layer=layer,
            name=name,
        )
        found[row] = Reject(_row(places, row), Said("id"), place_id, reason, _source(places, row))
    return found


def twins(places: gpd.GeoDataFrame, elsewhere: gpd.GeoDataFrame) -> list[Note]:
    """Places that another layer has, too, as it seems: the same name within TWICE_M, the same
    point, or the same telephone nearby. Both stay.
    """
    if places.empty or elsewhere.empty:
        return []
    pairs, metres = _neighbours(places, elsewhere)
    same = (
        (
            Said("the same name"),
            _alike(places["name"].map(name_key), elsewhere["name"], pairs) & (metres <= TWICE_M),
        ),
        (Said("the same point"), metres <= SAME_POINT_M),
        (Said("the same telephone"), _one_phone(places, elsewhere, pairs)),
    )
    told: dict[int, Said] = {}
    for at in np.flatnonzero(np.any([holds for _, holds in same], axis=0)).tolist():
        row, other = pairs[at].tolist()
        if row not in told:  # the nearest come first
            why = _all([what for what, holds in same if holds[at]])
            place_id, name, layer = elsewhere[["id", "name", "layer"]].iloc[other]
            told[row] = Said(
                "{why} as {name} ({id}) of the layer {layer}, {metres:.0f} m away",
                why=why,
                name=name,
                id=place_id,
                layer=layer,
                metres=metres[at],
            )
    return [
        Note(
            NoteKind.TWIN,
            _row(places, row),
            Said("name"),
            places["name"].iloc[row],
            about,
            _source(places, row),
        )
        for row, about in sorted(told.items())
    ]


def _neighbours(
    places: gpd.GeoDataFrame, elsewhere: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Positions in both tables, shape (n, 2), of what lies within _PHONE_TWIN_M of each other, and
    how many metres; the nearest first.
    """
    here, there = _xyz_m(places), _xyz_m(elsewhere)
    found = _within(here, there, _PHONE_TWIN_M)
    pairs, metres = np.stack([found["i"], found["j"]], axis=1), found["v"]
    order = np.lexsort((pairs[:, 1], pairs[:, 0], metres))
    return pairs[order], metres[order]


def _alike(
    keys: "pd.Series[str]", others: "pd.Series[str]", pairs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which pairs have one key of their names."""
    number = {key: at for at, key in enumerate(keys.unique())}
    mine = np.array([number[key] for key in keys], np.int64)
    theirs, near = np.full(len(others), -1, np.int64), np.unique(pairs[:, 1])
    theirs[near] = [number.get(name_key(name), -1) for name in others.iloc[near]]
    return np.asarray(mine[pairs[:, 0]] == theirs[pairs[:, 1]], dtype=bool)


def _one_phone(
    places: gpd.GeoDataFrame, elsewhere: gpd.GeoDataFrame, pairs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which pairs share a telephone that can be compared."""
    mine = [{*same_phone(phones)} for phones in places["phones"]]
    known = set[str]().union(*mine)
    theirs = {
        at: known.intersection(same_phone(phones))
        for at, phones in enumerate(elsewhere["phones"])
        if not known.isdisjoint(phones)
    }
    shared = np.isin(pairs[:, 1], list(theirs))
    for at in np.flatnonzero(shared).tolist():
        row, other = pairs[at].tolist()
        shared[at] = not theirs[other].isdisjoint(mine[row])
    return shared


def changes(places: gpd.GeoDataFrame, published: gpd.GeoDataFrame | None) -> Changes:
    """What would be added, kept, moved, gone, renamed and renumbered if the places were
    published.
    """
    if published is None:
        return Changes(tuple(sorted(places["id"])), (), (), ())
    before = dict(zip(published["id"], _xyz_m(published), strict=True))
    after = dict(zip(places["id"], _xyz_m(places), strict=True))
    kept = sorted(before.keys() & after.keys())
    steps_m = {each: math.dist(after[each], before[each]) for each in kept}
    moved = tuple(
        (each, round(step_m, 1)) for each, step_m in steps_m.items() if step_m >= SAME_POINT_M
    )
    return Changes(
        tuple(sorted(after.keys() - before.keys())),
        tuple(kept),
        moved,
        tuple(sorted(before.keys() - after.keys())),
        renames(places, published),
        *_other_names(places, published, steps_m),
    )


def _other_names(
    places: gpd.GeoDataFrame, published: gpd.GeoDataFrame, steps_m: Mapping[str, float]
) -> tuple[tuple[Renumbered, ...], tuple[NewName, ...]]:
    """Ids that stay under another name: those whose place moved away, and the others."""
    was, now = (dict(zip(each["id"], each["name"], strict=True)) for each in (published, places))
    other = [each for each in steps_m if name_key(was[each]) != name_key(now[each])]
    moved = [each for each in other if steps_m[each] > SAME_PLACE_M]
    stayed = [each for each in other if steps_m[each] <= SAME_PLACE_M]
    return (
        tuple(Renumbered(each, was[each], now[each], round(steps_m[each], 1)) for each in moved),
        tuple(NewName(each, was[each], now[each]) for each in stayed),
    )


def renames(places: gpd.GeoDataFrame, published: gpd.GeoDataFrame | None) -> tuple[Renamed, ...]:
    """Places that are gone and new ones of the same kind that have their point, their telephone or
    their name: perhaps the same ones. Sorted by the old id; each place stands in one pair.
    """
    if published is None:
        return ()
    gone = published[~published["id"].isin(places["id"])]
    new = places[~places["id"].isin(published["id"])]
    if gone.empty or new.empty:
        return ()
    pairs: list[Renamed] = []
    used: set[str] = set()
    for each in _candidates(gone, new):
        if used.isdisjoint((each.old_id, each.new_id)):
            used |= {each.old_id, each.new_id}
            pairs.append(each)
    return tuple(sorted(pairs, key=lambda each: each.old_id))


def _all(reasons: Sequence[Said]) -> Said:
    """The same point and the same telephone."""
    return reduce(lambda one, other: Said("{one} and {other}", one=one, other=other), reasons)


def _candidates(gone: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> list[Renamed]:
    """The surest first: the same point and telephone, then either, the nearer before the
    further.
    """
    near = _near(gone, new)
    phones = _shared_phones(gone, new)
    names = _same_names(gone, new)
    here, there = _xyz_m(gone), _xyz_m(new)
    told = (gone["id"], gone["name"], gone["kind"], new["id"], new["name"], new["kind"])
    old_id, old_name, old_kind, new_id, new_name, new_kind = (each.tolist() for each in told)
    found: list[tuple[int, float, str, str, Renamed]] = []
    for at, to in near | phones | names:
        reasons = [
            why
            for why, pairs in (
                (Said("the same point"), near),
                (Said("the same telephone"), phones),
                (Said("the same name"), names),
            )
            if (at, to) in pairs
        ]
        if old_kind[at] == new_kind[to]:
            metres = math.dist(here[at], there[to])
            pair = Renamed(
                old_id[at],
                old_name[at],
                new_id[to],
                new_name[to],
                _all(reasons),
                round(metres, 1),
            )
            found.append((-len(reasons), metres, pair.old_id, pair.new_id, pair))
    return [each[-1] for each in sorted(found, key=lambda each: each[:-1])]


_Pairs = set[tuple[int, int]]
"""Positions in the gone and in the new places."""


def _near(gone: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> _Pairs:
    found = _within(_xyz_m(gone), _xyz_m(new), RENAMED_M)
    return {(int(at), int(to)) for at, to in zip(found["i"], found["j"], strict=True)}


def _shared_phones(gone: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> _Pairs:
    """By numbers that one place on each side has: a hotline tells nothing."""
    was, now = _phone_owners(gone), _phone_owners(new)
    return {(was[number], now[number]) for number in was.keys() & now.keys()}


def _phone_owners(places: gpd.GeoDataFrame) -> dict[str, int]:
    said = [
        (number, at)
        for at, phones in enumerate(places["phones"])
        for number in {*same_phone(phones)}
    ]
    many = Counter(number for number, _ in said)
    return {number: at for number, at in said if many[number] == 1}


def _same_names(gone: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> _Pairs:
    """A table that gave its places other ids."""
    known = _by_name(gone)
    position = {place_id: at for at, place_id in enumerate(gone["id"])}
    each = enumerate(zip(new["name"], _xyz_m(new), strict=True))
    return {
        (position[place_id], to)
        for to, (name, xyz_m) in each
        for place_id, at in known.get(name_key(name), ())
        if math.dist(at, xyz_m) <= SAME_PLACE_M
    }


def renamed(
    places: gpd.GeoDataFrame,
    published: gpd.GeoDataFrame | None,
    said: Sequence[str],
    own: Collection[str] = frozenset(),
) -> tuple[gpd.GeoDataFrame, list[Repair]]:
    """Places with the old ids where a person says that they were renamed; told as repairs.

    Each of `said` is ALL, for all that `renames` lists, or OLD=NEW: a published place that is gone
    and a new one, each by its id or its name. What was said of one of the `own` ids, which the
    table gave, holds for the next table that gives it. Raises BadTable where there is no such
    place, or more than one.
    """
    old_of = _said_before(places, published, own) | dict(_pairs_said(places, published, said))
    if not old_of:
        return places, []
    if len(set(old_of.values())) < len(old_of):
        raise BadTable("--renamed gives two places one old id; say each old place once")
    said_of = places[places["id"].isin(old_of.keys())]
    how = Said("renamed, as was said: the old id stays")
    told = [
        Repair(int(number), "id", place_id, old_of[place_id], how, source)
        for number, place_id, source in zip(
            said_of["src_row"], said_of["id"], _sources(said_of), strict=True
        )
    ]
    kept = places.assign(id=[old_of.get(each, each) for each in places["id"]])
    if "parent_street_id" in kept:
        parents = [
            old_of.get(each, each) if isinstance(each, str) else each
            for each in kept["parent_street_id"]
        ]
        kept = kept.assign(parent_street_id=parents)
    return kept, told


def _said_before(
    places: gpd.GeoDataFrame, published: gpd.GeoDataFrame | None, own: Collection[str]
) -> dict[str, str]:
    """New id and old id of rows whose own id a published place bears as that of its source.

    Only where it has the same name or is near: a number of a list may mean another place by now.
    """
    if published is None or "src_id" not in places:
        return {}
    gone = published[~published["id"].isin(places["id"]) & published["src_id"].notna()]
    told = zip(gone["id"], gone["name"], _xyz_m(gone), strict=True)
    known = dict(zip(gone["src_id"], told, strict=True))
    fresh = places["id"].isin(own) & ~places["id"].isin(published["id"])
    new = places[fresh & places["src_id"].isin(known.keys())]
    found: dict[str, str] = {}
    for place_id, name, src_id, xyz_m in zip(
        new["id"], new["name"], new["src_id"], _xyz_m(new), strict=True
    ):
        old_id, was, at = known[src_id]
        same = name_key(was) == name_key(name)
        if same or math.dist(at, xyz_m) <= SAME_PLACE_M:
            found[place_id] = old_id
    return found


def _pairs_said(
    places: gpd.GeoDataFrame, published: gpd.GeoDataFrame | None, said: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """New id and old id of each pair."""
    gone = places.iloc[:0] if published is None else published
    gone = gone[~gone["id"].isin(places["id"])]
    new = places if published is None else places[~places["id"].isin(published["id"])]
    stated: dict[str, str] = {}
    for text in said:
        if text != ALL:
            old, equals, now = text.partition("=")
            if not (old and equals and now):
                raise BadTable("--renamed takes OLD=NEW or {all}, not {text!r}", all=ALL, text=text)
            stated[_called(new, now, "new")] = _called(gone, old, "gone")
    yield from stated.items()
    if ALL in said:
        for each in renames(places, published):
            if each.new_id not in stated and each.old_id not in stated.values():
                yield each.new_id, each.old_id


def _called(places: gpd.GeoDataFrame, text: str, which: str) -> str:
    """The id of the one of these places that has this id or name."""
    key = name_key(text)
    found = [
        place_id
        for place_id, name in zip(places["id"], places["name"], strict=True)
        if place_id == text.strip() or name_key(name) == key
    ]
    if len(found) != 1:
        many = f"{len(found)} places" if found else "no place"
        raise BadTable(
            (
                "--renamed: {many} among the {count} that would be {which} is called "
                "{text!r}; the report lists them by id and name"
            ),
            many=many,
            count=len(places),
            which=which,
            text=text,
        )
    return str(found[0])


def _cells(places: gpd.GeoDataFrame) -> list[tuple[int, ...]]:
    """The cubic metre that each point lies in."""
    return [tuple(cell) for cell in np.floor(_xyz_m(places) / SAME_POINT_M).astype(int).tolist()]


def _xyz_m(places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Earth-centred metres, shape (n, 3): whether two places are one hangs on no grid, and a chord
    of 1 km is a thousandth of a millimetre shorter than the way.
    """
    shapes = places.geometry.to_numpy().copy()
    lines = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    shapes[lines] = shapely.centroid(shapes[lines])
    lonlat = shapely.get_coordinates(shapes).reshape(-1, 2)
    return ecef(lonlat[:, 0], lonlat[:, 1])


def _within(here: NDArray[np.float64], there: NDArray[np.float64], reach_m: float) -> Any:
    """Pairs of points, (n, 3) and (m, 3), that lie within reach of each other: i, j, v (metres)."""
    if not (len(here) and len(there)):
        return np.zeros(0, [("i", np.int64), ("j", np.int64), ("v", np.float64)])
    return cKDTree(here).sparse_distance_matrix(cKDTree(there), reach_m, output_type="ndarray")


def _row(places: gpd.GeoDataFrame, position: int) -> int:
    """Its row in its source; 0 of a source that has no rows, such as a map."""
    row = places["src_row"].iloc[position]
    return 0 if pd.isna(row) else int(row)


def _sources(places: gpd.GeoDataFrame) -> list[str]:
    columns = zip(places["src_file"], places["src_sheet"], strict=True)
    return [_named(file, sheet) for file, sheet in columns]


def _source(places: gpd.GeoDataFrame, position: int) -> str:
    return _named(places["src_file"].iloc[position], places["src_sheet"].iloc[position])


def _named(file: object, sheet: object) -> str:
    return f"{file} / {sheet}" if isinstance(sheet, str) and sheet else str(file)


def _note(
    kind: NoteKind,
    places: gpd.GeoDataFrame,
    row: int,
    column: str,
    value: str,
    about: str,
    other: int,
) -> Note:
    said = Said(about, row=_row(places, other))
    return Note(kind, _row(places, row), column, value, said, _source(places, row))
