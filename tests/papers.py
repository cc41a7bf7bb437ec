"""The project's papers (*.md) as tests read them: blocks, code in a line, links, headings."""

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
_FENCE: Final = re.compile(r"^```(.*)$")
_SPAN: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
#: A Chinese word has about two characters.
_CHARACTERS_A_WORD: Final = 2


class Block(NamedTuple):
    """A fenced block: what it is written in, the line of its first line (from 1), its text."""

    language: str
    line: int
    text: str


@dataclass(frozen=True)
class Paper:
    """One paper, by its path from the project's folder."""

    name: str
    text: str

    @property
    def folder(self) -> Path:
        return (ROOT / self.name).parent

    @property
    def blocks(self) -> list[Block]:
        """The fenced blocks in order. A block that is never closed is an error."""
        found: list[Block] = []
        opened: Block | None = None
        for number, line in enumerate(self.text.splitlines(), start=1):
            fence = _FENCE.match(line)
            if fence is None:
                if opened is not None:
                    opened = opened._replace(text=f"{opened.text}{line}\n")
            elif opened is None:
                opened = Block(fence[1], number + 1, "")
            else:
                found.append(opened)
                opened = None
        assert opened is None, f"{self.name}: a block is not closed"
        return found

    @property
    def prose(self) -> str:
        """All but the blocks."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    @property
    def spans(self) -> list[str]:
        """Code within a line, on one line each."""
        return [" ".join(found.split()) for found in _SPAN.findall(self.prose)]

    @property
    def links(self) -> list[str]:
        """Where links and pictures lead."""
        return [one or other for one, other in _LINK.findall(self.prose)]

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Depth and text of each heading."""
        found = re.findall(r"^(#+) (.+)$", self.prose, re.MULTILINE)
        return [(len(marks), title) for marks, title in found]

    @property
    def anchors(self) -> set[str]:
        """What `#…` may say of it, as code hosts make it of headings."""
        kept = (re.sub(r"[^\w\- ]", "", title.lower()) for _, title in self.headings)
        return {title.replace(" ", "-") for title in kept}

    @property
    def words(self) -> float:
        """Everything a reader reads, blocks and tables too; two Chinese characters are a word."""
        chinese = len(_CHINESE.findall(self.text))
        others = _CHINESE.sub(" ", self.text).split()
        spoken = sum(any(letter.isalnum() for letter in word) for word in others)
        return spoken + chinese / _CHARACTERS_A_WORD


@cache
def papers() -> tuple[Paper, ...]:
    """All papers of the project, by name; none of what was installed beside it."""
    found: list[Path] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [each for each in folders if each != "node_modules" and each[0] != "."]
        found += [Path(folder, file) for file in files if file.endswith(".md")]
    return tuple(
        Paper(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(found)
    )


def named(*names: str) -> tuple[Paper, ...]:
    """Those with one of these file names."""
    return tuple(paper for paper in papers() if Path(paper.name).name in names)


def readmes() -> tuple[Paper, ...]:
    """Every README, the Chinese one too."""
    return tuple(paper for paper in papers() if Path(paper.name).name.startswith("README"))
