"""Printed lines grouped into paragraphs, headings and list items by where they stand and how they look.

Bottom-up, after O'Gorman's docstrum (1993): a line joins the block whose last line stands right
above it, in the same type and at the usual distance.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.parsers.pdf.page import SAME_SIZE, Look
from ingest.parsers.pdf.text import SENTENCE_END, is_cjk
from ingest.parsers.pdf.words import Run, Word, same_row, union, without_line_number
from schemas.base import BBox

_SPACE = 1.2
"""Of the type size: a wider gap parts two texts on one baseline."""
CLOSE = 0.8
"""The same, between words that may stand in two columns of a table; a space is .25 to .4."""
_SAME_ROW = 0.35
_WORD_SPACE = 0.5
"""The same, where MuPDF sees two blocks: columns may stand close."""
_TAB = 4.5
"""Of the type size: how far the text of an item may stand from its mark."""
_LOOSE = 1.14
"""Of the usual distance between baselines: a wider one parts two paragraphs."""
_LOOSEST = 1.5
"""Of the type size, where no usual distance is known."""
_TIGHT = 0.75
_SHARE_OF_LINE = 0.3
_ALIKE = 0.12
"""Of the larger size: by how much the smaller one may differ from it."""
_LINES_BACK = 4
_FULL_WORDS = 4
"""Words in a line that is certainly one."""
_INDENT = 6.0
"""Of the type size: how far a line's start may stand from that of its block."""
_RAGGED = 0.12
"""Of a column's width: how short of its right edge a full line may end."""
_ALIGNED = 3.0

MARK = re.compile(
    r"^(?:[•◦‣▪▫■□●○◆◇►▶➢➤✓✔✗❖∙·⁃\ue000-\uf8ff\ufffd]|[-–—*]"
    r"|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|[（(](?:[一二三四五六七八九十]{1,3}|\d{1,3})[)）]|[①-⑳])$"
)
"""A list item's mark, alone."""
_SECTION = re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,4}\.?$")
_LATIN = re.compile(r"[A-Za-z]")
_BULLETED = re.compile(r"^(?:[•◦‣▪▫■□●○◆◇►▶➢➤✓✔✗❖∙⁃]|[-–—*·](?=\s))")


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """Runs beside each other on one baseline, and `look`, that of most of its characters."""

    runs: tuple[Run, ...]
    bbox: BBox
    baseline: float
    look: Look
    text: str

    @property
    def words(self) -> list[Word]:
        return [word for run in self.runs for word in run.words]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> PrintedLine:
        words = [word for run in runs for word in run.words]
        look = look_of(without_line_number(words))
        lead = next(word for word in words if abs(word.size - look.size) <= SAME_SIZE)
        return cls(
            tuple(runs), union(run.bbox for run in runs), lead.baseline, look, " ".join(word.text for word in words)
        )


def look_of(words: Iterable[Word]) -> Look:
    """The commonest look in the largest type that is more than an initial or a mark: code within a sentence is
    often set smaller. Of sizes that hardly differ it is the commonest: another font's, set to look alike."""
    lengths: Counter[Look] = Counter()
    letters = mono = 0
    for word in words:
        lengths[Look(word.size, word.bold, word.italic, False, word.color)] += len(word.text)
        latin = 0 if is_cjk(word.text[0]) else len(word.text)
        letters += latin
        mono += latin if word.mono else 0
    total = lengths.total()
    size = max(look.size for look in lengths if _of_size(look.size, lengths) >= _SHARE_OF_LINE * total)
    alike = [look.size for look in lengths if size - look.size <= _ALIKE * size]
    size = max(alike, key=lambda other: (_of_size(other, lengths), other))
    look = max((look for look in lengths if abs(look.size - size) <= SAME_SIZE), key=lambda look: lengths[look])
    return Look(round(look.size * 2) / 2, look.bold, look.italic, 0 < letters == mono, look.color)


def _of_size(size: float, lengths: Counter[Look]) -> int:
    return sum(length for look, length in lengths.items() if abs(look.size - size) <= SAME_SIZE)


def printed_lines(runs: Iterable[Run]) -> list[PrintedLine]:
    """From top to bottom. Runs that stand close on one baseline are one line, and a mark is of its item's."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (r.words[0].baseline - 0.25 * r.words[0].size, r.bbox[0])):
        if rows and same_row(rows[-1], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    full = _full_lines(rows)
    return [PrintedLine.of(part) for row in rows for part in _parts(sorted(row, key=lambda r: r.bbox[0]), full)]


def rows_of(lines: Iterable[PrintedLine]) -> Iterator[list[PrintedLine]]:
    """Lines that stand beside each other, from the top."""
    row: list[PrintedLine] = []
    for line in sorted(lines, key=lambda li: (li.baseline, li.bbox[0])):
        if row and line.baseline - row[-1].baseline > _SAME_ROW * line.look.size:
            yield row
            row = []
        row.append(line)
    if row:
        yield row


def _full_lines(rows: Iterable[Sequence[Run]]) -> dict[int, list[tuple[float, float]]]:
    """From where to where whole lines of MuPDF's blocks reach."""
    full: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        for run in row:
            if len(run.words) >= _FULL_WORDS:
                full[run.block].append((run.bbox[0], run.bbox[2]))
    return full


def _parts(row: Sequence[Run], full: Mapping[int, Sequence[tuple[float, float]]]) -> list[list[Run]]:
    parts: list[list[Run]] = []
    for run in row:
        if parts and (_belongs(parts[-1], run) or _is_justified(parts[-1], run, row, full)):
            parts[-1].append(run)
        else:
            parts.append([run])
    return parts


def _is_justified(
    part: Sequence[Run], run: Run, row: Sequence[Run], full: Mapping[int, Sequence[tuple[float, float]]]
) -> bool:
    """Few words set as wide as the lines around them: together they begin and end where those do."""
    if part[-1].block != run.block:
        return False
    same = [other for other in row if other.block == run.block]
    left, right = min(other.bbox[0] for other in same), max(other.bbox[2] for other in same)
    return any(abs(x0 - left) <= _ALIGNED and abs(x1 - right) <= _ALIGNED for x0, x1 in full.get(run.block, ()))


def _belongs(part: Sequence[Run], run: Run) -> bool:
    gap, size = run.bbox[0] - part[-1].bbox[2], run.words[0].size
    is_mark = len(part) == 1 and len(part[0].words) == 1 and _is_mark(part[0].words[0], run.words[0])
    return gap <= (_TAB if is_mark else _SPACE if part[-1].block == run.block else _WORD_SPACE) * size


def _is_mark(word: Word, following: Word) -> bool:
    """Of an item, of a line of code, or the number of a section before its title, in the same type."""
    if MARK.match(word.text) or len(without_line_number((word, following))) == 1:
        return True
    alike = word.bold == following.bold and abs(word.size - following.size) <= SAME_SIZE
    return alike and bool(_SECTION.match(word.text)) and following.text[0].isalpha()


@dataclass(slots=True)
class TextBlock:
    """Lines below each other that read on; grows while a page is gone through."""

    lines: list[PrintedLine] = field(default_factory=list)

    @property
    def last(self) -> PrintedLine:
        return self.lines[-1]

    @property
    def bbox(self) -> BBox:
        return union(line.bbox for line in self.lines)

    @property
    def reach(self) -> tuple[float, float]:
        near = self.lines[-_LINES_BACK:]
        return min(line.bbox[0] for line in near), max(line.bbox[2] for line in near)

    @property
    def look(self) -> Look:
        return look_of(word for line in self.lines for word in without_line_number(line.words))

    @property
    def runs(self) -> list[Run]:
        return [run for line in self.lines for run in line.runs]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def text_blocks(lines: Sequence[PrintedLine]) -> list[TextBlock]:
    """The lines of a page, which come from top to bottom, as blocks in the order of their first lines."""
    leading = _usual_leading(lines)
    edges = _right_edges(lines)
    blocks: list[TextBlock] = []
    open_blocks: list[TextBlock] = []
    for line in lines:
        open_blocks = [b for b in open_blocks if line.baseline - b.last.baseline <= 3 * max(b.last.look.size, 1.0)]
        home = min(
            (b for b in open_blocks if _stands_above(b.last, line, b.reach)),
            key=lambda b: (line.baseline - b.last.baseline, abs(line.bbox[0] - b.last.bbox[0])),
            default=None,
        )
        if home is not None and _reads_on(home, line, leading, edges):
            home.lines.append(line)
            continue
        blocks.append(TextBlock([line]))
        open_blocks = [b for b in open_blocks if b is not home] + [blocks[-1]]
    return blocks


def _stands_above(above: PrintedLine, line: PrintedLine, reach: tuple[float, float]) -> bool:
    """`reach`: from where to where the text goes that `above` belongs to; a bracket that closes code
    stands below none of the letters of the line before it."""
    across = min(reach[1], line.bbox[2]) - max(reach[0], line.bbox[0])
    return above.baseline < line.baseline - 0.3 * line.look.size and across > 0


def _usual_leading(lines: Sequence[PrintedLine]) -> dict[float, float]:
    """The commonest distance between baselines of neighbouring lines, by type size."""
    found: defaultdict[float, Counter[float]] = defaultdict(Counter)
    for index, line in enumerate(lines):
        below = next(
            (other for other in lines[index + 1 : index + 12] if _stands_above(line, other, line.bbox[::2])), None
        )
        if below is not None and below.look.is_type_of(line.look):
            gap = below.baseline - line.baseline
            if _TIGHT * line.look.size <= gap <= 2.5 * line.look.size:
                found[line.look.size][round(gap * 2) / 2] += 1
    return {size: _mode(gaps) for size, gaps in found.items()}


def _mode(gaps: Counter[float]) -> float:
    """Of gaps that are about as common, the smaller: the larger parts paragraphs."""
    most = max(gaps.values())
    return min(gap for gap, count in gaps.items() if count >= max(0.5 * most, 1))


def _right_edges(lines: Sequence[PrintedLine]) -> dict[int, float]:
    """How far the text reaches that begins at an x, rounded."""
    edges: dict[int, float] = {}
    for line in lines:
        for key in _around(line.bbox[0]):
            edges[key] = max(edges.get(key, 0.0), line.bbox[2])
    return edges


def _around(x: float) -> tuple[int, int, int]:
    middle = round(x / _ALIGNED)
    return middle - 1, middle, middle + 1


def _reads_on(block: TextBlock, line: PrintedLine, leading: dict[float, float], edges: dict[int, float]) -> bool:
    last = block.last
    gap, size = line.baseline - last.baseline, max(last.look.size, line.look.size)
    if not line.look.is_type_of(last.look) or gap > _loosest(block, size, leading):
        return False
    if (
        abs(line.bbox[0] - last.bbox[0]) > _INDENT * size
        and abs(line.bbox[0] - block.lines[0].bbox[0]) > _INDENT * size
    ):
        return _is_centred(last, line)
    if _BULLETED.match(line.text):
        return False
    is_full = last.bbox[2] >= edges[round(last.bbox[0] / _ALIGNED)] - _RAGGED * max(last.bbox[2] - last.bbox[0], 1.0)
    open_sentence = is_full and not SENTENCE_END.search(last.text)
    if MARK.match(line.text.split(" ", 1)[0]) and not open_sentence:
        return False
    return _is_alike(last, line) or open_sentence or _is_rest(block, line)


def _is_alike(one: PrintedLine, other: PrintedLine) -> bool:
    """Chinese has no monospaced type of its own: in code it stands between lines that do."""
    chinese = not (_LATIN.search(one.text) and _LATIN.search(other.text))
    return one.look == other.look or (chinese and replace(one.look, mono=other.look.mono) == other.look)


def _is_rest(block: TextBlock, line: PrintedLine) -> bool:
    """The last words of a line that was set in another type: emphasis that ends a paragraph."""
    return len(block.lines) > 1 and block.look == line.look


def _is_centred(above: PrintedLine, line: PrintedLine) -> bool:
    return abs(sum(above.bbox[::2]) - sum(line.bbox[::2])) / 2 <= _ALIGNED


def _loosest(block: TextBlock, size: float, leading: dict[float, float]) -> float:
    if len(block.lines) > 1:
        return _LOOSE * (block.last.baseline - block.lines[-2].baseline)
    usual = leading.get(block.last.look.size, _LOOSEST * size)
    return _LOOSE * min(usual, 1.9 * size)
