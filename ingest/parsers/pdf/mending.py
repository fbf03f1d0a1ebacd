"""Words put into a page's text layer in place of those whose characters nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.parsers.pdf.layer_check import Mend
from ingest.parsers.pdf.levelling import remove_rotation

if TYPE_CHECKING:
    import pymupdf

_INNER = 0.25
"""Of a stretch's height, left out above and below when it is taken away: lines may touch each other."""
_BASELINE = 0.22


def mend(page: pymupdf.Page, mends: Sequence[Mend]) -> None:
    """In this process alone: the file stays as it is. What the page shows there is then written anew;
    its pictures and drawings are left alone."""
    import pymupdf

    remove_rotation(page)
    for own in list(page.annots(types=[pymupdf.PDF_ANNOT_REDACT]) or ()):
        page.delete_annot(own)  # the author's, who has not carried it out
    for one in mends:
        x0, y0, x1, y1 = one.stretch.bbox
        inner = _INNER * (y1 - y0)
        page.add_redact_annot((x0, y0 + inner, x1, y1 - inner), fill=False, cross_out=False)
    page.apply_redactions(images=pymupdf.PDF_REDACT_IMAGE_NONE, graphics=pymupdf.PDF_REDACT_LINE_ART_NONE)
    for one in mends:
        _write(page, one)


def _write(page: pymupdf.Page, one: Mend) -> None:
    """On its baseline, as wide as the stretch."""
    import pymupdf

    x0, y0, x1, y1 = one.stretch.bbox
    latin = all(ord(character) < 256 for character in one.text)
    font = ("hebo" if one.stretch.bold else "helv") if latin else "china-s"
    size = max(one.stretch.size, 1.0)
    # The built-in Chinese font writes every character as wide as it is high.
    natural = pymupdf.get_text_length(one.text, fontname=font, fontsize=size) if latin else len(one.text) * size
    start = pymupdf.Point(x0, y1 - _BASELINE * (y1 - y0))
    page.insert_text(
        start, one.text, fontsize=size, fontname=font, morph=(start, pymupdf.Matrix((x1 - x0) / max(natural, 1.0), 1))
    )
