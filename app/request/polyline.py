"""Encoded polylines (Google's algorithm, precision 5): text becomes degrees.

Strict: what is cut short is refused.
"""

from typing import Final

#: Letters stand for five bits and a sign that more follow, from here on in ASCII.
_FIRST: Final = 63
_UNITS_PER_DEGREE: Final = 1e5


def decode(text: str) -> list[tuple[float, float]]:
    """lon, lat in degrees of every point, in order.

    ValueError for foreign letters, and where the end is missing.
    """
    numbers = _numbers(text)
    if len(numbers) % 2:
        raise ValueError("a latitude without its longitude")
    points, lat, lon = [], 0, 0
    for north, east in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + north, lon + east
        points.append((lon / _UNITS_PER_DEGREE, lat / _UNITS_PER_DEGREE))
    return points


def _numbers(text: str) -> list[int]:
    numbers, bits, shift = [], 0, 0
    for letter in text:
        five = ord(letter) - _FIRST
        if not 0 <= five < 64 or shift > 30:
            raise ValueError("not a letter of an encoded polyline")
        bits |= (five & 31) << shift
        shift += 5
        if five < 32:
            numbers.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits, shift = 0, 0
    if shift:
        raise ValueError("the end is missing")
    return numbers
