"""The spatial index: a k-d tree over points and lines, asked by distance, filter and detour."""
