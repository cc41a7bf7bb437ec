"""Row "filtered nearest": a filter that few places pass must not cost more than none, nor what it
costs a database.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import psycopg

from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import metric
from geodata.space.tangent import MAX_REACH_M
from geodata.traits import Mask
from tests import postgres
from tests.benchmarks import peers
from tests.benchmarks.cities import SHARES, City, only
from tests.benchmarks.clock import Contender, Question, p50_s
from tests.benchmarks.report import Line, faster, no_slower

K: Final = 5
ROW: Final = "filtered nearest"
#: Growing k asks for the whole city at the rarest filter: a few questions show it.
_SLOW: Final = 20
#: Where PostGIS is asked, too: the size of the target.
_ASKED_OF_POSTGIS: Final = 200_000
_FASTER_THAN_POSTGIS: Final = 50.0
#: KNN over a GiST index with the filter as a column of its own, of which the planner knows how many
#: rows it keeps.
_KNN: Final = (
    "SELECT id, shape <-> ST_MakePoint(%s, %s) AS metres FROM place WHERE {column} ORDER BY metres"
    " LIMIT {k}"
)


def measure(city: City) -> Iterator[Line]:
    """Each share against no filter, and against a tree without filters that asks for more until
    enough match.
    """
    offers, xyz_m = city.index.words[: len(city.lonlat), 0], city.xyz_m
    contenders = {"none": _ours(city, None)}
    for share in SHARES:
        contenders[share] = _ours(city, only(share))
        contenders[f"grow {share}"] = Contender(
            peers.growing(xyz_m, offers, only(share).all_of, K), _SLOW
        )
    p50 = p50_s(contenders, city.asked_singly(12_000))
    for share in SHARES:
        what = f"{city.size:,}, k={K}, {share} match"
        yield no_slower(ROW, what, p50[share], "unfiltered", p50["none"], 2.0)
        yield faster(ROW, what, p50[share], "cKDTree, growing k", p50[f"grow {share}"])
    if city.size == _ASKED_OF_POSTGIS:
        yield from _against_postgis(city)


def _against_postgis(city: City) -> Iterator[Line]:
    folder = postgres.programs()
    if folder is None:
        yield Line(ROW, f"{city.size:,}, PostGIS", "", postgres.MISSING, "", "", None)
        return
    with postgres.cluster(folder) as url, psycopg.connect(url, autocommit=True) as at:
        _fill(at, city)
        asked = city.asked_singly(12_000)
        contenders = {share: _ours(city, only(share)) for share in SHARES}
        contenders |= {
            f"PostGIS {share}": _knn(at, asked, number, share)
            for number, share in enumerate(SHARES)
        }
        p50 = p50_s(contenders, asked)
    for share in SHARES:
        what = f"{city.size:,}, k={K}, {share} match"
        yield faster(
            ROW,
            what,
            p50[share],
            "PostGIS KNN + WHERE",
            p50[f"PostGIS {share}"],
            _FASTER_THAN_POSTGIS,
        )


def _fill(at: psycopg.Connection[Any], city: City) -> None:
    """The points on the metric grid, where PostGIS is quickest, and a true-or-false column for each
    share.
    """
    columns = ", ".join(f"has_{number} boolean" for number in range(len(SHARES)))
    at.execute("CREATE EXTENSION postgis")
    at.execute(
        f"CREATE TABLE place (id integer PRIMARY KEY, shape geometry(Point), {columns})".encode()
    )
    offers = city.index.words[: len(city.lonlat), 0]
    has = [(offers & only(share).all_of != 0).tolist() for share in SHARES]
    points = [
        f"POINT({x} {y})"
        for x, y in metric(city.lonlat[:, 0], city.lonlat[:, 1], SHENZHEN.grid).tolist()
    ]
    with at.cursor() as cursor, cursor.copy("COPY place FROM STDIN") as rows:
        for row in zip(range(len(points)), points, *has, strict=True):
            rows.write_row(row)
    at.execute("CREATE INDEX ON place USING gist (shape)")
    at.execute("VACUUM ANALYZE place")


def _knn(
    at: psycopg.Connection[Any], asked: Sequence[Question], number: int, share: str
) -> Contender:
    """Askers are put onto the grid beforehand: that is no work of the database's."""
    query = _KNN.format(column=f"has_{number}", k=K).encode()
    on_grid = dict(
        zip(asked, map(tuple, metric(*np.array(asked).T, SHENZHEN.grid).tolist()), strict=True)
    )

    def ask(lon: float, lat: float) -> object:
        return at.execute(query, on_grid[lon, lat], prepare=True).fetchall()

    return Contender(ask, 200 if SHARES[share] > 0.01 else _SLOW)


def _ours(city: City, mask: Mask | None) -> Contender:
    index = city.index
    return Contender(lambda lon, lat: index.nearest(lon, lat, K, MAX_REACH_M, mask))
