"""What counts as read, which way up a page stands, and when advice is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from ingest.ocr.base import Corners, Recognised
from ingest.ocr.crops import Pixels, bgr
from ingest.ocr.engine import PageEngine
from ingest.ocr.reading import Reading
from ingest.page_images import PageImage, ReadImage

PAGE = PageImage(width=400, height=200, pixels=bytes([255] * 400 * 200 * 3), dpi=200)


@dataclass(frozen=True)
class Found:
    text: str
    confidence: float
    box: Corners


@dataclass
class ScriptedModels:
    """Find what `looks` has for them, one page after another."""

    looks: Iterable[Sequence[Found]]
    name: str = "scripted"
    pages: list[Pixels] = field(default_factory=list)
    strips: list[list[tuple[int, ...]]] = field(default_factory=list)
    _texts: list[Recognised] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next = iter(self.looks)

    def find(self, pixels: Pixels) -> list[Corners]:
        self.pages.append(pixels)
        found = next(self._next)
        self._texts += [(one.text, one.confidence) for one in found]
        return [one.box for one in found]

    def recognise(self, strips: Sequence[Pixels]) -> list[Recognised]:
        self.strips.append([strip.shape for strip in strips])
        texts, self._texts = self._texts, []
        assert len(texts) == len(strips)
        return texts


def line(text: str, confidence: float = 0.99, width: float = 300, height: float = 30, top: float = 10) -> Found:
    return Found(text, confidence, ((20, top), (20 + width, top), (20 + width, top + height), (20, top + height)))


def engine(models: ScriptedModels, min_confidence: float = 0.5) -> PageEngine:
    return PageEngine(models, Reading(min_confidence, "PP-OCRv6_small_rec"), {})


def read(*lines: Found, turned: Sequence[Found] | None = None, min_confidence: float = 0.5) -> ReadImage:
    """`turned`: what is found when the page stands on its head."""
    return engine(ScriptedModels([lines, lines if turned is None else turned]), min_confidence).read(PAGE)


def texts(result: ReadImage) -> list[str]:
    return [found.text for found in result.lines]


def test_a_page_that_is_read_well_is_looked_at_once_and_needs_no_advice() -> None:
    result = read(line("The pump is oiled."), line("每周检查一次油位。", width=270))
    assert texts(result) == ["The pump is oiled.", "每周检查一次油位。"]
    assert (result.unread, result.advice) == (0, "")


def test_a_line_in_doubt_is_kept_and_marked() -> None:
    result = read(*[line("The pump is oiled.", top=top) for top in (10, 50, 90, 130)], line("Tbe scal is wom.", 0.45))
    assert texts(result)[-1] == "Tbe scal is wom."
    assert [found.doubtful for found in result.lines] == [False] * 4 + [True]
    assert result.unread == 0


def test_what_is_no_text_is_counted_and_left_out() -> None:
    good = [line("The pump is oiled.", top=top) for top in (10, 50, 90, 130)]
    result = read(*good, line("nsuwnu", 0.2, width=100), line("", 0.0, width=100))
    assert texts(result) == ["The pump is oiled."] * 4
    assert result.unread == 2


def test_on_a_page_of_an_unknown_script_what_is_in_doubt_is_left_out_and_told() -> None:
    result = read(line("HRO UT CCCP", 0.45, width=100), line("BCE MNPA", 0.4, width=100))
    assert (texts(result), result.unread) == ([], 2)
    assert "ocr.recognition_model" in result.advice


def test_a_long_line_of_almost_nothing_is_unread_whatever_its_confidence() -> None:
    result = read(line("      .", 0.95))
    assert (texts(result), result.unread) == ([], 1)


@pytest.mark.parametrize(
    "kept", [line("Name:", 0.97), line("目  录", 0.99, width=150), line("第", 0.95, width=30), line("-", 0.9, width=60)]
)
def test_short_texts_and_forms_are_read(kept: Found) -> None:
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
    models = ScriptedModels([[line("???", 0.5)]] * 2)
    engine(models).read(image)
    assert [tuple(look[0, 0]) for look in models.pages] == [(3, 2, 1), (0, 0, 0)]
    assert tuple(models.pages[1][19, 29]) == (3, 2, 1)


def test_lines_of_several_pages_are_recognised_together_and_told_page_by_page() -> None:
    models = ScriptedModels([[line("one"), line("two", top=60)], [], [line("three")]])
    results = engine(models).read_all([PAGE] * 3)
    assert [texts(result) for result in results] == [["one", "two"], [], ["three"]]
    assert len(models.strips[0]) == 3


def test_of_several_pages_only_the_one_on_its_head_is_looked_at_again() -> None:
    models = ScriptedModels([[line("The pump is oiled.")], [line("bvo l n uvo", 0.6)], [line("This is a lot of text")]])
    upright, turned = engine(models).read_all([PAGE] * 2)
    assert (texts(upright), texts(turned)) == (["The pump is oiled."], ["This is a lot of text"])
    assert len(models.pages) == 3


def test_a_box_that_is_high_and_narrow_is_read_downwards() -> None:
    [upright] = read(Found("直書", 0.9, ((50, 10), (80, 10), (80, 190), (50, 190)))).lines
    assert upright.quad[:2] == ((80, 10), (80, 190))


@pytest.mark.parametrize("image", [PageImage(2, 2, b"123", 72), PageImage(0, 5, b"", 72)])
def test_bytes_that_are_no_such_image_are_refused(image: PageImage) -> None:
    with pytest.raises(ValueError, match="no image of"):
        bgr(image)
