"""A server that is told to stop answers what it has begun, and takes nothing new."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.patience import PATIENCE_S
from tests.served import ROOT

BODY = b"[[113.9645,22.5405],[113.97,22.55]]"


def test_what_is_under_way_is_answered_when_the_server_is_stopped(demo_home: Path) -> None:
    command = [sys.executable, "-m", "app", "run", "--port", "0", "--workers", "2"]
    told = {**os.environ, "NUANFENG_HOME": str(demo_home)}
    with subprocess.Popen(
        command, cwd=ROOT, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = next(
            found[0] for line in server.stdout if (found := re.search(r"http://[0-9.:]+", line))
        )
        port = urlsplit(address).port
        assert port is not None
        under_way = [socket.create_connection(("127.0.0.1", port), PATIENCE_S) for _ in range(8)]
        head = f"POST /api/v1/nearest/batch HTTP/1.1\r\nHost: {address[7:]}\r\n"
        head += "Content-Type: application/json\r\nExpect: 100-continue\r\n"
        for one in under_way:
            one.sendall(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode())
        for one in under_way:  # the view reads the body by now
            assert one.recv(100).startswith(b"HTTP/1.1 100 ")
        halves = [socket.create_connection(("127.0.0.1", port), PATIENCE_S) for _ in range(4)]
        for one in halves:  # which never send the rest
            one.sendall(f"{head}Content-Length: 1000\r\n\r\n".encode())
            assert one.recv(100).startswith(b"HTTP/1.1 100 ")
            one.sendall(BODY)
        server.send_signal(signal.SIGTERM)
        for one in under_way:
            one.sendall(BODY)
        replies = [read(one) for one in under_way]
        assert [reply.split(b" ")[1] for reply in replies] == [b"200"] * len(under_way)
        assert all(reply.endswith(b"\r\n0\r\n\r\n") for reply in replies)
        assert [ended(one) for one in halves] == [True] * len(halves)
        assert server.wait(PATIENCE_S) == 0
        assert server.stderr is not None
        said = server.stderr.read()
        assert "Killing" not in said, said
        assert "Traceback" not in said, said
        for one in (*under_way, *halves):
            one.close()


def ended(one: socket.socket) -> bool:
    """Whether the server closes a connection without an answer."""
    try:
        return not one.recv(100)
    except ConnectionResetError:
        return True


def read(one: socket.socket) -> bytes:
    """A reply to its end, or to the end of the connection."""
    got = b""
    while not got.endswith(b"\r\n0\r\n\r\n"):
        piece = one.recv(65_536)
        if not piece:
            break
        got += piece
    return got
