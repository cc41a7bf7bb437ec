"""Boxes against lines and areas, with shapely as the slow oracle."""

import numpy as np
import pytest
import shapely

from geodata.space.boxes import Box, Shapes, around, shapes_in

RNG = np.random.default_rng(7)
ACROSS = Box(170.0, -10.0, -170.0, 10.0)


def ground(box: Box) -> shapely.Geometry:
    return shapely.union_all([shapely.box(*part) for part in box.parts()])


def random_box() -> Box:
    west, east = RNG.uniform(-180, 180, 2)
    south, north = sorted(RNG.uniform(-90, 90, 2))
    return Box(float(west), float(south), float(east), float(north))


def test_a_box_over_the_antimeridian_is_two() -> None:
    assert ACROSS.parts() == (Box(170.0, -10.0, 180.0, 10.0), Box(-180.0, -10.0, -170.0, 10.0))


@pytest.mark.parametrize("filled", [False, True])
def test_random_shapes_are_in_as_shapely_says(filled: bool) -> None:
    middles = RNG.uniform((-150, -60), (150, 60), (200, 2))
    if filled:
        made = [
            shapely.Point(xy).buffer(9, 4).difference(shapely.Point(xy).buffer(5, 4))
            for xy in middles
        ]
        paths = [[ring.coords for ring in (shape.exterior, *shape.interiors)] for shape in made]
    else:
        made = [
            shapely.LineString(xy + np.cumsum(RNG.normal(0, 3, (4, 2)), axis=0)) for xy in middles
        ]
        paths = [[shape.coords] for shape in made]
    shapes = Shapes.of(paths, filled=filled)
    small = [
        Box(x, y, x + 2, y + 1) for x, y in RNG.uniform((-150, -60), (150, 60), (200, 2)).tolist()
    ]
    for box in [
        *(random_box() for _ in range(50)),
        *small,
        *(Box(x - 1, y - 1, x + 1, y + 1) for x, y in middles.tolist()),
    ]:
        assert (
            shapes_in(box, shapes).tolist()
            == shapely.intersects(ground(box), np.array(made)).tolist()
        )


def test_around_nothing_there_is_no_box() -> None:
    assert around(np.empty((0, 2))) is None
    assert Shapes.of([], filled=True).bounds is None
    assert shapes_in(ACROSS, Shapes.of([], filled=True)).tolist() == []
