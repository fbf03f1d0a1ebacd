"""The text layer of a page as words, and words as printed lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.page import Line
from ingest.parsers.pdf.text import LEVEL, RAISED, SENTENCE_END, clean, is_cjk
from schemas.base import BBox
from schemas.widths import widths

if TYPE_CHECKING:
    import pymupdf

_RAISED_FLAG, _ITALIC_FLAG, _MONO_FLAG, _BOLD_FLAG = 1, 2, 8, 16  # TEXT_FONT_SUPERSCRIPT, _ITALIC, _MONOSPACED, _BOLD
_BOLD_STYLE = 8  # FZ_STEXT_BOLD, found from how it is painted
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LETTER = re.compile(r"[^\W\d_]")
_NOTE_MARK = re.compile(r"^\s*(?:\d{1,3}|[*†‡§¶])\s*$")
_RAISABLE = frozenset("0123456789")
_ABOVE_LINE = 0.22
_TOUCH = 0.03
_LEVEL = 0.999
_SMALL, _ABOVE = 0.82, 0.12
"""Of the type size: how large a raised figure is at the most, how far above the line at least; before
them the same of its foot, and how near two letters are that touch."""
_ON_LINE = 0.05
"""Of the type size: a foot that is no higher is not raised."""
_WITHIN = re.compile(r"[。！？；][”’」』）】]*(?=.)")
"""Ends of Chinese sentences that go on without a space."""
_TOUCHING = 0.3
"""Of the type size: a gap below it is none, between two Chinese characters of one line."""


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between them. `spaces` stood before it in its run. Chinese
    characters count as monospaced: in code, the font of comments is another one. `guessed`: the
    file has no space there, MuPDF saw a gap. `confidence` is set for what OCR has read. `color` is
    sRGB, 0xRRGGBB; `raised` marks a superscript."""

    text: str
    bbox: BBox
    baseline: float
    size: float
    bold: bool
    mono: bool
    spaces: int
    guessed: bool
    confidence: float | None = None
    italic: bool = False
    color: int = 0
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Words that MuPDF found on one line without a wide gap. `direction` is (cos, sin) of the
    writing, `vertical` is set for upright characters below each other. `block` groups runs."""

    words: tuple[Word, ...]
    bbox: BBox
    direction: tuple[float, float]
    vertical: bool
    block: int

    @property
    def horizontal(self) -> bool:
        return not self.vertical and abs(self.direction[1]) < 0.02 and self.direction[0] > 0

    @property
    def length(self) -> int:
        return sum(len(word.text) for word in self.words)


def union(boxes: Iterable[BBox]) -> BBox:
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return (min(x0s), min(y0s), max(x1s), max(y1s))


def read_runs(page: pymupdf.Page) -> list[Run]:
    """Everything in the text layer, in the file's order."""
    import pymupdf

    flags = (
        pymupdf.TEXT_COLLECT_STYLES
        | pymupdf.TEXT_ACCURATE_BBOXES
        | pymupdf.TEXT_MEDIABOX_CLIP
        | pymupdf.TEXT_IGNORE_ACTUALTEXT
    )
    blocks = page.get_textpage(flags=flags).extractRAWDICT()["blocks"]
    runs: list[Run] = []
    for number, block in enumerate(blocks):
        for line in block.get("lines", ()):
            level = line["wmode"] == 0 and line["dir"][0] > _LEVEL
            words = tuple(_words(line["spans"], level=level))
            if words:
                box = union(word.bbox for word in words)
                runs.append(Run(words, box, tuple(line["dir"]), line["wmode"] == 1, number))
    return runs


def _words(spans: Sequence[dict[str, Any]], *, level: bool) -> Iterator[Word]:
    """MuPDF's characters, cut at spaces, and around raised figures; a change of style alone does
    not cut a word."""
    letters: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
    spaces, guessed = 0, True
    was_raised = False
    flat = [
        (char, span, is_raised) for span, is_raised in zip(spans, _raised(spans), strict=True) for char in span["chars"]
    ]
    for index, (char, span, is_raised) in enumerate(flat):
        text = clean(char["c"])
        if text.isspace() or not text:
            if level and letters and index + 1 < len(flat) and _has_no_width(letters[-1][1], flat[index + 1][0], span):
                continue
            if letters:
                yield _word(letters, spaces, guessed, was_raised)
                letters, spaces, guessed = [], 0, True
            spaces += len(text)
            guessed = guessed and char.get("synthetic", False)
            continue
        raised = is_raised or (level and text in _RAISABLE and _is_above(char, span))
        if raised != was_raised and letters:
            yield _word(letters, spaces, guessed, was_raised)
            letters, spaces, guessed = [], 0, True
        was_raised = raised
        letters.append((text, char, span))
    if letters:
        yield _word(letters, spaces, guessed, was_raised)


def _has_no_width(before: dict[str, Any], after: dict[str, Any], span: dict[str, Any]) -> bool:
    """A space whose neighbours touch: fonts show a soft hyphen within a line as one."""
    gap: float = after["bbox"][0] - before["bbox"][2]
    touching = _TOUCH * float(span["size"])
    return not str(after["c"]).isspace() and -touching <= gap <= touching


def _is_above(char: dict[str, Any], span: dict[str, Any]) -> bool:
    """A figure of the font's own raised ones: in type of the same size, its foot above the line."""
    above: float = char["origin"][1] - char["bbox"][3]
    return above > _ABOVE_LINE * float(span["size"])


def _raised(spans: Sequence[dict[str, Any]]) -> list[bool]:
    """Of each span, whether it is the mark of a note, or a power: figures or a sign, small and above
    the line, or small at its beginning."""
    if len(spans) < 2:
        return [False] * len(spans)
    lead = max(spans, key=lambda span: (float(span["size"]), len(span["chars"])))
    size, base = float(lead["size"]), lead["chars"][0]["origin"][1]
    if _numbers_code(spans[0], lead, base):
        return [False] * len(spans)
    return [
        bool(_NOTE_MARK.match("".join(char["c"] for char in span["chars"])))
        and (
            bool(span["flags"] & _RAISED_FLAG)
            or (span["size"] <= _SMALL * size and (index == 0 or span["chars"][0]["origin"][1] < base - _ABOVE * size))
        )
        for index, span in enumerate(spans)
    ]


def _numbers_code(first: dict[str, Any], lead: dict[str, Any], base: float) -> bool:
    """The number of a line of code: on the line, where a note's mark is raised."""
    small = first["size"] <= _SMALL * float(lead["size"]) and bool(lead["flags"] & _MONO_FLAG)
    return small and abs(first["chars"][0]["origin"][1] - base) <= _ON_LINE * float(lead["size"])


def without_line_number(words: Sequence[Word]) -> Sequence[Word]:
    """Code whose lines are numbered in smaller type is code."""
    first, *rest = words
    if not rest or not first.text.isdigit() or first.raised:
        return words
    smaller = first.size <= _SMALL * max(word.size for word in rest)
    return rest if smaller and all(word.mono for word in rest) else words


def _word(letters: list[tuple[str, dict[str, Any], dict[str, Any]]], spaces: int, guessed: bool, raised: bool) -> Word:
    boxes = [char["bbox"] for _, char, _ in letters]
    lead = max((span for _, _, span in letters), key=lambda span: float(span["size"]))
    return Word(
        text=clean("".join(text for text, _, _ in letters)),
        bbox=union((min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])) for b in boxes),
        baseline=lead["chars"][0]["origin"][1],
        size=lead["size"],
        bold=all(span["flags"] & _BOLD_FLAG or span["char_flags"] & _BOLD_STYLE for _, _, span in letters),
        mono=all(span["flags"] & _MONO_FLAG or is_cjk(text[0]) for text, _, span in letters),
        spaces=spaces,
        guessed=guessed,
        italic=all(span["flags"] & _ITALIC_FLAG for _, _, span in letters),
        color=lead["color"],
        raised=raised,
    )


def to_lines(runs: Sequence[Run]) -> tuple[Line, ...]:
    """Printed lines from top to bottom; runs on one baseline are one line. Text that does not
    run from left to right keeps its runs, ordered as it is read."""
    level = [run for run in runs if run.horizontal]
    lines = [_line(row) for row in _rows(level)]
    lines.extend(_line([run]) for run in sorted((r for r in runs if not r.horizontal), key=_turned_order))
    return tuple(line for line in lines if line.text)


def _turned_order(run: Run) -> tuple[float, float]:
    cosine, sine = run.direction
    if abs(sine) < 0.7:  # slanted, or upside down
        return (run.bbox[1] * (1 if cosine > 0 else -1), run.bbox[0])
    # Sideways lines follow each other from left to right when read from below, else the other way.
    return (run.bbox[0] if sine < 0 else -run.bbox[2], run.bbox[1])


def _rows(runs: Sequence[Run]) -> Iterator[list[Run]]:
    row: list[Run] = []
    for run in sorted(runs, key=lambda r: (_middle(r), r.bbox[0])):
        if row and not same_row(row, run):
            yield row
            row = []
        row.append(run)
    if row:
        yield row


def _middle(run: Run) -> float:
    """Of the lower-case letters of the largest word: independent of what stands above or below."""
    word = max(run.words, key=lambda w: w.size)
    return word.baseline - 0.25 * word.size


def same_row(row: Sequence[Run], run: Run) -> bool:
    size = max(word.size for word in run.words)
    return abs(_middle(run) - _middle(row[-1])) < 0.35 * max(size, *(w.size for w in row[-1].words))


def _line(row: list[Run]) -> Line:
    letters = "".join(word.text for run in row for word in run.words)
    backwards = len(_RTL.findall(letters)) * 2 > len(_LETTER.findall(letters)) > 0
    row.sort(key=lambda run: run.bbox[0], reverse=backwards)
    words = [word for run in row for word in run.words]
    code = without_line_number(words)
    text = spaced = ""
    last: Word | None = None
    sentences: list[tuple[int, float]] = []
    for run in row:
        for index, word in enumerate(run.words):
            glued = index > 0 and word.spaces == 0
            apart = not (glued or (_is_artefact(last, word) if index else _touches(last, word)))
            shown = f"{RAISED}{word.text}{LEVEL}" if word.raised else word.text
            text += " " if text and apart else ""
            if not backwards and run.horizontal:
                sentences += _sentence_starts(text, shown, word)
            text += shown
            spaced += ("" if glued or not spaced else " " * max(word.spaces if index else 1, 1)) + shown
            last = word
    return Line(
        text=text,
        spaced=spaced,
        bbox=union(run.bbox for run in row),
        size=round(max(word.size for word in words), 1),
        bold=all(word.bold for word in words),
        mono=all(word.mono for word in code) and any(not is_cjk(word.text[0]) for word in code),
        confidence=mean_confidence((word.confidence, len(word.text)) for word in words),
        italic=all(word.italic for word in words),
        color=max(words, key=lambda word: len(word.text)).color,
        sentences=tuple(sentences),
    )


def _sentence_starts(before: str, shown: str, word: Word) -> Iterator[tuple[int, float]]:
    """The word, where it follows the end of a sentence, and sentences that begin within it: Chinese has
    no spaces between them."""
    if before and SENTENCE_END.search(before.rstrip()):
        yield len(before), round(word.bbox[0], 2)
    for found in _WITHIN.finditer(shown):
        share = widths(shown[: found.end()]) / max(widths(shown), 1.0)
        yield len(before) + found.end(), round(word.bbox[0] + share * (word.bbox[2] - word.bbox[0]), 2)


def _is_artefact(before: Word | None, word: Word) -> bool:
    """A gap between two Chinese characters that only justification made."""
    return word.guessed and _gap(before, word) < word.size


def _touches(before: Word | None, word: Word) -> bool:
    """A new run on the same line is a wide gap, which means something; but OCR may cut a line of
    Chinese between two characters."""
    return _gap(before, word) < _TOUCHING * word.size


def _gap(before: Word | None, word: Word) -> float:
    """Between two Chinese characters; without end between others, whose space is a space."""
    if before is None or not (is_cjk(before.text[-1]) and is_cjk(word.text[0])):
        return math.inf
    return word.bbox[0] - before.bbox[2]
