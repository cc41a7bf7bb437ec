"""Checks of the home: what answers is there and whole, and the disk and the clock are well."""

import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from app.api.readiness import LEAST_FREE_BYTES
from app.live import holidays
from app.maps.basemap import GROUND
from app.ops import backup
from app.ops.findings import Finding, Situation, broken, fault, warning
from geodata.compiled import kernel_cache
from geodata.errors import DamagedDataset, NoDataset, Said, StoreError, why_of
from geodata.store.calendar import HomeCalendar
from geodata.store.files import BaseMapStore, Dataset, RoadNetwork, datasets, networks
from geodata.store.versions import format_of

#: With less than this free, the next version may not fit.
_LOW_BYTES: Final = 1_000_000_000
_VERSION: Final = re.compile(r"[0-9a-f]{16}")
#: What a killed backup or restore leaves behind.
_SCRAPS: Final = (".backup-*", ".restore-*", ".*.tar.*")
_BACKUP_EVERY: Final = timedelta(days=7)
#: With fewer, the next version may not fit.
_LEAST_INODES: Final = 1_000
#: Of data that are older nobody knows whether they hold; alerts.yml says the same.
_OLD: Final = timedelta(days=180)
#: A clock that is so far behind what was written is wrong.
_BEHIND: Final = timedelta(days=1)
#: Data are never so much older than today.
_AHEAD: Final = timedelta(days=5 * 366)


def home(at: Situation) -> Iterator[Finding]:
    """Whether data can be read and written where they lie."""
    folder = at.chosen.home
    if not folder.is_dir():
        yield fault(
            "home-missing",
            "nuanfeng run",
            "there is no folder {home}: no data lie there",
            home=folder,
        )
        return
    if why := cannot_write(folder):
        yield warning(
            "home-read-only",
            f"chown -R $(id -un) {folder}",
            "nothing can be written in {home}: {why}. No version can be published there, and what"
            " people say is kept only in a database of PostgreSQL (NUANFENG_VOICE_URL)",
            home=folder,
            why=why,
        )
    if folder.stat().st_uid != os.geteuid():
        yield warning(
            "home-of-another",
            f"ls -ld {folder}",
            "{home} is another user's: run the program as {owner}, or give the folder away (chown"
            " -R). What one user writes there the other may not be able to change",
            home=folder,
            owner=_named(folder.stat().st_uid),
        )
    free = shutil.disk_usage(folder).free
    mend = f"nuanfeng prune --dataset {at.chosen.dataset} --keep 2"
    if free < _LOW_BYTES:
        found = fault if free < LEAST_FREE_BYTES else warning
        yield found(
            "disk-full" if free < LEAST_FREE_BYTES else "disk-nearly-full",
            mend,
            "{free:,} MB are free where {home} lies",
            free=free // 1_000_000,
            home=folder,
        )


def _named(user: int) -> str:
    """A user's name; of one that has none its number."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def inodes(at: Situation) -> Iterator[Finding]:
    """Whether files can still be made where the home lies, however much room there is."""
    folder = at.chosen.home
    if not folder.is_dir():
        return
    found = os.statvfs(folder)
    # Some file systems make room for files as they go, and count none.
    if found.f_files and found.f_favail < _LEAST_INODES:
        yield fault(
            "inodes-full",
            f"nuanfeng prune --dataset {at.chosen.dataset} --keep 2",
            "only {count:,} more files can be made where {home} lies",
            count=found.f_favail,
            home=folder,
        )


def cannot_write(folder: Path) -> str:
    """Why nothing can be written there; empty: something can."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as refused:
        return why_of(refused)


def dataset(at: Situation) -> Iterator[Finding]:
    """Whether the dataset is there, of this format, and whole."""
    name, held = at.chosen.dataset, at.dataset
    try:
        if _other_format(held):
            yield _old(held, f"nuanfeng import FILE --dataset {name}")
            return
        held.verify()
    except NoDataset:
        there = datasets(at.chosen.home) or Said("none yet")
        yield fault(
            "dataset-missing",
            f"nuanfeng import FILE --dataset {name}",
            "there is no dataset {name}; there are: {there}",
            name=name,
            there=there,
        )
    except DamagedDataset as damage:
        yield broken("dataset-damaged", f"nuanfeng rollback --dataset {name}", damage)


def network(at: Situation) -> Iterator[Finding]:
    """Whether the road network is there, of this format, whole, and of this city."""
    name = at.chosen.network
    if name is None:
        return
    held, build = RoadNetwork(at.chosen.home, name), f"nuanfeng network build FILE --network {name}"
    try:
        if _other_format(held):
            yield _old(held, build)
            return
        about = held.verify().about
    except NoDataset:
        there = networks(at.chosen.home) or Said("none yet")
        yield warning(
            "network-missing",
            build,
            "there is no road network {name}; there are: {there}. Times are estimates",
            name=name,
            there=there,
        )
        return
    except DamagedDataset as damage:
        yield broken("network-damaged", f"nuanfeng network rollback --network {name}", damage)
        return
    if at.snapshot and not _covers(about.bounds, at.snapshot.outline.bounds):
        yield fault(
            "network-elsewhere",
            build,
            "the road network {name} is of another city: its roads do not reach {city}",
            name=name,
            city=at.snapshot.about.city.name,
        )


def _covers(
    roads: tuple[float, float, float, float], area: tuple[float, float, float, float]
) -> bool:
    """Whether two boxes (west, south, east, north; degrees) have anything in common."""
    return roads[0] < area[2] and area[0] < roads[2] and roads[1] < area[3] and area[1] < roads[3]


def ground(at: Situation) -> Iterator[Finding]:
    """Whether the base map is whole, if there is one."""
    if not at.chosen.own_ground:
        return
    name = at.chosen.dataset
    held = BaseMapStore(at.chosen.home, name)
    try:
        if held.current():
            held.verify()
    except (DamagedDataset, NoDataset) as damage:
        yield broken("ground-damaged", f"nuanfeng ground rollback --ground {name}", damage)


def ground_there(at: Situation) -> Iterator[Finding]:
    """Whether there is the base map that was asked for."""
    name = at.chosen.dataset
    asked = at.environ.get("NUANFENG_BASEMAP", "").strip() == GROUND
    if asked and not BaseMapStore(at.chosen.home, name).current():
        yield warning(
            "ground-missing",
            f"nuanfeng ground build FILE --ground {name}",
            "NUANFENG_BASEMAP asks for a base map of our own, and there is none that is called"
            " {name}: the map shows outlines and names",
            name=name,
        )


def data_age(at: Situation) -> Iterator[Finding]:
    """Whether real data are still of this year."""
    if at.snapshot is None or at.is_synthetic:
        return
    made = date.fromisoformat(at.snapshot.about.data_date)
    age = at.snapshot.zone.local(at.now).date() - made
    if _OLD < age < _AHEAD:  # else it is the clock
        yield warning(
            "data-old",
            f"nuanfeng import FILE --dataset {at.chosen.dataset} --publish",
            "the data are of {made}, {days} days ago: places have opened and closed since",
            made=made,
            days=age.days,
        )


def _other_format(held: Dataset | RoadNetwork) -> bool:
    return format_of(held.body(held.pointer())) != held.format


def _old(held: Dataset | RoadNetwork, mend: str) -> Finding:
    return fault(
        f"{held.what.split()[-1]}-format",
        mend,
        "{what} {name} has format {stored}; this program reads {format}: make it anew, or install"
        " the program before again",
        what=Said(held.what),
        name=held.name,
        stored=format_of(held.body(held.pointer())),
        format=held.format,
    )


def calendar(at: Situation) -> Iterator[Finding]:
    """Whether this year's holidays are known, and from November on next year's."""
    if at.snapshot is None:
        return
    about, known = at.snapshot.about, at.snapshot.known_until
    today = at.snapshot.zone.local(at.now).date()
    try:
        HomeCalendar(at.chosen.home).kept()
    except StoreError as damage:
        yield broken("calendar-damaged", "nuanfeng calendar add YEAR.csv --publish", damage)
        return
    text = holidays.warning(at.chosen.home, about.dataset, about.city.country, known, today)
    if text is None:
        return
    year = known.year + 1
    mend = f"nuanfeng calendar add {year}.csv --publish"
    if known >= today:
        yield warning(
            "holidays-next-year",
            mend,
            "the holidays of {year} are not known yet: hours that hang on them are unknown",
            year=year,
        )
    else:
        yield warning(
            "holidays-missing",
            mend,
            "the holidays of {year} are not known: hours that hang on them are unknown today",
            year=year,
        )


def clock(at: Situation) -> Iterator[Finding]:
    """Whether the clock can be right: not before what was written, not years after it."""
    if at.snapshot is None:
        return
    made = date.fromisoformat(at.snapshot.about.data_date)
    written = (at.dataset.folder / "CURRENT").stat().st_mtime
    least = datetime.fromtimestamp(written, UTC) - _BEHIND
    most = datetime(made.year, made.month, made.day, tzinfo=UTC) + _AHEAD
    if not least <= at.now <= most:
        yield fault(
            "clock-wrong",
            "timedatectl set-ntp true",
            "the clock says {now}, and the data are of {made} and were published on {written}:"
            " what is open would be answered wrongly",
            now=f"{at.now:%Y-%m-%d %H:%M} UTC",
            made=made,
            written=f"{datetime.fromtimestamp(written, UTC):%Y-%m-%d}",
        )


def leftovers(at: Situation) -> Iterator[Finding]:
    """What jobs that were killed left behind; it takes room, and does no harm."""
    folder = at.chosen.home
    found = [path for pattern in _SCRAPS for path in folder.glob(pattern)]
    for held in (at.dataset, RoadNetwork(folder, at.chosen.network or at.chosen.dataset)):
        inside = (held.folder / "versions").glob("*")
        found += [path for path in inside if not _VERSION.fullmatch(path.name)]
    if found:
        yield warning(
            "leftovers",
            "rm -r " + " ".join(map(str, sorted(found)[:5])),
            "{count} files or folders of jobs that were killed lie in {home}; if no job runs now,"
            " they can go",
            count=len(found),
            home=folder,
        )


def kernels(_: Situation) -> Iterator[Finding]:
    """Whether compiled code is kept: else every start takes a minute, and every worker."""
    if not kernel_cache.writable():
        kept = kernel_cache.folder()
        yield warning(
            "kernels-not-kept",
            f"chown -R $(id -un) {kept}" if kept else "export NUMBA_CACHE_DIR=/var/cache/nuanfeng",
            "compiled code cannot be kept in {folder}: every start compiles it anew",
            folder=kept or Said("any folder"),
        )


def backups(at: Situation) -> Iterator[Finding]:
    """Whether real data were backed up lately."""
    if at.snapshot is None or at.is_synthetic:
        return
    last = backup.last_at(at.chosen.home, at.chosen.dataset)
    mend = f"nuanfeng backup nuanfeng-{at.now:%Y-%m-%d}.tar --dataset {at.chosen.dataset}"
    if last is None:
        yield warning("no-backup", mend, "no backup was ever made from this home")
    elif at.now - last > _BACKUP_EVERY:
        yield warning("old-backup", mend, "the last backup is of {day}", day=f"{last:%Y-%m-%d}")
