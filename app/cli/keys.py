"""`nuanfeng keys export | import`: the keys of letters and plates, as a copy that only a passphrase
opens.
"""

from pathlib import Path
from typing import Final

import click

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET
from app.cli.voice import voiced
from geodata.errors import UnreadableFile, why_of

_PASSPHRASE: Final = click.option(
    "--passphrase",
    prompt=True,
    hide_input=True,
    help="What opens the copy  [default: it is asked for]",
)
_FILE: Final = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group(cls=Group)
def keys() -> None:
    """The keys that letters are sealed with: without them no backup of letters can be read."""


@keys.command(epilog="Example:  nuanfeng keys export keys-2026-11.json")
@_FILE
@_PASSPHRASE
@DATASET
@terminal.in_sentences
def export(file: Path, passphrase: str, dataset: str | None) -> None:
    """Write all keys into FILE, sealed with a passphrase. Keep both apart from the backups."""
    from app.voice.key_copies import note_copied, sealed_copy

    with voiced(dataset) as (_, held):
        terminal.write(file, sealed_copy(held.keys, passphrase))
        file.chmod(0o600)
        note_copied(held.keys)
        count = len(list(held.keys.folder.glob("*.key")))
    terminal.tell("{count:,} keys are in {file}.", count=count, file=file)


@keys.command("import", epilog="Example:  nuanfeng keys import keys-2026-11.json")
@_FILE
@_PASSPHRASE
@DATASET
@terminal.in_sentences
def import_(file: Path, passphrase: str, dataset: str | None) -> None:
    """Put the keys of FILE where they are missing. A key that is there is never replaced."""
    from app.voice.key_copies import restore_copy

    try:
        copy = file.read_bytes()
    except OSError as fault:
        raise UnreadableFile("{file} cannot be read: {why}", file=file, why=why_of(fault)) from None
    with voiced(dataset) as (_, held):
        count = restore_copy(held.keys, copy, passphrase)
    terminal.tell("{count:,} keys were put back.", count=count)
