"""Every message that code, templates and scripts say is in the Chinese catalogue, with the same
values; no other is.
"""

import ast
import errno
import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from app.cli.commands import CLICK_SAYS, examples, paragraphs
from app.cli.main import cli
from app.desk import entries, place_edits, places, tables
from app.pages import labels, limits
from app.pages.street_list import REASON_TEXTS
from app.request.ogc_queries import PlaceItems
from app.request.parsing import allowed, fields
from app.request.queries import AlongQuery, IsochroneQuery, NearestQuery, NoQuery, SearchQuery
from app.response.problems import BROKEN, HINTS, KINDS, REFUSED, STATUS_KINDS
from app.words import Language, catalogue, say
from geodata.errors import OUTSIDE_RANGE, NuanfengError, OutsideArea, PlaceGone
from geodata.store.files import Dataset, RoadNetwork
from geodata.store.sent import Did
from geodata.vocabulary import DOOR_WORDS, Door, PlaceType

APP = Path(__file__).parents[2] / "app"
CATALOGUE = APP / "translations" / "zh_CN" / "LC_MESSAGES" / "messages.po"

#: say("…") in a template or a script.
SAID = re.compile(r'\bsay\(\s*("(?:[^"\\]|\\.)*")')
#: Rooms in which a request is refused.
REFUSING = (
    *(APP / room for room in ("api", "desk", "live", "pages", "request", "response", "voice")),
    *(APP.parent / "geodata" / room for room in ("search", "snapshot", "coverage", "text")),
)
#: Which argument of a call is a message.
MESSAGE_AT = {"say": 1, "Fault": 1, "_fault": 1}


#: What a system says of files and addresses, as far as a clerk may meet it.
SYSTEM_FAULTS = (
    errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.ENOSPC, errno.EROFS,
    errno.EEXIST, errno.EADDRINUSE, errno.EADDRNOTAVAIL,
)  # fmt: skip
#: What GEOS says of outlines.
GEOMETRY_FAULTS = (
    "Self-intersection", "Ring Self-intersection", "Too few points in geometry component",
    "Hole lies outside shell", "Nested shells", "Duplicate Rings", "Interior is disconnected",
    "Invalid Coordinate",
)  # fmt: skip


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """A module's syntax tree, flat; none is read twice, and none before a test asks."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module", autouse=True)
def forget_the_trees() -> Iterator[None]:
    """When the last test here is over."""
    yield
    for each in (nodes, assignments):
        each.cache_clear()


def calls(paths: Iterable[Path]) -> list[ast.Call]:
    return [node for path in paths for node in nodes(path) if isinstance(node, ast.Call)]


@cache
def refusals() -> frozenset[str]:
    """The names of all errors that are sentences."""
    paths = [path for room in (APP, APP.parent / "geodata") for path in room.rglob("*.py")]
    classes = [each for path in paths for each in nodes(path) if isinstance(each, ast.ClassDef)]
    found = {NuanfengError.__name__}
    for _ in range(10):  # deeper than any of them
        found |= {each.name for each in classes if found & {ast.unparse(b) for b in each.bases}}
    return frozenset(found)


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def literals(node: ast.AST) -> Iterator[str]:
    """The texts that an argument can be: a literal, or either arm of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def in_python() -> set[str]:
    spoken = {
        (called(node), node) for node in calls(APP.rglob("*.py")) if called(node) in MESSAGE_AT
    }
    return {
        text
        for name, node in spoken
        if len(node.args) > 1
        for text in literals(node.args[MESSAGE_AT[name]])
    }


def refusing_calls() -> Iterator[ast.Call]:
    """Where a request can be refused: an error is made there, or makes its own message."""
    refusals = {error.__name__ for error in KINDS}
    for room in REFUSING:
        for path in room.rglob("*.py"):
            for node in nodes(path):
                if isinstance(node, ast.Call) and called(node) in refusals and node.args:
                    yield node
                if isinstance(node, ast.ClassDef) and node.name in refusals:
                    yield from (
                        call
                        for call in ast.walk(node)
                        if isinstance(call, ast.Call) and called(call) == "__init__"
                    )


def in_refusals() -> set[str]:
    gone = PlaceGone("st-1", "", 0.0, 0.0, date.min)
    found = {text for call in refusing_calls() if call.args for text in literals(call.args[0])}
    return found | {OUTSIDE_RANGE, gone.message}


def in_notices() -> set[str]:
    """Why a notice's hours are not read."""
    room = APP.parent / "geodata" / "sources" / "hours_text"
    return {
        text
        for call in calls(room.glob("*.py"))
        if called(call) == "Unsure" and call.args
        for text in literals(call.args[0])
    }


#: Rooms whose sentences a clerk reads in a terminal or in the returned workbook.
TOLD = (
    *(
        APP.parent / "geodata" / room
        for room in ("hours", "pipeline", "places", "sources", "store")
    ),
    APP / "cli",
)
#: Calls whose first argument is a message.
SAYING = frozenset({"Said", "tell", "warn", "_say", "progress", "refusing", "_refuse"})
#: Said through a value of a table or of the system.
BY_VALUE = {
    *("added", "removed", "changed", "moved", "current", "previous", "dataset", "network"),
    *(str(did) for did in Did),
    *(kept.way_out for kept in (Dataset, RoadNetwork)),
    "`nuanfeng shared rollback --dataset {name}` goes back to the last whole version",
    *("home", "datasets", "networks", "verified", "version", "{heading}:", "not stated"),
    *("licence not stated", "Options", "Commands", "required", "default: {default}"),
    *map(os.strerror, SYSTEM_FAULTS),
    *GEOMETRY_FAULTS,
    OutsideArea(0, 0, "", (0, 0, 0, 0), None).message,
}


@cache
def assignments(path: Path) -> tuple[ast.Assign | ast.AnnAssign, ...]:
    return tuple(each for each in nodes(path) if isinstance(each, ast.Assign | ast.AnnAssign))


def assigned(name: str, path: Path) -> Iterator[str]:
    """The texts that a module gives a variable."""
    for node in assignments(path):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value and any(isinstance(each, ast.Name) and each.id == name for each in targets):
            yield from literals(node.value)


def messages_of(call: ast.Call, path: Path) -> Iterator[str]:
    first = call.args[0]
    yield from assigned(first.id, path) if isinstance(first, ast.Name) else literals(first)


def said_in(paths: Iterable[Path]) -> set[str]:
    """Every sentence with letters of its own that these modules say or refuse with."""
    found: set[str] = set()
    saying = SAYING | refusals()
    for path in paths:
        for node in nodes(path):
            if isinstance(node, ast.Call) and node.args and called(node) in saying:
                found |= {*messages_of(node, path)}
    return {text for text in found if re.search("[A-Za-z]", re.sub(r"\{[^}]*\}", "", text))}


def modules(rooms: Iterable[Path]) -> list[Path]:
    """But the made-up city, and the reader of notices, which in_notices reads."""
    every = [path for room in rooms for path in room.rglob("*.py")]
    return [path for path in every if not {"demo", "hours_text"} & {*path.parts}]


def in_help() -> set[str]:
    """What help says of each command, and click of what it cannot read."""

    def of(command: click.Command, parent: click.Context | None) -> Iterator[str]:
        context = click.Context(command, info_name=command.name, parent=parent)
        yield from paragraphs(command.help or "")
        yield from (each for each in examples(command.epilog or "") if "nuanfeng " not in each)
        for option in command.get_params(context):
            yield from paragraphs(getattr(option, "help", None) or "")
        for child in getattr(command, "commands", {}).values():
            yield from of(child, context)

    return {*of(cli, None), *CLICK_SAYS}


def in_tables() -> set[str]:
    """Messages that code says through a variable."""
    kinds = {kind.title for kind in (*KINDS.values(), *STATUS_KINDS.values(), BROKEN)} | {REFUSED}
    ranges = {
        allowed(hint)[0]
        for query in (NearestQuery, AlongQuery, IsochroneQuery, SearchQuery, NoQuery, PlaceItems)
        for hint in fields(query).values()
    }
    states = next(
        node.value
        for node in nodes(APP / "pages" / "street_list.py")
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "messages"
    )
    assert isinstance(states, ast.Dict)
    return (
        kinds
        | ranges
        | set(HINTS.values())
        | set(REASON_TEXTS.values())
        | {
            label
            for table in (
                tables.FIELDS,
                tables.DATUMS,
                tables.WHAT,
                tables.STATES,
                tables.DIFFERS,
                place_edits.FIELDS,
                places.HOW,
                places.STANDINGS,
                *entries.FIELDS.values(),
                labels.DOORS,
                labels.FEES,
                labels.WHEELCHAIRS,
                labels.REGISTERS,
                labels.MODES,
            )
            for label in table.values()
        }
        | {t for v in states.values for t in literals(v)}
    )


def in_pages() -> set[str]:
    paths = [*(APP / "templates").rglob("*.html"), *(APP / "static" / "js").rglob("*.js")]
    return {
        json.loads(found)
        for path in paths
        for found in SAID.findall(path.read_text(encoding="utf-8"))
    }


def translated() -> dict[str, str]:
    with CATALOGUE.open("rb") as source:
        return {
            str(message.id): str(message.string)
            for message in read_po(source, abort_invalid=True)
            if message.id
        }


def values_of(message: str) -> set[str]:
    return set(re.findall(r"\{(\w+)[!:}]", message))


def in_terminals() -> set[str]:
    return said_in(modules(TOLD)) | in_help() | BY_VALUE


def in_findings() -> set[str]:
    """What `nuanfeng doctor` says, which it is told with a code and a command before it."""
    return {
        text
        for call in calls((APP / "ops").glob("*_checks.py"))
        if isinstance(call.func, ast.Name) and call.func.id in ("warning", "fault", "found")
        for text in literals(call.args[2])
    }


@cache
def spoken_anywhere() -> frozenset[str]:
    """Every message that must be translated."""
    return frozenset(
        in_findings()
        | in_python()
        | in_tables()
        | in_pages()
        | in_refusals()
        | in_notices()
        | in_terminals()
        | limits.messages()
    )


def test_every_message_is_translated() -> None:
    assert (
        sorted(spoken_anywhere() - {message for message, text in translated().items() if text})
        == []
    )


def test_no_translation_is_left_over() -> None:
    elsewhere = said_in(modules((APP, APP.parent / "geodata")))  # may be translated, need not be
    assert sorted(translated().keys() - spoken_anywhere() - elsewhere) == []


def test_no_sentence_of_a_report_is_built_where_nobody_can_translate_it() -> None:
    built = [
        f"{path.name}: {ast.unparse(node)[:80]}"
        for path in modules(TOLD)
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and node.args
        and called(node) in SAYING | refusals()
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert built == []


@pytest.mark.parametrize(("message", "text"), translated().items())
def test_a_translation_says_the_same_values(message: str, text: str) -> None:
    assert values_of(text) == values_of(message)


def test_no_message_is_built_where_no_test_can_read_it() -> None:
    scripts = [*(APP / "static" / "js").rglob("*.js"), *(APP / "templates").rglob("*.html")]
    dynamic = [
        f"{path.name}: {found[0]}"
        for path in scripts
        for found in re.finditer(
            r'(?<!function )\bsay\((?!\s*").*', path.read_text(encoding="utf-8")
        )
    ]
    assert dynamic == []


def test_no_refusal_is_built_where_nobody_can_translate_it() -> None:
    built = [
        ast.unparse(call)
        for call in refusing_calls()
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert built == []


def test_the_script_is_told_every_message_it_says() -> None:
    from app.pages.assets import VOICE, assets
    from app.pages.embedded import spoken, voice_words, wordbook

    for language, of_voice in product(Language, (False, True)):
        told = json.loads(voice_words(language).body) if of_voice else wordbook(language)
        said = told["said"]
        if assets().bundled:  # by number
            said = dict(zip(spoken(assets(), of_voice=of_voice), said, strict=True))
        for path, text in assets().written.items():
            if path.startswith(VOICE) is of_voice:
                for found in SAID.findall(text):
                    assert said[json.loads(found)] == say(language, json.loads(found))


def test_the_catalogue_is_complete_in_both_languages() -> None:
    assert (
        catalogue(Language.ENGLISH).keys()
        == catalogue(Language.CHINESE).keys()
        == translated().keys()
    )


def test_doors_are_called_by_their_official_words_except_where_these_mislead() -> None:
    spoken = labels.labels(Language.CHINESE)["doors"]
    other = {door for door, word in DOOR_WORDS.items() if spoken[door] != word.official}
    assert other == {Door.OPEN, Door.UNKNOWN}


@pytest.mark.parametrize("language", list(Language))
def test_every_word_of_the_vocabulary_has_a_label(language: Language) -> None:
    from geodata.vocabulary import Audience, Kind, Mode, Need, Service, Wheelchair, YesNo, Zone

    expected = {
        "kinds": Kind,
        "needs": Need,
        "services": Service,
        "audiences": Audience,
        "zones": Zone,
        "types": PlaceType,
        "doors": Door,
        "fees": YesNo,
        "wheelchairs": Wheelchair,
        "registers": YesNo,
        "modes": Mode,
    }
    found = labels.labels(language)
    assert {name: set(table) for name, table in found.items()} == {
        name: set(words) for name, words in expected.items()
    }
    assert all(label.strip() for table in found.values() for label in table.values())
