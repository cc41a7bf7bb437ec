"""The whole application: what is said changes answers, and operators read it."""

import csv
import io
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from app.cli.main import cli
from app.cli.voice import EXPORTED, prepare
from app.factory import create_app
from app.settings import Settings
from app.voice import plates
from app.voice.keys import KeyRing

OWN = {"Sec-Fetch-Site": "same-origin"}
NEAR = "/api/v1/nearest?lon=113.9645&lat=22.5405&k=5"


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_home / "datasets", tmp_path / "datasets")
    prepare(Settings(tmp_path, "demo"))
    return tmp_path


@pytest.fixture
def client(home: Path) -> FlaskClient:
    return create_app(Settings(home, "demo", trusted_proxies=1)).test_client()


def say(client: FlaskClient, place: str, kind: str, network: int, **more: str) -> Any:
    headers = {**OWN, "Idempotency-Key": str(uuid.uuid4()), "X-Forwarded-For": f"10.9.{network}.1"}
    return client.post(
        f"/api/v1/places/{place}/reports", json={"type": kind, **more}, headers=headers
    )


def ids(client: FlaskClient, asked: str) -> list[str]:
    return [each["id"] for each in client.get(asked).json["features"]]


def test_what_two_riders_say_changes_every_answer(client: FlaskClient) -> None:
    always = f"{NEAR}&open=now&include_unknown=false"
    first, second, *_ = ids(client, always)
    say(client, first, "closed", 1)
    assert ids(client, always)[0] == first
    say(client, first, "closed", 2)
    assert ids(client, always)[0] == second
    told = {each["id"]: each["properties"] for each in client.get(NEAR).json["features"]}
    if first in told:
        assert list(told)[-1] == first
        assert told[first]["open"]["kind"] == "reported"
        assert told[first]["open"]["reported"]["type"] == "closed"
        assert told[first]["reports"][0]["count"] == 2
    batch = client.post("/api/v1/nearest/batch?k=5&open=now", json=[[113.9645, 22.5405]]).json
    assert first not in batch["ids"][0]
    along = "/api/v1/along?from=113.9645,22.5405&to=113.9545,22.5405&k=20&open=now"
    assert first not in ids(client, along)


def test_cells_tiles_and_packs_know_nothing_of_it(client: FlaskClient) -> None:
    cell = "/api/v1/nearest/cell/ws105r?k=10&at=2026-11-30T02:00:00%2B08:00"
    before = client.get(cell).data
    (first, *_) = ids(client, NEAR)
    for network in (1, 2):
        say(client, first, "no_water", network)
    assert client.get(cell).data == before


def test_no_other_origin_may_post_or_read_what_was_answered(client: FlaskClient) -> None:
    asked = client.options(
        "/api/v1/places/st-00412/reports",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )
    assert "POST" in asked.headers["Allow"]
    refused = client.post("/api/v1/places/st-00412/reports", json={"type": "closed"})
    taken = say(client, ids(client, NEAR)[0], "closed", 1)
    for reply in (asked, refused, taken):
        assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]
    assert (refused.status_code, taken.status_code) == (403, 201)
    assert client.get("/api/v1/reports").headers["Access-Control-Allow-Origin"] == "*"


def test_synthetic_data_comes_with_made_up_reports_once(home: Path, client: FlaskClient) -> None:
    made_up = client.get("/api/v1/reports").json["places"]
    assert len(made_up) >= 4
    prepare(Settings(home, "demo"))
    again = create_app(Settings(home, "demo")).test_client().get("/api/v1/reports").json["places"]
    assert again == made_up


def run(home: Path, *words: str) -> str:
    told = CliRunner().invoke(cli, [*words, "--lang", "en"], env={"NUANFENG_HOME": str(home)})
    assert told.exit_code == 0, told.output
    return told.output


def refused(home: Path, *words: str) -> str:
    told = CliRunner().invoke(cli, [*words, "--lang", "en"], env={"NUANFENG_HOME": str(home)})
    assert told.exit_code, told.output
    return told.output


def test_operators_read_what_is_said_as_a_table(home: Path, client: FlaskClient) -> None:
    (first, *_) = ids(client, NEAR)
    say(client, first, "other", 1, note="=HYPERLINK(1)")
    assert "no_water" in run(home, "reports", "list")
    run(home, "reports", "export", "-o", str(home / "r.csv"))
    text = (home / "r.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == EXPORTED
    assert "HYPERLINK" not in text
    assert not re.search(r"(^|,)[=+@-]", text, re.MULTILINE)
    assert [row["synthetic"] for row in rows if row["place"] == first][-1] == "false"
    assert "true" in {row["synthetic"] for row in rows}
    assert "10.9" not in text


def test_a_printed_plate_is_signed_in_its_code_alone(home: Path) -> None:
    sheet = home / "plates.html"
    run(home, "plates", "print", "--origin", "https://m.example.org", "-o", str(sheet), "st-00412")
    html = sheet.read_text(encoding="utf-8")
    token = plates.token(KeyRing(home / "keys"), "st-00412")
    assert "https://m.example.org/p/st-00412" in html
    assert token not in html  # it stands in the modules of the code
    assert html.count('class="plate"') == 1


def test_a_revoked_plate_is_printed_anew_under_the_next_key(home: Path) -> None:
    sheet, keys = home / "again.html", KeyRing(home / "keys")
    revoke = ("plates", "revoke", "st-00412", "--by", "tester")
    said = run(home, *revoke), run(home, *revoke)
    assert ("1 places" in said[0] or "1 place" in said[0], "before" in said[1]) == (True, True)
    ended = plates.newest(keys)
    run(home, "plates", "print", "--origin", "https://m.example.org", "-o", str(sheet), "st-00412")
    assert plates.newest(keys) == ended + 1


@pytest.mark.parametrize(
    "command",
    [
        ("reports", "list"),
        ("letters", "list"),
        ("plates", "revoke", "st-00412"),
        ("plates", "print", "--origin", "https://m.example.org", "-o", "-", "st-00412"),
    ],
)
def test_before_anything_was_said_a_command_says_how_its_database_is_made(
    home: Path, command: tuple[str, ...]
) -> None:
    for each in (home / "voice").iterdir():
        each.unlink()
    assert "nuanfeng voice prepare" in refused(home, *command)


def test_the_database_goes_back_a_step_and_forward(home: Path) -> None:
    run(home, "voice", "downgrade", "base")
    assert "ready" in run(home, "voice", "prepare")
