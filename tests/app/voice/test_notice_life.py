"""A notice is published, seen in its zone, updated and cancelled; what is no notice is refused."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from app.db import migrate
from app.db.database import Database, address
from app.request import queries
from app.request.notices import MOST_HEADLINE, MOST_TEXT, read_cancel, read_notice
from app.response.problems import BadParameters
from app.response.refusals import NoSuchNotice, NoticeEnded, NoticeMoved
from app.voice import cap_rules
from app.voice.cap_rules import RULES, faults
from app.voice.keys import KeyRing
from app.voice.live_notices import LiveNotices
from app.voice.notices import NoticeState
from app.voice.posting import Limits, Voice
from geodata.snapshot.snapshot import Snapshot
from tests import makers
from tests.app.db.conftest import NOW
from tests.app.voice.notice_town import NoticeTown, box, post, told

NEAR = "/api/v1/nearest?lon=113.9645&lat=22.5405&k=10&max_distance_m=50000"
CELL = "/api/v1/nearest/cell/ws105r?k=10&max_distance_m=50000&at=2026-11-30T10:00:00%2B08:00"
ATTACKS = [
    "<script>alert(1)</script>",
    "]]></description><script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/C calc'!A0",
    "'; DROP TABLE notice; --",
    "{{7*7}} {% raw %} %n",
    "🚰🚰",
]
UNSHOWN = ["\x00", "a\x0bb", "\x1b[2J", "\u202eabc", "\ufffe", "\x85"]


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.three_places())


@pytest.fixture
def town(voice: Voice, city: Snapshot, monkeypatch: pytest.MonkeyPatch) -> NoticeTown:
    made = NoticeTown(voice, city)
    monkeypatch.setattr(queries, "now", lambda: made.now)
    return made


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, city: Snapshot) -> Iterator[NoticeTown]:
    """One town for all that is refused, or reads what was published alone."""
    home = tmp_path_factory.mktemp("notices")
    database = Database(address(home, "demo"))
    migrate.upgrade(database, "demo", synthetic=True, now=NOW)
    yield NoticeTown(Voice(database, KeyRing(home / "keys"), Limits()), city)
    database.close()


@pytest.fixture
def old_town(lasting: NoticeTown, monkeypatch: pytest.MonkeyPatch) -> NoticeTown:
    monkeypatch.setattr(queries, "now", lambda: lasting.now)
    return lasting


def open_now(town: NoticeTown) -> list[str]:
    return [each["id"] for each in town.get(f"{NEAR}&open=now").json["features"]]


def about(town: NoticeTown, place: str) -> dict[str, Any]:
    found = {each["id"]: each["properties"] for each in town.get(NEAR).json["features"]}
    opening: dict[str, Any] = found[place]["open"]
    return opening


def inside(city: Snapshot) -> tuple[str, list[list[float]]]:
    """A place, and a square about it."""
    lon, lat = city.lonlat[0].tolist()
    return city.id_of(0), box(lon, lat, 0.0005)


def test_a_notice_lives(town: NoticeTown) -> None:
    place, square = inside(town.city)
    before, revision = about(town, place), town.revision
    assert place in open_now(town)

    notice = town.publish(polygons=[square], level="sealed", people=24_900)
    assert town.revision != revision
    assert place not in open_now(town)
    shut = about(town, place)
    assert (shut["state"], shut["reason"], shut["notice"]) == ("closed", "notice", notice.id)
    (feature,) = town.get("/api/v1/notices?lang=en").json["features"]
    assert feature["properties"]["headline"] == "closed"
    assert feature["properties"]["level"] == "sealed"
    assert feature["geometry"] == {"type": "MultiPolygon", "coordinates": [[square]]}

    town.now += timedelta(hours=1)
    town.update(notice.id, polygons=[square], effect="supplies", level="controlled")
    assert about(town, place)["state"] == before["state"]
    (feature,) = town.get("/api/v1/notices").json["features"]
    levels = [each["level"] for each in feature["properties"]["levels"]]
    assert levels == ["sealed", "controlled"]

    town.update(notice.id, polygons=[square])
    assert place not in open_now(town)
    town.cancel(notice.id)
    assert place in open_now(town)
    assert town.get("/api/v1/notices").json["features"] == []
    assert town.revision == revision


def test_a_notice_begins_and_ends_by_itself(town: NoticeTown) -> None:
    place, square = inside(town.city)
    begins = NOW + timedelta(hours=2)
    town.publish(
        polygons=[square],
        onset=begins.isoformat(),
        expires=(begins + timedelta(hours=1)).isoformat(),
    )
    seen = []
    for minutes in (0, 119, 120, 179, 180):
        town.now = NOW + timedelta(minutes=minutes)
        seen.append((place in open_now(town), len(town.get("/api/v1/notices").json["features"])))
    assert seen == [(True, 1), (True, 1), (False, 1), (False, 1), (True, 0)]


@pytest.mark.parametrize("days", [-730, 730])
def test_a_clock_that_is_put_years_away_and_back_loses_nothing(town: NoticeTown, days: int) -> None:
    place, square = inside(town.city)
    notice = town.publish(polygons=[square])
    assert place not in open_now(town)
    town.now = NOW + timedelta(days=days)
    town.said.hurry()
    told_then = [each["id"] for each in town.get("/api/v1/notices").json["features"]]
    assert told_then == ([notice.id] if days < 0 else [])
    other = town.publish(polygons=[square], identifier="n-other")
    assert other.state(town.now) is NoticeState.IN_FORCE
    town.now = NOW
    found = {each["id"] for each in town.get("/api/v1/notices").json["features"]}
    assert found == {notice.id, *(["n-other"] if days > 0 else [])}
    assert place not in open_now(town)
    after = town.update(notice.id, polygons=[square])
    assert after.latest.sent >= notice.latest.sent


def test_another_worker_knows_a_revision_that_it_has_not_met(town: NoticeTown) -> None:
    other = Database(town.voice.database.url)
    worker = LiveNotices(other)
    assert worker.at(NOW).notices == ()
    notice = town.publish()
    met = worker.revision(town.revision, NOW)
    assert [each.id for each in met.notices] == [notice.id]
    other.close()


def test_cells_of_a_revision_stay_as_they_are(town: NoticeTown) -> None:
    place, square = inside(town.city)
    free = town.revision
    plain = town.get(CELL).data
    asked = f"{CELL}&notices={free}"
    empty = town.get(asked).data
    assert json.loads(empty) == json.loads(plain)
    notice = town.publish(polygons=[square])
    closed = f"{CELL}&notices={town.revision}"
    shut = town.get(closed)
    number, named = shut.json["notices"][0]
    candidate = shut.json["places"][number]
    assert (candidate[0], named) == (place, notice.id)
    assert all(state == 0 for _, _, state in shut.json["hours"][candidate[8]][0])
    only_open = town.get(f"{closed}&open=now").json["places"]
    assert place not in [each[0] for each in only_open]
    assert town.get(asked).data == empty
    assert town.get(CELL).data == plain
    town.cancel(notice.id)
    assert town.get(closed).data == shut.data


def test_a_revision_that_nobody_knows_is_gone(old_town: NoticeTown) -> None:
    reply = old_town.get(f"{CELL}&notices=0123456789abcdef")
    assert reply.status_code == 410
    assert reply.json["type"] == "/docs#notices-gone"
    tile = f"/tiles/{old_town.city.version}/0/0/0.json?at=2026-11-30T10:00:00%2B08:00&notices=x"
    assert old_town.get(tile).status_code == 410


def test_a_tile_of_a_revision_leaves_out_what_is_closed(town: NoticeTown) -> None:
    place, square = inside(town.city)
    lon, lat = town.city.lonlat[0].tolist()
    x, y = _tile_of(lon, lat, 18)
    tile = f"/tiles/{town.city.version}/18/{x}/{y}.json?at=2026-11-30T10:00:00%2B08:00&open=now"
    free = town.get(f"{tile}&notices={town.revision}")
    assert place in [each[0] for each in free.json["p"]]
    assert "immutable" in free.headers["Cache-Control"]
    town.publish(polygons=[square])
    shut = town.get(f"{tile}&notices={town.revision}").json
    assert place not in [each[0] for each in shut["p"]]
    assert town.get(tile).json == free.json


def _tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    import math

    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return x, y


def test_batch_and_along_leave_out_what_is_closed(old_town: NoticeTown) -> None:
    place, square = inside(old_town.city)
    old_town.publish(polygons=[square])
    points = [[113.9645, 22.5405]]
    path = "/api/v1/nearest/batch?k=5&open=now&max_distance_m=50000"
    batch = old_town.client.post(path, json=points).json
    assert place not in batch["ids"][0]
    along = old_town.get(
        "/api/v1/along?from=113.9645,22.5405&to=113.95,22.55&k=9&open=at_arrival&max_detour_m=9999"
    )
    assert place not in [each["id"] for each in along.json["features"]]


@pytest.mark.parametrize(
    ("stated", "parameter"),
    [
        ({"effect": "shut"}, "effect"),
        ({"effect": None}, "effect"),
        ({"expires": "2026-12-01"}, "expires"),
        ({"expires": "2026-12-01T10:00:00"}, "expires"),
        ({"expires": (NOW + timedelta(days=31)).isoformat()}, "expires"),
        ({"expires": NOW.isoformat()}, "expires"),
        ({"onset": (NOW + timedelta(days=2)).isoformat()}, "expires"),
        ({"severity": "severe"}, "severity"),
        ({"level": "封控"}, "level"),
        ({"people": -1}, "people"),
        ({"people": True}, "people"),
        ({"colour": "red"}, "colour"),
        ({"zh": None}, "zh"),
        ({"en": {"headline": "x", "description": "y"}}, "en.instruction"),
        ({"zh": told("x" * (MOST_HEADLINE + 1))}, "zh.headline"),
        ({"zh": {**told("x"), "description": "x" * (MOST_TEXT + 1)}}, "zh.description"),
        ({"zh": told("  ")}, "zh.headline"),
        ({"polygons": []}, "polygons"),
        ({"polygons": 7}, "polygons"),
        ({"polygons": [box(113.9, 22.5)] * 51}, "polygons"),
        ({"polygons": [box(113.9, 22.5)[:-1]]}, "polygons[0]"),
        ({"polygons": [[[113.9, 22.5], [113.9, 22.5]]]}, "polygons[0]"),
        ({"polygons": [box(113.9, 22.5), [[113.9, 22.5]] * 102]}, "polygons[1]"),
        ({"polygons": [[[113.9, 22.5, 3.0]] * 4]}, "polygons[0]"),
        ({"polygons": [[["113.9", 22.5]] * 4]}, "polygons[0]"),
        ({"polygons": [[[113.9, 122.5]] * 4]}, "polygons[0]"),
        ({"polygons": [[[113.9, 10**400]] * 4]}, "polygons[0]"),
        ({"polygons": [box(22.5405, 113.9645)]}, "polygons[0]"),
        ({"polygons": [box(22.5405, 13.9645)]}, "polygons[0]"),
        (
            {
                "polygons": [
                    [[113.9, 22.5], [113.91, 22.51], [113.9, 22.51], [113.91, 22.5], [113.9, 22.5]]
                ]
            },
            "polygons[0]",
        ),
        (
            {"polygons": [[[113.9, 22.5], [113.91, 22.5], [113.92, 22.5], [113.9, 22.5]]]},
            "polygons[0]",
        ),
        ({"identifier": "Ä"}, "identifier"),
        ({"identifier": "demo-x"}, "identifier"),
        ({"references": "n-1"}, "references"),
    ],
)
def test_what_is_no_notice_is_refused_with_its_member(
    old_town: NoticeTown, stated: dict[str, Any], parameter: str
) -> None:
    before = old_town.revision
    with pytest.raises(BadParameters) as refused:
        old_town.publish(**stated)
    assert parameter in [fault.parameter for fault in refused.value.faults]
    old_town.said.hurry()
    assert old_town.revision == before


def test_a_server_that_cannot_check_an_area_says_so(
    old_town: NoticeTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.voice.notice_posts.importlib.util.find_spec", lambda _: None)
    with pytest.raises(BadParameters) as refused:
        old_town.publish()
    (fault,) = refused.value.faults
    assert (fault.parameter, "nuanfeng[data]" in fault.message) == ("polygons", True)


def test_all_faults_are_told_at_once(old_town: NoticeTown) -> None:
    with pytest.raises(BadParameters) as refused:
        old_town.publish(effect="shut", zh=None, polygons=[[]], en=told(""))
    named = [fault.parameter for fault in refused.value.faults]
    assert named == ["zh", "en.headline", "polygons[0]", "effect"]


@pytest.mark.parametrize("sent", [b"", b"[]", b"\xff", b'{"a":', b"[" * 100_000, b"7"])
def test_what_is_no_json_object_is_refused(sent: bytes) -> None:
    for read in (read_notice, read_cancel):
        with pytest.raises(BadParameters):
            read(sent)


def test_a_hundred_corners_are_taken(old_town: NoticeTown) -> None:
    import math

    turns = [2 * math.pi * number / 100 for number in range(100)]
    ring = [[113.96 + 0.01 * math.cos(turn), 22.54 + 0.01 * math.sin(turn)] for turn in turns]
    notice = old_town.publish(polygons=[[*ring, ring[0]]])
    assert len(notice.body.polygons[0]) == 101


def test_a_ring_is_turned_counter_clockwise(old_town: NoticeTown) -> None:
    notice = old_town.publish(polygons=[box(113.96, 22.54)[::-1]])
    assert [list(each) for each in notice.body.polygons[0]] == box(113.96, 22.54)


def test_only_the_latest_version_is_followed(town: NoticeTown) -> None:
    with pytest.raises(NoSuchNotice):
        town.update("n-nothing")
    notice = town.publish()
    second = town.update(notice.id)
    third = town.update(second.latest.identifier)
    assert [each.identifier for each in third.versions] == [
        notice.id,
        f"{notice.id}-2",
        f"{notice.id}-3",
    ]
    with pytest.raises(NoticeMoved):
        town.update(f"{notice.id}-2")
    ended = town.cancel(notice.id, zh=told("解除"))
    assert (ended.body.zh.headline, ended.body.en.headline) == ("解除", "closed")
    for verb in (town.update, town.cancel):
        with pytest.raises(NoticeEnded):
            verb(notice.id)


@pytest.mark.parametrize("name", ["headline", "description", "instruction", "area"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_markup(old_town: NoticeTown, name: str, attack: str) -> None:
    text = {**told("x"), name: attack}
    notice = old_town.publish(zh=text, en=text)
    message = old_town.get(f"/notices/{notice.id}.cap")
    assert faults(message.data) == []
    feed = old_town.get("/notices.atom")
    for reply in (message, feed):
        root = ET.fromstring(reply.data)  # noqa: S314  # our own reply
        assert not [each for each in root.iter() if each.tag.endswith(("script", "img"))]
        assert b"<!" not in reply.data
    told_of = {each["id"]: each for each in old_town.get("/api/v1/notices").json["features"]}
    found = told_of[notice.id]["properties"]
    assert found[name] == " ".join(attack.split()) if name == "headline" else found[name] == attack


@pytest.mark.parametrize("hidden", UNSHOWN)
@pytest.mark.parametrize("name", ["headline", "description", "instruction", "area"])
def test_what_cannot_be_shown_is_refused(old_town: NoticeTown, name: str, hidden: str) -> None:
    with pytest.raises(BadParameters) as refused:
        old_town.publish(en={**told("x"), name: f"a{hidden}b"})
    assert [fault.parameter for fault in refused.value.faults] == [f"en.{name}"]


def test_each_version_is_a_sound_message(old_town: NoticeTown) -> None:
    notice = old_town.publish(level="sealed", people=9, buildings=2, estates=1, category="Health")
    old_town.now += timedelta(minutes=5)
    old_town.update(notice.id, level="controlled")
    ended = old_town.cancel(notice.id)
    for version in ended.versions:
        reply = old_town.get(f"/notices/{version.identifier}.cap")
        assert reply.mimetype == "application/cap+xml"
        assert faults(reply.data) == []
    assert old_town.get(f"/notices/{notice.id}.cap").data == reply.data
    assert old_town.get("/notices/n-nothing.cap").status_code == 404
    assert b"Cancel</msgType>" in reply.data
    assert reply.data.count(b"<info>") == 2


BREAKS = [
    ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1"),
    ("<identifier>", "<identifier>a b,"),
    ("<scope>Public</scope>", "<scope>Private</scope>"),
    ("<scope>Public</scope>", ""),
    ("<msgType>Alert</msgType>", "<msgType>Update</msgType>"),
    ("<msgType>Alert</msgType>", "<msgType>alert</msgType>"),
    ("+08:00</sent>", "Z</sent>"),
    ("<status>", "<extra/><status>"),
    ("<event>", "<event></event><event>"),
    ("<urgency>Unknown", "<urgency>Soon"),
    ("<language>en", "<language>not a language"),
    ("<headline>", "<headline>" + "x" * MOST_HEADLINE),
    ("<severity>Unknown</severity>", "<severity>Minor</severity>"),
    ("+08:00</expires>", "+08:00</expires><expires>x</expires>"),
    ("<valueName>effect</valueName>", ""),
    ("<areaDesc>", "<areaDesc></areaDesc><areaDesc>"),
    ("</polygon>", " 1,2</polygon>"),
    ("<polygon>", "<polygon>22 "),
]


@pytest.mark.parametrize(("right", "wrong"), BREAKS)
def test_the_rules_find_what_is_wrong(old_town: NoticeTown, right: str, wrong: str) -> None:
    sound = old_town.get(f"/notices/{old_town.publish().id}.cap").data.decode()
    assert right in sound
    assert faults(sound.replace(right, wrong, 1).encode()) != []


def test_each_rule_names_its_section_and_is_broken_by_something(old_town: NoticeTown) -> None:
    sound = old_town.get(f"/notices/{old_town.publish().id}.cap").data.decode()
    broken = {
        rule.demand
        for right, wrong in [*BREAKS, ("<alert ", "<warning "), _ENDS_FIRST, _REFERS]
        for rule in RULES
        if any(True for _ in rule.broken(ET.fromstring(_changed(sound, right, wrong))))  # noqa: S314  # our own
    }
    assert {rule.demand for rule in RULES} == broken
    assert all(rule.section[0] == "3" for rule in cap_rules.RULES)


_ENDS_FIRST = ("<onset>2026", "<onset>2036")
_REFERS = ("<info>", "<references>a</references><info>")


def _changed(sound: str, right: str, wrong: str) -> str:
    changed = sound.replace(right, wrong, 1)
    return changed.replace("</alert>", "</warning>") if right == "<alert " else changed


def test_the_feed_names_each_notice_and_what_was_cancelled(town: NoticeTown) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    empty = ET.fromstring(town.get("/notices.atom").data)  # noqa: S314  # our own reply
    assert empty.findall(f"{atom}entry") == []
    first, second = town.publish(), town.publish()
    town.cancel(second.id)
    reply = town.get("/notices.atom?lang=en")
    assert reply.mimetype == "application/atom+xml"
    feed = ET.fromstring(reply.data)  # noqa: S314  # our own reply
    for name in ("id", "title", "updated"):
        assert feed.findtext(f"{atom}{name}")
    titles = {
        each.findtext(f"{atom}id"): each.findtext(f"{atom}title")
        for each in feed.findall(f"{atom}entry")
    }
    assert {name.rsplit(":", 1)[1]: title for name, title in titles.items() if name} == {
        first.id: "closed",
        second.id: "Cancelled: closed",
    }


def test_the_list_is_held_by_its_tag_until_something_changes(town: NoticeTown) -> None:
    tag = town.get("/api/v1/notices").headers["ETag"]
    assert town.get("/api/v1/notices", **{"If-None-Match": tag}).status_code == 304
    town.publish()
    assert town.get("/api/v1/notices", **{"If-None-Match": tag}).status_code == 200
    zh, en = (
        town.get("/api/v1/notices", **{"Accept-Language": language}) for language in ("zh-CN", "en")
    )
    assert zh.headers["ETag"] != en.headers["ETag"]
    assert "Accept-Language" in zh.headers["Vary"]


def test_two_operators_at_once_publish_one_version_after_the_other(town: NoticeTown) -> None:
    notice = town.publish()
    town.update(notice.latest.identifier)
    read = msgspec.json.encode(post(references=notice.latest.identifier))
    assert read_notice(read).facts.references == notice.id
