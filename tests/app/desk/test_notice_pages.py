"""Notices and wishes at the desk."""

import json
import re
from datetime import timedelta

import pytest

from app.desk.notice_pages import rings_of
from app.desk.roles import DeskRole, ScopeKind
from app.request import queries
from geodata.errors import BadValue
from tests.app.desk.desk_town import DeskTown

RING = [[113.95, 22.53], [113.97, 22.53], [113.97, 22.55], [113.95, 22.55], [113.95, 22.53]]
SHAPE = {"type": "Polygon", "coordinates": [RING]}


def fields(town: DeskTown, **more: str) -> dict[str, str]:
    then = town.desk.snapshot().zone.local(queries.now() + timedelta(hours=6))
    texts = {
        f"{language}_{name}": f"{name} {language}"
        for language in ("zh", "en")
        for name in ("headline", "description", "instruction")
    }
    expires = f"{then:%Y-%m-%dT%H:%M}"
    shape = json.dumps(SHAPE)
    return {"effect": "closed", "expires": expires, "polygons": shape, **texts, **more}


def test_a_notice_is_drawn_looked_at_published_renewed_and_cancelled(town: DeskTown) -> None:
    client = town.client(DeskRole.PUBLISHER)
    assert 'id="polygons"' in client.get("/desk/notices/new").text
    shown = client.post("/desk/notices/preview", **fields(town)).text
    inside = re.search(r"<h2>(\d+) places inside</h2>", shown)
    assert inside
    assert int(inside[1]) > 0
    assert "headline zh" not in client.get("/desk/notices").text
    assert (
        'name="zh_headline"'
        in client.post("/desk/notices/preview", **fields(town, back="1")).text.split("<main")[1]
    )
    sent = client.post("/desk/notices/publish", **fields(town))
    assert sent.status_code == 303
    notice = sent.headers["Location"].partition("done=")[2]
    assert f"/n/{notice}" in client.get("/desk/notices").text
    assert client.get(f"/n/{notice}").status_code == 200
    form = client.get(f"/desk/notices/{notice}/renew").text
    assert "headline zh" in form
    references = re.findall(r'name="references" value="([^"]+)"', form)[0]
    upon = re.findall(r'name="upon" value="([^"]+)"', form)[0]
    again = fields(town, references=references, upon=upon, en_headline="renewed")
    assert client.post("/desk/notices/publish", **again).status_code == 303
    assert client.post("/desk/notices/publish", **again).status_code == 409  # it has moved on
    assert "renewed" in client.get("/desk/notices").text
    assert client.post(f"/desk/notices/{notice}/cancel").status_code == 303
    assert f"notices/{notice}/cancel" not in client.get("/desk/notices").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"polygons": "{"},
        {"polygons": "[]"},
        {"polygons": json.dumps({"type": "Point", "coordinates": [113.95, 22.5]})},
        {"polygons": json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2]]]})},
        {"expires": "tomorrow"},
        {"expires": "2020-01-01T00:00"},
        {"effect": "anything"},
        {"zh_headline": ""},
        {"people": "many"},
        {"people": "9" * 5_000},
        {"polygons": "[" * 20_000},
        {"polygons": f"[[[{'9' * 400}, 22.5], [113.9, 22.5], [113.9, 22.6]]]"},
        {"polygons": '{"type":"Feature","geometry":' * 900 + "null" + "}" * 900},
    ],
)
def test_a_notice_with_a_fault_is_shown_again_with_all_that_was_written(
    town: DeskTown, wrong: dict[str, str]
) -> None:
    client = town.client(DeskRole.PUBLISHER)
    for step in ("preview", "publish"):
        reply = client.post(f"/desk/notices/{step}", **fields(town, **wrong))
        assert reply.status_code == 400
        assert 'role="alert"' in reply.text
        assert "description en" in reply.text


def test_only_a_publisher_of_the_city_publishes(town: DeskTown) -> None:
    street = town.client(DeskRole.PUBLISHER, town.scope(ScopeKind.STREET))
    for client in (town.client(DeskRole.EDITOR), street):
        assert client.post("/desk/notices/publish", **fields(town)).status_code == 403
        assert client.get("/desk/notices").status_code == 200


def test_an_area_is_read_from_any_geojson_of_polygons() -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": SHAPE}
    several = {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}
    for shape, many in (
        (SHAPE, 1),
        (feature, 1),
        ({"type": "FeatureCollection", "features": [feature, feature]}, 2),
        (several, 2),
        ([RING], 1),
        ({"type": "Polygon", "coordinates": [[[x, y, 5] for x, y in RING[:-1]]]}, 1),
    ):
        assert rings_of(json.dumps(shape)) == [RING] * many
    with pytest.raises(BadValue, match="without holes"):
        rings_of(json.dumps({"type": "Polygon", "coordinates": [RING, RING]}))


def test_wishes_are_told_with_what_becomes_of_them(town: DeskTown) -> None:
    client = town.client(DeskRole.EDITOR)
    cells = re.findall(r"<b>(\w{6})</b>", client.get("/desk/wishes").text)
    assert cells
    sent = {"state": "kept", "reason": "明年再看"}
    assert client.post(f"/desk/wishes/{cells[0]}/end", **sent).status_code == 303
    assert "明年再看" in client.get("/desk/wishes").text
    for wrong in ({"state": "open", "reason": "x"}, {"state": "built", "reason": " "}):
        assert client.post(f"/desk/wishes/{cells[0]}/end", **wrong).status_code == 400
    assert client.post("/desk/wishes/zzzzzz/end", **sent).status_code == 404
    viewer = town.client(DeskRole.VIEWER)
    assert viewer.post(f"/desk/wishes/{cells[0]}/end", **sent).status_code == 403
