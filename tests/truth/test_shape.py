"""The house stays easy to walk: few rooms, few floors, no circles, and a style that is bounded."""

import re
from itertools import chain
from statistics import median

import pytest

from tests.shape import (
    OUR_SCRIPTS,
    ROOT,
    Style,
    class_names,
    house,
    modules_of,
    python_style,
    script_style,
    scripts_of,
)

PACKAGES = (ROOT / "geodata", ROOT / "app")


@pytest.fixture(scope="module")
def style() -> Style:
    return python_style(PACKAGES, None)


def test_the_house_has_few_rooms_and_few_floors_and_no_circle() -> None:
    top = house()
    assert top.circles == []
    assert len(top.rooms) <= 22
    assert len(top.floors()) <= 10


@pytest.mark.parametrize("package", ["geodata", "app"])
def test_no_modules_import_each_other(package: str) -> None:
    assert modules_of(package).circles == []


def test_no_scripts_import_each_other() -> None:
    assert scripts_of(OUR_SCRIPTS).circles == []


def test_a_function_takes_at_most_ten_arguments(style: Style) -> None:
    assert style.most_arguments is not None
    assert style.most_arguments <= 10


def test_all_is_typed_and_all_that_is_public_is_documented(style: Style) -> None:
    assert (style.annotated, style.documented) == (1.0, 1.0)


def test_functions_and_modules_are_short(style: Style) -> None:
    assert median(style.functions) <= 6
    assert max(style.functions) <= 100
    assert max(style.modules) <= 700


def test_hardly_a_line_is_longer_than_a_screen_is_wide(style: Style) -> None:
    assert style.wide <= 0.01
    assert script_style(OUR_SCRIPTS).wide <= 0.01


def test_the_formatter_is_told_to_skip_tables_only() -> None:
    folders = ("app", "geodata", "notebooks", "tests")
    files = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    skipped = [
        path
        for path in files
        for _ in re.finditer(r"# fmt: (skip|off)$", path.read_text(), re.MULTILINE)
    ]
    assert len(skipped) < 60


def test_a_public_class_name_stands_once_in_the_whole_tree() -> None:
    twice = {name: files for name, files in class_names(PACKAGES).items() if len(files) > 1}
    assert twice == {}
