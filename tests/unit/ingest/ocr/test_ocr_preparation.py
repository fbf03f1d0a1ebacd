"""What is done to an image before it is read, and what is left alone."""

from __future__ import annotations

import numpy as np
import pymupdf
import pytest

from ingest.ocr.crops import Pixels, line_strip, reading_quad
from ingest.ocr.paper import paper_of
from ingest.ocr.preparation import prepare
from ingest.options.ocr import PreparationStep

ALL: frozenset[PreparationStep] = frozenset({"stamps", "specks", "contrast"})
LINES = ("The oil level of every pump is checked once a week.", "Never open the housing while the shaft is turning.")


def page(colour: tuple[float, float, float] = (0, 0, 0), stamp: pymupdf.Rect | None = None, size: float = 9) -> Pixels:
    """At 150 dpi; `stamp` is a red ring, printed over the text as ink is."""
    with pymupdf.open() as document:
        sheet = document.new_page(width=360, height=160)
        for row, line in enumerate(LINES * 2):
            sheet.insert_text((30, 40 + 26 * row), line, fontsize=size, color=colour)
        printed = drawn(sheet)
        if stamp is None:
            return printed
        seal = document.new_page(width=360, height=160)
        seal.draw_oval(stamp, color=(0.9, 0.2, 0.25), width=4)
        return np.minimum(printed, drawn(seal))


def drawn(sheet: pymupdf.Page) -> Pixels:
    pixmap = sheet.get_pixmap(dpi=150)
    rgb = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def specked(pixels: Pixels, share: float = 0.004) -> Pixels:
    random = np.random.default_rng(7).random(pixels.shape[:2])
    result = pixels.copy()
    result[random < share] = 10
    return result


SEAL = pymupdf.Rect(120, 20, 220, 120)


@pytest.mark.parametrize("size", [6, 9, 14])
def test_a_clean_page_is_left_as_it_is(size: float) -> None:
    pixels = page(size=size)
    prepared = prepare(pixels, ALL)
    assert prepared.done == ()
    assert prepared.pixels is pixels


def test_specks_go_and_print_stays() -> None:
    clean = page()
    dirty = specked(clean)
    prepared = prepare(dirty, ALL)
    assert prepared.done == ("specks",)
    bare = clean.min(axis=2) == 255
    assert (dirty[bare] < 128).any(axis=1).mean() > 0.003
    assert (prepared.pixels[bare] < 128).any(axis=1).mean() < 0.0005
    ink = clean.max(axis=2) < 60
    assert np.median(prepared.pixels[ink]) < 60


def test_faint_print_becomes_black_on_white() -> None:
    faint = (200 + page().astype(np.uint16) * 40 // 255).astype(np.uint8)
    prepared = prepare(faint, ALL)
    assert prepared.done == ("contrast",)
    assert paper_of(faint).contrast <= 40
    assert paper_of(prepared.pixels).contrast > 200


def test_a_step_that_is_not_allowed_is_not_taken() -> None:
    dirty = specked(page(stamp=SEAL))
    assert prepare(dirty, frozenset()).done == ()
    assert prepare(dirty, frozenset({"specks"})).done == ("specks",)


def test_a_stamp_over_print_is_taken_off_and_kept_on_a_sheet_of_its_own() -> None:
    plain = page()
    prepared = prepare(page(stamp=SEAL), ALL)
    assert prepared.done == ("stamps",)
    assert (prepared.pixels.max(axis=2) - prepared.pixels.min(axis=2)).max() <= 50
    print_left = prepared.pixels.max(axis=2) < 110
    printed = plain.max(axis=2) < 110
    assert (print_left & printed).sum() > 0.95 * printed.sum()
    assert (print_left & ~printed).sum() < 0.05 * printed.sum()
    assert prepared.stamps is not None
    assert (prepared.stamps.max(axis=2) < 110).sum() > 1000


def test_coloured_print_that_lies_over_nothing_stays() -> None:
    red = page(colour=(0.85, 0.1, 0.1))
    prepared = prepare(red, ALL)
    assert (prepared.pixels is red, prepared.stamps) == (True, None)


def test_a_colour_photo_is_no_stamp() -> None:
    photo = page()
    across, down = np.meshgrid(np.arange(200), np.arange(150))
    photo[60:210, 60:260] = np.stack([across, down * 255 // 150, 255 - across], -1).astype(np.uint8)
    assert "stamps" not in prepare(photo, ALL).done


def test_a_strip_has_air_at_its_ends_and_is_upright() -> None:
    pixels = np.full((100, 200, 3), 255, np.uint8)
    pixels[40:60, 50:150] = 0
    strip = line_strip(pixels, ((50, 40), (150, 40), (150, 60), (50, 60)))
    assert strip.shape == (20, 108, 3)
    assert strip[10, 0, 0] > 200
    assert strip[10, 20, 0] < 50
    downwards = ((50.0, 10.0), (70.0, 10.0), (70.0, 90.0), (50.0, 90.0))
    assert line_strip(pixels, downwards).shape == (20, 88, 3)
    assert reading_quad(downwards)[:2] == ((70, 10), (70, 90))


def test_small_print_is_enlarged_and_other_print_is_not() -> None:
    pixels = np.full((100, 200, 3), 255, np.uint8)
    assert line_strip(pixels, ((50, 40), (150, 40), (150, 50), (50, 50))).shape == (20, 208, 3)
    assert line_strip(pixels, ((50, 40), (150, 40), (150, 57), (50, 57))).shape[0] == 17


def test_grain_is_smoothed_only_where_it_is_heavy() -> None:
    random = np.random.default_rng(7)
    soft = page(size=14)

    def grainy(deviation: float) -> Pixels:
        noise = random.normal(0, deviation, soft.shape[:2])[:, :, None]
        return np.clip(60 + soft * (160 / 255) + noise, 0, 255).astype(np.uint8)

    steps: frozenset[PreparationStep] = frozenset({"grain", "contrast"})
    assert prepare(grainy(4), steps).done == ()
    heavy = grainy(16)
    prepared = prepare(heavy, steps)
    assert prepared.done == ("grain",)
    assert paper_of(prepared.pixels).noise < paper_of(heavy).noise / 2


def test_faint_print_with_noise_is_left_as_it_is() -> None:
    noise = np.random.default_rng(7).normal(0, 9, page().shape[:2])[:, :, None]
    faint = np.clip(200 + page() * (40 / 255) + noise, 0, 255).astype(np.uint8)
    assert prepare(faint, frozenset({"contrast"})).done == ()
