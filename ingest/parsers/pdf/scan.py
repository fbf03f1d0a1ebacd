"""Pages whose text is in their image: what waits for OCR, and how its lines become a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.page_images import PageImage, ReadImage, Segment
from ingest.parsers.pdf.arranging import arrange
from ingest.parsers.pdf.confidence import is_no_text, mean_confidence
from ingest.parsers.pdf.layer import merge
from ingest.parsers.pdf.layout_model import MOST_RUNS, LayoutBox, grown, layout_boxes
from ingest.parsers.pdf.levelling import remove_rotation
from ingest.parsers.pdf.ocr_lines import PlacedLine, held, place, skew_of, to_runs, turn_of
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.pose import Pose
from ingest.parsers.pdf.rules import Rule
from ingest.parsers.pdf.words import Run
from schemas.document import PageMethod
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf

_DESCENT = 0.2
"""Of a line's height: how far its box reaches below the baseline."""
_LEVEL = 0.02
"""Rise of a rule on its run, after the page was straightened."""
_LATIN_FONT, _OTHER_FONT = "helv", "china-s"


@dataclass(frozen=True, slots=True)
class Scan:
    """A page that waits for OCR. Sizes are points of the page as it is shown, as for `PageContent`.

    `preview` is the page in a pixel per point, for the layout model; None where it is larger than
    that model takes. `layer` is what stands in its text layer beside the picture; `spare` is a
    text layer that is only better than nothing. The image that OCR gets may have a `margin` around
    the page, in points.
    """

    number: int
    width: float
    height: float
    rotation: int
    reason: str
    points_per_pixel: float
    preview: PageImage | None
    layer: tuple[Run, ...] = ()
    spare: tuple[Run, ...] = ()
    margin: float = 0.0

    @property
    def blank(self) -> PageContent:
        return PageContent(self.number, self.width, self.height, self.rotation, PageMethod.EMPTY, self.reason)


def finish(scan: Scan, result: ReadImage | InputError, threads: int) -> PageContent:
    """The page with what OCR found. A failed one keeps its text layer."""
    if isinstance(result, InputError):
        items = arrange(scan.layer or scan.spare, (), (), scan.number)
        reason = f"OCR failed: {result.message}"[:300]
        return replace(scan.blank, method=PageMethod.FAILED, reason=reason, items=items, error=result)
    page = replace(scan.blank, unread=result.unread, advice=result.advice)
    lines = place(result.lines, scan.points_per_pixel, scan.margin)
    if is_no_text([(line.text, line.confidence) for line in lines]):
        page, lines = replace(page, unread=page.unread + len(lines)), []
    else:
        sure = mean_confidence((line.confidence, len(line.text)) for line in lines)
        page = replace(page, confidence=sure, doubtful=sum(line.doubtful for line in result.lines))
    pose = _pose(scan, lines)
    runs = merge(to_runs([held(line, pose) for line in lines]), scan.layer, pose)
    if not runs:
        page = replace(page, reason=f"{scan.reason}; OCR found no text")
        items = arrange(scan.spare, (), (), scan.number)
        return replace(page, method=PageMethod.DIGITAL, items=items) if items else page
    boxes = _boxes(scan, runs, pose, threads) if len(runs) <= MOST_RUNS else []
    return replace(
        page,
        method=PageMethod.MIXED if scan.layer else PageMethod.OCR,
        items=arrange(runs, grown(boxes, runs), _rules(scan, result.rules, pose), scan.number),
        turned=pose.turned,
        skew=pose.skew,
    )


def _pose(scan: Scan, lines: Sequence[PlacedLine]) -> Pose:
    """So that most of the text stands upright and its lines are level."""
    turned = Pose(scan.width, scan.height, turn_of(lines))
    return replace(turned, skew=skew_of([held(line, turned) for line in lines]))


def _rules(scan: Scan, segments: Sequence[Segment], pose: Pose) -> list[Rule]:
    """On the page as it is read, in points; what then leans is none of a table's."""
    rules = []
    for segment in segments:
        (ax, ay), (bx, by) = (
            pose.read((x * scan.points_per_pixel - scan.margin, y * scan.points_per_pixel - scan.margin))
            for x, y in segment
        )
        if abs(by - ay) <= _LEVEL * abs(bx - ax):
            rules.append(Rule(True, (ay + by) / 2, min(ax, bx), max(ax, bx)))
        elif abs(bx - ax) <= _LEVEL * abs(by - ay):
            rules.append(Rule(False, (ax + bx) / 2, min(ay, by), max(ay, by)))
    return rules


def _boxes(scan: Scan, runs: Sequence[Run], pose: Pose, threads: int) -> list[LayoutBox]:
    """What the layout model sees in the page's picture with the text over it. It takes its text
    from here only to know where lines are and what they look like: the runs keep theirs."""
    if scan.preview is None:
        return []
    with _sheet(scan.preview, pose) as page:
        shape = page.new_shape()
        for run in runs:
            _write(shape, run)
        shape.commit()
        return layout_boxes(page, threads)


@contextmanager
def _sheet(preview: PageImage, pose: Pose) -> Iterator[pymupdf.Page]:
    import pymupdf

    picture = pymupdf.Pixmap(pymupdf.csRGB, preview.width, preview.height, _straightened(preview, pose.skew), False)
    with pymupdf.open() as document:
        page = document.new_page(width=pose.width, height=pose.height)
        page.insert_image(page.rect, pixmap=picture, keep_proportion=False)
        if pose.turned:
            page.set_rotation(pose.turned)
            remove_rotation(page)
        yield page


def _straightened(preview: PageImage, skew: float) -> bytes:
    """A turn by quarters, which follows, leaves the angle as it is."""
    if not skew:
        return preview.pixels
    from PIL import Image

    picture = Image.frombytes("RGB", (preview.width, preview.height), preview.pixels)
    turned = picture.rotate(math.degrees(skew), Image.Resampling.BILINEAR, fillcolor=(255, 255, 255))
    return turned.tobytes()


def _write(shape: pymupdf.Shape, run: Run) -> None:
    """Invisible, stretched to the run's box; what stands on its side is written along it."""
    import pymupdf

    text = " ".join(word.text for word in run.words)
    x0, y0, x1, y1 = run.bbox
    low = _DESCENT * min(x1 - x0, y1 - y0)
    turn, start, length, height = 0, pymupdf.Point(x0, y1 - low), x1 - x0, y1 - y0
    if abs(run.direction[1]) > abs(run.direction[0]):
        length, height = height, length
        turn, start = (90, pymupdf.Point(x1 - low, y1)) if run.direction[1] < 0 else (270, pymupdf.Point(x0 + low, y0))
    size = max(height * 0.8, 1.0)
    latin = all(ord(character) < 256 for character in text)
    # The built-in Chinese font writes every character as wide as it is high.
    natural = pymupdf.get_text_length(text, fontname=_LATIN_FONT, fontsize=size) if latin else len(text) * size
    stretch = pymupdf.Matrix(1, 1)
    if natural > 0 and length > 0:
        share = length / natural
        stretch = pymupdf.Matrix(share, 1) if turn == 0 else pymupdf.Matrix(1, share)
    shape.insert_text(
        start,
        text,
        fontsize=size,
        fontname=_LATIN_FONT if latin else _OTHER_FONT,
        rotate=turn,
        render_mode=3,
        morph=(start, stretch),
    )
