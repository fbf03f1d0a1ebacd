"""From the lines that an engine finds to what a page says: what both engines share.

Recognisers never say that they do not know a script. They leave characters out: a line of Cyrillic
comes back as a full stop after six spaces, with confidence .95. So a line counts as unread not only
for its confidence but also when it has far too few characters for its width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.ocr.crops import distance
from ingest.page_images import TextLine

READING_VERSION = "2"
"""Counts up when a page is read otherwise: by the rules here, its preparation, or a second look."""

_FEWEST_CHARACTERS = 0.25
"""Per height of a line; Chinese has one, Latin two. Below it, characters were left out."""
_NO_TEXT = 0.3
"""Confidence below which what was read has nothing to do with what is there. Print that can just be made
out has .5 and more; see benchmarks/RESULTS.md."""
_LONG_ENOUGH = 3.0
"""Heights from which on a line's width says how many characters there should be."""
_SURE = 0.9
"""A line with few characters and this confidence may be a form's: "Name:" and a rule."""
_DOUBTFUL = 0.85
"""Pages below this mean are tried upside down, and unknown scripts suspected. Text that is read
right has .93 and more, even with noise; text on its head .55 to .82."""
_NOTICEABLE = 0.3
"""The share of unread and doubtful lines, by their length, from which on advice is given."""

ADVICE = (
    "{bad} of {all} lines were read badly or not at all: if the image is sharp, its script may be unknown to {model}. "
    "Others know it: arabic_PP-OCRv5_mobile_rec, cyrillic_PP-OCRv5_mobile_rec, eslav_PP-OCRv5_mobile_rec "
    "(Russian, Belarusian, Ukrainian), el_PP-OCRv5_mobile_rec (Greek), devanagari_PP-OCRv5_mobile_rec, "
    "korean_PP-OCRv5_mobile_rec, th_PP-OCRv5_mobile_rec (Thai), ta_PP-OCRv5_mobile_rec (Tamil), "
    "te_PP-OCRv5_mobile_rec (Telugu), latin_PP-OCRv5_mobile_rec. Set ocr.recognition_model to one, "
    "or to a folder that holds it"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How lines are judged. `model` is named in the advice."""

    min_confidence: float
    model: str


@dataclass(frozen=True, slots=True)
class Judged:
    """`kept` are the lines that say something, those in doubt marked; `unread` counts the others."""

    kept: tuple[TextLine, ...]
    unread: int
    advice: str


def judged(lines: Sequence[TextLine], reading: Reading) -> Judged:
    """A line in doubt is kept, and marked as what it is. Only what is no text is left out: and where
    most of a page is in doubt, as an unknown script is, its doubtful lines with it."""
    advice = _advice(lines, reading)
    kept = []
    for line in lines:
        if not is_text(line):
            continue
        if line.confidence >= reading.min_confidence:
            kept.append(line)
        elif not advice:
            kept.append(replace(line, doubtful=True))
    return Judged(tuple(kept), len(lines) - len(kept), advice)


def reads_well(lines: Sequence[TextLine]) -> bool:
    return _mean_quality(lines) >= _DOUBTFUL


def reads_better(lines: Sequence[TextLine], others: Sequence[TextLine]) -> bool:
    return reads_well(lines) and _weight(lines) > _weight(others)


def _length(line: TextLine) -> float:
    return distance(line.quad[0], line.quad[1])


def _characters(line: TextLine) -> int:
    return sum(not character.isspace() for character in line.text)


def _has_too_few(line: TextLine) -> bool:
    heights = _length(line) / max(distance(line.quad[0], line.quad[3]), 1.0)
    return heights >= _LONG_ENOUGH and _characters(line) < _FEWEST_CHARACTERS * heights


def is_text(line: TextLine) -> bool:
    """Neither a rule, an edge or a smudge, nor a line of a script that the model does not know."""
    if line.confidence < _NO_TEXT or not line.text.strip():
        return False
    if not _has_too_few(line):
        return True
    return line.confidence >= _SURE and any(character.isalnum() for character in line.text)


def _quality(line: TextLine) -> float:
    return 0.0 if not line.text.strip() or _has_too_few(line) else line.confidence


def _mean_quality(lines: Sequence[TextLine]) -> float:
    """By length: a line that was not read has no characters that could be counted."""
    lengths = [_length(line) for line in lines]
    return sum(_quality(line) * length for line, length in zip(lines, lengths, strict=True)) / max(sum(lengths), 1.0)


def _weight(lines: Sequence[TextLine]) -> float:
    return sum(_quality(line) * _characters(line) for line in lines)


def _advice(lines: Sequence[TextLine], reading: Reading) -> str:
    bad = [line for line in lines if _quality(line) < max(_DOUBTFUL, reading.min_confidence)]
    if sum(map(_length, bad)) <= _NOTICEABLE * sum(map(_length, lines)):
        return ""
    return ADVICE.format(bad=len(bad), all=len(lines), model=reading.model)
