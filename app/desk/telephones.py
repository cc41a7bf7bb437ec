"""Telephone numbers that a form of the desk says, as they are dialled."""

import importlib.util

from geodata.errors import BadValue
from geodata.snapshot.snapshot import Snapshot


def numbers_of(text: str, snapshot: Snapshot) -> list[str]:
    """The numbers of a text, each once, as they are dialled in the city.

    Raises BadValue where a part of it is no number.
    """
    if not text.strip():
        return []
    if importlib.util.find_spec("phonenumbers") is None:
        raise BadValue(
            "This server cannot check telephone numbers; whoever runs it installs more packages:"
            " pip install 'nuanfeng[data]'"
        )
    from geodata.sources.repairs import Dialling, phones

    city = snapshot.about.city
    found, unread = phones(text, Dialling(city.country, city.area_codes))
    if unread:
        raise BadValue("{text!r} is no telephone number.", text=unread[0][:40])
    return found
