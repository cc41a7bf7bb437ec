"""Whether the holidays that should be known by now are, and in words what to do where they are not.

Reads the years that an operator loaded; loads none.
"""

from datetime import date
from pathlib import Path

from app.words import Language, say, translated
from geodata.errors import StoreError
from geodata.hours.calendar import CHINA, missing_year
from geodata.store.calendar import HomeCalendar


def warning(
    home: Path,
    dataset: str,
    country: str,
    known_until: date,
    today: date,
    language: Language = Language.ENGLISH,
) -> str | None:
    """What to say of a dataset of a country whose calendar ends with `known_until`.

    None: nothing is missing.

    From 1 November on next year is missed. A year that is loaded and not published is told so.
    """
    year = missing_year(known_until, today)
    if year is None:
        return None
    try:
        loaded = {each.year for each in HomeCalendar(home).years(country)}
    except StoreError as fault:
        return translated(language, fault.said)
    if year in loaded:
        return say(
            language,
            "Dataset {dataset} was published before the holidays of {year} were loaded, and does"
            " not have them. Publish it anew: nuanfeng calendar publish",
            dataset=dataset,
            year=year,
        )
    if country != CHINA:
        return say(
            language,
            "The public holidays of {country} of {year} are not known here: from then on, hours"
            " that hang on holidays are unknown. As soon as they are announced, load them: nuanfeng"
            " calendar add {year}.csv --country {country} --publish",
            country=country,
            year=year,
        )
    return say(
        language,
        "The public holidays of {year} are not known here: from then on, hours that hang on"
        " holidays are unknown. As soon as the State Council's notice is out, load them: nuanfeng"
        " calendar add {year}.csv --publish",
        year=year,
    )
