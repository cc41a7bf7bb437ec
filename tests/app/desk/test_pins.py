"""Rows without a point get one from a person: it is laid on every list that comes after, and what
speaks against it is said first. The point of a place is moved likewise.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from app.db.jobs import JobState
from app.desk.place_edits import point_of
from geodata.space.coordinates import Datum, from_wgs84
from tests.app.desk.real_town import ROWS, STREET, RealTown, fresh_town, table
from tests.app.desk.test_tables import fields_of, text

BARE = "无门牌驿站,某村某巷,,,24小时,,粤海街道"
HERE = "113.9412 22.5305"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealTown:
    return fresh_town(tmp_path / "home", monkeypatch)


def pin_of(client: Any) -> str:
    listed = client.get("/desk/pins").text
    found = re.search(r'<a class="title" href="(/desk/pins/[0-9a-f]+)"', listed)
    assert found
    return found[1]


def test_a_row_without_a_point_gets_a_pin_that_the_next_list_keeps(town: RealTown) -> None:
    editor, publisher = town.editor(), town.publisher()
    looked = town.send(editor, table(*ROWS, BARE), locate="1")
    assert town.job(looked).outcome["waiting"] == 1
    assert "无门牌驿站" in editor.get("/desk/pins").text
    assert "无门牌驿站" not in town.editor("南头街道").get("/desk/pins").text
    pin = pin_of(editor)
    assert town.editor("南头街道").get(pin).status_code == 404
    seen = editor.post(pin, geometry=HERE, datum="wgs84", act="look")
    assert "It lies in" in text(seen)
    done = editor.post(pin, geometry=HERE, datum="wgs84", act="put", sure="1")
    assert done.status_code == 303
    again = town.posted(editor, f"{pin}/examine")
    assert town.job(again).outcome["pinned"] == 1
    assert town.job(again).outcome["waiting"] == 0
    town.posted(publisher, f"{again}/publish", all="1")
    town.follow()
    point = town.column("geometry")["无门牌驿站"]
    assert f"{point.x:.4f} {point.y:.4f}" == HERE

    # The same row in another list, in another line: the pin is its, and nobody puts it again.
    later = town.send(editor, table(BARE, *ROWS[:2]), locate="1")
    assert town.job(later).outcome["pinned"] == 1
    # With a point of its own the row needs none.
    own = town.send(editor, table(BARE.replace(",,,24", ",113.95,22.53,24"), *ROWS), locate="1")
    assert town.job(own).outcome["pinned"] == 0
    assert editor.get(pin).status_code == 404  # it does not wait any more


def test_a_pin_is_read_in_the_datum_that_it_is_written_in(town: RealTown) -> None:
    editor = town.editor()
    town.send(editor, table(*ROWS, BARE), locate="1")
    pin, spot = pin_of(editor), tuple(map(float, HERE.split()))
    x, y = from_wgs84(*spot, Datum.GCJ02)
    seen = editor.post(pin, geometry=f"{x:.7f}, {y:.7f}", datum="gcj02", act="look").text
    shown = re.search(r'id="point" value="([\d.]+) ([\d.]+)"', seen)
    assert shown
    lon, lat = shown.groups()
    assert abs(float(lon) - spot[0]) < 1e-5
    assert abs(float(lat) - spot[1]) < 1e-5
    assert '<option value="wgs84" selected>' in seen
    for wrong in ("", "here", "22.53 113.94", "1 2 3", "nan nan", "1e999 0"):
        reply = editor.post(pin, geometry=wrong, datum="gcj02", act="put")
        assert (reply.status_code, 'role="alert"' in reply.text) == (400, True), wrong
    # The example that the page gives is of the city of the dataset, and is taken as it stands.
    example = re.search(r'placeholder="([\d.]+ [\d.]+)"', reply.text)
    assert example
    assert example[1] in text(editor.post(pin, geometry="here", act="look"))
    looked = editor.post(pin, geometry=example[1], act="look").text
    assert f'id="point" value="{point_of(example[1], town.desk.snapshot())}"' in looked
    assert editor.post(pin, geometry=HERE, datum="mars", act="put").status_code == 400


def test_a_point_that_moves_far_or_out_of_its_area_waits_for_a_word(town: RealTown) -> None:
    publisher = town.publisher()
    town.posted(publisher, f"{town.send(publisher, table(*ROWS))}/publish", all="1")
    town.follow()
    path = f"/desk/places/{town.column('id')['登良驿站']}"
    form = fields_of(publisher.get(path).text)
    near = publisher.post(path, **form | {"geometry": "113.9321 22.5190", "act": "look"})
    assert "Moved by 10 m. Before: 113.9320000 22.5190000" in text(near)
    far = publisher.post(path, **form | {"geometry": "113.9420 22.5290"})
    assert far.status_code == 409
    assert "Nothing is saved yet" in far.text
    assert "is it another datum, or another place?" in text(far)
    again = fields_of(far.text) | {"sure": "1", "datum": "wgs84"}
    assert again["geometry"] == "113.9420000 22.5290000"
    assert publisher.post(path, **again).status_code == 303
    waits = text(publisher.get("/desk/waiting"))
    assert "moved by" in waits
    town.posted(publisher, "/desk/waiting", act="all")
    town.follow()
    # The list as it was, once more: where somebody put the point, it stays.
    looked = town.send(publisher, table(*ROWS))
    assert "Nothing differs" in text(publisher.get(looked))
    assert town.column("geometry")["登良驿站"].x == pytest.approx(113.942)
    assert "moved by" in text(publisher.get(f"{path}/history?field=geometry"))
    # Unchanged, whatever the datum says, a point is as it was.
    form = fields_of(publisher.get(path).text) | {"datum": "gcj02", "address": "登良路5号"}
    assert publisher.post(path, **form).status_code == 303
    assert town.column("geometry")["登良驿站"].x == pytest.approx(113.942)


def test_points_that_a_list_moves_are_drawn_and_stand_in_the_history(town: RealTown) -> None:
    publisher = town.publisher()
    town.posted(publisher, f"{town.send(publisher, table(*ROWS))}/publish", all="1")
    town.follow()
    place = town.column("id")["登良驿站"]
    moved = ROWS[2].replace("113.9320", "113.9330").replace("9:00-21:00", "9:00-22:00")
    looked = town.send(publisher, table(ROWS[0], moved, "新驿站,路,113.9450,22.5300,,,粤海街道"))
    shown = publisher.get(looked).text
    assert "<line " in shown
    assert "moved by 103 m" in text(publisher.get(looked))
    assert f'id="d-{place}"' in shown
    went = town.posted(publisher, f"{looked}/publish", all="1")
    town.follow()
    history = text(publisher.get(f"/desk/places/{place}/history"))
    assert "113.9320000 22.5190000 → 113.9330000 22.5190000 · moved by 103 m" in history
    assert "list.csv, row 3" in history
    only = text(publisher.get(f"/desk/places/{place}/history?field=opening_hours_text"))
    assert "9:00-21:00 → 9:00-22:00" in only
    assert "113.9320000" not in only
    assert "on the list" in text(
        publisher.get(f"/desk/places/{town.column('id')['新驿站']}/history")
    )
    assert STREET in text(publisher.get(f"/desk/places/{place}"))
    assert went


def test_an_import_is_taken_back_after_three_edits_and_what_contradicts_stands_side_by_side(
    town: RealTown,
) -> None:
    publisher = town.publisher()
    town.posted(publisher, f"{town.send(publisher, table(*ROWS))}/publish", all="1")
    changed = (ROWS[0].replace("1号", "9号"), ROWS[1].replace("2号", "8号"), ROWS[2])
    went = town.posted(publisher, f"{town.send(publisher, table(*changed))}/publish", all="1")
    town.follow()
    ids = town.column("id")
    for name, more in (
        ("科技园驿站", {"address": "科苑路10号"}),
        ("粤海驿站", {"phones": "0755-22222222"}),
        ("登良驿站", {"opening_hours_text": "24小时"}),
    ):
        path = f"/desk/places/{ids[name]}"
        form = fields_of(publisher.get(path).text)
        assert publisher.post(path, **form | more).status_code == 303
    town.posted(publisher, "/desk/waiting", act="all")
    town.follow()

    failed = town.posted(publisher, f"{went}/undo")
    assert town.job(failed).state == JobState.FAILED
    both = text(publisher.get(failed))
    assert "Edited at the desk: 科苑路10号" in both
    assert "In the list: 科苑路1号" in both
    assert "科技园驿站" in both
    assert town.column("address")["科技园驿站"] == "科苑路10号"
    assert publisher.post(f"{failed}/decide").status_code == 409  # nobody chose
    decided = {f"decide:{ids['科技园驿站']} address": "keep"}
    done = town.posted(publisher, f"{failed}/decide", **decided)
    assert town.job(done).state == JobState.DONE
    town.follow()
    assert town.column("address")["科技园驿站"] == "科苑路10号"
    assert town.column("address")["粤海驿站"] == "后海大道2号"
    assert [*town.column("phones")["粤海驿站"]] == ["0755-22222222"]
    assert town.column("opening_hours")["登良驿站"] == "Mo-Su 00:00-24:00"
    assert "a list was taken back" in text(publisher.get(f"/desk/places/{ids['粤海驿站']}/history"))
