"""`nuanfeng` and `python -m app`: sets where compiled code is cached, then hands over to the
command line.
"""

import os
import sys
from typing import Final

from app import settings
from app.maps.basemap import BadSetting

#: What `nuanfeng[data]` adds, as it is imported.
OF_DATA: Final = frozenset(
    (
        *("charset_normalizer", "geopandas", "holidays", "opencc", "osmium", "pandas"),
        *("phonenumbers", "pyarrow", "pyogrio", "pypinyin", "python_calamine", "scipy", "shapely"),
        *("tzfpy", "xlrd", "xlsxwriter"),
    )
)


def main() -> None:
    """Run the command line.

    Must come before any import of numba, which reads its cache folder once.
    """
    try:
        home = settings.home()
    except BadSetting as fault:
        from app.cli import terminal

        terminal.fail(fault)
        sys.exit(1)
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home / "cache" / "numba"))
    from app.cli.main import cli

    try:
        cli()
    except ModuleNotFoundError as fault:
        _tell_of_more(fault)


def _tell_of_more(fault: ModuleNotFoundError) -> None:
    """Say, and end, where a command wants packages that an install of the server alone lacks."""
    from app.cli import terminal
    from geodata.errors import NuanfengError

    if (fault.name or "").partition(".")[0] not in OF_DATA:
        raise fault
    terminal.fail(
        NuanfengError(
            "this wants packages that only reading tables and making datasets needs ({name}):"
            " pip install 'nuanfeng[data]'",
            name=fault.name,
        )
    )
    sys.exit(1)


if __name__ == "__main__":
    main()
