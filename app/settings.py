"""Settings, read from the environment once and frozen.

The only reader of NUANFENG_* beside the command line.
"""

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from app.maps.basemap import GROUND, BadSetting, BaseMap, base_map

DEFAULT_DATASET: Final = "demo"


class LogFormat(StrEnum):
    """How a server writes its log."""

    TEXT = "text"
    JSON = "json"


#: From which level on a log is written, unless it is stated: a terminal is told of what is wrong, a
#: program that reads JSON of every request.
_USUAL_LEVEL: Final[Mapping[LogFormat, str]] = {LogFormat.TEXT: "warning", LogFormat.JSON: "info"}
_LEVELS: Final = ("debug", "info", "warning", "error")
_DATABASES: Final = ("postgresql://", "postgres://")
#: Of each number what it is unless it is stated, and the least and most that it can be.
_NUMBERS: Final[Mapping[str, tuple[int, int, int]]] = {
    "NUANFENG_TRUSTED_PROXIES": (0, 0, 100),
    "NUANFENG_POSTS_PER_HOUR": (600, 0, 1_000_000),
    "NUANFENG_REPORTS_PER_HOUR": (30, 0, 1_000_000),
    "NUANFENG_REPORTS_PER_PLACE": (20, 0, 1_000_000),
    "NUANFENG_WISHES_PER_HOUR": (5, 0, 1_000_000),
    "NUANFENG_LETTERS_PER_HOUR": (3, 0, 1_000_000),
    # Each is a thread of every worker.
    "NUANFENG_MAX_CONCURRENT": (64, 1, 1_000),
    # 0: any.
    "NUANFENG_MAX_WORKER_MB": (1_500, 0, 1_000_000),
    # 0: the server's own figures are not told.
    "NUANFENG_SERVER_METRICS_PORT": (0, 0, 65_535),
}
#: What is secret, and may stand in a file instead, whose path is in NAME_FILE: as a container is
#: handed it, and so that it stands in no list of processes.
_SECRETS: Final = (
    "NUANFENG_DATABASE_URL",
    "NUANFENG_VOICE_URL",
    "NUANFENG_TIANDITU_TOKEN",
    "NUANFENG_METRICS_TOKEN",
    "NUANFENG_SSO_SECRET",
)
_LONGEST_APPROVAL: Final = 60
_LONGEST_ANSWERERS: Final = 60
_PROVIDER: Final = re.compile(
    r"https://[^/\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/|$)"
)
_SSO: Final = ("NUANFENG_SSO_ISSUER", "NUANFENG_SSO_CLIENT", "NUANFENG_SSO_SECRET")
#: A name (RFC 1123) or an address; a dot before it means all that is below it, too.
_HOST: Final = re.compile(
    r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)
#: Every setting, for who asks whether one is spelled wrong.
_NAMES: Final = (
    *_NUMBERS,
    "NUANFENG_ANSWERERS",
    "NUANFENG_BASEMAP",
    "NUANFENG_DATABASE_URL",
    "NUANFENG_DATASET",
    "NUANFENG_HOME",
    "NUANFENG_KEYS",
    "NUANFENG_LOG_FORMAT",
    "NUANFENG_LOG_LEVEL",
    "NUANFENG_MAP_APPROVAL",
    "NUANFENG_METRICS_TOKEN",
    "NUANFENG_NETWORK",
    "NUANFENG_PREFIX",
    "NUANFENG_TIANDITU_TOKEN",
    "NUANFENG_TRUSTED_HOSTS",
    "NUANFENG_VOICE_URL",
)
#: Parts of a path that need no escaping, each after a slash.
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,8}")
#: How paths of our own begin: under one of these names nothing is mounted, as a proxy may take the
#: name off, or leave it, and then nobody knows which of both a path is.
OWN_PATHS: Final = frozenset(
    {
        *("api", "areas", "benefits", "contacts", "coverage", "data", "desk"),
        *("docs", "events", "events.ics", "favicon.svg", "ground", "healthz", "letters"),
        *("limits", "manifest.webmanifest", "metrics", "n", "notices", "notices.atom", "ogc"),
        *("openapi.json", "p", "photos", "plates", "privacy", "readyz", "roads"),
        *("robots.txt", "static", "sw.js", "tiles", "wishes"),
    }
)
_SHORTEST_TOKEN: Final = 16


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
    reports_per_hour: int = 30
    """NUANFENG_REPORTS_PER_HOUR: reports that one network may send; 0: any number."""
    reports_per_place: int = 20
    """NUANFENG_REPORTS_PER_PLACE: reports about one place, from all; from the half of it on each
    wants a proof of work. 0: any number, and no proof.
    """
    wishes_per_hour: int = 5
    """NUANFENG_WISHES_PER_HOUR: wishes that one network may send; 0: any number."""
    letters_per_hour: int = 3
    """NUANFENG_LETTERS_PER_HOUR: letters that one network may send; 0: any number."""
    voice_url: str | None = None
    """NUANFENG_VOICE_URL: the PostgreSQL database of what people say; NUANFENG_DATABASE_URL where
    it is not stated, and without either a file of the home.
    """
    keys: Path | None = None
    """NUANFENG_KEYS: the folder of the keys of plates and letters; None: `keys` of the home."""
    answerers: str = ""
    """NUANFENG_ANSWERERS: who reads and answers letters, as the page tells it; empty: nobody, and
    no letter is taken but of a demo.
    """
    sso: tuple[str, str, str] | None = None
    """NUANFENG_SSO_ISSUER, NUANFENG_SSO_CLIENT and NUANFENG_SSO_SECRET: the OpenID Connect provider
    that the desk's accounts may sign in at; None: none.
    """
    max_concurrent: int = 64
    """NUANFENG_MAX_CONCURRENT: requests that one process works on at once.

    The next is 503 with Retry-After.
    """
    max_worker_mb: int = 1_500
    """NUANFENG_MAX_WORKER_MB: memory that one process may hold beyond what the server began
    with; one that holds more is replaced, and answers what it has begun. 0: any.
    """
    database_url: str | None = None
    """NUANFENG_DATABASE_URL: the database whose current version of the dataset is followed.

    None: the home alone.
    """
    prefix: str = ""
    """NUANFENG_PREFIX: the path that all is mounted under, such as /nuanfeng; empty: the root."""
    log_format: LogFormat = LogFormat.TEXT
    """NUANFENG_LOG_FORMAT."""
    log_level: str = _USUAL_LEVEL[LogFormat.TEXT]
    """NUANFENG_LOG_LEVEL; with `info` every request is told."""
    metrics_token: str = field(default="", repr=False)
    """NUANFENG_METRICS_TOKEN: who sends it as a bearer token may read /metrics from elsewhere;
    empty: this machine alone may.
    """
    server_metrics_port: int = 0
    """NUANFENG_SERVER_METRICS_PORT: a port of this machine on which granian tells its own figures;
    0: it does not.
    """


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; what is empty is not stated. Raises BadSetting."""
    stated = {name: value.strip() for name, value in environ.items() if value.strip()}
    stated |= _from_files(stated)
    log_format = LogFormat(_one_of(stated, "NUANFENG_LOG_FORMAT", tuple(LogFormat), LogFormat.TEXT))
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
        reports_per_hour=_number(stated, "NUANFENG_REPORTS_PER_HOUR"),
        reports_per_place=_number(stated, "NUANFENG_REPORTS_PER_PLACE"),
        wishes_per_hour=_number(stated, "NUANFENG_WISHES_PER_HOUR"),
        letters_per_hour=_number(stated, "NUANFENG_LETTERS_PER_HOUR"),
        voice_url=_database_url(stated, "NUANFENG_VOICE_URL"),
        answerers=_answerers(stated.get("NUANFENG_ANSWERERS", "")),
        sso=_sso(stated),
        keys=Path(stated["NUANFENG_KEYS"]) if "NUANFENG_KEYS" in stated else None,
        max_concurrent=_number(stated, "NUANFENG_MAX_CONCURRENT"),
        max_worker_mb=_number(stated, "NUANFENG_MAX_WORKER_MB"),
        database_url=_database_url(stated, "NUANFENG_DATABASE_URL"),
        prefix=_prefix(stated.get("NUANFENG_PREFIX", "")),
        log_format=log_format,
        log_level=_one_of(stated, "NUANFENG_LOG_LEVEL", _LEVELS, _USUAL_LEVEL[log_format]),
        metrics_token=_token(stated.get("NUANFENG_METRICS_TOKEN", "")),
        server_metrics_port=_number(stated, "NUANFENG_SERVER_METRICS_PORT"),
    )


def _from_files(stated: Mapping[str, str]) -> dict[str, str]:
    """The secrets that stand in files. Raises BadSetting, which says nothing of what is in one."""
    found: dict[str, str] = {}
    for name in _SECRETS:
        path = stated.get(f"{name}_FILE")
        if path is None:
            continue
        if name in stated:
            raise BadSetting("{name} and {name}_FILE are both set; set one of them", name=name)
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            found[name] = ""
        if not found[name]:
            raise BadSetting(
                "{name}_FILE names {path!r}, which is no text that can be read; write the path of a"
                " file that holds nothing but the value",
                name=name,
                path=path[:200],
            )
    return found


def _one_of(stated: Mapping[str, str], name: str, allowed: Sequence[str], usual: str) -> str:
    text = stated.get(name, usual).lower()
    if text not in allowed:
        raise BadSetting(
            "{name} is {text!r}; it can be {allowed}, and is {usual} where it is not set",
            name=name,
            text=text[:60],
            allowed=", ".join(allowed),
            usual=usual,
        )
    return text


def _prefix(stated: str) -> str:
    """A path such as /nuanfeng, without a slash at its end."""
    path = stated.rstrip("/")
    if _is_own(path):
        raise BadSetting(
            "NUANFENG_PREFIX is {stated!r}, and pages of ours begin so; take a name that is none"
            " of theirs, such as /nuanfeng",
            stated=stated[:60],
        )
    if path and not is_prefix(path):
        raise BadSetting(
            "NUANFENG_PREFIX is {stated!r}; it takes a path such as /nuanfeng, of letters, digits"
            " and - . _ ~, and is empty where the server has a name of its own",
            stated=stated[:60],
        )
    return path


def is_prefix(path: str) -> bool:
    """Whether all can be mounted under a path."""
    return _PREFIX.fullmatch(path) is not None and not _is_own(path)


def _is_own(path: str) -> bool:
    return path.lstrip("/").partition("/")[0] in OWN_PATHS


def _token(stated: str) -> str:
    """As it is, which is never shown."""
    if stated and (len(stated) < _SHORTEST_TOKEN or not stated.isascii() or " " in stated):
        raise BadSetting(
            "NUANFENG_METRICS_TOKEN takes {least} ASCII characters or more, without spaces; make"
            " one with: openssl rand -hex 32",
            least=_SHORTEST_TOKEN,
        )
    return stated


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


def _sso(stated: Mapping[str, str]) -> tuple[str, str, str] | None:
    """A provider, whole or not at all: over https, or on this machine; its secret is never told."""
    issuer, client, secret = (stated.get(name, "") for name in _SSO)
    if not (issuer or client or secret):
        return None
    if not (client and secret and _PROVIDER.match(issuer)):
        raise BadSetting(
            "NUANFENG_SSO_ISSUER, NUANFENG_SSO_CLIENT and NUANFENG_SSO_SECRET are set together; the"
            " first is an https address such as https://login.example.org, and is {issuer!r}",
            issuer=issuer[:60],
        )
    if importlib.util.find_spec("authlib") is None:
        raise BadSetting(
            "{name} wants more packages: pip install 'nuanfeng[sso]'", name="NUANFENG_SSO_ISSUER"
        )
    return issuer, client, secret


def _answerers(stated: str) -> str:
    """A name such as 市总工会书记信箱."""
    if len(stated) > _LONGEST_ANSWERERS or not stated.isprintable():
        raise BadSetting(
            "NUANFENG_ANSWERERS is {stated!r}; it takes a name of at most {most} characters",
            stated=stated[:60],
            most=_LONGEST_ANSWERERS,
        )
    return stated


def _database_url(stated: Mapping[str, str], name: str) -> str | None:
    """The address as it is, which may hold a password and is therefore never shown."""
    url = stated.get(name)
    if url is None:
        return None
    if not url.startswith(_DATABASES):
        raise BadSetting(
            "{name} is no address of a database; it looks like postgresql://user@host/name",
            name=name,
        )
    if importlib.util.find_spec("psycopg") is None:
        raise BadSetting("{name} wants more packages: pip install 'nuanfeng[postgis]'", name=name)
    return url


def names() -> frozenset[str]:
    """Every setting that is read."""
    return frozenset((*_NAMES, *_SSO, *secret_files()))


def secret_files() -> tuple[str, ...]:
    """The settings that name a file with a secret in it."""
    return tuple(f"{name}_FILE" for name in _SECRETS)


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
