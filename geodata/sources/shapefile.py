"""A shapefile, alone or in a zip: its parts measured against what they say, its texts read by us.

GDAL reads the shapes and the columns. The texts it would decode by the .cpg, which is missing or
wrong as often as right, and it stops at a heading that ends inside a character. So the parts are
laid into a folder of their own, where every byte is a letter, and decoded here.
"""

import shutil
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Final

from geodata.errors import BadTable, Said, UnreadableFile
from geodata.extract.foreign_files import readable
from geodata.sources.decoding import field_reader
from geodata.sources.headings import completed

#: The parts that are read; whatever else lies beside them is none of ours.
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
#: Each byte a letter, and back.
_BYTES: Final = "iso-8859-1"
#: Headings of a DBF hold ten bytes.
_HEADING_BYTES: Final = 10
_SHP_MAGIC: Final = 9994


@dataclass(frozen=True, slots=True)
class Shapefile:
    """One layer as GDAL read it, its texts decoded."""

    name: str
    frame: Any
    """A GeoDataFrame; a DataFrame where there are no shapes."""
    said: tuple[Said, ...]
    """What was made of texts that were cut."""


def shapefiles(
    path: Path, layers: Sequence[str] = (), encoding: str | None = None
) -> list[Shapefile]:
    """The layers of a .shp or of a zip, or those named.

    Raises UnreadableFile, or BadTable where there is no such layer.
    """
    with _unpacked(path) as found:
        return [_read(path, name, found[name], encoding) for name in chosen(path, layers, [*found])]


def chosen(path: Path, named: Sequence[str], there: Sequence[str]) -> list[str]:
    """The layers that are named, or all, in their order. Raises BadTable where one is not there."""
    absent = [name for name in named if name not in there]
    if absent:
        raise BadTable(
            "{file} has no layer {absent!r}; it has {there}",
            file=path.name,
            absent=absent[0],
            there=[*there],
        )
    return [name for name in there if not named or name in named]


@contextmanager
def _unpacked(path: Path) -> Iterator[Mapping[str, Path]]:
    """Layer -> its .shp in a folder of its own, its neighbours beside it under small letters."""
    with TemporaryDirectory(prefix="nuanfeng-") as made:
        folder = Path(made)
        with readable(path, Said("as a shapefile")):
            laid = _from_zip if path.suffix.lower() == ".zip" else _from_folder
            yield_from = laid(path, folder)
        yield yield_from


def _from_folder(path: Path, folder: Path) -> dict[str, Path]:
    beside = {each.suffix.lower(): each for each in path.parent.glob(f"{_literal(path.stem)}.*")}
    for suffix in _PARTS:
        if suffix in beside:
            shutil.copyfile(beside[suffix], folder / f"0{suffix}")
    return {path.stem: folder / "0.shp"}


def _literal(stem: str) -> str:
    """A name that is no pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)


def _from_zip(path: Path, folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    with zipfile.ZipFile(path) as packed:
        parts = {_inner(each): each for each in packed.infolist() if not each.is_dir()}
        shapes = [inner for inner in parts if inner.suffix.lower() == ".shp"]
        for number, shp in enumerate(shapes):
            for inner, part in parts.items():
                suffix = inner.suffix.lower()
                if inner.with_suffix("") == shp.with_suffix("") and suffix in _PARTS:
                    with packed.open(part) as body, (folder / f"{number}{suffix}").open("wb") as to:
                        shutil.copyfileobj(body, to)
            found[shp.stem if shp.stem not in found else str(shp)] = folder / f"{number}.shp"
    return found


def _inner(part: zipfile.ZipInfo) -> PurePosixPath:
    """The name of a part. Without the flag of UTF-8 a Chinese program meant GB 18030."""
    name = part.filename
    if not part.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = part.filename
    return PurePosixPath(name)


def _read(path: Path, name: str, shp: Path, encoding: str | None) -> Shapefile:
    import pyogrio

    _require_whole(path, shp)
    cpg, dbf = shp.with_suffix(".cpg"), shp.with_suffix(".dbf")
    stated = cpg.read_bytes()[:40].decode("ascii", "ignore").strip() if cpg.exists() else None
    cpg.write_text(_BYTES.upper(), encoding="ascii")
    with readable(path, Said("as a shapefile")):
        # Without an index of its own GDAL makes one in our folder.
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        frame = pyogrio.read_dataframe(shp)
    if not dbf.exists():
        return Shapefile(name, frame, ())
    return _decoded(frame, path, name, stated, encoding)


def _require_whole(path: Path, shp: Path) -> None:
    """A cut shapefile is read without a word as far as it goes: the sizes in its heads tell."""
    body, table = shp.read_bytes()[:100], shp.with_suffix(".dbf")
    if len(body) < 100 or int.from_bytes(body[:4], "big") != _SHP_MAGIC:
        raise UnreadableFile("{file} cannot be read: it is no shapefile", file=path.name)
    whole = 2 * int.from_bytes(body[24:28], "big") <= shp.stat().st_size
    if whole and table.exists():
        head = table.read_bytes()[:32]
        if len(head) < 32:
            raise UnreadableFile("{file} cannot be read: its .dbf is no table", file=path.name)
        rows, first, width = struct.unpack_from("<IHH", head, 4)
        whole = first + rows * width <= table.stat().st_size
    if not whole:
        raise UnreadableFile(
            (
                "{file} is cut off: its parts are shorter than they say. Get it whole from "
                "its source"
            ),
            file=path.name,
        )


def _decoded(
    frame: Any, path: Path, name: str, stated: str | None, encoding: str | None
) -> Shapefile:
    import pandas as pd

    shape = getattr(frame, "_geometry_column_name", None)
    own = [column for column in frame.columns if column != shape]
    texts = [column for column in own if pd.api.types.is_string_dtype(frame[column])]
    raw = {
        column: [cell.encode(_BYTES) if isinstance(cell, str) else None for cell in frame[column]]
        for column in texts
    }
    heads = {column: str(column).encode(_BYTES) for column in own}
    fields = {field for cells in raw.values() for field in cells if field} | {*heads.values()}
    with readable(path, Said("as a shapefile")):
        read, _ = field_reader(fields, path.name, stated, encoding)
        known = {field: read(field) for field in fields}
    cut = sum(known[field].cut for cells in raw.values() for field in cells if field)
    for column, cells in raw.items():
        frame[column] = pd.Series(
            [known[field].text if field else ("" if field == b"" else None) for field in cells],
            index=frame.index,
            dtype="str",
        )
    names, said = _headings({column: known[head].text for column, head in heads.items()}, heads)
    if cut:
        message = "{count:,} texts ended inside a character, which is left out: they were cut"
        said.append(Said(message, count=cut))
    return Shapefile(name, frame.rename(columns=names), tuple(said))


def _headings(
    texts: Mapping[str, str], heads: Mapping[str, bytes]
) -> tuple[dict[str, str], list[Said]]:
    """Headings as they were before ten bytes cut them, where only one known field begins so."""
    names: dict[str, str] = {}
    said: list[Said] = []
    for column, text in texts.items():
        full = len(heads[column]) >= _HEADING_BYTES - 2 and not text.isascii()
        whole = completed(text) if full else None
        if whole and whole not in (*texts.values(), *names.values()):
            message = "heading {text!r} was cut; it is read as {whole!r}"
            said.append(Said(message, text=text, whole=whole))
        else:
            whole = None
        names[column] = whole or text
    return names, said
