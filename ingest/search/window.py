"""The chunks around one chunk of a document, and their text, each word of it once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemas.base import Span
from schemas.chunk import Chunk
from schemas.point import Expand

_BETWEEN_BLOCKS = "\n\n"
_WITHIN_BLOCK = "\n"


@dataclass(frozen=True, slots=True)
class Shown:
    """`places[i]` is where the i-th chunk's own text stands in `text`."""

    text: str
    places: tuple[Span, ...]


def widen(chunks: Sequence[Chunk], at: int, how: Expand, fits: Callable[[range], bool]) -> range:
    """The chunks to show around chunk `at`, in one stretch: it, and then by turns the one before and
    the one after as long as they fit. An enclosing section begins when all of the inner one is shown."""
    shown = range(at, at + 1)
    for scope in _scopes(chunks, at, how):
        shown = _grow(shown, scope, fits)
        if shown != scope:
            break
    return shown


def _scopes(chunks: Sequence[Chunk], at: int, how: Expand) -> Iterator[range]:
    """From the inside out, each around the one before."""
    if how is Expand.NEIGHBOURS:
        yield range(len(chunks))
        return
    own = chunks[at]
    yield _stretch(at, [chunk.section == own.section for chunk in chunks])
    for depth in range(len(own.heading_path) - 1, 0, -1):
        path = own.heading_path[:depth]
        yield _stretch(at, [chunk.heading_path[:depth] == path for chunk in chunks])


def _stretch(at: int, inside: Sequence[bool]) -> range:
    """The places around `at` without one between that is not inside."""
    first, last = at, at
    while first > 0 and inside[first - 1]:
        first -= 1
    while last + 1 < len(inside) and inside[last + 1]:
        last += 1
    return range(first, last + 1)


def _grow(shown: range, scope: range, fits: Callable[[range], bool]) -> range:
    sides = [-1, 1]
    while sides:
        side = sides.pop(0)
        wider = range(shown.start - (side < 0), shown.stop + (side > 0))
        if scope.start <= wider.start and wider.stop <= scope.stop and fits(wider):
            shown = wider
            sides.append(side)
    return shown


def sources_of(chunks: Sequence[Chunk], document: str) -> Shown:
    """The text of the document that neighbouring chunks are about, in its order, for chunks whose own
    text a model wrote; several may be about one sentence."""
    text = chunks[0].added_prefix
    begins: dict[Span, int] = {}
    end_before = 0
    for start, end in _outermost(span for chunk in chunks for span in chunk.spans):
        if begins:
            gap = document[end_before:start]
            text += _WITHIN_BLOCK if gap.strip() or not gap else gap
        begins[start, end] = len(text)
        text += document[start:end]
        end_before = end

    def place(at: int) -> int:
        return next(begin + at - start for (start, end), begin in begins.items() if start <= at <= end)

    spans = [(min(chunk.spans)[0], max(chunk.spans)[1]) for chunk in chunks]
    return Shown(text, tuple((place(first), place(last - 1) + 1) for first, last in spans))


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """In order, without those that lie in another."""
    kept: list[Span] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def put_together(chunks: Sequence[Chunk]) -> Shown:
    """Neighbouring chunks as one text: what a chunk repeats of the one before, or header rows that
    were shown already, is left out."""
    text = ""
    places: list[Span] = []
    for place, chunk in enumerate(chunks):
        if place == 0:
            own = chunk.text
        else:
            own = _unless_shown(chunk.added_prefix, text) + chunk.text[chunk.repeated :]
            text += _WITHIN_BLOCK if chunks[place - 1].blocks[-1:] == chunk.blocks[:1] else _BETWEEN_BLOCKS
        places.append((len(text), len(text) + len(own)))
        text += own
    return Shown(text, tuple(places))


def _unless_shown(prefix: str, text: str) -> str:
    return "" if prefix.strip() in text else prefix
