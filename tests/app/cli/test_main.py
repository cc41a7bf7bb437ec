"""The command line and the server process, driven as a person would: in processes of their own."""

import csv
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.cli import serve
from app.factory import create_app
from app.settings import Settings
from geodata.errors import NoDataset
from geodata.store.files import Dataset
from tests import makers, town
from tests.commands import nuanfeng
from tests.patience import PATIENCE_S, kill_when, until

SOAK = "NUANFENG_SOAK" in os.environ
COMMAND = [sys.executable, "-m", "app"]
EV_OPTIONS = [
    "--dataset", "ev", "--kind", "friendly_merchant", "--service", "ev_charge", "--datum", "gcj02",
    "--map", "station_id=id", "--name-template", "充电站 {station_id}",
]  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "NUANFENG_HOME": str(home), "PYTHONWARNINGS": "default", "COLUMNS": "200"}


def in_a_process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def info(home: Path, dataset: str) -> dict[str, object]:
    found = nuanfeng(home, "info", "--dataset", dataset, "--json")
    assert found.exit_code == 0, found.stderr
    return dict(json.loads(found.stdout))


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[tuple[str, int]]:
    """A server on a free port; gives its host and port once it has said that it answers."""
    server = subprocess.Popen(
        [*COMMAND, "run", "--port", "0", *arguments],
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = next(
            found for line in server.stdout if (found := re.search(r"http://([\d.]+):(\d+)", line))
        )
        yield address[1], int(address[2])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=PATIENCE_S)
        if server.stdout is not None:
            server.stdout.close()


def get(host: str, port: int, path: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_server_that_answers_under_its_names_alone_says_that_it_answers(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUANFENG_TRUSTED_HOSTS", "map.example.org")
    with serving(demo_home) as (host, port):  # it has asked itself, by address
        assert get(host, port, "/readyz")[0] == get(host, port, "/healthz")[0] == 200
        assert get(host, port, "/api/v1/pack")[0] == 400


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["run"],
        ["build"],
        ["import"],
        ["nearest"],
        ["info"],
        ["network", "build"],
        ["network", "info"],
        ["network", "versions"],
        ["network", "rollback"],
        ["versions"],
        ["diff"],
        ["rollback"],
        ["verify"],
        ["prune"],
    ],
)
def test_every_command_has_help_with_an_example(tmp_path: Path, command: list[str]) -> None:
    shown = nuanfeng(tmp_path, *command, "--help")
    assert shown.exit_code == 0
    assert not command or "Example" in shown.stdout


def test_the_same_seed_builds_the_same_version_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        assert (
            nuanfeng(
                tmp_path, "build", "--dataset", name, "--seed", seed, "--places", "120"
            ).exit_code
            == 0
        )
    from geodata.store.files import Dataset

    ids = {
        name: Dataset(tmp_path, name).load().records.whole(0) for name in ("one", "two", "three")
    }
    assert ids["one"] == ids["two"]
    assert ids["one"] != ids["three"]


def test_charging_stations_are_imported_and_found_by_the_server(
    tmp_path: Path, real_data: Path
) -> None:
    file = str(real_data / "demand" / "ev_charging_stations_gcj02.csv")
    dry = nuanfeng(tmp_path, "import", file, *EV_OPTIONS)
    assert dry.exit_code == 0
    assert "Nothing was published" in dry.stdout
    assert nuanfeng(tmp_path, "info", "--dataset", "ev").exit_code == 1
    published = nuanfeng(tmp_path, "import", file, *EV_OPTIONS, "--publish")
    assert published.exit_code == 0, published.stderr
    assert info(tmp_path, "ev")["counts"] == {
        "warm_bee_station": 0,
        "driver_home": 0,
        "warm_bee_street": 0,
        "friendly_merchant": 1362,
        "public_place": 0,
    }
    with serving(tmp_path, "--dataset", "ev", "--workers", "1") as (host, port):
        status, reply = get(
            host, port, "/api/v1/nearest?lon=113.9645&lat=22.5405&services=ev_charge&k=1"
        )
        assert status == 200
        assert reply["synthetic"] is False
        assert reply["numberReturned"] == 1


def test_a_file_of_points_gets_the_answers_of_the_api(demo_home: Path, tmp_path: Path) -> None:
    points = tmp_path / "订单.csv"
    points.write_text(
        "单号,lon,lat\na,113.9645,22.5405\nb,114.0579,22.5431\nc,0,0\n", encoding="utf-8"
    )
    filters = {
        "k": "2",
        "needs": "water",
        "at": "2026-11-21T02:00:00+08:00",
        "open": "now",
        "mode": "ride",
    }
    options = [f"--{name}={value}" for name, value in filters.items()]
    asked = nuanfeng(demo_home, "nearest", str(points), "-o", str(tmp_path / "out.csv"), *options)
    assert asked.exit_code == 0, asked.stderr
    assert "3 points asked of 4,039 synthetic places, 1 without an answer" in asked.stdout
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    client = create_app(Settings(demo_home, "demo")).test_client()
    reply = client.post(
        "/api/v1/nearest/batch",
        query_string=filters,
        json=[[113.9645, 22.5405], [114.0579, 22.5431]],
    )
    batch = reply.get_json()
    for number, key in enumerate("ab"):
        own = [row for row in rows if row["单号"] == key]
        assert [row["place_id"] for row in own] == batch["ids"][number]
        assert [float(row["distance_m"]) for row in own] == batch["distance_m"][number]
        assert [int(row["eta_s"]) for row in own] == batch["eta_s"][number]
    assert [row["note"] for row in rows if row["单号"] == "c"] == ["outside the service area"]


def test_filters_of_a_file_are_refused_in_the_words_of_the_api(
    demo_home: Path, tmp_path: Path
) -> None:
    refused = in_a_process(
        demo_home,
        "nearest",
        "p.csv",
        "-o",
        str(tmp_path / "out.csv"),
        "--k",
        "51",
        "--needs",
        "tea",
    )
    assert refused.returncode == 1
    assert "k: “51” is not a whole number within 1–50." in refused.stderr
    assert "needs: “tea” is not a list of: rest, water" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_real_rows_never_enter_a_synthetic_dataset(tmp_path: Path) -> None:
    assert nuanfeng(tmp_path, "build", "--dataset", "ev", "--places", "120").exit_code == 0
    (tmp_path / "t.csv").write_text("id,name,lon,lat\naaa-1,站,113.96,22.54\n", encoding="utf-8")
    options = ["--dataset", "ev", "--kind", "driver_home", "--datum", "wgs84", "--publish"]
    refused = nuanfeng(tmp_path, "import", str(tmp_path / "t.csv"), *options)
    assert refused.exit_code == 1
    assert "takes no real ones" in refused.stderr
    assert info(tmp_path, "ev")["synthetic"] is True


def test_a_bad_row_publishes_nothing_and_says_which(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "id,name,lon,lat\naaa-1,站,113.96,22.54\nbbb-1,站,0,0\n", encoding="utf-8"
    )
    options = ["--dataset", "new", "--kind", "driver_home", "--datum", "wgs84", "--publish"]
    refused = nuanfeng(tmp_path, "import", str(tmp_path / "t.csv"), *options)
    assert refused.exit_code == 1
    assert "bbb-1" not in refused.stdout
    assert "0,0" in refused.stderr
    assert nuanfeng(tmp_path, "info", "--dataset", "new").exit_code == 1


def test_a_build_killed_at_any_moment_leaves_the_previous_dataset_serving(tmp_path: Path) -> None:
    assert nuanfeng(tmp_path, "build", "--places", "400", "--seed", "1").exit_code == 0
    before = info(tmp_path, "demo")["version"]
    for parts in (0, 1, 10, 30) if SOAK else (1, 30):
        command = [*COMMAND, "build", "--places", "4000", "--seed", "2"]
        build = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.DEVNULL)
        aside = tmp_path / "datasets" / "demo" / "versions" / f".unfinished-{build.pid}"
        kill_when(build.pid, lambda: len(list(aside.glob("arrays/*"))) >= parts)  # noqa: B023  # called before the loop goes on
        assert build.wait() == -signal.SIGKILL
        found = info(tmp_path, "demo")
        assert found["verified"] is True
        assert found["version"] == before
    with serving(tmp_path, "--workers", "1") as (host, port):
        assert get(host, port, "/readyz")[0] == 200


def test_a_running_server_follows_a_new_version(tmp_path: Path) -> None:
    assert nuanfeng(tmp_path, "build", "--places", "400", "--seed", "1").exit_code == 0
    with serving(tmp_path, "--workers", "2") as (host, port):
        before = get(host, port, "/readyz")[1]["dataVersion"]
        assert nuanfeng(tmp_path, "build", "--places", "400", "--seed", "2").exit_code == 0
        after = info_version(tmp_path)
        assert after != before
        until(lambda: {ready(host, port)["dataVersion"] for _ in range(8)} == {after}, after)


def ready(host: str, port: int) -> dict[str, object]:
    return get(host, port, "/readyz")[1]


def info_version(home: Path) -> str:
    from geodata.store.files import Dataset

    return Dataset(home, "demo").pointer().version


def test_a_port_in_use_is_refused_in_words(tmp_path: Path) -> None:
    assert nuanfeng(tmp_path, "build", "--places", "120").exit_code == 0
    with serving(tmp_path, "--workers", "1") as (_, port):
        second = in_a_process(tmp_path, "run", "--port", str(port))
        assert second.returncode == 1
        assert "cannot listen" in second.stderr


def test_a_network_is_built_told_and_asked_by_the_server(tmp_path: Path) -> None:
    assert nuanfeng(tmp_path, "build", "--places", "400").exit_code == 0
    extract = str(town.random_town(3).write(tmp_path / "grid.osm", (113.956, 22.532)))
    built = nuanfeng(tmp_path, "network", "build", extract, "--network", "grid")
    assert built.exit_code == 0, built.stderr
    assert "OpenStreetMap contributors" in built.stdout
    told = json.loads(nuanfeng(tmp_path, "network", "info", "--network", "grid", "--json").stdout)
    assert told["networks"] == ["grid"]
    assert told["verified"] is True
    ask = "/api/v1/nearest?lon=113.9645&lat=22.5405&by=time&mode=ride"
    with serving(tmp_path, "--network", "grid", "--workers", "2") as (host, port):
        assert {get(host, port, ask)[1]["network"]["name"] for _ in range(6)} == {"grid"}  # type: ignore[index]  # a reply in JSON
    damaged = next((tmp_path / "networks").rglob("ride_heads.npy"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    assert nuanfeng(tmp_path, "network", "info", "--network", "grid").exit_code == 1
    with serving(tmp_path, "--network", "grid", "--workers", "1") as (host, port):
        assert get(host, port, "/readyz")[1]["status"] == "degraded"
        assert get(host, port, ask)[1]["network"] is None


def test_what_is_no_extract_builds_nothing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "roads.osm").write_text("no roads", encoding="utf-8")
    refused = in_a_process(
        tmp_path, "network", "build", str(tmp_path / "roads.osm"), "--network", "grid"
    )
    assert refused.returncode == 1
    assert "cannot be read as OpenStreetMap data" in refused.stderr
    assert json.loads(nuanfeng(tmp_path, "network", "info", "--json").stdout)["networks"] == []


def test_a_worker_loads_no_frame_library(demo_home: Path) -> None:
    script = (
        "import sys; from app.factory import create_app; client = create_app().test_client();"
        " assert client.get('/api/v1/nearest?lon=113.9645&lat=22.5405&open=now').status_code =="
        " 200; assert client.get('/').status_code == 200; print([m for m in ('pandas', 'geopandas',"
        " 'pyarrow', 'holidays') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(demo_home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert found.stdout.strip() == "[]", found.stdout + found.stderr


def test_a_demo_city_that_this_program_cannot_read_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[tuple[Path, str]] = []
    monkeypatch.setattr(serve, "_build", lambda home, name: built.append((home, name)))
    for name in ("demo", "mine"):
        frozen = makers.frozen(makers.three_places())
        pointer = Dataset(tmp_path, name).publish(
            frozen.version, frozen.about, frozen.arrays, frozen.blobs
        )
        (tmp_path / "datasets" / name / "versions" / pointer.version / "manifest.json").write_bytes(
            b"{}"
        )
    assert serve._ready_dataset(Settings(tmp_path, "demo")) is not None
    with pytest.raises(NoDataset, match="no whole version"):
        serve._ready_dataset(Settings(tmp_path, "mine"))
    assert built == [(tmp_path, "demo")]
