"""The base map of a city, made from an extract of OpenStreetMap and kept as one file of tiles."""
