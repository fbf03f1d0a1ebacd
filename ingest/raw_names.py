"""Names that were written as bytes of an encoding nobody told: in archives, in mail headers, on disks."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from pathlib import Path

_ACCEPTED = 0.6
"""Share of the characters beyond ASCII that have to be in daily use where the encoding is used."""


def printable(path: str | Path) -> str:
    """Bytes of a name that are not UTF-8 are shown as `\\xNN`, so that every store can hold it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def decode_name(data: bytes, told: str | None = None) -> str:
    """UTF-8 where it is valid, else as it is told, else by the usual characters of each encoding.

    Short Korean names pass for Chinese: both use the same bytes for what is usual in them.
    cp437, the archives' own default, is what remains: it reads every byte, if perhaps not rightly.
    """
    return data.decode(name_encoding(data, told), errors="replace")


def name_encoding(data: bytes, told: str | None = None) -> str:
    """The codec of one name, or of many that were written together: the more, the surer."""
    for encoding in ("utf-8", told):
        if encoding and _reads(data, encoding):
            return encoding
    best, best_share = "cp437", _ACCEPTED
    for encoding, is_usual in _CANDIDATES.items():
        if not _reads(data, encoding):
            continue
        foreign = [char for char in data.decode(encoding) if char >= "\x80"]
        share = sum(map(is_usual, foreign)) / max(len(foreign), 1)
        if share > best_share:
            best, best_share = encoding, share
    return best


def _reads(data: bytes, encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
        data.decode(encoding)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def _two_bytes(char: str, encoding: str, first: int, last: int) -> bool:
    code = char.encode(encoding, "ignore")
    return len(code) == 2 and first <= code[0] <= last


def _simplified(char: str) -> bool:
    return _two_bytes(char, "gb2312", 0xB0, 0xD7) or char in "，。、；：？！“”（）《》—·【】"


def _traditional(char: str) -> bool:
    return _two_bytes(char, "big5", 0xA4, 0xC6) or char in "，。、；：？！（）《》「」—"


def _japanese(char: str) -> bool:
    # Kanji alone may as well be Chinese, which is tried first and then has no smaller share.
    return "\u3041" <= char <= "\u30fe" or char in "、。「」" or _two_bytes(char, "shift_jis", 0x88, 0x97)


def _korean(char: str) -> bool:
    return _two_bytes(char, "euc_kr", 0xB0, 0xC8)


_CANDIDATES: dict[str, Callable[[str], bool]] = {
    "gb18030": _simplified,
    "big5": _traditional,
    "cp932": _japanese,
    "cp949": _korean,
}
