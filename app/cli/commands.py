"""Commands whose help and refusals are in the language of the terminal.

The words of click itself are translated, too: its own gettext reads compiled catalogues of the
locale only, and knows no --lang.
"""

import copy
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from inspect import cleandoc
from typing import IO, Any, Final

import click
from rich.cells import cell_len

from app.cli import terminal
from app.words import Language, say
from geodata.errors import Said

_LANGUAGES: Final = {"zh": Language.CHINESE, "en": Language.ENGLISH}
#: What stays together in a line of Chinese: a word in Latin letters, or a character with the marks
#: that may not begin the next line.
_PIECE: Final = re.compile(r"[（《“「]*(?:[!-~‑–—…]+|\S)[，。；：、！？）》”」…]*|\s+")
#: Behind the help of an option, in brackets.
_DEFAULT: Final = "default: {default}"
#: What click says of a command line that it cannot read. A value may be such a sentence itself.
CLICK_SAYS: Final = (
    "Invalid value for {hint}: {message}",
    "Invalid value: {message}",
    "Missing option {hint}. Choose from: {choices}",
    "Missing option {hint}.",
    "Missing argument {hint}. Choose from: {choices}",
    "Missing argument {hint}.",
    "Missing command.",
    "No such option {name}. Did you mean {possibility}?",
    "No such option {name}. (Did you mean one of: {possibilities}?)",
    "No such option {name}.",
    "No such command {name}. Did you mean {possibility}?",
    "No such command {name}. (Did you mean one of: {possibilities}?)",
    "No such command {name}.",
    "Got unexpected extra argument ({args})",
    "Got unexpected extra arguments ({args})",
    "{value} is not one of {choices}.",
    "{value} does not match the format {format}.",
    "{value} does not match the formats {formats}.",
    "{value} is not in the range {range}.",
    "{value} is not a valid boolean. Recognized values: {states}",
    "{value} is not a valid {number_type}.",
    "{value} is not {choice}.",
    "File {name} is a directory.",
    "File {name} is not readable.",
    "Option {name} does not take a value.",
    "Option {name} requires an argument.",
    "Option {name} requires {nargs} arguments.",
    "integer",
    "integer range",
    "float",
    "float range",
)


class HelpFormatter(click.HelpFormatter):
    """Lays help out by the width of its characters: a Chinese one takes two columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line of usage, its heading translated."""
        for part in (Said("[OPTIONS]"), Said("COMMAND [ARGS]...")):
            args = args.replace(part, terminal.spoken(part))
        heading = terminal.spoken(Said("Usage:"))
        super().write_usage(prog, args, prefix or heading + " " * heading.endswith(":"))

    def write_heading(self, heading: str) -> None:
        """A heading such as Options."""
        shown = terminal.spoken(Said("{heading}:", heading=Said(heading)))
        self.write(f"{'':>{self.current_indent}}{shown}\n")

    def write_text(self, text: str) -> None:
        """Paragraphs, laid out anew."""
        if terminal.language() is Language.ENGLISH:
            super().write_text(text)
            return
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            lines = _lines(paragraph, self.width - self.current_indent)
            self.write("\n" * (number > 0) + "".join(f"{indent}{line}\n" for line in lines))

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        """Names, and behind each what it means."""
        if terminal.language() is Language.ENGLISH:
            super().write_dl(rows, col_max, col_spacing)
            return
        held = list(rows)
        indent = " " * self.current_indent
        first = min(max(cell_len(name) for name, _ in held), col_max) + col_spacing
        for name, text in held:
            lines = list(_lines(text, max(self.width - first - self.current_indent, 10)))
            apart = cell_len(name) > first - col_spacing
            begin = f"{indent}{name}" + ("\n" if apart else " " * (first - cell_len(name)))
            between = f"{indent}{'':{first}}"
            body = f"\n{between}".join(lines)
            self.write(f"{begin}{between if apart else ''}{body}".rstrip() + "\n")


def _lines(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, broken between words or Chinese characters."""
    line = ""
    for piece in _PIECE.findall(" ".join(text.split())):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line:
        yield line


class _Context(click.Context):
    formatter_class = HelpFormatter


class Command(click.Command):
    """A command that takes --lang, and whose help is translated paragraph by paragraph."""

    context_class = _Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any("--lang" in each.opts for each in self.params):
            self.params.append(_language_option())

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence."""
        if terminal.language() is Language.ENGLISH:
            return super().get_short_help_str(limit)
        return _translated(self.help or "").partition("。")[0].partition("\n")[0]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How it is written, what it does, its options and examples."""
        self.format_usage(ctx, formatter)
        _write(formatter, _translated(self.help or ""))
        self.format_options(ctx, formatter)
        _write(formatter, _examples(self.epilog or ""))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its options, and of a group its commands."""
        records = [
            _record(param, ctx) for param in self.get_params(ctx) if isinstance(param, click.Option)
        ]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its options and its commands."""
        Command.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)


class Program(Group):
    """The program: it speaks the language that --lang states wherever that stands."""

    group_class = Group

    def main(self, args: Sequence[str] | None = None, *rest: Any, **kwargs: Any) -> Any:
        """Run a command line."""
        given = list(sys.argv[1:] if args is None else args)
        with terminal.speaking(_stated(given)):
            return super().main(given, *rest, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the options before the command."""
        with _refusals():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Read the rest, and run it."""
        with _refusals():
            return super().invoke(ctx)


def paragraphs(text: str) -> list[str]:
    """The messages of a help text: its paragraphs, each in one line."""
    return [" ".join(each.split()) for each in cleandoc(text).split("\n\n") if each.strip()]


def _write(formatter: click.HelpFormatter, text: str) -> None:
    if text:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text)


def examples(text: str) -> list[str]:
    """The parts of an epilog: its heading, then examples, of which most are command lines."""
    heading, _, lines = " ".join(text.split()).partition(": ")
    return [f"{heading}:", *lines.split(" | ")] if text else []


def _examples(text: str) -> str:
    heading, *lines = map(terminal.spoken, map(Said, examples(text))) if text else [""]
    return f"{heading}{' ' * heading.endswith(':')}{' | '.join(lines)}"


def _translated(text: str) -> str:
    return "\n\n".join(terminal.spoken(Said(each)) for each in paragraphs(text))


def _record(option: click.Option, ctx: click.Context) -> tuple[str, str] | None:
    """How an option is written, and what it means; what click adds to that stands in brackets."""
    bare = copy.copy(option)
    bare.help = None
    record = bare.get_help_record(ctx)
    if record is None:
        return None
    name, added = record
    text = _translated(option.help or "")
    return name, f"{text}  [{'; '.join(_added(added))}]" if added else text


def _added(text: str) -> Iterator[str]:
    for part in text.strip("[]").split("; "):
        _, stated, default = part.partition("default: ")
        yield terminal.spoken(Said(_DEFAULT, default=Said(default)) if stated else Said(part))


def _language_option() -> click.Option:
    return click.Option(
        ["--lang"],
        type=click.Choice(list(_LANGUAGES)),
        expose_value=False,
        help="Chinese or English [default: Chinese where the locale is]",
    )


def _stated(arguments: Sequence[str]) -> Language | None:
    """What --lang states, looked for before anything is read: help speaks it, too."""
    stated = None
    for name, value in zip(arguments, [*arguments[1:], ""], strict=True):
        if name == "--":
            break
        if name == "--lang":
            stated = value
        if name.startswith("--lang="):
            stated = name.partition("=")[2]
    return _LANGUAGES.get(stated or "")


class Refused(click.ClickException):
    """A command that could not be run, in words."""

    def __init__(self, fault: click.ClickException) -> None:
        super().__init__(_message(fault))
        self.ctx = fault.ctx if isinstance(fault, click.UsageError) else None

    def show(self, file: IO[Any] | None = None) -> None:
        """The usage, how to get help, and what is wrong."""
        written = file or sys.stderr
        if self.ctx is not None:
            click.echo(self.ctx.get_usage(), file=written)
            help_of = f"{self.ctx.command_path} --help"
            click.echo(
                terminal.spoken(Said("Try '{command}' for help.", command=help_of)) + "\n",
                file=written,
            )
        said = Said("Error: {message}", message=self.message)
        click.echo(terminal.spoken(said), file=written)


class Misread(Refused):
    """A command line that cannot be read, in words."""

    exit_code = 2


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (Refused, click.exceptions.NoArgsIsHelpError):
        raise
    except click.ClickException as fault:
        raise (Misread if isinstance(fault, click.UsageError) else Refused)(fault) from fault


def _message(fault: click.ClickException) -> str:
    if not isinstance(fault.message, Said):
        return _of_click(" ".join(fault.format_message().split()))
    if isinstance(fault, click.BadParameter):
        return terminal.spoken(Said("Invalid value: {message}", message=fault.message))
    return terminal.spoken(fault.message)


def _of_click(text: str) -> str:
    """A sentence of click in the terminal's language; any other text as it is."""
    language = terminal.language()
    for template, pattern in _patterns():
        if found := pattern.fullmatch(text):
            values = {name: _of_click(value) for name, value in found.groupdict().items()}
            return say(language, template, **values)
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (each, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(each))))
        for each in CLICK_SAYS
    )
