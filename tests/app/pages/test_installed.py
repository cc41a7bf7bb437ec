"""What makes the page an app: the worker at the root, and the manifest."""

import json
import re
import struct
from posixpath import dirname, join, normpath

import pytest
from flask.testing import FlaskClient

from app.pages.assets import assets


def test_the_worker_is_asked_for_each_time_and_may_only_fetch(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert (
        client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    )


def test_the_worker_keeps_every_file_that_a_page_loads(client: FlaskClient) -> None:
    found = re.match(r"const shell=(\{.*\});\n", client.get("/sw.js").text)
    assert found is not None
    shell = json.loads(found[1])
    assert shell["version"] == assets().version
    assert {client.get(f"/{path}").status_code for path in shell["files"]} == {200}
    page = client.get("/").text
    loaded = set(re.findall(r"/static/[0-9a-f]+/[\w/.-]+\.(?:js|css)", page))
    imported = {
        assets().url(normpath(join(dirname(path), name)))
        for path in assets().under("js/")
        for name in re.findall(r'(?:from|import\() *"(\.{1,2}/[^"]+)"', assets().text(path))
    }
    assert loaded | imported <= {f"/{path}" for path in shell["files"]}


@pytest.mark.parametrize(("language", "name"), [("zh-CN", "暖蜂"), ("en", "Nuanfeng")])
def test_the_manifest_speaks_the_pages_language(
    client: FlaskClient, language: str, name: str
) -> None:
    link = re.search(r'<link rel="manifest" href="([^"]+)">', client.get(f"/?lang={language}").text)
    assert link is not None
    answer = client.get(link[1])
    manifest = answer.get_json(force=True)
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["lang"], manifest["short_name"], manifest["start_url"]) == (
        language,
        name,
        "/",
    )


def test_every_picture_of_the_manifest_is_as_large_as_it_says(client: FlaskClient) -> None:
    icons = client.get("/manifest.webmanifest").get_json(force=True)["icons"]
    pictures = [icon for icon in icons if icon["type"] == "image/png"]
    assert {icon["purpose"] for icon in pictures} == {"any", "maskable"}
    for icon in pictures:
        side_px, height_px = struct.unpack(">II", client.get(icon["src"]).get_data()[16:24])
        assert icon["sizes"] == f"{side_px}x{height_px}"
        assert len(client.get(icon["src"]).get_data()) < 25_000
