"""What counts as read, which way up a page stands, and when advice is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.ocr.reading import Pixels, Reading, bgr, read_page, text_line
from ingest.page_images import PageImage, ReadImage, TextLine

PAGE = PageImage(width=400, height=200, pixels=bytes([255] * 400 * 200 * 3), dpi=200)


def line(text: str, confidence: float = 0.99, width: float = 300, height: float = 30, top: float = 10) -> TextLine:
    return text_line(text, confidence, ((20, top), (20 + width, top), (20 + width, top + height), (20, top + height)))


def read(*lines: TextLine, turned: Sequence[TextLine] | None = None, min_confidence: float = 0.5) -> ReadImage:
    """`turned`: what is found when the page stands on its head."""
    looked = iter([list(lines), list(lines if turned is None else turned)])
    return read_page(PAGE, lambda pixels: next(looked), Reading(min_confidence, "PP-OCRv6_small_rec"))


def texts(result: ReadImage) -> list[str]:
    return [found.text for found in result.lines]


def test_a_page_that_is_read_well_is_looked_at_once_and_needs_no_advice() -> None:
    result = read(line("The pump is oiled."), line("每周检查一次油位。", width=270))
    assert texts(result) == ["The pump is oiled.", "每周检查一次油位。"]
    assert (result.unread, result.advice) == (0, "")


def test_lines_without_confidence_or_text_are_counted_and_left_out() -> None:
    result = read(line("The pump is oiled."), line("nsuwnuuuzinuin", 0.4), line("", 0.0))
    assert texts(result) == ["The pump is oiled."]
    assert result.unread == 2


def test_a_long_line_of_almost_nothing_is_unread_whatever_its_confidence() -> None:
    result = read(line("      .", 0.95))
    assert (texts(result), result.unread) == ([], 1)


@pytest.mark.parametrize(
    "kept", [line("Name:", 0.97), line("目  录", 0.99, width=150), line("第", 0.95, width=30), line("-", 0.9, width=60)]
)
def test_short_texts_and_forms_are_read(kept: TextLine) -> None:
    assert texts(read(kept)) == [kept.text]


def test_advice_names_the_option_the_model_and_those_that_know_other_scripts() -> None:
    advice = read(line("   .", 0.95), line("    ", 0.5), line("HRO UT", 0.52)).advice
    for part in ("3 of 3 lines", "PP-OCRv6_small_rec", "ocr.recognition_model", "cyrillic_PP-OCRv5_mobile_rec"):
        assert part in advice


def test_one_bad_line_among_many_is_no_reason_for_advice() -> None:
    good = [line("The pump is oiled.", top=top) for top in range(10, 90, 20)]
    assert read(*good, line("", 0.0)).advice == ""


def test_a_page_on_its_head_is_read_the_right_way_up_and_told_as_it_is_held() -> None:
    wrong = [line("bvo l n uvo", 0.67)]
    right = [line("This is a lot of text", 0.99)]
    result = read(*wrong, turned=right)
    assert texts(result) == ["This is a lot of text"]
    # The text begins at the right and stands with its top downwards.
    assert result.lines[0].quad == ((380, 190), (80, 190), (80, 160), (380, 160))


def test_a_page_that_reads_badly_both_ways_stays_as_it_was() -> None:
    result = read(line("   .", 0.95), turned=[line("Bpe ac Aa", 0.75)])
    assert (texts(result), result.unread) == ([], 1)


def test_the_page_is_really_turned_for_the_second_look() -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[0, 0] = (1, 2, 3)
    image = PageImage(30, 20, pixels.tobytes(), 72)
    looks: list[Pixels] = []

    def find(seen: Pixels) -> list[TextLine]:
        looks.append(seen)
        return [line("???", 0.5)]

    read_page(image, find, Reading(0.5, "m"))
    assert [tuple(look[0, 0]) for look in looks] == [(3, 2, 1), (0, 0, 0)]
    assert tuple(looks[1][19, 29]) == (3, 2, 1)


def test_a_box_that_is_high_and_narrow_is_read_downwards() -> None:
    upright = text_line("直書", 0.9, ((50, 10), (80, 10), (80, 200), (50, 200)))
    assert upright.quad[0] == (80, 10)
    assert upright.quad[1] == (80, 200)


@pytest.mark.parametrize("image", [PageImage(2, 2, b"123", 72), PageImage(0, 5, b"", 72)])
def test_bytes_that_are_no_such_image_are_refused(image: PageImage) -> None:
    with pytest.raises(ValueError, match="no image of"):
        bgr(image)
