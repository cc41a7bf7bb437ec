"""What every test may ask for: the real data, a published demo city, and that nothing skips when
all is required.
"""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

# A busy machine takes its time, which makes no fact wrong. Examples are the same in every run, so
# that one change is judged as another is; `make soak` looks for new ones.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="NUANFENG_SOAK" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

#: The files that take longest, the longest first, as `make test ARGS=--durations=0` tells. They
#: are begun first: a long one that is begun last keeps one core busy and the others waiting.
LONGEST: Final = (
    "tests/notebooks/test_notebooks.py",
    "tests/truth/test_examples.py",
    "tests/app/cli/test_coverage.py",
    "tests/browser/test_filters.py",
    "tests/browser/test_voice.py",
    "tests/browser/test_offline.py",
    "tests/browser/test_everyone.py",
    "tests/app/cli/test_shared.py",
    "tests/app/cli/test_main.py",
    "tests/contracts/test_shared_store.py",
    "tests/contracts/test_fastest_equals_brute_force.py",
    "tests/app/api/test_fuzz.py",
    "tests/app/voice/test_durable.py",
    "tests/app/cli/test_serve.py",
    "tests/contracts/test_cells_by_road.py",
    "tests/contracts/test_nearest_equals_brute_force.py",
    "tests/geodata/compiled/test_kernel_cache.py",
    "tests/contracts/test_store.py",
    "tests/browser/test_navigate.py",
    "tests/browser/test_journeys.py",
    "tests/browser/test_page.py",
    "tests/browser/test_canaries.py",
    "tests/browser/test_clerk.py",
    "tests/browser/test_map_view.py",
    "tests/app/desk/test_tables.py",
    "tests/browser/test_desk.py",
    "tests/app/cli/test_report.py",
    "tests/app/cli/test_site.py",
    "tests/app/live/test_memory.py",
    "tests/browser/test_map.py",
    "tests/geodata/pipeline/test_layers.py",
    "tests/contracts/test_phone_searches_as_the_server.py",
    "tests/app/deploy/test_nginx.py",
    "tests/app/desk/test_rehearsal.py",
    "tests/faults/test_faults.py",
    "tests/app/cli/test_warm.py",
    "tests/app/api/test_downloads.py",
    "tests/contracts/test_full_disks.py",
    "tests/app/pages/test_phone_search.py",
)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not walk its
    millions of objects again and again, neither while they come nor after (23 s instead of 40 for
    the collection alone).
    """
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files are shared out among processes, begin with LONGEST."""
    if hasattr(config, "workerinput"):
        place = {str(ROOT / path): number for number, path in enumerate(LONGEST)}
        items.sort(key=lambda item: place.get(str(item.path), len(LONGEST)))


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # pytest_collection_finish turns it on again
    # One JIT cache for all runs, outside the checkout; set before geodata (and so numba) is
    # imported.
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "nuanfeng-tests" / "numba"
    )
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache))
    # Where no bytecode may be written beside sources, hundreds of commands would compile 1,200
    # modules each: they share what the first of this run compiled.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        bytecode = tempfile.TemporaryDirectory(prefix="nuanfeng-", ignore_cleanup_errors=True)
        config.add_cleanup(bytecode.cleanup)
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode.name
    # No test sees the datasets of whoever runs it; the folder is made by whoever publishes.
    os.environ["NUANFENG_HOME"] = str(Path(tempfile.gettempdir()) / "nuanfeng-tests-have-no-home")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With NUANFENG_REQUIRE=all a test that would skip fails, so that a missing install step cannot
    hide.
    """
    outcome = yield
    report = outcome.get_result()
    if (
        report.skipped
        and os.environ.get("NUANFENG_REQUIRE") == "all"
        and not hasattr(report, "wasxfail")
    ):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} may not skip under NUANFENG_REQUIRE=all: {report.longrepr}"
        )


def data_folder() -> Path:
    """Where the real data lies, if it is there."""
    return Path(os.environ.get("NUANFENG_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real public data beside the project (NUANFENG_DATA overrides)."""
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"the real data is not at {folder}; set NUANFENG_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the demo city published."""
    from geodata.pipeline import recipes
    from geodata.store.files import Dataset

    home = tmp_path_factory.mktemp("home")
    frozen = recipes.demo("demo")
    Dataset(home, "demo").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL with PostGIS, started for this run.

    Its database `prepared` has our tables.
    """
    from tests import postgres

    folder = postgres.programs()
    if folder is None:
        pytest.skip(postgres.MISSING)
    from geodata.store.postgis import prepare

    with postgres.cluster(folder) as url, postgres.database(url, "prepared") as prepared:
        prepare(prepared)
        yield url


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    """The address of a prepared database of the test's own."""
    from tests import postgres

    with postgres.database(postgres_server, "city", template="prepared") as url:
        yield url


@pytest.fixture(scope="session")
def served_demo(demo_home: Path) -> Iterator[str]:
    """The address of `nuanfeng run` over the demo city: a process of its own, for clients that hold
    this one's lock.
    """
    from tests.served import served

    with served(demo_home) as address:
        yield address
