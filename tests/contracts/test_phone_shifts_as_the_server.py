"""A shifted base map is laid where geodata.space.coordinates has GCJ-02."""

from collections.abc import Callable
from typing import Any

import numpy as np

from geodata.space.coordinates import Datum, from_wgs84


def test_the_phone_shifts_to_gcj02_as_the_server(
    on_the_phone: Callable[[str, str, Any], Any],
) -> None:
    rng = np.random.default_rng(7)
    lonlat = rng.uniform((113.5, 22.2), (115.0, 23.1), (2_000, 2))
    phone = on_the_phone("datum_on_node.mjs", "ask/datum.js", lonlat.tolist())
    server = np.stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], Datum.GCJ02), axis=-1)
    assert np.abs(np.array(phone) - server).max() < 1e-10  # 0.01 mm
