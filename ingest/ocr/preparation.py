"""What is done to a page's image before it is read: each step only where the image itself asks for it.

benchmarks/ocr/steps.py measures every one with and without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.ocr.crops import Pixels
from ingest.ocr.paper import Paper, paper_of, with_full_contrast, without_grain, without_specks
from ingest.ocr.stamps import apart
from ingest.options.ocr import PreparationStep

_SPECKS = 0.0005
"""Share of bare paper's pixels: clean print has none, a bad fax five in a thousand."""
_GRAIN = 9.0
"""Shades: up to it, smoothing takes more from the print than from the grain."""
_FAINT = 60.0
"""Shades between ink and paper: pencil, a third copy, a fax that runs out of toner."""
_QUIET = 5.0
"""Noise up to which contrast may be raised: it raises the noise too, which costs more than it gives."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`stamps` is what was taken off the page, as a page of its own. `done` are the steps that were taken."""

    pixels: Pixels
    stamps: Pixels | None = None
    done: tuple[PreparationStep, ...] = ()


def prepare(pixels: Pixels, allowed: frozenset[PreparationStep]) -> Prepared:
    done: list[PreparationStep] = []
    layers = apart(pixels) if "stamps" in allowed else None
    if layers is not None:
        pixels = layers.print
        done.append("stamps")
    if allowed - {"stamps"}:
        paper = paper_of(pixels)
        for step in _SHADES:
            if step in allowed and _asks_for(step, paper):
                pixels = _taken(step, pixels, paper)
                done.append(step)
    return Prepared(pixels, None if layers is None else layers.stamps, tuple(done))


_Shade = Literal["specks", "grain", "contrast"]
_SHADES: tuple[_Shade, ...] = ("specks", "grain", "contrast")
"""In this order: contrast would make specks and grain stronger."""


def _asks_for(step: _Shade, paper: Paper) -> bool:
    match step:
        case "specks":
            return paper.specks > _SPECKS
        case "grain":
            return paper.noise > _GRAIN
        case "contrast":
            return 0 < paper.contrast < _FAINT and paper.noise < _QUIET


def _taken(step: _Shade, pixels: Pixels, paper: Paper) -> Pixels:
    match step:
        case "specks":
            return without_specks(pixels)
        case "grain":
            return without_grain(pixels)
        case "contrast":
            return with_full_contrast(pixels, paper)
