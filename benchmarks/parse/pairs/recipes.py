"""Which features each pair gets: every value of every feature about equally often with every renderer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from pairs.model import Rule, Turn

RENDERERS = ("typst", "chromium", "reportlab")


@dataclass(frozen=True, slots=True)
class Recipe:
    """`columns` is for the text; wide tables take the page. Sizes are in points."""

    name: str
    renderer: str
    language: str
    kind: str
    columns: int
    paper: str
    family: int
    size: float
    justify: bool
    hyphenate: bool
    header: str
    page_number: str
    watermark: str
    stamp: bool
    footnotes: bool
    numbering: str
    heading_look: str
    bookmarks: str
    rule: Rule
    repeat_header: bool
    long_table: bool
    turn: Turn
    adjacent: str
    caption_above: bool

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


CHOICES: dict[str, tuple[object, ...]] = {
    "language": ("en", "zh"),
    "kind": ("article", "article", "tables"),
    "columns": (1, 2, 1, 2, 1),
    "paper": ("a4", "letter"),
    "family": (0, 1, 2),
    "size": (9.0, 10.0, 10.5, 11.0, 12.0),
    "justify": (True, False),
    "hyphenate": (True, False),
    "header": ("chapter", "title", "none"),
    "page_number": ("bottom-center", "bottom-right", "top-right", "of", "dash", "none"),
    "watermark": ("", "", "text"),
    "stamp": (False, False, False, True),
    "footnotes": (True, False),
    "numbering": ("decimal", "none", "source", "chapter", "none", "roman", "article"),
    "heading_look": ("size", "weight", "color"),
    "bookmarks": ("none", "all", "none", "sections"),
    "rule": ("grid", "lines", "none"),
    "repeat_header": (True, False),
    "long_table": (True, False),
    "turn": ("", "landscape", "", "rotated"),
    "adjacent": ("", "different", "", "same-columns"),
    "caption_above": (True, False),
}
"""Every feature's values; one named twice comes twice as often."""
_CHINESE_NUMBERING = {"chapter": "zh_chapter", "roman": "zh_comma", "article": "zh_comma"}


def spread(seed: int, count: int, renderers: Sequence[str] = RENDERERS) -> list[Recipe]:
    """`count` recipes. A renderer's own recipes depend on the seed and on how many it gets, on nothing else."""
    shares = _shares(count, renderers)
    recipes: list[Recipe] = []
    for renderer in renderers:
        columns = {name: _cycle(seed, renderer, name, shares[renderer]) for name in CHOICES}
        for index in range(shares[renderer]):
            values = {name: column[index] for name, column in columns.items()}
            values |= {"name": f"{renderer}-{index + 1:02}", "renderer": renderer}
            recipes.append(_sensible(values))
    return recipes


def _shares(count: int, renderers: Sequence[str]) -> dict[str, int]:
    """As even as it goes; the first get what is left over."""
    each, over = divmod(count, len(renderers))
    return {name: each + (at < over) for at, name in enumerate(renderers)}


def _cycle(seed: int, renderer: str, feature: str, count: int) -> list[object]:
    """The values over and over, shuffled: counts differ by no more than one turn."""
    values = CHOICES[feature]
    out = [values[index % len(values)] for index in range(count)]
    random.Random(f"{seed}/{renderer}/{feature}").shuffle(out)
    return out


def _sensible(values: dict[str, object]) -> Recipe:
    """What cannot stand together gives way: no hyphens in Chinese, and Chinese ways of numbering there only."""
    if values["language"] == "zh":
        values["numbering"] = _CHINESE_NUMBERING.get(str(values["numbering"]), values["numbering"])
        values["hyphenate"] = False
    if values["hyphenate"]:
        values["justify"] = True
    if values["kind"] == "tables":
        values["long_table"] = True
    chosen = {field.name: values[field.name] for field in fields(Recipe)}
    return Recipe(**chosen)  # type: ignore[arg-type]  # each value is drawn from the list of its own feature
