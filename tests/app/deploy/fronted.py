"""Debian's nginx with our configuration in front of two servers, on free ports of this machine."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.app.conftest import speak
from tests.patience import PATIENCE_S, until
from tests.written import without_clocks

ROOT: Final = Path(__file__).parents[3]
DEPLOY: Final = ROOT / "app" / "deploy"
MISSING: Final = "there is no nginx here; apt-get install nginx-light"


def program() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@dataclass
class Server:
    """`nuanfeng run` with the settings of a deployment, and what it logged."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def kill(self) -> None:
        """SIGKILL to it and its workers at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Front:
    """What stands in front, and what behind."""

    url: str
    plain_url: str
    certificate: Path
    folder: Path
    servers: list[Server] = field(default_factory=list)

    def logs(self) -> str:
        """Every byte that any of them logged, but for the instants, which hold any digits."""
        written = [*self.folder.glob("*.log"), *(server.log for server in self.servers)]
        logged = b"\n".join(without_clocks(path.read_bytes()) for path in written)
        return logged.decode(errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(home: Path, log: Path, workers: int = 1, **environ: str) -> Iterator[Server]:
    """A server that answers; it is killed at the end."""
    told = {
        **os.environ,
        "NUANFENG_HOME": str(home),
        "NUANFENG_DATASET": "demo",
        "NUANFENG_LOG_FORMAT": "json",
        "NUANFENG_TRUSTED_PROXIES": "1",
        **environ,
    }
    command = [sys.executable, "-m", "app", "run", "--port", "0", "--workers", f"{workers}"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=told,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    assert process.stdout
    try:
        said = next((line for line in process.stdout if "answers at" in line), "it said nothing")
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found, said + log.read_text()
        drain = threading.Thread(target=process.stdout.read, daemon=True)
        drain.start()
        yield Server(process, int(found[1]), log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)
        drain.join(PATIENCE_S)
        process.stdout.close()


@contextmanager
def fronted_demo(demo_home: Path, made: pytest.TempPathFactory, told: str = "") -> Iterator[Front]:
    """The same over the demo city, of which people have spoken; skipped where there is no nginx."""
    if program() is None:
        pytest.skip(MISSING)
    home = made.mktemp("fronted")
    shutil.copytree(demo_home / "datasets", home / "datasets")
    speak(home)
    with fronted(home, made.mktemp("nginx"), told) as front:
        yield front


@contextmanager
def fronted(home: Path, folder: Path, told: str = "") -> Iterator[Front]:
    """nginx in front of two servers over one home; `folder` takes what it writes, and its log has
    the lines of our configuration, or those that are `told`.
    """
    nginx = program()
    assert nginx, MISSING
    certify(folder)
    with ExitStack() as stack:
        behind = [
            stack.enter_context(server(home, folder / f"server{number}.log")) for number in (1, 2)
        ]
        plain, tls = free_port(), free_port()
        (folder / "cache").mkdir()
        text = configured(folder, plain, tls, behind)
        if told:
            text = re.sub(r"(log_format told )'[^']*'", lambda found: f"{found[1]}'{told}'", text)
        (folder / "nginx.conf").write_text(text)
        user = "user root; " if os.geteuid() == 0 else ""
        process = subprocess.Popen(
            [nginx, "-p", folder, "-c", folder / "nginx.conf", "-g", f"{user}daemon off;"]
        )
        try:
            until(lambda: _listens(tls), "nginx")
            host = "https://127.0.0.1"
            certificate = folder / "fullchain.pem"
            yield Front(f"{host}:{tls}", f"http://127.0.0.1:{plain}", certificate, folder, behind)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(PATIENCE_S)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def configured(folder: Path, plain: int, tls: int, behind: list[Server]) -> str:
    """Our nginx.conf with the addresses and files of a test, and without a limit for one client,
    who here asks for all.
    """
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        "/var/cache/nginx": f"{folder}/cache",
        "/etc/nginx/tls/": f"{folder}/",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{tls} ssl http2;",
        "        listen [::]:80;\n": "",
        "        listen [::]:443 ssl http2;\n": "",
        "app1:8000": f"127.0.0.1:{behind[0].port}",
        "app2:8000": f"127.0.0.1:{behind[1].port}",
        "rate=200r/s": "rate=100000r/s",
        "proxy_set_header Host $host;": "proxy_set_header Host $http_host;",
    }
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


def certify(folder: Path) -> None:
    """A certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "privkey.pem").write_bytes(private)
