"""A long list page by page: which page the address names, and the addresses of those beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from flask import request

from app.request.spelling import count

T = TypeVar("T")

#: Lines of a page, where a line is a card with what can be done.
PAGE: Final = 50
#: No page has a higher number.
_MOST_PAGES: Final = 999_999


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """A page of a list."""

    shown: Sequence[T]
    count: int
    """Of the whole list."""
    number: int
    """Of the page, from 1."""
    pages: int

    def link(self, number: int) -> str:
        """The address of another page of the same list, as it is filtered and sorted here."""
        kept = [pair for pair in request.args.items(multi=True) if pair[0] != "page"]
        return f"?{urlencode([*kept, ('page', number)])}"


def paged(whole: Sequence[T], size: int = PAGE) -> Paged[T]:
    """The page that the address names; the last one where it names one beyond."""
    pages = max(1, -(-len(whole) // size))
    stated = count(request.args.get("page", ""), _MOST_PAGES) or 1
    number = min(max(1, stated), pages)
    return Paged(whole[(number - 1) * size : number * size], len(whole), number, pages)
