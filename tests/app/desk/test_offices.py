"""What makes an office's day shorter: templates, areas that nobody draws, rounds that are kept, and
a board that says whether it got better.
"""

import html
import re

import msgspec
import pytest
from click.testing import CliRunner

from app.cli.main import cli
from app.db import jobs, rounds
from app.desk import areas
from app.desk.roles import DeskRole, Scope, ScopeKind
from app.pages.city import city
from app.request.notices import MOST_VERTICES
from geodata.errors import BadValue
from tests.app.desk import samples
from tests.app.desk.desk_town import DeskClient, DeskTown


def clerk(town: DeskTown, role: DeskRole = DeskRole.ANSWERER) -> DeskClient:
    return town.client(role, Scope(ScopeKind.STREET, town.street), new=True)


def test_a_template_is_inserted_after_what_is_written_and_sends_nothing(town: DeskTown) -> None:
    answerer, letter = clerk(town), samples.letter(town)
    template = samples.template(town)
    shown = answerer.post(f"/desk/letters/{letter}/insert", text="您好", template=template)
    assert "您好\n已派人去看。" in shown.text
    assert "已派人去看。" not in answerer.get(f"/desk/letters/{letter}").text
    assert answerer.post(f"/desk/letters/{letter}/insert", template="t-none").status_code == 404


def test_templates_are_of_an_account_or_of_its_office_and_change_as_they_were_seen(
    town: DeskTown,
) -> None:
    one, other = clerk(town), clerk(town)
    for title, whose in (("我的", "account"), ("街道的", "office")):
        made = one.post("/desk/templates", title=title, text=f"{title}正文", whose=whose)
        assert made.status_code == 303
    assert "我的正文" not in other.get("/desk/templates").text
    assert "街道的正文" in other.get("/desk/templates").text
    listed = one.get("/desk/templates").text
    address = re.search(r'href="(/desk/templates/t-\w+)" dir="auto">街道的<', listed)
    own = re.search(r'href="(/desk/templates/t-\w+)" dir="auto">我的<', listed)
    assert address
    assert own
    assert other.get(own[1]).status_code == 404
    seen = re.search(r'name="seen" value="([^"]+)"', one.get(address[1]).text)
    assert seen
    said = {"title": "街道的", "text": "新正文", "seen": seen[1]}
    assert one.post(address[1], **said).status_code == 303
    late = other.post(address[1], **said | {"text": "别的"})
    assert (late.status_code, "别的" in late.text) == (409, True)
    assert other.post(address[1], title="", text="x", seen="0").status_code == 400
    again = re.search(r'name="seen" value="([^"]+)"', one.get(address[1]).text)
    assert again
    assert one.post(address[1], act="remove", seen=again[1]).status_code == 303
    assert other.get(address[1]).status_code == 404


@pytest.mark.parametrize("metres", [0, 19, 20_001])
def test_nobody_means_a_circle_of_that_size(metres: int) -> None:
    with pytest.raises(BadValue):
        areas.circle(113.95, 22.54, metres)


def test_a_street_office_is_an_area_of_few_enough_corners(town: DeskTown) -> None:
    ground = city(town.desk.live).ground
    for office in ground.offices:
        for ring in areas.of_office(ground, office.name):
            assert 4 <= len(ring) <= MOST_VERTICES + 1
            assert ring[0] == ring[-1]
    with pytest.raises(BadValue):
        areas.of_office(ground, "没有的街道")


def test_an_area_is_added_without_a_script_and_looked_at(town: DeskTown) -> None:
    publisher = town.client(DeskRole.PUBLISHER)
    form = {"polygons": "", "circle_at": "113.95 22.54", "circle_m": "800", "zh_headline": "留着"}
    drawn = publisher.post("/desk/notices/preview", add="circle", **form)
    assert drawn.status_code == 200
    assert "留着" in drawn.text
    found = re.search(r'id="polygons"[^>]*>([^<]*)<', drawn.text)
    assert found
    polygons = html.unescape(found[1])
    assert len(msgspec.json.decode(polygons)["coordinates"]) == 1
    both = publisher.post(
        "/desk/notices/preview", add="street", street=town.street, polygons=polygons
    )
    found = re.search(r'id="polygons"[^>]*>([^<]*)<', both.text)
    assert found
    assert len(msgspec.json.decode(html.unescape(found[1]))["coordinates"]) == 2
    wrong = publisher.post("/desk/notices/preview", add="circle", **form | {"circle_at": "x"})
    assert (wrong.status_code, "留着" in wrong.text) == (400, True)


def test_a_round_that_was_begun_is_the_same_until_it_is_ended(town: DeskTown) -> None:
    editor = clerk(town, DeskRole.EDITOR)
    before = editor.get("/desk/round").text
    listed = re.findall(r'<li class="card" id="([^"]+)"', before)
    assert editor.post("/desk/round", street=town.street, start="").status_code == 303
    path = f"/desk/places/{listed[0]}/tick"
    assert editor.post(path, act="hand", street=town.street).status_code == 303
    walked = editor.get("/desk/round").text
    assert re.findall(r'<li class="card" id="([^"]+)"', walked) == listed
    assert "1 of " in walked
    with town.desk.database.reading() as connection:
        held = rounds.walked(connection, editor.account.name)
    assert held
    assert held.places == listed
    assert editor.post("/desk/round", street=town.elsewhere).status_code == 404
    assert editor.post("/desk/round/end").status_code == 303
    with town.desk.database.reading() as connection:
        assert rounds.walked(connection, editor.account.name) is None


def test_coverage_is_worked_out_by_a_job_once_a_version(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_town.desk.jobs, "look", lambda: None)
    monkeypatch.setenv("NUANFENG_HOME", str(own_town.home))
    admin = own_town.client(DeskRole.ADMIN)
    for _ in range(2):
        assert admin.post("/desk/board/coverage").status_code == 303
    with own_town.desk.database.reading() as connection:
        (made,) = jobs.newest(connection, 9, "coverage")
    assert "being worked out" in admin.get("/desk/board").text
    ended = CliRunner().invoke(
        cli, ["job", "run", made.id, "--dataset", "demo"], catch_exceptions=False
    )
    assert ended.exit_code == 0, ended.output
    with own_town.desk.database.reading() as connection:
        (done,) = jobs.newest(connection, 9, "coverage")
    assert done.state == jobs.JobState.DONE, done.outcome
    told = {(each["street"], each["hour"]): each for each in done.outcome["rows"]}
    assert all(
        each["after"] - each["before"] == pytest.approx(each["gained"] - each["lost"])
        for each in told.values()
    )
    assert (own_town.street, 12) in told
    shown = admin.get("/desk/board").text
    assert "12:00" in shown
    assert "Work it out" not in shown
