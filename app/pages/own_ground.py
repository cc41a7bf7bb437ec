"""The base map of our own, where it may be shown to who asks."""

from flask import request

from app.live.current import Live
from app.maps.ground import GroundMap, is_own_machine, may_show


def own_ground(live: Live, approval: str) -> GroundMap | None:
    """That of the dataset; None: there is none, or this asker is not shown it."""
    ground = live.ground.current()
    return GroundMap.of(ground, approval) if ground and may_show_ground(live, approval) else None


def may_show_ground(live: Live, approval: str) -> bool:
    """Whether who asks now may be shown it: in mainland China it needs an approval."""
    is_forwarded = not {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"}.isdisjoint(request.environ)
    is_own = is_own_machine(request.host, request.remote_addr, is_forwarded=is_forwarded)
    return may_show(live.snapshot().about.city.country, approval, is_own_machine=is_own)
