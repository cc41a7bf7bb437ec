"""The files of a deployment: they are read by the programs that they are for, where those are here,
and name nothing that there is not.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import settings
from app.cli.main import cli
from tests.app.deploy.fronted import DEPLOY, ROOT, certify, program

ALERTS: Final = Path(__file__).parent / "alerts_test.yml"
#: Prometheus' own.
OWN: Final = {"up"}
#: As promtool and systemd name what is missing.
NO_PROMTOOL: Final = "there is no promtool here; apt-get install prometheus"
NO_SYSTEMD: Final = "there is no systemd-analyze here; apt-get install systemd"
WORST_EXPOSURE: Final = 2.0


def promtool(*words: str | Path, cwd: Path) -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip(NO_PROMTOOL)
    told = subprocess.run([found, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def exposed(client: FlaskClient) -> dict[str, Any]:
    """What /metrics tells, by the names of its samples and families."""
    client.get("/api/v1/nearest?lon=113.9645&lat=22.5405")
    client.get("/api/v1/nearest?lon=x")
    told: dict[str, Any] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        told[family.name] = family
        told |= {sample.name: sample for sample in family.samples}
        if family.type == "counter":
            told[f"{family.name}_total"] = family
    return told


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def metrics_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:nuanfeng_\w+|up)\b", expression))


def panels() -> Iterator[tuple[str, str]]:
    board = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def test_every_metric_of_the_alerts_and_the_dashboard_is_exposed(client: FlaskClient) -> None:
    there = exposed(client).keys() | OWN
    named = {name for rule in rules() for name in metrics_in(rule["expr"])}
    drawn = {name for _, expression in panels() for name in metrics_in(expression)}
    assert named | drawn <= there
    ours = {name for name, found in exposed(client).items() if hasattr(found, "type")}
    families = {name.removesuffix("_total") for name in ours}
    shown = {re.sub(r"_(total|bucket|sum|count|info)$", "", name) for name in drawn}
    assert families <= shown


def test_every_alert_fires_on_recorded_figures_and_none_where_all_is_well(tmp_path: Path) -> None:
    shutil.copy(ALERTS, tmp_path / "alerts_test.yml")
    shutil.copy(DEPLOY / "alerts.yml", tmp_path / "alerts.yml")
    fired = [
        each["alertname"]
        for test in yaml.safe_load(ALERTS.read_text("utf-8"))["tests"]
        for each in test["alert_rule_test"]
        if each["exp_alerts"]
    ]
    assert sorted(fired) == sorted(rule["alert"] for rule in rules())
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yml", cwd=tmp_path)


def test_what_prometheus_is_told_can_be_read(tmp_path: Path) -> None:
    for name in ("prometheus.yml", "alerts.yml"):
        shutil.copy(DEPLOY / name, tmp_path / name)
    (tmp_path / "metrics-token").write_text("0123456789abcdef", encoding="ascii")
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml", cwd=tmp_path)


def test_what_is_exposed_is_what_prometheus_takes(client: FlaskClient, tmp_path: Path) -> None:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip(NO_PROMTOOL)
    told = subprocess.run(
        [found, "check", "metrics"],
        input=client.get("/metrics").data,
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_service_is_one_that_systemd_takes_and_is_sandboxed(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip(NO_SYSTEMD)
    text = (DEPLOY / "nuanfeng.service").read_text("utf-8")
    unit = tmp_path / "nuanfeng.service"
    program_here = ROOT / ".venv" / "bin" / "nuanfeng"
    unit.write_text(text.replace("/opt/nuanfeng/bin/nuanfeng", str(program_here)))
    told = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    scored = subprocess.run(
        [analyze, "security", "--offline=true", unit], capture_output=True, text=True, check=False
    )
    score = re.search(r"exposure level for \S+: ([0-9.]+)", scored.stdout)
    assert score, scored.stdout + scored.stderr
    assert float(score[1]) <= WORST_EXPOSURE
    assert "MemoryDenyWriteExecute=yes" not in text  # numba compiles at run time


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    found = program()
    if found is None:
        pytest.skip("there is no nginx here; apt-get install nginx-light")
    certify(tmp_path)
    (tmp_path / "cache").mkdir()
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    changes = {
        "/run/nginx.pid": f"{tmp_path}/pid",
        "/var/log/nginx": str(tmp_path),
        "/var/cache/nginx": f"{tmp_path}/cache",
        "/etc/nginx/tls": str(tmp_path),
        "app1": "127.0.0.1",
        "app2": "127.0.0.1",
    }
    for before, after in changes.items():
        text = text.replace(before, after)
    (tmp_path / "nginx.conf").write_text(text)
    asked = [found, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\bNUANFENG_[A-Z_]+\b", text))


@pytest.mark.parametrize("name", ["compose.yaml", "Dockerfile", "nuanfeng.service", "nuanfeng.env"])
def test_no_file_states_a_setting_that_there_is_not(name: str) -> None:
    named = settings_in((DEPLOY / name).read_text("utf-8"))
    assert named
    assert named - {"NUANFENG_HOST"} <= settings.names()  # compose's own: the name of the host


def test_containers_are_read_only_and_nothing_but_nginx_is_open() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    for name in ("app1", "app2"):
        app = services[name]
        assert app["read_only"] is True
        assert app["cap_drop"] == ["ALL"]
        assert app["environment"]["NUANFENG_TRUSTED_HOSTS"].startswith("${NUANFENG_HOST:?")
        assert app["environment"]["NUANFENG_TRUSTED_PROXIES"] == "1"
        assert "ports" not in app
    opened = {name: app["ports"] for name, app in services.items() if "ports" in app}
    assert opened.pop("nginx") == ["80:80", "443:443"]
    assert all(port.startswith("127.0.0.1:") for ports in opened.values() for port in ports)


def test_the_image_is_made_of_what_there_is_and_runs_as_nobody() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    copied = [
        line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line
    ]
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path
    assert sum(line.startswith("FROM ") for line in lines) == 2
    last = max(at for at, line in enumerate(lines) if line.startswith("FROM "))
    assert "USER 10001" in lines[last:]
    (command,) = (json.loads(line[4:]) for line in lines if line.startswith("CMD "))
    run = cli.commands["run"]
    known = {name for each in run.params for name in each.opts}
    assert {word for word in command if word.startswith("--")} <= known
