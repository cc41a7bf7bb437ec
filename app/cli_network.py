"""`nuanfeng network build | info`: road networks out of OpenStreetMap extracts. Decides nothing itself."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from app import settings, terminal
from geodata.vocabulary import Mode


@click.group()
def network() -> None:
    """Road networks: the fastest place instead of the closest.

    Networks lie under NUANFENG_HOME beside the datasets; `nuanfeng run --network NAME` answers by one.
    """


@network.command(epilog="Example:  nuanfeng network build shenzhen.osm.pbf --network shenzhen")
@click.argument("extract", type=click.Path(path_type=Path))
@click.option("--network", "name", required=True, metavar="NAME", help="The network to publish to.")
@terminal.in_sentences
def build(extract: Path, name: str) -> None:
    """Build the graphs for walking, e-bikes, cars and trucks out of an extract (.osm or .osm.pbf), and publish them.

    Take an extract that reaches some kilometres beyond the city: a place without a road near it cannot be reached.
    """
    from geodata.store.files import RoadNetwork
    from geodata.travel import network as networks
    from geodata.travel import osm

    store = RoadNetwork(settings.read().home, name)
    with terminal.progress("reading", osm.count_ways(extract)) as reading:
        roads = osm.read(extract, reading)
    with terminal.progress("joining", len(Mode)) as joining:
        made = networks.build(roads, name, joining)
    pointer = store.publish(made.version, made.about, made.to_arrays(), {})
    km = made.about.sizes[Mode.WALK].road_km
    terminal.out.print(
        f"Published {km:,.0f} km of ways as version {pointer.version} of network {name}. {made.about.licence}"
    )
    if made.about.unheeded_turns:
        terminal.out.print(f"{made.about.unheeded_turns} turn restrictions cannot be obeyed: they lead over a way.")


@network.command(epilog="Examples:  nuanfeng network info  |  nuanfeng network info --network shenzhen --json")
@click.option("--network", "name", metavar="NAME", help="Which one  [default: the one NUANFENG_NETWORK names]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def info(name: str | None, *, as_json: bool) -> None:
    """Say which networks there are, and verify one: every stored byte is read."""
    from geodata.store.files import RoadNetwork, networks

    chosen = settings.read()
    found: dict[str, Any] = {"home": str(chosen.home), "networks": list(networks(chosen.home))}
    if wanted := name or chosen.network:
        manifest = RoadNetwork(chosen.home, wanted).verify()
        found |= {"version": manifest.version, "verified": True, **msgspec.to_builtins(manifest.about)}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        terminal.pairs(found)
