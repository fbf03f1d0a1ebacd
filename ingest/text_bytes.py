"""What bytes alone tell about text: shared by routing, which must not open a reader, and the readers."""

from __future__ import annotations

import codecs

from ingest.usual_characters import mean_usualness

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
_WIDE = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
_SCORED = 4 * 1024
"""Bytes that are scored for a wide encoding, a multiple of every width."""
_READS_WELL = 0.75
"""Mean usualness from which bytes are taken for text: right encodings have more than 1, and prose 2."""
_READS_VERY_WELL = 1.2
"""For bytes of which none is zero: not even a space, or a full stop, stands among them."""
_LEAST_WIDE = 6
"""Bytes of a text without a zero byte, below which its encoding is a guess."""
_ASCII_ZEROS = 0.2
"""Share of zero bytes from which text that is ASCII otherwise is UTF-16 or UTF-32."""


def is_binary(sample: bytes) -> bool:
    """True when the bytes cannot be text of any encoding that `decode` knows."""
    if any(sample.startswith(bom) for bom, _ in BOMS) or wide_encoding(sample):
        return False
    return _has_controls(sample)


def _has_controls(sample: bytes, leaving_out: int = 0) -> bool:
    controls = len(sample) - len(sample.translate(None, _BINARY_BYTES)) - leaving_out
    return controls > _STRAY and controls > _BINARY_SHARE * len(sample)


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark, as `wide_guess` tells."""
    guess = wide_guess(data)
    return guess[0] if guess else None


def wide_guess(data: bytes) -> tuple[str, float] | None:
    """The encoding in which the bytes are usual characters, and how usual (see `mean_usualness`);
    None for what reads as UTF-8, and for what is in no wide encoding."""
    sample = data[:SAMPLE]
    zeros = sample.count(0)
    # A stray zero byte in text that is UTF-8 otherwise is a flaw of the text and no encoding.
    if zeros < _ASCII_ZEROS * len(sample) and _is_utf8_sample(sample) and not _has_controls(sample, zeros):
        return None
    best: tuple[str, float] | None = None
    for encoding, width in _WIDE:
        if len(data) % width or len(data) < (width if zeros else _LEAST_WIDE):
            continue
        # A sample cut between two surrogates has one error at its end.
        score = mean_usualness(sample[:_SCORED].decode(encoding, errors="replace"))
        if score > (best[1] if best else _READS_WELL if zeros else _READS_VERY_WELL):
            best = encoding, score
    return best


def _is_utf8_sample(sample: bytes) -> bool:
    try:
        # The cut may part the last character: an incomplete end is no error here.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True
