"""`nuanfeng` and `python -m app`: sets where compiled code is cached, then hands over to the
command line.
"""

import os
import sys

from app import settings
from app.maps.basemap import BadSetting


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

    cli()


if __name__ == "__main__":
    main()
