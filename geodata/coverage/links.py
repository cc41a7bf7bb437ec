"""The seam between what is measured and what is counted: a way of travelling answers as `Near` has
it. No data.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from geodata.index.tree import Flags, Rows, Words
from geodata.space.tangent import Floats


class ReachLinks(NamedTuple):
    """Point i reaches the places `rows[starts[i]:starts[i + 1]]`, ascending, at `cost`: metres, or
    seconds by road.
    """

    starts: NDArray[np.int64]
    rows: Rows
    cost: Floats
    judged: Flags
    """(n,) False of points of which nothing can be said, as they stand on no road.

    They have no links.
    """


class Met(NamedTuple):
    """What the places within reach of n points have together."""

    words: Words
    """(n, w) the OR of the words of their rows of hours."""
    judged: Flags
    """(n,) as in ReachLinks."""


#: Asks WGS-84 points, shape (n, 2), all of them in the service area.
Meet = Callable[[Floats], Met]


class Near(Protocol):
    """What can say which places are within reach of points.

    Each is answered by itself: pieces change no answer.
    """

    def links(self, lonlat: Floats) -> ReachLinks:
        """Every place within reach of each WGS-84 point, shape (n, 2), all of them in the service
        area.
        """

    def meeting(self, words: Words, enough: Words) -> Meet:
        """What gives the OR of `words[hours row]`, shape (h, w), over the places within reach, for
        piece after piece.

        Once a point has all bits of `enough`, shape (w,), its other places are not looked at:
        whether a bit outside `enough` is set is then not said.
        """
