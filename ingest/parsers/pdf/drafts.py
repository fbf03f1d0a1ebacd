"""Items of a page become drafts of blocks: their kind, their text, and what is needed to join them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ingest.parsers.pdf.captions import CAPTION
from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.contents import ENTRY, ends_entry
from ingest.parsers.pdf.furniture import PAGE_NUMBER
from ingest.parsers.pdf.page import NO_LOOK, Grid, Line, Look, PageContent, PageItem, Role
from ingest.parsers.pdf.pieces import Printed, RowPlaces, printed, rows_of
from ingest.parsers.pdf.text import RAISED, SENTENCE_END, Spelling, is_cjk, join_lines
from ingest.parsers.pdf.words import union
from schemas.base import BBox
from schemas.document import BlockKind, Region

_BULLET_GLYPHS = "•◦‣▪▫■□●○◆◇►▶➢➤✓✔✗❖∙·\u2043"
_PRIVATE = re.compile(r"^[\ue000-\uf8ff\ufffd](?=\s|$)")
_MARKER = re.compile(
    rf"^(?:[{_BULLET_GLYPHS}\ue000-\uf8ff\ufffd]|[-–—*](?=\s)|\(?(?:\d{{1,3}}|[a-zA-Z]|[ivx]{{1,5}})[.)](?=\s)"
    r"|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|\[\d{1,3}\](?=\s))"
)
_BULLET = re.compile(rf"^(?:[{_BULLET_GLYPHS}\ue000-\uf8ff\ufffd]|[-–—*](?=\s))")
_LONGEST_HEADING = 200
_CHECKBOX = re.compile(r"[□☐☑☒√]")
_MONO_BODY = 0.5
_KINDS = {
    Role.TITLE: BlockKind.TITLE,
    Role.HEADING: BlockKind.HEADING,
    Role.LIST_ITEM: BlockKind.LIST_ITEM,
    Role.PICTURE: BlockKind.FIGURE,
    Role.FORMULA: BlockKind.FORMULA,
    Role.CAPTION: BlockKind.CAPTION,
    Role.FOOTNOTE: BlockKind.FOOTNOTE,
    Role.HEADER: BlockKind.HEADER,
    Role.FOOTER: BlockKind.FOOTER,
    Role.WATERMARK: BlockKind.WATERMARK,
    Role.COMMENT: BlockKind.QUOTE,
}
_MAY_BE_NOTE = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM})
_NOTE_SIZE = 0.95
_MAY_BE_CODE = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.FORMULA})
_CAPTION_LINES = 4
_CAPTION_MARKS = tuple(":：.．、—–-")
_BROKEN_BY_HAND = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_LINE_BY_LINE = frozenset({BlockKind.FIGURE, BlockKind.FORMULA, BlockKind.HEADER, BlockKind.FOOTER})


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the whole document. `look` is that of most characters."""

    look: Look
    mono_body: bool
    spelling: Spelling

    @property
    def body_size(self) -> float:
        return self.look.size


@dataclass(frozen=True, slots=True)
class Draft:
    """A block to be. `lines` are the printed ones, of the last part when it was joined; `column`
    is the box they stood in. Boxes are of the page as it was read, regions as it is shown, and so are
    `printed`, all its lines, and `rows`, those of a table."""

    kind: BlockKind
    text: str
    page: int
    column: BBox
    regions: tuple[Region, ...]
    lines: tuple[Line, ...] = ()
    grid: Grid | None = None
    level: int | None = None
    vertical: bool = False
    confidence: float | None = None
    printed: tuple[Printed, ...] = ()
    rows: tuple[RowPlaces, ...] = ()
    tied: bool = False
    """A note that stands right behind the block of its mark."""

    @property
    def size(self) -> float:
        return max((line.size for line in self.lines), default=0.0)

    @property
    def bold(self) -> bool:
        return bool(self.lines) and all(line.bold for line in self.lines)

    @property
    def look(self) -> Look:
        """Of its first line; a heading has but one."""
        return self.lines[0].look if self.lines else NO_LOOK


def profile_of(pages: Sequence[PageContent]) -> Profile:
    looks: Counter[Look] = Counter()
    mono = total = 0
    for page in pages:
        for item in page.items:
            # Type in a picture that stands among the text says nothing of the text's.
            for line in () if item.framed else item.lines:
                looks[line.look] += len(line.text)
                total += len(line.text)
                mono += len(line.text) if line.mono else 0
    return Profile(
        _body_look(looks),
        mono > _MONO_BODY * total,
        Spelling.of(line.text for page in pages for item in page.items for line in item.lines),
    )


def _body_look(looks: Counter[Look]) -> Look:
    """Of the commonest type size the commonest look: one size may come in several."""
    sizes: Counter[float] = Counter()
    for look, length in looks.items():
        sizes[look.size] += length
    if not sizes:
        return NO_LOOK
    size = sizes.most_common(1)[0][0]
    return max((look for look in looks if look.size == size), key=lambda look: looks[look])


def drafts_of(page: PageContent, profile: Profile) -> Iterator[Draft]:
    for item in page.items:
        yield from _drafts(item, page, profile)


def _drafts(item: PageItem, page: PageContent, profile: Profile) -> Iterator[Draft]:
    if item.grid is not None:
        yield Draft(
            BlockKind.TABLE, "", page.number, item.bbox, (_region(item.bbox, page),), grid=item.grid,
            confidence=item.confidence, rows=rows_of(item.grid, page),
        )  # fmt: skip
        return
    kind = BlockKind.PARAGRAPH if item.role is Role.CONTENTS else _kind(item, profile)
    for lines in _split(item, kind):
        text = _text(lines, kind, item, profile)
        if text:
            box = item.bbox if item.framed else union(line.bbox for line in lines)
            part_kind = BlockKind.LIST_ITEM if _is_item(text, kind, item.role) else kind
            if part_kind is BlockKind.LIST_ITEM:
                # Symbol fonts draw bullets with private characters that mean nothing outside the font.
                text = _PRIVATE.sub("•", text)
            yield Draft(
                part_kind, text, page.number, item.bbox, (_region(box, page),), tuple(lines), vertical=item.vertical,
                confidence=mean_confidence((line.confidence, len(line.text)) for line in lines),
                printed=tuple(printed(lines, page)),
            )  # fmt: skip


def _is_item(text: str, kind: BlockKind, role: Role) -> bool:
    return kind is BlockKind.PARAGRAPH and role is not Role.CONTENTS and bool(_BULLET.match(text))


def _region(box: BBox, page: PageContent) -> Region:
    return Region(page=page.number, bbox=page.shown(box))


def _kind(item: PageItem, profile: Profile) -> BlockKind:
    kind = _KINDS.get(item.role, BlockKind.PARAGRAPH)
    text = " ".join(line.text for line in item.lines)
    if kind in (BlockKind.HEADER, BlockKind.FOOTER):
        return _furniture_kind(kind, text, len(item.lines))
    if kind in _MAY_BE_NOTE and text.startswith(RAISED) and item.lines[-1].size < _NOTE_SIZE * profile.body_size:
        return BlockKind.FOOTNOTE
    if kind in (BlockKind.TITLE, BlockKind.HEADING):
        if len(text) > _LONGEST_HEADING or _CHECKBOX.search(text) or not any(c.isalpha() for c in text):
            return BlockKind.PARAGRAPH
        return BlockKind.CAPTION if kind is BlockKind.HEADING and CAPTION.match(text) else kind
    if kind in _MAY_BE_CODE and not profile.mono_body and _is_code(item.lines):
        return BlockKind.CODE
    return BlockKind.CAPTION if kind is BlockKind.PARAGRAPH and _is_caption(text, len(item.lines)) else kind


def _furniture_kind(kind: BlockKind, text: str, lines: int) -> BlockKind:
    """The model takes a caption at the edge of a page for a running head."""
    if PAGE_NUMBER.match(text):
        return BlockKind.PAGE_NUMBER
    return BlockKind.CAPTION if _is_caption(text, lines) else kind


def _is_code(lines: Sequence[Line]) -> bool:
    """In monospaced type, all of it but for Chinese in comments."""
    return any(line.mono for line in lines) and all(line.mono or all(map(is_cjk, line.text)) for line in lines)


def _is_caption(text: str, lines: int) -> bool:
    """Begins with its number and a mark after it, or says no sentence: "Table 3 shows that …" does."""
    found = CAPTION.match(text)
    if found is None or lines > _CAPTION_LINES:
        return False
    return text[found.end() :].lstrip()[:1] in _CAPTION_MARKS or not SENTENCE_END.search(text)


def _text(lines: Sequence[Line], kind: BlockKind, item: PageItem, profile: Profile) -> str:
    if kind is BlockKind.CODE:
        left = min(line.bbox[0] for line in lines)
        # Chinese in a comment is wider than the code and says nothing of its columns.
        pitch = median([line.pitch for line in lines if line.text.isascii()] or [line.pitch for line in lines])
        return "\n".join(" " * round((line.bbox[0] - left) / pitch) + line.spaced for line in lines)
    if kind in _LINE_BY_LINE:
        return "\n".join(line.text for line in lines).strip()
    if item.role is Role.CONTENTS:
        text = "\n".join(join_lines(part, profile.spelling) for part in _entries(lines)).strip()
    elif kind in _BROKEN_BY_HAND:
        text = "\n".join(join_lines(part, profile.spelling) for part in _parts_by_hand(lines, item.bbox[2])).strip()
    else:
        text = join_lines((line.text for line in lines), profile.spelling).strip()
    return text


def _entries(lines: Sequence[Line]) -> Iterator[list[str]]:
    """Lines of a table of contents; an entry may take several."""
    part: list[str] = []
    for line in lines:
        part.append(line.text)
        if ends_entry(line.text):
            yield part
            part = []
    if part:
        yield part


def _parts_by_hand(lines: Sequence[Line], right: float) -> Iterator[list[str]]:
    """Lines between the breaks that were set by hand: a line that the next one's first word would
    still have fitted into was not broken by the column's width. `right` is the column's edge."""
    part: list[str] = []
    for index, line in enumerate(lines):
        if index and _broken_by_hand(lines[index - 1], line, right):
            yield part
            part = []
        part.append(line.text)
    yield part


def _broken_by_hand(before: Line, line: Line, right: float) -> bool:
    if ENTRY.search(before.text):
        return True
    if line.text[0].islower() or before.text[-1] in "-\u2010\u00ad":
        return False
    cjk = is_cjk(line.text[0])
    word = 2.0 * line.size if cjk else len(line.text.split(" ", 1)[0]) * line.pitch
    return right - before.bbox[2] > word + (1.0 if cjk else 0.6) * line.size


def _split(item: PageItem, kind: BlockKind) -> Iterator[list[Line]]:
    """The model may put several list items or paragraphs into one box."""
    current: list[Line] = []
    for line in item.lines:
        if current and _starts_new(current, line, item, kind):
            yield current
            current = []
        current.append(line)
    if current:
        yield current


def _starts_new(current: Sequence[Line], line: Line, item: PageItem, kind: BlockKind) -> bool:
    if item.vertical or item.role is Role.CONTENTS:
        return False
    if kind is BlockKind.LIST_ITEM:
        return bool(_MARKER.match(line.text)) and line.bbox[0] <= current[0].bbox[0] + 0.5 * line.size
    if kind is BlockKind.FOOTNOTE:
        marked = bool(re.match(r"^(?:\d{1,3}|[*†‡§])\s?[^\W\d]", line.text)) and _ends(current[-1])
        return marked or line.text.startswith(RAISED)
    if kind is not BlockKind.PARAGRAPH:
        return False
    if _BULLET.match(line.text):
        return True
    return _is_indented(line, item) and _ends(current[-1]) and not _is_indented(current[-1], item)


def _is_indented(line: Line, item: PageItem) -> bool:
    return 0.8 * line.size <= line.bbox[0] - item.bbox[0] <= 4.5 * line.size


def _ends(line: Line) -> bool:
    return bool(SENTENCE_END.search(line.text))
