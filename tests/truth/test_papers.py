"""What papers promise of themselves: short, dated, and every path and name in them is there."""

import importlib
import re
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from tests import papers
from tests.papers import ROOT, Paper

MOST_WORDS: Final = 1_500
LANGUAGES: Final = {"python", "sh", "js", "text"}
#: Paths that papers name and that are not there before something is run.
MADE: Final = {
    ".venv/bin": "by make run",
    "notebooks/html/*.html": "by make notebooks",
}
_PATH: Final = re.compile(r"\.?[\w-][\w.*-]*(/[\w.*-]+)*/?")
_OF_CODE: Final = (".py", ".js", ".mjs", ".md", ".sql", ".html", ".toml", ".po")
_DATED: Final = re.compile(r"(\d{4}-\d{2}-\d{2}) · (\S.*)")

every_paper = pytest.mark.parametrize("paper", papers.papers(), ids=lambda paper: paper.name)
every_readme = pytest.mark.parametrize("paper", papers.readmes(), ids=lambda paper: paper.name)
every_dated = pytest.mark.parametrize(
    "paper", papers.named("DECISIONS.md", "BENCHMARKS.md"), ids=lambda paper: paper.name
)


@every_readme
def test_a_readme_is_read_in_five_minutes(paper: Paper) -> None:
    assert paper.words <= MOST_WORDS


@every_paper
def test_a_block_says_what_it_is_written_in(paper: Paper) -> None:
    assert {block.language for block in paper.blocks} <= LANGUAGES


@every_paper
def test_a_link_leads_somewhere(paper: Paper) -> None:
    by_path = {ROOT / each.name: each for each in papers.papers()}
    for link in paper.links:
        if re.match(r"\w+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (paper.folder / file).resolve() if file else ROOT / paper.name
        assert target.exists(), link
        assert not anchor or anchor in by_path[target].anchors, link


def paths_of(paper: Paper) -> set[str]:
    """The words in code that are paths: with a slash within or at the end, or a file of code."""
    words = (
        word
        for span in paper.spans
        for word in span.replace("ARGS=", " ").replace('"', " ").split()
    )
    return {
        word for word in words if _PATH.fullmatch(word) and ("/" in word or word.endswith(_OF_CODE))
    }


@every_paper
def test_a_path_that_is_named_is_there(paper: Paper) -> None:
    """From the project's folder or the paper's own; a bare name is that of a file of its wing."""
    wing = ROOT / Path(paper.name).parts[0]
    missing = []
    for path in paths_of(paper) - set(MADE):
        near = [*ROOT.glob(path), *paper.folder.glob(path)]
        bare = "/" not in path and wing.is_dir() and any(wing.rglob(path))
        if not near and not bare:
            missing.append(path)
    assert not missing


def test_paths_that_are_made_are_still_named() -> None:
    assert set(MADE) <= set().union(*map(paths_of, papers.papers()))


def resolved(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            # a slot or a field without a default is an annotation
            if part in getattr(found, "__annotations__", {}) and not hasattr(found, part):
                return part == parts[-1]
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@every_paper
def test_a_module_that_is_named_is_there(paper: Paper) -> None:
    dotted = {span for span in paper.spans if re.fullmatch(r"(app|geodata)(\.\w+)+", span)}
    assert not {name for name in dotted if not resolved(name)}


@every_dated
def test_decisions_and_figures_are_dated_and_the_newest_stand_first(paper: Paper) -> None:
    titles = [title for depth, title in paper.headings if depth == 2]
    dated = [_DATED.fullmatch(title) for title in titles]
    assert all(dated), titles
    days = [date.fromisoformat(found[1]) for found in dated if found]
    assert days == sorted(days, reverse=True)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("paper", papers.named("BENCHMARKS.md"), ids=lambda paper: paper.name)
def test_a_figure_stands_beside_the_command_that_prints_it(paper: Paper) -> None:
    _, *sections = re.split(r"^## ", paper.text, flags=re.MULTILINE)
    assert sections
    for section in sections:
        assert re.search(r"`(make|nuanfeng) ", section), section.splitlines()[0]


@pytest.mark.parametrize("wing", ["app", "geodata"])
def test_the_table_of_rooms_has_all_rooms_and_no_others(wing: str) -> None:
    (paper,) = (each for each in papers.papers() if each.name == f"{wing}/README.md")
    table = paper.text.split("## Rooms\n")[1].split("\n## ")[0]
    first = re.findall(r"^\| ((?:`[\w/]+`(?:, )?)+) \|", table, re.MULTILINE)
    told = {name for cell in first for name in re.findall(r"`([\w/]+)`", cell)}
    there = {f"{path.name}/" for path in (ROOT / wing).iterdir() if path.is_dir()}
    there |= {path.stem for path in (ROOT / wing).glob("*.py")}
    assert told == there - {"__pycache__/", "__init__"}


def commands(paper: Paper) -> list[str]:
    """The lines of its blocks without what `#` says to people."""
    lines = [line for block in paper.blocks for line in block.text.splitlines()]
    return [kept for line in lines if (kept := re.sub(r"(^|\s+)# .*$", "", line))]


def test_the_chinese_readme_says_the_same_in_chinese() -> None:
    english, chinese = (
        next(paper for paper in papers.papers() if paper.name == name)
        for name in ("README.md", "README.zh-CN.md")
    )
    assert commands(chinese) == commands(english)
    assert [each.language for each in chinese.blocks] == [each.language for each in english.blocks]
    assert [depth for depth, _ in chinese.headings] == [depth for depth, _ in english.headings]
    assert sorted(chinese.spans) == sorted(english.spans)
    others = {"README.md", "README.zh-CN.md"}
    assert set(chinese.links) - others == set(english.links) - others
    assert chinese.text.count("\n- ") == english.text.count("\n- ")
    assert chinese.text.count("\n| ") == english.text.count("\n| ")


def test_the_readme_names_the_packages_that_ci_installs() -> None:
    installed = re.compile(r"apt-get install ([^>\n]+)")
    asked, told = (
        {word for word in found[1].split() if not word.startswith("-")}
        for text in (ROOT / ".ci/run", ROOT / "README.md")
        if (found := installed.search(text.read_text(encoding="utf-8").replace("\\\n", " ")))
    )
    assert asked == told


def test_lock_files_of_npm_hold_no_addresses() -> None:
    """Whoever pays for a package may change where; what is installed is told by its hash."""
    found = [path for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts]
    assert len(found) >= 3
    assert [path for path in found if "://" in path.read_text(encoding="utf-8")] == []
