"""The layers of a dataset: who sends a list of their own, and the union of all lists.

A version is the union of its layers; importing one replaces that one only.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from geodata.errors import BadValue
from geodata.places.table import (
    COLUMNS,
    DATE_COLUMN,
    NUMBER_COLUMNS,
    TEXT_COLUMNS,
)
from geodata.snapshot.snapshot import LayerAbout
from geodata.space.coordinates import WGS84
from geodata.text.pinyin import spelled
from geodata.vocabulary import MAIN_LAYER

#: What the column `layer`, addresses and commands call a layer.
LAYER_PATTERN: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LONGEST_LABEL: Final = 80
_BETWEEN_WORDS: Final = re.compile(r"[^a-z0-9]+")


class LayerName(NamedTuple):
    """A layer's name for machines, and what people call it."""

    name: str
    label: str


#: The layer of who names none.
MAIN: Final = LayerName(MAIN_LAYER, MAIN_LAYER)


def layer_name(text: str, known: Iterable[LayerAbout] = ()) -> LayerName:
    """The layer that is called so: by its name, or by what people call it, such as 民权街道.

    Of a new one that is not written [a-z0-9-] the name is the label's pinyin. Raises BadValue where
    nothing is left of it, or where that is the name of another layer.
    """
    label = " ".join(text.split())
    layers = {each.name: each for each in known}
    named = next((each for each in layers.values() if label in (each.name, each.label)), None)
    if named:
        return LayerName(named.name, named.label)
    if LAYER_PATTERN.fullmatch(label):
        return LayerName(label, label)
    (pinyin,), _ = spelled([label])
    name = _BETWEEN_WORDS.sub("-", pinyin).strip("-")
    if not LAYER_PATTERN.fullmatch(name) or len(label) > _LONGEST_LABEL:
        raise BadValue(
            "the layer {label!r} cannot be named: a layer is 1 to 40 of a-z, 0-9 and -, or a"
            " Chinese name as short",
            label=label[:_LONGEST_LABEL],
        )
    if name in layers:
        raise BadValue(
            "the layer {label!r} would be named {name}, and so is {other!r}; give it another name",
            label=label,
            name=name,
            other=layers[name].label,
        )
    return LayerName(name, label)


def known_layer(text: str, known: Sequence[LayerAbout]) -> LayerName:
    """The layer of a dataset that is called so. Raises BadValue where there is none."""
    name = layer_name(text, known)
    if name.name not in {each.name for each in known}:
        raise BadValue(
            "there is no layer {label!r}; there are {layers}",
            label=name.label,
            layers=", ".join(each.name for each in known) or "none",
        )
    return name


def of_layer(places: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """The places of a layer, in their order."""
    return gpd.GeoDataFrame(places[(places["layer"] == name).to_numpy(bool)])


def without_layer(places: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """The places of all other layers, in their order."""
    return gpd.GeoDataFrame(places[(places["layer"] != name).to_numpy(bool)])


def union(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Checked tables as one, sorted by id, the same whatever their order and wherever they were
    read from.
    """
    joined = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    final = joined.sort_values("id", kind="stable", ignore_index=True)
    for name in TEXT_COLUMNS:
        final[name] = final[name].astype("str")
    for name, dtype in NUMBER_COLUMNS.items():
        final[name] = final[name].astype(pandas_dtype(dtype))
    final[DATE_COLUMN] = final[DATE_COLUMN].astype("datetime64[s]")
    final["service_bits"] = final["service_bits"].astype(np.uint64)
    return gpd.GeoDataFrame(final[list(COLUMNS)], geometry="geometry", crs=WGS84)


def layers_of(places: gpd.GeoDataFrame, told: Mapping[str, LayerAbout]) -> tuple[LayerAbout, ...]:
    """What is true of each layer that has places, by name; `told` is what was said of them."""
    counted = places["layer"].value_counts()
    return tuple(
        msgspec.structs.replace(
            told.get(name) or LayerAbout(name, name, 0, "", "", ""), places=int(counted[name])
        )
        for name in sorted(counted.index)
    )
