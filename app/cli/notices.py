"""`nuanfeng notices`: published, updated, cancelled and looked at, before there is a desk."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET
from app.cli.voice import BY, dataset_of, now, voiced, who
from geodata.errors import BadValue, Said

if TYPE_CHECKING:
    from app.db.database import Connection
    from app.voice.notices import Notice, NoticeState
    from geodata.space.service_area import Outline

T = TypeVar("T")

_FILE: Final = click.argument(
    "file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), metavar="FILE.json"
)
#: Longer than the longest notice.
_MOST_BYTES: Final = 1_000_000


@click.group(cls=Group)
def notices() -> None:
    """Notices of closed areas, detours and supplies: publish, update, cancel and list them."""


@notices.command(
    epilog=(
        "Examples:  nuanfeng notices publish control.json  |"
        "  nuanfeng notices publish - < control.json"
    )
)
@_FILE
@BY
@DATASET
@terminal.in_sentences
def publish(file: Path, by: str | None, dataset: str | None) -> None:
    """Publish a notice.

    FILE has effect (closed, limited, detour, supplies, info), expires, polygons (closed rings of
    [lon, lat]), zh and en (headline, description, instruction, area); and if need be onset,
    category, severity, urgency, certainty, level (sealed, controlled, precaution), people,
    buildings, estates, identifier.
    """
    from app.request.notices import read_notice
    from app.voice import notice_posts

    post, at = read_notice(_read(file)), now()
    found = _write(
        dataset,
        lambda connection, area: notice_posts.publish(connection, post, who(by), at, area),
    )
    _tell(found)


@notices.command(epilog="Example:  nuanfeng notices update easier.json")
@_FILE
@BY
@DATASET
@terminal.in_sentences
def update(file: Path, by: str | None, dataset: str | None) -> None:
    """Publish a version of a notice that takes the place of the one before.

    FILE says all that `publish` takes, and which notice it is of: `references`.
    """
    from app.request.notices import read_notice
    from app.voice import notice_posts

    post, at = read_notice(_read(file)), now()
    found = _write(
        dataset,
        lambda connection, area: notice_posts.update(connection, post, who(by), at, area),
    )
    _tell(found)


@notices.command(epilog="Example:  nuanfeng notices cancel over.json")
@_FILE
@BY
@DATASET
@terminal.in_sentences
def cancel(file: Path, by: str | None, dataset: str | None) -> None:
    """End a notice at once.

    FILE says which: `references`; and in zh and en, if anything is to be said, the same as
    `publish` takes.
    """
    from app.request.notices import read_cancel
    from app.voice import notice_posts

    post, at = read_cancel(_read(file)), now()
    _tell(_write(dataset, lambda connection, _: notice_posts.cancel(connection, post, who(by), at)))


@notices.command(
    "list", epilog="Examples:  nuanfeng notices list  |  nuanfeng notices list --json > live.json"
)
@click.option("--all", "with_ended", is_flag=True, help="Also those that are over or cancelled.")
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As /api/v1/notices has them: a GeoJSON.")
@terminal.in_sentences
def list_(dataset: str | None, *, with_ended: bool, as_json: bool) -> None:
    """List the notices in force and to come."""
    from app.db import notices as stored
    from app.voice.live_notices import NoticesNow
    from app.voice.notice_routes import collection
    from app.voice.notices import LIVING, NoticeVersion, fold

    with voiced(dataset) as (chosen, held), held.database.reading() as connection:
        found = fold(map(NoticeVersion.of, stored.versions(connection)))
    at, about = now(), dataset_of(chosen).load().about
    if as_json:
        language = terminal.language_of_files()
        told = collection(NoticesNow.of(found, at), language, synthetic=about.synthetic)
        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=1))
        return
    shown = [each for each in found if with_ended or each.state(at) in LIVING]
    headings = (Said("id"), Said("state"), Said("effect"), Said("from"), Said("until"), "")
    lines = [
        (
            each.id,
            _state(each.state(at)),
            str(each.body.effect),
            f"{each.latest.onset.astimezone():%Y-%m-%d %H:%M}",
            f"{each.latest.expires.astimezone():%Y-%m-%d %H:%M}",
            each.body.zh.headline,
        )
        for each in shown
    ]
    terminal.rows(Said("notices of {dataset}", dataset=chosen.dataset), headings, lines)


@notices.command(epilog="Example:  nuanfeng notices show n-20261130-3f9a2c")
@click.argument("notice_id", metavar="ID")
@DATASET
@terminal.in_sentences
def show(notice_id: str, dataset: str | None) -> None:
    """Show a notice with all its versions: who published them, and when."""
    from app.voice import notice_posts

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        found = notice_posts.notice(connection, notice_id)
    body = found.body
    terminal.pairs(
        {
            Said("id"): found.id,
            Said("state"): _state(found.state(now())),
            Said("effect"): str(body.effect),
            Said("from"): found.latest.onset.isoformat(timespec="minutes"),
            Said("until"): found.latest.expires.isoformat(timespec="minutes"),
            Said("polygons"): str(len(body.polygons)),
            Said("inside"): ", ".join(
                f"{name} {count:,}"
                for name in ("people", "buildings", "estates")
                if (count := getattr(body, name)) is not None
            ),
            "zh": f"{body.zh.headline}\n{body.zh.description}\n{body.zh.instruction}",
            "en": f"{body.en.headline}\n{body.en.description}\n{body.en.instruction}",
        }
    )
    for each in found.versions:
        level = f"  {each.body.level}" if each.body.level else ""
        terminal.pairs(
            {f"{each.sent:%Y-%m-%d %H:%M} {each.msg_type}": f"{each.identifier}  {each.by}{level}"}
        )


def _read(file: Path) -> bytes:
    with click.open_file(str(file), "rb") as source:
        content = source.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise BadValue(
            "{file} is longer than any notice: {most:,} bytes", file=file, most=_MOST_BYTES
        )
    return bytes(content)


def _write(dataset: str | None, unit: "Callable[[Connection, Outline], Notice]") -> "Notice":
    with voiced(dataset) as (chosen, held):
        area = dataset_of(chosen).load().outline
        return held.database.write(lambda connection: unit(connection, area))


def _state(state: "NoticeState") -> Said:
    return {
        "to_come": Said("To come"),
        "in_force": Said("In force"),
        "over": Said("Over"),
        "cancelled": Said("Cancelled"),
    }[state]


def _tell(found: "Notice") -> None:
    terminal.tell(
        "Notice {id} is published as {version}: {state}, until {time}. Its page: /n/{id}",
        id=found.id,
        version=found.latest.identifier,
        state=_state(found.state(now())),
        time=found.latest.expires.isoformat(timespec="minutes"),
    )
