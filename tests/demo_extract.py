"""How the demo city's extract was made: `python -m tests.demo_extract SOURCE OUT.osm.pbf`; without
arguments its table of roads and junctions is made of the extract.

Of an OpenStreetMap extract it keeps the ways, areas and points that roads and the base map are made
of, within a box around 白石洲, and of their tags those that are read. Who drew what, and when, is
left out. Tests nothing.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import osmium
import pandas as pd

from geodata.extract import reading
from geodata.ground import tags as drawn
from geodata.sources.demo.streets import extract
from geodata.sources.osm.gazetteer import landmarks_of
from geodata.travel import limits

#: west, south, east, north: what the extract has drawn in full.
BOX: Final = (113.915, 22.515, 113.995, 22.565)
#: The sorts of landmarks that the table of roads has, and how finely it says where they are: 1 m.
_STREETS: Final = ("road", "junction")
_DECIMALS: Final = 5
#: Of what is drawn the tags that say what it is, and its names.
_SAID: Final = frozenset(
    {*drawn.KEYS, "station", "area", "footway", "service", "type", "name", "name:zh", "name:en"}
)
#: Of roads all but what says nothing about going.
_SILENT: Final = re.compile(
    r"source|note|created_by|fixme|FIXME|wiki|addr|description|alt_|old_|official_|int_|loc_|ref"
    r"|lit$|lanes|turn:|name:(?!zh$|en$)|is_in|operator|network|surface|smoothness|website|phone"
)


def strip(source: Path, out: Path) -> None:
    """Write the stripped copy."""
    ways = {way.id: way for way in _ways(source)}
    relations = [each for each in _relations(source) if _is_whole(each, ways)]
    outlines = {member[1] for _, _, members in relations for member in members}
    kept = {number: way for number, way in ways.items() if _tags(way.tags) or number in outlines}
    needed = {ref for way in kept.values() for ref in way.refs}
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(*BOX))
    header.set("generator", "tests/demo_extract.py")
    header.set("osmosis_replication_timestamp", reading.timestamp(source) or "")
    out.unlink(missing_ok=True)
    target = osmium.io.File(str(out), "pbf,add_metadata=false,pbf_compression=zlib")
    with osmium.SimpleWriter(target, header=header) as writer:
        for node in osmium.FileProcessor(str(source), osmium.osm.NODE):
            tags = _tags(dict(node.tags))
            if node.id in needed or (tags and _is_inside(node.location.lon, node.location.lat)):
                place = (node.location.lon, node.location.lat)
                writer.add_node(osmium.osm.mutable.Node(id=node.id, location=place, tags=tags))
        for number, way in sorted(kept.items()):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=way.refs, tags=_tags(way.tags)))
        for number, tags, members in relations:
            writer.add_relation(
                osmium.osm.mutable.Relation(id=number, members=members, tags=_tags(tags))
            )


def _ways(source: Path) -> Iterator[Any]:
    """The ways with a node in the box."""
    for way in osmium.FileProcessor(str(source)).with_locations():
        if way.is_way() and any(
            node.location.valid() and _is_inside(node.lon, node.lat) for node in way.nodes
        ):
            yield _Way(way.id, [node.ref for node in way.nodes], dict(way.tags))


class _Way:
    def __init__(self, number: int, refs: list[int], tags: dict[str, str]) -> None:
        self.id, self.refs, self.tags = number, refs, tags


def _relations(source: Path) -> Iterator[tuple[int, dict[str, str], list[tuple[str, int, str]]]]:
    for each in osmium.FileProcessor(str(source), osmium.osm.RELATION):
        kind = each.tags.get("type", "")
        if kind == "multipolygon" or kind.startswith("restriction"):
            members = [(member.type, member.ref, member.role) for member in each.members]
            yield each.id, dict(each.tags), members


def _is_whole(relation: tuple[int, Any, list[tuple[str, int, str]]], ways: dict[int, Any]) -> bool:
    return all(ref in ways for sort, ref, _ in relation[2] if sort == "w")


def _tags(tags: dict[str, str]) -> dict[str, str]:
    if "highway" in tags or "barrier" in tags or tags.get("type", "").startswith("restriction"):
        return {key: value for key, value in tags.items() if not _SILENT.match(key)}
    said = {key: value for key, value in tags.items() if key in _SAID or key in limits.KEYS}
    if "building" in said and said["building"] != "no":
        said["building"] = "yes"
    return said if said.keys() - {"name", "name:zh", "name:en", "type", "area"} else {}


def _is_inside(lon: float, lat: float) -> bool:
    west, south, east, north = BOX
    return west <= lon <= east and south <= lat <= north


def named_roads() -> pd.DataFrame:
    """The roads and junctions of the stripped copy in the box, as streets.named has them."""
    with extract() as path:
        found = landmarks_of(path)
    inside = [one for one in found if one.kind in _STREETS and _is_inside(one.lon, one.lat)]
    table = pd.DataFrame(inside, columns=["name", "name_en", "kind", "lon", "lat"])
    return table.round({"lon": _DECIMALS, "lat": _DECIMALS})


if __name__ == "__main__":
    if sys.argv[1:]:
        strip(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        with extract() as kept:
            named_roads().to_csv(kept.with_name("roads.csv"), index=False)
