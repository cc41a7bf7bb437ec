"""Pages for people: the map, the docs.

Every word is translated; no place text ever becomes HTML.
"""

from app.pages.routes import blueprint

__all__ = ["blueprint"]
