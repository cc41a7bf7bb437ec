"""Settings, read from the environment once and frozen.

The only reader of NUANFENG_* beside the command line.
"""

import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from app.maps.basemap import GROUND, BadSetting, BaseMap, base_map

DEFAULT_DATASET: Final = "demo"
_DATABASES: Final = ("postgresql://", "postgres://")
#: Of each number what it is unless it is stated, and the least and most that it can be.
_NUMBERS: Final[Mapping[str, tuple[int, int, int]]] = {
    "NUANFENG_TRUSTED_PROXIES": (0, 0, 100),
    "NUANFENG_POSTS_PER_HOUR": (600, 0, 1_000_000),
    # Each is a thread of every worker.
    "NUANFENG_MAX_CONCURRENT": (64, 1, 1_000),
}
_LONGEST_APPROVAL: Final = 60
#: A name (RFC 1123) or an address; a dot before it means all that is below it, too.
_HOST: Final = re.compile(
    r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data lies, which dataset answers, which hosts and proxies are trusted, and what lies
    beneath the map.
    """

    home: Path
    """NUANFENG_HOME: datasets and caches; the user's data folder by default."""
    dataset: str
    """NUANFENG_DATASET."""
    network: str | None = None
    """NUANFENG_NETWORK: the road network that times come from; None: they are estimates."""
    trusted_hosts: tuple[str, ...] = ()
    """NUANFENG_TRUSTED_HOSTS, comma-separated, in ASCII; empty: any host is answered.

    `.example.org` means all hosts below it, too.
    """
    trusted_proxies: int = 0
    """NUANFENG_TRUSTED_PROXIES: how many reverse proxies stand in front, whose X-Forwarded-* are
    believed.
    """
    base_map: BaseMap | None = None
    """NUANFENG_BASEMAP, for Tianditu with NUANFENG_TIANDITU_TOKEN.

    None: our own, or none at all.
    """
    own_ground: bool = True
    """NUANFENG_BASEMAP is `ground`, or nothing: the base map of the dataset's name where there is
    one and where it may be shown; else outlines and names.
    """
    map_approval: str = ""
    """NUANFENG_MAP_APPROVAL: the number (审图号) under which our own base map of a city in mainland
    China may be shown to others than this machine.
    """
    posts_per_hour: int = 600
    """NUANFENG_POSTS_PER_HOUR: posts that one address may send to one worker; 0: any number."""
    max_concurrent: int = 64
    """NUANFENG_MAX_CONCURRENT: requests that one process works on at once.

    The next is 503 with Retry-After.
    """
    database_url: str | None = None
    """NUANFENG_DATABASE_URL: the database whose current version of the dataset is followed.

    None: the home alone.
    """


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; what is empty is not stated. Raises BadSetting."""
    stated = {name: value.strip() for name, value in environ.items() if value.strip()}
    return Settings(
        home=home(environ),
        dataset=stated.get("NUANFENG_DATASET", DEFAULT_DATASET),
        network=stated.get("NUANFENG_NETWORK"),
        trusted_hosts=_hosts(stated.get("NUANFENG_TRUSTED_HOSTS", "")),
        trusted_proxies=_number(stated, "NUANFENG_TRUSTED_PROXIES"),
        base_map=base_map(
            stated.get("NUANFENG_BASEMAP", GROUND), stated.get("NUANFENG_TIANDITU_TOKEN", "")
        ),
        own_ground=stated.get("NUANFENG_BASEMAP", GROUND) == GROUND,
        map_approval=_approval(stated.get("NUANFENG_MAP_APPROVAL", "")),
        posts_per_hour=_number(stated, "NUANFENG_POSTS_PER_HOUR"),
        max_concurrent=_number(stated, "NUANFENG_MAX_CONCURRENT"),
        database_url=_database_url(stated.get("NUANFENG_DATABASE_URL", "")),
    )


def _number(stated: Mapping[str, str], name: str) -> int:
    usual, least, most = _NUMBERS[name]
    text = stated.get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise BadSetting(
            (
                "{name} is {text!r}; it takes a whole number from {least:,} to {most:,}, and "
                "is {usual} where it is not set"
            ),
            name=name,
            text=text[:60],
            least=least,
            most=most,
            usual=usual,
        )
    return int(text)


def _approval(stated: str) -> str:
    """A number such as GS粤(2026)123号: some digits, and no longer than a line of the map."""
    if stated and not (re.search("[0-9]", stated) and len(stated) <= _LONGEST_APPROVAL):
        raise BadSetting(
            (
                "NUANFENG_MAP_APPROVAL is {stated!r}; it takes the number under which the map was "
                "approved, such as GS粤(2026)123号, of at most {most} characters"
            ),
            stated=stated[:60],
            most=_LONGEST_APPROVAL,
        )
    return stated


def _hosts(stated: str) -> tuple[str, ...]:
    """The hosts as browsers name them: small letters, ASCII, no port."""
    return tuple(_host(each.strip()) for each in stated.split(",") if each.strip())


def _host(stated: str) -> str:
    name = re.sub(r":[0-9]+$", "", stated.lower())
    dot = "." if name.startswith(".") else ""
    try:
        name = dot + name.removeprefix(".").encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise BadSetting(
            (
                "NUANFENG_TRUSTED_HOSTS names {stated!r}, which is no host that a browser "
                "could ask for; write names or IPv4 addresses with commas between them, such "
                "as map.example.org,.example.com, and leave it empty to answer any"
            ),
            stated=stated[:60],
        )
    return name


def _database_url(stated: str) -> str | None:
    """The address as it is, which may hold a password and is therefore never shown."""
    if not stated:
        return None
    if not stated.startswith(_DATABASES):
        raise BadSetting(
            "NUANFENG_DATABASE_URL is no address of a database; it looks like postgresql://user@host/name"
        )
    if importlib.util.find_spec("psycopg") is None:
        raise BadSetting(
            "NUANFENG_DATABASE_URL wants more packages: pip install 'nuanfeng[postgis]'"
        )
    return stated


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for datasets and caches. Raises BadSetting."""
    stated = environ.get("NUANFENG_HOME", "")
    if not stated.strip():
        return user_data_path("nuanfeng", appauthor=False)
    try:
        return Path(stated).expanduser()
    except RuntimeError:
        raise BadSetting(
            "NUANFENG_HOME is {stated!r}, and there is no such user; write a whole path",
            stated=stated[:200],
        ) from None
