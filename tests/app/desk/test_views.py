"""Every view x every role x every scope: generated from the table, which is that of the routes."""

import re
from itertools import product
from typing import Any

import pytest
from flask import Response

from app.desk.roles import ROLES, WITH_FACTOR, DeskRole, ScopeKind, Verb
from app.desk.views import DeskView, ViewReach, within
from app.response.headers import Finished
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
