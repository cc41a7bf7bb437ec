"""What is tried against the desk, of every route and every form: generated from the table of its
views, so that a new one is tried, too.
"""

import re
from typing import Any, Final
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.db import rounds
from app.db.database import Connection
from app.db.edits import StoredEdit, add
from app.db.rounds import StoredRound
from app.db.tables import metadata
from app.db.templates import OFFICE, StoredTemplate
from app.desk.roles import ROLES, DeskRole, ScopeKind, Verb
from app.desk.views import ViewReach
from app.request import queries
from tests.app.desk import samples
from tests.app.desk.desk_town import LOOPBACK, OWN, DeskTown
from tests.app.desk.samples import parts_of

#: Columns of our tables that no form of an editor has, with what somebody would like to write.
WANTED: Final = {
    **dict.fromkeys(("by", "who", "verified_by"), "root"),
    **dict.fromkeys(("at", "verified_at", "lease_until"), "2000-01-01"),
    **dict.fromkeys(("number", "account", "shown", "turn"), "1"),
    **dict.fromkeys(("version", "licence", "source", "kind", "id", "district", "place"), "x"),
    "role": "admin",
    "scope": "city",
    "scope_kind": "city",
    "scope_name": "",
    "how": "refused",
    "layer": "main",
    "state": "closed",
    "outcome": "{}",
    "synthetic": "0",
}
#: Of each view of a list that changes things: the field that names one, and what would be done.
NAMED: Final = {
    "/desk/letters/assign": ("letter", {"to": "乙"}),
    "/desk/reports/done": ("report", {"did": "x"}),
    "/desk/waiting": ("take", {"act": "take"}),
    "/desk/tables": ("layer", {}),
    "/desk/new-place": ("layer", {"name": "x", "kind": "warm_bee_station"}),
    "/desk/accounts": ("scope", {"name": "mallory", "role": "viewer"}),
    "/desk/round": ("street", {}),
}
#: Views of a list whose forms name nothing that lies anywhere: what they write is of who sends
#: them, and what a version covers is the city's.
OF_WHO_SENDS: Final = frozenset({"/desk/templates", "/desk/round/end", "/desk/board/coverage"})
#: Views of lists whose things are named in their addresses, and are looked up in the scope.
BY_ADDRESS: Final = "/desk/directory/"


def filled(rule: str, parts: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: quote(parts[found[1]]), rule)


def dump(town: DeskTown) -> dict[str, list[Any]]:
    """All that the database holds, but for sessions and the audit."""
    left_out = {"desk_session", "audit", "allowance"}
    with town.desk.database.reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in metadata.tables.items()
            if name not in left_out
        }


def test_every_answer_of_the_desk_is_framed_by_nobody_and_kept_by_nobody(town: DeskTown) -> None:
    """Pages, files, refusals and redirects, whoever asks."""
    html = {"Accept": "text/html"}
    for client in (town.client(DeskRole.ADMIN), town.client(DeskRole.VIEWER), town.stranger()):
        for view in town.views.table:
            path = filled(view.rule, parts_of(town, view))
            send = client.client.post if "POST" in view.methods else client.client.get
            headers = send(path, base_url=LOOPBACK, headers=html | OWN).headers
            assert headers["Cache-Control"] == "no-store", path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert "Access-Control-Allow-Origin" not in headers, path
            if headers.get("Content-Type", "").startswith("text/html"):
                assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path


def test_every_refusal_leads_back_to_the_desk(town: DeskTown) -> None:
    viewer, html = town.client(DeskRole.VIEWER), {"Accept": "text/html"}
    for path in ("/desk/letters/none", "/desk/accounts", "/desk/nothing"):
        told = viewer.get(path, headers=html)
        assert told.status_code in (403, 404)
        assert 'href="/desk/"' in told.text, path
        assert 'href="/?lang=' not in told.text.partition("<main")[2].partition("<h1")[2], path
    nobody = town.app.test_client().post(
        "/desk/letters/assign", base_url=LOOPBACK, headers=html | OWN
    )
    assert 'href="/desk/sign-in"' in nobody.text


def test_no_form_takes_what_it_does_not_have(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor of a street office sends every form with all columns that there are."""
    town = own_town
    monkeypatch.setattr(town.desk.jobs, "look", lambda: None)
    editor = town.client(DeskRole.EDITOR, town.scope(ScopeKind.STREET))
    account = editor.account
    for view in town.views.table:
        if "POST" in view.methods and view.verb is not Verb.OPEN:
            path = filled(view.rule, parts_of(town, view))
            if "sign-out" not in path:
                editor.post(path, **WANTED)
    after = dump(town)
    (same,) = [row for row in after["account"] if row[1] == account.name]
    assert same[:6] == (account.number, *account[1:6])
    assert len(after["account"]) == 1 + len({name for name in town.samples if "account" in name})
    for name, column in (("edit", "by"), ("photo", "by"), ("upload", "by"), ("mapping", "by")):
        at = [each.name for each in metadata.tables[name].columns].index(column)
        assert {row[at] for row in after[name]} <= {account.name}
    jobs = [row for row in after["job"] if row[6] != "wang"]
    # What a version covers is worked out for the whole city; each sees their own part of it.
    assert [(row[3], row[4], {*row[5]}) for row in jobs if row[2] == "coverage"] == [
        ("", "", {"version", "before"})
    ]
    own = {(row[3], row[4]) for row in jobs if row[2] != "coverage"}
    assert own <= {(town.district, town.street)}
    with town.desk.database.reading() as connection:
        audit = metadata.tables["audit"]
        who = set(connection.execute(select(audit.c.who)).scalars())
    assert who <= {account.name, "root", *(town.samples.get("account_name", ""),)}


def test_no_list_does_anything_to_what_lies_elsewhere(own_town: DeskTown) -> None:
    """The ids of things of another office, in every field that names one."""
    town = own_town
    theirs = {
        "letter": samples.letter(town, town.elsewhere),
        "report": samples.report(town, town.elsewhere),
        "take": str(an_edit(town, samples.place(town, town.elsewhere))),
        "layer": town.elsewhere,
        "scope": town.elsewhere,
        "street": town.elsewhere,
    }
    mine = town.scope(ScopeKind.STREET)
    clients = [town.client(role, mine) for role in DeskRole]
    before = dump(town)
    tried = set()
    for view in town.views.table:
        if "POST" not in view.methods or view.reach is not ViewReach.LIST:
            continue
        if view.rule.startswith(BY_ADDRESS) or view.rule in OF_WHO_SENDS:
            continue
        field, more = NAMED[view.rule]
        for client in clients:
            sent = client.post(view.rule, **more, **{field: theirs[field]})
            assert sent.status_code in (400, 403, 404, 409), (view.rule, client.account.role)
        tried.add(view.rule)
    assert tried == {*NAMED}
    assert dump(town) == before


def test_what_a_form_writes_without_naming_a_thing_is_of_who_sends_it(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever office and account its fields name."""
    town, now = own_town, queries.now()
    monkeypatch.setattr(town.desk.jobs, "look", lambda: None)
    walks = StoredRound("r-theirs", "wang", town.elsewhere, ["x"], now)
    town.desk.database.write(lambda connection: rounds.begin(connection, walks))
    before = dump(town)
    clients = [town.client(role, town.scope(ScopeKind.STREET)) for role in DeskRole]
    wanted = WANTED | dict.fromkeys(("account", "by", "who"), "wang") | {"whose": "office"}
    wanted |= dict.fromkeys(("owner", "street", "scope_name", "scope", "layer"), town.elsewhere)
    views = [view for view in town.views.table if view.rule in OF_WHO_SENDS]
    done = {
        (view.rule, client.account.role)
        for view in views
        for client in clients
        if "POST" in view.methods
        and client.post(view.rule, **wanted, owner_kind="office", title="x", text="x").status_code
        == 303
    }
    assert done == {
        (view.rule, role) for view in views for role in DeskRole if view.verb in ROLES[role]
    }
    after = dump(town)
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert changed == {"account", "answer_template", "job"}
    written = [StoredTemplate(*row[1:]) for row in after["answer_template"]]
    names = {client.account.name for client in clients}
    assert {(each.owner_kind, each.owner) for each in written} == {(OFFICE, town.street)}
    assert {each.by for each in written} <= names
    ((_, _, kind, district, street, details, by, *_),) = after["job"]  # once a version
    assert (kind, district, street, {*details}) == ("coverage", "", "", {"version", "before"})
    assert by in names


def an_edit(town: DeskTown, place: str) -> int:
    """The number of an edit that waits."""

    def unit(connection: Connection) -> int:
        made = StoredEdit(place, "main", "address", "新", None, "edited", "wang", queries.now())
        add(connection, [made])
        edit = metadata.tables["edit"]
        return int(connection.execute(select(edit.c.number)).scalars().all()[-1])

    return town.desk.database.write(unit)


@pytest.mark.parametrize("prefix", ["", "/nuanfeng"])
@pytest.mark.parametrize(
    "address",
    [
        *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
        *("https:evil.example", "https:/evil.example", "http://evil.example/desk/", "//desk/"),
        *("/nuanfeng//evil.example", "/desk/\\evil.example", "/desk/..//evil.example"),
        *("/desk/%2e%2e//evil.example", "/desk/\r\nSet-Cookie:a=b", "/desk/?a=\nb", "data:,x"),
        *("/desk/#//evil.example", "desk/", "@evil.example", "/.desk", "/desk/;//evil.example"),
    ],
)
def test_whoever_signs_in_stays_at_the_desk(town: DeskTown, prefix: str, address: str) -> None:
    asked = town.app.test_client().get(
        "/desk/sign-in", base_url=f"{LOOPBACK}{prefix}", query_string={"next": address}
    )
    (leads,) = re.findall(r'name="next" value="([^"]*)"', asked.text)
    assert leads == "/desk/"
