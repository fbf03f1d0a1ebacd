"""What every renderer prints alike: how headings differ, furniture's words, page sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pairs.model import Block, Heading, Runs, Table
from pairs.recipes import Recipe

PAPERS = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
MARGIN = 62.0
GUTTER = 20.0


@dataclass(frozen=True, slots=True)
class HeadingLook:
    """`size` is a factor of the text's."""

    size: float
    bold: bool = True
    italic: bool = False
    color: str = "#000000"


_LOOKS: dict[str, tuple[HeadingLook, ...]] = {
    "size": (HeadingLook(2.0), HeadingLook(1.6), HeadingLook(1.3), HeadingLook(1.15), HeadingLook(1.0)),
    "weight": (
        HeadingLook(1.8, bold=False),
        HeadingLook(1.3, bold=True),
        HeadingLook(1.0, bold=True),
        HeadingLook(1.0, bold=True, italic=True),
        HeadingLook(1.0, bold=False, italic=True),
    ),
    "color": (
        HeadingLook(1.7, bold=False, color="#123a6b"),
        HeadingLook(1.25, bold=False, color="#1f5fa8"),
        HeadingLook(1.1, bold=False, color="#2a8f7d"),
        HeadingLook(1.0, bold=False, color="#8a5a12"),
        HeadingLook(1.0, bold=False, color="#777777"),
    ),
}


def heading_look(recipe: Recipe, level: int) -> HeadingLook:
    """Chinese fonts have no italics, and some no bold: there, below the title, size always helps a little."""
    look = _LOOKS[recipe.heading_look][min(level, 5) - 1]
    if recipe.language == "zh" and recipe.heading_look == "weight":
        look = replace(look, size=max(look.size, (1.8, 1.4, 1.2, 1.1, 1.05)[min(level, 5) - 1]))
    return look


def watermark_text(recipe: Recipe) -> str:
    if not recipe.watermark:
        return ""
    return "内部资料 请勿外传" if recipe.language == "zh" else "DRAFT – NOT FOR RELEASE"


def stamp_text(recipe: Recipe) -> str:
    if not recipe.stamp:
        return ""
    return "受控文件 2026-017" if recipe.language == "zh" else "CONTROLLED COPY 17"


def page_words(recipe: Recipe) -> tuple[str, str, str]:
    """What stands before the page's number, between it and the count of pages ("" without one), and after."""
    if recipe.page_number == "of":
        return ("第 ", " 页 共 ", " 页") if recipe.language == "zh" else ("Page ", " of ", "")
    return ("— ", "", " —") if recipe.page_number == "dash" else ("", "", "")


def number_place(recipe: Recipe) -> tuple[str, str]:
    """Top or bottom; left, center or right; ("", "") without page numbers."""
    return {
        "bottom-center": ("bottom", "center"),
        "bottom-right": ("bottom", "right"),
        "top-right": ("top", "right"),
        "of": ("bottom", "center"),
        "dash": ("bottom", "center"),
        "none": ("", ""),
    }[recipe.page_number]


def short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def has_text(runs: Runs) -> bool:
    return any(run.text.strip() or run.note for run in runs)


def column_weights(widths: Iterable[int]) -> list[float]:
    """Shares of the width from the longest cell of each column, damped so that none gets too narrow."""
    damped = [max(4.0, width) ** 0.6 for width in widths]
    return [weight / sum(damped) for weight in damped]


def stretches(blocks: Iterable[Block]) -> list[tuple[bool, list[Block]]]:
    """Runs of blocks that share pages; True for a table on a page of its own, with the heading right above it."""
    out: list[tuple[bool, list[Block]]] = []
    for block in blocks:
        if isinstance(block, Table) and block.look.own_page:
            last = out[-1][1] if out and not out[-1][0] else []
            above = [last.pop()] if last and isinstance(last[-1], Heading) else []
            out.append((True, [*above, block]))
        elif out and not out[-1][0]:
            out[-1][1].append(block)
        else:
            out.append((False, [block]))
    return [(alone, members) for alone, members in out if members]
