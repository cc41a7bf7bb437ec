"""Letters over both databases: sealed, found by a receipt alone, answered, and ended."""

import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.db import letters as stored
from app.db import posts
from app.db.database import Database
from app.db.letters import ReadUntil as Until
from app.db.tables import letter_key, metadata
from app.live.current import Live
from app.request.letters import Category
from app.response.refusals import NotNow
from app.voice import demo_letters, letter_box
from app.voice.keys import KeyRing, NoKey
from app.voice.letter_box import NewLetter, Written
from app.voice.letter_routes import LetterBox
from app.voice.letters import RETENTION, Happening
from app.voice.posting import Voice
from app.voice.receipts import LENGTH, hash_of, new_receipt, read_receipt
from app.voice.setting_up import make_ready
from geodata.errors import BadValue
from geodata.store.files import Dataset
from tests.app.db.conftest import NOW
from tests.app.voice.letter_town import DAY, TEXT, Town, town

__all__ = ["town"]


def everything(database: Database) -> bytes:
    """Every value of every table, as bytes."""
    said = []
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                said.extend(each if isinstance(each, bytes) else str(each).encode() for each in row)
    return b"\n".join(said)


def test_a_letters_whole_life_with_reopening(town: Town) -> None:
    receipt = new_receipt()
    taken = town.write(receipt, street="粤海街道")
    assert (taken.status_code, taken.json["due_on"]) == (201, "2026-12-07")
    letter_id = taken.json["id"]
    assert town.status(receipt).json["state"] == "received"
    town.at(NOW + DAY)
    assert town.operate(letter_id, Happening.ASSIGNED) == "assigned"
    assert town.operate(letter_id, Happening.ANSWERED, "明天来修") == "answered"
    opened = town.status(receipt).json
    assert (opened["told"][1]["text"], opened["may"]) == (
        "明天来修",
        ["solved", "not_solved", "withdrawn"],
    )
    town.at(NOW + 2 * DAY)
    said = town.post("/words", receipt=receipt, says="not_solved", text="还是没有热水")
    assert said.json["state"] == "reopened"
    assert town.operate(letter_id, Happening.ANSWERED, "已更换") == "answered"
    town.at(NOW + 3 * DAY)
    assert town.post("/words", receipt=receipt, says="solved").json["state"] == "solved"
    opened = town.status(receipt).json
    assert (opened["reopened"], opened["may"]) == (1, ["not_solved", "withdrawn"])
    assert [each["text"] for each in opened["told"]][2] == "还是没有热水"


def test_only_the_holder_ends_a_letter_as_solved(town: Town) -> None:
    receipt = new_receipt()
    letter_id = town.write(receipt).json["id"]
    with pytest.raises(NotNow):
        town.operate(letter_id, Happening.SOLVED)
    town.operate(letter_id, Happening.ANSWERED, "好的")
    town.at(NOW + 14 * DAY)
    assert town.status(receipt).json["state"] == "no_reaction"


def test_what_may_not_happen_now_is_refused_and_not_written(town: Town) -> None:
    receipt = new_receipt()
    town.write(receipt)
    refused = town.post("/words", receipt=receipt, says="solved")
    assert (refused.status_code, refused.json["type"]) == (409, "/docs#not-now")
    assert town.status(receipt).json["told"] == []


def test_no_text_code_or_address_stands_in_the_database(town: Town) -> None:
    receipt = new_receipt()
    town.write(receipt, contact="13800138000", where="南海大道路灯")
    letter_id = town.status(receipt).json["id"]
    town.operate(letter_id, Happening.ANSWERED, "已派单")
    held = everything(town.voice.database)
    for secret in (TEXT, "张三", "13800138000", "南海大道", "已派单", "192.0.2"):
        assert secret.encode() not in held
    assert receipt.encode() not in held
    assert read_receipt(receipt).encode() not in held


def test_taken_back_the_text_is_gone_in_every_byte(town: Town, tmp_path: Path) -> None:
    receipt = new_receipt()
    letter_id = town.write(receipt).json["id"]
    with town.voice.database.reading() as connection:
        wrapped = stored.key_of(connection, letter_id)
    assert wrapped is not None
    assert town.post("/words", receipt=receipt, says="withdrawn").json["state"] == "withdrawn"
    opened = town.status(receipt).json
    assert (opened["text"], opened["may"], opened["state"]) == (None, [], "withdrawn")
    database = town.voice.database
    assert wrapped.wrapped not in everything(database)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        assert wrapped.wrapped not in Path(str(database.url.database)).read_bytes()


def test_texts_end_24_months_after_their_letters_and_no_sooner(town: Town) -> None:
    receipts = [new_receipt(), new_receipt()]
    ids = [town.write(each).json["id"] for each in receipts]
    town.operate(ids[0], Happening.REFUSED, "不在本市")
    forget = town.voice.database.write
    assert forget(lambda connection: letter_box.forget_old(connection, NOW + RETENTION - DAY)) == 0
    assert forget(lambda connection: letter_box.forget_old(connection, NOW + RETENTION)) == 1
    assert [town.status(each).json["text"] for each in receipts] == [None, TEXT]


def test_the_same_post_twice_is_one_letter(town: Town) -> None:
    receipt, key = new_receipt(), str(uuid.uuid4())
    sent = {"category": "praise", "text": "谢谢", "receipt": receipt}
    first, again = town.post("", key, **sent), town.post("", key, **sent)
    assert first.json == again.json
    with town.voice.database.reading() as connection:
        found = stored.since(connection, Until(), NOW - DAY)
    assert len(found.letters) == 1


def test_a_receipt_is_one_letters(town: Town) -> None:
    receipt = new_receipt()
    town.write(receipt)
    refused = town.write(receipt, text="另一封")
    assert refused.status_code == 400
    assert [each["parameter"] for each in refused.json["errors"]] == ["receipt"]


def test_wrong_receipts_are_heard_ten_times_an_hour(town: Town) -> None:
    receipt = new_receipt()
    town.write(receipt)
    wrong = [town.status(new_receipt()).status_code for _ in range(11)]
    assert wrong == [404] * 10 + [429]
    late = town.status(receipt)
    assert late.status_code == 429  # not even the right one: nobody learns which was
    assert int(late.headers["Retry-After"]) > 0
    assert town.status(receipt, network="198.51.100.7").status_code == 200
    town.at(NOW + timedelta(hours=2))
    assert town.status(receipt).status_code == 200


def test_a_network_writes_three_letters_an_hour(town: Town) -> None:
    codes = [town.write(new_receipt()).status_code for _ in range(4)]
    assert codes == [201, 201, 201, 429]


def test_a_letter_is_opened_by_no_cache_and_no_other_site(town: Town) -> None:
    receipt = new_receipt()
    town.write(receipt)
    opened = town.status(receipt)
    assert opened.headers["Cache-Control"] == "no-store"
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in opened.headers
    sent = {"json": {"receipt": receipt}, "headers": {"Sec-Fetch-Site": "cross-site"}}
    assert town.app.test_client().post("/api/v1/letters/status", **sent).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "weather"},
        {"text": ""},
        {"text": " \n "},
        {"text": "长" * 2_001},
        {"receipt": "7Z3K-9QXM-2B8T-WEH"},
        {"receipt": "7Z3K-9QXM-2B8T-WEHU"},
        {"street": "不存在街道"},
        {"contact": "a" * 201},
        {"unknown": "x"},
    ],
)
def test_what_is_no_letter_is_refused_by_the_member_at_fault(
    town: Town, wrong: dict[str, str]
) -> None:
    rest = {name: value for name, value in wrong.items() if name != "receipt"}
    refused = town.write(wrong.get("receipt", new_receipt()), **rest)
    assert refused.status_code == 400
    assert [each["parameter"] for each in refused.json["errors"]] == [*wrong]


def test_where_nobody_answers_no_letter_is_taken(
    voice: Voice, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(voice, Live(Dataset(demo_home, "demo")), monkeypatch, answerers="")
    monkeypatch.setattr(LetterBox, "takes", lambda self: False)
    assert town.write(new_receipt()).status_code == 403
    page = town.app.test_client().get("/letters?lang=en")
    assert "Nobody answers letters here yet" in page.text
    assert 'name="text"' not in page.text


def test_a_server_without_the_keys_does_not_start(voice: Voice, town: Town, tmp_path: Path) -> None:
    town.write(new_receipt())
    snapshot = town.live.snapshot()
    for folder in ("nothing", "others"):
        keys = KeyRing(tmp_path / folder)
        if folder == "others":
            keys.made(f"letter-{NOW:%Y-%m}")
        with pytest.raises(NoKey):
            make_ready(Voice(voice.database, keys, voice.limits), snapshot, "demo", NOW)
    make_ready(voice, snapshot, "demo", NOW)


def test_the_demo_is_400_letters_with_a_clock_and_is_made_anew(town: Town) -> None:
    own = new_receipt()
    town.write(own)
    for now in (NOW, NOW + 100 * DAY):
        town.at(now)
        town.voice.database.write(
            lambda connection, now=now: demo_letters.fill(
                connection, town.voice.keys, town.live.snapshot(), now
            )
        )
        told = LetterBox(town.voice, town.live, town.said, "").clock(now)
        assert told.whole.received == 400 + (now == NOW)
        assert len(told.by_street) == 6  # one letter to no office is summed with the smallest
        assert len(told.by_category) == 5
        assert told.whole.solved_days[0] is not None
        assert told.whole.solved_days[0].is_reached
    assert town.status(own).json["text"] == TEXT


def test_the_clock_follows_what_is_written(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.voice.clock_face._LOOK_EVERY_S", -1.0)
    ids = []
    for number in range(6):
        new = NewLetter(Category.STATION, "", "", Written("."), read_receipt(new_receipt()))
        row = town.voice.database.write(
            lambda connection, new=new: letter_box.receive(connection, town.voice.keys, new, NOW)
        )
        ids.append(row.id)
        assert town.box.clock(NOW).whole.received == (number + 1 if number + 1 >= 5 else None)
    for letter_id in ids:
        town.operate(letter_id, Happening.ANSWERED)
    assert town.box.clock(NOW).whole.answered == 6


def test_a_receipt_is_80_random_bits_however_it_is_typed() -> None:
    codes = {read_receipt(new_receipt()) for _ in range(500)}
    assert len(codes) == 500
    for place in range(LENGTH):  # no character is fixed, and none is left out
        assert len({code[place] for code in codes}) > 24
    assert read_receipt(" 7z3k–9qxm 2b8t_wehc ") == "7Z3K9QXM2B8TWEHC"
    assert read_receipt("oOiI-lL11-0000-0000") == "0011111100000000"
    assert hash_of("7Z3K9QXM2B8TWEHC") != hash_of("7Z3K9QXM2B8TWEHD")
    with pytest.raises(BadValue):
        read_receipt("7Z3K-9QXM-2B8T-WEH！")


def test_no_hash_in_the_kept_replies_opens_a_letter(town: Town) -> None:
    receipt, key = new_receipt(), str(uuid.uuid4())
    town.post("", key, category="praise", text="谢谢", receipt=receipt)
    from app.voice.posting import key_of

    with town.voice.database.reading() as connection:
        kept = posts.kept(connection, key_of(key))
    assert kept is not None
    assert hash_of(read_receipt(receipt)).encode() not in kept.reply
    with town.voice.database.reading() as connection:
        assert connection.execute(select(letter_key)).one().month == f"{NOW:%Y-%m}"


@pytest.mark.parametrize("day", [date(2026, 11, 29), date(2027, 12, 2), date(9999, 12, 31)])
def test_no_answer_is_promised_for_a_day_past_or_years_ahead(day: date) -> None:
    today = date(2026, 11, 30)
    with pytest.raises(BadValue, match=f"{day} is no day to answer by: say one from {today} to"):
        letter_box.assigned("甲", day, today)
    assert letter_box.assigned("甲", today, today) == {"to": "甲", "until": "2026-11-30"}
    assert letter_box.assigned("甲", None, today)["until"] == ""
