"""The words people read: English in the code, Chinese in translations/.

Chooses a language; says nothing itself.
"""

import gettext
import io
import math
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from geodata.errors import Said

_FOLDER: Final = Path(__file__).parent / "translations"

#: words.js, distance(): metres, then tens of metres, then kilometres, as true as a rider rides.
_TENS_FROM_M: Final = 100
_KM_FROM_M: Final = 995
_WHOLE_KM_FROM_M: Final = 9_950


class Language(StrEnum):
    """What the product speaks; the first is the default."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    """Read from the .po file when first asked: no compiled catalogues to keep in step."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    path = _FOLDER / language.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source))
    return gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))


def say(language: Language, message: str, /, **values: object) -> str:
    """A message in a language, with {named} values put in.

    A message without translation stays English.
    """
    return Said(message, **values).translated(_translations(language).gettext)


def translated(language: Language, text: str) -> str:
    """A sentence in a language; other text, such as a name or a number, as it is."""
    return text.translated(_translations(language).gettext) if isinstance(text, Said) else text


def is_said(language: Language, message: str) -> bool:
    """Whether a message can be said in a language: it is English, or has a translation."""
    return language is Language.ENGLISH or _translations(language).gettext(message) != message


def catalogue(language: Language) -> Mapping[str, str]:
    """Every message a page's script may say: message -> text in `language`."""
    path = _FOLDER / Language.CHINESE.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        messages = [str(message.id) for message in read_po(source) if message.id]
    return {message: say(language, message) for message in messages}


def preferred(stated: str | None, accept: str | None) -> Language:
    """The language of a request: `lang=`, else Accept-Language, else Chinese."""
    if stated in tuple(Language):
        return Language(stated)
    accepted = parse_accept_header(accept, LanguageAccept)
    best = accepted.best_match(["zh-CN", "zh", "en"], default="zh")
    return Language.ENGLISH if best == "en" else Language.CHINESE


def of_locale(environment: Mapping[str, str]) -> Language:
    """The language of a terminal: Chinese where the locale is, else English."""
    stated = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chinese = next(filter(None, stated), "").lower().startswith("zh")
    return Language.CHINESE if chinese else Language.ENGLISH


def distance_text(metres: float) -> str:
    """A distance as the list on the phone shows it (words.js)."""
    if metres < _KM_FROM_M:
        step = 1 if metres < _TENS_FROM_M else 10
        return f"{math.floor(metres / step + 0.5) * step}\u00a0m"
    return f"{metres / 1000:.{1 if metres < _WHOLE_KM_FROM_M else 0}f}\u00a0km"
