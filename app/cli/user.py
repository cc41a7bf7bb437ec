"""`nuanfeng user`: who may sign in to the desk. The first admin is made here; no password is ever
printed or typed, only a link that sets one.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET
from app.cli.voice import chosen_of, dataset_of, now, voiced, who
from geodata.errors import BadValue, Said

if TYPE_CHECKING:
    from app.db.accounts import StoredAccount
    from app.db.database import Connection
    from app.desk.accounts import Doer

_NAME: Final = click.argument("name")
_URL: Final = click.option(
    "--url",
    metavar="ADDRESS",
    help=(
        "The address of the server, with which the link begins  [default: the one name of"
        " NUANFENG_TRUSTED_HOSTS, else where the running server answers]"
    ),
)


@click.group(cls=Group)
def user() -> None:
    """Accounts of the desk: each has a role and a part of the city."""


@user.command(
    epilog=(
        "Examples:  nuanfeng user add wang --role admin --scope city  |"
        "  nuanfeng user add li --role answerer --scope 粤海街道"
    )
)
@_NAME
@click.option(
    "--role",
    required=True,
    metavar="ROLE",
    help="viewer, answerer, editor, publisher or admin.",
)
@click.option(
    "--scope",
    required=True,
    metavar="AREA",
    help="city, or the name of a district or a street office.",
)
@_URL
@DATASET
@terminal.in_sentences
def add(name: str, role: str, scope: str, url: str | None, dataset: str | None) -> None:
    """Add an account, and print the link by which its holder sets a password, once."""
    from app.db import migrate
    from app.desk import accounts
    from app.desk.desk import divisions_of
    from app.desk.roles import role_of

    with voiced(dataset) as (chosen, held):
        snapshot = dataset_of(chosen).load()
        synthetic = snapshot.about.synthetic
        migrate.upgrade(held.database, chosen.dataset, synthetic=synthetic, now=now())
        given, part = role_of(role), divisions_of(snapshot).scope(scope)

        def unit(connection: "Connection") -> str:
            made = accounts.add(connection, name, given, part, _doer(), now())
            return accounts.new_link(connection, made, _doer(), now())

        _tell_link(url, dataset, held.database.write(unit))


@user.command(epilog="Example:  nuanfeng user reset wang")
@_NAME
@_URL
@DATASET
@terminal.in_sentences
def reset(name: str, url: str | None, dataset: str | None) -> None:
    """Print a link that sets a new password and second factor; all sessions of the account end."""
    from app.desk import accounts

    def unit(connection: "Connection", account: "StoredAccount") -> str:
        return accounts.new_link(connection, account, _doer(), now())

    _tell_link(url, dataset, _of_account(dataset, name, unit))


@user.command(epilog="Example:  nuanfeng user disable li")
@_NAME
@DATASET
@terminal.in_sentences
def disable(name: str, dataset: str | None) -> None:
    """Let nobody sign in to an account any more, and end its sessions."""
    from app.desk import accounts

    _of_account(dataset, name, lambda held, found: accounts.disable(held, found, _doer(), now()))
    terminal.tell("Nobody can sign in as {name}.", name=name)


@user.command(epilog="Example:  nuanfeng user enable li")
@_NAME
@DATASET
@terminal.in_sentences
def enable(name: str, dataset: str | None) -> None:
    """Let an account sign in again, after it was disabled, or waits after failed tries."""
    from app.desk import accounts

    _of_account(dataset, name, lambda held, found: accounts.enable(held, found, _doer(), now()))
    terminal.tell("{name} can sign in again.", name=name)


@user.command(epilog="Example:  nuanfeng user role li --role editor --scope 南山区")
@_NAME
@click.option("--role", required=True, metavar="ROLE", help="The new role.")
@click.option("--scope", required=True, metavar="AREA", help="The new part of the city.")
@DATASET
@terminal.in_sentences
def role(name: str, role: str, scope: str, dataset: str | None) -> None:
    """Give an account another role and part of the city; all sessions of it end."""
    from app.desk import accounts
    from app.desk.desk import divisions_of
    from app.desk.roles import role_of

    with voiced(dataset) as (chosen, _):
        part = divisions_of(dataset_of(chosen).load()).scope(scope)
    given = role_of(role)
    _of_account(
        dataset,
        name,
        lambda held, found: accounts.give_role(held, found, given, part, _doer(), now()),
    )
    terminal.tell("{name} has another role.", name=name)


@user.command("list", epilog="Examples:  nuanfeng user list  |  nuanfeng user list --json")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@DATASET
@terminal.in_sentences
def list_(dataset: str | None, *, as_json: bool) -> None:
    """List accounts: role, part of the city, state, second factor, and when they last signed in."""
    from app.db import accounts as stored

    with voiced(dataset) as (chosen, held), held.database.reading() as connection:
        found = stored.every(connection)
    told = [
        {
            "name": each.name,
            "role": each.role,
            "scope": each.scope_name or each.scope_kind,
            "state": each.state,
            "password": each.password is not None,
            "second_factor": each.factor is not None,
            "seen_at": each.seen_at.isoformat(timespec="minutes"),
        }
        for each in found
    ]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=1))
        return
    headings = (Said("name"), Said("role"), Said("area"), Said("state"), Said("last seen"))
    names = ("name", "role", "scope", "state", "seen_at")
    lines = [[str(each[name])[:40] for name in names] for each in told]
    terminal.rows(Said("accounts of {dataset}", dataset=chosen.dataset), headings, lines)
    if not told:
        terminal.tell(
            "There are no accounts. The first is an admin's: nuanfeng user add NAME --role admin"
            " --scope city"
        )


def _of_account(
    dataset: str | None, name: str, unit: "Callable[[Connection, StoredAccount], str | None]"
) -> str:
    """Run a unit about the account of a name. Raises BadValue where there is none."""
    from app.db import accounts as stored

    def whole(connection: "Connection") -> str:
        found = stored.named(connection, name)
        if found is None:
            raise BadValue("There is no account {name}; see nuanfeng user list.", name=name[:60])
        return unit(connection, found) or ""

    with voiced(dataset) as (_, held):
        return held.database.write(whole)


def _doer() -> "Doer":
    from app.desk.accounts import Doer

    return Doer(who(None)[:40], "command line")


def _tell_link(url: str | None, dataset: str | None, token: str) -> None:
    from app.cli.address import of_server
    from app.desk.accounts import LINK_LIVES

    terminal.tell(
        "This link sets a password once, within {hours} hours; give it to nobody else:",
        hours=int(LINK_LIVES.total_seconds() // 3_600),
    )
    begins = url or of_server(chosen_of(dataset))
    click.echo(f"{begins.rstrip('/')}/desk/link/{token}")
