"""Where things are: datums, coordinates, metres and the edge of the city.

Only numbers and outlines come in.
"""
