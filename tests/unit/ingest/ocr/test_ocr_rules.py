"""Rules found in the image of a page."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from ingest.ocr.crops import Pixels
from ingest.ocr.rules import rules_of
from ingest.page_images import TextLine

WIDTH, HEIGHT = 900, 600
LINE = TextLine("The pump is oiled.", 0.99, ((100, 20), (400, 20), (400, 44), (100, 44)))
GRID_X, GRID_Y = (100, 350, 600, 800), (100, 160, 220, 400)


def table(thickness: int = 2) -> Pixels:
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for x in GRID_X:
        cv2.line(pixels, (x, GRID_Y[0]), (x, GRID_Y[-1]), (0, 0, 0), thickness)
    for y in GRID_Y:
        cv2.line(pixels, (GRID_X[0], y), (GRID_X[-1], y), (0, 0, 0), thickness)
    cv2.putText(pixels, "Hello, pump--", (120, 140), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    return pixels


def leaning(pixels: Pixels, degrees: float) -> tuple[Pixels, TextLine]:
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -degrees, 1.0)
    turned = cv2.warpAffine(pixels, turn, (WIDTH, HEIGHT), borderValue=(255, 255, 255))
    a, b, c, d = (tuple(turn @ np.array([x, y, 1.0])) for x, y in LINE.quad)
    return np.asarray(turned, np.uint8), TextLine(LINE.text, 0.99, (a, b, c, d))


@pytest.mark.parametrize("thickness", [1, 2, 4])
def test_the_frame_of_a_table_is_found_and_its_text_is_no_rule(thickness: int) -> None:
    rules = rules_of(table(thickness), [LINE])
    level = sorted(a[1] for a, b in rules if abs(b[1] - a[1]) < 1)
    upright = sorted(a[0] for a, b in rules if abs(b[0] - a[0]) < 1)
    assert level == pytest.approx(GRID_Y, abs=3)
    assert upright == pytest.approx(GRID_X, abs=3)


@pytest.mark.parametrize("degrees", [-4.0, 1.2])
def test_rules_of_a_page_that_leans_lean_with_it(degrees: float) -> None:
    pixels, line = leaning(table(), degrees)
    rules = rules_of(pixels, [line])
    assert len(rules) == len(GRID_X) + len(GRID_Y)
    angles = [math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) % 90 for a, b in rules]
    assert angles == pytest.approx([degrees % 90] * len(rules), abs=0.2)


def test_worn_rules_are_found_whole() -> None:
    pixels = table()
    pixels[:, ::75] = 255
    level = [(a, b) for a, b in rules_of(pixels, [LINE]) if abs(b[1] - a[1]) < 1]
    assert len(level) == len(GRID_Y)


def test_bars_and_pictures_edges_are_no_rules() -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    pixels[100:140, 100:800] = 0
    assert rules_of(pixels, [LINE]) == ()


def test_without_text_there_is_no_table() -> None:
    assert rules_of(table(), []) == ()
