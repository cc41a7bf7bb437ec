"""Letters and reports at the desk: who sees which, and what becomes of them."""

import math
import re
from datetime import timedelta

import pytest

from app.db import audit as audited
from app.db import letters as stored
from app.desk.roles import DeskRole, Scope, ScopeKind
from app.desk.template_pages import given
from app.request import queries
from app.request.letters import Category
from app.voice import letter_box
from app.voice.letters import LetterState
from app.words import Language
from tests.app.desk import samples
from tests.app.desk.desk_town import CITY, DeskTown


def state(town: DeskTown, letter_id: str) -> LetterState:
    with town.desk.database.reading() as connection:
        row = stored.of_id(connection, letter_id)
        assert row
        return letter_box.opened(connection, town.desk.keys, row).course.at(queries.now()).state


def shown(text: str) -> list[str]:
    return re.findall(r'/desk/letters/([\w-]+)"', text)


@pytest.mark.parametrize("kind", ScopeKind)
def test_an_answerer_sees_the_letters_of_their_part_of_the_city_alone(
    town: DeskTown, kind: ScopeKind
) -> None:
    here, there, city = (
        samples.letter(town, street) for street in (town.street, town.elsewhere, "")
    )
    client = town.client(DeskRole.ANSWERER, town.scope(kind))
    seen: set[str] = set()
    for number in range(1, 20):
        found = shown(client.get(f"/desk/letters?state=received&page={number}").text)
        seen.update(found)
    everywhere = kind is ScopeKind.CITY
    assert [each in seen for each in (here, there, city)] == [True, everywhere, everywhere]
    for each, status in ((here, 200), (there, 200 if everywhere else 404)):
        assert client.get(f"/desk/letters/{each}").status_code == status


def test_only_who_may_read_letters_reads_them_and_that_is_written_down(town: DeskTown) -> None:
    letter = samples.letter(town)
    for role, status in ((DeskRole.VIEWER, 403), (DeskRole.EDITOR, 403), (DeskRole.PUBLISHER, 403)):
        assert town.client(role).get(f"/desk/letters/{letter}").status_code == status
        assert samples.TEXT not in town.client(role).get("/desk/letters").text
    client = town.client(DeskRole.ANSWERER)
    assert samples.TEXT in client.get(f"/desk/letters/{letter}").text
    with town.desk.database.reading() as connection:
        noted = audited.page(connection, 10, None, "", f"letter {letter}")
    assert [(each.who, each.verb) for each in noted] == [(client.account.name, "read")]


def test_letters_stand_in_the_order_of_their_deadlines(town: DeskTown) -> None:
    text = town.client(DeskRole.VIEWER).get("/desk/letters").text
    due = re.findall(r"due (\d{4}-\d\d-\d\d)", text)
    assert len(due) > 5
    assert due == sorted(due)


def test_a_letter_is_assigned_answered_and_the_rider_reads_it(town: DeskTown) -> None:
    letter, client = samples.letter(town), town.client(DeskRole.ANSWERER)
    client.post(f"/desk/letters/{letter}/assign", to="维修队", until="2027-01-04")
    assert state(town, letter) is LetterState.ASSIGNED
    page = client.get(f"/desk/letters/{letter}").text
    assert "维修队" in page
    turns = re.findall(r'name="turns" value="(\d+)"', page)[0]
    client.post(f"/desk/letters/{letter}/answer", text="修好了", turns=turns)
    assert state(town, letter) is LetterState.ANSWERED
    assert "修好了" in client.get(f"/desk/letters/{letter}").text


def test_two_who_answer_at_once_do_not_both(town: DeskTown) -> None:
    letter, one, two = (
        samples.letter(town),
        *(town.client(DeskRole.ANSWERER, new=True) for _ in "ab"),
    )
    turns = re.findall(r'name="turns" value="(\d+)"', one.get(f"/desk/letters/{letter}").text)[0]
    first = one.post(f"/desk/letters/{letter}/answer", text="一号", turns=turns)
    second = two.post(f"/desk/letters/{letter}/answer", text="二号写的", turns=turns)
    assert (first.status_code, second.status_code) == (303, 409)
    assert "二号写的" in second.text  # what was written is not lost
    assert "一号" in second.text


def test_about_safety_somebody_else_looks_before_it_is_sent(town: DeskTown) -> None:
    letter = samples.letter(town, category=Category.SAFETY)
    one, two = (town.client(DeskRole.ANSWERER, new=True) for _ in "ab")
    assert one.post(f"/desk/letters/{letter}/answer", text="已加灯").status_code == 303
    assert state(town, letter) is LetterState.RECEIVED
    with town.desk.database.reading() as connection:
        draft = stored.draft_of(connection, letter)
    assert draft
    assert "已加灯".encode() not in draft.sealed
    assert letter in shown(two.get("/desk/letters?state=drafted").text)
    assert one.post(f"/desk/letters/{letter}/approve").status_code == 409
    assert two.post(f"/desk/letters/{letter}/approve").status_code == 303
    assert state(town, letter) is LetterState.ANSWERED
    assert two.post(f"/desk/letters/{letter}/approve").status_code == 409


def test_an_answer_that_waits_is_given_back_and_goes_with_the_letters_text(town: DeskTown) -> None:
    letter = samples.letter(town, category=Category.PAY)
    client = town.client(DeskRole.ANSWERER)
    client.post(f"/desk/letters/{letter}/refuse", text="不在本市", elsewhere="东莞12345")
    assert client.post(f"/desk/letters/{letter}/give-back").status_code == 303
    assert client.post(f"/desk/letters/{letter}/give-back").status_code == 409
    client.post(f"/desk/letters/{letter}/refuse", text="不在本市")
    town.desk.database.write(lambda held: stored.forget_key(held, letter))
    with town.desk.database.reading() as connection:
        assert stored.draft_of(connection, letter) is None
    assert "gone" in client.get(f"/desk/letters/{letter}").text


def test_a_letter_is_refused_with_the_reason_or_handed_over_with_the_reference(
    town: DeskTown,
) -> None:
    refused, handed = (samples.letter(town) for _ in "ab")
    client = town.client(DeskRole.ANSWERER)
    assert client.post(f"/desk/letters/{refused}/refuse", text=" ").status_code == 400
    assert client.post(f"/desk/letters/{refused}/refuse", text="不在本市").status_code == 303
    assert state(town, refused) is LetterState.REFUSED
    assert client.post(f"/desk/letters/{refused}/answer", text="晚了").status_code == 409
    assert client.post(f"/desk/letters/{handed}/hand-over", elsewhere="").status_code == 400
    assert client.post(f"/desk/letters/{handed}/hand-over", elsewhere="1-2").status_code == 303
    assert state(town, handed) is LetterState.HANDED_OVER


def test_several_letters_are_assigned_at_once_and_none_of_another_office(town: DeskTown) -> None:
    mine = [samples.letter(town) for _ in "ab"]
    others = samples.letter(town, town.elsewhere)
    client = town.client(DeskRole.ANSWERER, town.scope(ScopeKind.STREET))
    sent = client.post("/desk/letters/assign", letter=[*mine, others], to="甲")
    assert sent.status_code == 404
    assert {state(town, each) for each in (*mine, others)} == {LetterState.RECEIVED}
    assert client.post("/desk/letters/assign", letter=mine, to="甲").status_code == 303
    assert {state(town, each) for each in mine} == {LetterState.ASSIGNED}
    assert client.post("/desk/letters/assign", to="甲").status_code == 400
    for until in ("soon", "2026-W49-1", "20261207", "0000-00-00"):
        sent = client.post("/desk/letters/assign", letter=mine, to="甲", until=until)
        assert sent.status_code == 400


def test_what_a_rider_writes_never_becomes_html(town: DeskTown) -> None:
    letter, client = samples.letter(town), town.client(DeskRole.ANSWERER)
    client.post(f"/desk/letters/{letter}/answer", text="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(f"/desk/letters/{letter}").text


def test_a_letter_that_another_worker_received_is_opened_before_the_list_has_it(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = town.client(DeskRole.ANSWERER)
    client.get("/desk/letters")
    letter = samples.letter(town)
    monkeypatch.setattr(town.desk._letters, "_look_at", math.inf)  # it looks later
    assert letter not in {each.stored.id for each in town.desk.letters()}
    assert samples.TEXT in client.get(f"/desk/letters/{letter}").text
    for does in ("answer", "approve"):  # both are refused, and show the letter
        assert samples.TEXT in client.post(f"/desk/letters/{letter}/{does}").text
    town.desk.hurry()


def test_a_template_fills_the_answer(town: DeskTown) -> None:
    letter, client = samples.letter(town), town.client(DeskRole.ANSWERER)
    path = f"/desk/letters/{letter}"
    offered = re.findall(r'name="template" value="(\d+)"', client.get(path).text)
    texts = [text for _, text in given(Language.ENGLISH)]
    assert offered == [f"{at}" for at in range(len(texts))]
    for at, text in zip(offered, texts, strict=True):
        page = client.post(f"{path}/insert", template=at).text
        assert re.search(rf'<textarea name="text"[^>]*>{re.escape(text)}</textarea>', page)


def test_reports_that_ask_for_work_are_listed_with_their_notes_for_who_may(town: DeskTown) -> None:
    mine, others = samples.report(town), samples.report(town, town.elsewhere)
    street = town.scope(ScopeKind.STREET)
    for role, reads in (
        (DeskRole.VIEWER, False),
        (DeskRole.EDITOR, True),
        (DeskRole.ANSWERER, True),
    ):
        text = town.client(role, street).get("/desk/reports").text
        assert (samples.NOTE in text) == reads
        assert others not in text
    assert mine in town.client(DeskRole.EDITOR, street).get("/desk/reports").text


def test_a_report_that_is_done_leaves_the_list_and_the_place_says_so_for_a_day(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [samples.report(town, kind=kind) for kind in ("moved", "other")]
    client, place = town.client(DeskRole.EDITOR), samples.place(town)
    path = f"/p/{place}?lang=zh-CN"
    assert client.post(f"/desk/reports/{reports[0]}/done", did="改了门牌").status_code == 303
    assert "已处理" in client.get(path).text
    assert client.post("/desk/reports/done", report=reports).status_code == 409  # all or none
    assert reports[1] in client.get("/desk/reports").text
    assert client.post("/desk/reports/done", report=reports[1:]).status_code == 303
    assert not {*reports} & {*re.findall(r'value="(r-\w+)"', client.get("/desk/reports").text)}
    then = queries.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr("app.request.queries.now", lambda: then)
    town.desk.said.hurry()
    assert "已处理" not in client.get(path).text


def test_a_report_of_another_office_is_not_there(town: DeskTown) -> None:
    others = samples.report(town, town.elsewhere)
    client = town.client(DeskRole.EDITOR, town.scope(ScopeKind.STREET))
    assert client.post(f"/desk/reports/{others}/done").status_code == 404
    assert client.post("/desk/reports/done", report=[others]).status_code == 404


def test_each_number_of_the_board_is_that_of_its_list(town: DeskTown) -> None:
    client = town.client(DeskRole.VIEWER)
    board = client.get("/desk/board").text
    links = re.findall(
        r'<a href="(/desk/(?:board/places|letters|reports)\?[^"]+)">(\d+)</a>', board
    )
    assert len(links) > 50
    by_list = {link.partition("?")[0]: (link, number) for link, number in links}
    for link, number in [*by_list.values(), *links[:5]]:
        text = client.get(link.replace("&amp;", "&")).text
        assert re.search(rf"\b{number} (places|letters|reports)", text), link


def test_a_street_offices_board_is_its_own_line(town: DeskTown) -> None:
    client = town.client(DeskRole.VIEWER, Scope(ScopeKind.STREET, town.street))
    board = client.get("/desk/board").text
    assert re.findall(r'<th scope="row">(.*?)</th>', board) == [town.street]
    path = f"/desk/board/places?street={town.elsewhere}&fault=stale"
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_the_desk_is_drawn_for_every_role(town: DeskTown, language: str) -> None:
    samples.report(town)
    for role in DeskRole:
        client = town.client(role, CITY)
        for page in ("", "account", "account/factor", "letters?state=all", "reports", "board"):
            path = f"/desk/{page}"
            reply = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
            assert (path, reply.status_code) == (path, 200)
            assert f'<html lang="{language}">' in reply.text
