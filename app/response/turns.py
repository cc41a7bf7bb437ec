"""Whose turn it is to compute: dear questions take turns, so that cheap ones find a processor free.

A turn is taken after the body of a request has come and given back before its reply is sent:
nobody holds one by sending or reading slowly.
"""

from collections.abc import Iterable, Iterator
from threading import BoundedSemaphore
from typing import Final

#: Dear questions that one process computes at once. Python computes one at a time; the second runs
#: in a kernel, which needs no interpreter. A third would only make every cheap one wait for longer.
MOST_COMPUTING: Final = 2
#: Of the process. Those who wait are as many as Limit lets in.
COMPUTING: Final = BoundedSemaphore(MOST_COMPUTING)


def each_in_turn(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a reply that is written while it is sent; writing one is a turn."""
    left = iter(pieces)
    while True:
        with COMPUTING:
            piece = next(left, None)
        if piece is None:
            return
        yield piece
