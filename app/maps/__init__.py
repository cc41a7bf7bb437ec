"""What lies beneath the places: base maps and outlines."""
