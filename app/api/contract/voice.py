"""What riders post, for the OpenAPI document."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.api.contract import voice_shapes
from app.request import directory, letters, said
from app.response import problems
from app.response.former import Vanished
from app.response.headers import JSON
from app.response.refusals import (
    CrossSite,
    Hot,
    KeyReused,
    NoSuchLetter,
    NoSuchReport,
    NotNow,
    Spent,
    TakesNoLetters,
    TooLate,
)
from geodata.errors import NoSuchPlace, StoreError


@dataclass(frozen=True, slots=True)
class Post:
    """One thing that is sent: what it takes, what it answers, what it refuses."""

    path: str
    name: str
    summary: str
    description: str
    body: type[msgspec.Struct] | None
    example: dict[str, Any]
    answer: type[msgspec.Struct] | None
    status: int
    refuses: tuple[type[Exception], ...] = ()
    method: str = "post"

    @property
    def reply(self) -> dict[str, Any] | None:
        """An example of the answer; None where there is nothing in it."""
        return _REPLIES.get(self.name)


_LETTER: Final = {
    "id": "l-00112233445566ff",
    "category": "station",
    "street": "",
    "received_at": "2026-11-30T02:05:00Z",
    "due_on": "2026-12-07",
    "synthetic": True,
}
#: By the name of what is sent: what the example of its body is answered.
_REPLIES: Final[dict[str, dict[str, Any]]] = {
    "report": {
        "id": "r-00112233445566ff",
        "place": "st-00412",
        "type": "closed",
        "seen_at": "2026-11-30T02:05:00Z",
        "expires": "2026-11-30T05:05:00Z",
        "present": False,
        "withdraw_until": "2026-11-30T02:15:00Z",
    },
    "plate": {"place": "st-00412", "ticket": None, "expires": None},
    "wish": {
        "id": "w-00112233445566ff",
        "cell": "ws105r",
        "needs": ["water"],
        "mode": "ride",
        "hour": None,
        "received_at": "2026-11-30T02:05:00Z",
    },
    "writeLetter": _LETTER,
    "openLetter": {
        **_LETTER,
        "place": "",
        "state": "received",
        "since": "2026-11-30T02:05:00Z",
        "urgency": "in_time",
        "silent_at": None,
        "reopened": 0,
        "text": "热水器坏了三天。",
        "where": None,
        "pin": "",
        "may": ["withdrawn"],
        "told": [],
    },
    "sayOfLetter": {"state": "withdrawn", "since": "2026-11-30T02:20:00Z"},
}


#: What any post may meet.
_ANY: Final = (problems.BadParameters, CrossSite, KeyReused, StoreError, problems.Busy)

POSTS: Final = (
    Post(
        "/api/v1/places/{place_id}/reports",
        "report",
        "Say what is so at a place",
        "Two riders, or one whose ticket proves that they stand there, and it has an effect:"
        " closed, full and no_entry fail open=now and at_arrival; open lets unknown hours pass;"
        " no_water and no_power take needs away. A contrary report halves what is left of it. The"
        " same key with the same body is answered again and kept once. Of much at once about one"
        " place each report wants a proof of work (429 with a challenge).",
        said.ReportPost,
        {"type": "closed"},
        voice_shapes.ReportKept,
        201,
        (*_ANY, NoSuchPlace, Vanished, Spent, Hot),
    ),
    Post(
        "/api/v1/reports/{report_id}",
        "withdraw",
        "Take a report back",
        "Within 10 minutes, under the Idempotency-Key that it was sent with. Once more changes"
        " nothing.",
        None,
        {},
        None,
        204,
        (*(each for each in _ANY if each is not KeyReused), NoSuchReport, TooLate),
        "delete",
    ),
    Post(
        "/api/v1/plates",
        "plate",
        "Prove that one stands at a door",
        "What stands behind #k= in the code of a signed plate, for a ticket that holds for a"
        " quarter of an hour. Key and place never change, so a photograph of a plate is worth as"
        " much as the plate.",
        said.PlatePost,
        {"place": "st-00412", "token": "1-AAAAAAAAAAAAAAAAAAAAAA"},
        voice_shapes.TicketGiven,
        200,
        (*_ANY, Spent),
    ),
    Post(
        "/api/v1/wishes",
        "wish",
        "Wish for a place",
        "In an area of 1.2 by 0.6 km. How many wish there, and for what, is told from three on.",
        directory.WishPost,
        {"cell": "ws105r", "needs": ["water"], "mode": "ride"},
        directory.WishTaken,
        201,
        (*_ANY, Spent),
    ),
    Post(
        "/api/v1/letters",
        "writeLetter",
        "Write a letter",
        "To a street office, or to the city's answerers. Its text is read by who answers and by who"
        " has the receipt; category, office and dates are counted in public.",
        letters.LetterPost,
        {"category": "station", "text": "热水器坏了三天。", "receipt": "7Z3K-9QXM-2B8T-WEHC"},
        voice_shapes.LetterTaken,
        201,
        (*_ANY, NoSuchPlace, Vanished, Spent, TakesNoLetters),
    ),
    Post(
        "/api/v1/letters/status",
        "openLetter",
        "Open a letter",
        "By its receipt, with its answers. After ten wrong ones an hour a network is no longer"
        " heard. Nothing is written: the Idempotency-Key says nothing here.",
        letters.StatusPost,
        {"receipt": "7Z3K-9QXM-2B8T-WEHC"},
        voice_shapes.OwnLetter,
        200,
        (*(each for each in _ANY if each is not KeyReused), NoSuchLetter, Spent),
    ),
    Post(
        "/api/v1/letters/words",
        "sayOfLetter",
        "Say what became of a letter",
        "Solved, not solved (it is open again, and its clock goes on), or taken back: then its text"
        " is destroyed.",
        letters.WordPost,
        {"receipt": "7Z3K-9QXM-2B8T-WEHC", "says": "withdrawn"},
        voice_shapes.LetterEnded,
        200,
        (*_ANY, NoSuchLetter, NotNow, Spent),
    ),
)
#: Headers that every post wants.
HEADERS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": (
            "A new random key for each thing that is sent, such as a UUID; kept for 7 days as a"
            " hash."
        ),
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:+/=-]{16,64}$"},
        "example": "0b6e8f4c-6c1d-4f0e-9a53-0d6e7a1c2b3f",
    },
    {
        "name": "Sec-Fetch-Site",
        "in": "header",
        "required": True,
        "description": "As browsers send it from our own pages; without it, Origin must be ours.",
        "schema": {"type": "string", "enum": ["same-origin", "none"]},
        "example": "same-origin",
    },
)


def body(post: Post, ref: str) -> dict[str, Any]:
    """What is sent, as OpenAPI's requestBody; nothing where nothing is."""
    if post.body is None:
        return {}
    schema = {"$ref": ref.format(name=post.body.__name__)}
    content = {JSON: {"schema": schema, "example": post.example}}
    return {"requestBody": {"required": True, "content": content}}
