"""Whose a part of a version is and under which licence: of the whole, of the places of a kind, of
outlines.
"""

import re
from typing import Final, NamedTuple

import msgspec

from geodata.search.listing import Selection, listing
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot, said_of_all
from geodata.vocabulary import Kind

#: Outlines are credited as `SOURCE (LICENCE)`, several joined by "; ".
_CREDIT: Final = re.compile(r"(?P<source>.*) \((?P<licence>[^()]*)\)")


class Terms(NamedTuple):
    """Who is to be named, and which licence holds; of several parts each once, joined by "; "."""

    attribution: str
    licence: str


class _Properties(msgspec.Struct, frozen=True):
    source: str
    licence: str


class _Stored(msgspec.Struct):
    properties: _Properties


_decode: Final = msgspec.json.Decoder(_Stored).decode


def terms_of(snapshot: Snapshot) -> Terms:
    """Of all that a version holds."""
    about = snapshot.about
    return Terms("; ".join(filter(None, (about.source, about.outlines))), about.licence)


@memoized(most=8)
def terms_of_kind(snapshot: Snapshot, kind: Kind) -> Terms:
    """Of the places of a kind: what they say of themselves, where layers differ."""
    about = snapshot.about
    if len({(each.source, each.licence) for each in about.layers}) <= 1:
        return Terms(about.source, about.licence)
    rows = listing(snapshot, kind).rows(Selection()).tolist()
    said = {_decode(snapshot.records.plain(row)).properties for row in rows}
    return Terms(
        said_of_all(each.source for each in said), said_of_all(each.licence for each in said)
    )


def terms_of_outlines(snapshot: Snapshot) -> Terms:
    """Of districts, street offices and zones: as they were imported, else as all that we drew."""
    about = snapshot.about
    if not about.outlines:
        return Terms(about.source, about.licence)
    read = [_CREDIT.fullmatch(part) for part in about.outlines.split("; ")]
    return Terms(
        about.outlines, said_of_all(found["licence"] for found in read if found is not None)
    )
