"""A verification round: a short way through places that nobody looked at, ticked at the door."""

import re
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db import edits
from app.desk.roles import DeskRole, Scope, ScopeKind
from app.desk.walking import between, walk
from app.voice import plates
from geodata.store.files import RoadNetwork
from geodata.vocabulary import Mode
from tests.app.conftest import CORNER
from tests.app.desk.desk_town import DeskClient, DeskTown

POINTS = st.lists(
    st.tuples(st.floats(113.9, 114.0), st.floats(22.5, 22.6)), min_size=1, max_size=6, unique=True
)


@given(POINTS)
def test_a_way_goes_through_each_point_once_and_is_hardly_longer_than_the_shortest(
    points: list[tuple[float, float]],
) -> None:
    lonlat = np.array(points)
    way, seconds = walk(lonlat, None), between(lonlat, None)
    assert way.order[0] == 0
    assert sorted(way.order) == list(range(len(points)))
    legs = [seconds[a, b] for a, b in zip(way.order, way.order[1:], strict=False)]
    assert way.legs_s == pytest.approx(legs)
    shortest = min(
        sum(seconds[a, b] for a, b in zip((0, *rest), rest, strict=False))
        for rest in permutations(range(1, len(points)))
    )
    assert sum(way.legs_s) <= 1.35 * shortest + 1e-6


def test_a_way_is_by_road_where_there_is_one(home_on_roads: Path) -> None:
    """A road is no shorter than the straight line; a point that no road is near is estimated."""
    roads = RoadNetwork(home_on_roads, "grid").load()
    x, y = CORNER
    lonlat = np.array([(x, y), (x + 0.012, y + 0.01), (x + 0.004, y + 0.002), (x - 0.2, y)])
    seconds = between(lonlat, roads.graphs[Mode.WALK])
    straight = between(lonlat, None)
    assert np.isfinite(seconds).all()
    assert np.diag(seconds) == pytest.approx(0.0, abs=1e-6)
    assert not np.allclose(seconds[:3, :3], straight[:3, :3])
    assert (seconds[:3, :3] >= straight[:3, :3] / 1.35 - 1e-6).all()
    assert seconds[3, :3] == pytest.approx(straight[3, :3])
    assert walk(lonlat, roads.graphs[Mode.WALK]).by_road


def clerk(town: DeskTown) -> DeskClient:
    return town.client(DeskRole.EDITOR, Scope(ScopeKind.STREET, town.street))


def todo(client: DeskClient) -> list[str]:
    """The places that are not ticked, in order."""
    return re.findall(r'action="/desk/places/([^"/]+)/tick"', client.get("/desk/round").text)


def test_a_round_is_ticked_by_hand_and_by_plate_and_keeps_its_order(own_town: DeskTown) -> None:
    client, desk = clerk(own_town), own_town.desk
    first = todo(client)
    assert len(first) >= 3
    more = {"street": own_town.street, "start": first[0]}
    by_hand = client.post(f"/desk/places/{first[0]}/tick", act="hand", **more)
    assert by_hand.status_code == 303
    assert todo(client) == first[1:]
    token = plates.token(desk.keys, first[1])
    for wrong in ("", "x", token[:-1] + "!", plates.token(desk.keys, first[2]), "#k="):
        path = f"/desk/places/{first[1]}/tick"
        assert client.post(path, act="plate", plate=wrong, **more).status_code == 400
    link = f"https://a.example/p/{first[1]}#k={token}"
    assert client.post(path, act="plate", plate=link, **more).status_code == 303
    assert todo(client) == first[2:]
    with desk.database.reading() as connection:
        rows = [each for place in first[:2] for each in edits.last_by_hand(connection, place)]
    assert {each.field for each in rows} == {"verified_at", "verified_by"}
    assert {each.reason for each in rows} == {"By hand, at the door", "By the plate"}
    assert {each.value for each in rows} == {
        desk.today(rows[0].at).isoformat(),
        client.account.name,
    }
    before = len(rows)
    assert client.post(f"/desk/places/{first[0]}/tick", act="hand", **more).status_code == 303
    with desk.database.reading() as connection:
        again = [each for place in first[:2] for each in edits.last_by_hand(connection, place)]
    assert len(again) == before


def test_a_round_of_another_office_is_not_there(town: DeskTown) -> None:
    client = clerk(town)
    assert client.get(f"/desk/round?street={town.elsewhere}").status_code == 404
    assert client.get("/desk/round?street=nowhere").status_code == 404
    assert town.client(DeskRole.VIEWER).get("/desk/round").status_code == 403
