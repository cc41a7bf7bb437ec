"""No cache of a module holds on to a version: what is worked out from one is kept with it."""

import functools
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from types import ModuleType, NoneType, UnionType
from typing import Any

import msgspec

import app
import geodata
from app.words import Language
from geodata.snapshot.snapshot import Snapshot

PLAIN = (bool, int, float, str, bytes, date, datetime, timedelta, Enum, NoneType, type)
#: Values that are small and belong to no version.
NAMED = {"geodata.search.filter.Filter"}


def modules() -> Iterator[ModuleType]:
    for package in (app, geodata):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in found.name:  # run by alembic alone
                yield importlib.import_module(found.name)


def caches() -> Iterator[tuple[str, Any]]:
    """Every functools cache at the top of a module or in a class of it."""
    for module in modules():
        held = list(vars(module).items())
        for name, value in [*held]:
            if inspect.isclass(value) and value.__module__ == module.__name__:
                held += [(f"{name}.{inner}", each) for inner, each in vars(value).items()]
        for name, value in held:
            is_cache = isinstance(value, functools._lru_cache_wrapper)
            if is_cache and value.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", value


def is_plain(hint: Any) -> bool:
    """Whether a value of this type is small, and no part of a version."""
    if typing.get_origin(hint) in (typing.Union, UnionType, tuple, typing.Annotated):
        return all(each is ... or is_plain(each) for each in typing.get_args(hint))
    hint = getattr(hint, "__supertype__", typing.get_origin(hint) or hint)
    if inspect.isclass(hint) and (issubclass(hint, (tuple, msgspec.Struct)) or is_dataclass(hint)):
        fields = typing.get_type_hints(hint, include_extras=True)  # a record is what it is made of
        return bool(fields) and all(map(is_plain, fields.values()))
    return inspect.isclass(hint) and (
        issubclass(hint, PLAIN) or f"{hint.__module__}.{hint.__qualname__}" in NAMED
    )


def test_a_cache_of_a_module_is_asked_with_plain_values_alone() -> None:
    found = dict(caches())
    assert len(found) > 20
    for name, cache in found.items():
        hints = typing.get_type_hints(cache.__wrapped__, include_extras=True)
        hints.pop("return")
        assert len(hints) == len(inspect.signature(cache.__wrapped__).parameters), name
        assert all(map(is_plain, hints.values())), f"{name} would keep {hints} for ever"


def test_the_rule_tells_a_version_from_a_plain_value() -> None:
    assert is_plain(tuple[Language, ...])
    assert is_plain(int | None)
    assert not is_plain(Snapshot)
    assert not is_plain(tuple[int, Snapshot])
