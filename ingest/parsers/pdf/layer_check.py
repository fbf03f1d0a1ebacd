"""Text layers that are doubted, compared with what OCR reads at the same places of the page's image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

from ingest.page_images import PageImage, PageImageReader, ReadImage
from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.boxes import reading_order
from ingest.parsers.pdf.layer_doubts import Doubt, Stretch, is_unknown
from ingest.parsers.pdf.picture_look import Look
from ingest.parsers.pdf.render import dpi_within, page_image
from ingest.parsers.pdf.triage import OcrNeed
from schemas.base import BBox
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf

_ALIKE = 0.6
"""Mean similarity of a page's samples below which its text layer is not what it shows. Layers
of OCR have .9, of typescript .6; what is of other letters, or of another page, has less than .4."""
_SURE = 0.8
"""Mean confidence from which on a stretch without known characters is what OCR read there."""
_READ = 0.5
"""Share of a page's stretches that could be read: where it is less, as in a script that the model does not
know, the others are chance."""
_MARGIN = 3.0
"""Points around a stretch: its box may be cut close."""
MOST_MENDED = 1_000
"""Stretches of a document that are read one by one."""
_LEADERS = " .·…•"
_BLANKS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Mend:
    """What stands there in place of a stretch of the text layer."""

    stretch: Stretch
    text: str


@dataclass(slots=True)
class LayerCheck:
    """By page, counted from 0: what is wrong with its text layer as a whole, what to put in its place
    here and there, and sentences about what was found."""

    needs: dict[int, OcrNeed] = field(default_factory=dict)
    mends: dict[int, tuple[Mend, ...]] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)


def check_layers(
    document: pymupdf.Document, looks: Iterable[Look], ocr: PageImageReader, options: ReadOptions
) -> LayerCheck:
    """Images are rendered as OCR asks for them."""
    check, asked = LayerCheck(), _asked(looks)
    if not asked:
        return check
    results = [_read(result) for result in ocr.read(_images(document, asked, options))]
    at = iter(zip(asked, results, strict=True))
    for look in dict.fromkeys(look for look, _ in asked):
        doubt = look.doubt
        pairs = [next(at) for _ in range(len(doubt.samples) if doubt else 0)]
        if doubt is not None:
            _compare(check, look.index, doubt, [(one.text, text) for (_, one), (text, _) in pairs])
        pairs = [next(at) for _ in look.broken]
        mends = [_mend(one, text) for (_, one), (text, sure) in pairs if sure >= _SURE and _fits(one.text, text)]
        if mends and len(mends) >= _READ * len(pairs):
            check.mends[look.index] = tuple(mends)
    return check


def _asked(looks: Iterable[Look]) -> list[tuple[Look, Stretch]]:
    asked: list[tuple[Look, Stretch]] = []
    for look in looks:
        stretches = (*(look.doubt.samples if look.doubt else ()), *look.broken)
        if stretches and len(asked) + len(stretches) <= MOST_MENDED:
            asked.extend((look, stretch) for stretch in stretches)
    return asked


def _images(
    document: pymupdf.Document, asked: Iterable[tuple[Look, Stretch]], options: ReadOptions
) -> Iterator[PageImage]:
    for look, stretch in asked:
        page = document.load_page(look.index)
        box = _with_margin(stretch.bbox, (page.rect.width, page.rect.height))
        yield page_image(page, dpi_within(box[2] - box[0], box[3] - box[1], options), box)


def _with_margin(box: BBox, sheet: tuple[float, float]) -> BBox:
    x0, y0, x1, y1 = box
    return (max(x0 - _MARGIN, 0), max(y0 - _MARGIN, 0), min(x1 + _MARGIN, sheet[0]), min(y1 + _MARGIN, sheet[1]))


def _read(result: ReadImage | InputError) -> tuple[str, float]:
    """The text, and how sure it is; nothing where OCR failed: the layer then stays."""
    if isinstance(result, InputError) or not result.lines:
        return "", 0.0

    def box(line_quad: Iterable[tuple[float, float]]) -> BBox:
        xs, ys = zip(*line_quad, strict=True)
        return (min(xs), min(ys), max(xs), max(ys))

    lines = reading_order(result.lines, lambda line: box(line.quad))
    return " ".join(line.text for line in lines), min(line.confidence for line in lines)


def _compare(check: LayerCheck, index: int, doubt: Doubt, pairs: list[tuple[str, str]]) -> None:
    """Where OCR saw nothing there is nothing to compare."""
    alike = [_similarity(layer, read) for layer, read in pairs if read]
    if not alike:
        return
    mean = sum(alike) / len(alike)
    lines = "line" if len(alike) == 1 else "lines"
    if mean < _ALIKE:
        check.needs[index] = OcrNeed(
            f"{doubt.reason} that is not what the page shows ({mean:.0%} of {len(alike)} {lines})"
        )
    else:
        check.notes[index] = f"{doubt.reason}, {mean:.0%} as the page shows in {len(alike)} {lines}"


def _similarity(layer: str, read: str) -> float:
    one, other = (_BLANKS.sub("", text).casefold() for text in (layer, read))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _mend(stretch: Stretch, text: str) -> Mend:
    """The known characters are exact: only those between them are taken from what was read, where
    they can be told. Dots that lead from an entry to it are left out."""
    gaps = groupby(stretch.text, key=lambda character: character.isspace() or is_unknown(character))
    parts = [(gap, "".join(group)) for gap, group in gaps]
    pattern = "".join("(.*?)" if gap else re.escape(part) for gap, part in parts)
    match = re.search(f"{'^' * parts[0][0]}{pattern}{'$' * parts[-1][0]}", text, re.IGNORECASE)
    if match is not None:
        found = iter(match.groups())
        text = "".join(next(found) if gap else part for gap, part in parts)
    return Mend(stretch, text.lstrip(_LEADERS) if is_unknown(stretch.text[0]) else text)


def _fits(layer: str, read: str) -> bool:
    """The known characters are in what was read, in their order: it is of the same words."""
    known = "".join(character.casefold() for character in layer if character.isalnum() and not is_unknown(character))
    text = _BLANKS.sub("", read).casefold()
    if not text:
        return False
    found = SequenceMatcher(None, known, text, autojunk=False).get_matching_blocks()
    return sum(match.size for match in found) >= 0.8 * len(known)
