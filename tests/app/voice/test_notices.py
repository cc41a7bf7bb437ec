"""A notice is what the fold of its versions says, whatever the clocks said."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.request.notices import read_notice
from app.voice.notices import (
    MsgType,
    Notice,
    NoticeBody,
    NoticeState,
    NoticeVersion,
    ZoneLevel,
    fold,
)
from tests.app.db.conftest import NOW
from tests.app.voice.notice_town import post

HOUR = timedelta(hours=1)


README = Path(__file__).parents[3] / "app" / "README.md"


def test_the_notice_of_the_readme_is_one() -> None:
    (block,) = re.findall(r"```text\n(\{.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    read = read_notice(block.encode())
    assert (read.facts.effect, read.facts.people, len(read.polygons)) == ("closed", 24_900, 1)


def body(level: ZoneLevel | None) -> NoticeBody:
    read = read_notice(msgspec.json.encode(post()))
    facts = {name: getattr(read.facts, name) for name in ("category", "severity", "urgency")}
    return NoticeBody(
        **facts,
        certainty=read.facts.certainty,
        effect=read.facts.effect,
        level=level,
        zh=read.zh,
        en=read.en,
        polygons=read.polygons,
    )


BODIES = {level: body(level) for level in (None, *ZoneLevel)}

versions = st.lists(
    st.builds(
        lambda root, kind, sent, onset, lasts, level: (root, kind, sent, onset, lasts, level),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(list(MsgType)),
        st.integers(-48, 48),
        st.integers(-48, 48),
        st.integers(1, 72),
        st.sampled_from([None, *ZoneLevel]),
    ),
    max_size=12,
)


def written(drawn: list[Any]) -> list[NoticeVersion]:
    return [
        NoticeVersion(
            f"{root}-{number}",
            root,
            kind,
            NOW + sent * HOUR,
            NOW + onset * HOUR,
            NOW + (onset + lasts) * HOUR,
            "op",
            BODIES[level],
        )
        for number, (root, kind, sent, onset, lasts, level) in enumerate(drawn)
    ]


def slowly(found: list[NoticeVersion], root: str) -> list[NoticeVersion] | None:
    """The versions that count of a notice: from its first alert on, until it was cancelled."""
    mine = [each for each in found if each.root == root]
    while mine and mine[0].msg_type is not MsgType.ALERT:
        del mine[0]
    if not mine:
        return None
    counted = [mine[0]]
    for each in mine[1:]:
        if counted[-1].msg_type is MsgType.CANCEL:
            break
        if each.msg_type is not MsgType.ALERT:
            counted.append(each)
    return counted


@given(versions, st.integers(-100, 200))
def test_the_fold_equals_a_slow_one(drawn: list[Any], hours: int) -> None:
    found, at = written(drawn), NOW + hours * HOUR
    folded = {each.id: each for each in fold(found)}
    for root in "abc":
        slow = slowly(found, root)
        assert (root in folded) is (slow is not None)
        if slow is None:
            continue
        notice = folded[root]
        assert notice.versions == tuple(slow)
        last = slow[-1]
        if last.msg_type is MsgType.CANCEL:
            right = NoticeState.CANCELLED
        elif at < last.onset:
            right = NoticeState.TO_COME
        else:
            right = NoticeState.IN_FORCE if at < last.expires else NoticeState.OVER
        assert notice.state(at) is right
        levels = [each.body.level for each in slow if each.msg_type is not MsgType.CANCEL]
        stated = [each for each in levels if each is not None]
        once = [each for number, each in enumerate(stated) if stated[:number][-1:] != [each]]
        assert [level for level, _ in notice.levels] == once


@given(versions)
def test_a_fold_of_more_goes_on_where_that_of_less_ended(drawn: list[Any]) -> None:
    found = written(drawn)
    before: list[Notice] = []
    for count in range(len(found) + 1):
        after = fold(found[:count])
        for each in before:
            later = next(other for other in after if other.id == each.id)
            assert later.versions[: len(each.versions)] == each.versions
        before = after


@pytest.mark.parametrize("shift", [timedelta(0), timedelta(days=-730), timedelta(days=730)])
def test_the_zone_is_that_of_the_latest_version(shift: timedelta) -> None:
    when: datetime = NOW + shift
    alert = NoticeVersion("a", "a", MsgType.ALERT, when, when, when + HOUR, "op", BODIES[None])
    later = NoticeVersion(
        "a-2", "a", MsgType.UPDATE, NOW, when, when + 2 * HOUR, "op", BODIES[ZoneLevel.SEALED]
    )
    (notice,) = fold([alert, later])
    zone = notice.zone()
    assert (zone.notice, zone.onset, zone.expires) == ("a", when, when + 2 * HOUR)
    assert zone.polygons == BODIES[None].polygons
