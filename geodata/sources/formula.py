"""Text cells that a spreadsheet would run as formulas: guarded on the way out, freed on the way in.

Touches no file.

A cell that begins with = + - @, their full-width forms, a tab or a line break is run by Excel,
LibreOffice or WPS. A leading apostrophe makes it text. So that nothing is lost, a cell that already
begins with apostrophes before such a sign gets one more, and `freed` takes exactly one away.
"""

import re
from typing import Any, Final

_SIGNS: Final = r"'*[=+\-@＝＋－＠\t\r\n]"
_RUN: Final = re.compile(_SIGNS)


def guarded(cell: str) -> str:
    """The cell as a spreadsheet may read it."""
    return f"'{cell}" if _RUN.match(cell) else cell


def freed(cell: str) -> str:
    """What was guarded; any other cell as it is."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell[1:]) else cell


def guarded_all(cells: Any) -> Any:
    """The same of a column of Arrow."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(cells, pattern=f"^({_SIGNS})", replacement=r"'\1")


def freed_all(cells: Any) -> Any:
    """The same of a column of Arrow."""
    import pyarrow.compute as pc

    if not pc.any(pc.starts_with(cells, "'")).as_py():
        return cells
    return pc.replace_substring_regex(cells, pattern=f"^'({_SIGNS})", replacement=r"\1")
