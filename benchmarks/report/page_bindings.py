"""Which number of a report's JSON has to stand at which place of its page, and how it is written there.

`page_sections.py` tells it from what the words beside each number say, apart from the templates: a number in the wrong
row is found, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

NOTHING = "–"
Number = int | float
Place = tuple[str, str, int | str, int]
"""A section, how the caption of its table begins, the row (its place from 0, its head, or its `data-chunk`), and the
cell in it."""


class Told:
    """The JSON, and which of its numbers were asked for."""

    def __init__(self, report: dict[str, object]) -> None:
        self._report = report
        self._asked: set[str] = set()
        self._empty: list[str] = []

    def __call__(self, path: str) -> object:
        value: object = self._report
        for key in path.split("."):
            value = value[int(key)] if isinstance(value, list) else value[key]
        self._asked.add(path)
        return value

    def number(self, path: str) -> Number | None:
        value = self(path)
        if value is not None and not isinstance(value, int | float):
            raise TypeError(f"{path} is no number")
        return value

    def nothing_of(self, *parts: str) -> None:
        """The page says nothing of these parts of the report, in which nothing was found."""
        self._empty += [f"{part}." for part in parts]

    def knows(self, path: str) -> bool:
        return path in self._asked or path.startswith(tuple(self._empty))

    def count(self, path: str) -> int:
        """How many a list has; none where it is not there."""
        value = self(path)
        return len(value) if isinstance(value, list | dict) else 0

    def keys(self, path: str) -> list[str]:
        value = self(path)
        return list(value) if isinstance(value, dict) else []


@dataclass(frozen=True, slots=True)
class Bound:
    """What the place has to say. `small`: in the small print of a cell."""

    place: Place
    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a section says somewhere outside of its tables, or one of its cards."""

    section: str
    text: str
    card: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    text: str
    small: str


@dataclass(slots=True)
class Bindings:
    told: Told
    cells: list[Bound] = field(default_factory=list)
    sentences: list[Said] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    # -------------------------------------------------------------- how numbers are written

    def n(self, path: str) -> str:
        value = self.told.number(path)
        return NOTHING if value is None else f"{value:,.0f}"

    def three(self, path: str) -> str:
        value = self.told.number(path)
        return NOTHING if value is None else f"{value:.3f}"

    def percent(self, path: str) -> str:
        value = self.told.number(path)
        return NOTHING if value is None else f"{value:.1%}"

    def plain(self, path: str) -> str:
        value = self.told.number(path)
        return NOTHING if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

    def change(self, before: str, now: str, *, is_share: bool) -> str:
        """With its sign; of a share in points of a hundred."""
        numbers = self.told.number(before), self.told.number(now)
        if numbers[0] is None or numbers[1] is None:
            return NOTHING
        grown = numbers[1] - numbers[0]
        return f"{100 * grown:+.1f} points" if is_share else f"{grown:+,.0f}"

    def share(self, part: str, *wholes: str) -> str:
        of = sum(self.told.number(whole) or 0 for whole in wholes)
        value = self.told.number(part)
        return NOTHING if not of or value is None else f"{value / of:.1%}"

    # ------------------------------------------------------------------ where they stand

    def row(self, section: str, caption: str, row: int | str, texts: Sequence[str | None], first: int = 1) -> None:
        """One text a cell from the `first` on; None where a cell has no number."""
        self.cells.extend(
            Bound((section, caption, row, cell), text) for cell, text in enumerate(texts, first) if text is not None
        )

    def lines(self, section: str, caption: str, prefix: str, rows: dict[str, str], whole: str = "") -> None:
        """Rows of one number each, by the head of the row; with the share of `whole` behind it where there is one."""
        for head, name in rows.items():
            path = f"{prefix}.{name}"
            self.row(section, caption, head, [self.n(path), *([self.share(path, whole)] if whole else [])])

    def counts(self, section: str, caption: str, path: str, whole: str) -> None:
        """A table of words with their number and share."""
        for word in self.told.keys(path):
            self.row(section, caption, word, [self.n(f"{path}.{word}"), self.share(f"{path}.{word}", whole)])


def numbers(value: object, name: str = "") -> Iterator[str]:
    """The paths of all numbers."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers(inner, f"{name}.{place}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name
