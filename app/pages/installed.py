"""What makes the page an app on a phone: its service worker and its manifest.

The worker's bytes change with the files it keeps and with nothing else, so a phone takes a new one
when these change.
"""

from typing import Final
from zlib import crc32

import msgspec

from app.pages.assets import AHEAD, GUARD, WORKER, assets
from app.response.cache import CachedBody
from app.words import Language, say

#: A worker may fetch from its own origin and load nothing else.
_POLICY: Final = (("Content-Security-Policy", "default-src 'none'; connect-src 'self'"),)
MANIFEST: Final = "application/manifest+json"
_GROUND: Final = "#fbf4e6"


def worker() -> CachedBody:
    """The service worker, told which files it is to keep, by paths that begin where it lies."""
    words = [f"static/{assets().version}/words/{language}.json" for language in Language]
    files = [assets().url(path)[1:] for path in _kept()] + words
    shell = {"version": assets().version, "files": files}
    body = b"const shell=" + msgspec.json.encode(shell) + b";\n" + assets().stored[WORKER].body
    return CachedBody(body, "text/javascript", f"worker-{assets().version}", _POLICY)


def _kept() -> list[str]:
    """Every file that the page loads, sooner or later, beside what stands in it."""
    leaflet = [
        path for path in assets().under("vendor/leaflet/leaflet.") if path.endswith((".js", ".css"))
    ]
    scripts = [path for path in assets().under("js/") if path not in (AHEAD, GUARD, WORKER)]
    return [*scripts, *leaflet, "css/voice.css"]


def manifest(language: Language, city: str, root: str = "") -> CachedBody:
    """The web app manifest in a language, for a city by its name, mounted under a path."""
    said = {
        "name": say(language, "Nuanfeng: the nearest place to rest"),
        "short_name": say(language, "Nuanfeng"),
        "description": say(
            language,
            "The nearest open place to rest, drink, heat food, talk, charge and learn in {city}.",
            city=city,
        ),
    }
    described = {
        "id": f"{root}/",
        **said,
        "lang": language,
        "start_url": f"{root}/",
        "scope": f"{root}/",
        "display": "standalone",
        "background_color": _GROUND,
        "theme_color": _GROUND,
        "icons": [
            {"src": f"{root}/favicon.svg", "sizes": "any", "type": "image/svg+xml"},
            _picture(root, "icon-192.png", 192, "any"),
            _picture(root, "icon-512.png", 512, "any"),
            _picture(root, "icon-full-512.png", 512, "maskable"),
        ],
    }
    headers = (("Content-Language", str(language)),)
    return CachedBody(
        msgspec.json.encode(described),
        MANIFEST,
        f"manifest-{assets().version}-{language}-{crc32((root + city).encode()):08x}",
        headers,
        "Accept-Encoding, Accept-Language",
    )


def _picture(root: str, path: str, side_px: int, purpose: str) -> dict[str, str]:
    return {
        "src": root + assets().url(path),
        "sizes": f"{side_px}x{side_px}",
        "type": "image/png",
        "purpose": purpose,
    }
