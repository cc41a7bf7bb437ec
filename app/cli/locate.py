"""`nuanfeng locate` and `nuanfeng import-addresses`: addresses become points with a radius."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import settings
from app.cli import geocoding, terminal
from app.cli.commands import Command
from app.cli.options import DATASET, HIDDEN, opens_files, output
from app.words import translated
from geodata.errors import Said
from geodata.sources.measure import measure
from geodata.vocabulary import PIN_M

if TYPE_CHECKING:
    from geodata.sources.file_options import FileOptions
    from geodata.sources.locate.book import AddressBook
    from geodata.sources.locate.ladder import Found, Sought


@click.command(
    "import-addresses",
    cls=Command,
    epilog="Example:  nuanfeng import-addresses city.osm.pbf --dataset mine",
)
@click.argument("extract", type=click.Path(path_type=Path))
@click.option("--dataset", required=True, metavar="NAME", help="The dataset that it is for.")
@terminal.in_sentences
def import_addresses(extract: Path, dataset: str) -> None:
    """Make the address book of a dataset out of an OpenStreetMap extract (.osm or .osm.pbf): its
    roads, house numbers, stations and landmarks by name.

    `nuanfeng locate` and `nuanfeng import --locate` look addresses up in it.
    """
    from geodata.extract import reading
    from geodata.sources.locate.book import AddressBookAbout
    from geodata.sources.locate.from_extract import LICENCE, from_extract
    from geodata.store.addresses import AddressBooks

    with terminal.progress("reading names", None) as heard:
        made = from_extract(extract, heard)
    about = AddressBookAbout(
        dataset, extract.name, LICENCE, reading.timestamp(extract) or "", made.counts()
    )
    pointer = AddressBooks(settings.read().home, dataset).publish_book(made, about)
    terminal.rows(
        Said("in the address book"),
        (Said("what"), Said("lines")),
        [(sort_text(sort), f"{count:,}") for sort, count in about.counts.items()],
    )
    terminal.tell(
        "Published {count:,} lines as version {version} of address book {name}. {licence}",
        count=len(made),
        version=pointer.version,
        name=dataset,
        licence=LICENCE,
    )


@click.command(
    cls=Command,
    epilog=(
        "Examples:  nuanfeng locate 驿站.xlsx --dataset mine -o with_points.xlsx  |  the same with"
        " --provider amap --key-file amap.key"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@DATASET
@output("An .xlsx or .csv.")
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="HEADING=FIELD",
    help="What a column means: address, district or street.",
)
@click.option(
    "--provider",
    type=click.Choice(["amap", "baidu", "tianditu"]),
    help=(
        "Also ask this service for rows that are not found within 150 m: their addresses are sent"
        " to it."
    ),
)
@click.option(
    "--key-file", type=click.Path(path_type=Path), help="The file that holds your key for it."
)
@click.option("--provider-url", metavar="URL", help="Where it is asked  [default: its own host]")
@opens_files
@HIDDEN
@terminal.in_sentences
def locate(
    file: Path,
    dataset: str | None,
    target: Path,
    maps: Sequence[str],
    provider: str | None,
    key_file: Path | None,
    provider_url: str | None,
    options: "FileOptions",
) -> None:
    """Look up the addresses of a table: every row gets a candidate, how finely it was found, the
    radius within which it lies, a point in WGS-84, and what speaks for it and against it.

    All columns of the table stay. A row that is not found says why; nothing is guessed.
    """
    from geodata.sources.locate import rows
    from geodata.sources.read import read

    if (provider is None) != (key_file is None):
        raise click.UsageError(Said("--provider and --key-file go together."))
    measure(file)
    mapped = terminal.pairs_of(maps, "--map")
    tables = read(file, options, mapped)
    book, city = book_of(dataset)
    sought = [rows.sought_of(table, mapped) for table in tables]
    with terminal.progress("locating", sum(map(len, sought))) as heard:
        found = [rows.located(each, book, heard) for each in sought]
    if provider and key_file:
        asked = _asked(provider, key_file, provider_url, city)
        found = [_ask(asked, each, known, book) for each, known in zip(sought, found, strict=True)]
    language = terminal.language_of_files()
    made = [
        rows.with_columns(table, each, lambda text: translated(language, text))
        for table, each in zip(tables, found, strict=True)
    ]
    rows.write_tables(target, made)
    tell_rungs([one for each in found for one in each])
    terminal.tell("Written: {file}.", file=target)


def _asked(provider: str, key_file: Path, provider_url: str | None, city: str) -> geocoding.Asked:
    from geodata.sources.locate.providers import Provider, host_of

    which = Provider(provider)
    kept = settings.read().home / "cache" / "geocoding" / f"{which}.jsonl"
    base = (provider_url or host_of(which)).rstrip("/")
    return geocoding.Asked(which, geocoding.key_in(key_file), base, city, kept)


def _ask(
    asked: geocoding.Asked,
    sought: Sequence["Sought"],
    found: Sequence["Found"],
    book: "AddressBook",
) -> list["Found"]:
    """The service's point where ours is too coarse; what we found before is told with it."""
    coarse = [at for at, each in enumerate(found) if not each.is_pin and sought[at].address.strip()]
    if not coarse:
        return list(found)
    geocoding.tell_what_is_sent(asked, len(coarse))
    day = datetime.now().astimezone().date()
    better = list(found)
    with terminal.progress("asking", len(coarse)) as heard:
        answers = asked.answers([sought[at] for at in coarse], book, day, heard)
        for at, answer in zip(coarse, answers, strict=True):
            told = (*better[at].evidence, *answer.evidence)
            better[at] = replace(answer if answer.is_pin else better[at], evidence=told)
    return better


def book_of(dataset: str | None) -> tuple["AddressBook", str]:
    """The address book that goes with a dataset, and the city's name."""
    from geodata.pipeline import published
    from geodata.pipeline.address_book import address_book
    from geodata.store import addresses

    chosen = settings.read()
    name = dataset or chosen.dataset
    held = published.stored(chosen.home, name)
    extract = addresses.address_book(chosen.home, name)
    if extract is None:
        terminal.warn(
            "There is no address book for dataset {name}: only districts, street offices and"
            " landmarks are known. Make one: nuanfeng import-addresses EXTRACT --dataset {name}",
            name=name,
        )
    return address_book(held, extract), held.about.city.name if held else ""


def tell_rungs(found: Sequence["Found"]) -> None:
    """How many rows were found how finely."""
    from geodata.sources.locate.candidates import Rung

    counts = Counter(each.rung for each in found)
    terminal.rows(
        Said("addresses, by how finely they were found"),
        (Said("found by"), Said("rows"), Said("within {metres:g} m", metres=PIN_M)),
        [
            (
                rung_text(rung),
                f"{counts[rung]:,}",
                f"{sum(1 for each in found if each.rung is rung and each.is_pin):,}",
            )
            for rung in Rung
            if counts[rung]
        ],
    )


def rung_text(rung: str) -> Said:
    """A rung in words."""
    return {
        "place": Said("the place itself"),
        "house_number": Said("house number"),
        "junction": Said("junction"),
        "landmark": Said("beside something known"),
        "road": Said("a road"),
        "community": Said("a community or village"),
        "street_office": Said("a street office"),
        "not_found": Said("not found"),
    }[rung]


def sort_text(sort: str) -> Said:
    """A sort of lines of an address book in words."""
    return {
        "city": Said("cities"),
        "district": Said("districts"),
        "street_office": Said("street offices"),
        "community": Said("communities"),
        "village": Said("villages"),
        "road": Said("pieces of roads"),
        "house_number": Said("house numbers"),
        "station": Said("stations and stops"),
        "entrance": Said("entrances of stations"),
        "landmark": Said("landmarks"),
        "chain": Said("shops and the like, of which there are many of one name"),
    }[sort]
