"""All that `nuanfeng doctor` looks at, in the order in which it is told."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from app import settings
from app.maps.basemap import BadSetting
from app.ops import home_checks, server_checks, voice_checks
from app.ops.findings import Finding, Situation, broken
from geodata.errors import NuanfengError
from geodata.store.files import networks

Check = Callable[[Situation], Iterator[Finding]]
CHECKS: Final[tuple[Check, ...]] = (
    server_checks.unknown_settings,
    home_checks.home,
    home_checks.inodes,
    home_checks.dataset,
    home_checks.network,
    home_checks.ground,
    home_checks.ground_there,
    home_checks.data_age,
    home_checks.calendar,
    home_checks.clock,
    voice_checks.said,
    voice_checks.shared,
    home_checks.backups,
    home_checks.leftovers,
    home_checks.kernels,
    server_checks.port,
    server_checks.versions,
    server_checks.hosts,
    server_checks.local_hosts,
    server_checks.proxies,
    server_checks.secrets,
    server_checks.approval,
    server_checks.answerers,
    server_checks.fonts,
    server_checks.scripts,
    server_checks.files,
)


def examine(
    now: datetime,
    host: str,
    port: int,
    dataset: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """All findings about a server as the environment would have it; of settings that cannot be
    read only that.
    """
    try:
        chosen = settings.read(environ)
        chosen = replace(chosen, dataset=dataset or chosen.dataset)
        if chosen.network is None and chosen.dataset in networks(chosen.home):
            chosen = replace(chosen, network=chosen.dataset)
        at = Situation(chosen, environ, now, host, port)
        at.dataset  # noqa: B018  # a name that is none is refused here
    except BadSetting as refused:
        name = str(refused).partition(" ")[0]
        mend = f"unset {name}" if name.startswith("NUANFENG_") else "env | grep NUANFENG_"
        return [broken("setting-bad", mend, refused)]
    except NuanfengError as refused:
        return [broken("setting-bad", "unset NUANFENG_DATASET", refused)]
    return [finding for check in CHECKS for finding in check(at)]
