"""`nuanfeng import`: tables of real places are read, reported on and, if asked, published."""

import sys
from pathlib import Path
from typing import Any, Final

import click

from app.cli import terminal
from app.cli.commands import Command
from app.cli.import_report import (
    print_contradictions,
    print_report,
    refuse_against_evidence,
)
from app.cli.importing import Examined, ImportAsked, examine, publish, require_plausible
from app.cli.options import EDITED, HIDDEN, describes_city, opens_files
from app.cli.placing import tell_placed
from app.words import translated
from geodata.sources.numbering import Ids, Per
from geodata.vocabulary import MAIN_LAYER, Audience, Door, Kind, Service

_EPILOG: Final = (
    "Examples:  nuanfeng import 驿站.xlsx --dataset mine --datum gcj02 --kind warm_bee_station  | "
    " the same with --publish  |  nuanfeng import stations.csv --dataset ev --kind"
    " friendly_merchant --service ev_charge --datum gcj02 --map station_id=id --name-template"
    " '充电站 {station_id}' --publish"
)


def _words(members: type[Kind] | type[Service] | type[Audience] | type[Door]) -> click.Choice[str]:
    return click.Choice([word.value for word in members])


@click.command("import", cls=Command, epilog=_EPILOG)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--dataset", required=True, metavar="NAME", help="The dataset to publish to.")
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="The datum of lon and lat; needed where the file states none.",
)
@click.option("--kind", type=_words(Kind), help="The kind of every row; else a column says it.")
@click.option(
    "--service",
    "services",
    multiple=True,
    type=_words(Service),
    help="A service of rows that name none.",
)
@click.option(
    "--audience",
    multiple=True,
    type=_words(Audience),
    help="Who is welcome in rows that do not say.",
)
@click.option(
    "--door",
    default=Door.UNKNOWN.value,
    type=_words(Door),
    help="How one gets in where rows do not say.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="HEADING=FIELD",
    help="What a column means, e.g. 名称=name.",
)
@click.option(
    "--word",
    "words",
    multiple=True,
    metavar="WORD=SERVICE",
    help="What a word means, e.g. 充电=phone_charge.",
)
@click.option(
    "--kind-word",
    "kind_words",
    multiple=True,
    metavar="WORD=KIND",
    help="What a word of a column of kinds means, e.g. 工会驿站=warm_bee_station.",
)
@opens_files
@HIDDEN
@click.option("--name-template", help="Makes names from columns, e.g. '充电站 {station_id}'.")
@click.option(
    "--layer",
    default=MAIN_LAYER,
    show_default=True,
    metavar="NAME",
    help="Whose list it is, e.g. minquan or 民权街道: only the places of this layer are replaced.",
)
@click.option(
    "--move-from",
    multiple=True,
    metavar="LAYER",
    help="Places of that layer that these files hold, too, move to this one with their ids.",
)
@click.option(
    "--ids",
    type=click.Choice(list(map(str, Ids))),
    help=(
        "What the column of ids holds: the places' own ids, or running numbers of the list, which"
        " are no ids  [default: what it looks like]"
    ),
)
@click.option(
    "--ids-per",
    type=click.Choice(list(map(str, Per))),
    help="Ids begin anew in each district or street office: an id is made of both.",
)
@click.option(
    "--renamed",
    multiple=True,
    metavar="OLD=NEW",
    help=(
        "A published place and what it is called now, each by id or name: it keeps its id; or all,"
        " for all that the report lists as perhaps renamed."
    ),
)
@click.option(
    "--new-names",
    is_flag=True,
    help="Publish though most of the ids that stay would stand under another name.",
)
@click.option(
    "--renumbered",
    is_flag=True,
    help="Publish though many ids would mean another place elsewhere than their plates say.",
)
@click.option(
    "--locate",
    is_flag=True,
    help=(
        "Look up rows without coordinates by their address: up to 150 m they are published with"
        " their radius, coarser ones wait in a list."
    ),
)
@click.option(
    "--pins",
    type=click.Path(path_type=Path),
    metavar="X.csv",
    help="Points put by hand: columns row or id, lon, lat and datum.",
)
@click.option(
    "--waiting",
    type=click.Path(path_type=Path),
    metavar="X.xlsx",
    help=(
        "Where the list of rows that wait is written; filled in, it is a file for --pins  [default:"
        " DATASET.waiting.xlsx beside the report]"
    ),
)
@click.option("--title", help="The dataset's title on the page  [default: as before, or its name]")
@click.option(
    "--licence",
    help="The licence of the data  [default: what an export of ours states, else: not stated]",
)
@click.option("--source", help="Where the data comes from  [default: the files' names]")
@click.option(
    "--demand",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "Points that /coverage takes shares of, as `nuanfeng coverage` reads them  [default: those"
        " published before]"
    ),
)
@click.option(
    "--demand-weight",
    metavar="COLUMN",
    help="How much each of these points stands for  [default: the column weight, else 1 each]",
)
@click.option(
    "--demand-datum",
    default="wgs84",
    show_default=True,
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="Of these.",
)
@click.option(
    "--demand-title", metavar="TEXT", help="What these points are  [default: the file's name]"
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="X.json",
    help="Write the whole report as JSON.",
)
@click.option(
    "--refused",
    type=click.Path(path_type=Path),
    metavar="X.xlsx",
    help="Write the refused rows, to send back.",
)
@click.option("--skip-refused", is_flag=True, help="Publish without the refused rows.")
@click.option(
    "--force",
    is_flag=True,
    help="Publish against the evidence on the datum, or with most places gone.",
)
@EDITED
@click.option(
    "--publish", is_flag=True, help="Publish, whole or not at all. Without it: only the report."
)
@describes_city
@terminal.in_sentences
def import_(**given: Any) -> None:
    """Read tables of real places (csv, xlsx, xls, geojson, gpkg, shp, parquet) and report.

    With --publish, publish.

    Together the files become one layer of the dataset; other layers stay as they are. Columns are
    taken by their headings and by --map; what is mapped is remembered for the layer. If a single
    row is refused nothing is published, unless --skip-refused.
    """
    asked = ImportAsked(**given)
    seen = examine(asked)
    print_report(seen.report)
    print_contradictions(seen.checked)
    _write(seen)
    beside_report = asked.report.parent if asked.report else Path()
    waiting_file = asked.waiting or beside_report / f"{asked.dataset}.waiting.xlsx"
    tell_placed(seen.placed, waiting_file, seen.held)
    refuse_against_evidence(seen.checked, force=asked.force)
    if not asked.publish:
        terminal.tell("Nothing was published: this was the report. Add --publish to publish.")
        sys.exit(1 if seen.checked.rejects and not asked.skip_refused else 0)
    require_plausible(seen)
    publish(seen)


def _write(seen: Examined) -> None:
    """The files that were asked for: the whole report, and the refused rows to send back."""
    asked, checked = seen.asked, seen.checked
    if asked.report:
        from geodata.sources.report import as_json

        terminal.write(asked.report, as_json(seen.report, terminal.spoken))
    if asked.refused and checked.rejects:
        from geodata.sources import refused

        language = terminal.language_of_files()
        refused.write(
            asked.refused,
            seen.placed.tables,
            checked.rejects,
            lambda text: translated(language, text),
        )
