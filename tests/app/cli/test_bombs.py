"""Files made to be too much: refused in words by the command itself, before a library of frames, in
little memory.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.bombs import BOMBS, ended, one_value_for_many

MOST_MB: Final = 300
FRAMES: Final = {"pandas", "geopandas", "pyarrow", "pyogrio", "python_calamine"}
#: What a layer of areas may be.
OF_AREAS: Final = (".zip", ".geojson", ".gpkg")


@pytest.mark.parametrize(
    ("name", "command"),
    [(name, "import") for name in BOMBS]
    + [(name, "import-areas") for name, (_, suffix, _) in BOMBS.items() if suffix in OF_AREAS],
)
def test_a_bomb_is_refused_before_any_library_of_frames_is_loaded(
    tmp_path: Path, name: str, command: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("a bomb refused", 1)
    make, suffix, words = BOMBS[name]
    bomb = make(tmp_path / f"驿站{suffix}")
    assert bomb.stat().st_size < 20_000_000
    told = ended(tmp_path / "home", command, str(bomb), "--dataset", "mine", "--datum", "wgs84")
    assert (told.code, words in told.said) == (1, True), told.said
    assert told.said.startswith("nuanfeng: ")
    assert told.mb < MOST_MB
    assert not FRAMES & told.modules


def test_a_parquet_of_one_value_is_refused_by_its_footer(tmp_path: Path) -> None:
    bomb = one_value_for_many(tmp_path / "驿站.parquet")
    assert bomb.stat().st_size < 1_000_000
    told = ended(tmp_path / "home", "import", str(bomb), "--dataset", "mine", "--datum", "wgs84")
    assert (told.code, "2 columns and 30,000,000 rows" in told.said) == (1, True), told.said
    assert told.mb < MOST_MB
    assert not {"pandas", "geopandas"} & told.modules
