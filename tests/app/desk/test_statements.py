"""No page of the desk asks the database more often because there is more of everything."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from app.desk.roles import DeskRole, ScopeKind
from app.desk.views import ViewReach
from app.request import queries
from tests.app.desk.desk_town import CITY, DeskClient, DeskTown
from tests.app.desk.filling import Amounts, Filler, pages

FEW, MANY = 10, 1_000


@contextmanager
def statements(town: DeskTown) -> Iterator[list[str]]:
    """What a desk asks its database meanwhile."""
    said: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = town.desk.database.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", heard)


def asked(town: DeskTown, client: DeskClient) -> dict[str, tuple[int, int]]:
    """By page its status, and how many statements it wants."""
    told: dict[str, tuple[int, int]] = {}
    for view, address in pages(town):
        town.desk.hurry()
        with statements(town) as said:
            status = client.get(address).status_code
        is_whole = client.account.role == DeskRole.ADMIN and view.reach is not ViewReach.OPEN
        assert status == 200 or not is_whole, address
        told[f"{view.rule} {address.partition('?')[2]}"] = (status, len(said))
    return told


def test_no_page_asks_more_often_of_a_thousand_than_of_ten(
    own_town: DeskTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = queries.now()
    monkeypatch.setattr(queries, "now", lambda: now)  # sessions are not written to meanwhile
    clients = (
        own_town.client(DeskRole.ADMIN, CITY),
        own_town.client(DeskRole.EDITOR, own_town.scope(ScopeKind.STREET)),
    )
    Filler(own_town, seed=1).fill(Amounts.all_alike(FEW))
    few = [asked(own_town, client) for client in clients]
    Filler(own_town, seed=2).fill(Amounts.all_alike(MANY))
    many = [asked(own_town, client) for client in clients]
    for before, after in zip(few, many, strict=True):
        worse = {page: (before[page], told) for page, told in after.items() if told > before[page]}
        assert worse == {}
    assert len(few[0]) > len({view.rule for view, _ in pages(own_town)})
