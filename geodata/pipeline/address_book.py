"""The address book that goes with a dataset: what was read of an extract, and the dataset's own
outlines and landmarks.
"""

from collections.abc import Iterator
from typing import Final

import geopandas as gpd

from geodata.pipeline.area_outlines import Outlines
from geodata.pipeline.new_city import new_city
from geodata.pipeline.published import StoredTables, drawn_outlines
from geodata.sources.locate.book import AddressBook, BookEntry, Sort, name_letters, of_areas
from geodata.sources.offices import FAR_M
from geodata.space.coordinates import WGS84

#: The dataset's landmarks are good to a few hundred metres.
_LANDMARK_REACH_M: Final = 800.0


def address_book(held: StoredTables | None, extract: AddressBook | None) -> AddressBook:
    """One book of both; either may be missing.

    Outlines of the dataset go before those of the extract: places are published in them; a dataset
    that is still to begin has those that it would begin with (new_city.py). Of a landmark that the
    extract has, too, the extract's is taken.
    """
    known = extract or AddressBook(())
    outlines = drawn_outlines(held) or _to_begin_with(known)
    areas = of_areas(outlines.streets, outlines.districts, FAR_M)
    own = {(entry.sort, name_letters(entry.name)) for entry in areas}
    kept = [entry for entry in known.entries if (entry.sort, name_letters(entry.name)) not in own]
    book = AddressBook((*areas, *kept, *_city(outlines)), known.coverage)
    return book if held is None else book.with_entries(_landmarks(held, book))


def _to_begin_with(known: AddressBook) -> Outlines:
    shapes = [entry.shape for entry in known.entries if not entry.shape.is_empty]
    return new_city([gpd.GeoDataFrame(geometry=shapes, crs=WGS84)], "").outlines


def _city(outlines: Outlines) -> Iterator[BookEntry]:
    """Where nothing but places is known of a city, their hull is no ground of it."""
    if not outlines.of_places:
        city = outlines.city
        yield BookEntry(Sort.CITY, city.name, outlines.land, (city.name_en,), "", FAR_M)


def _landmarks(held: StoredTables, book: AddressBook) -> Iterator[BookEntry]:
    """But for junctions, which an address names by their roads."""
    table = held.landmarks()
    table = table[table["kind"] != "junction"]
    for name, english, point in zip(table["name"], table["name_en"], table.geometry, strict=True):
        sort = Sort.STATION if name.endswith("站") else Sort.LANDMARK
        if not book.sorts(name_letters(name)) & {Sort.STATION, Sort.LANDMARK, Sort.VILLAGE}:
            others = (english,) if isinstance(english, str) else ()
            yield BookEntry(sort, name, point, others, "", _LANDMARK_REACH_M)
