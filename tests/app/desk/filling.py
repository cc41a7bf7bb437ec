"""Fills a desk with many of everything: letters, reports, edits, tables that were sent, accounts,
wishes, notices, entries, photos, and what the audit says of it; the same from the same seed.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import msgspec
from numpy.random import PCG64, Generator
from sqlalchemy import insert

from app.db import (
    accounts,
    directory,
    edits,
    jobs,
    letters,
    notices,
    photos,
    reports,
    uploads,
    wishes,
)
from app.db.database import Connection
from app.db.directory import Version
from app.db.edits import StoredEdit
from app.db.jobs import JobState
from app.db.letters import StoredHappening, StoredLetter
from app.db.photos import StoredPhoto
from app.db.reports import NewReport
from app.db.tables import job_file
from app.db.uploads import StoredUpload
from app.db.wishes import StoredWish
from app.desk import audit, leases
from app.desk.audit import Doing
from app.desk.roles import DeskRole, Location, ScopeKind
from app.desk.views import DeskView
from app.request import queries
from app.request.letters import Category
from app.voice import sealing
from app.voice.letter_box import Written
from app.voice.letter_seals import new_key
from app.voice.letters import Happening
from app.words import Language
from geodata.places.directory import EntryKind
from geodata.search.cells import encode
from tests.app.desk.desk_town import DeskTown
from tests.app.desk.samples import WAITS, parts_of, pin, place_of

#: What the pages of lists are asked with, too: filters, a later page, a word.
ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "/desk/letters": ("state=all", "state=all&page=3", "state=late", "street={street}"),
    "/desk/reports": ("street={street}", "type=gone"),
    "/desk/places": ("q=驿站", "q={place}"),
    "/desk/board/places": ("street={street}", "street={street}&fault=no_phone"),
    "/desk/round": ("street={street}",),
    "/desk/audit": ("who=root", "thing=account%20root"),
    "/desk/directory": ("of=contact", "of=event"),
}
#: Pages of a street office that is named.
_WANTS: Final = frozenset({"/desk/board/places"})
#: Rows of one statement, and so of one unit.
_AT_ONCE: Final = 1_000
_DAYS: Final = 90
_PHOTO: Final = b"RIFF\x00\x00\x00\x00WEBP"


class Amounts(NamedTuple):
    """How many of each."""

    letters: int
    reports: int
    edits: int
    uploads: int
    accounts: int
    others: int
    """Wishes, versions of notices, entries, photos that wait; lines of an examined table."""

    @classmethod
    def all_alike(cls, count: int) -> "Amounts":
        """So many of each."""
        return cls(*[count] * 6)


def pages(town: DeskTown) -> Iterator[tuple[DeskView, str]]:
    """Every page of the desk, by the table of its routes, and the addresses that it is asked by."""
    for view in town.views.table:
        if "GET" in view.methods:
            parts = parts_of(town, view)
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts[found[1]], view.rule)  # noqa: B023  # used at once
            said = {"street": quote(town.street), "place": town.sample("place", place_of)}
            if view.rule not in _WANTS:
                yield view, path
            for asked in ASKED.get(view.rule, ()):
                yield view, f"{path}?{quote(asked.format(**said), safe='=&%')}"


class Filler:
    """Fills one desk; what is made once more is another one."""

    def __init__(self, town: DeskTown, seed: int = 7) -> None:
        self.town, self.now = town, queries.now()
        self._rng = Generator(PCG64(seed))
        self._seed, self._made = seed, 0
        self._streets = town.desk.divisions().streets

    def fill(self, many: Amounts) -> None:
        """Write so many of each; those that the samples name are among them."""
        self._in_units(many.letters, self._letters)
        self._in_units(many.reports, self._reports)
        self._in_units(many.edits, self._edits)
        self._in_units(many.accounts, self._accounts)
        self._in_units(many.others, self._others)
        self._in_units(many.uploads, self._uploads)
        self.town.samples["job"] = self._examined(many.others)
        self.town.samples["pin"] = pin(self.town)  # newer lists have taken the place of another
        self.town.desk.hurry()

    def _in_units(self, count: int, make: Callable[[Connection, int], None]) -> None:
        for begin in range(0, count, _AT_ONCE):
            size = min(_AT_ONCE, count - begin)
            self.town.desk.database.write(lambda held, n=size: make(held, n), within_s=60)  # type: ignore[misc]  # a default binds it

    def _id(self, bits: int = 12) -> str:
        self._made += 1
        return hashlib.sha256(f"{self._seed} {self._made}".encode()).hexdigest()[:bits]

    def _at(self) -> datetime:
        return self.now - timedelta(days=float(self._rng.uniform(0, _DAYS)))

    def _street(self) -> str:
        """The town's own has a good part of everything."""
        if self._rng.random() < 1 / 4:
            return self.town.street
        return self._streets[int(self._rng.integers(len(self._streets)))]

    def _where(self) -> Location:
        return self.town.desk.divisions().of_street(self._street())

    def _place(self) -> str:
        snapshot = self.town.desk.snapshot()
        return snapshot.id_of(int(self._rng.integers(snapshot.first_line)))

    def _letters(self, held: Connection, count: int) -> None:
        """A third of them answered, a third assigned."""
        rows, keys, happened = [], [], []
        for at in sorted(self._at() for _ in range(count)):
            letter = self._id()
            seal, key = new_key(self.town.desk.keys, letter, at)
            category = str([*Category][self._made % len(Category)])
            text = seal.seal(Written("热水器坏了", contact="138"))
            rows.append(StoredLetter(letter, self._id(64), category, self._street(), "", at, text))
            keys.append(key)
            kind = (None, Happening.ASSIGNED, Happening.ANSWERED)[len(rows) % 3]
            if kind:
                details = {"to": "甲"} if kind is Happening.ASSIGNED else {}
                later = min(self.now, at + timedelta(hours=9))
                happened.append(StoredHappening(letter, 1, later, kind, "wang", details, None))
        letters.add(held, rows, keys, happened)

    def _reports(self, held: Connection, count: int) -> None:
        note = sealing.seal(self.town.desk.keys, "门牌号写错了", self.now)
        kinds = ("wrong_hours", "moved", "gone", "other")
        for number in range(count):
            at = self.now - timedelta(hours=float(self._rng.uniform(0, 500)))
            times = (at, at, self.now + timedelta(days=9))
            new = NewReport(
                f"r-{self._id(16)}",
                self._place(),
                kinds[number % len(kinds)],
                *times,
                self._id(32),
                at.date(),
                self._id(64),
                has_ticket=number % 2 == 0,
                note=note,
            )
            reports.add(held, new)

    def _edits(self, held: Connection, count: int) -> None:
        """Of one field or two of a place; the first place has as many as all others."""
        first = self.town.sample("place", place_of)
        made = [
            StoredEdit(
                first if number % 2 else self._place(),
                "main",
                "phones" if number % 3 else "address",
                f"0755-{10_000_000 + self._made + number}",
                None,
                "edited",
                "wang",
                self.now,
            )
            for number in range(count)
        ]
        edits.add(held, made)

    def _accounts(self, held: Connection, count: int) -> None:
        for number in range(count):
            kind = [*ScopeKind][number % 3]
            names = {ScopeKind.CITY: "", ScopeKind.DISTRICT: self._where().district}
            name = f"u{self._id()}"
            row = {
                "name": name,
                "role": str([*DeskRole][number % 3]),
                "scope_kind": str(kind),
                "scope_name": names.get(kind, self._street()),
                "state": "active",
                "factor_step": 0,
                "made_at": self.now,
                "seen_at": self._at(),
            }
            accounts.add(held, row)
            audit.note(held, Doing("root", "command line", "add", f"account {name}"), self.now)

    def _others(self, held: Connection, count: int) -> None:
        """What stands in lists of its own."""
        lonlat = self.town.desk.snapshot().lonlat
        spots = lonlat[self._rng.integers(0, len(lonlat), count)].tolist()
        wished = [
            StoredWish(
                f"w-{self._id()}",
                encode(lon, lat, 6),
                ["water"],
                "walk",
                None,
                None,
                self._at(),
                self._id(64),
            )
            for lon, lat in spots
        ]
        wishes.add(held, wished)
        like = notices.versions(held)[-1]
        for _ in range(max(1, count // 4)):
            name = f"n-{self._id()}"
            notices.add(held, like._replace(identifier=name, root=name, refers_to=None))
        listed = [
            Version(
                str(EntryKind.CONTACT),
                f"c-{self._id()}",
                self.now,
                "wang",
                False,
                {"id": f"c-{self._id()}", "name": "街道服务台", "number": "0755-12345678"},
            )
            for _ in range(count)
        ]
        directory.add(held, [each._replace(id=each.body["id"]) for each in listed])
        self.town.samples |= {"entry": listed[0].body["id"], "notice_id": name}
        for place in {self.town.sample("place", place_of), *(self._place() for _ in range(count))}:
            photos.put(
                held, StoredPhoto(place, False, self._id(64), 4, 3, "wang", self._at()), _PHOTO
            )

    def _uploads(self, held: Connection, count: int) -> None:
        """Each examined, and published or not."""
        for number in range(count):
            where = self._where()
            sent = StoredUpload(
                self._id(),
                "驿站.xlsx",
                where.street,
                *where,
                1_000,
                self._id(64),
                "wang",
                self._at(),
            )
            uploads.add(held, sent)
            kind = ("examine", "publish")[number % 2]
            made = leases.new_job(kind, where, {"upload": sent.id}, "wang", sent.at)
            ended = {"seen": "", "version": "0" * 12, "before": "", "layer": where.street}
            state = JobState.FAILED if number % 5 == 0 else JobState.DONE
            made = made._replace(id=self._id(), state=state, outcome=ended)
            jobs.add(held, made)
            if (kind, state) == ("examine", JobState.DONE):
                held.execute(insert(job_file).values(job=made.id, name="waiting", body=WAITS))

    def _examined(self, lines: int) -> str:
        """A table of so many lines, all of which differ, in the town's street office."""
        place = self._place()
        lonlat = self.town.desk.snapshot().lonlat[0].tolist()
        diff = [
            {
                "id": place,
                "name": "驿站",
                "how": ("added", "changed", "removed")[row % 3],
                "lon": lonlat[0],
                "lat": lonlat[1],
                "moved_m": 0,
                "fields": [{"name": "phones", "before": "", "after": "12345"}],
            }
            for row in range(lines)
        ]
        said = [
            {
                "row": row,
                "column": "营业时间",
                "value": "很晚",
                "reason": "看不懂",
                "about": "看一看",
            }
            for row in range(lines)
        ]
        words = [{"word": "烤火", "column": "服务", "rows": 3, "what": "service"}] * lines
        report = {
            "rows": lines,
            "taken": lines,
            "refused": lines,
            "hours_read": 0,
            "hours_not_understood": lines,
            "rejects": said,
            "notes": said,
            "words": words,
        }
        files: dict[str, Any] = {f"report {each}": report for each in Language}
        files |= {"diff": diff, "headings": [], "refused.xlsx": []}
        outcome = {"seen": "", "waiting": 0, "added": lines, "gone": 0, "renamed": 0, "against": []}
        made = leases.new_job(
            "examine",
            self.town.desk.divisions().of_street(self.town.street),
            {"upload": "none"},
            "wang",
            self.now,
        )

        def unit(held: Connection) -> None:
            jobs.add(held, made)
            until = self.now + timedelta(seconds=9)
            lease = jobs.claim(held, made.id, self.now, until)
            assert lease
            told = {name: msgspec.json.encode(body) for name, body in files.items()}
            said_of_it = {**outcome, "contradictions": [], "refused": lines, "rows": lines}
            jobs.end(held, lease, JobState.DONE, said_of_it, self.now, told)

        self.town.desk.database.write(unit)
        return made.id
