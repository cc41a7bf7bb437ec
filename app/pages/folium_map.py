"""The page's shell as a Folium map: our own assets, fixed ids, the list before the map.

The only import of folium.

Folium as it comes loads five foreign hosts in the head, forbids zooming, gives every render other
ids, and runs what its elements render as a template a second time, so that a dataset titled `{{ 7 *
7 }}` would be computed. Here every piece is rendered once, by an environment that escapes, and the
same values give the same bytes.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2 import Template as Jinja

# Folium takes pandas where it can be imported and does without where not; a server worker holds no
# frames and must not pay 0.4 s and 40 MB for it. None in sys.modules is Python's own way to say
# "not importable" (import system, 5.3.1).
_without_pandas = "pandas" not in sys.modules
if _without_pandas:
    sys.modules["pandas"] = None  # type: ignore[assignment]  # as documented there
import folium  # noqa: E402  # see above
from branca.element import Element, Figure, MacroElement  # noqa: E402  # see above
from folium.utilities import camelize  # noqa: E402  # see above

if _without_pandas:
    del sys.modules["pandas"]

#: The macros that a Folium element may have, and the parts of the figure they fill.
_PARTS: Final = ("header", "html", "script")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class _Finished(Element):
    """HTML as it stands. Branca's own Element would compile it as a template again."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._html = html

    def render(self, **kwargs: Any) -> str:  # noqa: ARG002  # branca's signature
        """The same HTML every time."""
        return self._html


class _Page(Figure):
    """A figure with a language, and without an inline script of its own."""

    def __init__(self, language: str, title: str) -> None:
        super().__init__(title=title)
        self.language = language
        self._template = _templates().get_template("map/page.html")


class PagePart(MacroElement):
    """A part of the page: the template map/{name}.html with macros of the names in _PARTS."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = name
        self._template = _templates().get_template(f"map/{name}.html")
        self.values = values

    def get_name(self) -> str:
        """The same in every render, and an id in the page."""
        return str(self._name)

    def render(self, **kwargs: Any) -> str:
        """Put what the macros make into the page; here nothing is left."""
        return _fill(self, self._template, kwargs)


class PhoneMap(folium.Map):
    """Folium's map, described to the script that draws it after the list: nothing of it loads with
    the head.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        scripts: Sequence[str],
        styles: Sequence[str],
        zooms: tuple[int, int],
        *,
        beneath: Mapping[str, Any] | None,
        **where: Any,
    ) -> None:
        super().__init__(tiles=None, zoom_control=False, **where)
        self.options |= dict(zip(("min_zoom", "max_zoom"), zooms, strict=True))
        self._name = "map"
        self._template = _templates().get_template("map/map.html")
        self.values = values
        self.beneath = beneath
        self.default_js = [(url, url) for url in scripts]
        self.default_css = [(url, url) for url in styles]

    def get_name(self) -> str:
        """The id of the element that Leaflet draws in."""
        return str(self._name)

    @property
    def described(self) -> dict[str, Any]:
        """Where to look first, Leaflet's options, the base map beneath, and what to load."""
        return {
            "center": self.location,
            "beneath": self.beneath,
            "options": {camelize(key): value for key, value in self.options.items()},
            "scripts": [url for _, url in self.default_js],
            "styles": [url for _, url in self.default_css],
        }

    def render(self, **kwargs: Any) -> str:
        """Put the map's element and description into the page.

        Links and switches of Folium's own stay out.
        """
        return _fill(self, self._template, kwargs)


def _fill(piece: "PagePart | PhoneMap", template: Jinja, kwargs: Mapping[str, Any]) -> str:
    module = template.make_module({"say": piece.values["say"]})
    for part in _PARTS:
        macro = getattr(module, part, None)
        if macro is not None:
            getattr(piece.get_root(), part).add_child(
                _Finished(macro(piece, kwargs)), name=piece.get_name()
            )
    return ""


def page(language: str, title: str, pieces: Sequence[PagePart | PhoneMap]) -> str:
    """The HTML of a page made of these pieces, in this order."""
    figure = _Page(language, title)
    for piece in pieces:
        figure.add_child(piece, name=piece.get_name())
    return str(figure.render())
