"""Every error of the tree in every language and form: one language each, a status, no repr."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, default_exceptions

import app
import geodata
from app.factory import create_app
from app.live.current import VersionGone
from app.pages import queries as page_queries
from app.request import ogc_queries, queries
from app.request.parsing import fields, parse
from app.response import problems
from app.response.former import Nearest, Vanished
from app.response.problems import BROKEN, KINDS, BadParameters, Fault
from app.response.rate import TooOften
from app.settings import Settings
from app.words import Language
from geodata.errors import (
    BadTable,
    DamagedDataset,
    NoSuchPlace,
    NuanfengError,
    OutsideArea,
    PlaceGone,
    Reject,
    StoreError,
)

BOUNDS = (113.7, 22.4, 114.7, 22.9)
GONE = PlaceGone("st-1", "Lotus", 114.0, 22.5, date(2026, 11, 18))
#: What takes more than a sentence.
MADE: dict[str, NuanfengError] = {
    "BadParameters": BadParameters([Fault("k", "This parameter is required.", {})]),
    "BadTable": BadTable("2 rows cannot be used", [Reject(2, "lon", "x", "no number")]),
    "OutsideArea": OutsideArea(0.0, 0.0, "深圳", BOUNDS, "gcj02", "Shenzhen"),
    "PlaceGone": GONE,
    "TooOften": TooOften(600, 7),
    "Vanished": Vanished(GONE, Nearest("st-2", "Rose", 12.5, open_now=True), synthetic=True),
    "VersionGone": VersionGone("0123456789abcdef", "fedcba9876543210"),
}
#: What stands in English in a Chinese sentence, because it is so written: parameters, formats.
NAMES = {
    *("m", "GCJ", "datum", "lon", "lat", "gcj", "bd", "wgs", "GeoJSON", "MultiPoint", "JSON"),
    *("CRS", "geohash", "Host", "http", "https", "localhost", "true", "false", "T", "Z", "WGS", "BD"),
    *(name for module in (queries, ogc_queries, page_queries) for made in vars(module).values()
      if isinstance(made, type) and issubclass(made, msgspec.Struct) for name in fields(made)),
}  # fmt: skip
REPRS = (
    "<class",
    "Decimal(",
    "datetime.",
    "array(",
    "<app.",
    "<geodata.",
    "Traceback",
    "np.",
    "b'",
)
#: Quoted data, and what names a place, a version or a file.
DATA = re.compile(r"“[^”]*”|[0-9a-f]{16}|Lotus|Rose|[0-9][0-9T:+.–-]*")


def tree(error: type[NuanfengError]) -> Iterator[type[NuanfengError]]:
    yield error
    for heir in error.__subclasses__():
        yield from tree(heir)


def load_everything() -> None:
    for package in (app, geodata):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" not in found.name and ".migrations" not in found.name:
                importlib.import_module(found.name)


load_everything()
ERRORS = sorted(set(tree(NuanfengError)), key=lambda made: made.__name__)


def made(error: type[NuanfengError]) -> NuanfengError:
    own = MADE.get(error.__name__)
    return own or error("secret/path cannot be read: KeyError('x'), not {this}")


@pytest.fixture(scope="module")
def thrower(demo_home: Path) -> FlaskClient:
    """A client of an app that raises whatever `raised` holds."""
    made_app = create_app(Settings(demo_home, "demo"))

    def throw() -> str:
        raise raised[-1]

    made_app.add_url_rule("/throw", view_func=throw)
    return made_app.test_client()


raised: list[Exception] = []


def told(client: FlaskClient, error: Exception, language: Language, *, html: bool) -> Any:
    raised.append(error)
    accept = "text/html" if html else "application/json"
    return client.get("/throw", headers={"Accept-Language": language, "Accept": accept})


def seen(answer: Any) -> str:
    """What a person reads of a problem or of a page."""
    if answer.mimetype == "text/html":
        body = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", answer.text)
        return str(body.replace("&#39;", "'").replace("&quot;", '"'))
    problem = answer.get_json()
    return " ".join([problem["title"], problem["detail"], *_faults(problem)])


def _faults(problem: dict[str, Any]) -> list[str]:
    return [fault["detail"] for fault in problem.get("errors", ())]


def require_one_language(text: str, language: Language) -> None:
    bare = DATA.sub(" ", text)
    assert not [mark for mark in REPRS if mark in bare]
    if language is Language.ENGLISH:
        assert not re.search(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", bare), text
    else:
        words = set(re.findall(r"[A-Za-z_]+", bare)) - NAMES
        assert not words, (words, text)


def test_every_error_that_takes_more_than_a_sentence_is_made_here() -> None:
    assert MADE.keys() <= {error.__name__ for error in ERRORS}
    assert {error.__name__ for error in KINDS} <= {error.__name__ for error in ERRORS}


@pytest.mark.parametrize("html", [False, True], ids=["problem", "page"])
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_an_error_is_told_in_one_language_with_the_status_of_its_kind(
    thrower: FlaskClient, error: type[NuanfengError], language: Language, html: bool
) -> None:
    kind = problems.kind_of(error)
    answer = told(thrower, made(error), language, html=html)
    assert (answer.status_code, answer.headers["Content-Language"]) == (kind.status, language)
    assert answer.mimetype == ("text/html" if html else problems.MIMETYPE)
    assert ("Retry-After" in answer.headers) == (kind.status in problems.TRANSIENT)
    hidden = kind is BROKEN or issubclass(error, StoreError)
    if language is Language.CHINESE or error.__name__ in MADE or hidden:
        require_one_language(seen(answer), language)
    if hidden:
        assert "secret" not in answer.text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_an_heir_of_an_error_is_told_like_it(
    thrower: FlaskClient, error: type[NuanfengError], language: Language
) -> None:
    if error.__name__ in MADE:
        return
    heir = type("Heir", (error,), {})
    answers = [
        told(thrower, found("it cannot be"), language, html=False) for found in (error, heir)
    ]
    bodies = [answer.get_json() for answer in answers]
    assert bodies[0] == bodies[1]
    assert answers[0].headers.get("Retry-After") == answers[1].headers.get("Retry-After")


def test_the_errors_of_geodata_that_a_request_meets_have_a_status_of_their_own() -> None:
    assert problems.kind_of(NoSuchPlace).status == 404
    assert problems.kind_of(PlaceGone).status == problems.kind_of(Vanished).status == 410
    assert problems.kind_of(DamagedDataset) is problems.kind_of(StoreError)
    assert problems.kind_of(BadTable) is problems.kind_of(NuanfengError) is BROKEN


@pytest.mark.parametrize("html", [False, True], ids=["problem", "page"])
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_what_http_refuses_is_told_in_one_language(
    thrower: FlaskClient, status: int, language: Language, html: bool
) -> None:
    error: HTTPException = default_exceptions[status]()
    answer = told(thrower, error, language, html=html)
    assert answer.status_code == status
    require_one_language(seen(answer), language)


@pytest.mark.parametrize("language", list(Language))
def test_a_mistake_of_ours_is_told_in_one_language(
    thrower: FlaskClient, language: Language
) -> None:
    for html in (False, True):
        answer = told(thrower, KeyError("secret"), language, html=html)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        require_one_language(seen(answer), language)


QUERIES = sorted(
    {
        made
        for module in (queries, ogc_queries, page_queries)
        for made in vars(module).values()
        if isinstance(made, type)
        and issubclass(made, msgspec.Struct)
        and all(get_args(hint) for hint in fields(made).values())
    },
    key=lambda made: made.__name__,
)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_what_each_parameter_takes_is_told_in_one_language(
    thrower: FlaskClient, query: type[msgspec.Struct], language: Language
) -> None:
    words = {
        str(word)
        for hint in fields(query).values()
        for kind in (get_args(hint)[0], *get_args(get_args(hint)[0]))
        for word in getattr(kind, "__members__", {}).values()
    }
    for name in (*fields(query), "colour"):
        for value in ("", "苹果", "Decimal('1')", "nan", "99999999"):
            with pytest.raises(BadParameters) as refused:
                parse(f"{name}={value}&{name}={value}", query)
            text = seen(told(thrower, refused.value, language, html=False))
            for word in sorted((*words, *fields(query)), key=len, reverse=True):
                text = text.replace(word, " ")
            require_one_language(text.replace("colour", " "), language)
