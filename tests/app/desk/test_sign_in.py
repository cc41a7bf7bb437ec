"""Signing in: nobody learns who has an account, and nobody keeps a session that is not theirs."""

import re
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pyotp
import pytest

from app.db import accounts as stored
from app.db import audit as audited
from app.desk import accounts, passwords, second_factor
from app.desk.accounts import LINK_LIVES
from app.desk.roles import DeskRole
from app.desk.sessions import IDLE, LONGEST
from app.request import queries
from tests.app.desk.desk_town import LOOPBACK, OWN, PHONE, ROOT, DeskTown, code

GOOD = "correct horse battery staple"


def person(town: DeskTown, role: DeskRole = DeskRole.VIEWER) -> str:
    """An account with a password; its name."""
    made = town.account(role)
    town.desk.database.write(
        lambda held: stored.change(held, made.number, password=passwords.hashed(GOOD))
    )
    return made.name


def sign_in(
    town: DeskTown, name: str, password: str = GOOD, *, browser: Any = None, **more: Any
) -> Any:
    client = browser or town.app.test_client()
    data = {
        "name": name,
        "password": password,
        "code": more.pop("code", ""),
        **more.pop("form", {}),
    }
    return client.post("/desk/sign-in", base_url=LOOPBACK, headers=OWN, data=data, **more)


def token_in(reply: Any) -> str:
    cookie: SimpleCookie = SimpleCookie(reply.headers["Set-Cookie"])
    return next(iter(cookie.values())).value


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    then = queries.now() + by
    monkeypatch.setattr("app.request.queries.now", lambda: then)


def test_the_right_password_signs_in_and_is_kept_nowhere(town: DeskTown) -> None:
    name = person(town)
    reply = sign_in(town, name)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/desk/")
    flags = reply.headers["Set-Cookie"].split("; ")
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} <= {*flags}
    token = token_in(reply)
    with town.desk.database.reading() as connection:
        held = connection.exec_driver_sql("SELECT token FROM desk_session").scalars().all()
    assert token not in held
    assert passwords.token_hash(token) in held
    assert len(token) >= 43  # 256 bits in base 64


def test_over_https_the_cookie_is_of_this_host_alone(town: DeskTown) -> None:
    client, name = town.app.test_client(), person(town)
    data = {"name": name, "password": GOOD}
    reply = client.post("/desk/sign-in", base_url="https://desk.example", headers=OWN, data=data)
    assert re.fullmatch(
        r"__Host-desk=[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict",
        reply.headers["Set-Cookie"],
    )


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("http://desk.example", "127.0.0.1"),
        ("http://localhost", "192.0.2.7"),
        ("http://127.0.0.1.example", "127.0.0.1"),
        ("http://192.0.2.7", "192.0.2.7"),
    ],
)
def test_over_http_only_this_machine_is_answered(town: DeskTown, host: str, address: str) -> None:
    client = town.app.test_client()
    reply = client.get("/desk/sign-in", base_url=host, environ_base={"REMOTE_ADDR": address})
    assert reply.status_code == 403
    assert "https" in reply.text
    assert "Set-Cookie" not in reply.headers


def test_a_failed_sign_in_says_the_same_whatever_the_fault(town: DeskTown) -> None:
    known, disabled, fresh = person(town), person(town), town.account(DeskRole.VIEWER).name
    admin = person(town, DeskRole.ADMIN)
    with town.desk.database.reading() as connection:
        account = stored.named(connection, disabled)
    assert account
    town.desk.database.write(lambda c: accounts.disable(c, account, ROOT, queries.now()))
    said = set()
    for name, password, one_time in (
        (known, "wrong horse", ""),
        ("nobody-at-all", GOOD, ""),
        (disabled, GOOD, ""),
        (fresh, GOOD, ""),
        (admin, GOOD, "000000"),
        (admin, GOOD, ""),
        ("", "", ""),
    ):
        reply = sign_in(town, name, password, code=one_time)
        said.add((reply.status_code, re.sub(r'value="[^"]*"', "", reply.text)))
        assert "Set-Cookie" not in reply.headers
    assert [status for status, _ in said] == [403]


def test_a_name_that_is_nobodys_takes_as_long(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in what takes the time: one hash is worked out, and one unit written, each time."""
    worked: list[str] = []
    right, write = passwords.is_right, town.desk.database.write
    monkeypatch.setattr(passwords, "is_right", lambda *sent: worked.append("hash") or right(*sent))
    monkeypatch.setattr(
        town.desk.database, "write", lambda unit: worked.append("unit") or write(unit)
    )
    for name in (person(town), "nobody"):
        worked.clear()
        sign_in(town, name, "wrong horse")
        assert worked.count("hash") == 1
        assert worked[-1] == "unit"


def test_a_password_is_hashed_as_rfc_9106_has_it(own_hasher: str) -> None:
    """Its second choice: argon2id, 64 MiB, three passes; and the same for who has none."""
    assert own_hasher.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_ten_failed_tries_lock_an_account_that_the_right_password_does_not_open(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = person(town)
    monkeypatch.setattr(passwords, "is_right", lambda _, password: password == GOOD)
    for number in range(accounts.ACCOUNT_TRIES):
        assert sign_in(town, name, f"wrong {number}").status_code == 403
    locked = sign_in(town, name)
    wrong = sign_in(town, name, "wrong again")
    assert (locked.status_code, locked.text) == (wrong.status_code, wrong.text)
    later(monkeypatch, timedelta(hours=2))
    assert sign_in(town, name).status_code == 303


def test_a_network_that_tries_many_names_is_locked_and_others_are_not(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = person(own_town)
    monkeypatch.setattr(passwords, "is_right", lambda _, password: password == GOOD)
    bad = {"base_url": "https://desk.example", "headers": OWN}
    for number in range(accounts.NETWORK_TRIES):
        own_town.app.test_client().post(
            "/desk/sign-in",
            data={"name": f"guess{number}", "password": "x"},
            environ_base={"REMOTE_ADDR": "192.0.2.9"},
            **bad,
        )
    data = {"name": name, "password": GOOD}
    for address, status in (("192.0.2.77", 403), ("198.51.100.1", 303)):
        client = own_town.app.test_client()
        here = {"REMOTE_ADDR": address}
        assert (
            client.post("/desk/sign-in", data=data, environ_base=here, **bad).status_code == status
        )


def test_a_session_that_was_planted_before_signing_in_is_nobodys(town: DeskTown) -> None:
    name, browser = person(town), town.app.test_client()
    browser.set_cookie("desk", "planted-by-somebody")
    token = token_in(sign_in(town, name, browser=browser))
    assert not token.startswith("planted")
    other = town.app.test_client()
    other.set_cookie("desk", "planted-by-somebody")
    assert other.get("/desk/", base_url=LOOPBACK).status_code == 303


def test_signing_in_again_ends_the_session_before(town: DeskTown) -> None:
    name, browser = person(town), town.app.test_client()
    first = token_in(sign_in(town, name, browser=browser))
    second = token_in(sign_in(town, name, browser=browser))
    assert first != second
    old = town.app.test_client()
    old.set_cookie("desk", first)
    assert old.get("/desk/", base_url=LOOPBACK).status_code == 303
    assert browser.get("/desk/", base_url=LOOPBACK).status_code == 200


def test_a_session_ends_after_half_an_hour_without_use_and_after_half_a_day_in_any_case(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle, busy = (town.client(DeskRole.VIEWER, new=True) for _ in range(2))
    step, gone = IDLE - timedelta(minutes=1), timedelta(0)
    while gone + step < LONGEST:
        later(monkeypatch, step)
        gone += step
        assert busy.get("/desk/account").status_code == 200
    assert idle.get("/desk/account").status_code == 303
    later(monkeypatch, LONGEST - gone)
    assert busy.get("/desk/account").status_code == 303


def test_signing_out_ends_it_on_the_server_and_everywhere_ends_all(town: DeskTown) -> None:
    account = town.account(DeskRole.VIEWER)
    one, two, three = (town.signed_in(account) for _ in range(3))
    assert one.post("/desk/account/sign-out").headers["Location"] == "/desk/sign-in"
    assert one.get("/desk/").status_code == 303
    assert two.get("/desk/").status_code == 200
    assert "test" in two.get("/desk/account").text
    two.post("/desk/account/sign-out-everywhere")
    assert [each.get("/desk/").status_code for each in (two, three)] == [303, 303]


def test_a_code_of_the_phone_opens_once(town: DeskTown) -> None:
    name, now = person(town, DeskRole.ADMIN), code()
    assert sign_in(town, name).status_code == 403
    assert sign_in(town, name, code=f"{now[:3]} {now[3:]}").status_code == 303
    assert sign_in(town, name, code=now).status_code == 403
    assert sign_in(town, name, code=code(timedelta(minutes=5))).status_code == 403


def link_of(town: DeskTown, role: DeskRole) -> tuple[str, str]:
    account = town.account(role)
    token = town.desk.database.write(
        lambda held: accounts.new_link(held, account, ROOT, queries.now())
    )
    return account.name, f"/desk/link/{token}"


def test_a_link_sets_a_password_and_a_second_factor_once(town: DeskTown) -> None:
    name, path = link_of(town, DeskRole.PUBLISHER)
    stranger = town.stranger()
    shown = stranger.get(path).text
    found = re.search(r'class="secret">(\w+)<', shown)
    assert found
    assert "<svg" in shown
    secret = found[1]
    sent = {"password": GOOD, "again": GOOD}
    assert stranger.post(path, **sent, code="000000").status_code == 400
    done = stranger.post(path, **sent, code=pyotp.TOTP(secret).at(queries.now()))
    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", done.text)
    assert len({*codes}) == second_factor.RECOVERY_CODES
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, **sent, code="").status_code == 404
    assert sign_in(town, name, code=codes[0].lower().replace("-", " ")).status_code == 303
    assert sign_in(town, name, code=codes[0]).status_code == 403
    assert sign_in(town, name, code=codes[1]).status_code == 303
    with town.desk.database.reading() as connection:
        account = stored.named(connection, name)
        assert account
        assert account.factor
        assert secret.encode() not in account.factor
        assert account.password
        assert account.password.startswith("$argon2id$")


def test_a_link_ends_with_its_time_and_when_another_is_made(
    town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, path = link_of(town, DeskRole.VIEWER)
    with town.desk.database.reading() as connection:
        account = stored.named(connection, name)
    assert account
    newer = town.desk.database.write(
        lambda held: accounts.new_link(held, account, ROOT, queries.now())
    )
    assert town.stranger().get(path).status_code == 404
    assert town.stranger().get(f"/desk/link/{newer}").status_code == 200
    later(monkeypatch, LINK_LIVES)
    assert town.stranger().get(f"/desk/link/{newer}").status_code == 404


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "x" * 300, ""])
def test_a_weak_password_is_refused_with_the_reason(town: DeskTown, weak: str) -> None:
    _, path = link_of(town, DeskRole.VIEWER)
    reply = town.stranger().post(path, password=weak, again=weak)
    assert reply.status_code == 400
    assert 'role="alert"' in reply.text
    assert town.stranger().post(path, password=GOOD, again=GOOD).status_code == 200


def test_nobody_gives_themselves_more_than_the_form_has(town: DeskTown) -> None:
    """Mass assignment: fields that are no part of a form change nothing."""
    name, path = link_of(town, DeskRole.VIEWER)
    more = {"role": "admin", "scope_kind": "city", "state": "active", "account": "1", "number": "1"}
    town.stranger().post(path, password=GOOD, again=GOOD, **more)
    with town.desk.database.reading() as connection:
        account = stored.named(connection, name)
    assert account
    assert account.role == DeskRole.VIEWER
    client = town.signed_in(account)
    client.post("/desk/account/language", language="en", **more)
    client.post("/desk/account/password", password=GOOD, new=f"{GOOD}!", again=f"{GOOD}!", **more)
    with town.desk.database.reading() as connection:
        after = stored.numbered(connection, account.number)
    assert after
    assert (after.role, after.scope_kind, after.name) == (DeskRole.VIEWER, "city", name)
    assert after.password != account.password


def test_another_password_needs_the_present_one_and_ends_other_sessions(town: DeskTown) -> None:
    name = person(town)
    with town.desk.database.reading() as connection:
        account = stored.named(connection, name)
    assert account
    here, there = town.signed_in(account), town.signed_in(account)
    new = {"new": f"{GOOD} two", "again": f"{GOOD} two"}
    assert here.post("/desk/account/password", password=f"{GOOD}?", **new).status_code == 400
    assert here.post("/desk/account/password", password=GOOD, **new).status_code == 303
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 303
    assert sign_in(town, name).status_code == 403


def test_every_page_is_kept_by_nobody_and_framed_by_nobody(town: DeskTown) -> None:
    admin = town.client(DeskRole.ADMIN)
    for path in ("/desk/", "/desk/account", "/desk/accounts", "/desk/letters", "/desk/audit"):
        headers = admin.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["X-Content-Type-Options"] == "nosniff"
    refused = admin.get("/desk/letters/none", headers={"Accept": "text/html"})
    assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


def test_public_pages_set_no_cookie_and_read_none(town: DeskTown) -> None:
    client = town.client(DeskRole.ADMIN)
    for path in ("/", "/letters", "/docs", "/privacy", "/coverage", "/api/v1/reports"):
        assert "Set-Cookie" not in client.get(path).headers


def test_who_signed_in_and_who_failed_stands_in_the_audit_without_the_password(
    town: DeskTown,
) -> None:
    name = person(town)
    sign_in(town, name, "wrong horse")
    sign_in(town, name)
    with town.desk.database.reading() as connection:
        found = [each for each in audited.every(connection) if each.who == name]
    assert [each.field for each in found] == ["failed", "session"]
    assert "horse" not in repr(found)


def test_the_secret_of_a_phone_is_another_for_each_link(town: DeskTown) -> None:
    keys = town.desk.keys
    assert second_factor.secret_for(keys, "a") != second_factor.secret_for(keys, "b")
    assert second_factor.secret_for(keys, "a") == second_factor.secret_for(keys, "a") != PHONE
