"""What people say of a dataset, as the settings have it: opened by every process, and made ready
once, before the processes of a server start.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from app.db.database import LONGEST_S, Connection, Database, address
from app.settings import Settings
from app.voice import demo, demo_directory, demo_letters, demo_notices, letter_box
from app.voice.keys import KeyRing
from app.voice.posting import Limits, Voice

if TYPE_CHECKING:
    from geodata.snapshot.snapshot import Snapshot


def voice_of(chosen: Settings) -> Voice:
    """The database of what people say of a dataset, its keys and its limits."""
    stated = chosen.voice_url or chosen.database_url
    limits = Limits(
        reports=chosen.reports_per_hour,
        wishes=chosen.wishes_per_hour,
        letters=chosen.letters_per_hour,
        place=chosen.reports_per_place,
        hot=chosen.reports_per_place // 2,
    )
    keys = KeyRing(chosen.keys or chosen.home / "keys")
    return Voice(Database(address(chosen.home, chosen.dataset, stated)), keys, limits)


def make_ready(voice: Voice, snapshot: "Snapshot", dataset: str, now: datetime) -> None:
    """Bring the tables to this program, end texts whose time is over, and of a demo make its
    content anew.

    Raises NewerVoice, OtherVoice, VoiceAway, and NoKey where letters could not be opened.
    """
    from app.db import migrate

    synthetic = snapshot.about.synthetic
    migrate.upgrade(voice.database, dataset, synthetic=synthetic, now=now)
    with voice.database.reading() as connection:
        letter_box.require_keys(connection, voice.keys)

    def unit(connection: Connection) -> None:
        letter_box.forget_old(connection, now)
        if synthetic:
            demo.renew(connection, snapshot, now)
            demo_notices.renew(connection, snapshot, now)
            demo_letters.fill(connection, voice.keys, snapshot, now)
            demo_directory.renew(connection, snapshot, now)

    voice.database.write(unit, LONGEST_S)  # nobody who sent something waits for it
