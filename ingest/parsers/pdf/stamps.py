"""Coloured texts that stand at one place on most pages, over whatever is there: stamps.

They have to be known before a page's layout is sought, because they stand in the middle of
paragraphs and tables. Told from a few pages, spread over the document.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ingest.parsers.pdf.words import Run

if TYPE_CHECKING:
    import pymupdf

_SAMPLE = 4
"""Pages that are looked at."""
_FEWEST_PAGES = 3
_SHARE = 0.6
_STEP = 4.0
"""Points within which a text stands at the same place."""

Place = tuple[str, int, int]


def stamps_of(document: pymupdf.Document) -> frozenset[Place]:
    """Empty for documents of less than three pages: nothing is told from two."""
    count = document.page_count
    if count < _FEWEST_PAGES:
        return frozenset()
    indices = sorted({round(step * (count - 1) / (_SAMPLE - 1)) for step in range(_SAMPLE)})
    seen: Counter[Place] = Counter()
    for index in indices:
        try:
            seen.update(_coloured(document.load_page(index)))
        except RuntimeError:
            continue  # a page that can't be read is told when it is its turn
    return frozenset(place for place, pages in seen.items() if pages >= max(_FEWEST_PAGES, _SHARE * len(indices)))


def _coloured(page: pymupdf.Page) -> set[Place]:
    """Lines in another colour than the page's text, but for those that stand beside others of
    theirs in a row: a table's repeated header does."""
    colors: Counter[int] = Counter()
    lines: list[tuple[str, tuple[float, float, float, float], int]] = []
    for block in page.get_text("dict", flags=0)["blocks"]:
        for line in block.get("lines", ()):
            text = "".join(span["text"] for span in line["spans"])
            for span in line["spans"]:
                colors[span["color"]] += len(span["text"])
            if text.strip() and len({span["color"] for span in line["spans"]}) == 1:
                lines.append((text, tuple(line["bbox"]), line["spans"][0]["color"]))
    usual = colors.most_common(1)[0][0] if colors else 0
    apart = [line for line in lines if line[2] != usual]
    return {
        place(text, box)
        for text, box, color in apart
        if not any(
            other is not box and also == color and other[1] < box[3] and other[3] > box[1] for _, other, also in apart
        )
    }


def place(text: str, box: tuple[float, float, float, float]) -> Place:
    """By its middle: the box is wider or narrower with the way it is measured."""
    return "".join(text.split()), round((box[0] + box[2]) / 2 / _STEP), round((box[1] + box[3]) / 2 / _STEP)


def is_stamp(run: Run, stamps: frozenset[Place]) -> bool:
    if not stamps:
        return False
    text, x, y = place("".join(word.text for word in run.words), run.bbox)
    return any((text, x + i, y + j) in stamps for i in (-1, 0, 1) for j in (-1, 0, 1))
