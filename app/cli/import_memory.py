"""What was declared of a list when it was last imported, kept beside its dataset."""

import hashlib
from pathlib import Path

import msgspec

from app.cli import terminal
from geodata.errors import UnreadableFile, why_of
from geodata.sources.numbering import Ids, Per
from geodata.vocabulary import MAIN_LAYER


class Remembered(msgspec.Struct, frozen=True):
    """What was declared when a dataset was last imported: headings and words that need not be told
    again.
    """

    columns: dict[str, str] = {}
    words: dict[str, str] = {}
    kind_words: dict[str, str] = {}
    ids: Ids | None = None
    ids_per: Per | None = None


def _memory(home: Path, dataset: str, layer: str) -> Path:
    from geodata.store.files import Dataset

    name = "import.json" if layer == MAIN_LAYER else f"import-{layer}.json"
    return Dataset(home, dataset).folder / name


def remembered(home: Path, dataset: str, layer: str) -> Remembered:
    """What was declared of the layer; of a new one what was declared of the main one."""
    path = _memory(home, dataset, layer)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Remembered)
    except FileNotFoundError:
        return Remembered() if layer == MAIN_LAYER else remembered(home, dataset, MAIN_LAYER)
    except (OSError, msgspec.DecodeError) as fault:
        raise UnreadableFile(
            (
                "{file} cannot be read: {why}; delete it, and state --map, --word and "
                "--kind-word anew"
            ),
            file=path,
            why=fault,
        ) from None


def remember(home: Path, dataset: str, layer: str, told: Remembered) -> None:
    """Keep it beside the versions: what one person found out the next need not."""
    path = _memory(home, dataset, layer)
    body = msgspec.json.format(msgspec.json.encode(told), indent=1)
    aside = path.with_suffix(f".{hashlib.sha256(body).hexdigest()[:8]}")
    try:
        aside.write_bytes(body)
        aside.replace(path)
    except OSError as fault:
        terminal.warn("published, but what --map said could not be kept: {why}", why=why_of(fault))
