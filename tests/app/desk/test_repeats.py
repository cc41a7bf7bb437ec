"""A form whose answer was lost comes again: what it did is done once, and its page comes."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from app.db import edits, jobs
from app.desk.roles import DeskRole
from tests.app.desk import samples
from tests.app.desk.desk_town import TOKEN, DeskClient, DeskTown

NEW = {"name": "新站", "kind": "warm_bee_station", "geometry": "113.95 22.54", "layer": "main"}


def marked(client: DeskClient, path: str) -> str:
    """The token of a page's forms, with the mark of that page."""
    found = TOKEN.search(client.get(path).text)
    assert found
    return found[1]


def sent(client: DeskClient, path: str, token: str, **fields: str) -> TestResponse:
    return client.post(path, **fields | {"csrf": token})


def test_a_place_that_is_added_twice_by_one_form_is_one_place(own_town: DeskTown) -> None:
    publisher = own_town.client(DeskRole.PUBLISHER)
    token = marked(publisher, "/desk/new-place")
    first, again = (sent(publisher, "/desk/new-place", token, **NEW) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    other = sent(publisher, "/desk/new-place", token, **NEW | {"name": "另一站"})
    fresh = sent(publisher, "/desk/new-place", marked(publisher, "/desk/new-place"), **NEW)
    places = {each.headers["Location"] for each in (first, other, fresh)}
    assert len(places) == 3  # other words, or another page, are another thing


def test_a_publication_that_is_asked_for_again_is_one_job(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, as a phone that tries again before the first try has ended."""
    monkeypatch.setattr(own_town.desk.jobs, "look", lambda: None)
    publisher = own_town.client(DeskRole.PUBLISHER)
    sent(publisher, "/desk/new-place", marked(publisher, "/desk/new-place"), **NEW)
    token = marked(publisher, "/desk/waiting")
    cookie = publisher.client.get_cookie("desk")
    assert cookie

    def publish(_: int) -> str:
        browser = own_town.app.test_client()
        browser.set_cookie("desk", cookie.value)
        mine = DeskClient(browser, publisher.account, publisher.csrf)
        reply = sent(mine, "/desk/waiting", token, act="all")
        assert reply.status_code == 303, reply.text
        return reply.headers["Location"]

    with ThreadPoolExecutor(4) as pool:
        led = {*pool.map(publish, range(4))}
    assert len(led) == 1
    assert re.fullmatch("/desk/jobs/[0-9a-f]+", led.pop())
    with own_town.desk.database.reading() as connection:
        assert [each.kind for each in jobs.newest(connection, 9)] == ["edits"]


def test_an_answer_that_is_sent_again_is_sent_once_and_says_no_fault(own_town: DeskTown) -> None:
    answerer, letter = own_town.client(DeskRole.ANSWERER), samples.letter(own_town)
    path = f"/desk/letters/{letter}"
    token = marked(answerer, path)
    for _ in range(2):
        reply = sent(answerer, f"{path}/answer", token, turns="0", text="修好了")
        assert (reply.status_code, reply.headers["Location"]) == (303, path)
    assert answerer.get(path).text.count("修好了") == 1


def test_a_mark_is_its_accounts_and_its_sessions_token_is_wanted_all_the_same(
    own_town: DeskTown,
) -> None:
    one, other = (own_town.client(DeskRole.PUBLISHER, new=True) for _ in range(2))
    token = marked(one, "/desk/new-place")
    mark = token.partition(".")[2]
    assert sent(other, "/desk/new-place", token, **NEW).status_code == 403
    first = sent(one, "/desk/new-place", token, **NEW)
    second = sent(other, "/desk/new-place", f"{other.csrf}.{mark}", **NEW)
    assert first.headers["Location"] != second.headers["Location"]


def test_what_was_refused_may_be_sent_again_once_it_is_mended(own_town: DeskTown) -> None:
    publisher = own_town.client(DeskRole.PUBLISHER)
    token = marked(publisher, "/desk/new-place")
    refused = sent(publisher, "/desk/new-place", token, **NEW | {"name": ""})
    assert refused.status_code >= 400
    again = TOKEN.search(refused.text)
    assert again
    made = sent(publisher, "/desk/new-place", again[1], **NEW)
    place = made.headers["Location"].rpartition("/")[2]
    with own_town.desk.database.reading() as connection:
        assert {each.value for each in edits.history(connection, place, 9)} >= {"新站"}
