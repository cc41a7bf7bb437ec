"""Layers of outlines: from files to named, mended rings."""
