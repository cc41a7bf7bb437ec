"""Bytes become text: UTF-8, GB 18030, Big5 or UTF-16, with or without a mark, all strictly.

No character is ever half right: what fits no encoding, or only by chance, is refused in a
sentence. An encoding that a person names is the only one tried.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from geodata.errors import BadValue, Said, UnreadableFile

#: Chinese spreadsheets save as UTF-8 with a mark or as GB 18030.
_UTF8, _GB18030, _BIG5 = "utf-8", "gb18030", "big5hkscs"
#: What else a Chinese table may be in; charset-normalizer chooses among these only.
_RARE_ENCODINGS: Final = ["big5", "big5hkscs"]
#: The longest marks first: UTF-32's begins as UTF-16's does.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARK: Final = "\ufeff"
#: Characters of private use: what a text holds that was decoded as what it is not.
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
#: Bytes of a large text that tell its encoding, and are decoded at a time.
_PREFIX: Final = 1 << 26
#: Greek to Arabic: what two-byte Chinese looks like that happens to be UTF-8.
_ODD_LETTERS: Final = re.compile("[\u0370-\u07ff]")
#: So much is looked at to tell UTF-16 without a mark.
_LOOKED_AT: Final = 65_536
#: What Python calls an encoding and no text is written in.
_NO_TEXT: Final = frozenset(
    [
        "idna",
        "mbcs",
        "oem",
        "palmos",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
        "utf-7",
    ]
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the encoding that it was in."""

    text: str
    encoding: str


def checked_encoding(name: str) -> str:
    """The encoding that a person names, as Python calls it. Raises BadValue where there is none."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # LookupError for what turns no text into bytes, such as hex
    except (LookupError, ValueError):
        raise BadValue(_no_encoding(name)) from None
    if found.name in _NO_TEXT:
        raise BadValue(_no_encoding(name))
    return found.name


def _no_encoding(name: str) -> str:
    return (
        f"--encoding {name!r} names no encoding; name one such as utf-8, gb18030, big5 or utf-16,"
        " or leave it out"
    )


def decoded(body: bytes, name: str, encoding: str | None = None) -> Decoded:
    """The text of a file called `name`, without its mark.

    `encoding` is the only one tried, if it is named. Raises BadValue where there is no such
    encoding, and UnreadableFile: in no encoding, cut off, damaged, not text.
    """
    found = _insisted(body, name, encoding) if encoding else _found(body, name)
    return Decoded(found.text.removeprefix(_MARK), found.encoding)


def encoding_of(path: Path, encoding: str | None = None) -> Decoded:
    """The beginning of a text file and the encoding of the whole, every byte of which is decoded
    once, in pieces. Raises as `decoded` does, and OSError.
    """
    with path.open("rb") as body:
        begins = body.read(_PREFIX)
        more = len(begins) == _PREFIX
        if more:
            begins = begins[: begins.rfind(b"\n") + 1] or begins
        found = decoded(begins, path.name, encoding)
        body.seek(0)
        decoder = codecs.getincrementaldecoder(found.encoding)()
        while more and (chunk := body.read(_PREFIX)):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as fault:
                raise UnreadableFile(
                    (
                        "{file} begins as {encoding} and does not go on so: {why}. It is "
                        "damaged, or "
                        "of two encodings; save it anew as UTF-8"
                    ),
                    file=path.name,
                    encoding=found.encoding,
                    why=fault.reason,
                ) from None
    return found


def _insisted(body: bytes, name: str, encoding: str) -> Decoded:
    wanted = checked_encoding(encoding)
    try:
        return Decoded(body.decode(wanted), wanted)
    except UnicodeDecodeError as fault:
        line = body.count(b"\n", 0, fault.start) + 1
        raise UnreadableFile(
            (
                "{name} is not in {encoding}: line {line:,} has a byte 0x{body:02x} that it "
                "does not know. Name another --encoding, or leave it out"
            ),
            name=name,
            encoding=encoding,
            line=line,
            body=body[fault.start],
        ) from None


def _found(body: bytes, name: str) -> Decoded:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _marked(body, name, encoding)
    if b"\0" in body[:_LOOKED_AT]:
        return _without_mark(body, name)
    try:
        text = body.decode(_UTF8)
    except UnicodeDecodeError as fault:
        _refuse_damaged(body, name, fault)
        return _chinese(body) or _rare(body, name)
    by_chance = _looks_like_gb18030(text) and _chinese(body)
    return by_chance or Decoded(text, _UTF8)


def _marked(body: bytes, name: str, encoding: str) -> Decoded:
    try:
        return Decoded(body.decode(encoding), encoding)
    except UnicodeDecodeError as fault:
        plain = encoding.removesuffix("-sig").upper()
        raise UnreadableFile(
            (
                "{name} begins as {plain} and is not: {why} at byte {start:,}. It is damaged "
                "or cut off; get it whole from its source, or save it anew as UTF-8"
            ),
            name=name,
            plain=plain,
            why=fault.reason,
            start=fault.start,
        ) from None


def _without_mark(body: bytes, name: str) -> Decoded:
    """UTF-16 without a mark: digits, commas and line breaks have a zero on one side, always the
    same.
    """
    begins = body[:_LOOKED_AT]
    zeros = (begins[::2].count(0), begins[1::2].count(0))
    encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        text = body.decode(encoding) if min(zeros) == 0 else "\0"
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or _PRIVATE.search(text):
        raise UnreadableFile("{name} is not text; save it as CSV", name=name)
    return Decoded(text, encoding)


def _refuse_damaged(body: bytes, name: str, fault: UnicodeDecodeError) -> None:
    """Text that is UTF-8 but for some bytes is not tried as anything else: GB 18030 gives other
    Chinese characters for most of its bytes.
    """
    text = body.decode(_UTF8, errors="replace")
    lost = text.count("\ufffd")
    kept = sum(letter > "\u07ff" for letter in text) - lost
    if kept > lost:
        line = body.count(b"\n", 0, fault.start) + 1
        raise UnreadableFile(
            (
                "{name} is UTF-8 with {count}, the first in line "
                "{line:,}; get it whole from its source, or save it anew"
            ),
            name=name,
            count=Said("1 damaged character")
            if lost == 1
            else Said("{count:,} damaged characters", count=lost),
            line=line,
        )


def _chinese(body: bytes) -> Decoded | None:
    try:
        text = body.decode(_GB18030)
    except UnicodeDecodeError:
        return None
    return (
        _big5(body) or Decoded(text, _GB18030) if _PRIVATE.search(text) else Decoded(text, _GB18030)
    )


def _big5(body: bytes) -> Decoded | None:
    """Traditional characters are valid GB 18030 by chance, with letters among them that nobody
    types.
    """
    try:
        text = body.decode(_BIG5)
    except UnicodeDecodeError:
        return None
    return None if _PRIVATE.search(text) else Decoded(text, _BIG5)


def _rare(body: bytes, name: str) -> Decoded:
    from charset_normalizer import from_bytes

    best = from_bytes(body, cp_isolation=_RARE_ENCODINGS).best()
    if best is None or not any("\u4e00" <= letter <= "\u9fff" for letter in str(best)):
        raise UnreadableFile(
            (
                "{name} is neither UTF-8 nor GB 18030; save it as UTF-8, or name its "
                "encoding with --encoding"
            ),
            name=name,
        )
    return Decoded(str(best), best.encoding)


def _looks_like_gb18030(text: str) -> bool:
    """Two-byte Chinese characters can form valid UTF-8 by chance: Armenian or Arabic letters, and
    no Chinese at all.
    """
    return bool(_ODD_LETTERS.search(text)) and not _CHINESE.search(text)


_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
#: Two letters in a row that Latin-1 has for the bytes of Chinese.
_MANGLED: Final = re.compile("[\x80-\xff]{2}")


def unmangled(texts: Sequence[object]) -> list[object] | None:
    """Texts with the Chinese whose bytes some program read as Latin letters; None where that is
    not certain: every text with such letters is Chinese in one encoding, or none is.
    """
    strings = [text for text in texts if isinstance(text, str)]
    odd = {text for text in strings if not text.isascii()}
    if not any(map(_MANGLED.search, odd)):
        return None
    for encoding in (_UTF8, _GB18030):
        try:
            read = {text: text.encode("latin-1").decode(encoding) for text in odd}
        except UnicodeError:
            continue
        if all(map(_CHINESE.search, read.values())) and not any(
            map(_PRIVATE.search, read.values())
        ):
            return [read.get(text, text) if isinstance(text, str) else text for text in texts]
    return None


# --- many short texts that were cut to a width, such as those of a DBF ---


@dataclass(frozen=True, slots=True)
class CutText:
    """A text of a field of so many bytes."""

    text: str
    cut: bool
    """Whether the field ended inside a character, which is then left out."""


def field_reader(
    fields: Iterable[bytes], name: str, stated: str | None = None, encoding: str | None = None
) -> tuple[Callable[[bytes], CutText], str]:
    """What reads every one of these fields strictly, and the encoding it reads.

    `stated` is what the file says of itself (its .cpg), which is often wrong: it comes behind
    UTF-8, which nothing else is by chance. Raises as `decoded` does.
    """
    odd = [each for each in fields if not each.isascii()]
    if encoding:
        candidates: Sequence[str] = (checked_encoding(encoding),)
    else:
        candidates = (_UTF8, *_stated(stated), _GB18030, _BIG5)
    for each in candidates:
        texts = _all_read(odd, each)
        if texts is not None and (encoding or _plausible(texts, each)):
            return partial(_cut_text, encoding=each), each
    if encoding:
        raise UnreadableFile(
            (
                "{name} is not in {encoding}: its cells have bytes that it does not know. "
                "Name another --encoding, or leave it out"
            ),
            name=name,
            encoding=encoding,
        )
    raise UnreadableFile(
        (
            "{name} is neither UTF-8 nor GB 18030{stated}; name its encoding with "
            "--encoding, or save it anew as UTF-8"
        ),
        name=name,
        stated=Said(" nor {encoding}, as it says", encoding=stated) if stated else "",
    )


def _stated(stated: str | None) -> tuple[str, ...]:
    """A Western encoding reads any bytes: it is what programs write that ask nobody, and no
    witness.
    """
    try:
        found = codecs.lookup(f"cp{stated}" if stated and stated.isdecimal() else stated or "")
    except (LookupError, ValueError):
        return ()
    return () if found.name in ("iso8859-1", "cp1252", "ascii", _UTF8) else (found.name,)


def _all_read(fields: Sequence[bytes], encoding: str) -> list[str] | None:
    try:
        return [_cut_text(field, encoding).text for field in fields]
    except UnicodeDecodeError:
        return None


def _plausible(texts: Sequence[str], encoding: str) -> bool:
    whole = "".join(texts)
    return not (_PRIVATE.search(whole) or (encoding == _UTF8 and _looks_like_gb18030(whole)))


def _cut_text(field: bytes, encoding: str) -> CutText:
    try:
        return CutText(field.decode(encoding), cut=False)
    except UnicodeDecodeError as fault:
        # A whole character would fit behind the fault: it is damage, not the width of the field.
        if fault.end < len(field) or len(field) - fault.start > 3 or fault.start == 0:
            raise
        return CutText(field[: fault.start].decode(encoding), cut=True)
