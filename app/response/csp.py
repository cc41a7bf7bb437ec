"""Content-Security-Policy by hashes of what a page really holds.

Never nonces: they would break ETag and 304.
"""

import base64
import hashlib
import re
from typing import Final

#: Inline elements that a policy judges. A script with another type is data and is never run (HTML,
#: 4.12.1).
_INLINE: Final = re.compile(r"<(script|style)((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL)
_NOT_RUN: Final = re.compile(r"""\b(?:src\s*=|type\s*=\s*["']?application/(?:ld\+)?json)""")


def policy(html: str, pictures: str = "") -> tuple[tuple[str, str], ...]:
    """The headers of a page that loads from its own origin alone and runs only the inline parts it
    came with.

    `pictures` is one more origin, of which it may load pictures: a base map's.
    """
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for name, attributes, body in _INLINE.findall(html):
        if not _NOT_RUN.search(attributes):
            hashes[name].append(
                f" 'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
            )
    rules = (
        "default-src 'self'",
        f"script-src 'self'{''.join(hashes['script'])}",
        f"style-src 'self'{''.join(hashes['style'])}",
        f"img-src 'self' data: {pictures}".rstrip(),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return (
        ("Content-Security-Policy", "; ".join(rules)),
        ("Permissions-Policy", "geolocation=(self)"),
    )
