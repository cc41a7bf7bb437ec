"""Bounds of a request that hold whatever it asks."""

from typing import Final

#: Of any body; posts of voice are shorter (voice/posting).
MOST_BODY_BYTES: Final = 1_000_000
#: The first line of a request with all of its headers.
MOST_HEAD_BYTES: Final = 65_536
#: Until they are there, and between two requests of a connection.
HEAD_WITHIN_S: Final = 30
#: The fields of a form.
MOST_FIELDS: Final = 50
#: The same of who is signed in at the desk: each line of a list that can be ticked is one.
MOST_DESK_FIELDS: Final = 10_000
#: For requests that are under way a worker that is told to end has so long.
DRAINED_WITHIN_S: Final = 10
#: Open to one worker; the next waits in the kernel until one of them is closed.
MOST_CONNECTIONS: Final = 2_048
