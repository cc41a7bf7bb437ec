"""Versions of datasets in a PostGIS database that several machines share: pushed and pulled whole.

Asks no questions.

    nuanfeng.release   a version: its manifest, what is true of it as a whole, who pushed it and
    when
             part      its stored files in pieces, byte for byte
             pointer   which release is current, and which was before
             place     its places as rows; the views `points` and `streets` show the current
             version's to QGIS
             holidays  the years that operators loaded, by country (calendar.py); they go with every
             push and come with every pull, and of each year the later word holds

A server searches in its own memory: it pulls the current version into its home (`files.Dataset`)
and maps it there. A push is one transaction, so a reader meets the old version or the new one; a
publisher killed at any moment, or cut off, leaves the old one. SQL stands in sql/, the schema in
migrations/ (Alembic).
"""

import hashlib
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from threading import Timer
from typing import Any, Final, cast

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from geodata.errors import (
    BadValue,
    DamagedDataset,
    DatabaseAway,
    NoDataset,
    PublishRefused,
    Said,
    StoreError,
)
from geodata.snapshot.snapshot import DatasetAbout, Snapshot
from geodata.store import sent
from geodata.store.calendar import HomeCalendar, understood, written
from geodata.store.files import CURRENT, PREVIOUS, Dataset, Kept, Manifest, Pointer, Seen
from geodata.store.history import Receipt, Stamp
from geodata.store.versions import called, unmixed

#: The step of migrations/ that this program speaks with.
REVISION: Final = "0004"
#: How long a database may take to let us in, to answer a short question, and to send or take a
#: piece.
CONNECT_S: Final = 3
ANSWER_S: Final = 3.0
PIECE_S: Final = 20.0
#: How long it may take to turn the places of a version into indexed rows.
PLACES_S: Final = 900.0
PIECE_BYTES: Final = 1 << 20

_Connection = psycopg.Connection[tuple[Any, ...]]


class _Read(Dataset):
    """What comes from the database is read as what lies on disk.

    The way out of damage is another.
    """

    __slots__ = ()
    way_out = "`nuanfeng shared rollback --dataset {name}` goes back to the last whole version"


@dataclass(frozen=True, slots=True)
class SharedDataset:
    """The versions of one dataset in a database, `postgresql://user@host/database`.

    Every method raises DatabaseAway where the database does not answer in time, and StoreError
    where it was never prepared or refuses.
    """

    url: str
    name: str

    def __post_init__(self) -> None:
        Dataset(Path(), self.name)  # the same names, refused in the same words

    def pointer(self, which: str = CURRENT) -> Pointer:
        """Which version is current (or PREVIOUS). Raises NoDataset."""
        with _transaction(self.url) as at:
            return _pointer(at, self.name, which)

    def current(self) -> Pointer | None:
        """Which version is current; None where there is none yet."""
        with _transaction(self.url) as at:
            return self._current_or_none(at)

    def manifest(self, pointer: Pointer) -> Manifest[DatasetAbout]:
        """The manifest of a version, checked against its pointer.

        Raises NoDataset or DamagedDataset.
        """
        with _transaction(self.url) as at:
            return self._manifest(at, pointer)[0]

    def blob(self, version: str, name: str) -> bytes:
        """A file of a version as it was published, such as areas.geojson.

        Of an empty or unknown one nothing.
        """
        with _transaction(self.url) as at:
            return b"".join(self._pieces(at, version, name))

    def verify(self, pointer: Pointer | None = None) -> Manifest[DatasetAbout]:
        """Read every byte of a version and compare checksums.

        Raises DamagedDataset naming the first bad file.
        """
        with _transaction(self.url) as at:
            return self._verify(at, pointer or _pointer(at, self.name, CURRENT))

    def versions(self) -> tuple[Kept, ...]:
        """Every version that is kept, the one pushed last first, each with who published it and
        when.
        """
        with _transaction(self.url) as at:
            return self._versions(at)

    def find(self, text: str) -> Pointer:
        """The version that is called so, by its first characters. Raises NoSuchVersion."""
        with _transaction(self.url) as at:
            return _pointer_of(self._called(at, text))

    def pull(self, local: Dataset, pointer: Pointer | None = None) -> Pointer:
        """Publish a version, the current one by default, under a home folder.

        One that is current there stays as it is. The holidays that operators loaded come along.

        Raises as `Dataset.publish` does, and DamagedDataset where what comes does not fit its
        checksums.
        """
        with _transaction(self.url) as at:
            wanted = pointer or _pointer(at, self.name, CURRENT)
            _, body = self._manifest(at, wanted)
            stamp = Stamp(*_rows(at, "stamp", dataset=self.name, version=wanted.version)[0])
            taken = local.take(
                wanted, body, lambda name: self._pieces(at, wanted.version, name), stamp
            )
            local.add_sent(sent.parsed(b"".join(self._pieces(at, wanted.version, sent.SENT))))
            for (year,) in _rows(at, "holidays"):
                HomeCalendar(local.home).take(understood(year, "the database"))
        return taken

    def push(self, local: Dataset, *, force: bool = False, seen: Seen | None = None) -> Pointer:
        """Share the current version of a home folder, whole or not at all.

        The one before becomes PREVIOUS.

        The holidays that were loaded in the home go along. Pushing what is current changes nothing
        else. Raises PublishRefused where another push is at
        work, or was since `seen`, where made-up and real places would share a dataset, or, unless
        `force`d, where the database holds a version that this home has never had: somebody's work
        would be undone unseen. Raises DamagedDataset where a local file does not fit.
        """
        pointer = local.pointer()
        local.verify(pointer)
        with _transaction(self.url, write=True) as at:
            current = self._alone(at, seen)
            for year in HomeCalendar(local.home).kept():
                _run(
                    at,
                    "hold",
                    country=year.country,
                    year=year.year,
                    at=year.at,
                    body=written(year),
                )
            if current and current.version == pointer.version:
                return current
            self._may_follow(at, local, pointer, force=force)
            self._store(at, local, pointer)
            _run(at, "point", dataset=self.name, version=pointer.version)
            self._tell(at)
            self._forget(
                at, [each for each in self._versions(at)[Dataset.keep :] if not each.pointed]
            )
        return pointer

    def rollback(self, version: str | None = None, seen: Seen | None = None) -> Pointer:
        """Point to a version that is kept, by default the last whole one pushed before the current.

        Its bytes are read.

        `version` may be its first characters. What was pushed before it becomes PREVIOUS. Raises
        NoSuchVersion, NoDataset where none is left to go back to, DamagedDataset for a stated
        version that is not whole, and PublishRefused where another publisher is at work, or was
        since `seen`.
        """
        with _transaction(self.url, write=True) as at:
            self._alone(at, seen)
            chosen = self._called(at, version) if version else self._last_whole_before(at)
            pointer = _pointer_of(chosen)
            self._verify(at, pointer)
            _run(at, "back", dataset=self.name, number=_receipt(chosen).number)
            self._tell(at)
        return pointer

    def prune(self, keep: int) -> tuple[str, ...]:
        """Forget all versions but the current one and the newest others, `keep` in all.

        Gives those forgotten.

        PREVIOUS goes with its version. Raises BadValue below 1.
        """
        if keep < 1:
            raise BadValue("at least the current version is kept: {keep} is too few", keep=keep)
        with _transaction(self.url, write=True) as at:
            self._alone(at)
            held = sorted(self._versions(at), key=lambda each: each.pointed != CURRENT)
            self._forget(at, held[keep:])
        return tuple(each.version for each in held[keep:])

    def changes(self, every_s: float) -> Iterator[Pointer | None]:
        """What is current: now, whenever anything is published, and every so many seconds.

        None before there is any.

        Never ends by itself.
        """
        with _connected(self.url) as at:
            _check_revision(at)
            at.autocommit = True
            _run(at, "listen")
            while True:
                yield self._current_or_none(at)
                for _ in at.notifies(timeout=every_s, stop_after=1):
                    pass

    def _manifest(self, at: _Connection, pointer: Pointer) -> tuple[Manifest[DatasetAbout], bytes]:
        body, _ = self._manifest_row(at, pointer.version)
        return (
            _Read(Path(), self.name).understood(
                body, pointer, f"the manifest of version {pointer.version}"
            ),
            body,
        )

    def _manifest_row(self, at: _Connection, version: str) -> tuple[bytes, str]:
        found = _rows(at, "manifest", dataset=self.name, version=version)
        if not found:
            raise NoDataset(
                "the database keeps no version {version} of dataset {name!r}",
                version=version,
                name=self.name,
            )
        body, digest = found[0]
        return body, digest

    def _verify(self, at: _Connection, pointer: Pointer) -> Manifest[DatasetAbout]:
        manifest, _ = self._manifest(at, pointer)
        for name, part in manifest.parts.items():
            digest = hashlib.sha256()
            for piece in self._pieces(at, manifest.version, name):
                digest.update(piece)
            if digest.hexdigest() != part.sha256:
                raise self._damage(
                    Said(
                        "{name} of version {version} does not fit its checksum",
                        name=name,
                        version=manifest.version,
                    )
                )
        return manifest

    def _pieces(self, at: _Connection, version: str, name: str) -> Iterator[bytes]:
        whose: dict[str, Any] = {"dataset": self.name, "version": version, "name": name}
        for number in range(_rows(at, "pieces", **whose)[0][0]):
            found = _rows(at, "piece", within_s=PIECE_S, **whose, number=number)
            if not found:
                raise self._damage(
                    Said("{name} of version {version} has lost a piece", name=name, version=version)
                )
            yield found[0][0]

    def _damage(self, what: Said) -> DamagedDataset:
        return DamagedDataset(
            "{what}; {way_out}", what=what, way_out=Said(_Read.way_out, name=self.name)
        )

    def _current_or_none(self, at: _Connection) -> Pointer | None:
        try:
            return _pointer(at, self.name, CURRENT)
        except NoDataset:
            return None

    def _versions(self, at: _Connection) -> tuple[Kept, ...]:
        return tuple(_kept(*row) for row in _rows(at, "versions", dataset=self.name))

    def _called(self, at: _Connection, text: str) -> Kept:
        return called(text, self._versions(at), f"dataset {self.name!r} in the database")

    def _last_whole_before(self, at: _Connection) -> Kept:
        _pointer(at, self.name, CURRENT)
        kept = self._versions(at)
        current = next(number for number, each in enumerate(kept) if each.pointed == CURRENT)
        for each in kept[current + 1 :]:
            with suppress(DamagedDataset):
                self._verify(at, _pointer_of(each))
                return each
        raise NoDataset(
            "dataset {name!r} has no whole version in the database to go back to", name=self.name
        )

    def _forget(self, at: _Connection, stale: Sequence[Kept]) -> None:
        for each in stale:
            _run(at, "leave", dataset=self.name, version=each.version)
            _run(at, "forget", within_s=PLACES_S, dataset=self.name, version=each.version)

    def _tell(self, at: _Connection) -> None:
        _run(at, "tell", dataset=self.name)

    def _alone(self, at: _Connection, seen: Seen | None = None) -> Pointer | None:
        """What is current, and stays so until this transaction ends."""
        if not _rows(at, "alone", dataset=self.name)[0][0]:
            raise PublishRefused(
                "another process is publishing to dataset {name!r}; try again later", name=self.name
            )
        current = self._current_or_none(at)
        if seen:
            seen.require(current, f"dataset {self.name!r} in the database")
        return current

    def _may_follow(
        self, at: _Connection, local: Dataset, pointer: Pointer, *, force: bool
    ) -> None:
        """Raises PublishRefused where the version may not follow what is current in the
        database.
        """
        current = next((each for each in self._versions(at) if each.pointed == CURRENT), None)
        if current is None:
            return
        unmixed(
            self.name, _receipt(current).told["synthetic"], local.manifest(pointer).about.synthetic
        )
        if not force and not local.has(current.version):
            raise PublishRefused(
                (
                    "the database holds version {version} of dataset {name!r}, which was never "
                    "here; pull it and import anew, or insist with --force"
                ),
                version=current.version,
                name=self.name,
            )

    def _store(self, at: _Connection, local: Dataset, pointer: Pointer) -> None:
        """Write the version anew, also where it is kept: what lies there may be damaged."""
        manifest = local.manifest(pointer)
        whose: dict[str, Any] = {"dataset": self.name, "version": pointer.version}
        _run(at, "leave", **whose)
        _run(at, "forget", within_s=PLACES_S, **whose)
        about, receipt = manifest.about, local.receipt(pointer.version)
        stamp = Stamp(receipt.at, receipt.by) if receipt else Stamp.now()
        [(release,)] = _rows(
            at,
            "release",
            **whose,
            manifest=local.body(pointer),
            manifest_sha256=pointer.manifest_sha256,
            synthetic=about.synthetic,
            title=about.title,
            licence=about.licence,
            source=about.source,
            data_date=about.data_date,
            places=sum(about.counts.values()),
            published_at=stamp.at,
            published_by=stamp.by,
        )
        for name in manifest.parts:
            for number, body in enumerate(local.pieces(pointer.version, name, PIECE_BYTES)):
                _run(
                    at,
                    "part",
                    within_s=PIECE_S,
                    release=release,
                    name=name,
                    number=number,
                    body=body,
                )
        if history := sent.lines(local.sent()):
            _run(at, "part", release=release, name=sent.SENT, number=0, body=history)
        _store_places(at, release, local.load(pointer))


def prepare(url: str) -> None:
    """Make the schema, or bring it up to date.

    Once per database and release of this program, by who may create.

    Raises DatabaseAway, or StoreError where the database has no PostGIS to offer.
    """
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config

    with _connected(url) as at:
        engine = sa.create_engine(
            "postgresql+psycopg://", creator=lambda: at, poolclass=sa.StaticPool
        )
        try:
            with engine.begin() as connection:
                connection.execute(sa.schema.CreateSchema("nuanfeng", if_not_exists=True))
                steps = Config(attributes={"connection": connection})
                steps.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
                command.upgrade(steps, REVISION)
        except sa.exc.DBAPIError as fault:
            raise StoreError(
                "the database {named} refuses: {first_line}",
                named=named(url),
                first_line=_first_line(fault.orig or fault),
            ) from fault


def shared_datasets(url: str) -> tuple[str, ...]:
    """Names of the datasets that have a current version, sorted."""
    with _transaction(url) as at:
        return tuple(name for (name,) in _rows(at, "datasets"))


def named(url: str) -> str:
    """A database in words, without user and password.

    Raises BadValue for what is no address of one.
    """
    try:
        told = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise BadValue(
            "the address of the database cannot be read; it looks like postgresql://user@host/name"
        ) from None
    port = f":{told['port']}" if "port" in told else ""
    return f"{told.get('dbname', 'of the user')!r} on {told.get('host', 'this machine')}{port}"


def _pointer(at: _Connection, dataset: str, which: str) -> Pointer:
    found = _rows(at, "pointers", dataset=dataset)
    version, digest = (
        (found[0][:2] if which == CURRENT else found[0][2:]) if found else (None, None)
    )
    if version is None:
        raise NoDataset(
            f"there is no dataset {dataset!r} in the database"
            if not found
            else "there was none before it"
        )
    return Pointer(version, digest)


class _LayersTold(msgspec.Struct, frozen=True):
    """What is read of an `about` for a list of versions."""

    layers: tuple[msgspec.Raw, ...] = ()


class _AboutTold(msgspec.Struct, frozen=True):
    about: _LayersTold


def _layers(manifest: bytes) -> dict[str, int]:
    """How many layers a version has; nothing where its manifest is damaged."""
    try:
        return {"layers": len(msgspec.json.decode(manifest, type=_AboutTold).about.layers)}
    except msgspec.MsgspecError:
        return {}


def _kept(number: int, version: str, digest: str, at: datetime, by: str, *told: Any) -> Kept:
    places, synthetic, source, data_date, current, previous, manifest = told
    said = {
        "places": places,
        "synthetic": synthetic,
        "source": source,
        "data_date": data_date.isoformat(),
        **_layers(manifest),
    }
    pointed = CURRENT if number == current else PREVIOUS if number == previous else ""
    return Kept(version, Receipt(number, version, digest, at, by, said), pointed)


def _receipt(kept: Kept) -> Receipt:
    """In the database every version has one."""
    return cast("Receipt", kept.receipt)


def _pointer_of(kept: Kept) -> Pointer:
    return Pointer(kept.version, _receipt(kept).manifest_sha256)


def _store_places(at: _Connection, release: int, snapshot: Snapshot) -> None:
    _run(at, "staged")
    with _answering(at, PLACES_S), at.cursor() as cursor, cursor.copy(_sql("stage")) as rows:
        for row in snapshot.by_id.tolist():
            rows.write_row((snapshot.records.with_provenance(row).decode(),))
    _run(at, "places", within_s=PLACES_S, release=release)


@contextmanager
def _transaction(url: str, *, write: bool = False) -> Iterator[_Connection]:
    """All that is read is of one moment, all that is written becomes true at once or never."""
    with _connected(url) as at:
        _check_revision(at)
        at.read_only = not write
        at.isolation_level = (
            psycopg.IsolationLevel.READ_COMMITTED
            if write
            else psycopg.IsolationLevel.REPEATABLE_READ
        )
        yield at
        with _answering(at, ANSWER_S):
            at.commit()


@contextmanager
def _connected(url: str) -> Iterator[_Connection]:
    """A line to the database; what is not committed when it is closed never was."""
    with (
        _in_words(url),
        closing(psycopg.connect(url, connect_timeout=CONNECT_S, application_name="nuanfeng")) as at,
    ):
        yield at


def _check_revision(at: _Connection) -> None:
    try:
        reached = _rows(at, "reached")[0][0]
    except psycopg.errors.UndefinedTable:
        raise StoreError(
            "the database has no tables of ours yet: run `nuanfeng shared prepare` once"
        ) from None
    with _answering(at, ANSWER_S):
        at.rollback()
    if reached != REVISION:
        raise StoreError(
            (
                "the database stands at step {reached} and this program at {revision}: run "
                "`nuanfeng shared prepare` with the newer of the two programs"
            ),
            reached=reached,
            revision=REVISION,
        )


def _rows(
    at: _Connection, query: str, /, *, within_s: float = ANSWER_S, **values: Any
) -> list[tuple[Any, ...]]:
    with _answering(at, within_s), at.cursor(binary=True) as cursor:
        return cursor.execute(_sql(query), values).fetchall()


def _run(at: _Connection, query: str, /, *, within_s: float = ANSWER_S, **values: Any) -> None:
    with _answering(at, within_s), at.cursor() as cursor:
        cursor.execute(_sql(query), values)


@cache
def _sql(name: str) -> bytes:
    return (resources("geodata.store") / "sql" / f"{name}.sql").read_bytes()


@contextmanager
def _answering(at: _Connection, within_s: float) -> Iterator[None]:
    """Cut the line where the database takes longer.

    One that hangs says nothing, and would hold its reader for ever.
    """
    timer = Timer(within_s, _cut, (at,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(at: _Connection) -> None:
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(at.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as fault:
        # No state: the line broke. 08: connection, 57: the server is going down or coming up
        # (PostgreSQL, appendix A).
        if fault.sqlstate is None or fault.sqlstate[:2] in ("08", "57"):
            raise DatabaseAway(
                "the database {named} does not answer: {first_line}",
                named=named(url),
                first_line=_first_line(fault),
            ) from fault
        raise StoreError(
            "the database {named} refuses: {first_line}",
            named=named(url),
            first_line=_first_line(fault),
        ) from fault


def _first_line(fault: BaseException) -> str:
    return next(iter(str(fault).strip().splitlines()), type(fault).__name__)
