"""Accounts and the audit: who may give what to whom, and that nothing of it is unseen."""

import json
import re
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from app.cli import address
from app.cli.main import cli
from app.db import accounts as stored
from app.db import audit as audited
from app.db import uploads
from app.db.tables import audit as audit_table
from app.db.uploads import StoredUpload
from app.desk import accounts, audit
from app.desk.accounts import IDLE_YEAR, AccountState
from app.desk.audit import Doing
from app.desk.desk import TABLES_KEPT, keep
from app.desk.roles import DeskRole, ScopeKind
from app.request import queries
from app.response.refusals import DeskRefusal
from app.settings import Settings
from tests.app.desk.desk_town import CITY, ROOT, DeskTown


def account(town: DeskTown, name: str) -> stored.StoredAccount:
    with town.desk.database.reading() as connection:
        found = stored.named(connection, name)
    assert found
    return found


def test_an_admin_adds_an_account_and_is_shown_its_link_once(town: DeskTown) -> None:
    admin = town.client(DeskRole.ADMIN)
    done = admin.post("/desk/accounts", name="小李", role="answerer", scope=town.street)
    assert re.search(r"http://localhost/desk/link/[\w-]{43}", done.text)
    assert "/desk/link/" not in admin.get("/desk/accounts").text
    made = account(town, "小李")
    assert (made.role, made.scope_kind, made.scope_name) == ("answerer", "street", town.street)
    admin.post("/desk/accounts", name="Wang", role="viewer", scope="city")
    for alike in ("小李", "Wang", "wang", "ＷＡＮＧ", " wang "):
        again = admin.post("/desk/accounts", name=alike, role="viewer", scope="city")
        assert again.status_code == 409
    for fields in (
        {"name": "x y", "role": "viewer", "scope": "city"},
        {"name": "b", "role": "king", "scope": "city"},
        {"name": "b", "role": "viewer", "scope": "nowhere"},
        {"name": "b", "role": "viewer", "scope": ""},
        {},
    ):
        assert admin.post("/desk/accounts", **fields).status_code == 400


def test_an_admin_of_a_street_office_has_no_say_beyond_it(town: DeskTown) -> None:
    admin = town.client(DeskRole.ADMIN, town.scope(ScopeKind.STREET))
    chief = town.account(DeskRole.ADMIN, CITY).name
    other = town.account(DeskRole.VIEWER, town.scope(ScopeKind.STREET, other=True)).name
    own = town.account(DeskRole.VIEWER, town.scope(ScopeKind.STREET)).name
    text = admin.get("/desk/accounts").text
    assert own in text
    assert f">{chief}<" not in text
    assert f">{other}<" not in text
    for name in (chief, other):
        for does in ("reset", "disable", "enable", "role"):
            assert admin.post(f"/desk/accounts/{name}/{does}").status_code == 404
    for scope in ("city", town.elsewhere, town.district):
        sent = {"name": "climber", "role": "admin", "scope": scope}
        assert admin.post("/desk/accounts", **sent).status_code == 400
        sent = {"role": "admin", "scope": scope}
        assert admin.post(f"/desk/accounts/{own}/role", **sent).status_code == 400
    assert account(town, own).role == DeskRole.VIEWER


def test_a_disabled_account_is_signed_out_at_once_and_enabled_again(town: DeskTown) -> None:
    admin, victim = town.client(DeskRole.ADMIN), town.client(DeskRole.VIEWER, new=True)
    name = victim.account.name
    assert admin.post(f"/desk/accounts/{name}/disable").status_code == 303
    assert victim.get("/desk/").status_code == 303
    assert account(town, name).state == AccountState.DISABLED
    assert admin.post(f"/desk/accounts/{name}/enable").status_code == 303
    assert account(town, name).state == AccountState.ACTIVE


def test_another_role_ends_the_sessions_that_had_the_old_one(town: DeskTown) -> None:
    admin, other = town.client(DeskRole.ADMIN), town.client(DeskRole.ANSWERER, new=True)
    sent = {"role": "viewer", "scope": "city"}
    assert admin.post(f"/desk/accounts/{other.account.name}/role", **sent).status_code == 303
    assert other.get("/desk/letters").status_code == 303


def test_the_last_admin_of_the_city_stays(own_town: DeskTown) -> None:
    admin = own_town.client(DeskRole.ADMIN)
    name = admin.account.name
    own_town.account(DeskRole.ADMIN, own_town.scope(ScopeKind.STREET))  # not of the city
    assert admin.post(f"/desk/accounts/{name}/disable").status_code == 409
    sent = {"role": "viewer", "scope": "city"}
    assert admin.post(f"/desk/accounts/{name}/role", **sent).status_code == 409
    far = queries.now() + 2 * IDLE_YEAR
    assert name not in keep(own_town.desk.database, own_town.desk.heads, far)
    own_town.account(DeskRole.ADMIN, CITY)
    assert admin.post(f"/desk/accounts/{name}/disable").status_code == 303


def test_an_account_idle_for_a_year_is_closed_for_ever(own_town: DeskTown) -> None:
    own_town.account(DeskRole.ADMIN)
    idle = own_town.account(DeskRole.VIEWER).name
    later = queries.now() + IDLE_YEAR
    assert keep(own_town.desk.database, own_town.desk.heads, later - timedelta(days=1)) == []
    closed = keep(own_town.desk.database, own_town.desk.heads, later)
    assert closed == [idle]
    found = account(own_town, idle)
    assert (found.state, found.password, found.factor) == (AccountState.CLOSED, None, None)
    with pytest.raises(DeskRefusal, match="closed for ever"):
        own_town.desk.database.write(lambda c: accounts.new_link(c, found, ROOT, later))
    with pytest.raises(DeskRefusal, match="closed for ever"):
        own_town.desk.database.write(lambda c: accounts.enable(c, found, ROOT, later))


def written(town: DeskTown, many: int) -> None:
    for number in range(many):
        doing = Doing("li", "editor", "edit", f"place st-{number}", "phone", "", "x")
        town.desk.database.write(lambda c, d=doing: audit.note(c, d, queries.now()))


def faults(town: DeskTown) -> list[int]:
    with town.desk.database.reading() as connection:
        return [each.number for each in audit.faults(connection, town.desk.heads)]


@pytest.mark.parametrize("column", ["who", "role", "verb", "thing", "field", "before", "after"])
def test_an_entry_that_is_changed_is_found(own_town: DeskTown, column: str) -> None:
    written(own_town, 4)
    assert faults(own_town) == []
    change = update(audit_table).where(audit_table.c.number == 2).values({column: "other"})
    own_town.desk.database.write(lambda connection: connection.execute(change))
    assert faults(own_town) == [2]


@pytest.mark.parametrize(("number", "found"), [(2, [3]), (1, [2])])
def test_an_entry_that_is_gone_is_found(own_town: DeskTown, number: int, found: list[int]) -> None:
    written(own_town, 4)
    gone = delete(audit_table).where(audit_table.c.number == number)
    own_town.desk.database.write(lambda connection: connection.execute(gone))
    assert faults(own_town) == found


def test_a_chain_cut_at_its_end_or_written_anew_is_told_by_the_second_place(
    own_town: DeskTown,
) -> None:
    written(own_town, 3)
    database, now = own_town.desk.database, queries.now().replace(hour=12)
    keep(database, own_town.desk.heads, now)
    keep(database, own_town.desk.heads, now + timedelta(hours=1))
    assert len(list(audit.read_heads(own_town.desk.heads))) == 1  # one a day
    database.write(lambda c: c.execute(delete(audit_table).where(audit_table.c.number == 3)))
    assert faults(own_town) == [3]
    database.write(lambda c: c.execute(delete(audit_table)))
    own_town.account(DeskRole.VIEWER)
    written(own_town, 5)
    assert faults(own_town) == [3]


def test_of_a_personal_value_a_hash_stands_in_the_audit(town: DeskTown) -> None:
    keys = town.desk.keys
    one = audit.personal(keys, "place st-1", "phone", "13800000000")
    assert "138" not in one[:4]
    assert one == audit.personal(keys, "place st-1", "phone", "13800000000")
    others = {
        audit.personal(keys, "place st-2", "phone", "13800000000"),
        audit.personal(keys, "place st-1", "fax", "13800000000"),
        audit.personal(keys, "place st-1", "phone", "13800000001"),
    }
    assert one not in others
    assert audit.personal(keys, "place st-1", "phone", "") == ""


def test_the_audit_is_read_by_person_by_thing_and_page_by_page(own_town: DeskTown) -> None:
    admin = own_town.client(DeskRole.ADMIN)
    written(own_town, 120)
    first = admin.get("/desk/audit?who=li").text
    older = re.findall(r"before=(\d+)", first)
    assert len(older) == 1
    second = admin.get(f"/desk/audit?who=li&before={older[0]}").text
    things = re.findall(r">(place st-\d+)</a>", first + second)
    assert things == [f"place st-{number}" for number in reversed(range(120))]
    assert "place st-7<" in admin.get("/desk/audit?thing=place+st-7").text


def nuanfeng(town: DeskTown, *words: str) -> Any:
    environ = {"NUANFENG_HOME": str(town.home), "NUANFENG_DATASET": "demo", "LANG": "en"}
    return CliRunner().invoke(cli, words, env=environ)


def test_the_first_admin_is_made_at_the_command_line_and_no_password_is_printed(
    own_town: DeskTown,
) -> None:
    assert "no accounts" in nuanfeng(own_town, "user", "list").output
    added = nuanfeng(own_town, "user", "add", "wang", "--role", "admin", "--scope", "city")
    assert added.exit_code == 0
    link = re.search(r"http://127\.0\.0\.1:8000(/desk/link/[\w-]{43})\n", added.output)
    assert link
    assert own_town.stranger().get(link[1]).status_code == 200
    told = json.loads(nuanfeng(own_town, "user", "list", "--json").output)
    assert [(each["name"], each["role"], each["scope"], each["password"]) for each in told] == [
        ("wang", "admin", "city", False)
    ]


def test_a_link_begins_with_the_address_of_the_server(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_town.account(DeskRole.ADMIN, name="wang")

    def begins(**more: str) -> str:
        for name, value in more.items():
            monkeypatch.setenv(f"NUANFENG_{name}", value)
        (link,) = re.findall(
            r"(http\S+)/desk/link/", nuanfeng(own_town, "user", "reset", "wang").output
        )
        return str(link)

    assert begins() == "http://127.0.0.1:8000"
    for host, shown in ((str(IPv4Address(0)), "127.0.0.1"), ("::1", "[::1]")):
        with address.told(Settings(own_town.home, "demo"), host, 8123):
            assert begins() == f"http://{shown}:8123"
    assert begins(PREFIX="/nuanfeng") == "http://127.0.0.1:8000/nuanfeng"
    assert begins(TRUSTED_HOSTS="map.example.org") == "https://map.example.org/nuanfeng"
    assert begins(TRUSTED_HOSTS="a.example.org,b.example.org") == "http://127.0.0.1:8000/nuanfeng"


def test_accounts_are_changed_at_the_command_line(own_town: DeskTown) -> None:
    own_town.account(DeskRole.ADMIN, name="wang")
    own_town.account(DeskRole.VIEWER, name="li")
    for words, says in (
        (("disable", "li"), "Nobody can sign in as li"),
        (("enable", "li"), "li can sign in again"),
        (("role", "li", "--role", "editor", "--scope", own_town.district), "another role"),
        (("reset", "li"), "/desk/link/"),
    ):
        done = nuanfeng(own_town, "user", *words)
        assert done.exit_code == 0
        assert says in done.output
    found = account(own_town, "li")
    assert (found.role, found.scope_name) == ("editor", own_town.district)
    for words in (
        ("disable", "wang"),
        ("disable", "nobody"),
        ("add", "li", "--role", "viewer", "--scope", "city"),
        ("add", "x", "--role", "king", "--scope", "city"),
        ("add", "x", "--role", "viewer", "--scope", "nowhere"),
    ):
        assert nuanfeng(own_town, "user", *words).exit_code == 1


def test_the_audit_is_verified_and_exported_at_the_command_line(own_town: DeskTown) -> None:
    own_town.account(DeskRole.VIEWER, name="li")
    assert "is whole" in nuanfeng(own_town, "audit", "verify").output
    for name in ("a.csv", "a.jsonl"):
        out = own_town.home / name
        assert nuanfeng(own_town, "audit", "export", "-o", str(out)).exit_code == 0
        assert len(out.read_text(encoding="utf-8-sig").splitlines()) >= 2
    lines = (own_town.home / "a.jsonl").read_text().splitlines()
    with own_town.desk.database.reading() as connection:
        assert [json.loads(line)["digest"] for line in lines] == [
            each.digest for each in audited.every(connection)
        ]
    change = update(audit_table).where(audit_table.c.number == 1).values(after="admin")
    own_town.desk.database.write(lambda connection: connection.execute(change))
    told = nuanfeng(own_town, "audit", "verify")
    assert told.exit_code == 1
    assert nuanfeng(own_town, "audit", "export", "-o", "a.txt").exit_code == 1


def test_the_bytes_of_a_table_end_with_its_time_and_what_was_sent_stays(
    own_town: DeskTown,
) -> None:
    database, now = own_town.desk.database, queries.now()
    for name, ago in (("old", TABLES_KEPT + timedelta(days=1)), ("new", timedelta(days=1))):
        sent = StoredUpload(name, "a.csv", "a", "", "", 1, "0" * 64, "wang", now - ago)
        database.write(lambda connection, sent=sent: uploads.add(connection, sent))
        database.write(lambda connection, name=name: uploads.add_part(connection, name, 0, b"x"))
    keep(database, own_town.desk.heads, now)
    assert [b"".join(uploads.parts(database, name)) for name in ("old", "new")] == [b"", b"x"]
    with database.reading() as connection:
        assert uploads.get(connection, "old")
