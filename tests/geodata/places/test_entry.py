"""An entry is read whole or refused; what leads out of the page is https and nothing else."""

import json

import pytest

from geodata.errors import BadValue
from geodata.places.entry import (
    LONGEST_HOW,
    LONGEST_URL,
    PlaceEntry,
    entry_text,
    is_https,
    read_entry,
)
from geodata.vocabulary import YesNo


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("{}", PlaceEntry()),
        ('{"register":null,"how":"","url":" "}', PlaceEntry()),
        ('{"register":"yes"}', PlaceEntry(YesNo.YES)),
        ('{"register":"no","how":"推门即入"}', PlaceEntry(YesNo.NO, "推门即入")),
        ('{"how":" 先申请\\n门禁 "}', PlaceEntry(how="先申请 门禁")),
        ('{"url":" https://example.org/a?b=c#d "}', PlaceEntry(url="https://example.org/a?b=c#d")),
    ],
)
def test_an_entry_is_read_and_written_back_the_same(text: str, entry: PlaceEntry) -> None:
    assert read_entry(text) == entry
    written = entry_text(entry)
    assert (written is None) == (entry == PlaceEntry())
    assert written is None or read_entry(written) == entry


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "yes",
        "[]",
        "{",
        '{"register":"maybe"}',
        '{"register":true}',
        '{"how":1}',
        '{"door":"qr"}',
        '{"url":"javascript:alert(1)"}',
        json.dumps({"how": "长" * (LONGEST_HOW + 1)}),
        json.dumps({"how": "a\u0000b"}),
        json.dumps({"url": "https://example.org/" + "a" * LONGEST_URL}),
    ],
)
def test_what_is_no_entry_is_refused_with_the_rule_and_the_value(text: str) -> None:
    with pytest.raises(BadValue, match="an entry is JSON of register") as refused:
        read_entry(text)
    assert text[:200] in str(refused.value)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://example.org", True),
        ("https://example.org:8443/a/b?c=d&e=%20", True),
        ("https://例子.example/门禁", True),
        ("http://example.org", False),
        ("HTTP://example.org", False),
        ("//example.org", False),
        ("example.org", False),
        ("https://", False),
        ("https:///a", False),
        ("https:example.org", False),
        ("https://example.org/a b", False),
        ("https://example.org/\na", False),
        ("https://user:secret@example.org", False),
        ("https://example.org:99999", False),
        ("https://[::1", False),
        ("javascript:alert(1)//https://example.org", False),
        ("data:text/html,https://example.org", False),
    ],
)
def test_only_https_with_a_host_may_be_linked_to(url: str, may: bool) -> None:
    assert is_https(url) == may
