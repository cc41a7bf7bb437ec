"""The letter box without a script: written, opened and ended by forms; nothing written is lost."""

import html
import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app.db import letters as stored_letters
from app.voice.letters import Happening
from app.voice.receipts import new_receipt
from tests.app.db.conftest import NOW
from tests.app.voice.letter_town import DAY, OWN, TEXT, Town, town

__all__ = ["town"]

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def send(town: Town, path: str, **fields: str) -> TestResponse:
    client = town.app.test_client()
    base = {"REMOTE_ADDR": "192.0.2.1"}
    return client.post(f"/letters{path}?lang=en", data=fields, headers=OWN, environ_base=base)


def form(town: Town) -> dict[str, str]:
    """The hidden fields of the form to write by."""
    page = town.app.test_client().get("/letters?lang=en")
    assert page.headers["Cache-Control"] == "no-store"
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page.text))


def test_a_letters_whole_life_without_a_script(town: Town) -> None:
    fields = {**form(town), "category": "safety", "street": "", "text": TEXT}
    taken = send(town, "", **fields)
    assert taken.status_code == 201
    assert fields["receipt"] in taken.text
    assert f"http://localhost/letters#{fields['receipt']}" in taken.text
    assert "2026-12-01" in taken.text  # one working day, as it is about safety
    again = send(town, "", **fields)
    assert again.status_code == 201
    letter_id = town.status(fields["receipt"]).json["id"]
    town.operate(letter_id, Happening.ANSWERED, "已装灯")
    town.at(NOW + DAY)
    opened = send(town, "/open", receipt=fields["receipt"].lower().replace("-", " "))
    assert (opened.status_code, "已装灯" in opened.text, TEXT in opened.text) == (200, True, True)
    key = re.search(r'name="key" value="([^"]+)"', opened.text)
    assert key is not None
    ended = send(town, "/word", key=key[1], receipt=fields["receipt"], says="solved")
    assert (ended.status_code, "Solved" in ended.text) == (200, True)
    assert town.status(fields["receipt"]).json["state"] == "solved"


def test_what_was_written_stands_in_the_form_after_a_fault(town: Town) -> None:
    fields = {
        **form(town),
        "category": "pay",
        "street": "没有的街道",
        "text": TEXT + "\r\n第二行",
    }
    refused = send(town, "", **fields)
    assert refused.status_code == 400
    assert f"{TEXT}\n第二行</textarea>" in refused.text
    assert fields["receipt"] in refused.text
    assert '<option value="pay" selected>' in refused.text
    assert 'role="alert"' in refused.text


def test_after_too_many_letters_the_text_is_kept_and_the_time_is_told(town: Town) -> None:
    for _ in range(3):
        town.write(new_receipt(), text="一")
    refused = send(town, "", **form(town), category="pay", street="", text=TEXT)
    assert (refused.status_code, TEXT in refused.text) == (429, True)
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize("field", ["text", "where", "contact"])
def test_no_text_becomes_html(town: Town, field: str) -> None:
    fields = {**form(town), "category": "station", "street": "", "text": TEXT, field: SCRIPT}
    pages = [send(town, "", **fields)]
    letter_id = town.status(fields["receipt"]).json["id"]
    town.operate(letter_id, Happening.ANSWERED, SCRIPT)
    pages.append(send(town, "/open", receipt=fields["receipt"]))
    pages.append(send(town, "", **form(town) | fields | {"street": SCRIPT, "category": SCRIPT}))
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img" not in page.text.replace('<img src="/favicon.svg"', "")
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert html.escape(SCRIPT) in pages[1].text


def test_a_form_of_another_site_is_refused(town: Town) -> None:
    client = town.app.test_client()
    for path in ("", "/open", "/word"):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.org"}, {}):
            assert client.post(f"/letters{path}", data={}, headers=headers).status_code == 403


def test_a_wrong_receipt_is_told_and_counted(town: Town) -> None:
    codes = [send(town, "/open", receipt=new_receipt()).status_code for _ in range(11)]
    assert codes == [404] * 10 + [429]
    assert send(town, "/open", receipt="没有").status_code == 400


def test_no_page_sets_a_cookie_or_tells_its_address(town: Town) -> None:
    fields = {**form(town), "category": "station", "street": "", "text": TEXT}
    client = town.app.test_client()
    pages = [client.get("/letters"), send(town, "", **fields)]
    pages.append(send(town, "/open", receipt=fields["receipt"]))
    for page in pages:
        assert "Set-Cookie" not in page.headers
        assert page.headers["Referrer-Policy"] == "same-origin"


def test_both_languages_say_what_becomes_public(town: Town) -> None:
    client = town.app.test_client()
    assert "会公开的：事由、街道和日期" in client.get("/letters?lang=zh-CN").text
    english = html.unescape(client.get("/letters?lang=en").text)
    assert "Do not write numbers of identity cards" in english
    town.at(NOW + timedelta(days=400))
    assert client.get("/letters?lang=en&utm_source=x").status_code == 200


def test_a_pin_put_by_hand_goes_with_a_letter_and_is_sealed(town: Town) -> None:
    receipt = new_receipt()
    sent = {"category": "roadside", "text": "路灯不亮", "receipt": receipt}
    outside = town.post("", **sent, pin="113.9,39.9")
    assert (outside.status_code, outside.json["errors"][0]["parameter"]) == (400, "pin")
    assert town.post("", **sent, pin="22.54388N").status_code == 400
    assert town.post("", **sent, pin="113.96739,22.54388").status_code == 201
    opened = town.app.test_client().post(
        "/api/v1/letters/status", json={"receipt": receipt}, headers=OWN
    )
    assert opened.json["pin"] == "113.96739,22.54388"
    page = town.app.test_client().post(
        "/letters/open?lang=en", data={"receipt": receipt}, headers=OWN
    )
    assert 'href="geo:22.54388,113.96739"' in page.text
    with town.voice.database.reading() as connection:
        rows = stored_letters.since(connection, stored_letters.ReadUntil(), town.now - DAY)
    assert all(b"113.967" not in each.sealed for each in rows.letters)
