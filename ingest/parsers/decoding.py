"""Bytes to text: which encoding, and one normal form of what it holds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ingest.parsers.cyrillic import guess_cyrillic
from ingest.parsers.legacy_encodings import guess_cjk
from ingest.text_bytes import BOMS, REPLACEMENT, SAMPLE, is_binary, wide_guess
from schemas.errors import CorruptFile

_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257")
_OTHER_SCRIPTS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256")
_ENOUGH_TO_TELL = 200
"""Bytes above 127 from which the general detector tells Greek, Hebrew and Arabic apart, and from Cyrillic."""
_FOREIGN_WORD = re.compile(rb"[\x80-\xff]{3,}")

_ISO2022 = "iso2022_jp_2"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNREADABLE_SHARE = 0.1

_SPACES = {0x0B: " ", 0x0C: " ", 0x85: "\n"}
"""Vertical tab and form feed part words; NEL is a newline."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """`encoding` is Python's codec name; `replacement_share` of the characters are U+FFFD."""

    text: str
    encoding: str
    replacement_share: float


def decode(data: bytes) -> Decoded:
    """Text with `\\n` newlines, in NFC, without byte order mark and control characters but tab.

    Order: byte order mark, UTF-16 and UTF-32 where their characters are usual ones, UTF-8 (a few broken
    bytes allowed, after the one 7-bit encoding), Chinese, Japanese and Korean encodings, single-byte encodings.
    Raises `CorruptFile` for what is not text.
    """
    encoding, body = _encoding_of(data)
    text = _normalise(body.decode(encoding, errors="replace"))
    share = text.count(REPLACEMENT) / len(text) if text else 0.0
    if share > _UNREADABLE_SHARE:
        raise CorruptFile(
            f"{share:.0%} of the characters are not valid {encoding}: save the file again as UTF-8",
            encoding=encoding,
        )
    return Decoded(text, encoding, share)


def _encoding_of(data: bytes) -> tuple[str, bytes]:
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return encoding, data[len(bom) :]
    wide = wide_guess(data)
    cjk = guess_cjk(data) if not wide or b"\0" not in data else None
    if wide and (cjk is None or wide[1] > cjk.score):
        return wide[0], data
    if is_binary(data[:SAMPLE]) and not wide:
        raise CorruptFile("holds binary data and not text; if it is a text file, it is damaged")
    if _is_iso2022(data):
        return _ISO2022, data
    if _is_utf8(data):
        return "utf-8", data
    if cjk and (cjk.is_sure or not _is_cyrillic(data)):
        return cjk.codec, data
    return _guess_single_byte(data), data


def _is_iso2022(data: bytes) -> bool:
    """Japanese of old mail: ASCII bytes that escape sequences give another meaning."""
    if b"\x1b$" not in data or not data.isascii():
        return False
    try:
        data.decode(_ISO2022)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8(data: bytes) -> bool:
    """Valid, or broken in so few places that it can be nothing else."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
        broken = text.count(REPLACEMENT)
        # Runs of bytes that follow UTF-8's pattern do not come about by chance.
        return sum(c >= "\x80" for c in text) - broken >= 10 * broken
    return True


def _is_cyrillic(data: bytes) -> bool:
    return guess_cyrillic(data[:SAMPLE])[1]


def _guess_single_byte(data: bytes) -> str:
    """In Latin scripts a byte above 127 stands among ASCII letters, in others it makes up words.
    Raises `CorruptFile` where there are no words at all."""
    from charset_normalizer import from_bytes  # only for files that are no UTF-8

    sample = data[:SAMPLE]
    high = len(sample) - len(sample.translate(None, bytes(range(0x80, 0x100))))
    in_words = sum(map(len, _FOREIGN_WORD.findall(sample)))
    if high > _ENOUGH_TO_TELL and 100 * sum(map(sample.count, b" \t\n\r")) < high:
        # Languages with single-byte encodings part their words.
        raise CorruptFile("is in no encoding that is known; save the file again as UTF-8")
    candidates = _OTHER_SCRIPTS if in_words * 2 > high else _LATIN
    usual = candidates[0]
    if candidates is _OTHER_SCRIPTS:
        usual, sure = guess_cyrillic(sample)
        if sure or high < _ENOUGH_TO_TELL:
            return usual
    matches = from_bytes(sample, cp_isolation=list(candidates))
    best = matches.best()
    # Western European text reads well in each of the Latin ones: the usual one wins if it reads at all.
    if best is None or (candidates is _LATIN and any(match.encoding == usual for match in matches)):
        return usual
    return best.encoding


def _normalise(text: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", text.translate(_SPACES)))
