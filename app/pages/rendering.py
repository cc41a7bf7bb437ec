"""How a page is made: what its address asks, its words, its tag. Knows no page."""

import hashlib
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from babel import Locale
from flask import Response, g, render_template, request
from markupsafe import Markup

from app.pages import shell
from app.pages.assets import assets
from app.pages.city import City
from app.request import parsing
from app.response.csp import policy
from app.response.headers import OWN_REFERRED, REVALIDATE, Finished, tagged
from app.response.mount import root
from app.words import Language, preferred, say

Query = TypeVar("Query", bound=msgspec.Struct)

_VARY: Final = "Accept-Encoding, Accept-Language"


def asked(into: type[Query]) -> Query:
    """What the address asks, as far as it can be read; pages tell of the rest (`g.left_out`)."""
    query, g.left_out = parsing.forgiving(request.environ["QUERY_STRING"], into)
    return query


def digest_left_out() -> str:
    """What stands in a tag for what was left out."""
    return digest(*(f"{left.parameter}={left.value}" for left in g.left_out))


def language() -> Language:
    """The language of the page at hand."""
    return preferred(request.args.get("lang"), request.headers.get("Accept-Language"))


def words() -> dict[str, Any]:
    """What every template can say and link to."""
    return {"say": partial(say, language()), "language": language(), "asset": asset}


def asset(path: str) -> str:
    """The versioned address of a file, under the path that all is mounted under."""
    return root() + assets().url(path)


def about(found: City) -> dict[str, Any]:
    """What every page says of its dataset."""
    told = found.snapshot.about
    return {"synthetic": told.synthetic, "credit": shell.credit(told)}


def sprite() -> Markup:
    """Our icons."""
    return Markup(assets().text("icons.svg"))  # noqa: S704  # our own file


def digest(*texts: str) -> str:
    """What stands in a tag for texts that a caller chose, such as the host."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]


def page(template: str, depends_on: tuple[str, ...], **values: Any) -> Response:
    """A template as a page; its tag covers what it depends on, the assets and the language."""
    depends_on = (template.removesuffix(".html"), *depends_on, assets().version, language())
    if g.left_out:
        depends_on = (*depends_on, digest_left_out())
    html = render_template(template, **values)
    extra = (("Content-Language", language()), *policy(html))
    return tagged(
        html.encode, "text/html", REVALIDATE, request.environ, depends_on, vary=_VARY, extra=extra
    )


def private_page(template: str, status: int = 200, retry_s: int = 0, **values: Any) -> Response:
    """A template as a page that nobody keeps, and whose address no other site is told."""
    html = render_template(template, **values)
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        *OWN_REFERRED,
        ("Content-Language", language()),
        *policy(html),
        *((("Retry-After", str(retry_s)),) if retry_s else ()),
    ]
    return Finished(html.encode(), status, headers)


def other_language() -> dict[str, str]:
    """The language that a page offers beside its own, and its name in it."""
    other = Language.ENGLISH if language() is Language.CHINESE else Language.CHINESE
    name = Locale.parse(other, sep="-").get_language_name(other[:2])
    return {"other": other, "other_name": name or other}
