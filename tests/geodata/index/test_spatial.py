"""The index as kernels see it: named arrays, and one compiled search for every filter."""

from typing import Any, cast

import numpy as np

from geodata.compiled import addresses
from geodata.estimate import way_at
from geodata.index import spatial
from geodata.index.spatial import Index
from geodata.index.tree import Arrival
from geodata.traits import EVERYTHING, Mask
from geodata.vocabulary import Mode


def _town() -> Index:
    lonlat = np.array([[114.0, 22.5], [114.01, 22.5]])
    street = np.array([[114.0, 22.51], [114.01, 22.51]])
    words = np.array([[1, 0], [3, 0], [1, 0]], np.int64)
    links = np.array([[0, 0], [1, 1], [2, 1]], np.int32)
    return Index.build(lonlat, [street], words, links)


def _always() -> Arrival:
    offsets, starts = np.array([0, 0, 1], np.int32), np.array([0], np.int32)
    ends, states = np.array([1440], np.int32), np.array([1], np.uint8)
    arrays = (offsets, starts, ends, states)
    numbers = (600.0, way_at(Mode.WALK), 5.0, 0.0)
    return Arrival(*arrays, addresses(arrays), *numbers, unknown_passes=False)


def test_every_array_of_an_index_has_a_name_among_its_addresses() -> None:
    assert [item.name.lower() for item in spatial._Item] == list(_town().to_arrays())


def test_one_compiled_search_answers_every_filter() -> None:
    town, compiled = _town(), cast("Any", spatial._ask_one)
    before = set(compiled.signatures)
    second = np.array([False, True])
    told = [
        town.nearest(114.0, 22.5, 3, 50_000.0, *rules)[0].tolist()
        for rules in (
            (None, None, None),
            (Mask(all_of=2), None, None),
            (None, second, None),
            (EVERYTHING, second, None),
            (EVERYTHING, None, _always()),
            (Mask(all_of=1), second, _always()),
        )
    ]
    assert told == [[0, 1, 2], [1], [1, 2], [1, 2], [1, 2], [1, 2]]
    assert len(set(compiled.signatures) - before) <= 1


def test_a_batch_says_the_same() -> None:
    town = _town()
    for mask, arrival in ((None, None), (Mask(all_of=2), None), (EVERYTHING, _always())):
        rows, metres = town.nearest_many([(114.0, 22.5)], 3, 50_000.0, mask, None, arrival)
        one, reached = town.nearest(114.0, 22.5, 3, 50_000.0, mask, None, arrival)
        assert rows[0, : len(one)].tolist() == one.tolist()
        assert metres[0, : len(one)].tolist() == reached[:, 0].tolist()
        assert (rows[0, len(one) :] == -1).all()
        assert np.isnan(metres[0, len(one) :]).all()
