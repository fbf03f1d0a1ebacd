"""What bytes alone tell about text: shared by routing, which must not open a reader, and the readers."""

from __future__ import annotations

import codecs
import unicodedata

REPLACEMENT = "\ufffd"
SAMPLE = 64 * 1024
"""Bytes that a judgement is made from."""

BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_BYTES = bytes(b for b in range(0x20) if b not in b"\t\n\v\f\r\x1b") + b"\x7f"
_BINARY_SHARE = 0.02
"""Of control characters; text with a stray one is still text, compressed data has about 10 %."""
_STRAY = 3
"""So many control characters say nothing."""
_ASCII_ZEROS = 0.2
"""Share of zero bytes from which text that is ASCII otherwise is UTF-16 or UTF-32."""


def is_binary(sample: bytes) -> bool:
    """True when the bytes cannot be text of any encoding that `decode` knows."""
    if any(sample.startswith(bom) for bom, _ in BOMS) or wide_encoding(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _BINARY_BYTES))
    return controls > _STRAY and controls > _BINARY_SHARE * len(sample)


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark, by where its zero bytes lie: every ASCII
    character, if only the newlines, has its own on the same side."""
    sample = data[:SAMPLE]
    zeros = sample.count(0)
    # A stray zero byte in text that is UTF-8 otherwise is a flaw of the text and no encoding.
    if not zeros or (zeros < _ASCII_ZEROS * len(sample) and _is_utf8_sample(sample)):
        return None
    encoding = _by_zeros(sample)
    if len(data) % (4 if encoding.startswith("utf-32") else 2):
        return None
    # A sample cut between two surrogates has one error at its end.
    return encoding if _reads_well(sample.decode(encoding, errors="replace")) else None


def _is_utf8_sample(sample: bytes) -> bool:
    try:
        # The cut may part the last character: an incomplete end is no error here.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _by_zeros(sample: bytes) -> str:
    quarter = max(len(sample) // 4, 1)
    zeros = [sample[offset::4].count(0) / quarter for offset in range(4)]
    if min(zeros[2], zeros[3]) > 0.9 > zeros[0]:
        return "utf-32-le"
    if min(zeros[0], zeros[1]) > 0.9 > zeros[3]:
        return "utf-32-be"
    return "utf-16-le" if zeros[1] + zeros[3] > zeros[0] + zeros[2] else "utf-16-be"


def _reads_well(text: str) -> bool:
    """Nearly all assigned characters, and a fair share of letters; without any ASCII, mostly letters."""
    odd = sum(unicodedata.category(c) in {"Cc", "Cn", "Co", "Cs"} and c not in "\t\n\r\f" for c in text)
    letters = sum(c.isalpha() for c in text)
    wanted = 1 if any(c < "\x80" for c in text) else 2
    return odd + text.count(REPLACEMENT) <= 1 + len(text) // 200 and 3 * letters >= wanted * len(text)
