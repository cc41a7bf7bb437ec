"""Every setting of the environment: what it may say, and a sentence where it may not."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import settings
from app.cli.main import cli
from app.factory import create_app
from app.maps.basemap import BadSetting
from app.settings import OWN_PATHS, Settings, is_prefix, read

ROOT = Path(__file__).parents[2]
#: Of each setting what is not taken. Empty values and blanks are: they are as good as none.
REFUSED = {
    # One of three is half a provider; whole ones are tried in tests/app/desk.
    "NUANFENG_SSO_ISSUER": ["https://login.example.org", "login"],
    "NUANFENG_SSO_CLIENT": ["desk"],
    "NUANFENG_SSO_SECRET": ["hush"],
    "NUANFENG_HOME": ["~nobody-of-this-name/data"],
    "NUANFENG_DATASET": ["../demo", "a/b", "Demo", "演示"],
    "NUANFENG_NETWORK": ["../demo", "a/b", "Demo"],
    "NUANFENG_TRUSTED_HOSTS": [
        "https://map.example.org", "map.example.org/", "*", "*.example.org", "a..b", "..", ".",
        "a b", "a.org;b.org", "[::1]", "-a.org", "a-.org", "user@a.org", "a.org:x", "长" * 80,
    ],
    "NUANFENG_TRUSTED_PROXIES": ["one", "-1", "1.0", "1e1", "０", "0x1", "101", "9" * 5_000, "1 2"],
    "NUANFENG_POSTS_PER_HOUR": ["many", "-1", "0.5", "inf", "٣", "1_000", "1,000", "1000001", "+5"],
    "NUANFENG_REPORTS_PER_HOUR": ["-1", "1e3"],
    "NUANFENG_REPORTS_PER_PLACE": ["few"],
    "NUANFENG_WISHES_PER_HOUR": ["1000001"],
    "NUANFENG_LETTERS_PER_HOUR": ["０"],
    "NUANFENG_VOICE_URL": ["sqlite:///voice.db"],
    "NUANFENG_MAX_WORKER_MB": ["much", "-1", "2.5", "1000001"],
    "NUANFENG_MAX_CONCURRENT": ["many", "0", "00", "-3", "2.5", "nan", "６４", "1001", "9" * 5_000],
    "NUANFENG_BASEMAP": ["yes", "tianditu", "http://", "ftp://a/{z}/{x}/{y}|wgs84", "0", "-1"],
    "NUANFENG_MAP_APPROVAL": ["yes", "审图号", "GS(2026)1号" * 10],
    "NUANFENG_DATABASE_URL": ["0", "-1", "mysql://a/b", "/var/lib/city.db"],
    "NUANFENG_ANSWERERS": ["a" * 61, "a\tb"],
    "NUANFENG_PREFIX": [
        "nuanfeng", "//evil.example", "/a//b", "/a b", "/..", "/暖蜂", "/a?b", "/desk", "/api/v1/",
    ],
    "NUANFENG_LOG_FORMAT": ["xml", "json lines"],
    "NUANFENG_LOG_LEVEL": ["loud", "5"],
    "NUANFENG_METRICS_TOKEN": ["short", "with a blank in between", "长" * 20],
    "NUANFENG_SERVER_METRICS_PORT": ["65536", "-1"],
}  # fmt: skip
TAKEN = {
    "NUANFENG_DATASET": {"demo": ("dataset", "demo")},
    "NUANFENG_NETWORK": {"shenzhen": ("network", "shenzhen")},
    "NUANFENG_TRUSTED_HOSTS": {
        "Map.Example.org, .example.com,": ("trusted_hosts", ("map.example.org", ".example.com")),
        "192.0.2.7:8000": ("trusted_hosts", ("192.0.2.7",)),
        "map.例子.测试": ("trusted_hosts", ("map.xn--fsqu00a.xn--0zwm56d",)),
        " , ": ("trusted_hosts", ()),
    },
    "NUANFENG_TRUSTED_PROXIES": {"0": ("trusted_proxies", 0), " 2 ": ("trusted_proxies", 2)},
    "NUANFENG_POSTS_PER_HOUR": {"0": ("posts_per_hour", 0), "07": ("posts_per_hour", 7)},
    "NUANFENG_REPORTS_PER_HOUR": {"0": ("reports_per_hour", 0), "9": ("reports_per_hour", 9)},
    "NUANFENG_REPORTS_PER_PLACE": {"40": ("reports_per_place", 40)},
    "NUANFENG_WISHES_PER_HOUR": {"8": ("wishes_per_hour", 8)},
    "NUANFENG_LETTERS_PER_HOUR": {"1": ("letters_per_hour", 1)},
    "NUANFENG_KEYS": {" /srv/keys ": ("keys", Path("/srv/keys"))},
    "NUANFENG_MAX_WORKER_MB": {"0": ("max_worker_mb", 0), "900": ("max_worker_mb", 900)},
    "NUANFENG_MAX_CONCURRENT": {"1": ("max_concurrent", 1), "1000": ("max_concurrent", 1000)},
    "NUANFENG_BASEMAP": {"none": ("own_ground", False), " ground ": ("own_ground", True)},
    "NUANFENG_MAP_APPROVAL": {" GS粤(2026)123号 ": ("map_approval", "GS粤(2026)123号")},
    "NUANFENG_ANSWERERS": {" 市总工会书记信箱 ": ("answerers", "市总工会书记信箱")},
    "NUANFENG_TIANDITU_TOKEN": {"unused": ("base_map", None)},
    "NUANFENG_PREFIX": {"/": ("prefix", ""), "/a/b-c/": ("prefix", "/a/b-c")},
    "NUANFENG_LOG_FORMAT": {"JSON": ("log_level", "info"), "text": ("log_level", "warning")},
    "NUANFENG_LOG_LEVEL": {"debug": ("log_level", "debug")},
    "NUANFENG_METRICS_TOKEN": {"0123456789abcdef": ("metrics_token", "0123456789abcdef")},
    "NUANFENG_SERVER_METRICS_PORT": {"9090": ("server_metrics_port", 9090)},
}
EVERY_REFUSED = [(name, value) for name, values in REFUSED.items() for value in values]
EVERY_TAKEN = [(name, value) for name, values in TAKEN.items() for value in values]


def names_in_sources() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    return set(re.findall(r"NUANFENG_[A-Z_]+[A-Z]", text))


def test_the_tables_name_every_setting_that_the_sources_read() -> None:
    assert names_in_sources() == {*REFUSED, *TAKEN}


@pytest.mark.parametrize(("name", "value"), EVERY_REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence_before_anything_is_served(
    name: str, value: str, demo_home: Path
) -> None:
    environ = {"NUANFENG_HOME": str(demo_home), "NUANFENG_NETWORK": "", name: value}
    told = CliRunner().invoke(cli, ["run", "--port", "0"], env=environ)
    assert (told.exit_code, told.exc_info and told.exc_info[0]) == (1, SystemExit)
    said = " ".join(told.stderr.split())
    assert said.startswith("nuanfeng: ")
    assert len(said) < 600
    assert name in said or value[:40] in said


@pytest.mark.parametrize(("name", "value"), EVERY_TAKEN)
def test_what_can_be_used_is_read_and_makes_a_server_that_answers(
    name: str, value: str, demo_home: Path
) -> None:
    field, wanted = TAKEN[name][value]
    chosen = settings.read({"NUANFENG_HOME": str(demo_home), name: value})
    assert getattr(chosen, field) == wanted
    hosts = [host.lstrip(".") for host in chosen.trusted_hosts] or ["any.example"]
    client = create_app(chosen).test_client()
    for host in hosts:
        assert client.get("/api/v1/pack", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("name", sorted({*REFUSED, *TAKEN}))
@pytest.mark.parametrize("nothing", ["", " ", "\t"])
def test_what_is_empty_is_not_set(name: str, nothing: str) -> None:
    assert settings.read({name: nothing}) == settings.read({})


def test_a_password_is_in_no_sentence() -> None:
    with pytest.raises(BadSetting) as refused:
        settings.read({"NUANFENG_DATABASE_URL": "mysql://user:secret@host/name"})
    assert "secret" not in str(refused.value)


def test_a_home_that_nobody_has_is_a_sentence_at_every_door(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "app", "info"],
        cwd=ROOT,
        env={"PATH": "", "NUANFENG_HOME": "~nobody-of-this-name/data"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("nuanfeng: NUANFENG_HOME is '~nobody-of-this-name/data'")
    assert len(told.stderr.splitlines()) == 1


OPTIONS = [
    ("--port", "-1"), ("--port", "65536"), ("--port", "http"), ("--port", ""), ("--workers", "0"),
    ("--workers", "-2"), ("--workers", "65"), ("--workers", "two"), ("--workers", ""),
    ("--host", ""), ("--host", " "), ("--host", "no such host"), ("--host", "192.0.2.1"),
    ("--dataset", "../x"), ("--network", "../x"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_an_option_that_cannot_be_used_is_a_sentence(
    option: str, value: str, demo_home: Path
) -> None:
    told = CliRunner().invoke(
        cli, ["run", "--port", "0", option, value], env={"NUANFENG_HOME": str(demo_home)}
    )
    assert told.exit_code in (1, 2)
    assert told.exc_info is not None
    assert told.exc_info[0] is SystemExit
    assert told.stderr.strip()


SECRETS = ("NUANFENG_DATABASE_URL", "NUANFENG_VOICE_URL", "NUANFENG_TIANDITU_TOKEN")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file_and_is_told_nowhere(name: str, tmp_path: Path) -> None:
    told = {"NUANFENG_DATABASE_URL": "database_url", "NUANFENG_VOICE_URL": "voice_url"}
    secret = "postgresql://owner:s3cret@host/name" if name in told else "0123456789abcdef" * 2
    (tmp_path / "secret").write_text(f"{secret}\n", encoding="utf-8")
    stated = {f"{name}_FILE": str(tmp_path / "secret")}
    if name in told:
        assert getattr(settings.read(stated), told[name]) == secret
    else:
        tianditu = settings.read({**stated, "NUANFENG_BASEMAP": "tianditu"})
        assert tianditu.base_map is not None
        assert secret in tianditu.base_map.urls[0]
    (tmp_path / "latin").write_bytes("münchen".encode("latin-1"))
    (tmp_path / "empty").write_text(" \n", encoding="utf-8")
    for path in ("missing", "latin", "empty", ""):
        with pytest.raises(BadSetting, match="no text that can be read"):
            settings.read({f"{name}_FILE": str(tmp_path / path)})
    with pytest.raises(BadSetting, match="both set") as both:
        settings.read({**stated, name: secret})
    assert secret not in str(both.value)


def test_settings_are_frozen_and_default_to_what_their_documentation_says() -> None:
    default = settings.read({"NUANFENG_HOME": "here"})
    assert default == Settings(Path("here"), "demo")


def test_nothing_is_mounted_under_a_path_of_ours(demo_home: Path) -> None:
    app = create_app(Settings(demo_home, "demo"))
    begins = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}
    assert begins == OWN_PATHS
    for own in OWN_PATHS:
        with pytest.raises(BadSetting, match="pages of ours begin so"):
            read({"NUANFENG_PREFIX": f"/{own}/here"})
        assert not is_prefix(f"/{own}")
