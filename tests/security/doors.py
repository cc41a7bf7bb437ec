"""The doors that read people's texts and files, each as a function of bytes: for hypothesis always,
and for atheris by `make fuzz`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import osmium
import shapely

from geodata.extract import reading
from geodata.hours import syntax
from geodata.sources import read, repairs
from geodata.sources.hours_text.reader import hours_from
from geodata.sources.locate.address import read_address
from geodata.sources.locate.book import AddressBook, BookEntry, Sort
from geodata.sources.locate.candidates import number_letters

Door = Callable[[bytes], object]
BOOK: Final = AddressBook(
    tuple(
        BookEntry(sort, name, shapely.Point(114.0, 22.5), others)
        for sort, name, *others in (
            (Sort.CITY, "深圳市"),
            (Sort.DISTRICT, "南山区"),
            (Sort.STREET_OFFICE, "粤海街道"),
            (Sort.COMMUNITY, "大冲社区"),
            (Sort.ROAD, "科技路"),
            (Sort.LANDMARK, "腾讯大厦"),
        )
    )
)
#: What is right, as a beginning for what is not.
SEEDS: Final[Mapping[str, bytes]] = {
    "hours": "周一至周五 8:30-12:00，14:00-18:00；周末及节假日休息".encode(),
    "osm_hours": b"Mo-Fr 08:30-12:00,14:00-18:00; PH off; 2026 Dec 24 10:00-02:00",
    "address": "深圳市南山区粤海街道大冲社区科技路12号腾讯大厦A座3楼".encode(),
    "degrees": "东经113°57′52.2″E".encode(),
    "csv": "名称,类型,经度,纬度,营业时间\n白石洲驿站,暖蜂驿站,113.96,22.54,24小时\n".encode(),
}


def _degrees(data: bytes) -> object:
    return repairs.degrees(data.decode(errors="replace"))


def _address(data: bytes) -> object:
    text = data.decode(errors="replace")
    return read_address(text, BOOK), number_letters(text)


_OF_TEXT: Final[Mapping[str, Door]] = {
    "hours": lambda data: hours_from(data.decode(errors="replace")),
    "osm_hours": lambda data: syntax.parse(data.decode(errors="replace")),
    "address": _address,
    "degrees": _degrees,
}
#: Their names, for a command line.
DOORS: Final = (*_OF_TEXT, "csv", "pbf")


def open_door(name: str, folder: Path) -> Door:
    """A door; files that it reads are written into the folder."""
    if name in _OF_TEXT:
        return _OF_TEXT[name]
    path = folder / ("table.csv" if name == "csv" else "extract.osm.pbf")

    def from_file(data: bytes) -> object:
        path.write_bytes(data)
        if name == "csv":
            return read.read(path)
        wanted = reading.Keys(nodes=("amenity",), ways=("highway",), areas=("building",))
        return list(reading.entities(path, wanted))

    return from_file


def seed(name: str, folder: Path) -> bytes:
    """Bytes that a door takes."""
    if name != "pbf":
        return SEEDS[name]
    path = folder / "seed.osm.pbf"
    with osmium.SimpleWriter(str(path)) as out:
        for number in range(1, 6):
            node = osmium.osm.mutable.Node(
                id=number, location=(113.9 + number / 1e3, 22.5), tags={"amenity": "toilets"}
            )
            out.add_node(node)
        tags = {"highway": "residential", "name": "科技路"}
        out.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3], tags=tags))
        out.add_way(osmium.osm.mutable.Way(id=2, nodes=[1, 3, 5, 1], tags={"building": "yes"}))
    return path.read_bytes()
