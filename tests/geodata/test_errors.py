"""Sentences to a person keep what they say, and nothing of where it was said."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.errors import BadValue, NuanfengError, Said
from geodata.sources.grid import RawTable
from geodata.sources.read import read
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind

REFUSAL = BadValue("{text} is no day", text="2026-02-30")


def faults_in(value: object) -> Iterator[BaseException]:
    if isinstance(value, BaseException):
        yield value
    elif isinstance(value, Said):
        yield from faults_in([*value.values.values()])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from faults_in(each)


@pytest.mark.parametrize(
    ("why", "said", "translated"),
    [
        (REFUSAL, "not read: 2026-02-30 is no day", "《not read: 《2026-02-30 is no day》》"),
        (ValueError("no digits"), "not read: no digits", "《not read: no digits》"),
        (
            [REFUSAL, OSError("gone")],
            "not read: 2026-02-30 is no day, gone",
            "《not read: 《2026-02-30 is no day》《, 》gone》",
        ),
    ],
)
def test_a_sentence_keeps_what_a_fault_says_and_not_the_fault(
    why: object, said: str, translated: str
) -> None:
    found = Said("not read: {why}", why=why)
    assert found == said
    assert not [*faults_in(found)]
    assert found.translated(lambda text: f"《{text}》") == translated
    assert NuanfengError("not read: {why}", why=why).said == found


def test_a_table_goes_when_its_places_are_taken(tmp_path: Path) -> None:
    """What stops a notice's hours is remembered by text; with the fault went its frames, and with
    those every table in which such a text ever stood.
    """
    path = tmp_path / "kept.csv"
    path.write_text(
        "名称,经度,纬度,营业时间\n站,113.94512,22.53123,以本站公告为准\n", encoding="utf-8"
    )
    taken = places_from(read(path)[0], Declared(Datum.WGS84, Kind.WARM_BEE_STATION))
    assert len(taken.notes) == 1
    gc.collect()
    # By type: isinstance asks the object itself, and a weak proxy of one that is gone raises.
    left = [each for each in gc.get_objects() if type(each) is RawTable]
    assert path.name not in [each.file for each in left]
