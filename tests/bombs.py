"""Files made to be too much: small on disk, and endless for who opens them without looking.

Opens none.
"""

import json
import os
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

ROOT: Final = Path(__file__).parents[1]
#: The command as it is typed, and what the process held when it ended. VmHWM, because ru_maxrss is
#: the parent's, too.
COMMAND: Final = """
import json, sys, time
began = time.perf_counter()
from app.__main__ import main
sys.argv[0] = "nuanfeng"
try:
    main()
except SystemExit as end:
    code = end.code
high = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"code": code, "mb": int(high.split()[1]) // 1024, "modules": sorted(sys.modules),
                  "seconds": time.perf_counter() - began}))
"""


class Ended(NamedTuple):
    """What became of a command."""

    code: int
    mb: int
    """The most memory it held."""
    modules: frozenset[str]
    """What it had loaded when it ended."""
    seconds: float
    """Since the interpreter ran."""
    said: str


def ended(home: Path, *arguments: str, most_s: float = 120.0) -> Ended:
    """Run `nuanfeng` over a home of its own and watch it, for as long as that."""
    found = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=most_s,
        env={**os.environ, "NUANFENG_HOME": str(home), "COLUMNS": "300"},
    )
    told: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return Ended(
        told["code"], told["mb"], frozenset(told["modules"]), told["seconds"], found.stderr
    )


def zipped(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in parts.items():
            packed.writestr(name.replace("__", "/"), body)
    return path


def blown(path: Path) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(b" " * 1_000_000)
    return path


def lying(path: Path) -> Path:
    body = blown(path).read_bytes()
    path.write_bytes(
        body.replace((300_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    )
    return path


def crowded(path: Path) -> Path:
    """A directory of 120,000 empty parts, as an archiver writes it for so many (zip64)."""
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(120_000):
            packed.writestr(f"xl/{number:06}", b"")
    return path


def crowded_in_short(path: Path) -> Path:
    """The same told by the old record alone: readers believe its size, not its count."""
    body = crowded(path).read_bytes()
    at = body.rfind(b"PK\x05\x06")
    record = body.rfind(b"PK\x06\x06")
    size, start = struct.unpack("<QQ", body[record + 40 : record + 56])
    path.write_bytes(
        body[:record] + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, start, 0)
    )
    assert at > record
    return path


def entities(path: Path) -> Path:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "haha">{lines}]><x>&e9;</x>'.encode()
    return zipped(path, xl__workbook_xml=body)


def wide_sheet(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, [f"列{n}" for n in range(16_000)])
    return path


def far_cell(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write(1_000_000, 20, "x")
    return path


def wide_text(path: Path) -> Path:
    path.write_text(",".join(f"列{n}" for n in range(20_000)), "utf-8")
    return path


def wide_under_a_title(path: Path) -> Path:
    path.write_text("驿站一览表\n" + ",".join(f"列{n}" for n in range(20_000)), "utf-8")
    return path


def a_property_each(path: Path) -> Path:
    """Twenty thousand features of one property each are a table of 400,000,000 cells."""
    shape = {"type": "Point", "coordinates": [114.05, 22.54]}
    features = [
        {"type": "Feature", "properties": {f"k{n}": 1}, "geometry": shape} for n in range(20_000)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def geopackage(path: Path, *statements: str) -> Path:
    with sqlite3.connect(path) as held:
        held.execute("CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT)")
        held.execute("INSERT INTO gpkg_contents VALUES ('stations', 'features')")
        for statement in statements:
            held.execute(statement)
    held.close()
    return path


def endless_view(path: Path) -> Path:
    counted = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, 'x' AS"
        " name FROM n"
    )
    return geopackage(path, f"CREATE VIEW stations AS {counted}")


def computed_column(path: Path) -> Path:
    column = "name TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000))) VIRTUAL"
    return geopackage(
        path, f"CREATE TABLE stations (fid INTEGER, {column})", "INSERT INTO stations VALUES (1)"
    )


def another_kind_zipped(path: Path) -> Path:
    inner = endless_view(path.with_suffix(".gpkg"))
    return zipped(path, **{"stations.gpkg": inner.read_bytes()})


def one_value_for_many(path: Path) -> Path:
    """Thirty million rows in 0.2 MB: pages of one run each."""
    few = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(10_000_000, np.int32)), pa.array(["驿站"])
    )
    table = pa.table({"name": few, "address": few})
    with pq.ParquetWriter(path, table.schema) as out:
        for _ in range(3):
            out.write_table(table)
    return path


BOMBS: Final[dict[str, tuple[Callable[[Path], Path], str, str]]] = {
    "a zip of spaces": (blown, ".xlsx", "unpacks to more than 256,000,000 bytes"),
    "a zip that lies": (lying, ".xlsx", "unpacks to more than it says of itself"),
    "a zip of spaces, for areas": (blown, ".zip", "no shapefile"),
    "too many parts": (crowded, ".xlsx", "far more parts than a table has"),
    "too many parts that say one": (crowded_in_short, ".xlsx", "far more parts than a table has"),
    "entities": (entities, ".xlsx", "declares entities"),
    "a wide sheet": (wide_sheet, ".xlsx", "reaches to column 16,000"),
    "a cell far away": (far_cell, ".xlsx", "and row 1,000,001"),
    "20,000 columns of text": (wide_text, ".csv", "20,000 columns"),
    "20,000 columns under a title": (wide_under_a_title, ".csv", "20,000 columns"),
    "a property each": (a_property_each, ".geojson", "columns; at most 500"),
    "an endless view": (endless_view, ".gpkg", "layer 'stations' is computed"),
    "a computed column": (computed_column, ".gpkg", "layer 'stations' is computed"),
    "a bomb in a zip": (another_kind_zipped, ".zip", "holds no shapefile"),
}
