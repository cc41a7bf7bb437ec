"""One process of the "start" row: does one thing, prints one JSON line, waits to be looked at.

Clocks after imports.
"""

import sys
import time
from pathlib import Path

import msgspec

_QUESTIONS = 300


def ours(home: str, name: str) -> float:
    """Seconds to load a dataset and answer a first question, the kernels being loaded as a peer's
    code is by import.
    """
    _first_answer(home, "few")
    return _first_answer(home, name)


def cold(home: str, name: str) -> float:
    """The same where the question also loads the compiled kernels, and the half of numba that it
    imports late.
    """
    return _first_answer(home, name)


def _first_answer(home: str, name: str) -> float:
    from geodata.store.files import Dataset

    began = time.perf_counter()
    Dataset(Path(home), name).load().index.nearest(114.05, 22.54, 5)
    return time.perf_counter() - began


def theirs(home: str, name: str) -> float:
    """Seconds to read the same places from GeoParquet, build a cKDTree and ask it."""
    import geopandas as gpd
    import shapely
    from scipy.spatial import cKDTree

    from geodata.space.coordinates import ecef
    from tests.benchmarks.peers import position

    began = time.perf_counter()
    places = gpd.read_parquet(Path(home) / f"{name}.parquet")
    lonlat = shapely.get_coordinates(places.geometry.to_numpy())
    cKDTree(ecef(lonlat[:, 0], lonlat[:, 1])).query(position(114.05, 22.54)[:3], 5)
    return time.perf_counter() - began


def serving(home: str, name: str, network: str = "") -> list[str]:
    """Answer as a server's worker does, by road if a network is named.

    Then name what it must not have imported.
    """
    from app.factory import create_app
    from app.settings import Settings

    client = create_app(Settings(Path(home), name, network or None)).test_client()
    by = "&by=time&mode=drive" if network else ""
    for number in range(_QUESTIONS):
        lon, lat = 113.85 + 0.4 * (number % 17) / 17, 22.53 + 0.2 * (number % 13) / 13
        client.get(f"/api/v1/nearest?lon={lon:.5f}&lat={lat:.5f}&needs=water&open=now{by}")
    return sorted({"pandas", "geopandas", "shapely", "pyproj"} & sys.modules.keys())


def main() -> None:
    """`what home name [network]`: run it, print its answer, and wait until standard
    input closes.
    """
    what, *told = sys.argv[1:]
    did = {"ours": ours, "cold": cold, "theirs": theirs, "serving": serving}[what](*told)
    sys.stdout.write(msgspec.json.encode(did).decode() + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
