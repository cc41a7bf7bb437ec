"""The same places as Folium's users put them on a map: one Marker each, or one FastMarkerCluster.

Serves nothing.

Markers have what those of Folium's own guide have: a tooltip, a popup and an icon. They tell what a
rider needs to know and what our map shows as well: name, address, hours and services, and the kind
by colour.

What a Folium page loads from five foreign hosts is put beside it, from the packages this folder's
lock file names, so that nobody needs the internet; it then costs less than in life: no further name
look-ups and handshakes, no background tiles, and without Bootstrap 3's glyph style sheet, which is
in no package of that version. Folium gives each render other ids, so that its pages are compressed
as replies are that are made anew each time."""

import html
import io
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import folium
import geopandas as gpd
import shapely
from folium.plugins import FastMarkerCluster

from app.response.headers import compress
from geodata.store.files import Dataset
from geodata.vocabulary import Kind

PACKAGES: Final = Path(__file__).parent / "node_modules"
_ZOOM: Final = 11
_MAX_ZOOM: Final = 18
#: Where a file of a foreign host is in PACKAGES: the end of its address, and the path there.
_LOCAL: Final[Mapping[str, str]] = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "jquery-3.7.1.min.js": "jquery/dist/jquery.min.js",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "all.min.css": "@fortawesome/fontawesome-free/css/all.min.css",
    "leaflet.awesome-markers.js": "leaflet.awesome-markers/dist/leaflet.awesome-markers.js",
    "leaflet.awesome-markers.css": "leaflet.awesome-markers/dist/leaflet.awesome-markers.css",
    "leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "MarkerCluster.css": "leaflet.markercluster/dist/MarkerCluster.css",
    "MarkerCluster.Default.css": "leaflet.markercluster/dist/MarkerCluster.Default.css",
}
#: In no package: left out, to the peer's advantage.
_NOWHERE: Final = ("bootstrap-glyphicons.css", "leaflet.awesome.rotate.min.css")
_FOREIGN: Final = re.compile(
    r'<(?:script src|link rel="stylesheet" href)="(https://[^"]+)"\s*/?>(?:</script>)?'
)
#: One colour of Folium's per kind.
_COLOURS: Final[Mapping[str, str]] = dict(
    zip(map(str, Kind), ("orange", "blue", "green", "lightgray", "purple"), strict=True)
)
#: A marker for each row of FastMarkerCluster's data, as Folium's guide writes one.
_DRAWN: Final = """function (row) {
  var popup = document.createElement("div");
  row.slice(3).forEach(function (text) {
    popup.appendChild(document.createElement("p")).textContent = text;
  });
  var icon = L.AwesomeMarkers.icon({ icon: "info-sign", iconColor: "white", markerColor: row[2], prefix: "glyphicon" });
  return L.marker(new L.LatLng(row[0], row[1]), { icon: icon, title: row[3] }).bindPopup(popup);
}"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as a marker tells it."""

    lat: float
    lon: float
    colour: str
    texts: list[str]
    """Name, address, opening hours, services."""


def spots(home: Path, dataset: str) -> list[Spot]:
    """All places of a dataset, a street on its line."""
    published = Dataset(home, dataset)
    places = gpd.read_parquet(
        io.BytesIO(published.blob(published.pointer().version, "places.parquet"))
    )
    lonlat = shapely.get_coordinates(shapely.point_on_surface(places.geometry.to_numpy())).round(6)
    services = places["services"].map(", ".join)
    columns = (
        places["kind"].astype(str).map(_COLOURS),
        places["name"],
        places["address"].fillna(""),
        places["opening_hours_text"].fillna(""),
        services,
    )
    rows = zip(lonlat.tolist(), *columns, strict=True)
    return [Spot(lat, lon, colour, texts) for (lon, lat), colour, *texts in rows]


def markers(found: list[Spot]) -> str:
    """One Marker with a popup per place."""
    drawn = _empty()
    for spot in found:
        name, *more = map(html.escape, spot.texts)
        popup, icon = "<br>".join([f"<b>{name}</b>", *more]), folium.Icon(color=spot.colour)
        folium.Marker([spot.lat, spot.lon], popup=popup, tooltip=name, icon=icon).add_to(drawn)
    return _page(drawn)


def clusters(found: list[Spot]) -> str:
    """One FastMarkerCluster."""
    drawn = _empty()
    FastMarkerCluster(
        [[spot.lat, spot.lon, spot.colour, *spot.texts] for spot in found], callback=_DRAWN
    ).add_to(drawn)
    return _page(drawn)


def _empty() -> folium.Map:
    drawn = folium.Map(location=[22.5405, 113.9645], zoom_start=_ZOOM, tiles=None)
    drawn.options["max_zoom"] = (
        _MAX_ZOOM  # a layer of tiles would set it; clusters cannot do without
    )
    return drawn


def _page(drawn: folium.Map) -> str:
    return _FOREIGN.sub(_beside, drawn.get_root().render())


def _beside(link: re.Match[str]) -> str:
    """The same element over the file in PACKAGES.

    Raises KeyError for one that Folium did not load before.
    """
    name = link[1].rpartition("/")[2]
    return "" if name in _NOWHERE else link[0].replace(link[1], f"/{_LOCAL[name]}")


PAGES: Final[Mapping[str, Callable[[list[Spot]], str]]] = {
    "Marker": markers,
    "FastMarkerCluster": clusters,
}


def main() -> None:
    """`home dataset page file`: write one of PAGES, as a process that can be stopped when it takes
    too long.
    """
    home, dataset, page, file = sys.argv[1:]
    body = PAGES[page](spots(Path(home), dataset)).encode()
    Path(file).write_bytes(
        compress(body, "br", best=False)
    )  # as this server does with what it makes anew each time


if __name__ == "__main__":
    main()
