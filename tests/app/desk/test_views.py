"""Every view x every role x every scope: generated from the table, which is that of the routes."""

import re
from itertools import product
from typing import Any

import pytest
from flask import Response

from app.desk.paging import PAGE
from app.desk.place_edits import FIELDS
from app.desk.roles import ROLES, WITH_FACTOR, DeskRole, ScopeKind, Verb
from app.desk.views import DeskView, ViewReach, within
from app.response.headers import Finished
from app.response.limits import MOST_DESK_FIELDS, MOST_FIELDS
from geodata.vocabulary import Service
from tests.app.desk import samples
from tests.app.desk.desk_town import LOOPBACK, OWN, DeskTown
from tests.app.desk.samples import parts_of

SCOPES = tuple(product(ScopeKind, (False, True)))


def address(view: DeskView, parts: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts[found[1]], view.rule)


def test_every_route_of_the_desk_is_a_view_of_the_table(town: DeskTown) -> None:
    routes = {
        (rule.rule, method)
        for rule in town.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/desk")
    }
    assert routes == {(view.rule, method) for view in town.views.table for method in view.methods}
    assert len(routes) == len(town.views.table)


@pytest.mark.parametrize("role", DeskRole)
def test_a_role_reaches_what_its_verbs_and_its_scope_say(
    town: DeskTown, role: DeskRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view itself is not run: whether it would be is what is asked."""
    ran: list[object] = []

    def run(_: object, answer: object, admitted: object, __: object) -> Response:
        if isinstance(admitted, Response):
            return admitted
        ran.append(answer)
        return Finished(b"", 299, [])

    monkeypatch.setattr(type(town.views), "_run", run)
    for view, (kind, other) in product(town.views.table, SCOPES):
        scope = town.scope(kind, other=other)
        client = town.client(role, scope)
        parts = parts_of(town, view)
        send: Any = client.post if "POST" in view.methods else client.get
        status = send(address(view, parts)).status_code
        expected = 299
        if view.verb is not Verb.OPEN:
            if view.verb not in ROLES[role] or (view.reach is ViewReach.CITY and scope.name):
                expected = 403
            elif view.reach is ViewReach.THING and other and kind is not ScopeKind.CITY:
                expected = 404
        assert (view.rule, kind, other, status) == (view.rule, kind, other, expected)
    assert ran


def test_nobody_reaches_anything_but_signing_in(town: DeskTown) -> None:
    for view in town.views.table:
        if view.verb is Verb.OPEN:
            continue
        path = address(view, parts_of(town, view))
        stranger = town.stranger()
        if "POST" in view.methods:
            assert stranger.post(path).status_code == 403
        else:
            reply = stranger.get(path)
            assert reply.status_code == 303
            assert reply.headers["Location"].startswith("/desk/sign-in?next=%2Fdesk")


def test_no_form_is_taken_without_its_sessions_token_or_from_another_site(town: DeskTown) -> None:
    admin = town.client(DeskRole.ADMIN)
    for view in town.views.table:
        if "POST" not in view.methods:
            continue
        path = address(view, parts_of(town, view))
        if view.verb is not Verb.OPEN:
            for csrf in ("", "x", town.client(DeskRole.ADMIN, new=True).csrf):
                sent = admin.client.post(path, base_url=LOOPBACK, headers=OWN, data={"csrf": csrf})
                assert (view.rule, sent.status_code) == (view.rule, 403)
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {},
        ):
            data = {"csrf": admin.csrf}
            sent = admin.client.post(path, base_url=LOOPBACK, headers=headers, data=data)
            assert (view.rule, sent.status_code) == (view.rule, 403)


def test_a_form_of_the_desk_has_a_field_for_each_line_of_a_list(town: DeskTown) -> None:
    """A page of letters is assigned at once, and all services of a place are ticked."""
    client = town.client(DeskRole.ADMIN)
    letters = [samples.letter(town) for _ in range(PAGE)]
    assert client.post("/desk/letters/assign", letter=letters, to="甲").status_code == 303
    ticked = {"services": [*map(str, Service)], **{f"seen:{name}": "" for name in FIELDS}}
    made = {"name": "新站", "kind": "warm_bee_station", "geometry": "113.95 22.54"}
    assert client.post("/desk/new-place", **made, **ticked).status_code == 303
    # Neither a number of no edit nor one that is too long to be read.
    assert client.post("/desk/waiting", take=["x", "9" * 5_000]).status_code == 409
    lines = ["x"] * (MOST_DESK_FIELDS - 1)  # and the token
    assert client.post("/desk/waiting", a=lines).status_code == 409  # nothing is chosen
    assert client.post("/desk/waiting", a=[*lines, "x"]).status_code == 400


@pytest.mark.parametrize("browser", ["zh-CN", "en", ""])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_is_refused_is_said_in_the_language_of_who_is_signed_in(
    town: DeskTown, language: str, browser: str
) -> None:
    client = town.client(DeskRole.VIEWER, new=True)
    client.post("/desk/account/language", language=language)
    headers = {"Accept": "text/html", "Accept-Language": browser}
    admin = [client.get(path, headers=headers) for path in ("/desk/accounts", "/desk/places/none")]
    sent = {"csrf": client.csrf, "password": "x", "new": "y"}
    own = client.client.post(
        "/desk/account/password", base_url=LOOPBACK, headers={**headers, **OWN}, data=sent
    )
    old = client.client.post(
        "/desk/account/password", base_url=LOOPBACK, headers={**headers, **OWN}, data={"csrf": "x"}
    )
    assert [each.status_code for each in (*admin, own, old)] == [403, 404, 400, 403]
    for reply, zh, en in (
        (admin[0], "您的账号没有这个权限", "Your account may not do this"),
        (admin[1], "没有这一项", "There is nothing of this name"),
        (own, "现在的密码不对", "The present password is not right"),
        (old, "表单", "This form is too old"),
    ):
        assert reply.headers["Content-Language"] == language
        assert (zh in reply.text, en in reply.text) == (language != "en", language == "en")


def test_every_link_of_every_page_stands_under_the_path_that_all_is_mounted_under(
    town: DeskTown,
) -> None:
    admin, asked = town.client(DeskRole.ADMIN), 0
    reads = [view for view in town.views.table if "GET" in view.methods]
    pages = [address(view, parts_of(town, view)) for view in reads]
    pages += [
        rule.rule
        for rule in town.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint[:5] != "desk."
    ]
    for path in {*pages, "/n/demo-control"} - {"/metrics"}:
        reply = admin.client.get(path, base_url=f"{LOOPBACK}/nuanfeng", headers={"Accept": "*/*"})
        if not reply.mimetype.endswith("html"):
            continue
        # What a form asks of the API stands in two parts, which its script joins.
        joined = re.sub(r'data-root="([^"]+)" data-path="', r'data-path="\1', reply.text)
        links = re.findall(r'(?:href|src|action|data-[a-z-]+)="(/[^"]*)"', joined)
        astray = {link for link in links if not link.startswith("/nuanfeng/")}
        assert (path, astray) == (path, set())
        assert not re.search(r"http://localhost/(?!nuanfeng/)", reply.text), path
        asked += bool(links)
    assert asked > 25
    leads = admin.client.get("/desk/letters", base_url=f"{LOOPBACK}/nuanfeng")
    assert leads.status_code == 200
    nobody = town.app.test_client().get("/desk/letters", base_url=f"{LOOPBACK}/nuanfeng")
    assert nobody.headers["Location"] == "/nuanfeng/desk/sign-in?next=%2Fdesk%2Fletters"


def test_no_form_holds_a_zero_byte(town: DeskTown) -> None:
    """PostgreSQL keeps no text with one, and compares none."""
    admin = town.client(DeskRole.ADMIN)
    for view in town.views.table:
        if "POST" in view.methods:
            path = address(view, parts_of(town, view))
            for fields in ({"name": "a\0b"}, {"a\0b": ""}):
                sent = admin.post(path, **fields)
                assert (view.rule, sent.status_code) == (view.rule, 400)
    assert admin.get("/desk/audit?who=%00&thing=a%00b").status_code == 200


def test_who_is_not_signed_in_sends_no_more_than_elsewhere(town: DeskTown) -> None:
    fields = {f"f{number}": "x" for number in range(MOST_FIELDS + 1)}
    sent = town.app.test_client().post("/desk/sign-in", base_url=LOOPBACK, headers=OWN, data=fields)
    assert sent.status_code == 400


def test_a_role_that_needs_a_second_factor_sets_one_up_first(town: DeskTown) -> None:
    for role in WITH_FACTOR:
        account = town.account(role)
        client = town.signed_in(account)
        town.desk.database.write(lambda connection, n=account.number: forget_factor(connection, n))
        reply = client.get("/desk/")
        assert (reply.status_code, reply.headers["Location"]) == (303, "/desk/account/factor")


def forget_factor(connection: Any, number: int) -> None:
    from app.db import accounts as stored

    stored.change(connection, number, factor=None)


@pytest.mark.parametrize(
    "address",
    [
        *("//evil.example", "https://evil.example", "/\\evil.example", "/desk//evil.example"),
        *("/desk@x", "/desk/\n/x", "javascript:alert(1)", "", "/", "/deskx", "\t/desk/"),
        *("/desk/../", "/desk/%2E./x"),
    ],
)
def test_signing_in_leads_nowhere_but_to_the_desk(address: str) -> None:
    assert within(address) == "/desk/"


@pytest.mark.parametrize(
    "address", ["/desk/", "/desk/letters?state=late&page=2", "/desk/letters/a1"]
)
def test_signing_in_leads_back_to_where_one_was(address: str) -> None:
    assert within(address) == address
