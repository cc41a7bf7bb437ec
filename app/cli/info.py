"""`nuanfeng info`: where data lies, and what is told of one dataset after every byte was read."""

import json
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app import settings
from app.cli import terminal
from app.cli.commands import Command
from app.cli.options import DATASET
from geodata.errors import Said
from geodata.vocabulary import Kind

if TYPE_CHECKING:
    from geodata.snapshot.snapshot import DatasetAbout

#: How many places of each kind there are.
_COUNTS: Final = {
    Kind.WARM_BEE_STATION: Said("warm-bee stations"),
    Kind.DRIVER_HOME: Said("driver homes"),
    Kind.WARM_BEE_STREET: Said("warm-bee streets"),
    Kind.FRIENDLY_MERCHANT: Said("friendly merchants"),
    Kind.PUBLIC_PLACE: Said("public places"),
}


@click.command(cls=Command, epilog="Examples:  nuanfeng info  |  nuanfeng info --dataset ev --json")
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def info(dataset: str | None, *, as_json: bool) -> None:
    """Say where data lies, which datasets there are, and verify one: every stored byte is read."""
    from geodata.store.files import Dataset, datasets

    chosen = settings.read()
    known = list(datasets(chosen.home))
    name = dataset or chosen.dataset
    manifest = Dataset(chosen.home, name).verify() if dataset or name in known else None
    if as_json:
        found: dict[str, Any] = {"home": str(chosen.home), "datasets": known}
        if manifest:
            found |= {"version": manifest.version, "verified": True}
            found |= msgspec.to_builtins(manifest.about)
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    terminal.pairs({Said("home"): chosen.home, Said("datasets"): known or Said("none yet")})
    if manifest:
        _tell(manifest.version, manifest.about)


def _tell(version: str, about: "DatasetAbout") -> None:
    city, outlines = about.city, about.outlines
    told: dict[str, Any] = {
        Said("dataset"): about.dataset,
        Said("title"): " / ".join(dict.fromkeys(filter(None, (about.title, about.title_en)))),
        Said("version"): Said("{version}, every byte verified", version=version),
        Said("places"): f"{sum(about.counts.values()):,}",
        **{
            f"  {terminal.spoken(_COUNTS[Kind(kind)])}": f"{count:,}"
            for kind, count in about.counts.items()
        },
        Said("nature"): Said("synthetic: its places do not exist")
        if about.synthetic
        else Said("real places"),
        Said("source"): about.source,
        Said("licence"): Said("not stated") if about.licence == "not stated" else about.licence,
        Said("as of"): about.data_date,
        Said("city"): f"{city.name} ({city.name_en}), {city.country}, {city.timezone}",
        Said("area codes"): [*city.area_codes] or Said("none"),
        Said("outlines of areas"): outlines or Said("drawn by us"),
    }
    terminal.pairs(told)
    terminal.rows(
        Said("layers of dataset {dataset}", dataset=about.dataset),
        (Said("layer"), Said("called"), Said("places"), Said("as of"), Said("source")),
        [
            (each.name, each.label, f"{each.places:,}", each.data_date, each.source)
            for each in about.layers
        ],
    )
