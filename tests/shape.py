"""The shape of the code: rooms, floors, arrows and circles, and its style beside other projects.

`python -m tests.shape` prints both; `python -m tests.shape anchors` first fetches the wheels of the
other projects that are not installed, into a temporary folder. tests/truth/test_shape.py bounds
ours. Reads files, runs none.
"""

import ast
import importlib.util
import io
import re
import subprocess
import sys
import tempfile
import tokenize
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import grimp
import networkx as nx
from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).parents[1]
#: Python projects whose style is good to measure against, as far as they are installed or fetched.
ANCHORS: Final = ("osmnx", "flask", "httpx", "datasette", "folium")
#: The same of scripts: where npm puts their sources.
SCRIPT_ANCHORS: Final[Mapping[str, Path]] = {"Leaflet": ROOT / "node_modules" / "leaflet" / "src"}
OUR_SCRIPTS: Final = ROOT / "app" / "static" / "js"
WIDEST: Final = 100
#: What a script imports, at once or later.
_IMPORTED: Final = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


@dataclass(frozen=True, slots=True)
class House:
    """A graph of rooms, in which an arrow says that one imports another."""

    rooms: tuple[str, ...]
    arrows: frozenset[tuple[str, str]]

    @property
    def circles(self) -> list[list[str]]:
        """Rooms that import each other, in however many steps."""
        parts = nx.strongly_connected_components(self._graph())
        return [sorted(part) for part in parts if len(part) > 1]

    def floors(self) -> list[list[str]]:
        """The rooms by the longest way down from each, the lowest first; a circle has no floors."""
        levels: dict[str, int] = {}
        for room in reversed(list(nx.topological_sort(self._graph()))):
            below = [levels[under] for above, under in self.arrows if above == room]
            levels[room] = max(below, default=-1) + 1
        return [
            sorted(room for room in self.rooms if levels[room] == level)
            for level in range(max(levels.values(), default=-1) + 1)
        ]

    def _graph(self) -> "nx.DiGraph[str]":
        graph = nx.DiGraph()
        graph.add_nodes_from(self.rooms)
        graph.add_edges_from(self.arrows)
        return graph


@dataclass(frozen=True, slots=True)
class Style:
    """The columns of style of one project. A share is between 0 and 1; None: not measured."""

    modules: tuple[int, ...]
    """Lines of each module."""
    functions: tuple[int, ...] = ()
    """Lines of each function's body, its docstring left out."""
    most_arguments: int | None = None
    annotated: float | None = None
    """The share of parameters and results with a type."""
    documented: float | None = None
    """The share of public modules, classes and functions with a docstring."""
    comments: float = 0.0
    """The share of lines that are comments and nothing else."""
    wide: float = 0.0
    """The share of lines of more than WIDEST characters."""
    circles: int | None = None


def house() -> House:
    """The rooms at the top: each room of geodata, and app as one."""
    graph = grimp.build_graph("app", "geodata")
    rooms = {"app": "app"} | {name: name for name in graph.find_children("geodata")}
    return _house(graph, rooms)


def wing(package: str) -> House:
    """The rooms directly inside a package of ours."""
    graph = grimp.build_graph("app", "geodata")
    return _house(graph, {name: name for name in graph.find_children(package)})


def _house(graph: grimp.ImportGraph, rooms: Mapping[str, str]) -> House:
    home = {
        module: room
        for room in rooms
        for module in {room, *graph.find_descendants(room)}
        if module in graph.modules
    }
    arrows = {
        (home[module], home[other])
        for module in home
        for other in graph.find_modules_directly_imported_by(module)
        if other in home and home[other] != home[module]
    }
    return House(tuple(sorted(rooms)), frozenset(arrows))


def modules_of(package: str) -> House:
    """Every module of an installed package and what it imports of the same, types left aside."""
    graph = grimp.build_graph(package, exclude_type_checking_imports=True)
    arrows = {
        (module, other)
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
    }
    return House(tuple(sorted(graph.modules)), frozenset(arrows))


def scripts_of(folder: Path) -> House:
    """The same of the scripts of a folder."""
    paths = {path.resolve(): path.relative_to(folder).as_posix() for path in folder.rglob("*.js")}
    arrows = {
        (name, paths[(path.parent / found).resolve()])
        for path, name in paths.items()
        for found in _IMPORTED.findall(path.read_text(encoding="utf-8"))
        if (path.parent / found).resolve() in paths
    }
    return House(tuple(sorted(paths.values())), frozenset(arrows))


def python_style(folders: Iterable[Path], circles: int | None) -> Style:
    """The columns over all Python files of some folders."""
    texts = [path.read_text(encoding="utf-8") for path in _files(folders, "*.py")]
    trees = [ast.parse(text) for text in texts]
    functions = [node for tree in trees for node in ast.walk(tree) if _is_function(node)]
    typed = [each for function in functions for each in _typed(function)]
    told = [each for tree in trees for each in _documented(tree)]
    lines = [line for text in texts for line in text.splitlines()]
    return Style(
        tuple(len(text.splitlines()) for text in texts),
        tuple(map(_length, functions)),
        max(len(_parameters(node)) for node in functions),
        _share(typed),
        _share(told),
        sum(map(_comments, texts)) / len(lines),
        _share(len(line) > WIDEST for line in lines),
        circles,
    )


def script_style(folder: Path) -> Style:
    """The columns that scripts have."""
    texts = [path.read_text(encoding="utf-8") for path in _files([folder], "*.js")]
    lines = [line for text in texts for line in text.splitlines()]
    return Style(
        tuple(len(text.splitlines()) for text in texts),
        comments=sum(map(_script_comments, texts)) / len(lines),
        wide=_share(len(line) > WIDEST for line in lines),
        circles=len(scripts_of(folder).circles),
    )


def class_names(folders: Iterable[Path]) -> dict[str, list[str]]:
    """Each public class name, and the files that define it."""
    found: dict[str, list[str]] = {}
    for path in _files(folders, "*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    return found


def _files(folders: Iterable[Path], pattern: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in folder.rglob(pattern)
        if "vendor" not in path.relative_to(folder).parts
    )


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _length(node: ast.FunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _parameters(node: ast.FunctionDef) -> list[ast.arg]:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [each for each in given if each.arg not in {"self", "cls"}]


def _typed(node: ast.FunctionDef) -> Iterator[bool]:
    yield node.returns is not None
    for each in _parameters(node):
        yield each.annotation is not None


def _documented(tree: ast.Module) -> Iterator[bool]:
    """Of a module and its public classes and functions, those inside functions left out."""
    yield ast.get_docstring(tree) is not None
    inside: list[ast.AST] = [tree]
    while inside:
        for node in ast.iter_child_nodes(inside.pop()):
            if isinstance(node, ast.ClassDef) or _is_function(node):
                if node.name.startswith("_"):
                    continue
                yield ast.get_docstring(node) is not None
            if isinstance(node, ast.ClassDef):
                inside.append(node)


def _comments(text: str) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(
        token.type == tokenize.COMMENT and token.line.lstrip().startswith("#") for token in tokens
    )


def _script_comments(text: str) -> int:
    inside, count = False, 0
    for line in map(str.strip, text.splitlines()):
        begins = line.startswith("/*")
        count += inside or begins or line.startswith("//")
        inside = (inside or begins) and "*/" not in line
    return count


def _share(each: Iterable[bool]) -> float:
    counted = list(each)
    return sum(counted) / len(counted)


def _row(name: str, style: Style) -> tuple[str, ...]:
    lengths = sorted(style.functions)
    spread = (
        f"{median(lengths):g}/{lengths[int(0.9 * len(lengths))]}/{lengths[-1]}" if lengths else ""
    )
    return (
        name,
        f"{median(style.modules):g}/{max(style.modules)}",
        spread,
        "" if style.most_arguments is None else str(style.most_arguments),
        "" if style.annotated is None else f"{style.annotated:.0%}",
        "" if style.documented is None else f"{style.documented:.0%}",
        "" if style.circles is None else str(style.circles),
        f"{style.comments:.1%}",
        f"{style.wide:.1%}",
    )


@contextmanager
def fetched(packages: Sequence[str]) -> Iterator[None]:
    """The code of packages where imports find it, without their dependencies; gone afterwards."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    with tempfile.TemporaryDirectory() as folder:
        if packages:
            subprocess.run([*pip, "--dest", folder, *packages], check=True)
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as packed:
                packed.extractall(folder)
        sys.path.append(folder)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(folder)


def main(asked: Sequence[str]) -> None:
    """Print the house and the table. `asked`: anchors, or nothing."""
    if list(asked) not in ([], ["anchors"]):
        sys.exit(f"{' '.join(asked)} is nothing that can be measured; say anchors, or nothing")
    missing = [package for package in ANCHORS if not importlib.util.find_spec(package)]
    with fetched(missing if asked else []):
        _print()


def _print() -> None:
    out = Console(width=max(Console().width, WIDEST))
    top = house()
    for name, rooms in (("the house", top), ("inside app", wing("app"))):
        floors = [] if rooms.circles else rooms.floors()
        out.print(
            f"[b]{name}[/b]: {len(rooms.rooms)} rooms on {len(floors)} floors, "
            f"{len(rooms.arrows)} arrows, {len(rooms.circles)} circles"
        )
        for level, floor in reversed(list(enumerate(floors, 1))):
            names = ", ".join(room.rsplit(".", 1)[-1] for room in floor)
            out.print(f"  {level:2}  {names}", highlight=False)
    table = Table(
        "",
        "module: median/max",
        "function: median/p90/max",
        "most arguments",
        "annotated",
        "documented",
        "circles",
        "comment lines",
        f"lines > {WIDEST}",
    )
    for package in ("geodata", "app"):
        table.add_row(
            *_row(package, python_style([ROOT / package], len(modules_of(package).circles)))
        )
    for package in ANCHORS:
        found = importlib.util.find_spec(package)
        if found and found.submodule_search_locations:
            folder = Path(found.submodule_search_locations[0])
            style = python_style([folder], len(modules_of(package).circles))
            table.add_row(*_row(package, style))
    table.add_row(*_row("our scripts", script_style(OUR_SCRIPTS)))
    for name, folder in SCRIPT_ANCHORS.items():
        if folder.is_dir():
            table.add_row(*_row(name, script_style(folder)))
    out.print(table)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1:])
