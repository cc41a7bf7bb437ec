"""Headings of written tables: English keys, or the words of the language that --lang states."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final, ParamSpec

from app.cli import terminal
from app.words import Language
from geodata.errors import Said

P = ParamSpec("P")

#: Columns of the tables that `coverage` and `site` write.
HEADINGS: Final[Mapping[str, Said]] = {
    "area": Said("area"),
    "area_en": Said("area in English"),
    "district": Said("district"),
    "street": Said("street office"),
    "approximate": Said("outline drawn by us"),
    "day": Said("kind of day"),
    "date": Said("date"),
    "hour": Said("hour"),
    "points": Said("points"),
    "points_outside": Said("points outside"),
    "points_off_road": Said("points on no road"),
    "points_left_out": Said("points left out"),
    "left_out": Said("left out, points"),
    "weight": Said("weight"),
    "open": Said("weight with an open place"),
    "unknown": Said("weight with unknown hours"),
    "closed": Said("weight with closed places only"),
    "none": Said("weight with no place"),
    "share_open": Said("share open"),
    "share_unknown": Said("share with unknown hours"),
    "share_closed": Said("share with closed places only"),
    "share_none": Said("share with no place"),
    "share_open_low": Said("share open, from"),
    "share_open_high": Said("share open, to"),
    "share_open_spread": Said("share open, spread over squares"),
    "at": Said("judged at"),
    "reach_kind": Said("kind of reach"),
    "reach_m": Said("reach in metres"),
    "reach": Said("reach"),
    "minutes": Said("minutes"),
    "mode": Said("mode"),
    "network": Said("network"),
    "engine": Said("engine"),
    "data_timestamp": Said("roads as of"),
    "synthetic": Said("made up"),
    "point_row": Said("row of the point"),
    "standing": Said("standing"),
    "nearest_id": Said("nearest place"),
    "nearest_m": Said("metres to the nearest"),
    "nearest_open_m": Said("metres to the nearest open"),
    "nearest_s": Said("seconds to the nearest"),
    "nearest_open_s": Said("seconds to the nearest open"),
    "need": Said("need"),
    "before": Said("weight before"),
    "after": Said("weight after"),
    "gained": Said("weight gained"),
    "lost": Said("weight lost"),
    "share_before": Said("share before"),
    "share_after": Said("share after"),
    "share_gained": Said("share gained"),
    "share_lost": Said("share lost"),
    "figure": Said("figure"),
    "value": Said("value"),
    "low": Said("lower end"),
    "high": Said("upper end"),
    "group": Said("group"),
    "draws": Said("draws"),
    "level": Said("level of the interval"),
    "seed": Said("seed"),
    "order": Said("order"),
    "site_id": Said("site"),
    "where": Said("where"),
    "gain": Said("gain"),
    "gain_share": Said("share gained here"),
    "reached_share": Said("reached so far"),
    "only_here": Said("reached only here"),
    "when": Said("when"),
    "reason": Said("why"),
    "lon": Said("longitude"),
    "lat": Said("latitude"),
    "reached_before": Said("reached before"),
    "reached_after": Said("reached after"),
    "by_site": Said("by which site"),
    "chosen_in_draws": Said("chosen in draws"),
    "in_robust": Said("in the choice that regrets least"),
    "cost": Said("cost"),
    "plan": Said("plan"),
    "p": Said("number of sites"),
    "share": Said("within reach"),
    "share_low": Said("within reach, from"),
    "share_high": Said("within reach, to"),
    "gap": Said("at most from the best"),
    "way": Said("mean way"),
    "size_m": Said("square in metres"),
}


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """With `--lang zh` a command's CSVs and workbooks have Chinese headings.

    Parquet and GeoJSON keep the keys: programs read them.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if terminal.stated_language() is not Language.CHINESE:
            command(*args, **kwargs)
            return
        from geodata.analysis.tables import headed

        with headed(lambda name: terminal.spoken(HEADINGS.get(name, name))):
            command(*args, **kwargs)

    return run
