"""Every bound on `/limits` is crossed: just within it an answer comes, beyond it what the page
says.
"""

import ast
import re
import socket
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from app.pages.limits import Bound, sections
from app.request.polyline import decode
from app.response.problems import ProblemType
from app.settings import Settings
from app.words import Language
from tests.papers import ROOT

BOUNDS: Final = {
    bound.name: bound
    for bounds in sections(Settings(Path("/nowhere"), "demo")).values()
    for bound in bounds
}
README: Final = ROOT / "app/response/README.md"
HERE: Final = "lon=113.9645&lat=22.5405"
AT: Final = "at=2026-11-21T02:15:00%2B08:00"
CELL: Final = "/api/v1/nearest/cell"
#: Of a bound that has a parameter an address at `most`; beyond it lies one more.
ADDRESSES: Final[dict[str, Callable[[int], str]]] = {
    "k": lambda most: f"/api/v1/nearest?{HERE}&k={most}",
    "reach": lambda most: f"/api/v1/nearest?{HERE}&max_distance_m={most}",
    "stay": lambda most: f"/api/v1/nearest?{HERE}&open=at_arrival&stay_min={most}",
    "typed": lambda most: f"/api/v1/search?q={quote('站' * most)}",
    "path": lambda most: f"/api/v1/along?path={quote(zigzag(most, 1))}",
    "way": lambda most: f"/api/v1/along?path={quote(zigzag(800, most / 799))}",
    "detour": lambda most: f"/api/v1/along?path={quote(zigzag(2, 900))}&max_detour_m={most}",
    "minutes": lambda most: f"/api/v1/isochrone?{HERE}&minutes={most}",
    "coverage": lambda most: f"/api/v1/coverage?reach_m={most}",
    "tile": lambda most: f"/tiles/{{version}}/{most}/0/0.json?{AT}",
    "cell": lambda most: f"{CELL}/{'ws0br3dz9'[:most]}?{AT}",
}
#: Tests elsewhere that cross a bound, which wants a crowd, a clock or a database.
ELSEWHERE: Final = {
    "requests": "tests/app/response/test_concurrency.py::"
    "test_one_too_many_is_told_when_to_come_back",
    "dear": "tests/app/response/test_concurrency.py::"
    "test_a_kind_without_a_seat_is_refused_while_the_cheap_are_answered",
    "stored": "tests/app/response/test_concurrency.py::"
    "test_a_kind_without_a_seat_is_refused_while_the_cheap_are_answered",
    "computing": "tests/app/response/test_concurrency.py::"
    "test_no_more_compute_at_once_than_have_turns",
    "answering": "tests/app/response/test_turns.py::"
    "test_the_next_waits_for_a_quick_turn_and_goes_on_behind_one_that_hangs",
    "queued": "tests/app/response/test_turns.py::"
    "test_who_would_wait_for_too_long_is_told_to_come_back",
    "turn": "tests/app/response/test_concurrency.py::"
    "test_who_would_wait_too_long_for_a_turn_is_refused_at_once",
    "connections": "tests/app/cli/test_recycling.py::"
    "test_a_server_takes_so_many_connections_and_replaces_workers_that_grow",
    "half a body": "tests/app/cli/test_draining.py::"
    "test_what_is_under_way_is_answered_when_the_server_is_stopped",
    "memory": "tests/app/cli/test_recycling.py::"
    "test_a_server_takes_so_many_connections_and_replaces_workers_that_grow",
    "batches": "tests/app/api/test_batch.py::"
    "test_an_address_that_posts_too_often_is_told_when_to_come_back",
    "reports": "tests/app/voice/test_report_posts.py::test_one_network_says_thirty_things_an_hour",
    "hot": "tests/app/voice/test_report_posts.py::"
    "test_of_a_hot_place_each_report_wants_its_own_proof",
    "place": "tests/app/voice/test_report_posts.py::test_a_place_takes_twenty_reports_an_hour",
    "wishes": "tests/app/voice/test_wishes.py::test_an_hours_allowance_is_five_of_a_network",
    "letters": "tests/app/voice/test_letter_box.py::test_a_network_writes_three_letters_an_hour",
    "codes": "tests/app/voice/test_letter_box.py::test_wrong_receipts_are_heard_ten_times_an_hour",
    "scans": "tests/app/voice/test_report_posts.py::test_one_network_scans_sixty_plates_an_hour",
    "head-time": "tests/app/cli/test_serve.py::"
    "test_who_stops_sending_or_reading_is_closed_while_others_are_answered",
    "still": "tests/app/response/test_connections.py::"
    "test_a_reader_who_stops_reading_is_closed_after_half_a_minute",
    "pace": "tests/app/response/test_connections.py::"
    "test_a_reader_who_reads_too_little_is_closed_after_a_minute",
    "quiet": "tests/app/response/test_connections.py::"
    "test_a_connection_that_waits_for_its_answer_is_left_alone_for_two_minutes",
    "file": "tests/app/api/test_downloads.py::test_who_asks_while_it_is_made_is_told_to_come_back",
    "desk fields": "tests/app/desk/test_views.py::"
    "test_a_form_of_the_desk_has_a_field_for_each_line_of_a_list",
    "drain": "tests/app/cli/test_draining.py::"
    "test_what_is_under_way_is_answered_when_the_server_is_stopped",
    "ticket": "tests/app/voice/test_report_posts.py::"
    "test_who_scans_a_plate_is_believed_for_a_quarter_of_an_hour",
    "proof": "tests/app/voice/test_report_posts.py::"
    "test_of_a_hot_place_each_report_wants_its_own_proof",
    "withdraw": "tests/app/voice/test_report_posts.py::"
    "test_after_ten_minutes_nothing_is_taken_back",
    "versions": "tests/contracts/test_store.py::test_pruning_keeps_the_current_and_the_newest",
    "retention": "tests/app/voice/test_letter_box.py::"
    "test_texts_end_24_months_after_their_letters_and_no_sooner",
}
HERE_CROSSED: Final = {*ADDRESSES, "head", "body", "post", "batch", "fields", "letter", "limit"}


def zigzag(points: int, step_m: float) -> str:
    """A way of so many points within the city, to and fro, as an encoded polyline."""
    step = step_m / 102_800  # of longitude, at this latitude
    text, before = "", (0, 0)
    for number in range(points):
        now = (2_254_050, round((113.9 + step * (number % 2)) * 1e5))
        text += "".join(_encoded(b - a) for a, b in zip(before, now, strict=True))
        before = now
    assert len(decode(text)) == points
    return text


def _encoded(value: int) -> str:
    left, out = ~(value << 1) if value < 0 else value << 1, ""
    while left >= 32:
        out += chr((32 | (left & 31)) + 63)
        left >>= 5
    return out + chr(left + 63)


def test_every_bound_is_crossed_by_a_test() -> None:
    assert HERE_CROSSED | set(ELSEWHERE) == set(BOUNDS)
    assert not HERE_CROSSED & set(ELSEWHERE)


@pytest.mark.parametrize("named", ELSEWHERE.values())
def test_a_test_that_is_named_is_there(named: str) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def refused(answer: Any, bound: Bound) -> None:
    """The answer is the problem that the page names."""
    assert isinstance(bound.reply, ProblemType)
    told = (answer.status_code, answer.get_json()["type"])
    assert told == (bound.reply.status, f"/docs#{bound.reply.slug}"), answer.text


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_parameter_is_answered_up_to_its_bound_and_refused_beyond(
    client: FlaskClient, name: str
) -> None:
    bound, version = BOUNDS[name], client.get("/readyz").get_json()["dataVersion"]
    most = int(bound.most)
    slack = 5_000 if name == "way" else 0
    beyond = most + (slack or 1)
    within, past = (
        client.get(ADDRESSES[name](asked).replace("{version}", version))
        for asked in (most - slack, beyond)
    )
    assert within.status_code == 200, within.text
    refused(past, bound)


def test_a_page_of_features_is_shortened(client: FlaskClient) -> None:
    most = int(BOUNDS["limit"].most)
    page = client.get(f"/ogc/collections/friendly_merchant/items?limit={most + 1}").get_json()
    assert len(page["features"]) == most
    assert "next" in {link["rel"] for link in page["links"]}


BATCH: Final = "/api/v1/nearest/batch"


def test_bodies_are_refused_beyond_their_bytes(client: FlaskClient) -> None:
    def posted(path: str, size: int, kind: str = "application/json") -> Any:
        headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": str(uuid.uuid4())}
        return client.post(path, data=b" " * size, content_type=kind, headers=headers)

    body, post = BOUNDS["body"], BOUNDS["post"]
    refused(posted(BATCH, int(body.most) + 1), body)
    assert posted(BATCH, int(body.most)).status_code == 400
    refused(posted("/api/v1/letters", int(post.most) + 1), post)
    assert posted("/api/v1/letters", int(post.most)).status_code == 400
    form = "application/x-www-form-urlencoded"
    refused(posted("/letters", int(post.most) + 1, form), post)


def test_a_batch_is_refused_beyond_its_points(client: FlaskClient) -> None:
    bound, point = BOUNDS["batch"], [113.96, 22.54]
    with client.post(BATCH, json=[point] * int(bound.most)) as within:
        assert within.status_code == 200
    refused(client.post(BATCH, json=[point] * (int(bound.most) + 1)), bound)


def test_a_letter_and_a_form_are_refused_beyond_theirs(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": str(uuid.uuid4())}
    letter = {"category": "station", "receipt": "0" * 16, "text": "长" * 2_001}
    refused(client.post("/api/v1/letters", json=letter, headers=headers), BOUNDS["letter"])
    fields = {f"f{number}": "x" for number in range(int(BOUNDS["fields"].most) + 1)}
    refused(client.post("/letters", data=fields, headers=headers), BOUNDS["fields"])


def test_a_head_is_refused_beyond_its_bytes(served_demo: str) -> None:
    bound = BOUNDS["head"]
    # The server reads on while it has not seen the end: the next piece may be as long again.
    for size, status in ((bound.most - 2_000, b"200"), (2.2 * bound.most, b"431")):
        with socket.create_connection(("127.0.0.1", urlsplit(served_demo).port or 0)) as asked:
            asked.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Long: " + b"x" * int(size))
            with suppress(BrokenPipeError):  # it has answered already
                asked.sendall(b"\r\n\r\n")
            assert asked.recv(100).split()[1] == status


@pytest.mark.parametrize("language", list(Language))
def test_the_page_says_every_bound_in_its_language(client: FlaskClient, language: Language) -> None:
    page = client.get(f"/limits?lang={language}")
    assert (page.status_code, page.headers["Content-Language"]) == (200, language)
    assert "<script" not in page.text
    for bound in BOUNDS.values():
        row = re.search(rf'<tr id="{bound.name}">(.*?)</tr>', page.text)
        assert row, bound.name
        assert bound.number(language) in row[1]
        assert bound.answered(language).replace("'", "&#39;") in row[1]


def test_the_page_follows_the_settings() -> None:
    set_ = replace(Settings(Path("/nowhere"), "demo"), max_concurrent=8, letters_per_hour=77)
    named = {bound.name: bound.most for bounds in sections(set_).values() for bound in bounds}
    assert (named["requests"], named["dear"], named["stored"], named["letters"]) == (8, 4, 2, 77)


def row(bound: Bound) -> str:
    """A row of the table in the README."""
    reply = bound.answered(Language.ENGLISH)
    test = ELSEWHERE.get(bound.name, "").partition("::")[0].removeprefix("tests/")
    setting = f" `{bound.setting}`" if bound.setting else ""
    crossed = test or "app/pages/test_limits.py"
    return f"| {bound.what}{setting} | {bound.number(Language.ENGLISH)} | {reply} | {crossed} |"


def test_the_readme_has_the_same_rows() -> None:
    text = README.read_text(encoding="utf-8")
    missing = [row(bound) for bound in BOUNDS.values() if row(bound) not in text.splitlines()]
    assert not missing, "\n".join(missing)
