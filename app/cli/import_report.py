"""What `nuanfeng import` would do, in the terminal; and when it refuses to publish."""

from typing import TYPE_CHECKING, Final

from app.cli import terminal
from geodata.errors import NuanfengError, PublishRefused, Said

if TYPE_CHECKING:
    from geodata.pipeline.recipes import Checked
    from geodata.sources.identity import Changes
    from geodata.sources.report import ImportReport

#: More of the published places than this gone is a wrong file, or a reason to say so.
MOST_GONE: Final = 0.5
#: More ids than this that mean another place now are a renumbered list, not corrections.
MOST_RENUMBERED: Final = 2
MOST_RENUMBERED_SHARE: Final = 0.01
#: More of the ids that stay than this under another name are another list, or another column.
MOST_NEW_NAMES_SHARE: Final = 0.5


def print_report(found: "ImportReport") -> None:
    """All that an import would do, and what a person should look at."""
    from geodata.sources.report import as_table, by_kind, silence

    moves = found.changes
    terminal.pairs(
        {
            Said("layer"): _layer(found),
            Said("rows read"): f"{found.rows:,}",
            Said("taken"): f"{found.taken:,}",
            Said("refused"): f"{found.refused:,}",
            Said("cells mended"): f"{found.repaired:,}",
            Said("coordinates read in"): _datums(found),
            Said("opening hours"): (
                Said(
                    "{hours_read:,} read, {hours_not_understood:,} not understood",
                    hours_read=found.hours_read,
                    hours_not_understood=found.hours_not_understood,
                )
            ),
            Said("against the published"): (
                Said(
                    "{added:,} new, {kept:,} kept, {moved:,} of them moved, {gone:,} gone",
                    added=len(moves.added),
                    kept=len(moves.kept),
                    moved=len(moves.moved),
                    gone=len(moves.gone),
                )
            ),
        }
    )
    if found.unused_columns:
        terminal.tell(
            "columns not used (declare them with --map): {unused_columns}",
            unused_columns=[*found.unused_columns],
        )
    terminal.rows(Said("left out"), (Said("what"),), [(text,) for text in found.left_out])
    headings = (
        Said("datum"),
        Said("on the city's land"),
        Said("from the landmark of its name"),
        Said("from the published"),
        Said("in the area it names"),
        "",
    )
    terminal.rows(
        Said("the coordinates, read under each datum"), headings, as_table(found.evidence)
    )
    if silent := silence(found.evidence):
        terminal.tell(silent)
    _print_identity(moves)
    terminal.rows(
        Said("mended"),
        (Said("how"), Said("cells")),
        [(how, f"{count:,}") for how, count in by_kind(found.repairs)],
    )
    terminal.rows(
        Said("look at"),
        (Said("what"), Said("cells")),
        [(about, f"{count:,}") for about, count in by_kind(found.notes)],
    )
    lines = [
        (note.source, str(note.row), note.column, note.value, note.about) for note in found.notes
    ]
    terminal.rows(
        Said("of these"),
        (Said("file"), Said("row"), Said("column"), Said("value"), Said("what")),
        lines,
    )
    terminal.rejects(found.rejects)
    terminal.rows(
        Said("words, and how many rows have each"),
        (Said("column"), Said("word"), Said("what"), Said("rows")),
        [(each.column, each.word, each.what, f"{each.rows:,}") for each in found.words],
    )


def _layer(found: "ImportReport") -> str:
    if not found.elsewhere:
        return found.layer
    return Said(
        "{layer}; {count:,} places of other layers stay", layer=found.layer, count=found.elsewhere
    )


def _datums(found: "ImportReport") -> str:
    """The datum that all tables were read in and how it is known, or that of each."""
    from geodata.sources.report import KNOWN_FROM

    if not found.datums:
        return Said("none: no table has coordinates of its own")
    ways = {(each.datum, each.known_from) for each in found.datums}
    shown = [(f"{each.datum}", KNOWN_FROM[each.known_from]) for each in found.datums]
    told = [f"{datum} ({terminal.spoken(how)})" for datum, how in shown]
    if len(ways) == 1:
        return told[0]
    return "; ".join(
        f"{each.source}: {said}" for each, said in zip(found.datums, told, strict=True)
    )


def _print_identity(moves: "Changes") -> None:
    """What may have been renamed, and ids that would mean another place."""
    terminal.rows(
        Said("perhaps renamed: keep the id with --renamed OLD=NEW, or --renamed all"),
        (Said("OLD"), Said("name"), Said("NEW"), Said("name"), Said("both have"), Said("m apart")),
        [
            (each.old_id, each.old_name, each.new_id, each.new_name, each.why, f"{each.moved_m:,}")
            for each in moves.renamed
        ],
    )
    terminal.rows(
        Said("ids that would mean another place"),
        (Said("id"), Said("was"), Said("would be"), Said("m away")),
        [(each.id, each.was, each.now, f"{each.moved_m:,.0f}") for each in moves.renumbered],
    )
    terminal.rows(
        Said("ids that stay, under another name"),
        (Said("id"), Said("was"), Said("would be")),
        [(each.id, each.was, each.now) for each in moves.new_names],
    )


def print_contradictions(checked: "Checked") -> None:
    """What the tables and a person both changed, side by side."""
    terminal.rows(
        Said("edited by hand, and another word in the list now"),
        (Said("id"), Said("field"), Said("before"), Said("by hand"), Said("in the list")),
        [
            (each.id, each.field, each.base or "", each.value or "", each.listed or "")
            for each in checked.contradictions
        ],
    )


def refuse_if_renumbered(checked: "Checked", *, insists: bool) -> None:
    """Raises PublishRefused where many published ids would mean another place elsewhere."""
    changed, common = len(checked.changes.renumbered), len(checked.changes.kept)
    if insists or changed <= max(MOST_RENUMBERED, MOST_RENUMBERED_SHARE * common):
        return
    first = checked.changes.renumbered[0]
    raise PublishRefused(
        "{changed} of {common} ids that are published now name another place elsewhere, such as"
        " {id}: {was} became {now}, {metres:,.0f} m away. Plates that were printed would lead to a"
        " wrong door; nothing was published. Was the list numbered anew, say --ids running; is all"
        " of it right, add --renumbered",
        changed=changed,
        common=common,
        id=first.id,
        was=first.was,
        now=first.now,
        metres=first.moved_m,
    )


def refuse_if_most_are_renamed(checked: "Checked", *, insists: bool) -> None:
    """Raises PublishRefused where most published ids would stand under another name."""
    changed, common = len(checked.changes.new_names), len(checked.changes.kept)
    if insists or changed <= max(MOST_RENUMBERED, MOST_NEW_NAMES_SHARE * common):
        return
    first = checked.changes.new_names[0]
    raise PublishRefused(
        "{changed} of {common} ids that are published now would stand under another name, such as"
        " {id}: {was} became {now}; nothing was published. Is a column of names read that is"
        " none, mend it with --map HEADING=name; were the places renamed, add --new-names",
        changed=changed,
        common=common,
        id=first.id,
        was=first.was,
        now=first.now,
    )


def refuse_against_evidence(checked: "Checked", *, force: bool) -> None:
    """Raises NuanfengError where witnesses speak against the declared datum."""
    if checked.evidence.against and not force:
        raise NuanfengError(
            (
                "the datum cannot be right: {against}. Declare --datum {fits}, or add "
                "--force if you know better"
            ),
            against=checked.evidence.against,
            fits=checked.evidence.fits,
        )


def refuse_if_most_are_gone(checked: "Checked", *, force: bool) -> None:
    """Raises PublishRefused where most of what is published would be gone."""
    changes = checked.changes
    before = len(changes.kept) + len(changes.gone)
    if before and len(changes.gone) > MOST_GONE * before and not force:
        renamed = (
            Said(
                " {count:,} of them may have been renamed: --renamed all keeps their ids.",
                count=len(changes.renamed),
            )
            if changes.renamed
            else ""
        )
        raise PublishRefused(
            (
                "{count:,} of {before:,} published places are not in these files; nothing "
                "was published.{renamed} Is it the right file? Add --force if they are gone"
            ),
            count=len(changes.gone),
            before=before,
            renamed=renamed,
        )
