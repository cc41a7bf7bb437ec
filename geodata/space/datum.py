"""The three datums by name.

Computes nothing, so that who only names one loads no arrays and no compiler.
"""

from enum import StrEnum


class Datum(StrEnum):
    """The frame of reference that a pair of degrees is read in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
