"""Headings of two lines: a group above its columns."""

import pytest

from geodata.sources import grid


@pytest.mark.parametrize(
    ("group", "cell", "alone", "heading"),
    [
        ("", "备注", False, "备注"),
        ("", "经度", False, "经度"),
        ("基本信息", "", False, "基本信息"),
        ("经度", "经度", False, "经度"),
        ("基本信息", "经度", True, "经度"),
        ("基本信息", "经度", False, f"基本信息{grid.GROUP_MARK}经度"),
        ("GCJ02", "经度", True, f"GCJ02{grid.GROUP_MARK}经度"),
        ("基本信息", "说不清", True, f"基本信息{grid.GROUP_MARK}说不清"),
        ("基本信息", "点位", True, "点位"),
    ],
)
def test_a_heading_stands_alone_where_that_is_enough(
    group: str, cell: str, alone: bool, heading: str
) -> None:
    assert grid._pair(group, cell, {"点位"}, alone=alone) == heading
