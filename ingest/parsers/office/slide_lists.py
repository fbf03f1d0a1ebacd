"""Which paragraphs of a slide are list items: by their bullets, their own or inherited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.parsers.office.labels import shown

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_BULLETS = (f"{_A}buNone", f"{_A}buChar", f"{_A}buAutoNum", f"{_A}buBlip")
_BODY = frozenset({"BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"})
_STYLES = (("alphaLc", "a"), ("alphaUc", "A"), ("romanLc", "i"), ("romanUc", "I"))


class SlideLists:
    """For the shapes of one slide, in their order: it counts numbered items."""

    def __init__(self, slide_number: int) -> None:
        self.slide_number = slide_number
        self._counts: dict[tuple[int, int], int] = {}

    def label(self, shape: Any, paragraph: Any) -> str | None:
        """The number that is shown in front of a list item, "" where that is a bullet; None for
        what is no list item."""
        bullet = next(self._bullets(shape, paragraph), None)
        place = (shape.shape_id, paragraph.level)
        for deeper in [key for key in self._counts if key[0] == place[0] and key[1] > place[1]]:
            del self._counts[deeper]
        if bullet is None or bullet.tag == f"{_A}buNone":
            self._counts.pop(place, None)
            return None
        if bullet.tag != f"{_A}buAutoNum":
            self._counts.pop(place, None)
            return ""
        start = bullet.get("startAt") or "1"
        number = self._counts.get(place, (int(start) if start.isdigit() else 1) - 1) + 1
        self._counts[place] = number
        return _label(number, bullet.get("type") or "")

    def _bullets(self, shape: Any, paragraph: Any) -> Iterator[Any]:
        """The nearest first: of the paragraph, the shape, its layout, its master, the master's styles."""
        properties = [paragraph._p.find(f"{_A}pPr")]
        level = f"{_A}lvl{paragraph.level + 1}pPr"
        properties += [style.find(level) for style in self._list_styles(shape)]
        for found in properties:
            if found is not None:
                yield from found.iterchildren(*_BULLETS)

    def _list_styles(self, shape: Any) -> Iterator[Any]:
        yield from shape._element.iter(f"{_A}lstStyle")
        if not shape.is_placeholder:
            return
        kind = shape.placeholder_format.type
        base = getattr(shape, "_base_placeholder", None)
        while base is not None:
            yield from base._element.iter(f"{_A}lstStyle")
            base = getattr(base, "_base_placeholder", None)
        if kind is not None and kind.name in _BODY:
            master = shape.part.slide_layout.slide_master if hasattr(shape.part, "slide_layout") else None
            if master is not None:
                yield from master._element.iter(f"{_P}bodyStyle")


def _label(number: int, kind: str) -> str:
    style = next((style for prefix, style in _STYLES if kind.startswith(prefix)), "1")
    text = shown(number, style)
    if re.search(r"ParenBoth$", kind):
        return f"({text})"
    return f"{text})" if kind.endswith("ParenR") else text if kind.endswith("Plain") else f"{text}."
