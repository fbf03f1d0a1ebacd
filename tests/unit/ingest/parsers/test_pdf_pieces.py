"""Where the parts of a block's text were printed, and pages that are held level for it."""

from __future__ import annotations

import itertools

import pymupdf
import pytest

from ingest.parsers.pdf.levelling import remove_rotation
from ingest.parsers.pdf.pieces import Printed, pieces_of_text

LINE = (10.0, 10.0, 100.0, 20.0)
BELOW = (10.0, 22.0, 100.0, 32.0)


def starts(text: str, *lines: str) -> list[str]:
    """The texts of the pieces that so many printed lines leave of a block's text."""
    parts = [Printed(1, LINE, len(line.replace(" ", "").replace("-", ""))) for line in lines]
    found = [piece[0] for piece in pieces_of_text(text, parts)]
    return [text[start:end] for start, end in itertools.pairwise([*found, len(text)])]


def test_a_line_begins_where_its_first_letter_stands_though_a_hyphen_was_undone() -> None:
    assert starts("a hyphenated word", "a hyphen-", "ated word") == ["a hyphen", "ated word"]


def test_one_line_has_no_pieces() -> None:
    assert starts("only one", "only one") == []


def test_lines_that_are_not_what_the_text_says_are_not_guessed_at() -> None:
    assert starts("quite another text than that", "short", "lines") == []


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (20.0, 30.0, 380.0, 545.0)])
@pytest.mark.parametrize("media", [(0.0, 0.0, 420.0, 595.0), (10.0, -20.0, 430.0, 575.0)])
def test_a_page_without_its_rotation_shows_the_same(
    rotation: int, crop: tuple[float, ...] | None, media: tuple[float, ...]
) -> None:
    document = pymupdf.open()
    page = document.new_page(width=420, height=595)
    page.set_mediabox(pymupdf.Rect(media))
    page.insert_text((68, 98), "Hello")
    if crop is not None:
        x0, y0, x1, y1 = crop
        page.set_cropbox(pymupdf.Rect(x0 + media[0], y0, x1 + media[0], y1))
    page.set_rotation(rotation)
    shown, size = pymupdf.Rect(page.get_text("words")[0][:4]) * page.rotation_matrix, page.rect

    remove_rotation(page)

    assert (page.rotation, page.rect) == (0, size)
    assert tuple(page.get_text("words")[0][:4]) == pytest.approx(tuple(shown), abs=0.01)
