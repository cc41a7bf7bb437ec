"""Access: how many seats a person has within reach, once all who share them are counted.

Frames in, frames out.

Floating catchments. In two steps each place j is shared by the demand that reaches it, and each
point i adds up what its places have for it:

    R_j = S_j / Σ_k P_k f(d_kj)        A_i = Σ_j R_j f(d_ij)        within reach

2SFCA has f = 1 (Luo & Wang 2003, Environment and Planning B 30), E2SFCA falls in bands (Luo & Qi
2009, Health & Place
15), and the gravity measure falls as a power of distance (Joseph & Bantock 1982, Social Science &
Medicine 16).

A capacity that nobody knows is not 0: what hangs on it is unknown, and told as the least and the
most that it can be.
"""

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.backup import pieces
from geodata.analysis.clients import Clients
from geodata.coverage.near import Within
from geodata.errors import BadQuestion
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot

Floats = NDArray[np.float64]
#: f of the formulas: from metres, over roads seconds, (n,) to weights (n,), 0 or more.
Decay = Callable[[Floats], Floats]


def alike(metres: Floats) -> Floats:
    """2SFCA, f = 1: whoever is within reach counts alike."""
    return np.ones_like(metres)


def bands(steps: Sequence[tuple[float, float]]) -> Decay:
    """E2SFCA: pairs of a distance in metres, ascending, and the weight up to it.

    Beyond the last 0.
    """
    edges, weights = np.array(steps, np.float64).reshape(-1, 2).T
    if not len(edges) or (np.diff(edges) <= 0).any() or (weights < 0).any():
        raise BadQuestion(
            "bands are pairs of ascending metres and weights of 0 or more, like (500, 1), (1000,"
            " 0.68)"
        )
    table = np.append(weights, 0.0)
    return lambda metres: np.asarray(table[np.searchsorted(edges, metres)], np.float64)


def power(beta: float, least_m: float = 50.0) -> Decay:
    """The gravity measure: max(d, least_m) to the power of −beta: nobody is at no
    distance at all.
    """
    if not (beta > 0 and least_m > 0):
        raise BadQuestion(
            "beta = {beta:g} and least_m = {least_m:g} must be above 0", beta=beta, least_m=least_m
        )
    return lambda metres: np.maximum(metres, least_m) ** -beta


def access(
    snapshot: Snapshot,
    points: gpd.GeoDataFrame,
    capacity: pd.Series,
    within: Within,
    *,
    weight: str | None = None,
    decay: Decay = alike,
    roads: RoadAccess | None = None,
    unknown: tuple[float, float] = (0.0, np.inf),
) -> gpd.GeoDataFrame:
    """The points with their access: seats (or whatever `capacity` counts, by id of place) a unit of
    weight.

    Added columns: access, 0 where no matching place is within reach, nan where any that is has an
    unknown capacity; access_least, access_most: what it is at least and at most if an unknown
    capacity lies in `unknown` (least, most); places: how many with a known capacity are within
    reach; unknown_places: how many without. All are nan or null for points outside the service
    area, over `roads` also on no road. Σ wᵢ Aᵢ over all points is Σ S_j over the places that any
    weight reaches. BadQuestion for a capacity below 0, or a most below the least.
    """
    least, most = unknown
    if not 0 <= least <= most:
        raise BadQuestion(
            "an unknown capacity cannot lie between {least:g} and {most:g}: say 0 or more, and the"
            " smaller first",
            least=least,
            most=most,
        )
    clients, supply = Clients.of(points, weight), _supply(snapshot, capacity)
    sure = np.isfinite(supply)
    asked = _asked(snapshot, clients, within, decay, roads)
    shared = [_shared(np.where(sure, supply, each), asked) for each in unknown]
    found = np.full((len(points), 4), np.nan)
    for piece in pieces(snapshot, clients, within, roads):
        rows, size = piece.links.rows, len(piece.at)
        near = decay(piece.links.cost)
        for nth, each in enumerate(shared):
            gained = np.multiply(each[rows], near, out=np.zeros_like(near), where=near > 0)
            found[piece.at, nth] = np.bincount(piece.point, weights=gained, minlength=size)
        for nth, counted in enumerate((sure[rows], ~sure[rows]), 2):
            found[piece.at, nth] = np.bincount(piece.point[counted], minlength=size)
    at_least, at_most, known, unsure = found.T
    return gpd.GeoDataFrame(
        points.assign(
            access=np.where(unsure == 0, at_least, np.nan),
            access_least=at_least,
            access_most=at_most,
            places=pd.array(known, dtype="Int64"),
            unknown_places=pd.array(unsure, dtype="Int64"),
        )
    )


def _asked(
    snapshot: Snapshot,
    clients: Clients,
    within: Within,
    decay: Decay,
    roads: RoadAccess | None,
) -> Floats:
    """By place the weight that shares it, as far away as it is."""
    asked = np.zeros(len(snapshot))
    for piece in pieces(snapshot, clients, within, roads):
        wanted = clients.weight[piece.at][piece.point] * decay(piece.links.cost)
        asked += np.bincount(piece.links.rows, weights=wanted, minlength=len(snapshot))
    return asked


def _shared(supply: Floats, asked: Floats) -> Floats:
    """R of each place; 0 where no weight reaches it."""
    return np.divide(supply, asked, out=np.zeros_like(asked), where=asked > 0)


def _supply(snapshot: Snapshot, capacity: pd.Series) -> Floats:
    """Capacity by row; nan where it is not known.

    Raises NoSuchPlace for an id that is not there.
    """
    supply = np.full(len(snapshot), np.nan)
    rows = [snapshot.row_of(str(place_id)) for place_id in capacity.index]
    supply[rows] = capacity.to_numpy(np.float64, na_value=np.nan)
    if (supply < 0).any():
        raise BadQuestion("a capacity of {least:g} is below 0", least=np.nanmin(supply))
    return supply
