"""Diff: what came, went, moved and changed between two versions of a document, chunk by chunk.

A chunk that is embedded as before is the same one. Of the others, the same text elsewhere has moved, and
similar text has changed; what is left came or went.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.chunk import Chunk

_ALIKE = 0.5
"""Of the words of two passages, by Dice: below it, one went and another came."""

_NEAREST = 100
"""Chunks before and after its place that one is compared with: a rewritten book would take minutes otherwise."""

_UNSPACED = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|\s+|[^\w\s]")
"""Where words are not set apart by spaces, every character is one: a changed digit or sign is then
told without what stands beside it."""


class Fate(StrEnum):
    CAME = "came"
    WENT = "went"
    MOVED = "moved"
    CHANGED = "changed"


class Edit(StrEnum):
    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk in one of the versions; `ordinal` counts from 0."""

    ordinal: int
    chunk_id: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    edit: Edit
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """`old` is None for what came, `new` for what went. `words`: the text of both, where it changed."""

    fate: Fate
    old: Place | None
    new: Place | None
    words: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkDiff:
    """`changes` in the order of the newer version; what went stands where it stood. `same`: chunks that are
    in both, in the same order."""

    changes: tuple[Change, ...]
    same: int

    def count(self, fate: Fate) -> int:
        return sum(change.fate is fate for change in self.changes)


def diff_chunks(doc_id: str, old: Sequence[Chunk], new: Sequence[Chunk]) -> ChunkDiff:
    """Both are all chunks of a version of the document, in order."""
    before, after = [_place(doc_id, chunk) for chunk in old], [_place(doc_id, chunk) for chunk in new]
    here = {place.chunk_id: place for place in after}
    kept = [(place, here[place.chunk_id]) for place in before if place.chunk_id in here]
    staying = _longest_in_order([place.ordinal for _, place in kept])
    changes = [Change(Fate.MOVED, was, now) for was, now in kept if now.ordinal not in staying]
    known = {place.chunk_id for place, _ in kept}
    gone = [place for place in before if place.chunk_id not in known]
    come = [place for place in after if place.chunk_id not in known]
    for pairs, fate in ((_same_text, Fate.MOVED), (_similar_text, Fate.CHANGED)):
        found = list(pairs(gone, come))
        words = fate is Fate.CHANGED
        changes += [Change(fate, was, now, word_diff(was.text, now.text) if words else ()) for was, now in found]
        taken = {id(place) for pair in found for place in pair}
        gone = [place for place in gone if id(place) not in taken]
        come = [place for place in come if id(place) not in taken]
    changes += [Change(Fate.WENT, place, None) for place in gone]
    changes += [Change(Fate.CAME, None, place) for place in come]
    return ChunkDiff(tuple(sorted(changes, key=_by_place)), len(staying))


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return tuple(piece for step in matcher.get_opcodes() for piece in _pieces(step, before, after))


def _pieces(step: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    what, old_start, old_end, new_start, new_end = step
    if what == "equal":
        yield Piece(Edit.SAME, "".join(after[new_start:new_end]))
        return
    if old_end > old_start:
        yield Piece(Edit.OUT, "".join(before[old_start:old_end]))
    if new_end > new_start:
        yield Piece(Edit.IN, "".join(after[new_start:new_end]))


def _place(doc_id: str, chunk: Chunk) -> Place:
    return Place(chunk.ordinal, chunk.id_in(doc_id), chunk.heading_path, chunk.pages, chunk.text)


def _by_place(change: Change) -> tuple[int, int]:
    """What went comes before what stands at that place now."""
    if change.new is not None:
        return change.new.ordinal, 1
    return (change.old.ordinal if change.old is not None else 0), 0


def _longest_in_order(ordinals: Sequence[int]) -> frozenset[int]:
    """The most of them that ascend as they stand: the others were moved around these."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for ordinal in ordinals:
        at = bisect_left(tails, ordinal)
        before[ordinal] = tails[at - 1] if at else None
        tails[at : at + 1] = [ordinal]
    found: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = before[last]
    return frozenset(found)


def _same_text(gone: Sequence[Place], come: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    by_text: dict[str, list[Place]] = defaultdict(list)
    for place in reversed(come):
        by_text[place.text].append(place)
    for place in gone:
        if by_text[place.text]:
            yield place, by_text[place.text].pop()


def _similar_text(gone: Sequence[Place], come: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    """The most similar first, each chunk once."""
    old, new = [_words(place) for place in gone], [_words(place) for place in come]
    scored = sorted(
        (-_dice(words, new[at], shared), abs(gone[place].ordinal - come[at].ordinal), place, at)
        for place, words in enumerate(old)
        for at, shared in _shared(words, new, round(place / len(old) * len(new))).items()
    )
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for score, _, place, at in scored:
        if -score >= _ALIKE and place not in taken_old and at not in taken_new:
            taken_old.add(place)
            taken_new.add(at)
            yield gone[place], come[at]


def _words(place: Place) -> Counter[str]:
    return Counter(word for word in _WORD.findall(place.text) if not word.isspace())


def _shared(words: Mapping[str, int], others: Sequence[Counter[str]], around: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for at in range(max(0, around - _NEAREST), min(len(others), around + _NEAREST)):
        shared = sum(min(count, others[at][word]) for word, count in words.items())
        if shared:
            counts[at] = shared
    return counts


def _dice(one: Counter[str], other: Counter[str], shared: int) -> float:
    return 2 * shared / (one.total() + other.total())
