"""The JSON API: read, ask, write."""
