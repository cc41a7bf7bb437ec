"""The page of the API: grouped as its document says, an example of each answer that is a real one,
and fields to try each question.
"""

import html
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api.contract import openapi, tags
from app.factory import create_app
from app.pages import example_replies
from app.pages.example_replies import short
from app.response.concurrency import Limit
from app.settings import Settings


@pytest.fixture(scope="module")
def sections(client: FlaskClient) -> dict[str, str]:
    """What the page says of each operation, by its name."""
    text = client.get("/docs").text
    return dict(re.findall(r'<section class="read" id="(\w+)">(.*?)</section>', text, re.DOTALL))


def example(section: str) -> str:
    found = re.findall(r'<pre class="reply"[^>]*><code>(.*?)</code></pre>', section, re.DOTALL)
    return html.unescape(found[0]) if found else ""


def test_every_operation_has_one_tag_and_stands_under_it(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json(force=True)
    tagged = [
        (operation["tags"], operation["operationId"])
        for item in document["paths"].values()
        for operation in item.values()
    ]
    assert all(len(names) == 1 for names, _ in tagged)
    assert {name for (name,), _ in tagged} == {tag["name"] for tag in document["tags"]}
    groups = re.findall(
        r'<section class="tag" id="tag-\d+">\s*<h2[^>]*>(.*?)</h2>(.*?)'
        r'(?=<section class="tag"|id="problems")',
        client.get("/docs").text,
        re.DOTALL,
    )
    assert [html.unescape(name) for name, _ in groups] == list(tags.TAGS)
    stand = {
        (html.unescape(name), one)
        for name, text in groups
        for one in re.findall(r'class="read" id="(\w+)"', text)
    }
    assert stand == {(name, one) for (name,), one in tagged}


#: What is answered nothing that can be shown: a reply without a body, and a file.
SILENT = {"withdraw", "withdrawWish", "bulk"}


def test_every_operation_shows_an_example_of_its_answer(sections: dict[str, str]) -> None:
    without = {name for name, section in sections.items() if not example(section)}
    assert without - {"problems"} <= SILENT


@pytest.mark.parametrize(
    "operation", [each for each in openapi.OPERATIONS if each.answer], ids=lambda each: each.name
)
def test_the_example_of_a_question_is_an_answer_of_its_shape(
    sections: dict[str, str], operation: openapi.Operation
) -> None:
    said = json.loads(example(sections[operation.name]))
    if operation.name == "ogcZones":  # the demo city has none, and says so
        assert said["status"] == 404
        return
    assert operation.answer is not None
    msgspec.convert(said, operation.answer)
    fields = {field.encode_name for field in msgspec.structs.fields(operation.answer)}
    assert set(said) <= fields


def test_each_question_can_be_tried_with_what_its_example_asks(sections: dict[str, str]) -> None:
    for operation in openapi.OPERATIONS:
        (form,) = re.findall(
            r'<form class="try" hidden[^>]*>.*?</form>', sections[operation.name], re.DOTALL
        )
        fields = dict(
            re.findall(r'name="(\w+)" data-carried="(?:path|query)" value="([^"]*)"', form)
        )
        described = openapi.describe()["paths"][operation.path][operation.method]["parameters"]
        assert set(fields) == {each["name"] for each in described}
        in_path = [each["name"] for each in described if each["in"] == "path"]
        assert all(fields[name] for name in in_path), operation.name
    for name in ("report", "writeLetter", "wish"):  # what is written is tried by nobody
        assert "<form" not in sections[name]


def test_lists_are_cut_and_positions_are_not() -> None:
    row = ["st-1", 113.9, 22.5, 3, None, "a", True]
    long = {"rows": [row] * 9, "at": [113.9, 22.5], "words": ["a"] * 9, "n": list(range(9))}
    assert short(long, 100) == {
        "rows": [row],
        "at": [113.9, 22.5],
        "words": ["a"] * 5,
        "n": [0, 1, 2, 3, 4],
    }
    assert list(short(long, 2)) == ["rows", "at"]


def test_another_name_of_the_server_costs_no_new_answers_and_stands_in_their_links(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answer = example_replies._answer

    def counted(app: Flask, own_url: str, call: example_replies.Call) -> str | None:
        asked.append(call.address)
        return answer(app, own_url, call)

    monkeypatch.setattr(example_replies, "_answer", counted)
    client = create_app(Settings(demo_home, "demo")).test_client()
    pages = {host: client.get("/docs", headers={"Host": host}).text for host in ("a.example", "b")}
    assert 0 < len(asked) == len(set(asked))
    for host, page in pages.items():
        assert f"http://{host}/ogc/collections" in html.unescape(page)
        assert "http://localhost/" not in page


def test_what_a_page_asks_itself_takes_no_turn_of_another(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    let_in = Limit._let_in

    def noted(self: Limit, environ: Any, *args: Any, **kwargs: Any) -> Any:
        taken.append(environ["PATH_INFO"])
        return let_in(self, environ, *args, **kwargs)

    monkeypatch.setattr(Limit, "_let_in", noted)
    assert create_app(Settings(demo_home, "demo")).test_client().get("/docs").status_code == 200
    assert taken == ["/docs"]
