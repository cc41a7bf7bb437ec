"""What was written, without what may look like anything by chance."""

import re
from typing import Final

#: The digits of an instant: 19:18:22.5405 is no latitude.
_CLOCK: Final = re.compile(rb"\d\d:\d\d:\d\d[.,]\d+")


def without_clocks(held: bytes) -> bytes:
    """The same bytes, without the times of day in which any number may stand."""
    return _CLOCK.sub(b"", held)
