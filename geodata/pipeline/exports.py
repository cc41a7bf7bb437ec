"""A version as files for download: GeoJSON, CSV, GeoPackage, GeoParquet.

Each says what it is; none is ever half there.

Made once a version, aside and renamed. Licence, source, date, version and whether the data is
synthetic stand inside: GeoJSON as members of the collection, CSV as columns (a comment line would
be a row to Excel), GeoPackage as the layer's description and metadata, Parquet as key-value
metadata.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import brotli
import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
from numpy.typing import NDArray

from geodata.errors import BadValue, StoreError, why_of
from geodata.places.table import CATEGORY_COLUMNS, DECIMALS, LIST_COLUMNS, TEXT_COLUMNS
from geodata.snapshot.snapshot import DatasetAbout, LayerAbout, Snapshot, said_of_all
from geodata.sources.formula import guarded
from geodata.sources.own import FROM_DATASET, from_dataset, joined
from geodata.space.datum import Datum
from geodata.store.downloads import COMPRESSED, NAMES, OSM_NAMES, TEXTS, folder, offered
from geodata.store.files import CURRENT, PREVIOUS, Dataset, Pointer
from geodata.vocabulary import OSM_LAYER

#: Made once and sent often, but never waited for longer than need be: 10 MB/s here, 2 % larger than
#: the best.
_BROTLI: Final = 9
_CHUNK: Final = 1 << 20
#: Columns of the CSV, in order; what is true of the whole dataset follows them.
_CSV_COLUMNS: Final = (
    "id", "kind", "name", "name_en", "address", "district", "street", "lon", "lat", "phone",
    "services", "audience",
    "zones", "door", "capacity", "opening_hours", "opening_hours_text", "operator", "offers",
    "parent_street_id",
    "verified_at", "verified_by", "src_file", "src_sheet", "src_row", "src_id", "src_datum",
    "src_lon", "src_lat", "src_guessed",
    "layer", "source", "licence", "type", "position", "radius_m", "entry", "fee", "wheelchair",
    "level", "maybe", FROM_DATASET,
    "wkt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Version:
    """What is exported: a version, or those of its layers that share a licence."""

    dataset: Dataset
    at: Pointer
    about: DatasetAbout
    layers: tuple[LayerAbout, ...] | None
    """None: the whole version."""

    @property
    def stored(self) -> Path:
        return self.dataset.folder / "versions" / self.at.version / "places.parquet"

    @property
    def names(self) -> list[str]:
        """Of its layers."""
        return [each.name for each in self.layers or ()]

    def said(self) -> dict[str, Any]:
        """What everybody must know of it: licence and attribution are those of its own layers."""
        whole = nature(self.about, self.at.version)
        if self.layers is None:
            return whole
        said = {
            "licence": said_of_all(each.licence for each in self.layers),
            "attribution": said_of_all(each.source for each in self.layers),
            "dataDate": max(each.data_date for each in self.layers),
        }
        one = {"layer": self.names[0]} if len(self.layers) == 1 else {}
        return whole | said | one

    def table(self) -> gpd.GeoDataFrame:
        """Its places in the order of ids."""
        table = gpd.read_parquet(self.stored)
        if self.layers is None:
            return table
        mine = table["layer"].isin(self.names).to_numpy(bool)
        return gpd.GeoDataFrame(table[mine].reset_index(drop=True))

    def rows(self, snapshot: Snapshot) -> NDArray[np.int32]:
        """Their rows in the snapshot, in the order of ids."""
        by_id = snapshot.by_id
        if self.layers is None:
            return by_id
        layers = pd.read_parquet(self.stored, columns=["layer"])["layer"]
        return by_id[layers.isin(self.names).to_numpy(bool)]


def export(
    dataset: Dataset, names: Sequence[str] = (), layer: str | None = None
) -> Mapping[str, Path]:
    """The files of the current version, by name; those that are there already are not made again.

    Without `names` all that are offered: `osm.*` hold what is of OpenStreetMap, `places.*` the
    rest, so that each file has one licence. Of one `layer` only, by its name, if asked for: then
    `places.*` hold it. Clears away the files of versions that are no longer served. Raises BadValue
    where a file would hold nothing, StoreError where there is no version, or where the disk
    refuses.
    """
    pointer = dataset.pointer()
    about = dataset.manifest(pointer).about
    there = NAMES if layer else offered(about)
    for name in names:
        if name not in there:
            raise BadValue(
                "no place of dataset {dataset} would stand in {name}; there are {files}",
                dataset=dataset.name,
                name=name,
                files=", ".join(there),
            )
    names = names or there
    whole = folder(dataset, pointer.version)
    home = whole / f"layer-{layer}" if layer else whole
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _alone(whole.parent):
            _clear(dataset, whole.parent)
            for name in names:
                if not (home / name).exists():
                    mine = _layers(about, name, layer)
                    _make(_Version(dataset, pointer, about, mine), home / name)
    except OSError as fault:
        raise StoreError(
            "no files for download were made in {home}: {why}",
            home=home,
            why=why_of(fault),
        ) from fault
    return {name: home / name for name in names}


def _layers(about: DatasetAbout, name: str, layer: str | None) -> tuple[LayerAbout, ...] | None:
    """The layers whose places a file holds; None: all, of a version of one licence."""
    if layer is not None:
        return tuple(each for each in about.layers if each.name == layer)
    if OSM_LAYER not in {each.name for each in about.layers}:
        return None
    of_osm = name in OSM_NAMES
    return tuple(each for each in about.layers if (each.name == OSM_LAYER) == of_osm)


def nature(about: DatasetAbout, version: str) -> dict[str, Any]:
    """What everybody must know of the data, under the names that the API uses."""
    return {
        "datasetTitle": about.title,
        "synthetic": about.synthetic,
        "licence": about.licence,
        "attribution": about.source,
        "dataDate": about.data_date,
        "dataVersion": version,
        "dataset": about.dataset,
        "datum": str(Datum.WGS84),
    }


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One maker at a time: the second finds what the first made."""
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear(dataset: Dataset, place: Path) -> None:
    served = {_version(dataset, which) for which in (CURRENT, PREVIOUS)}
    for old in place.iterdir():
        if old.is_dir() and old.name not in served:
            shutil.rmtree(old, ignore_errors=True)


def _version(dataset: Dataset, which: str) -> str | None:
    try:
        return dataset.pointer(which).version
    except StoreError:
        return None


def _make(version: _Version, path: Path) -> None:
    """One file; its compressed copy first, so that who finds the file finds both."""
    aside = path.with_name(f".unfinished-{path.name}")
    aside.unlink(missing_ok=True)
    try:
        _WRITERS[path.name](version, aside)
        if path.name in TEXTS:
            _compress(aside, path.with_name(path.name + COMPRESSED))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _compress(path: Path, into: Path) -> None:
    aside = into.with_name(f".unfinished-{into.name}")
    packer = brotli.Compressor(quality=_BROTLI)
    with path.open("rb") as source, aside.open("wb") as out:
        while chunk := source.read(_CHUNK):
            out.write(packer.process(chunk))
        out.write(packer.finish())
    aside.replace(into)


def _geojson(version: _Version, path: Path) -> None:
    """The stored records in the order of ids, without links into map apps, with provenance (RFC
    7946).
    """
    snapshot = version.dataset.load(version.at)
    head = msgspec.json.encode({"type": "FeatureCollection", **version.said()})[:-1]
    with path.open("wb") as out:
        out.write(head + b',"features":[')
        for number, row in enumerate(version.rows(snapshot).tolist()):
            out.write((b",\n" if number else b"\n") + snapshot.records.with_provenance(row))
        out.write(b"\n]}\n")


def _csv(version: _Version, path: Path) -> None:
    """UTF-8 with a mark, for Excel; lists joined by ";".

    A text that a spreadsheet would run is guarded.
    """
    table, snapshot = _flat(version), version.dataset.load(version.at)
    table["lon"], table["lat"] = (
        snapshot.lonlat[version.rows(snapshot)].round(DECIMALS).T
    )  # the table stands in order of ids
    wkt = table.geometry.to_wkt(rounding_precision=DECIMALS)
    table["wkt"] = wkt.where(table.geom_type == "LineString")
    table[FROM_DATASET] = from_dataset(table)
    plain = pd.DataFrame(table.rename(columns={"phones": "phone"}))[list(_CSV_COLUMNS)]
    said = version.said()
    plain["source"] = plain["source"].fillna(said["attribution"])
    plain["licence"] = plain["licence"].fillna(said["licence"])
    for name, value in said.items():
        if name not in plain:  # a place's own licence stands
            plain[name] = json.dumps(value) if isinstance(value, bool) else value
    for name in plain.columns:
        if plain[name].dtype == "str":
            plain[name] = plain[name].map(guarded, na_action="ignore")
    plain.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _gpkg(version: _Version, path: Path) -> None:
    """One layer, `places`; lists joined by ";"."""
    said = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in version.said().items()
    }
    described = "; ".join(f"{key}: {value}" for key, value in said.items())
    table = _flat(version).drop(columns="service_bits")
    # The driver goes by the ending, and stamps the time of day unless it is told another.
    whole = path.with_name(f"{path.name}.gpkg")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{said['dataDate']}T00:00:00.000Z"})
    try:
        table.to_file(
            whole,
            layer="places",
            driver="GPKG",
            engine="pyogrio",
            dataset_metadata=said,
            layer_metadata=said,
            layer_options={"IDENTIFIER": version.about.title, "DESCRIPTION": described},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    whole.replace(path)


def _parquet(version: _Version, path: Path) -> None:
    """The stored GeoParquet as it is, and what everybody must know under the key `nuanfeng`."""
    wanted = None if version.layers is None else [("layer", "in", version.names)]
    table = pq.read_table(version.stored, filters=wanted)
    said = json.dumps(version.said(), ensure_ascii=False).encode()
    pq.write_table(
        table.replace_schema_metadata({**(table.schema.metadata or {}), b"nuanfeng": said}), path
    )


def _flat(version: _Version) -> gpd.GeoDataFrame:
    """The places table with texts only: lists joined, words as text, days without a time."""
    table = version.table()
    for name in LIST_COLUMNS:
        table[name] = table[name].map(joined).astype("str")
    for name in (*CATEGORY_COLUMNS, *TEXT_COLUMNS):
        table[name] = table[name].astype("str")
    table["verified_at"] = table["verified_at"].dt.strftime("%Y-%m-%d")
    return table


_BY_FORM: Final[Mapping[str, Callable[[_Version, Path], None]]] = {
    ".geojson": _geojson,
    ".csv": _csv,
    ".gpkg": _gpkg,
    ".parquet": _parquet,
}
_WRITERS: Final = {name: _BY_FORM[Path(name).suffix] for name in (*NAMES, *OSM_NAMES)}
