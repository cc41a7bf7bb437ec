"""A desk over the demo city, with an account of each role and scope that a test asks for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import accounts as stored
from app.db import letters
from app.db.accounts import StoredAccount
from app.db.letters import ReadUntil
from app.desk import accounts, second_factor, sessions
from app.desk.accounts import Doer
from app.desk.desk import Desk
from app.desk.roles import WITH_FACTOR, DeskRole, Scope, ScopeKind
from app.desk.views import Views
from app.factory import create_app
from app.request import queries
from app.settings import Settings
from app.voice.setting_up import make_ready, voice_of
from geodata.store.files import Dataset

OWN = {"Sec-Fetch-Site": "same-origin"}
LOOPBACK = "http://localhost"
PHONE = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ROOT = Doer("root", "command line")
CITY = Scope(ScopeKind.CITY)
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class DeskClient:
    """A browser: it holds cookies, and sends forms with the token of its session."""

    client: FlaskClient
    account: StoredAccount
    csrf: str

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=LOOPBACK, **more)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """A list of values is sent as a field that stands several times."""
        return self.client.post(
            path, base_url=LOOPBACK, headers=OWN, data={"csrf": self.csrf, **fields}
        )


@dataclass
class DeskTown:
    """A desk, and who is signed in to it."""

    app: Flask
    home: Path
    made: dict[tuple[str, str], DeskClient] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    address: str = ""
    """Where it is served, if it is."""
    _names: int = 0

    @cached_property
    def views(self) -> Views:
        views: Views = self.app.extensions["desk"]
        return views

    @property
    def desk(self) -> Desk:
        return self.views.desk

    @cached_property
    def street(self) -> str:
        """A street office that has letters, and its district."""
        with self.desk.database.reading() as connection:
            found = letters.since(connection, ReadUntil(), datetime.fromtimestamp(0).astimezone())
        return min(each.street for each in found.letters if each.street)

    @cached_property
    def district(self) -> str:
        return self.desk.divisions().of_street(self.street).district

    @cached_property
    def elsewhere(self) -> str:
        """A street office of another district."""
        divisions = self.desk.divisions()
        return next(
            each
            for each in divisions.streets
            if divisions.of_street(each).district not in ("", self.district)
        )

    def sample(self, name: str, make: Callable[["DeskTown"], str]) -> str:
        """A thing of a kind, made once."""
        if name not in self.samples:
            self.samples[name] = make(self)
        return self.samples[name]

    def scope(self, kind: ScopeKind, *, other: bool = False) -> Scope:
        street = self.elsewhere if other else self.street
        names = {
            ScopeKind.CITY: "",
            ScopeKind.DISTRICT: self.desk.divisions().of_street(street).district,
            ScopeKind.STREET: street,
        }
        return Scope(kind, names[kind])

    def account(self, role: DeskRole, scope: Scope = CITY, name: str = "") -> StoredAccount:
        """A new account; with a second factor where its role wants one."""
        self._names += 1
        chosen = name or f"{role}{self._names}"
        sealed = second_factor.seal(self.desk.keys, PHONE) if role in WITH_FACTOR else None

        def unit(connection: Any) -> StoredAccount:
            made = accounts.add(connection, chosen, role, scope, ROOT, queries.now())
            stored.change(connection, made.number, factor=sealed)
            return made._replace(factor=sealed)

        return self.desk.database.write(unit)

    def client(self, role: DeskRole, scope: Scope = CITY, *, new: bool = False) -> DeskClient:
        """A signed-in browser of a role and scope; the same each time, unless a new one."""
        key = (role, f"{scope.kind} {scope.name}")
        if new or key not in self.made or not self._is_alive(self.made[key]):
            made = self.signed_in(self.account(role, scope))
            if new:
                return made
            self.made[key] = made
        return self.made[key]

    def _is_alive(self, held: DeskClient) -> bool:
        """Tests that put the clock forward end the sessions of others."""
        cookie = held.client.get_cookie("desk")
        with self.desk.database.reading() as connection:
            token = cookie.value if cookie else ""
            return sessions.operator(connection, token, queries.now()) is not None

    def signed_in(self, account: StoredAccount) -> DeskClient:
        """A browser that is signed in to an account."""
        token = self.desk.database.write(
            lambda connection: sessions.begin(connection, account, "en", "test", queries.now())
        )
        browser = self.app.test_client()
        browser.set_cookie("desk", token)
        with self.desk.database.reading() as connection:
            found = sessions.operator(connection, token, queries.now())
        assert found
        return DeskClient(browser, account, found.session.csrf)

    def stranger(self) -> DeskClient:
        """A browser of nobody."""
        nobody = StoredAccount(
            0, "", "viewer", "city", "", "active", None, None, 0, None, queries.now(), queries.now()
        )
        return DeskClient(self.app.test_client(), nobody, "")


def code(ago: timedelta = timedelta(0)) -> str:
    """What the phone of an account shows."""
    return pyotp.TOTP(PHONE).at(queries.now() - ago)


def town_at(demo_home: Path, home: Path) -> DeskTown:
    """A desk over the demo city, in a home of its own that shares the city's files."""
    (home / "datasets").symlink_to(demo_home / "datasets")
    return town_of(home, "demo")


def town_of(home: Path, dataset: str) -> DeskTown:
    """A desk over a dataset of a home."""
    chosen = Settings(home, dataset)
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, dataset).load(), dataset, queries.now())
    voice.database.close()
    return DeskTown(create_app(chosen), home)
