"""Which paragraphs of a plain reading stand in a parsed document. The rules are in `schemas.parsing`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from schemas.document import Document
from schemas.parsing import EXAMPLE_CHARACTERS, EXAMPLES

LONG_ENOUGH = 20
"""Letters and digits of a paragraph, a sign of `_WIDE` as two."""
MOST_PARAGRAPHS = 2_000
"""Of one document."""
_SHINGLE = 8
_STEP = 4
_MISSING = 0.05
_SEVERAL = 4
"""A paragraph is there though that part of its shingles is missing, or a single one of several: with more, a lost one
is found in what others say; with fewer, the number of a list item, which is no text, is missed."""
_LEFT_OUT = re.compile(r"[\W_]+")
_MARKS = re.compile(r"\[\d{1,3}\]")
"""Of notes: a parser writes them where the original has a raised figure, or a reference without a text."""
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class ParagraphsFound:
    """`missing`: the first `EXAMPLES` that are not there."""

    paragraphs: int
    found: int
    missing: tuple[str, ...]


def letters(text: str) -> str:
    """Letters and digits alone: white space, hyphens, marks, case and compatibility forms differ between readings."""
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text).casefold())


def paragraphs_found(paragraphs: Iterable[str], document: Document) -> ParagraphsFound:
    text = _Text(_all_text(document))
    count = found = 0
    missing: list[str] = []
    for paragraph, asked in islice(_long_enough(paragraphs), MOST_PARAGRAPHS):
        count += 1
        if text.holds(asked, list(map(letters, paragraph.splitlines()))):
            found += 1
        elif len(missing) < EXAMPLES:
            missing.append(" ".join(paragraph.split())[:EXAMPLE_CHARACTERS])
    return ParagraphsFound(count, found, tuple(missing))


def _long_enough(paragraphs: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each different one once, as it is and its letters."""
    seen: set[str] = set()
    for paragraph in paragraphs:
        asked = letters(paragraph)
        if len(asked) + len(_WIDE.findall(asked)) >= LONG_ENOUGH and asked not in seen:
            seen.add(asked)
            yield paragraph, asked


def _all_text(document: Document) -> str:
    """That of the blocks: what is in none of them is in no chunk, though `Document.text` of a text file holds it.
    What the parser took for facts about the document stands in its metadata."""
    told = [
        part
        for value in (document.title or "", *document.metadata.values())
        for part in (value if isinstance(value, tuple) else (str(value),))
    ]
    return "\n".join([*map(document.text_of, document.blocks), *told])


class _Text:
    """Letters of a document, with its shingles where they are asked for."""

    def __init__(self, text: str) -> None:
        # With the figures of marks and without: what a plain reading has of them depends on the format.
        self._letters = "\n".join(dict.fromkeys((letters(text), letters(_MARKS.sub("", text)))))
        self._shingles: set[int] | None = None
        self._behind = 0

    def holds(self, asked: str, lines: Sequence[str]) -> bool:
        """`lines`: the same, line by line: shingles do not reach from one to the next, because the lines of a table's
        row are its cells, and may stand in another order."""
        # Readings mostly agree on the order, and then each paragraph is found close behind the one before.
        at = self._letters.find(asked, self._behind)
        if at < 0:
            at = self._letters.find(asked, 0, self._behind)
        if at >= 0:
            self._behind = at
            return True
        if self._shingles is None:
            ends = range(len(self._letters) - _SHINGLE + 1)
            self._shingles = {hash(self._letters[start : start + _SHINGLE]) for start in ends}
        shingles = _shingles(line for line in lines if len(line) >= _SHINGLE) or _shingles([asked])
        missing = sum(hash(shingle) not in self._shingles for shingle in shingles)
        return missing <= max(_MISSING * len(shingles), len(shingles) >= _SEVERAL)


def _shingles(lines: Iterable[str]) -> list[str]:
    return [
        line[start : start + _SHINGLE] for line in lines for start in range(0, max(len(line) - _SHINGLE, 0) + 1, _STEP)
    ]
