"""From checked tables to a published version, and from a version to files."""
