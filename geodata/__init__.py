"""The city: places, their opening hours and the search over them. Knows nothing of the web."""
