"""Recipes: the demo city, or tables somebody declares, become one frozen version.

The store publishes, not this.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, Reject, Said
from geodata.hours.calendar import Calendars, calendar_of
from geodata.pipeline import area_outlines, edits
from geodata.pipeline.area_outlines import Outlines
from geodata.pipeline.edits import (
    NO_EDITS,
    NONE_EDITED,
    Contradiction,
    Decide,
    Edits,
    LayerEdits,
    undecided,
)
from geodata.pipeline.freeze import NOTHING_MADE, Frozen, Layers, Made, Progress, freeze, unheard
from geodata.pipeline.layers import (
    MAIN,
    LayerName,
    layers_of,
    of_layer,
    union,
    without_layer,
)
from geodata.pipeline.new_city import demo_outlines, grown, new_city
from geodata.pipeline.published import StoredTables, demand_in, real_places
from geodata.pipeline.strays import far_from_street, strays
from geodata.places.table import validate
from geodata.snapshot.demand import Demand, DemandSummary
from geodata.snapshot.snapshot import DatasetAbout, LayerAbout, WaitingPlace, said_of_all
from geodata.sources import evidence, identity, offices, stated
from geodata.sources.areas.names import AreaNames, Level
from geodata.sources.cells import Note
from geodata.sources.demo.city import PUBLISHED_2022, demo_city
from geodata.sources.demo.demand import SQUARE_M, demo_orders
from geodata.sources.evidence import Evidence, Surroundings
from geodata.sources.identity import Changes
from geodata.sources.own import ORIGIN
from geodata.sources.repairs import Repair
from geodata.sources.stated import Stated
from geodata.sources.table import Read
from geodata.space.coordinates import WGS84, Datum
from geodata.store.versions import StoredPart
from geodata.vocabulary import Kind, Position

DEMO_SEED: Final = 2022
#: The demo city's newest fact; its hours, doors and names are all made up.
DEMO_DATE: Final = "2026-11-01"


@dataclass(frozen=True, slots=True)
class Checked:
    """Tables after every check: what can be published, what cannot and why, what was mended and
    what was not used.
    """

    places: gpd.GeoDataFrame
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]
    rows: int
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]
    left_out: tuple[Said, ...]
    evidence: Evidence
    changes: Changes
    outlines: Outlines
    """Of the areas that the places were put into, and are published with."""
    layer: LayerName
    """Whose places they are."""
    elsewhere: gpd.GeoDataFrame | None
    """The places of the other layers, as they are published; None where there are none."""
    waiting: tuple[WaitingPlace, ...] = ()
    """Rows of the layer that no point was found for."""
    edits: LayerEdits = NO_EDITS
    """What was edited by hand, laid over the places."""
    contradictions: tuple[Contradiction, ...] = ()
    """What the tables and a person both changed, and nobody has decided."""


def demo(
    dataset: str,
    seed: int = DEMO_SEED,
    counts: Mapping[Kind, int] = PUBLISHED_2022,
    progress: Progress = unheard,
    calendar: Calendars | None = None,
) -> Frozen:
    """The synthetic city, the same for the same seed, counts and calendar (None: the library's)."""
    ground = demo_outlines()
    about = DatasetAbout(
        dataset=dataset,
        title="演示数据",
        title_en="Demo data",
        synthetic=True,
        licence="CC0-1.0",
        source=f"synthetic, seed {seed}",
        city=ground.city,
        data_date=DEMO_DATE,
        counts={},
    )
    checked, rejects = validate(demo_city(seed, counts))
    if rejects:
        raise BadTable(
            "the demo city makes {count} places that cannot be published",
            rejects,
            count=len(rejects),
        )
    crowd = _demo_crowd(seed, counts, ground)
    return frozen(checked, about, ground, progress, crowd, calendar=calendar)


def scaled(total: int) -> dict[Kind, int]:
    """The kinds of 2022 in the same shares, `total` places in all."""
    whole = sum(PUBLISHED_2022.values())
    counts = {kind: max(1, count * total // whole) for kind, count in PUBLISHED_2022.items()}
    counts[Kind.FRIENDLY_MERCHANT] += total - sum(counts.values())
    return counts


@dataclass(frozen=True, slots=True)
class Beside:
    """What tables are checked against: the version that is published, and what a person says."""

    published: gpd.GeoDataFrame | None = None
    """Its places table. Ids are taken over from it, and it is the best witness of the datum."""
    drawn: Outlines | None = None
    """Its outlines, witnesses where they were imported; None: those of a new city (new_city.py)."""
    layer: LayerName = MAIN
    """The layer that the tables replace; places of others stay as they are."""
    renamed: Sequence[str] = ()
    """What a person says of places under another name (identity.renamed)."""
    move_from: Sequence[str] = ()
    """Layers of which the places that the tables hold, too, move to this one."""
    edits: Edits = field(default_factory=dict)
    """What was edited by hand in the published version; laid over the tables."""
    decide: Decide = undecided
    """What a person says where the tables changed what was edited."""

    def replaced(self) -> gpd.GeoDataFrame | None:
        """The published places of the layer, and of those from which places may move to it.

        None where nothing is published.
        """
        mine = {self.layer.name, *self.move_from}
        return _where(self.published, lambda names: names.isin(mine))

    def known(self) -> gpd.GeoDataFrame | None:
        """The places that are replaced, as the list before told of them."""
        before = self.replaced()
        if before is None:
            return None
        mine = [
            self.edits[name] for name in (self.layer.name, *self.move_from) if name in self.edits
        ]
        return edits.known_as(before, edits.joined(mine)) if mine else before

    def edits_of(self, ids: Collection[str]) -> LayerEdits:
        """The layer's edits, and those of places that move to it."""
        own = self.edits.get(self.layer.name, NO_EDITS)
        moved = [edits.of_places(self.edits.get(name, NO_EDITS), ids) for name in self.move_from]
        return edits.joined([own, *moved])

    def elsewhere(self, taken: Collection[str] = frozenset()) -> gpd.GeoDataFrame | None:
        """The published places of other layers, but for those that were `taken` over by id.

        None where there are none.
        """
        if self.published is None:
            return None
        rest = without_layer(self.published, self.layer.name)
        moved = rest["layer"].isin(list(self.move_from)) & rest["id"].isin(taken)
        return gpd.GeoDataFrame(rest[~moved]) if len(rest) else None


def _where(
    places: gpd.GeoDataFrame | None, holds: Callable[["pd.Series[str]"], "pd.Series[bool]"]
) -> gpd.GeoDataFrame | None:
    return None if places is None else gpd.GeoDataFrame(places[holds(places["layer"])])


ALONE: Final = Beside()


def check(*reads: Read, beside: Beside = ALONE) -> Checked:
    """Every check that tables pass before they may be published together as one layer of a version.

    Besides validate, a place must lie in the area, may not stand twice, and may not have the id of
    a place in another layer.
    """
    together = gpd.GeoDataFrame(pd.concat([read.places for read in reads], ignore_index=True))
    together["layer"] = beside.layer.name
    ground = _ground(together, beside)
    for datum in together["src_datum"].unique():
        ground.city.require_datum(datum)
    names = ground.names
    published = _published(together, reads)
    spelt = offices.named(together, ground.districts, ground.streets, names, published)
    raw = spelt.places
    told = _with_own_points(raw)
    weighed = evidence.weigh(
        told["src_lon"].to_numpy(float),
        told["src_lat"].to_numpy(float),
        told["name"].tolist(),
        _declared(told) if ground.city.shifted else None,
        Surroundings(None if ground.of_places else ground.land, ground.landmarks),
        beside.published,
        _stated(told, ground, names),
    )
    own = (raw["id"] != "").to_numpy(bool)
    known, before = beside.known(), beside.replaced()
    named, given = identity.assign(raw, known, _ids_elsewhere(beside))
    called, kept_ids = identity.renamed(named, known, beside.renamed, {*raw.loc[own, "id"]})
    listed, rejects = validate(_with_areas(called, ground, published))
    laid = edits.lay_over(listed, beside.edits_of({*listed["id"]}), beside.decide)
    mine = gpd.GeoDataFrame(laid.places.assign(layer=beside.layer.name))
    good = moved_to_areas(mine, ground, laid.edits)
    elsewhere = beside.elsewhere({*good["id"]})
    astray = strays(good, area_outlines.service_area(ground))
    doubles = identity.twice(good, {*called.loc[own, "id"]}) | _claimed(good, elsewhere)
    bad = [*rejects, *astray.values(), *(doubles[at] for at in doubles.keys() - astray.keys())]
    every = [*(reject for read in reads for reject in read.rejects), *bad]
    kept = gpd.GeoDataFrame(good.drop(index=[*{*astray, *doubles}]).reset_index(drop=True))
    return Checked(
        places=_with_origin(
            kept, reads, layers=elsewhere is None and beside.layer.name == MAIN.name
        ),
        rejects=tuple(sorted(every, key=lambda reject: (reject.source, reject.row))),
        unused=tuple(sorted({heading for read in reads for heading in read.unused})),
        rows=len(raw) + sum(len(read.rejects) for read in reads),
        repairs=(
            *(repair for read in reads for repair in read.repairs),
            *spelt.repairs,
            *given,
            *kept_ids,
        ),
        notes=(
            *(note for read in reads for note in read.notes),
            *spelt.notes,
            *identity.alike(kept),
            *(() if elsewhere is None else identity.twins(kept, elsewhere)),
            *far_from_street(kept, ground.streets, ground.city.grid),
            *offices.far_from_district(kept, ground.districts, ground.city.grid),
        ),
        left_out=tuple(
            Said("{source}: {text}", source=read.source, text=text) if len(reads) > 1 else text
            for read in reads
            for text in read.left_out
        ),
        evidence=weighed,
        changes=identity.changes(kept, _own_or_moved(before, beside, kept)),
        outlines=ground,
        layer=beside.layer,
        elsewhere=elsewhere,
        edits=laid.edits,
        contradictions=laid.contradictions,
    )


def moved_to_areas(
    places: gpd.GeoDataFrame, ground: Outlines, *edited: LayerEdits
) -> gpd.GeoDataFrame:
    """Places with the district and street office that they lie in, where by any of these edits a
    person put their point and no list names them.
    """
    ids = {each.id for one in edited for each in one.edits if each.field == edits.POINT}
    touched = places["id"].isin(ids)
    if not touched.any():
        return places
    moved = gpd.GeoDataFrame(places[touched].reset_index(drop=True))
    blank = moved.assign(src_guessed=None)
    for level in ("district", "street"):
        followed = _guessed(moved, level) | moved[level].isna().to_numpy(bool)
        blank[level] = moved[level].astype("object").where(~followed, None)
    named = _with_areas(gpd.GeoDataFrame(blank), ground, np.zeros(len(blank), dtype=bool))
    followed_ids = [*named["id"]]
    final = places.set_index("id", drop=False)
    for level in ("district", "street", "src_guessed"):
        final.loc[followed_ids, level] = named[level].to_numpy()
    return gpd.GeoDataFrame(final.reset_index(drop=True))


def as_layer(read: gpd.GeoDataFrame, outlines: Outlines, beside: Beside) -> Checked:
    """Places with ids that are true for ever, checked where they were read, such as those of an
    extract: they get the district and street office that they lie in, and their twins are told.

    None is taken for another by its name, as `check` would: two taps of one road are two.
    """
    elsewhere, before = beside.elsewhere(), beside.replaced()
    named = _with_areas(read, outlines, np.zeros(len(read), dtype=bool))
    placed = gpd.GeoDataFrame(named.assign(layer=beside.layer.name))
    claimed = _claimed(placed, elsewhere)
    kept = gpd.GeoDataFrame(placed.drop(index=[*claimed]).reset_index(drop=True))
    return Checked(
        places=kept,
        rejects=tuple(claimed.values()),
        unused=(),
        rows=len(read),
        repairs=(),
        notes=() if elsewhere is None else tuple(identity.twins(kept, elsewhere)),
        left_out=(),
        evidence=Evidence((), None, None),
        changes=identity.changes(kept, _own_or_moved(before, beside, kept)),
        outlines=outlines,
        layer=beside.layer,
        elsewhere=elsewhere,
    )


def _ground(together: gpd.GeoDataFrame, beside: Beside) -> Outlines:
    """The outlines that the places are put into; where only places are known of a city, about all
    of them.
    """
    known = beside.drawn or new_city([together], beside.layer.label).outlines
    if not known.of_places or together.empty:
        return known
    rest = beside.elsewhere()
    whole = (
        together[["geometry"]]
        if rest is None
        else pd.concat([together[["geometry"]], rest[["geometry"]]], ignore_index=True)
    )
    return grown(known, gpd.GeoDataFrame(whole))


def _ids_elsewhere(beside: Beside) -> Collection[str]:
    rest = beside.elsewhere()
    return () if rest is None else {*rest.loc[~rest["layer"].isin(list(beside.move_from)), "id"]}


def _claimed(good: gpd.GeoDataFrame, elsewhere: gpd.GeoDataFrame | None) -> dict[int, Reject]:
    return {} if elsewhere is None else identity.claimed(good, elsewhere)


def _own_or_moved(
    before: gpd.GeoDataFrame | None, beside: Beside, kept: gpd.GeoDataFrame
) -> gpd.GeoDataFrame | None:
    """The places that the tables replace: the layer's, and those of others that move to it."""
    if before is None:
        return None
    mine = (before["layer"] == beside.layer.name) | before["id"].isin(kept["id"])
    return gpd.GeoDataFrame(before[mine])


def _with_own_points(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows whose points the file states: those that we looked up are no witnesses."""
    if "position" not in raw:
        return raw
    own = raw["position"] != str(Position.LOCATED)
    return gpd.GeoDataFrame(raw[own].reset_index(drop=True))


def _declared(raw: gpd.GeoDataFrame) -> Datum | None:
    """The datum of all rows; None where tables differ, each having stated its own."""
    said = set(raw["src_datum"])
    return Datum(next(iter(said))) if len(said) == 1 else None


def _stated(raw: gpd.GeoDataFrame, ground: Outlines, names: AreaNames) -> Stated:
    """What rows say of their district and street office, against the outlines that were
    imported.
    """
    said = {
        level: raw[level].where(~_guessed(raw, level), None).tolist()
        for level in (Level.DISTRICT, Level.STREET)
        if level in raw
    }
    return stated.stated(len(raw), said, area_outlines.surveyed(ground), names)


def _guessed(raw: gpd.GeoDataFrame, level: str) -> NDArray[np.bool_]:
    """Which rows have a name at this level that followed from their position: no witness of it."""
    if "src_guessed" not in raw:
        return np.zeros(len(raw), dtype=bool)
    return np.array(
        [isinstance(said, str) and level in said.split() for said in raw["src_guessed"]], dtype=bool
    )


def _published(raw: gpd.GeoDataFrame, reads: Sequence[Read]) -> NDArray[np.bool_]:
    """Which rows come from an export of ours, with the id they have there."""
    own = [np.full(len(read.places), read.origin is not None) for read in reads]
    return np.concatenate([np.zeros(0, dtype=bool), *own]) & (raw["id"] != "").to_numpy(bool)


def _with_origin(
    kept: gpd.GeoDataFrame, reads: Sequence[Read], *, layers: bool
) -> gpd.GeoDataFrame:
    """Places of our own exports with the source they had at first; while they were checked, their
    row in the export was what a person looks up.

    With `layers` also with the layer they had: where no other is published, and none is named.
    """
    known = [read.origin for read in reads if read.origin is not None]
    if not known:
        return kept
    origin = pd.concat(known)
    origin = origin[~origin.index.duplicated() & (origin.index != "")]
    mine = kept["id"].isin(origin.index).to_numpy(bool)
    told = origin.reindex(kept["id"])
    if "layer" in told:
        told["layer"] = told["layer"].fillna(MAIN.name)
    changed = {
        name: pd.Series(
            np.where(mine, told[name].astype(object), kept[name].astype(object)), kept.index
        ).astype(kept[name].dtype)
        for name in (*ORIGIN, *(("layer",) if layers and "layer" in told else ()))
    }
    return gpd.GeoDataFrame(kept.assign(**changed))


def _with_areas(
    raw: gpd.GeoDataFrame, ground: Outlines, published: NDArray[np.bool_]
) -> gpd.GeoDataFrame:
    """District and street by position where the table has none; src_guessed says which were.

    Rows that were `published` before, and come back by an export of ours, stay as they are.
    """
    blank = {name: _blank(raw, name) & ~published for name in ("district", "street")}
    if raw.empty or not any(mask.any() for mask in blank.values()):
        return raw
    middles = raw.geometry.representative_point()
    found = ground.at(middles.x, middles.y)
    known = raw["src_guessed"] if "src_guessed" in raw else pd.Series([None] * len(raw))
    guessed = np.array([f"{said} " if isinstance(said, str) else "" for said in known], object)
    filled = raw.copy()
    for name, mask in blank.items():
        wanted = mask & ~pd.isna(found[name])
        column = (
            filled[name].astype("object")
            if name in filled
            else pd.Series([None] * len(raw), dtype="object")
        )
        column[wanted] = found[name][wanted]
        filled[name] = column
        guessed[wanted] += f"{name} "
    filled["src_guessed"] = [text.strip() or None for text in guessed]
    return filled


def _blank(raw: gpd.GeoDataFrame, name: str) -> NDArray[np.bool_]:
    return raw[name].isna().to_numpy(bool) if name in raw else np.ones(len(raw), dtype=bool)


def imported(
    checked: Checked,
    dataset: str,
    title: str,
    licence: str,
    source: str,
    today: date,
    progress: Progress = unheard,
    demand: Demand | None = None,
    held: "StoredTables | None" = None,
    calendar: Calendars | None = None,
) -> Frozen:
    """A checked table as a layer of a version of a real dataset, with a demand and a calendar
    (None: the library's).

    `held` is the version that it was checked against: what its other layers hold stays, and is not
    made anew. BadTable where a row was refused: whole or not.
    """
    if checked.rejects:
        raise BadTable(
            (
                "{count} of {rows} rows are refused; nothing was published. Mend them (--refused"
                " X.xlsx writes them to send back), or publish without them: --skip-refused"
            ),
            checked.rejects,
            count=len(checked.rejects),
            rows=checked.rows,
        )
    edits.require_decided(checked.contradictions)
    name, label = checked.layer
    mine = LayerAbout(name, label, 0, licence, source, today.isoformat(), checked.waiting)
    about = _about(dataset, title, held, checked.outlines)
    back = _come_back(checked.places, {name, *(each.name for each in about.layers)}, today)
    return united(
        [with_terms(checked.places, mine)],
        checked.elsewhere,
        mine,
        msgspec.structs.replace(about, layers=(*about.layers, *back)),
        checked.outlines,
        progress,
        demand,
        held,
        calendar,
        _edited_by_now(checked, held),
    )


def _edited_by_now(checked: Checked, held: "StoredTables | None") -> dict[str, LayerEdits]:
    """The edits of all layers; those of places that moved go with them."""
    mine = {*checked.places["id"]}
    rest = edits.without(held.edits() if held else {}, checked.layer.name)
    left = {name: edits.of_places(each, mine, others=True) for name, each in rest.items()}
    return left | {checked.layer.name: checked.edits}


def _come_back(places: gpd.GeoDataFrame, known: Collection[str], today: date) -> list[LayerAbout]:
    """What is told of layers that an export of ours brings, by their places."""
    return [
        LayerAbout(
            str(name),
            str(name),
            0,
            said_of_all(rows["licence"].dropna()),
            said_of_all(rows["source"].dropna()),
            today.isoformat(),
        )
        for name, rows in places.groupby("layer", sort=True)
        if name not in known
    ]


def laid_over(checked: Checked, held: "StoredTables | None", now: "StoredTables") -> Checked | None:
    """Checked tables over a version that was published since they were checked against `held`.

    None where they are to be checked anew: what they replace, or the outlines, changed meanwhile,
    or another layer has their ids by now.
    """
    places = real_places(now)
    if places is None or held is None or _outlines_of(held) != _outlines_of(now):
        return None
    name = checked.layer.name
    moved = {*checked.changes.kept} & {*without_layer(held.places(), name)["id"]}
    was, is_now = (_as_texts(of_layer(each, name)) for each in (held.places(), places))
    rest = without_layer(places, name)
    if was != is_now or moved or {*rest["id"]} & {*checked.places["id"]}:
        return None
    return replace(checked, elsewhere=rest)


def _as_texts(places: gpd.GeoDataFrame) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in places.itertuples(index=False)]


def _outlines_of(held: "StoredTables") -> list[StoredPart | None]:
    parts = held.dataset.manifest(held.pointer).parts
    return [parts.get(f"{name}.geojson") for name in ("areas", "districts", "zones")]


def _about(
    dataset: str, title: str, held: "StoredTables | None", outlines: Outlines
) -> DatasetAbout:
    """What stays true of a dataset whatever is imported into it."""
    called = title or (held.about.title if held else dataset)
    city = outlines.city
    return DatasetAbout(
        dataset=dataset,
        title=called,
        title_en=city.name_en if called == city.name else called,
        synthetic=False,
        licence="",
        source="",
        city=outlines.city,
        data_date="",
        counts={},
        layers=held.about.layers if held else (),
    )


def with_calendar(
    held: StoredTables, calendar: Calendars, progress: Progress = unheard
) -> Frozen | None:
    """The version that is published, with another calendar of its country; None where it has this
    one already.
    """
    wanted = calendar(held.about.city.country)
    if held.dataset.load(held.pointer).hours_by_minute.calendar.same_as(wanted):
        return None
    drawn = held.outlines()
    demand = held.demand(drawn)
    return frozen(
        held.places(),
        held.about,
        drawn,
        progress,
        demand,
        calendar=calendar,
        edited=held.edits(),
    )


def with_terms(places: gpd.GeoDataFrame, mine: LayerAbout) -> gpd.GeoDataFrame:
    """Each place with its source and licence: other layers have others."""
    terms = {"source": mine.source, "licence": mine.licence}
    return places.assign(
        **{name: places[name].fillna(said).astype("str") for name, said in terms.items()}
    )


def united(
    new: Sequence[gpd.GeoDataFrame],
    rest: gpd.GeoDataFrame | None,
    mine: LayerAbout | None,
    about: DatasetAbout,
    outlines: Outlines,
    progress: Progress,
    demand: Demand | None,
    held: "StoredTables | None",
    calendar: Calendars | None = None,
    edited: Edits = NONE_EDITED,
) -> Frozen:
    """New tables and the untouched layers as one version; `mine` is told of the layer of the new
    ones.
    """
    whole = union([*new, *(() if rest is None else (rest,))])
    told = {each.name: each for each in (*about.layers, *(() if mine is None else (mine,)))}
    layers = layers_of(whole, told)
    said = msgspec.structs.replace(
        about,
        licence=said_of_all(each.licence for each in layers),
        source=said_of_all(each.source for each in layers),
        data_date=max((each.data_date for each in layers), default=about.data_date),
        layers=layers,
    )
    made = NOTHING_MADE
    if held is not None and rest is not None:
        anew = {mine.name} if mine else set[str]()
        made = Made(held.dataset.load(held.pointer), frozenset(anew))
    return frozen(whole, said, outlines, progress, demand, made, calendar, edited)


def frozen(
    checked: gpd.GeoDataFrame,
    about: DatasetAbout,
    drawn: Outlines,
    progress: Progress = unheard,
    demand: Demand | None = None,
    made: Made = NOTHING_MADE,
    calendar: Calendars | None = None,
    edited: Edits = NONE_EDITED,
) -> Frozen:
    """A checked table as a version in these outlines, of which `about` then tells.

    `made` is what needs not be made anew; the calendar is the library's, unless one is given;
    `edited` was laid over the table already.
    """
    rough = drawn.of_places or bool(drawn.streets["approximate"].any())
    told = msgspec.structs.replace(about, outlines=drawn.credit, approximate=rough, city=drawn.city)
    land = gpd.GeoDataFrame({"name": [drawn.city.name]}, geometry=[drawn.land], crs=WGS84)
    return freeze(
        checked,
        told,
        (calendar or calendar_of)(told.city.country),
        area_outlines.service_area(drawn),
        layers=Layers(
            drawn.streets,
            drawn.districts,
            drawn.zones,
            area_outlines.drawn(drawn),
            land,
            drawn.offices,
        ),
        landmarks=_landmarks(drawn.landmarks),
        demand=demand,
        progress=progress,
        made=made,
        edits=edited,
    )


def _demo_crowd(seed: int, counts: Mapping[Kind, int], drawn: Outlines) -> Demand:
    orders = demo_orders(seed, counts, drawn.city.grid)
    told = DemandSummary(
        title=f"虚构订单，{SQUARE_M:g} 米网格",
        title_en=f"synthetic orders, squares of {SQUARE_M:g} m",
    )
    return demand_in(drawn, orders.lonlat, orders.weight, told)


def _landmarks(table: gpd.GeoDataFrame) -> Sequence[Mapping[str, Any]]:
    lonlat = shapely.get_coordinates(table.geometry.to_numpy()).tolist()
    columns = zip(table["name"], table["name_en"], table["kind"], lonlat, strict=True)
    return [
        {"name": name, "name_en": name_en, "kind": kind, "lon": lon, "lat": lat}
        for name, name_en, kind, (lon, lat) in columns
    ]
