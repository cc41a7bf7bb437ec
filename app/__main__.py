"""`nuanfeng` and `python -m app`: sets where compiled code is cached, then hands over to the
command line.
"""

import os

from app import settings


def main() -> None:
    """Run the command line.

    Must come before any import of geodata: numba reads its cache folder once.
    """
    os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.home() / "cache" / "numba"))
    from app.cli.main import cli

    cli()


if __name__ == "__main__":
    main()
