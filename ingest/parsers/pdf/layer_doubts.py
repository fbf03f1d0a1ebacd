"""Text layers that may not say what the page shows: words without known characters, layers that another
OCR made, and letters as no language has them. What is doubted is then compared with the picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.pictures import picture_share
from ingest.parsers.pdf.words import union
from schemas.base import BBox

if TYPE_CHECKING:
    import pymupdf

_MEANINGLESS = frozenset({"Co", "Cn", "Cc"})
_SYMBOLS = ("wingdings", "dingbats", "webdings", "symbol", "marlett", "cmex", "cmsy", "awesome", "icon")
"""Parts of the names of fonts whose characters are no letters: bullets, arrows, large brackets."""
_LEAST_UNKNOWN, _LEAST_KNOWN = 2, 2
"""Unknown characters of a word, or letters and digits beside a single one, from which on it is read: one
that stands alone is a bullet, or a sign in a formula."""
_MOST_BROKEN = 100
"""Broken words of one page that are read one by one."""
_SAMPLES, _SAMPLE_CHARS = 5, 12
_HIDDEN = 0.9
_COVERED = 0.5
_LEAST_LETTERS = 80
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿāēīōūąęěůőű")
_VOWEL_SHARE = (0.25, 0.6)
"""Of the letters of a page: .35 to .45 in the languages of Europe."""
_LATIN_1_SHARE = 0.4
"""Of letters: Chinese bytes that were taken for Latin letters are nearly all accented."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the text layer: its box on the page as it is shown. `size` is of the type, in points."""

    bbox: BBox
    text: str
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a text layer may be wrong, and lines of it to compare."""

    reason: str
    samples: tuple[Stretch, ...]


def is_unknown(character: str) -> bool:
    """A code that means nothing, or a replacement character: the font lacks a character map."""
    return character == "\ufffd" or unicodedata.category(character) in _MEANINGLESS


def layer_text(page: pymupdf.Page) -> str:
    """The text layer as it is read: what has no known character is U+FFFD, where MuPDF's default puts
    in the font's own number for it, which may well be that of some letter."""
    import pymupdf

    return str(page.get_text("text", flags=pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_IGNORE_ACTUALTEXT))


def broken_words(page: pymupdf.Page) -> tuple[Stretch, ...]:
    """Words with unknown characters; those that follow each other on a line are one stretch. Nothing
    where there are too many: such a page is read whole."""
    found = tuple(stretch for line in _lines(page) if line.horizontal for stretch in _broken(line))
    return found if len(found) <= _MOST_BROKEN else ()


def doubt_of(page: pymupdf.Page, text: str, *, pictures: bool) -> Doubt | None:
    """`text` is the page's text layer; `pictures`: whether there are any. Cheap where there is
    nothing to doubt."""
    reason = None
    if pictures and picture_share(page) >= _COVERED and _is_hidden(page):
        reason = "text layer of another OCR"
    elif _has_odd_letters(text):
        reason = "text layer with odd letters"
    if reason is None:
        return None
    samples = _samples([line.stretch for line in _lines(page) if line.horizontal])
    return Doubt(reason, samples) if samples else None


@dataclass(frozen=True, slots=True)
class _Line:
    horizontal: bool
    words: tuple[tuple[Stretch, bool], ...]
    """Each with whether it is broken."""

    @property
    def stretch(self) -> Stretch:
        return _joined([word for word, _ in self.words])


def _lines(page: pymupdf.Page) -> Iterator[_Line]:
    import pymupdf

    flags = pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_STYLES | pymupdf.TEXT_IGNORE_ACTUALTEXT
    turn = page.rotation_matrix
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            words = tuple(_words(line["spans"], turn))
            if words:
                across = pymupdf.Point(line["dir"]) * pymupdf.Matrix(turn.a, turn.b, turn.c, turn.d, 0, 0)
                yield _Line(line["wmode"] == 0 and across.x > 0.99, words)


def _words(spans: Sequence[dict[str, Any]], turn: Any) -> Iterator[tuple[Stretch, bool]]:
    import pymupdf

    characters = [(char, span) for span in spans for char in span["chars"]]
    for blank, group in groupby(characters, key=lambda pair: pair[0]["c"].isspace()):
        if blank:
            continue
        members = list(group)
        text = "".join(char["c"] for char, _ in members)
        x0, y0, x1, y1 = pymupdf.Rect(union(tuple(char["bbox"]) for char, _ in members)) * turn
        size = max(span["size"] for _, span in members)
        bold = all(span["flags"] & pymupdf.TEXT_FONT_BOLD for _, span in members)
        unknown = [char["c"] for char, span in members if is_unknown(char["c"]) and not _is_symbol(span["font"])]
        yield Stretch((x0, y0, x1, y1), text, size, bold), _is_broken(text, unknown)


def _is_symbol(font: str) -> bool:
    return any(name in font.casefold() for name in _SYMBOLS)


def _is_broken(text: str, unknown: Sequence[str]) -> bool:
    """Control characters among letters are a program's own marks, and say nothing."""
    if sum(unicodedata.category(character) != "Cc" for character in unknown) * 2 < len(unknown):
        return len(unknown) >= _LEAST_UNKNOWN and len(unknown) * 2 > len(text)
    known = sum(character.isalnum() for character in text)
    return len(unknown) >= _LEAST_UNKNOWN or (len(unknown) == 1 and known >= _LEAST_KNOWN)


def _broken(line: _Line) -> Iterator[Stretch]:
    for broken, group in groupby(line.words, key=lambda word: word[1]):
        if broken:
            yield _joined([word for word, _ in group])


def _joined(words: Sequence[Stretch]) -> Stretch:
    return Stretch(
        union(word.bbox for word in words),
        " ".join(word.text for word in words),
        max(word.size for word in words),
        all(word.bold for word in words),
    )


def _is_hidden(page: pymupdf.Page) -> bool:
    """Nearly all of its text is written in invisible ink, as OCR programs do over a scan."""
    spans = [(span["type"] == 3, len(span["chars"])) for span in page.get_texttrace()]
    return sum(count for hidden, count in spans if hidden) >= _HIDDEN * sum(count for _, count in spans) > 0


def _has_odd_letters(text: str) -> bool:
    every = [c for c in text.casefold() if c.isalpha()]
    letters = [c for c in every if ord(c) < 0x250]
    if len(letters) < max(_LEAST_LETTERS, len(every) / 2):
        return False
    vowels = sum(c in _VOWELS for c in letters) / len(letters)
    accented = sum(0xA0 <= ord(c) < 0x100 for c in letters) / len(letters)
    return not _VOWEL_SHARE[0] <= vowels <= _VOWEL_SHARE[1] or accented > _LATIN_1_SHARE


def _samples(lines: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Some long ones from all over the page."""
    long = [line for line in lines if sum(c.isalnum() for c in line.text) >= _SAMPLE_CHARS]
    step = max(len(long) / _SAMPLES, 1.0)
    return tuple(long[int(index * step)] for index in range(min(_SAMPLES, len(long))))
