"""Checks of the databases: what people say can be read and kept, and letters can be opened."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.db import migrate
from app.db.database import Database, VoiceAway, address
from app.ops.findings import Finding, Situation, broken, fault, warning
from app.voice import letter_box
from app.voice.key_copies import is_copied
from app.voice.keys import KeyRing, NoKey
from geodata.errors import StoreError

#: A question that takes longer makes posts of riders slow.
_SLOW_S: Final = 0.5
#: A database that has not answered by then is away.
_CONNECT_S: Final = "3"


def said(at: Situation) -> Iterator[Finding]:
    """Whether what people say can be read, and is of this program."""
    chosen = at.chosen
    stated = chosen.voice_url or chosen.database_url
    url = address(chosen.home, chosen.dataset, stated)
    prepare = f"nuanfeng voice prepare --dataset {chosen.dataset}"
    if stated is None and not Path(str(url.database)).exists():
        yield warning("voice-missing", prepare, "there is no database of what people say yet")
        return
    database = Database(url.update_query_dict({"connect_timeout": _CONNECT_S}) if stated else url)
    try:
        began = time.monotonic()
        step = migrate.revision(database)
        took_s = time.monotonic() - began
        yield from _about(step, took_s, prepare)
        if step == migrate.REVISION:
            yield from _whose(at, database)
            yield from _keys(at, database)
    except VoiceAway:
        mend = 'pg_isready -d "$NUANFENG_VOICE_URL"' if stated else f"ls -l {url.database}"
        yield fault(
            "voice-away",
            mend,
            "the database of what people say cannot be read: nothing that riders send is kept",
        )
    finally:
        database.close()


def _about(step: str | None, took_s: float, prepare: str) -> Iterator[Finding]:
    if took_s > _SLOW_S:
        yield warning(
            "voice-slow",
            'psql "$NUANFENG_VOICE_URL" -c "SELECT pid, state, query FROM pg_stat_activity"',
            "the database of what people say took {took:.1f} s to answer",
            took=took_s,
        )
    if step is None:
        yield warning("voice-missing", prepare, "there is no database of what people say yet")
    elif step > migrate.REVISION:
        yield fault(
            "voice-newer",
            "pip install --upgrade nuanfeng",
            "what people said stands in a database of a newer program (step {at}; this one knows"
            " {known}); install the newer program again",
            at=step,
            known=migrate.REVISION,
        )
    elif step < migrate.REVISION:
        yield warning(
            "voice-older",
            prepare,
            "the database of what people say is at step {at} of {known}",
            at=step,
            known=migrate.REVISION,
        )


def _whose(at: Situation, database: Database) -> Iterator[Finding]:
    held = migrate.owner(database)
    if held and held != at.chosen.dataset:
        yield fault(
            "voice-of-another",
            "export NUANFENG_VOICE_URL=postgresql://USER@HOST/NAME",
            "what people said of {held} stands in this database; that of {dataset} is kept apart",
            held=held,
            dataset=at.chosen.dataset,
        )


def _keys(at: Situation, database: Database) -> Iterator[Finding]:
    ring = KeyRing(at.chosen.keys or at.chosen.home / "keys")
    try:
        with database.reading() as connection:
            letter_box.require_keys(connection, ring)
    except NoKey as missing:
        yield broken("key-missing", "nuanfeng keys import FILE", missing)
        return
    if ring.folder.is_dir() and ring.folder.stat().st_mode & 0o077:
        yield fault(
            "keys-open",
            f"chmod -R go= {ring.folder}",
            "others than their owner may read the keys in {folder}",
            folder=ring.folder,
        )
    if not at.is_synthetic and not is_copied(ring):
        yield warning(
            "no-key-copy",
            "nuanfeng keys export FILE",
            "there is no copy of the newest keys: if this disk is lost nobody can read the letters",
        )


def shared(at: Situation) -> Iterator[Finding]:
    """Whether the database that data come from answers, and has our tables."""
    url = at.chosen.database_url
    if url is None:
        return
    from geodata.store.postgis import SharedDataset

    try:
        SharedDataset(url, at.chosen.dataset).current()
    except StoreError as away:
        yield broken("shared-away", "nuanfeng shared prepare", away)
