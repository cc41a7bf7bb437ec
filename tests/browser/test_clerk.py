"""What a clerk comes to do is done from the words on the screen, on a small phone, with few taps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.desk.leases import Keeper
from tests.app.desk.real_town import RealTown
from tests.browser.clerk import TASKS, Clerk, desk_of

SMALL = {"width": 360, "height": 616}
#: Taps, choices and filled fields that each task takes at most.
MOST = dict(
    zip(TASKS, (9, 8, 4, 14, 5, 3, 13, 12, 5, 4), strict=True),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealTown]:
    """One for all tasks: each leaves it so that the others find their places."""
    home = tmp_path_factory.mktemp("clerk") / "home"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUANFENG_HOME", str(home))
        patched.setattr(Keeper, "look", lambda _: None)
        with desk_of(home) as town:
            yield town


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_done_from_the_words_on_the_screen(
    browser: Browser, town: RealTown, task: str
) -> None:
    with browser.new_context(viewport=SMALL, locale="zh-CN", has_touch=True) as context:  # type: ignore[arg-type]  # two numbers
        clerk = Clerk(context.new_page(), town)
        TASKS[task](clerk)
        assert clerk.taps <= MOST[task]
