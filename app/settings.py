"""Settings, read from the environment once and frozen.

The only reader of NUANFENG_* beside the command line.
"""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from app.maps.basemap import NONE, BadSetting, BaseMap, base_map

DEFAULT_DATASET: Final = "demo"
_DATABASES: Final = ("postgresql://", "postgres://")


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
    """NUANFENG_TRUSTED_HOSTS, comma-separated; empty: any host is answered."""
    trusted_proxies: int = 0
    """NUANFENG_TRUSTED_PROXIES: how many reverse proxies stand in front, whose X-Forwarded-* are
    believed.
    """
    base_map: BaseMap | None = None
    """NUANFENG_BASEMAP, for Tianditu with NUANFENG_TIANDITU_TOKEN.

    None: outlines and names of our own.
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
    """Settings from the environment. Raises BadSetting."""
    hosts = environ.get("NUANFENG_TRUSTED_HOSTS", "")
    return Settings(
        home=home(environ),
        dataset=environ.get("NUANFENG_DATASET", DEFAULT_DATASET),
        network=environ.get("NUANFENG_NETWORK") or None,
        trusted_hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
        trusted_proxies=int(environ.get("NUANFENG_TRUSTED_PROXIES", "0")),
        base_map=base_map(
            environ.get("NUANFENG_BASEMAP", NONE), environ.get("NUANFENG_TIANDITU_TOKEN", "")
        ),
        posts_per_hour=int(environ.get("NUANFENG_POSTS_PER_HOUR", "600")),
        max_concurrent=int(environ.get("NUANFENG_MAX_CONCURRENT", "64")),
        database_url=_database_url(environ.get("NUANFENG_DATABASE_URL", "")),
    )


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
    """The folder for datasets and caches."""
    stated = environ.get("NUANFENG_HOME")
    return Path(stated).expanduser() if stated else user_data_path("nuanfeng", appauthor=False)
