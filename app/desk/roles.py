"""Who may do what, and where: roles are sets of verbs, scopes are parts of the city."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from geodata.errors import BadValue


class Verb(StrEnum):
    """What a view does. Each view names one."""

    OPEN = "open"
    """For everybody: signing in, and setting a password by a link."""
    SELF = "self"
    """For everybody who is signed in: the account, its sessions, the first page."""
    SEE = "see"
    """Lists, counts and the state of things; no text that a rider wrote."""
    READ = "read"
    """Letters and notes of riders, in their words."""
    ANSWER = "answer"
    """Assign, answer, refuse and hand over letters."""
    HANDLE = "handle"
    """Mark a report or a wish as done."""
    EDIT = "edit"
    """Change places, upload tables, write entries of the directory; nothing of it is public yet."""
    PUBLISH = "publish"
    """Make public: edits, tables, notices, the directory."""
    ACCOUNTS = "accounts"
    """Add, change and close accounts."""
    AUDIT = "audit"
    """Read what everybody did."""


class DeskRole(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    ANSWERER = "answerer"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMIN = "admin"


_ALL_OF_US: Final = frozenset({Verb.OPEN, Verb.SELF, Verb.SEE})
ROLES: Final[Mapping[DeskRole, frozenset[Verb]]] = {
    DeskRole.VIEWER: _ALL_OF_US,
    DeskRole.ANSWERER: _ALL_OF_US | {Verb.READ, Verb.ANSWER, Verb.HANDLE},
    DeskRole.EDITOR: _ALL_OF_US | {Verb.HANDLE, Verb.EDIT},
    DeskRole.PUBLISHER: _ALL_OF_US | {Verb.HANDLE, Verb.EDIT, Verb.PUBLISH},
    DeskRole.ADMIN: frozenset(Verb),
}
#: Roles that sign in with a second factor always.
WITH_FACTOR: Final = frozenset({DeskRole.PUBLISHER, DeskRole.ADMIN})


class ScopeKind(StrEnum):
    """How large a part of the city is."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"


class Location(NamedTuple):
    """Where in the city a thing is; without a street office it is the district's or the city's."""

    district: str = ""
    street: str = ""


#: What is the whole city's, such as a letter to the city's answerers.
CITY: Final = Location()


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the city that an account works on."""

    kind: ScopeKind
    name: str = ""
    """Of a district or a street office as the dataset has it; of the city empty."""

    def covers(self, where: Location) -> bool:
        """Whether a thing that is there is this scope's."""
        if self.kind is ScopeKind.CITY:
            return True
        part = where.district if self.kind is ScopeKind.DISTRICT else where.street
        return bool(part) and part == self.name


class Divisions:
    """The districts and street offices of a dataset, and which lies in which."""

    def __init__(self, district_of: Mapping[str, str]) -> None:
        self._district_of = district_of
        self.streets = tuple(sorted(district_of))
        self.districts = tuple(sorted({*district_of.values()} - {""}))

    def of_street(self, street: str) -> Location:
        """Where something is that a street office has; without one it is the city's."""
        return Location(self._district_of.get(street, ""), street) if street else CITY

    def of_scope(self, scope: Scope) -> Location:
        """Where an account of this scope is itself."""
        if scope.kind is ScopeKind.STREET:
            return self.of_street(scope.name)
        return Location(scope.name) if scope.kind is ScopeKind.DISTRICT else CITY

    def scope(self, text: str) -> Scope:
        """A scope as people write it: `city`, or the name of a district or a street office.

        Raises BadValue where the dataset has none of that name.
        """
        name = text.strip()
        if name in ("", ScopeKind.CITY):
            return Scope(ScopeKind.CITY)
        if name in self.streets:
            return Scope(ScopeKind.STREET, name)
        if name in self.districts:
            return Scope(ScopeKind.DISTRICT, name)
        raise BadValue(
            "There is no district or street office {name!r} here; write city, or one of: {known}.",
            name=name[:40],
            known=", ".join((*self.districts, *self.streets)[:12]),
        )


def role_of(text: str) -> DeskRole:
    """A role by its name. Raises BadValue."""
    try:
        return DeskRole(text)
    except ValueError:
        raise BadValue(
            "There is no role {name!r}; write one of: {known}.",
            name=text[:40],
            known=", ".join(DeskRole),
        ) from None
