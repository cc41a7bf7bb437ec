"""What a page's script is told: its words and its city, as JSON that no HTML parser can trip over.

Runs nothing.
"""

import re
from functools import cache
from typing import Any, Final

import msgspec
from markupsafe import Markup

from app.pages.assets import VOICE, Assets, assets
from app.pages.labels import help_labels, labels
from app.response.cache import CachedBody
from app.words import Language, say
from geodata.vocabulary import SERVES

#: say("…") in a script: a literal in double quotes, as the formatter of every JSON leaves it.
_SAID: Final = re.compile(r'\bsay\(\s*("(?:[^"\\]|\\.)*")')
#: What could end a <script> or a JavaScript line inside a JSON string.
_UNSAFE: Final = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def embedded(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`: the same value, without a character that HTML
    gives a meaning.
    """
    return Markup(msgspec.json.encode(value).decode().translate(_UNSAFE))  # noqa: S704  # nothing left to escape


def spoken(found: Assets, *, of_voice: bool = False) -> tuple[str, ...]:
    """Every message that the page's scripts say, or those of voice/, which come later; sorted."""
    texts = [text for path, text in found.written.items() if path.startswith(VOICE) is of_voice]
    literals = {literal for text in texts for literal in _SAID.findall(text)}
    return tuple(sorted(map(msgspec.json.decode, literals)))


@cache
def wordbook(language: Language) -> dict[str, Any]:
    """The messages and the vocabulary in one language, and which needs a service serves.

    Messages by their English, or in their order where the bundle names them by number.
    """
    said = _said(spoken(assets()), language)
    serves = {str(service): [str(need) for need in needs] for service, needs in SERVES.items()}
    return {"language": str(language), "said": said, "serves": serves, **labels(language)}


@cache
def voice_words(language: Language) -> CachedBody:
    """What the scripts of voice/ say in one language, as they fetch it: `said` as in
    `wordbook`, and what entries of the directory are for.
    """
    said = _said(spoken(assets(), of_voice=True), language)
    told = {"said": said, "helps": help_labels(language)}
    tag = f"voice-{assets().version}-{language}"
    return CachedBody(msgspec.json.encode(told), "application/json", tag)


def _said(messages: tuple[str, ...], language: Language) -> dict[str, str] | list[str]:
    by_english = {message: say(language, message) for message in messages}
    return list(by_english.values()) if assets().bundled else by_english
