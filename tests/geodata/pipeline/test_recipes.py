"""The demo city is the same version whatever the last bits of a projection are."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from geodata.pipeline import area_outlines, recipes
from geodata.pipeline.freeze import Frozen
from geodata.pipeline.new_city import shipped
from geodata.sources.demo.city import SHENZHEN
from geodata.space import coordinates


class OtherLastBits:
    """A PROJ transformer of another release: every number is one of its next neighbours."""

    def __init__(self, transformer: Any) -> None:
        self._transformer = transformer

    def transform(self, *given: Any) -> tuple[Any, ...]:
        return tuple(map(beside, self._transformer.transform(*given)))


def beside(values: Any) -> Any:
    """The next number above or below, always the same of the same."""
    exact = np.asarray(values, np.float64)
    up = exact.view(np.int64) // 7 % 2 == 0
    return np.nextafter(exact, np.where(up, np.inf, -np.inf))


@pytest.fixture
def other_last_bits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    usual = coordinates.metric([114.05], [22.54], SHENZHEN.grid)
    grid = tuple(map(OtherLastBits, coordinates._transformers(SHENZHEN.grid)))
    monkeypatch.setattr(coordinates, "_transformers", lambda _: grid)
    assert (coordinates.metric([114.05], [22.54], SHENZHEN.grid) != usual).all()
    for made_once in (area_outlines._cells_once, shipped):
        made_once.cache_clear()
    yield
    for made_once in (area_outlines._cells_once, shipped):
        made_once.cache_clear()


@pytest.fixture(scope="module")
def usual() -> Frozen:
    return recipes.demo("demo", counts=recipes.scaled(400))


def test_the_demo_city_is_the_same_version_with_every_release_of_proj(
    usual: Frozen, other_last_bits: None
) -> None:
    other = recipes.demo("demo", counts=recipes.scaled(400))
    for name, array in usual.arrays.items():
        assert np.array_equal(array, other.arrays[name]), name
    for name, blob in usual.blobs.items():
        assert blob == other.blobs[name], name
    assert other.version == usual.version
