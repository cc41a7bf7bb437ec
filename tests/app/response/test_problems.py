"""Every refusal is one problem in one language, as JSON and as a page."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask, Response
from markupsafe import escape

from app.db.database import VoiceAway
from app.factory import create_app
from app.live.current import VersionGone
from app.response import problems
from app.response.former import Replacement, Vanished
from app.response.problems import (
    BROKEN,
    KINDS,
    MIMETYPE,
    STATUS_KINDS,
    BadParameters,
    Busy,
    Fault,
    answer,
    kind_of,
)
from app.response.rate import TooOften
from app.response.refusals import (
    CrossSite,
    EndedWishes,
    FormerDirectory,
    Hot,
    KeyReused,
    NoSuchEntry,
    NoSuchLetter,
    NoSuchNotice,
    NoSuchThing,
    NoticeEnded,
    NoticeMoved,
    NoticesGone,
    NotNow,
    NotSignedIn,
    NotYours,
    OldForm,
    OnlyHttps,
    SignInFailed,
    Spent,
    TakesNoLetters,
    Wait,
)
from app.settings import Settings
from app.words import Language
from geodata.errors import BadTable, NuanfengError, OutsideArea, PlaceGone
from geodata.pipeline.edits import Contradicted

#: A message that no catalogue knows, as a refusal of an import would have it.
UNTRANSLATED = "a sentence in English about Timestamp('2026-11-29')"
GONE = PlaceGone("st-00001", "演示驿站", 113.96, 22.54, date(2026, 10, 2))
#: Errors that are made of more than a sentence.
MADE: dict[type[NuanfengError], tuple[NuanfengError, ...]] = {
    OutsideArea: tuple(
        OutsideArea(22.54, 114.05, "深圳", (113.7, 22.4, 114.7, 22.9), hint)
        for hint in (None, "swapped", "gcj02", "bd09")
    ),
    PlaceGone: (GONE,),
    Vanished: (
        Vanished(GONE, None, synthetic=True),
        Vanished(GONE, Replacement("st-2", "演示站", 120.4, open_now=True), synthetic=False),
    ),
    VersionGone: (VersionGone("0123", "4567"),),
    TooOften: (TooOften(600, 7),),
    Wait: (Hot("6a.b", 20, "2026-11-30T02:05:00Z", 60),),
    Hot: (Hot("6a.b", 20, "2026-11-30T02:05:00Z", 60),),
    Spent: (Spent(30, 1_800),),
    Busy: (Busy(2),),
    KeyReused: (KeyReused(),),
    CrossSite: (CrossSite(),),
    NoSuchLetter: (NoSuchLetter(),),
    NotNow: (NotNow(),),
    TakesNoLetters: (TakesNoLetters(),),
    NotSignedIn: (NotSignedIn(),),
    NotYours: (NotYours(),),
    OldForm: (OldForm(),),
    NoSuchThing: (NoSuchThing(),),
    OnlyHttps: (OnlyHttps(),),
    SignInFailed: (SignInFailed(),),
    NoSuchEntry: (NoSuchEntry(),),
    FormerDirectory: (FormerDirectory("0123"),),
    EndedWishes: (EndedWishes(),),
    NoSuchNotice: (NoSuchNotice("1"),),
    NoticeEnded: (NoticeEnded("1"),),
    NoticeMoved: (NoticeMoved("1", "2"),),
    NoticesGone: (NoticesGone("0123", "4567"),),
    Contradicted: (Contradicted(UNTRANSLATED, ()),),
    VoiceAway: (VoiceAway(),),
    BadTable: (BadTable("a table"),),
    BadParameters: (
        BadParameters([Fault("path", "Give both from and to, or a path.", {})]),
        BadParameters(
            [Fault("at", "The year must lie within {low}–{high}.", {"low": 1, "high": 9})]
        ),
    ),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: What Python writes of its own values.
PYTHON = re.compile(r"<class|Decimal\(|datetime\.|array\(|Timestamp\(|np\.|None\b|\{\w+\}")
#: Words of the contract and of the data stand as they are in any language.
DATA = re.compile(
    r"NUANFENG_[A-Z_]+|Idempotency-Key|Sec-Fetch-Site|same-origin|none|Origin|https?|演示\w+|深圳|st-[0-9]+|GCJ-02|BD-09|geohash|datum|gcj02|bd09|lon|lat|path|from|to|at|E|N|URL|km"
)


def tree(of: type[NuanfengError] = NuanfengError) -> Iterator[type[NuanfengError]]:
    yield of
    for heir in of.__subclasses__():
        if heir.__module__.startswith(("app.", "geodata.")):
            yield from tree(heir)


ERRORS = sorted(set(tree()), key=lambda error: error.__name__)


@pytest.fixture(scope="module")
def app(demo_home: Any) -> Flask:
    return create_app(Settings(demo_home, "demo"))


def in_one_language(text: str, language: Language) -> None:
    assert not PYTHON.search(text), text
    words = DATA.sub("", text)
    if language is Language.CHINESE:
        assert CHINESE.search(text), text
        assert not re.search(r"[A-Za-z]{3,}", words), text
    else:
        assert not CHINESE.search(words), text


def asked(app: Flask, language: Language, accept: str, error: NuanfengError) -> Response:
    headers = {"Accept": accept, "Accept-Language": language}
    with app.test_request_context("/api/v1/nearest", headers=headers):
        return answer(error)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("error", ERRORS)
def test_every_error_of_the_tree_is_a_problem_in_one_language(
    app: Flask, error: type[NuanfengError], language: Language
) -> None:
    for made in MADE.get(error) or (error(UNTRANSLATED),):
        reply, page = (
            asked(app, language, accept, made) for accept in ("application/json", "text/html")
        )
        assert reply.status_code == page.status_code == kind_of(type(made)).status
        assert reply.headers["Content-Language"] == page.headers["Content-Language"] == language
        problem = reply.get_json(force=True)
        assert (reply.mimetype, problem["status"]) == (MIMETYPE, reply.status_code)
        said = [problem["title"], problem["detail"]]
        assert all(str(escape(text)) in page.get_data(as_text=True) for text in said)
        said += [fault["detail"] for fault in problem.get("errors", ())]
        for text in said:
            if language is Language.CHINESE or text != UNTRANSLATED:
                in_one_language(text, language)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("status", [*range(400, 432), 451, 500, 501, 503, 505])
def test_every_status_of_http_is_a_problem_in_one_language(
    app: Flask, status: int, language: Language
) -> None:
    from werkzeug.exceptions import HTTPException

    refusal = HTTPException("a sentence in English")
    refusal.code = status
    with app.test_request_context("/", headers={"Accept-Language": language}):
        reply = problems._http(refusal)
    problem = reply.get_json(force=True)
    assert (reply.status_code, problem["status"]) == (status, status)
    in_one_language(f"{problem['title']} {problem['detail']}", language)


def test_an_error_that_is_derived_from_another_is_its_kind_of_problem() -> None:
    for error in ERRORS:
        base = next((each for each in error.__mro__ if each in KINDS), None)
        assert kind_of(error) is (KINDS[base] if base else BROKEN)
    assert len({kind.slug for kind in (*KINDS.values(), *STATUS_KINDS.values(), BROKEN)}) == len(
        [*KINDS, *STATUS_KINDS, BROKEN]
    )
