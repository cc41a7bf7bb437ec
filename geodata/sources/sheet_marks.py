"""What a workbook shows and calamine does not tell: hidden rows, struck-out text, error cells,
formulas without a value, number formats.

The XML is read a second time, and only of sheets in which one of these can stand: most sheets of
many rows have none, and then it costs a search through their bytes.
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Final
from xml.parsers import expat

from geodata.errors import UnreadableFile
from geodata.sources import number_format

#: Before the formula of a cell that has no value: nobody has calculated it.
NOT_CALCULATED: Final = "#CALC? ="
_SUSPECT: Final = re.compile(
    rb"""hidden=|zeroHeight=|t=["']e["']|<(?:\w+:)?f[\s/>]|ht=["']0(?:\.0*)?["']"""
)
_CHUNK: Final = 1 << 20
_TRUE: Final = ("1", "true", "on")
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Place = tuple[int, int]
"""Row and column, both from 0."""


@dataclass(slots=True)
class SheetMarks:
    """Of one sheet."""

    hidden: set[int] = field(default_factory=set)
    """Rows that nobody sees."""
    struck: set[Place] = field(default_factory=set)
    """Cells whose whole text is struck out."""
    unreadable: dict[Place, str] = field(default_factory=dict)
    """Errors such as #REF!, and formulas that nobody has calculated."""
    formats: dict[Place, str] = field(default_factory=dict)
    """Number formats that show more than the number."""
    texts: dict[Place, str] = field(default_factory=dict)
    """Of texts of which a part is struck out: the rest."""


@dataclass(frozen=True, slots=True)
class _Styles:
    formats: Mapping[int, str]
    """By style: number formats that tell."""
    struck: frozenset[int]
    """Styles of struck-out text."""


class MarkedBook:
    """An .xlsx file whose sheets can be asked for their marks by name."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._parts = {part.lower(): part for part in packed.namelist()}
        workbook = self._workbook()
        folder = workbook.rpartition("/")[0]
        targets = self._targets(workbook)
        self._sheets = {
            name: normpath(join(folder, target)) if not target.startswith("/") else target[1:]
            for name, each in self._names(workbook).items()
            if (target := targets.get(each, ("", ""))[0])
        }
        kinds = {kind: normpath(join(folder, target)) for target, kind in targets.values()}
        self._styles = self._read_styles(kinds.get("styles", f"{folder}/styles.xml"))
        shared = kinds.get("sharedStrings", f"{folder}/sharedStrings.xml")
        self._struck_texts = self._read_struck_texts(shared)

    def marks(self, sheet: str) -> SheetMarks:
        """The marks of a sheet. Raises UnreadableFile where its XML is damaged."""
        marks = SheetMarks()
        part = self._sheets.get(sheet, "")
        if self._has(part) and self._can_have_marks(part):
            reader = _SheetReader(marks, self._styles, self._struck_texts)
            self._walk(part, reader.start, reader.end, reader.text)
        return marks

    def _can_have_marks(self, part: str) -> bool:
        if self._styles.formats or self._styles.struck or self._struck_texts:
            return True
        with self._packed.open(self._parts[part.lower()]) as body:
            tail = b""
            while chunk := body.read(_CHUNK):
                seen = tail + chunk
                if not tail and seen[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    return True
                if _SUSPECT.search(seen):
                    return True
                tail = chunk[-16:]
        return False

    def _workbook(self) -> str:
        found: list[str] = []

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given.get("Type", "").endswith("/officeDocument"):
                found.append(given.get("Target", "").lstrip("/"))

        self._walk("_rels/.rels", start)
        return found[0] if found else "xl/workbook.xml"

    def _names(self, workbook: str) -> dict[str, str]:
        found: dict[str, str] = {}

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "sheet":
                by = next((given[key] for key in given if key.rpartition(":")[2] == "id"), "")
                found[given.get("name", "")] = by

        self._walk(workbook, start)
        return found

    def _targets(self, workbook: str) -> dict[str, tuple[str, str]]:
        folder, _, name = workbook.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship":
                kind = given.get("Type", "").rpartition("/")[2]
                found[given.get("Id", "")] = (given.get("Target", ""), kind)

        self._walk(f"{folder}/_rels/{name}.rels", start)
        return found

    def _read_styles(self, part: str) -> _Styles:
        reader = _StyleReader()
        self._walk(part, reader.start, reader.end)
        return reader.styles()

    def _read_struck_texts(self, part: str) -> Mapping[int, str]:
        """Of shared texts of which a part is struck out: number -> the rest."""
        if not self._has(part) or b"strike" not in self._packed.read(self._parts[part.lower()]):
            return {}
        reader = _RichTexts()
        self._walk(part, reader.start, reader.end, reader.text)
        return reader.struck

    def _has(self, part: str) -> bool:
        return part.lower() in self._parts

    def _walk(
        self,
        part: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Read a part, if there is one; names come without their prefix."""
        if not self._has(part):
            return
        parser = expat.ParserCreate()
        parser.buffer_text = True
        names: dict[str, str] = {}

        def local(tag: str) -> str:
            return names.setdefault(tag, tag.rpartition(":")[2])

        parser.StartElementHandler = lambda tag, given: start(local(tag), given)
        if end:
            parser.EndElementHandler = lambda tag: end(local(tag))
        if text:
            parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse_entities
        try:
            with self._packed.open(self._parts[part.lower()]) as body:
                parser.ParseFile(body)
        except (expat.ExpatError, zipfile.BadZipFile, ValueError, IndexError) as fault:
            raise UnreadableFile("{part} is damaged: {why}", part=part, why=fault) from None


def _refuse_entities(name: str, *_: object) -> None:
    raise UnreadableFile(
        "the workbook declares entities ({name}); save it anew from Excel", name=name
    )


def _is_on(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "1").lower() in _TRUE


class _StyleReader:
    """styles.xml: which styles have struck-out fonts, and which formats tell."""

    def __init__(self) -> None:
        self._formats: dict[int, str] = dict(number_format.BUILT_IN)
        self._fonts: list[bool] = []
        self._inside: list[str] = []
        self._used: list[tuple[int, int]] = []

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        inside = self._inside[-1] if self._inside else ""
        if tag == "numFmt" and inside == "numFmts":
            self._formats[int(given.get("numFmtId", "0"))] = given.get("formatCode", "")
        elif tag == "font" and inside == "fonts":
            self._fonts.append(False)
        elif tag == "strike" and inside == "font" and "fonts" in self._inside:
            self._fonts[-1] = _is_on(given, "val")
        elif tag == "xf" and inside == "cellXfs":
            self._used.append((int(given.get("numFmtId", "0")), int(given.get("fontId", "0"))))
        self._inside.append(tag)

    def end(self, _: str) -> None:
        """An element ends."""
        self._inside.pop()

    def styles(self) -> _Styles:
        """What was read."""
        told = {
            style: code
            for style, (number, _) in enumerate(self._used)
            if number_format.tells(code := self._formats.get(number, ""))
        }
        struck = {
            style
            for style, (_, font) in enumerate(self._used)
            if self._fonts[font : font + 1] == [True]
        }
        return _Styles(told, frozenset(struck))


class _RichTexts:
    """sharedStrings.xml: texts whose runs are struck out."""

    def __init__(self) -> None:
        self.struck: dict[int, str] = {}
        self._number = -1
        self._kept: list[str] = []
        self._any = self._off = self._reading = self._aside = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        if tag == "si":
            self._number += 1
            self._kept, self._any, self._off = [], False, False
        elif tag == "r":
            self._off = False
        elif tag == "strike":
            self._off = _is_on(given, "val")
            self._any |= self._off
        elif tag == "rPh":
            self._aside = True
        elif tag == "t":
            self._reading = not self._aside

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "t":
            self._reading = False
        elif tag == "rPh":
            self._aside = False
        elif tag == "si" and self._any:
            self.struck[self._number] = "".join(self._kept).strip()

    def text(self, text: str) -> None:
        """Characters."""
        if self._reading and not self._off:
            self._kept.append(text)


class _SheetReader:
    """A sheet's XML, cell by cell."""

    def __init__(self, marks: SheetMarks, styles: _Styles, struck_texts: Mapping[int, str]) -> None:
        self._marks, self._styles, self._struck_texts = marks, styles, struck_texts
        self._row, self._column = -1, -1
        self._kind, self._in, self._value, self._formula = "", "", "", ""
        self._has_formula = False
        self._kept: list[str] = []
        self._run_off = self._any_off = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        if tag == "c":
            self._cell(given)
        elif tag == "v":
            self._in = "v"
        elif tag == "f":
            self._in, self._has_formula = "f", True
        elif tag == "row":
            self._begin_row(given)
        elif tag == "r":
            self._run_off = False
        elif tag == "strike":
            self._run_off = _is_on(given, "val")
            self._any_off |= self._run_off
        elif tag == "t":
            self._in = "t"

    def _begin_row(self, given: Mapping[str, str]) -> None:
        self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
        self._column = -1
        flat = float(given.get("ht", "1") or 1) == 0
        if given.get("hidden", "0").lower() in _TRUE or flat:
            self._marks.hidden.add(self._row)

    def _cell(self, given: Mapping[str, str]) -> None:
        found = _CELL.fullmatch(given.get("r", ""))
        self._column = _number(found[1]) if found else self._column + 1
        self._kind = given.get("t", "n")
        self._in = self._value = self._formula = ""
        self._has_formula = False
        self._kept, self._run_off, self._any_off = [], False, False
        style = int(given.get("s", "0"))
        place = (self._row, self._column)
        if style in self._styles.struck:
            self._marks.struck.add(place)
        code = self._styles.formats.get(style)
        if code is not None:
            self._marks.formats[place] = code

    def text(self, text: str) -> None:
        """Characters."""
        if self._in == "v":
            self._value += text
        elif self._in == "f":
            self._formula += text
        elif self._in == "t" and not self._run_off:
            self._kept.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in ("v", "f", "t"):
            self._in = ""
        elif tag == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        place = (self._row, self._column)
        if self._kind == "e":
            self._marks.unreadable[place] = self._value or "#VALUE!"
        elif self._has_formula and not self._value and self._kind != "str":
            self._marks.unreadable[place] = NOT_CALCULATED + self._formula
        elif self._has_formula and not self._value and self._kind == "str" and self._formula:
            pass  # a text that was calculated and is empty
        elif self._kind == "s" and self._struck_texts and self._value.isdecimal():
            rest = self._struck_texts.get(int(self._value))
            if rest is not None:
                self._strike(place, rest)
        elif self._kind == "inlineStr" and self._any_off:
            self._strike(place, "".join(self._kept).strip())

    def _strike(self, place: Place, rest: str) -> None:
        if rest:
            self._marks.texts[place] = rest
        else:
            self._marks.struck.add(place)


def _number(letters: str) -> int:
    """The column of a reference, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
