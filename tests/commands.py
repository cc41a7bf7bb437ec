"""`nuanfeng …` as a person types it, without a process for each: Python, pandas and GDAL are loaded
once. What a process of its own decides (signals, ports, workers, the first seconds) is tested in
`tests/app/cli/test_main.py`.
"""

from pathlib import Path

from click.testing import CliRunner, Result

from app.cli.main import cli


def nuanfeng(home: Path, *arguments: str | Path, **environ: str) -> Result:
    """How the command ended and what it said, on a screen of 200 columns."""
    environment = {"NUANFENG_HOME": str(home), "COLUMNS": "200", **environ}
    return CliRunner(env=environment).invoke(cli, [*map(str, arguments)])
