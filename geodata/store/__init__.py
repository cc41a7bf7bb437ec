"""Dataset versions: published whole or not at all, verified when read, rolled back by name."""
