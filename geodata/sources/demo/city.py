"""The demo city: invented places over real ground, the same for the same seed.

Never a real shop, never real rows.

No table of the real places is public, so this one stands in for it. Names carry 演示 and telephone
numbers cannot be dialled. Where places stand is demo_ground's part; words, shares and hours are
demo_words'.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from geodata.city import CityAbout, MetricGrid
from geodata.errors import BadValue
from geodata.places.areas import NOWHERE, locate
from geodata.places.entry import entry_text
from geodata.sources.demo.terrain import (
    Floats,
    Ints,
    Shapes,
    Terrain,
    about_centres,
    beside_lines,
    protect,
    settled,
    stage,
    winding_lines,
)
from geodata.sources.demo.words import (
    ALWAYS,
    ALWAYS_SHARE,
    APPLY_FIRST,
    APPLY_FIRST_SHARE,
    FEES,
    FREIGHT,
    HOURS,
    LEVELS,
    OVERNIGHT,
    OVERNIGHT_SHARE,
    ROLES,
    UNKNOWN_SHARE,
    UNKNOWN_TEXTS,
    WHEELCHAIRS,
    Role,
    Text,
)
from geodata.space.coordinates import WGS84, from_metric, metric
from geodata.vocabulary import PROGRAMME_KINDS, Audience, Door, Kind, Service, Zone

SHENZHEN: Final = CityAbout(
    name="深圳市",
    name_en="Shenzhen",
    country="CN",
    timezone="Asia/Shanghai",
    language="zh-CN",
    grid=MetricGrid(
        "+proj=tmerc +lat_0=22.6 +lon_0=114.1 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
    ),
    area_codes=("0755",),
)


def city_about() -> CityAbout:
    """What is true of the demo's city."""
    return SHENZHEN


#: Counts published by the city for 2022.
PUBLISHED_2022: Final[Mapping[Kind, int]] = MappingProxyType(
    {
        Kind.WARM_BEE_STATION: 753,
        Kind.DRIVER_HOME: 47,
        Kind.WARM_BEE_STREET: 13,
        Kind.FRIENDLY_MERCHANT: 3226,
    }
)

_PREFIX: Final[Mapping[Kind, str]] = {
    Kind.WARM_BEE_STATION: "st",
    Kind.DRIVER_HOME: "dh",
    Kind.WARM_BEE_STREET: "ws",
    Kind.FRIENDLY_MERCHANT: "fm",
    Kind.PUBLIC_PLACE: "pp",
}

#: Services that are drawn for, in this order: the same seed gives the same city, though the
#: vocabulary grows.
_DRAWN: Final = tuple(Service)[: list(Service).index(Service.MEALS) + 1]
#: Merchants of one warm-bee street, and the most of all merchants that stand on one.
_A_STREET: Final = 25
_ON_STREETS: Final = 0.08
#: Merchants that share a building, and so a point, with another.
_SHARED_POINT: Final = 0.006
_NEAR_M: Final = 1500.0
#: This part of the stations is spread evenly over the offices, the rest by population: they are
#: built for coverage.
_EVEN: Final = 0.3
#: 6 decimals are 0.1 m, what a careful survey would give.
_DECIMALS: Final = 6
_LAST_CHECK: Final = np.datetime64("2026-10-31", "s")

_Texts = NDArray[np.object_]
_Word = TypeVar("_Word")


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who stands in the city, row by row, before anything is said about them."""

    role: Ints
    """Position in ROLES."""
    kind: _Texts
    number: Ints
    """Running number within the kind, from 1."""

    def __post_init__(self) -> None:
        protect(self.role, self.kind, self.number)


def demo_city(seed: int = 2022, counts: Mapping[Kind, int] = PUBLISHED_2022) -> gpd.GeoDataFrame:
    """The places table of an invented city, by kind in the order of `Kind`, index 0…n-1, WGS-84.

    The same seed and counts give the same table. Columns are those of the places table that it says
    anything in; `service_bits`, `pinyin` and `initials` are made when it is checked and published;
    `verified_at` is datetime64[s] at midnight. Kinds missing from `counts` count 0. `BadValue` for
    negative counts, none at all, or more than the ground holds.
    """
    _refuse_counts(counts)
    rng = Generator(PCG64(seed))
    ground = stage(rng, sum(counts.values()), SHENZHEN.grid)
    cast = _cast(rng, counts)
    lines = winding_lines(rng, ground, counts.get(Kind.WARM_BEE_STREET, 0))
    parent = _parents(rng, cast, len(lines))
    lon, lat = (
        degrees.round(_DECIMALS)
        for degrees in from_metric(_stand(rng, ground, cast, lines, parent), SHENZHEN.grid)
    )
    where = _whereabouts(ground, lon, lat)
    columns = {
        **_names(rng, cast, where),
        **_services(rng, cast),
        **_visits(rng, cast),
        **_hours(rng, cast),
        **_provenance(lon, lat),
    }
    columns |= _coming_in(rng, cast, columns["door"])  # last, so that the draws before stay theirs
    frame = pd.DataFrame({**columns, "parent_street_id": _street_ids(parent)})
    return _arranged(gpd.GeoDataFrame(frame, geometry=_shapes(lon, lat, cast, lines), crs=WGS84))


def _refuse_counts(counts: Mapping[Kind, int]) -> None:
    if min(counts.values(), default=0) < 0 or sum(counts.values()) < 1:
        raise BadValue(
            "a demo city needs at least one place and no negative counts; got {dict}",
            dict=dict(counts),
        )


def _cast(rng: Generator, counts: Mapping[Kind, int]) -> _Cast:
    sizes = [counts.get(kind, 0) for kind in PROGRAMME_KINDS]
    role = np.concatenate(
        [_roles(rng, kind, size) for kind, size in zip(PROGRAMME_KINDS, sizes, strict=True)]
    )
    return _Cast(
        role=role,
        kind=np.repeat(np.array([kind.value for kind in PROGRAMME_KINDS], dtype=object), sizes),
        number=np.concatenate([np.arange(1, size + 1) for size in sizes]),
    )


def _roles(rng: Generator, kind: Kind, size: int) -> Ints:
    positions = [position for position, role in enumerate(ROLES) if role.kind is kind]
    shares = np.array([ROLES[position].share for position in positions])
    return rng.choice(positions, size, p=shares / shares.sum())


def _is(cast: _Cast, kind: Kind) -> NDArray[np.bool_]:
    return np.asarray(cast.kind == kind.value, dtype=np.bool_)


def _rows(cast: _Cast, kind: Kind) -> Ints:
    return np.flatnonzero(_is(cast, kind))


def _parents(rng: Generator, cast: _Cast, streets: int) -> Ints:
    """For each row the warm-bee street it belongs to, or -1."""
    parent = np.full(len(cast.role), NOWHERE)
    merchants = _rows(cast, Kind.FRIENDLY_MERCHANT)
    size = min(int(_ON_STREETS * len(merchants)), _A_STREET * streets)
    if size:
        parent[rng.choice(merchants, size, replace=False)] = np.sort(rng.integers(0, streets, size))
    return parent


def _stand(rng: Generator, ground: Terrain, cast: _Cast, lines: Shapes, parent: Ints) -> Floats:
    """Where each row stands, in metres; a warm-bee street at the start of its line."""
    xy_m = np.empty((len(cast.role), 2))
    on_street, is_line = parent != NOWHERE, _is(cast, Kind.WARM_BEE_STREET)
    street = _home_streets(rng, ground, cast)
    street[on_street] = len(ground.areas)
    movable = np.flatnonzero(~is_line)

    def draw(rows: Ints) -> tuple[Floats, Floats]:
        rows = movable[rows]
        origin, offset = np.empty((len(rows), 2)), np.empty((len(rows), 2))
        beside = on_street[rows]
        origin[beside], offset[beside] = beside_lines(rng, lines[parent[rows[beside]]])
        origin[~beside], offset[~beside] = about_centres(rng, ground, street[rows[~beside]])
        return origin, offset

    xy_m[movable] = settled(rng, draw, ground.regions[street[movable]])
    xy_m[is_line] = shapely.get_coordinates(shapely.get_point(lines, 0))
    return _sharing(rng, xy_m, np.flatnonzero(_is(cast, Kind.FRIENDLY_MERCHANT) & ~on_street))


def _home_streets(rng: Generator, ground: Terrain, cast: _Cast) -> Ints:
    """The street office each row is drawn to. The first stations go one to each street."""
    offices = len(ground.areas)
    street = rng.choice(offices, len(cast.role), p=ground.share)
    stations, homes = _rows(cast, Kind.WARM_BEE_STATION), _rows(cast, Kind.DRIVER_HOME)
    street[stations] = rng.choice(
        offices, len(stations), p=(1.0 - _EVEN) * ground.share + _EVEN / offices
    )
    street[stations[:offices]] = np.arange(min(offices, len(stations)))
    freight = ground.share * ground.streets["street"].map(FREIGHT).fillna(0.5).to_numpy()
    street[homes] = rng.choice(offices, len(homes), p=freight / freight.sum())
    return street


def _sharing(rng: Generator, xy_m: Floats, merchants: Ints) -> Floats:
    """Put a few merchants into the building of another, on exactly its point."""
    size = int(_SHARED_POINT * len(merchants))
    guests, hosts = np.split(rng.choice(merchants, 2 * size, replace=False), 2)
    xy_m[guests] = xy_m[hosts]
    return xy_m


def _whereabouts(ground: Terrain, lon: Floats, lat: Floats) -> pd.DataFrame:
    """For each row its street office and what people would say it is near: a landmark, or else the
    street.
    """
    office = (
        ground.streets.drop(columns="geometry")
        .iloc[locate(lon, lat, ground.areas, SHENZHEN.grid)]
        .reset_index(drop=True)
    )
    short = office["street"].str.removesuffix("街道")
    tree = shapely.STRtree(np.array(shapely.points(ground.landmark_xy_m)))
    asked, found = tree.query_nearest(
        np.array(shapely.points(metric(lon, lat, SHENZHEN.grid))),
        max_distance=_NEAR_M,
        all_matches=False,
    )
    landmark = ground.landmark_names.iloc[found].set_axis(asked)
    near = landmark["name"].reindex(office.index).fillna(short)
    near_en = landmark["name_en"].reindex(office.index).fillna(office["name_en"])
    return office.assign(short=short, near=near, near_en=near_en)


def _shapes(lon: Floats, lat: Floats, cast: _Cast, lines: Shapes) -> Shapes:
    shapes = np.array(shapely.points(lon, lat), dtype=object)
    rows = _rows(cast, Kind.WARM_BEE_STREET)
    shapes[rows] = shapely.transform(
        lines, lambda xy_m: np.stack(from_metric(xy_m, SHENZHEN.grid), axis=-1).round(_DECIMALS)
    )
    return shapes


def _names(rng: Generator, cast: _Cast, where: pd.DataFrame) -> dict[str, Any]:
    """Ids, names, address; public places are numbered within their street office, shops of one name
    at a landmark.
    """
    title = _drawn_texts(rng, cast, lambda role: role.titles)
    front = _drawn_texts(rng, cast, lambda role: role.fronts or (("", ""),))
    order = where.groupby([cast.kind, where["street"]]).cumcount().add(1).astype("str").str.zfill(2)
    before = where.groupby([cast.kind, front[0] + title[0], where["near"]]).cumcount()
    branch = before.add(1).astype("str").where(before > 0, "")
    zh = {
        Kind.WARM_BEE_STATION: where["short"] + title[0] + order + "号",
        Kind.DRIVER_HOME: where["short"] + title[0] + order + "号",
        Kind.WARM_BEE_STREET: where["near"] + title[0],
        Kind.FRIENDLY_MERCHANT: front[0] + title[0] + "（" + where["near"] + branch + "店）",
    }
    en = {
        Kind.WARM_BEE_STATION: where["name_en"] + " " + title[1] + " " + order,
        Kind.DRIVER_HOME: where["name_en"] + " " + title[1] + " " + order,
        Kind.WARM_BEE_STREET: where["near_en"] + " " + title[1],
        Kind.FRIENDLY_MERCHANT: (
            front[1] + " " + title[1] + " (" + where["near_en"] + (" " + branch).str.rstrip() + ")"
        ),
    }
    number = pd.Series(cast.number).astype("str").str.zfill(5)
    return {
        "id": pd.Series(cast.kind).map({k.value: v for k, v in _PREFIX.items()}) + "-" + number,
        "kind": pd.Categorical(cast.kind, categories=[kind.value for kind in Kind]),
        "name": "演示·" + _by_kind(cast, zh),
        "name_en": "Demo " + _by_kind(cast, en),
        "address": "演示地址：" + where["district"] + where["street"] + where["near"] + "附近",
        "district": where["district"],
        "street": where["street"],
    }


def _by_kind(cast: _Cast, texts: Mapping[Kind, pd.Series]) -> pd.Series:
    parts: list[pd.Series] = [text[_is(cast, kind)] for kind, text in texts.items()]
    joined: pd.Series = pd.concat(parts).sort_index()
    return joined


def _drawn_texts(
    rng: Generator, cast: _Cast, texts: Callable[[Role], Sequence[Text]]
) -> tuple[pd.Series, pd.Series]:
    """For each row one of its role's texts, Chinese and English."""
    drawn = _drawn(rng, cast, lambda role: np.array(texts(role), dtype=object), width=2)
    return pd.Series(drawn[:, 0], dtype="str"), pd.Series(drawn[:, 1], dtype="str")


def _drawn(rng: Generator, cast: _Cast, choices: Callable[[Role], _Texts], width: int) -> _Texts:
    """For each row one row of its role's table of choices, shape (n, width).

    Null where the table is empty.
    """
    drawn = np.full((len(cast.role), width), None, dtype=object)
    for position, role in enumerate(ROLES):
        rows, table = np.flatnonzero(cast.role == position), choices(role).reshape(-1, width)
        if len(table):
            drawn[rows] = table[rng.integers(0, len(table), len(rows))]
    return drawn


def _services(rng: Generator, cast: _Cast) -> dict[str, Any]:
    """Services, welcome, zones; who has hot water has drinking water."""
    services = list(_DRAWN)
    has = _flags(rng, cast, services, lambda role: role.services)
    has[:, services.index(Service.DRINKING_WATER)] |= has[:, services.index(Service.HOT_WATER)]
    audience, zones = list(Audience), list(Zone)
    return {
        "services": _listed(has, services),
        "audience": _listed(_flags(rng, cast, audience, lambda role: role.audience), audience),
        "zones": _listed(_flags(rng, cast, zones, lambda role: role.zones), zones),
    }


def _flags(
    rng: Generator,
    cast: _Cast,
    words: Sequence[_Word],
    chances: Callable[[Role], Mapping[_Word, float]],
) -> NDArray[np.bool_]:
    """Shape (n, words): each true with the chance that the row's role gives it."""
    table = np.array([[chances(role).get(word, 0.0) for word in words] for role in ROLES])
    flags: NDArray[np.bool_] = rng.uniform(size=(len(cast.role), len(words))) < table[cast.role]
    return flags


def _listed(flags: NDArray[np.bool_], words: Sequence[str]) -> pd.Series:
    """A list of words a row, in vocabulary order."""
    rows, columns = np.nonzero(flags)
    said = np.array([str(word) for word in words], dtype=object)[columns]
    parts = np.split(said, np.searchsorted(rows, np.arange(1, len(flags))))
    return pd.Series([part.tolist() for part in parts], dtype=object)


def _visits(rng: Generator, cast: _Cast) -> dict[str, Any]:
    """Door, seats, phones, who runs it, what a merchant offers, when it was last checked."""
    rows = len(cast.role)
    low, high = np.array([role.seats for role in ROLES])[cast.role].T
    seats = pd.Series(rng.integers(low, high + 1), dtype="Int32")
    seats_known = rng.uniform(size=rows) < np.array([role.seats_known for role in ROLES])[cast.role]
    checked = rng.uniform(size=rows) < 0.9
    verified_at = pd.Series(_LAST_CHECK - rng.integers(0, 365, rows).astype("timedelta64[D]"))
    return {
        "phones": _phones(rng, rows),
        "door": pd.Categorical(_doors(rng, cast), categories=[door.value for door in Door]),
        "capacity": seats.where(seats_known),
        "operator": pd.Series(
            _drawn(rng, cast, lambda role: np.array(role.operators, dtype=object), 1)[:, 0],
            dtype="str",
        ),
        "offers": pd.Series(
            _drawn(rng, cast, lambda role: np.array(role.offers, dtype=object), 1)[:, 0],
            dtype="str",
        ),
        "verified_at": verified_at.where(checked),
        "verified_by": pd.Series("演示", index=range(rows), dtype="str").where(checked),
    }


def _doors(rng: Generator, cast: _Cast) -> _Texts:
    doors = np.array([door.value for door in Door], dtype=object)
    reach = np.cumsum([[role.doors.get(door, 0.0) for door in Door] for role in ROLES], axis=1)
    drawn = rng.uniform(size=len(cast.role)) * reach[cast.role, -1]
    drawn_doors: _Texts = doors[(reach[cast.role] <= drawn[:, None]).sum(axis=1)]
    return drawn_doors


def _coming_in(rng: Generator, cast: _Cast, door: pd.Categorical) -> dict[str, Any]:
    """Whether one applies for the door first, and what is known of money, steps and floors."""
    ways, rows = np.array(door.astype("object")), len(cast.role)
    alone = (rng.uniform(size=rows) < APPLY_FIRST_SHARE) & _is(cast, Kind.WARM_BEE_STATION)
    entry = pd.Series(None, index=range(rows), dtype="str")
    for way, asked in APPLY_FIRST.items():
        entry[alone & (ways == way.value)] = entry_text(asked)
    return {
        "entry": entry,
        "fee": _of_kind(rng, cast, FEES),
        "wheelchair": _of_kind(rng, cast, WHEELCHAIRS),
        "level": _of_kind(rng, cast, LEVELS),
    }


def _of_kind(rng: Generator, cast: _Cast, chances: Mapping[Kind, Mapping[str, float]]) -> pd.Series:
    """For each row one of the texts of its kind with its chance, else null."""
    drawn = rng.uniform(size=len(cast.role))
    said = pd.Series(None, index=range(len(drawn)), dtype="str")
    for kind, shares in chances.items():
        reached = 0.0
        for text, share in shares.items():
            said[_is(cast, kind) & (reached <= drawn) & (drawn < reached + share)] = str(text)
            reached += share
    return said


def _phones(rng: Generator, rows: int) -> pd.Series:
    """No, one or two numbers a row.

    A subscriber number that begins with 0 is the trunk prefix and rings nowhere.
    """
    how_many = rng.choice(3, rows, p=[0.25, 0.72, 0.03])
    digits = rng.integers(0, 10_000_000, (rows, 2))
    return pd.Series(
        [
            [f"0755-0{number:07d}" for number in pair[:size]]
            for pair, size in zip(digits.tolist(), how_many.tolist(), strict=True)
        ],
        dtype=object,
    )


def _hours(rng: Generator, cast: _Cast) -> dict[str, Any]:
    """OSM syntax and the text as published: exact shares always open, overnight and unknown.

    The rest open by day.
    """
    rows = len(cast.role)
    hours = _drawn(rng, cast, _day_hours, width=2)
    free = np.ones(rows, dtype=np.bool_)
    always = _chosen(rng, free, _role_weight(cast, lambda role: role.always), ALWAYS_SHARE)
    hours[always] = ALWAYS
    overnight = _chosen(rng, free, _role_weight(cast, lambda role: role.overnight), OVERNIGHT_SHARE)
    hours[overnight] = np.array(OVERNIGHT, dtype=object)[
        rng.integers(0, len(OVERNIGHT), len(overnight))
    ]
    unknown = _chosen(rng, free, np.ones(rows), UNKNOWN_SHARE)
    hours[unknown, 0] = None
    hours[unknown, 1] = np.array(UNKNOWN_TEXTS, dtype=object)[
        rng.integers(0, len(UNKNOWN_TEXTS), len(unknown))
    ]
    return {
        "opening_hours": pd.Series(hours[:, 0], dtype="str"),
        "opening_hours_text": pd.Series(hours[:, 1], dtype="str"),
    }


def _day_hours(role: Role) -> _Texts:
    return np.array([text for week in role.weeks for text in HOURS[week]], dtype=object)


def _role_weight(cast: _Cast, weight: Callable[[Role], float]) -> Floats:
    return np.array([weight(role) for role in ROLES])[cast.role]


def _chosen(rng: Generator, free: NDArray[np.bool_], weight: Floats, share: float) -> Ints:
    """A share of all rows, drawn by weight among the free ones, which are free no more."""
    weight = weight * free
    size = min(round(share * len(free)), int(np.count_nonzero(weight)))
    rows = (
        rng.choice(len(free), size, replace=False, p=weight / weight.sum())
        if size
        else np.empty(0, dtype=np.int64)
    )
    free[rows] = False
    return rows


def _street_ids(parent: Ints) -> pd.Series:
    ids = pd.Series(parent + 1).astype("str").str.zfill(5)
    named: pd.Series = _PREFIX[Kind.WARM_BEE_STREET] + "-" + ids
    return named.where(parent != NOWHERE)


def _provenance(lon: Floats, lat: Floats) -> dict[str, Any]:
    """As if read from a file: row as a spreadsheet counts it, the heading being row 1."""
    return {
        "src_file": pd.Series("demo", index=range(len(lon)), dtype="str"),
        "src_sheet": pd.Series(None, index=range(len(lon)), dtype="str"),
        "src_row": pd.Series(np.arange(2, len(lon) + 2), dtype="Int64"),
        "src_id": pd.Series(None, index=range(len(lon)), dtype="str"),
        "src_datum": pd.Series("wgs84", index=range(len(lon)), dtype="str"),
        "src_lon": pd.Series(lon),
        "src_lat": pd.Series(lat),
    }


#: The order of the places table.
_ORDER: Final = (
    "id", "kind", "name", "name_en", "address", "district", "street", "geometry", "phones",
    "services", "audience",
    "zones", "door", "capacity", "opening_hours", "opening_hours_text", "operator", "offers",
    "parent_street_id",
    "verified_at", "verified_by", "src_file", "src_sheet", "src_row", "src_id", "src_datum",
    "src_lon", "src_lat", "entry", "fee", "wheelchair", "level",
)  # fmt: skip


def _arranged(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return places[list(_ORDER)]
