"""Bodies that do not come whole."""

from io import BytesIO
from typing import Any

from flask.testing import FlaskClient

from app.response.connections import AWAITED

POINTS = b"[[113.9645,22.5405]]"


def test_a_body_whose_end_did_not_come_is_refused_though_it_could_be_read(
    client: FlaskClient,
) -> None:
    answers = {}
    for announced in (len(POINTS), len(POINTS) + 1):
        answers[announced] = client.post(
            "/api/v1/nearest/batch",
            input_stream=BytesIO(POINTS),
            content_type="application/json",
            # as granian has it: it takes a broken connection for the end
            environ_overrides={
                "CONTENT_LENGTH": str(announced),
                "wsgi.input_terminated": True,
                "REMOTE_ADDR": "192.0.2.77",
            },
        ).status_code
    assert answers == {len(POINTS): 200, len(POINTS) + 1: 400}


def test_a_body_is_awaited_while_it_is_read(client: FlaskClient) -> None:
    seen: list[float] = []

    class Noticing(BytesIO):
        def readinto(self, buffer: Any) -> int:
            seen.append(AWAITED.longest_s(1e12))
            return super().readinto(buffer)

    client.post(
        "/api/v1/nearest/batch",
        input_stream=Noticing(POINTS),
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(len(POINTS)), "REMOTE_ADDR": "192.0.2.78"},
    )
    assert seen
    assert all(seen)
    assert AWAITED.longest_s(1e12) == 0
