"""Lines in doubt are read by a second recogniser, and stamps by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.ocr.base import Corners, Recognised
from ingest.ocr.crops import Pixels
from ingest.ocr.engine import PageEngine
from ingest.ocr.reading import Reading
from ingest.ocr.second_look import SecondLook
from ingest.ocr.word_list import word_list
from ingest.page_images import PageImage, TextLine

PAGE = np.full((200, 400, 3), 255, np.uint8)


@dataclass
class Reads:
    """Says one thing after another, whatever the strip shows."""

    answers: list[Recognised]
    strips: list[Pixels] = field(default_factory=list)
    name: str = "reads"

    def find(self, pixels: Pixels) -> list[Corners]:
        return [((20, 20), (320, 20), (320, 50), (20, 50))] if (pixels < 128).any() else []

    def recognise(self, strips: Sequence[Pixels]) -> list[Recognised]:
        self.strips += strips
        return [self.answers.pop(0) for _ in strips]


def line(text: str, confidence: float, top: float = 10) -> TextLine:
    return TextLine(text, confidence, ((20, top), (320, top), (320, top + 30), (20, top + 30)))


def again(lines: Sequence[TextLine], *answers: Recognised, below: float = 0.9) -> tuple[list[str], int]:
    other = Reads(list(answers))
    [found] = SecondLook(other, below).again([(PAGE, lines)])
    return [one.text for one in found], len(other.strips)


def test_only_lines_in_doubt_are_read_again() -> None:
    lines = [line("The pump is oiled.", 0.98), line("Tbe seal is wom.", 0.7, 60)]
    assert again(lines, ("The seal is worn.", 0.95)) == (["The pump is oiled.", "The seal is worn."], 1)


def test_the_reading_with_the_higher_confidence_wins() -> None:
    assert again([line("The seal is worn.", 0.8)], ("Tbe seal is wom.", 0.7))[0] == ["The seal is worn."]


def test_what_is_no_text_never_wins_and_always_loses() -> None:
    assert again([line("The seal is worn.", 0.6)], ("      .", 0.95))[0] == ["The seal is worn."]
    assert again([line("      .", 0.85)], ("The seal is worn.", 0.6))[0] == ["The seal is worn."]


def test_lines_keep_their_places_over_several_pages() -> None:
    pages = [(PAGE, [line("one", 0.5), line("two", 0.99)]), (PAGE, []), (PAGE, [line("three", 0.5)])]
    found = SecondLook(Reads([("ONE", 0.9), ("THREE", 0.9)]), 0.9).again(pages)
    assert [[one.text for one in lines] for lines in found] == [["ONE", "two"], [], ["THREE"]]


def image(pixels: Pixels) -> PageImage:
    return PageImage(pixels.shape[1], pixels.shape[0], np.ascontiguousarray(pixels[:, :, ::-1]).tobytes(), 150)


def stamped() -> Pixels:
    pixels = np.full((400, 600, 3), 255, np.uint8)
    cv2.putText(pixels, "The seal is worn and leaks", (30, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 3)
    ring = np.full_like(pixels, 255)
    cv2.ellipse(ring, (250, 120), (110, 90), 0, 0, 360, (60, 50, 220), 8)
    return np.minimum(pixels, ring)


def test_what_a_stamp_says_is_added_when_it_is_beyond_doubt() -> None:
    reading = Reading(0.5, "m")
    sure = Reads([("The seal is worn", 0.98), ("RECEIVED", 0.95)])
    engine = PageEngine(sure, reading, {}, steps=frozenset({"stamps"}))
    assert [one.text for one in engine.read(image(stamped())).lines] == ["The seal is worn", "RECEIVED"]
    vague = Reads([("The seal is worn", 0.98), ("O", 0.95)])
    engine = PageEngine(vague, reading, {}, steps=frozenset({"stamps"}))
    assert [one.text for one in engine.read(image(stamped())).lines] == ["The seal is worn"]


def test_words_in_doubt_are_compared_with_the_list_after_the_second_look() -> None:
    words = word_list(["seal"], below=0.9)
    engine = PageEngine(Reads([("The seel is worn", 0.87)]), Reading(0.5, "m"), {}, words=words)
    assert [one.text for one in engine.read(image(stamped())).lines] == ["The seal is worn"]
