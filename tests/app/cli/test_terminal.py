"""What commands say on a terminal while one waits."""

import io

import pytest
from rich.console import Console

from app.cli import terminal


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    screen = io.StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=screen, force_terminal=True, width=90))
    return screen


def test_a_bar_says_how_much_is_done_and_how_long_it_will_take(seen: io.StringIO) -> None:
    with terminal.progress("reading roads", 886_872) as progress:
        progress(443_436)
        progress(886_872)
    assert "reading roads" in seen.getvalue()
    assert "886,872 of 886,872" in seen.getvalue()
    assert "0:00 left" in seen.getvalue()


def test_where_nobody_can_count_the_bar_says_how_long_it_has_taken(seen: io.StringIO) -> None:
    with terminal.progress("writing 442 MB", None):
        pass
    assert "0:00 so far" in seen.getvalue()
    assert "?" not in seen.getvalue().replace("\x1b[?", "")


def test_a_log_gets_no_bar(seen: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "err", Console(file=seen, force_terminal=False))
    with terminal.progress("reading roads", 10) as progress:
        progress(10)
    assert not seen.getvalue().strip()
