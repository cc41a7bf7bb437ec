"""A layer of the published version as it is changed without a new list: dropped, gone back to as it
was, or edited by hand. Publishes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import geopandas as gpd

from geodata.errors import BadTable
from geodata.hours.calendar import Calendars
from geodata.pipeline import edits
from geodata.pipeline.edits import NO_EDITS, Change, Decide, undecided
from geodata.pipeline.freeze import Frozen, Progress, unheard
from geodata.pipeline.layers import LayerName, of_layer, union, without_layer
from geodata.pipeline.published import StoredTables
from geodata.pipeline.recipes import Checked, moved_to_areas, united, with_terms
from geodata.snapshot.snapshot import LayerAbout


def dropped(
    held: StoredTables,
    layer: LayerName,
    progress: Progress = unheard,
    calendar: Calendars | None = None,
) -> Frozen:
    """The published version without a layer. Raises BadTable where nothing would be left."""
    rest = without_layer(held.places(), layer.name)
    if rest.empty:
        raise BadTable(
            (
                "{label} is the only layer of dataset {dataset}, and a dataset needs at "
                "least one place; nothing was dropped"
            ),
            label=layer.label,
            dataset=held.about.dataset,
        )
    outlines = held.outlines()
    demand = held.demand(outlines)
    left = edits.without(held.edits(), layer.name)
    return united([], rest, None, held.about, outlines, progress, demand, held, calendar, left)


def gone_back(
    held: StoredTables,
    older: StoredTables,
    layer: LayerName,
    progress: Progress = unheard,
    calendar: Calendars | None = None,
    decide: Decide = undecided,
) -> Frozen:
    """The published version with a layer as an older version has it; what was edited by hand since
    then stays.

    Raises BadTable where that has no such layer, or an id of it that another layer has by now, and
    Contradicted where it has other words for what was edited, and nobody decides.
    """
    back = of_layer(older.places(), layer.name)
    told = next((each for each in older.about.layers if each.name == layer.name), None)
    if told is None or back.empty:
        raise BadTable(
            "version {version} has no layer {label}",
            version=older.pointer.version,
            label=layer.label,
        )
    rest = without_layer(held.places(), layer.name)
    if clashes := sorted({*back["id"]} & {*rest["id"]}):
        raise BadTable(
            (
                "{count} places of that layer belong to other layers by now, such as "
                "{clashes}; nothing was changed"
            ),
            count=len(clashes),
            clashes=clashes[0],
        )
    outlines = held.outlines()
    demand = held.demand(outlines)
    was, now = older.edits().get(layer.name, NO_EDITS), held.edits()
    laid = edits.lay_over(edits.listed(back, was), now.get(layer.name, NO_EDITS), decide)
    edits.require_decided(laid.contradictions)
    mine = gpd.GeoDataFrame(laid.places.assign(layer=layer.name))
    whole = with_terms(moved_to_areas(mine, outlines, was, laid.edits), told)
    by_now = now | {layer.name: laid.edits}
    return united(
        [whole], rest, told, held.about, outlines, progress, demand, held, calendar, by_now
    )


def edited(
    held: StoredTables,
    layer: LayerName,
    changes: Sequence[Change],
    progress: Progress = unheard,
    calendar: Calendars | None = None,
    decide: Decide = undecided,
) -> Frozen:
    """The published version with changes by hand to places of a layer.

    Raises Contradicted where somebody saw what is there no more, and nobody decides; BadTable where
    a change makes a place that cannot be published, or leaves none.
    """
    now, places = held.edits(), held.places()
    before = now.get(layer.name, NO_EDITS)
    laid = edits.changed_by(of_layer(places, layer.name), before, changes, decide)
    edits.require_decided(laid.contradictions)
    outlines = held.outlines()
    own = gpd.GeoDataFrame(laid.places.assign(layer=layer.name))
    mine = moved_to_areas(own, outlines, before, laid.edits)
    rest = without_layer(places, layer.name)
    if mine.empty and rest.empty:
        raise BadTable(
            "dataset {dataset} needs at least one place; nothing was changed",
            dataset=held.about.dataset,
        )
    about = held.about
    told = next((each for each in about.layers if each.name == layer.name), None)
    if told is not None:
        mine = with_terms(mine, told)
    # The first place of a layer: it is its street office's own, under none of others' terms.
    told = told or LayerAbout(layer.name, layer.label, 0, "", "", "")
    by_now = now | {layer.name: laid.edits}
    demand = held.demand(outlines)
    return united(
        [mine], rest, told, held.about, outlines, progress, demand, held, calendar, by_now
    )


def in_part(checked: Checked, held: StoredTables | None, taken: Collection[str]) -> Checked:
    """Checked tables of which only the places of these ids are taken; the layer's others stay as
    they are published, with what was edited of them.
    """
    if held is None:
        mine = checked.places["id"].isin(taken)
        return replace(checked, places=gpd.GeoDataFrame(checked.places[mine]))
    now = of_layer(held.places(), checked.layer.name)
    new = gpd.GeoDataFrame(checked.places[checked.places["id"].isin(taken)])
    rest = gpd.GeoDataFrame(now[~now["id"].isin(taken)])
    before = held.edits().get(checked.layer.name, NO_EDITS)
    edited_now = edits.joined(
        [edits.of_places(checked.edits, taken), edits.of_places(before, taken, others=True)]
    )
    return replace(
        checked,
        places=union([new, rest]),
        edits=edited_now,
        contradictions=tuple(each for each in checked.contradictions if each.id in taken),
    )
