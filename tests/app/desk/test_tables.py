"""A street office sends its list, a publisher looks at it and publishes it, and takes it back."""

import io
import os
import re
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.main import cli
from app.db import edits as stored
from app.db import jobs
from app.db.jobs import JobState
from app.desk import leases
from app.desk.leases import Keeper
from app.desk.roles import DeskRole, Scope, ScopeKind
from tests.app.desk.desk_town import LOOPBACK, OWN
from tests.app.desk.real_town import (
    OTHER,
    ROWS,
    STREET,
    RealTown,
    fresh_town,
    published,
    real_town,
    table,
)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealTown:
    return fresh_town(tmp_path / "home", monkeypatch)


def text(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.text))


def test_a_list_is_sent_looked_at_published_edited_sent_again_and_taken_back(
    town: RealTown,
) -> None:
    editor, publisher = town.editor(), town.publisher()
    looked = town.send(editor, table(*ROWS, "海上驿站,,0,0,,,"))
    said = text(editor.get(looked))
    assert "Row 5" in said
    assert "Rows read 4 Taken 3 Refused 1 " in said
    assert all(name in said for name in ("科技园驿站", "粤海驿站", "登良驿站"))
    assert "<circle" in editor.get(looked).text
    assert editor.get(f"{looked}/refused.xlsx").data.startswith(b"PK")
    assert editor.post(f"{looked}/publish", all="1").status_code == 403
    refused = publisher.post(f"{looked}/publish", all="1")
    assert refused.status_code == 409
    went = town.posted(publisher, f"{looked}/publish", all="1", skip_refused="1")
    town.follow()
    assert "Published as version" in text(publisher.get(went))
    assert {*town.column("layer").values()} == {"yue-hai-jie-dao", "nan-tou-jie-dao"}

    # An edit, and the same list once more: it stays. Another list: both are shown.
    place = town.column("id")["粤海驿站"]
    page = editor.get(f"/desk/places/{place}")
    form = fields_of(page.text)
    assert editor.post(f"/desk/places/{place}", **form | {"address": "手改"}).status_code == 303
    assert "手改" in text(publisher.get("/desk/waiting"))
    town.posted(publisher, "/desk/waiting", act="all")
    town.follow()
    assert town.column("address")["粤海驿站"] == "手改"
    assert "Nothing waits" in text(publisher.get("/desk/waiting"))
    again = town.send(editor, table(*ROWS))
    assert "Nothing differs" in text(editor.get(again))
    changed = (ROWS[0], ROWS[1].replace("后海大道2号", "新路"), ROWS[2].replace("3号", "33号"))
    other = town.send(editor, table(*changed))
    assert "Edited at the desk: 手改" in text(editor.get(other))
    assert publisher.post(f"{other}/publish", all="1").status_code == 409
    decided = {f"decide:{place} address": "keep"}
    went = town.posted(publisher, f"{other}/publish", all="1", **decided)
    town.follow()
    assert town.column("address")["粤海驿站"] == "手改"
    assert town.column("address")["登良驿站"] == "登良路33号"
    history = text(editor.get(f"/desk/places/{town.column('id')['登良驿站']}/history"))
    assert "登良路3号 → 登良路33号" in history
    assert "list.csv, row 4" in history

    town.posted(publisher, f"{went}/undo", **decided)
    town.follow()
    assert town.column("address") == {
        "科技园驿站": "科苑路1号",
        "粤海驿站": "手改",
        "登良驿站": "登良路3号",
        "南头驿站": "南头街1号",
        "深大驿站": "南海大道1号",
    }
    assert publisher.post(f"{went}/undo", **decided).status_code == 409


def fields_of(html: str) -> dict[str, Any]:
    """What a form of the desk would send as it stands."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]+>", html):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" not in said or said.get("type") == "file":
            continue
        if said.get("type") in ("checkbox", "radio"):
            if " checked" in tag:
                found.setdefault(said["name"], []).append(said["value"])
        elif said["name"] not in ("csrf", "closes", "reason"):
            found[said["name"]] = said.get("value", "")
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        if chosen:
            found[name] = chosen[1]
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', html))
    return found | {"act": "save"}


def test_part_of_a_list_is_published_and_the_rest_stays(town: RealTown) -> None:
    publisher = town.publisher()
    looked = town.send(publisher, table(*ROWS))
    first = next(
        each for each in re.findall(r'name="take" value="([^"]+)"', publisher.get(looked).text)
    )
    town.posted(publisher, f"{looked}/publish", take=[first])
    assert len(town.column("id")) == 3
    assert first in town.column("id").values()


def test_headings_are_mapped_by_tapping_and_remembered(town: RealTown) -> None:
    editor = town.editor()
    body = table(*ROWS).decode().replace("名称", "甲").encode()
    looked = town.send(editor, body)
    held = town.job(looked)
    assert held.state == JobState.FAILED
    assert "甲" in editor.get(looked).text
    mapped = town.posted(editor, f"{looked}/map", **{"column:甲": "name", "column:地址": "evil"})
    assert town.job(mapped).outcome["taken"] == 3
    assert town.job(town.send(editor, body)).outcome["taken"] == 3


def test_a_street_office_sends_and_sees_only_its_own(town: RealTown) -> None:
    editor, other = town.editor(), town.editor("南头街道")
    looked = town.send(editor, table(*ROWS), layer="南头街道")
    assert town.job(looked).street == STREET
    for path in (looked, f"{looked}/refused.xlsx"):
        assert other.get(path).status_code == 404
    for path in (f"{looked}/cancel", f"{looked}/map"):
        assert other.post(path).status_code == 404
    assert looked not in other.get("/desk/tables").text
    theirs = town.column("id")["南头驿站"]
    assert editor.get(f"/desk/places/{theirs}").status_code == 404
    assert theirs not in editor.get("/desk/places?q=南头驿站").text


def bomb() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return body.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.svg", SVG),
        ("a.csv", SVG),
        ("a.csv", b"\xef\xbb\xbf  <html>"),
        ("a.csv", b"PK\x03\x04" + bytes(60)),
        ("a.csv", b"a\0b"),
        ("a.json", b"[" + SVG + b"]"),
        ("a.xlsx", b"%PDF-1.7"),
        ("a.xlsx", b"PK\x03\x04 no end"),
        ("a.xlsx", bomb() + b"<script>"),
        ("a.xls", b"MZ" + b"<table>"),
        ("a.xls", b"<table><script>x</script>"),
        ("a.exe", b"MZ"),
        ("a.csv", b""),
        ("csv", b"a,b"),
        ("...", b"a,b"),
        ("a.csv.exe", b"a,b"),
        (f"{'a' * 200}.csv", b"a,b"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    town: RealTown, name: str, body: bytes
) -> None:
    reply = town.publisher().post(
        "/desk/tables", table=(io.BytesIO(body), name), layer=STREET, datum="wgs84"
    )
    assert reply.status_code in (400, 422)
    assert 'role="alert"' in reply.text
    with town.desk.database.reading() as connection:
        assert jobs.newest(connection, 9) == []


@pytest.mark.parametrize("name", ["../../../etc/cron.d/a.csv", "C:\\x\\a.csv", "/a.csv", "a\0.csv"])
def test_a_path_in_a_name_leads_nowhere(town: RealTown, name: str) -> None:
    looked = town.send(town.publisher(), table(*ROWS), name)
    assert town.job(looked).outcome["taken"] == 3
    assert not list(town.home.glob("upload-*"))


def test_a_bomb_is_refused_before_it_is_opened(town: RealTown) -> None:
    looked = town.send(town.publisher(), bomb(), "a.xlsx")
    assert town.job(looked).state == JobState.FAILED
    assert "unpack" in town.job(looked).outcome["fault"]["en"]


def test_a_table_that_is_too_large_is_refused(town: RealTown) -> None:
    reply = town.publisher().client.post(
        "/desk/tables",
        base_url=LOOPBACK,
        headers=OWN,
        data=b"--x--",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "40000000"},
    )
    assert reply.status_code == 413


def test_a_layer_that_was_published_meanwhile_is_looked_at_again(town: RealTown) -> None:
    publisher = town.publisher()
    first, second = (town.send(publisher, table(*ROWS[:n])) for n in (2, 3))
    town.posted(publisher, f"{first}/publish", all="1")
    late = town.posted(publisher, f"{second}/publish", all="1")
    assert town.job(late).state == JobState.FAILED
    assert "published anew" in town.job(late).outcome["fault"]["en"]
    assert len(town.column("id")) == 2 + 2
    other = town.send(publisher, table(*OTHER, ROWS[0].replace("科技园", "新")), layer="南头街道")
    assert town.job(town.posted(publisher, f"{other}/publish", all="1")).state == JobState.DONE


KILLED = """
import os, signal, sys
from app.__main__ import main
from app.cli import table_jobs
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(table_jobs, sys.argv.pop(1), die)
main()
"""


@pytest.mark.parametrize("where", ["publish", "_with_history"])
def test_a_publication_that_was_killed_is_finished_once_by_another_process(
    town: RealTown, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything was published, and after all of it was."""
    publisher = town.publisher()
    looked = town.send(publisher, table(*ROWS))
    reply = publisher.post(f"{looked}/publish", all="1")
    job_id = reply.headers["Location"].rpartition("/")[2]
    told = [sys.executable, "-c", KILLED, where, "job", "run", job_id, "--dataset", "mine"]
    assert subprocess.run(told, check=False, env=os.environ).returncode == -signal.SIGKILL
    assert town.job(job_id).state == JobState.RUNNING
    with town.desk.database.reading() as connection:
        later = datetime.now(UTC) + leases.LEASE + timedelta(seconds=5)
        assert jobs.free(connection, later) == job_id
    before = len(town.held().dataset.versions())
    run_out(town, job_id)
    town.done(reply.headers["Location"])
    assert town.job(job_id).state == JobState.DONE
    assert len(town.column("id")) == 2 + 3
    assert len(town.held().dataset.versions()) == before + (where == "publish")
    assert not list(town.home.glob("upload-*")) or where == "publish"


def run_out(town: RealTown, job_id: str) -> None:
    """The lease of who is gone runs out."""
    held = town.job(job_id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    town.desk.database.write(lambda connection: jobs.beat(connection, held, past, 0, 0))


def test_who_edits_what_somebody_else_edited_meanwhile_sees_both(town: RealTown) -> None:
    publisher = town.publisher()
    town.posted(publisher, f"{town.send(publisher, table(*ROWS))}/publish", all="1")
    town.follow()
    place = town.column("id")["粤海驿站"]
    one, other = (
        town.editor(),
        town.client(DeskRole.EDITOR, Scope(ScopeKind.STREET, STREET), new=True),
    )
    forms = [fields_of(each.get(f"/desk/places/{place}").text) for each in (one, other)]
    path = f"/desk/places/{place}"
    assert one.post(path, **forms[0] | {"phones": "075511111111"}).status_code == 303
    both = other.post(path, **forms[1] | {"phones": "075522222222", "address": "新址"})
    assert both.status_code == 409
    assert "Theirs: 0755-11111111" in text(both)
    assert "Yours: 0755-22222222" in text(both)
    with town.desk.database.reading() as connection:
        assert {each.field for each in stored.last_by_hand(connection)} == {"phones"}
    again = fields_of(both.text) | {"take:phones": "mine"}
    assert other.post(path, **again).status_code == 303
    town.posted(publisher, "/desk/waiting", act="all")
    assert [*town.column("phones")["粤海驿站"]] == ["0755-22222222"]
    assert town.column("address")["粤海驿站"] == "新址"
    town.follow()
    history = text(one.get(f"{path}/history"))
    assert "0755-11111111 → 0755-22222222" in history
    assert "13800138000 → 0755-11111111" in history


def test_hours_are_shown_as_they_are_understood_before_they_are_saved(town: RealTown) -> None:
    editor, place = town.editor("南头街道"), town.column("id")["南头驿站"]
    path = f"/desk/places/{place}"
    form = fields_of(editor.get(path).text)
    built = {"act": "read", "days0": "周一至周五", "opens0": "09:00", "closes0": "18:00"}
    shown = editor.post(path, **form | built)
    assert "周一至周五09:00-18:00" in shown.text
    assert "Understood:" in shown.text
    unread = editor.post(path, **form | {"act": "read", "opening_hours_text": "看情况"})
    assert "Not understood" in unread.text
    assert editor.post(path, **form | {"opening_hours_text": "9:00-18:00"}).status_code == 303
    town.posted(town.publisher(), "/desk/waiting", act="all")
    assert town.column("opening_hours")["南头驿站"] == "Mo-Su 09:00-18:00"


def test_a_place_is_added_closed_and_opened_again(town: RealTown) -> None:
    editor, publisher = town.editor("南头街道"), town.publisher()
    form = fields_of(editor.get("/desk/new-place").text)
    said = {
        "name": "新驿站",
        "kind": "warm_bee_station",
        "geometry": "113.9025 22.5300",
        "layer": "nan-tou-jie-dao",
        "services": ["hot_water"],
        "opening_hours_text": "24小时",
    }
    assert editor.post("/desk/new-place", **form | said | {"layer": "main"}).status_code != 303
    made = editor.post("/desk/new-place", **form | said)
    assert made.status_code == 303, text(made)
    path = made.headers["Location"]
    town.posted(publisher, "/desk/waiting", act="all")
    town.follow()
    assert town.column("street")["新驿站"] == "南头街道"
    assert town.app.test_client().get(f"/p/{path.rpartition('/')[2]}").status_code == 200
    assert editor.post(f"{path}/standing", closes="1", reason="拆迁").status_code == 303
    town.posted(publisher, "/desk/waiting", act="all")
    town.follow()
    assert "新驿站" not in town.column("id")
    assert town.app.test_client().get(f"/p/{path.rpartition('/')[2]}").status_code == 410
    assert editor.post(f"{path}/standing", closes="0").status_code == 303
    town.posted(publisher, "/desk/waiting", act="all")
    assert "新驿站" in town.column("id")


def test_an_edit_that_is_refused_does_not_wait_any_more(town: RealTown) -> None:
    editor, publisher = town.editor("南头街道"), town.publisher()
    path = f"/desk/places/{town.column('id')['南头驿站']}"
    form = fields_of(editor.get(path).text)
    assert editor.post(path, **form | {"address": "错"}).status_code == 303
    number = re.search(r'name="take" value="(\d+)"', publisher.get("/desk/waiting").text)
    assert number
    refused = publisher.post("/desk/waiting", act="refuse", take=[number[1]], reason="不对")
    assert refused.status_code == 303
    assert "Nothing waits" in text(editor.get("/desk/waiting"))
    assert "不对" in text(editor.get(f"{path}/history"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("phones", "找保安"),
        ("geometry", "22.54 113.95"),
        ("capacity", "many"),
        ("capacity", "9" * 5_000),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_that_was_filled_in_is_lost(
    town: RealTown, field: str, value: str
) -> None:
    editor, place = town.editor("南头街道"), town.column("id")["南头驿站"]
    form = fields_of(editor.get(f"/desk/places/{place}").text)
    reply = editor.post(f"/desk/places/{place}", **form | {"address": "留着", field: value})
    assert reply.status_code in (400, 422)
    assert 'role="alert"' in reply.text
    assert 'value="留着"' in reply.text


def test_a_server_that_cannot_check_a_number_says_so_and_takes_the_rest(
    town: RealTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, place = town.editor("南头街道"), town.column("id")["南头驿站"]
    form = fields_of(editor.get(f"/desk/places/{place}").text)
    monkeypatch.setattr("app.desk.telephones.importlib.util.find_spec", lambda _: None)
    reply = editor.post(f"/desk/places/{place}", **form | {"phones": "0755-22222222"})
    assert (reply.status_code, "nuanfeng[data]" in reply.text) == (400, True)
    assert editor.post(f"/desk/places/{place}", **form | {"address": "新址"}).status_code == 303


def test_a_form_changes_only_what_it_may(town: RealTown) -> None:
    """Fields that no form has are not taken."""
    editor, place = town.editor("南头街道"), town.column("id")["南头驿站"]
    form = fields_of(editor.get(f"/desk/places/{place}").text)
    more = {"layer": "osm", "id": "x", "street": "x", "source": "x", "kind": "evil", "door": "x"}
    assert editor.post(f"/desk/places/{place}", **form | more).status_code == 303
    with town.desk.database.reading() as connection:
        said = {each.field: each.value for each in stored.last_by_hand(connection)}
    assert said.keys() <= {"kind", "door"}
    assert not {"evil", "x"} & {*said.values()}


def test_what_one_server_left_in_the_middle_another_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Two servers, each with a home of its own, over one PostgreSQL."""
    monkeypatch.setenv("NUANFENG_DATABASE_URL", database_url)
    monkeypatch.setattr(Keeper, "look", lambda _: None)
    here, there = tmp_path / "here" / "home", tmp_path / "there" / "home"
    monkeypatch.setenv("NUANFENG_HOME", str(here))
    (tmp_path / "here").mkdir()
    published(here)
    push = CliRunner().invoke(cli, ["push", "--dataset", "mine"], catch_exceptions=False)
    assert push.exit_code == 0, push.output
    town = real_town(here, database_url)
    publisher = town.publisher()
    looked = town.send(publisher, table(*ROWS))
    went = publisher.post(f"{looked}/publish", all="1").headers["Location"]
    job_id = went.rpartition("/")[2]
    told = [sys.executable, "-c", KILLED, "publish", "job", "run", job_id, "--dataset", "mine"]
    assert subprocess.run(told, check=False, env=os.environ).returncode == -signal.SIGKILL
    run_out(town, job_id)
    monkeypatch.setenv("NUANFENG_HOME", str(there))
    town.done(went)
    assert town.job(went).state == JobState.DONE, town.job(went).outcome
    monkeypatch.setenv("NUANFENG_HOME", str(here))
    pull = CliRunner().invoke(cli, ["pull", "--dataset", "mine"], catch_exceptions=False)
    assert pull.exit_code == 0, pull.output
    assert town.held().pointer.version == town.job(went).outcome["version"]
    assert len(town.column("id")) == 2 + 3
    town.desk.database.close()


def test_a_street_office_without_a_list_adds_a_place_that_begins_one(town: RealTown) -> None:
    editor, publisher = town.editor(STREET), town.publisher()
    assert STREET not in {each.label for each in town.held().about.layers}
    form = fields_of(editor.get("/desk/new-place").text)
    said = {"name": "首家驿站", "kind": "warm_bee_station", "geometry": "113.9402 22.5215"}
    made = editor.post("/desk/new-place", **form | said | {"layer": STREET})
    assert made.status_code == 303, text(made)
    town.posted(publisher, "/desk/waiting", act="all")
    town.follow()
    (mine,) = [each for each in town.held().about.layers if each.label == STREET]
    assert (mine.places, mine.licence.startswith("ODbL")) == (1, False)
    path = made.headers["Location"]
    assert (
        editor.post(path, **fields_of(editor.get(path).text) | {"address": "新址"}).status_code
        == 303
    )
    town.posted(publisher, "/desk/waiting", act="all")
    assert town.column("address")["首家驿站"] == "新址"


def test_a_place_of_openstreetmap_is_neither_edited_nor_closed_here(town: RealTown) -> None:
    file = town.home.parent / "osm.csv"
    file.write_bytes(table("开放驿站,后海路1号,113.9402,22.5215,24小时,,粤海街道"))
    told = ["import", str(file), "--dataset", "mine", "--layer", "osm", "--datum", "wgs84"]
    told += ["--licence", "ODbL-1.0", "--kind", "warm_bee_station", "--publish"]
    assert CliRunner().invoke(cli, told, catch_exceptions=False).exit_code == 0
    town.follow()
    path, publisher = f"/desk/places/{town.column('id')['开放驿站']}", town.publisher()
    for address, fields in (
        (path, {"act": "save", "name": "x"}),
        (f"{path}/standing", {"closes": "1"}),
    ):
        refused = publisher.post(address, **fields)
        assert (refused.status_code, "OpenStreetMap" in text(refused)) == (409, True)
    assert "Nothing waits" in text(publisher.get("/desk/waiting"))


def test_a_table_of_ten_thousand_columns_is_told_in_a_page_of_its_usual_length(
    town: RealTown,
) -> None:
    editor = town.editor()
    more = ",".join(f"列{number}" for number in range(10_000))
    lines = table(*ROWS).decode().splitlines()
    body = "\n".join([f"{lines[0]},{more}", *(f"{line},{',' * 9_999}" for line in lines[1:])])
    looked = town.send(editor, body.encode())
    page = editor.get(looked)
    assert page.status_code == 200
    assert len(page.text) < 2_000_000
