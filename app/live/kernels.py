"""Which groups of kernels are compiled and kept on disk: what a start need not wait for.

A group is what one kind of question needs (app/cli/warm.py asks them). Who asks for one that is not
compiled yet compiles it, and is answered all the same.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from geodata.compiled import kernel_cache

#: Needed by the page and its list: compiled before a server answers.
FIRST: Final = ("list", "map")
#: The same where there is a road network.
FIRST_BY_ROAD: Final = ("cells by road",)
#: Compiled while it answers.
LATER: Final = ("search", "along", "batch", "coverage")
LATER_BY_ROAD: Final = ("fastest", "along by road", "coverage by road")


def first(*, by_road: bool) -> tuple[str, ...]:
    """The groups without which a server does not answer."""
    return (*FIRST_BY_ROAD, *FIRST) if by_road else FIRST


def later(*, by_road: bool) -> tuple[str, ...]:
    """The groups of rarer questions."""
    return (*LATER_BY_ROAD, *LATER) if by_road else LATER


def finish(group: str) -> None:
    """Remember that all of a group is kept; a disk that takes nothing forgets it."""
    if path := _mark(group):
        with suppress(OSError):
            path.touch()


def finished(group: str) -> bool:
    """Whether it is."""
    path = _mark(group)
    return path is not None and path.exists()


def unfinished(*, by_road: bool) -> list[str]:
    """The groups that are not compiled yet; none where nothing can be kept."""
    if not kernel_cache.writable():
        return []
    groups = (*first(by_road=by_road), *later(by_road=by_road))
    return [group for group in groups if not finished(group)]


def count() -> int:
    """How many kernels are kept, each for each of its types."""
    kept = kernel_cache.folder()
    return sum(1 for _ in kept.rglob("*.nbc")) if kept else 0


def _mark(group: str) -> Path | None:
    kept = kernel_cache.folder()
    return kept and kept / f"{group.replace(' ', '-')}.done"
