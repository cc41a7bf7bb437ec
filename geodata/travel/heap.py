"""A binary heap in two arrays (Williams 1964), for kernels: least key first; and a queue of entries
that carry more than a key, over such a heap of their numbers.

Entries are never changed.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import inlined_kernel, kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats


@inlined_kernel
def push(keys: Floats, items: Rows, size: int, key: float, item: int) -> int:
    """Add to a binary heap held in two arrays; gives its new size."""
    at = size
    while at > 0 and keys[(at - 1) >> 1] > key:
        keys[at], items[at] = keys[(at - 1) >> 1], items[(at - 1) >> 1]
        at = (at - 1) >> 1
    keys[at], items[at] = key, item
    return size + 1


@inlined_kernel
def drop(keys: Floats, items: Rows, size: int) -> int:
    """Take the least (entry 0) off the heap; gives its new size."""
    size -= 1
    key, item = keys[size], items[size]
    at, child = 0, 1
    while child < size:
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at], items[at] = keys[child], items[child]
        at, child = child, 2 * child + 1
    keys[at], items[at] = key, item
    return size


class Queue(NamedTuple):
    """What waits its turn: a heap of numbered entries, and of each entry what it is and what goes
    with it.
    """

    keys: Floats
    items: Rows
    what: Rows
    along: NDArray[Any]


@kernel
def new_queue(entries: int, like: NDArray[Any]) -> Queue:
    """Room for so many entries; what goes with them is of the type of `like`."""
    return Queue(
        np.empty(entries),
        np.empty(entries, np.int32),
        np.empty(entries, np.int32),
        np.empty(entries, like.dtype),
    )


@kernel
def wider(queue: Queue) -> Queue:
    """The same with twice the room."""
    held = len(queue.keys)
    wide = new_queue(2 * held, queue.along)
    for entry in range(held):  # slices take a second longer to compile
        wide.keys[entry], wide.items[entry] = queue.keys[entry], queue.items[entry]
        wide.what[entry], wide.along[entry] = queue.what[entry], queue.along[entry]
    return wide


@inlined_kernel
def enqueue(
    queue: Queue, waiting: int, entries: int, key: float, what: int, along: float
) -> tuple[int, int]:
    """Add an entry, for which there must be room: how many wait, and how many there are."""
    queue.what[entries], queue.along[entries] = what, along
    return push(queue.keys, queue.items, waiting, key, entries), entries + 1
