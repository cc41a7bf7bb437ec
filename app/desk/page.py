"""A page of the desk: kept by nobody, framed by nobody, in the language of who is signed in."""

from functools import partial
from typing import Any, Final

from babel import Locale
from flask import Response, render_template, request

from app.desk.repeats import marked
from app.desk.roles import Verb
from app.desk.views import DeskRequest
from app.pages.assets import assets
from app.response import problems
from app.response.csp import policy
from app.response.headers import OWN_REFERRED, Finished
from app.words import Language, say
from geodata.errors import NuanfengError

_TYPE: Final = ("Content-Type", "text/html; charset=utf-8")
_FRAMED: Final = ("X-Frame-Options", "DENY")


def page(
    asked: DeskRequest,
    template: str,
    status: int = 200,
    extra: tuple[tuple[str, str], ...] = (),
    **values: Any,
) -> Response:
    """A template of templates/desk as a page; `extra` are more headers, such as a cookie."""
    html = render_template(f"desk/{template}", **(_common(asked) | values))
    headers = [
        _TYPE,
        ("Cache-Control", "no-store"),
        *OWN_REFERRED,
        _FRAMED,
        ("Content-Language", asked.language),
        *policy(html),
        *extra,
    ]
    return Finished(html.encode(), status, headers)


def refused(asked: DeskRequest, template: str, fault: NuanfengError, **values: Any) -> Response:
    """The page again, with all that was filled in (`fields`), and what was wrong with it."""
    status, said, _ = problems.told(fault)
    return page(asked, template, status, fault=said, **values)


def _common(asked: DeskRequest) -> dict[str, Any]:
    """What every page of the desk is told."""
    other = Language.ENGLISH if asked.language is Language.CHINESE else Language.CHINESE
    name = Locale.parse(other, sep="-").get_language_name(other[:2])
    signed_in = asked.signed_in
    zone = asked.desk.snapshot().zone
    return {
        "say": partial(say, asked.language),
        # Of a word out of a table in code, where a test finds it.
        "in_words": partial(say, asked.language),
        "language": asked.language,
        "other": other,
        "other_name": name or other,
        "asset": assets().url,
        "operator": signed_in,
        "csrf": marked(signed_in.session.csrf) if signed_in else "",
        "may": asked.may,
        "Verb": Verb,
        "fields": asked.fields,
        "synthetic": asked.desk.snapshot().about.synthetic,
        "local": lambda at: f"{zone.local(at):%Y-%m-%d %H:%M}",
        "host": request.root_url,
        "fault": "",
        "left_out": (),
    }
