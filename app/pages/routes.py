"""The pages' views: read, ask, write."""

from flask import Blueprint

from app.live import Live


def blueprint(live: Live) -> Blueprint:
    """All pages over one live dataset."""
    return Blueprint("pages", __name__)
