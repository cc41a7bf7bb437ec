"""`nuanfeng doctor`: what is wrong with a server here, in words, and what mends it."""

import os
import sys

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Command
from app.cli.options import DATASET
from app.cli.voice import now
from geodata.errors import Said


@click.command(
    cls=Command, epilog="Examples:  nuanfeng doctor  |  nuanfeng doctor --host 0.0.0.0 --json"
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address that a server is to listen on.",
)
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port that a server is to listen on.",
)
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def doctor(host: str, port: int, dataset: str | None, *, as_json: bool) -> None:
    """Say what is wrong with this machine, its data and its settings, and the command that mends
    each.

    Changes nothing. Exit code 0: all is well; 1: warnings; 2: faults.
    """
    from app.ops.checks import examine
    from app.ops.findings import Gravity

    found = examine(now(), host, port, dataset, os.environ)
    worst = 2 if any(each.level is Gravity.FAULT for each in found) else min(len(found), 1)
    if as_json:
        told = [
            {
                "code": each.code,
                "level": each.level,
                "said": terminal.spoken(each.said),
                "mend": each.mend,
            }
            for each in found
        ]
        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=1))
        sys.exit(worst)
    for each in found:
        level = Said("Fault") if each.level is Gravity.FAULT else Said("Warning")
        terminal.tell("{level}: {said}", level=level, said=each.said)
        terminal.tell("    {command}", command=each.mend)
    if not found:
        terminal.tell("All is well.")
    sys.exit(worst)
