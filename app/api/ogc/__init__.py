"""OGC API – Features, Part 1 (17-069r4): the city as collections that QGIS, GDAL and OWSLib open.

Read-only.
"""
