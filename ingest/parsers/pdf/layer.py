"""A page that has both: what OCR read in its picture, and a few words in its text layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from ingest.parsers.pdf.boxes import share_inside
from ingest.parsers.pdf.pose import Pose
from ingest.parsers.pdf.words import Run, Word, union
from schemas.base import BBox

_SAME = 0.75
"""Similarity from which two readings are of the same words: OCR takes some letters for others."""
_PIECE = 3
"""Characters in a row that count as found: single letters are in every line."""
_CRUMB = 3
"""Characters of a line that may be a part of a drawing."""
_INSIDE = 0.5
_DESCENT = 0.2
_BLANKS = re.compile(r"\W+")


def merge(read: Sequence[Run], layer: Sequence[Run], pose: Pose) -> list[Run]:
    """Both, without saying anything twice: the text layer is exact, so it stands for the line that
    OCR read there; where it has only a part of a line, the line stands for it."""
    mine = [_held(run, pose) for run in layer] if pose.turned or pose.skew else list(layer)
    result: list[Run] = []
    covered: set[int] = set()
    for run in read:
        here = [i for i, other in enumerate(mine) if _near(other.bbox, run.bbox)]
        if here and _similar(_text([mine[i] for i in here]), _text([run])):
            continue
        covered.update(i for i in here if _contains(_text([run]), _text([mine[i]])))
        result.append(run)
    if _length(result) < _length(mine):
        # A designed page rather than a scan: in its pictures OCR sees letters that are none.
        result = [run for run in result if run.length > _CRUMB]
    blocks = max((run.block for run in read), default=-1) + 1
    result.extend(replace(run, block=blocks + run.block) for i, run in enumerate(mine) if i not in covered)
    return result


def says(layer: Sequence[tuple[BBox, str]], bbox: BBox, text: str) -> bool:
    """What stands at `bbox` in a text layer, by its boxes and texts, is what was read there, or holds
    it: a line that reaches into a picture is read from the picture's edge on."""
    here = sorted((box[0], words) for box, words in layer if _near(box, bbox))
    said, read = _plain("".join(words for _, words in here)), _plain(text)
    return bool(said) and (_similar(said, read) or _contains(said, read))


def _length(runs: Sequence[Run]) -> int:
    return sum(run.length for run in runs)


def _near(one: BBox, other: BBox) -> bool:
    return share_inside(one, other) >= _INSIDE or share_inside(other, one) >= _INSIDE


def _text(runs: Sequence[Run]) -> str:
    ordered = sorted(runs, key=lambda run: run.bbox[0])
    return _plain("".join(word.text for run in ordered for word in run.words))


def _plain(text: str) -> str:
    return _BLANKS.sub("", text).casefold()


def _similar(one: str, other: str) -> bool:
    return bool(one) and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SAME


def _contains(line: str, part: str) -> bool:
    if not part:
        return True
    found = SequenceMatcher(None, line, part, autojunk=False).get_matching_blocks()
    return sum(match.size for match in found if match.size >= min(_PIECE, len(part))) >= _SAME * len(part)


def _held(run: Run, pose: Pose) -> Run:
    x, y = run.direction
    direction = {0: (x, y), 90: (-y, x), 180: (-x, -y), 270: (y, -x)}[pose.turned]
    words = tuple(_held_word(word, pose) for word in run.words)
    return replace(run, words=words, bbox=union(word.bbox for word in words), direction=direction)


def _held_word(word: Word, pose: Pose) -> Word:
    """Moved, not leaned: it is upright in the file."""
    box = replace(pose, skew=0.0).read_box(word.bbox)
    middle = ((word.bbox[0] + word.bbox[2]) / 2, (word.bbox[1] + word.bbox[3]) / 2)
    x, y = pose.read(middle)
    width, height = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    bottom = y + height
    return replace(word, bbox=(x - width, y - height, x + width, bottom), baseline=bottom - _DESCENT * word.size)
