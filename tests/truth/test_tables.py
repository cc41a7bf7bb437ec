"""A table of a vocabulary has all of its words: what is added to one is added everywhere."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import pytest

import app
import geodata
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service

#: A table with fewer of its words than this share is about those alone.
NEARLY = 0.75
#: What the programme named in 2022, which had no public places.
OF_ITS_DAY = "PUBLISHED_2022"


def tables() -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Every mapping at the top of a module."""
    for package in (app, geodata):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in found.name:  # run by alembic alone
                module = importlib.import_module(found.name)
                for name, value in vars(module).items():
                    if isinstance(value, Mapping):
                        yield f"{module.__name__}.{name}", value


@pytest.mark.parametrize("words", [Kind, Need, Service, Audience, Door, Mode])
def test_a_table_of_nearly_all_words_has_all(words: type[StrEnum]) -> None:
    found = {
        name: {*words} - {*table} - {"unknown"}
        for name, table in tables()
        if table
        and not name.endswith(OF_ITS_DAY)
        and all(isinstance(key, words) for key in table)
        and len(table) >= NEARLY * len(words)
    }
    assert found
    assert {name: missing for name, missing in found.items() if missing} == {}
