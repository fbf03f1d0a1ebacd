"""Pairs by ReportLab: standard and embedded fonts, its own line breaking; footnotes are laid out in several passes."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from pairs.compose import Pair
from pairs.hyphens import softly_hyphenated
from pairs.looks import (
    GUTTER,
    MARGIN,
    PAPERS,
    column_weights,
    has_text,
    heading_look,
    number_place,
    page_words,
    short,
    stamp_text,
    stretches,
    watermark_text,
)
from pairs.model import (
    Block,
    Code,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Run,
    Runs,
    Table,
    notes_of,
    placed,
    text_of,
)
from pairs.reportlab_flowables import Picture, Turned
from pairs.reportlab_fonts import DROID, HAN, LATIN, VERA, by_font, register_fonts
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    ListFlowable,
    ListItem,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Preformatted,
    Spacer,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

_PASSES = 6


def write_pdfs(pairs: Iterable[Pair], folder: Path) -> None:
    register_fonts()
    rl_config.invariant = 1
    for pair in pairs:
        (folder / f"{pair.recipe.name}.pdf").write_bytes(_Writer(pair).pdf())


@dataclass
class _Marks:
    """What one pass learned: on which page each footnote's mark and each chapter's heading stand."""

    notes: dict[str, int] = field(default_factory=dict)
    chapters: dict[int, str] = field(default_factory=dict)
    pages: int = 0


class _Writer:
    def __init__(self, pair: Pair) -> None:
        self.pair, self.recipe = pair, pair.recipe
        self.width, self.height = PAPERS[pair.recipe.paper]
        chinese = pair.recipe.language == "zh"
        latin = (*LATIN, VERA)[pair.recipe.family]
        self.fonts = (HAN[pair.recipe.family],) * 3 if chinese else latin
        self.base = ParagraphStyle(
            "text",
            fontName=self.fonts[0],
            fontSize=pair.recipe.size,
            leading=pair.recipe.size * 1.4,
            alignment=TA_JUSTIFY if pair.recipe.justify else TA_LEFT,
            wordWrap="CJK" if chinese else None,
            spaceAfter=6,
            splitLongWords=1,
        )
        self.small = ParagraphStyle("small", self.base, fontSize=8, leading=10, spaceAfter=1, alignment=TA_LEFT)
        self.notes = {mark.text: mark.note or () for block in pair.blocks for mark in notes_of(block)}
        self.marks = _Marks()

    def pdf(self) -> bytes:
        """Again and again until every footnote stands on the page of its mark; the room for them only grows."""
        data, seen = b"", _Marks()
        for _ in range(_PASSES):
            self.known, self.marks = seen, _Marks()
            data = self._build()
            if self.marks.notes == seen.notes and self.marks.pages == seen.pages:
                break
            seen = self.marks
        return data

    # ------------------------------------------------------------------ pages

    def _build(self) -> bytes:
        out = BytesIO()
        document = BaseDocTemplate(
            out, pagesize=(self.width, self.height), title=self.pair.title, author="", pageCompression=1
        )
        document.addPageTemplates(
            [self._template("text", self.recipe.columns), self._template("alone", 1), self._template("lying", 1, True)]
        )
        document.afterFlowable = partial(self._after, document)
        document.beforeDocument = partial(self._before, document)
        document.build(self._story())
        self.marks.pages = document.page
        return out.getvalue()

    def _template(self, name: str, columns: int, lying: bool = False) -> PageTemplate:
        width, height = (self.height, self.width) if lying else (self.width, self.height)
        inner = (width - 2 * MARGIN - GUTTER * (columns - 1)) / columns
        frames = [
            Frame(MARGIN + (inner + GUTTER) * n, MARGIN, inner, height - 2 * MARGIN, 0, 0, 0, 0, id=f"{name}{n}")
            for n in range(columns)
        ]
        template = PageTemplate(name, frames, pagesize=(width, height), onPage=partial(self._furniture, width, height))
        template.beforeDrawPage = partial(self._room_for_notes, frames, height)
        return template

    def _room_for_notes(self, frames: list[Frame], height: float, canvas: Any, document: Any) -> None:
        """Frames end above the footnotes that the pass before saw on this page."""
        texts = self._notes_on(document.page)
        wanted = sum(text.wrap(frames[0]._width, height)[1] + 1 for text in texts) + (10 if texts else 0)
        for frame in frames:
            frame.y1 = MARGIN + wanted
            frame.height = height - 2 * MARGIN - wanted
        y = MARGIN + wanted - 6
        if texts:
            canvas.line(MARGIN, y, MARGIN + 120, y)
        for text in texts:
            y -= text.wrap(frames[0]._width, height)[1] + 1
            text.drawOn(canvas, MARGIN, y)

    def _notes_on(self, page: int) -> list[Text]:
        numbers = sorted((int(number) for number, at in self.known.notes.items() if at == page))
        return [Text(f'<super size="6">{n}</super> {self._markup(self.notes[str(n)])}', self.small) for n in numbers]

    def _furniture(self, width: float, height: float, canvas: Any, document: Any) -> None:
        recipe, font = self.recipe, self.fonts[0]
        canvas.saveState()
        if watermark_text(recipe):
            canvas.saveState()
            canvas.setFont(font, 46)
            canvas.setFillGray(0.87)
            canvas.translate(width / 2, height / 2)
            canvas.rotate(45)
            canvas.drawCentredString(0, 0, watermark_text(recipe))
            canvas.restoreState()
        if stamp_text(recipe):
            canvas.saveState()
            canvas.setStrokeColor(HexColor("#cc0000"))
            canvas.setFillColor(HexColor("#cc0000"))
            canvas.translate(width - MARGIN - 130, MARGIN + 30)
            canvas.rotate(12)
            canvas.roundRect(0, 0, 130, 24, 4)
            canvas.setFont(font, 11)
            canvas.drawCentredString(65, 8, stamp_text(recipe))
            canvas.restoreState()
        canvas.setFont(font, 8.5)
        if recipe.header != "none":
            chapters = [name for page, name in sorted(self.known.chapters.items()) if page <= document.page]
            text = self.pair.title if recipe.header == "title" or not chapters else chapters[-1]
            canvas.drawString(MARGIN, height - MARGIN + 14, short(self._plain(text)))
            canvas.line(MARGIN, height - MARGIN + 9, width - MARGIN, height - MARGIN + 9)
        where, side = number_place(recipe)
        if where:
            before, between, after = page_words(recipe)
            text = f"{before}{document.page}{f'{between}{self.known.pages}' if between else ''}{after}"
            y = height - MARGIN + 14 if where == "top" else MARGIN - 26
            if side == "right":
                canvas.drawRightString(width - MARGIN, y, text)
            else:
                canvas.drawCentredString(width / 2, y, text)
        canvas.restoreState()

    def _plain(self, text: str) -> str:
        """Only what the furniture's one font holds."""
        return text if self.recipe.language == "zh" else text.encode("cp1252", "ignore").decode("cp1252")

    def _before(self, document: Any) -> None:
        """ReportLab calls this where a footnote's mark is drawn."""
        canvas = document.canv
        canvas.setNamedCB("pair_note", lambda at, kind, label: self.marks.notes.update({label: at.getPageNumber()}))

    def _after(self, document: Any, flowable: Flowable) -> None:
        heading = getattr(flowable, "heading", None)
        if heading is None:
            return
        text = text_of(heading.runs)
        if heading.level == 2:
            self.marks.chapters[document.page] = text
        if self.recipe.bookmarks == "all" or (self.recipe.bookmarks == "sections" and heading.level > 1):
            key = f"h{id(heading)}"
            document.canv.bookmarkPage(key)
            top = 1 if self.recipe.bookmarks == "all" else 2
            document.canv.addOutlineEntry(text, key, heading.level - top)

    # ----------------------------------------------------------------- blocks

    def _story(self) -> list[Flowable]:
        out: list[Flowable] = []
        for alone, members in stretches(self.pair.blocks):
            last = members[-1]
            turn = last.look.turn if alone and isinstance(last, Table) else ""
            if alone:
                out += [NextPageTemplate("lying" if turn == "landscape" else "alone"), PageBreak()]
            elif out:
                out += [NextPageTemplate("text"), PageBreak()]
            for block in members:
                turned = turn == "rotated" and block is last
                out += [Turned(self._block(block))] if turned else self._block(block)
        return out

    def _block(self, block: Block) -> list[Flowable]:
        match block:
            case Heading():
                return [self._heading(block)]
            case Paragraph(runs=runs):
                return [Text(self._markup(runs), self.base)]
            case Code(text=text):
                return [self._code(text)]
            case Quote(blocks=blocks):
                style = ParagraphStyle("quote", self.base, leftIndent=22, rightIndent=10)
                inner: list[Flowable] = []
                for child in blocks:
                    if isinstance(child, Paragraph):
                        inner.append(Text(self._markup(child.runs), style))
                    else:
                        inner += self._block(child)
                return inner
            case ListBlock():
                return [self._list(block), Spacer(1, 4)]
            case Figure(caption=caption):
                center = ParagraphStyle("caption", self.base, alignment=TA_CENTER, fontSize=self.recipe.size * 0.92)
                return [CondPageBreak(130), Picture(), Text(self._markup(caption), center)]
            case Table():
                return self._captioned(block)

    def _heading(self, block: Heading) -> Text:
        look = heading_look(self.recipe, block.level)
        face = self.fonts[1] if look.bold else self.fonts[2] if look.italic else self.fonts[0]
        style = ParagraphStyle(
            "heading",
            self.base,
            fontName=face,
            fontSize=look.size * self.recipe.size,
            leading=look.size * self.recipe.size * 1.25,
            textColor=HexColor(look.color),
            alignment=TA_LEFT,
            spaceBefore=12,
            spaceAfter=6,
            keepWithNext=1,
        )
        text = Text(self._markup(block.runs, face, size=style.fontSize), style)
        text.heading = block
        return text

    def _code(self, text: str) -> Flowable:
        han = any(unicodedata.east_asian_width(character) in "WF" for character in text)
        style = ParagraphStyle(
            "code",
            fontName=DROID if han else "Courier",
            fontSize=self.recipe.size * 0.8,
            leading=self.recipe.size,
            backColor=HexColor("#f0f0f0"),
            borderPadding=3,
            spaceBefore=4,
            spaceAfter=8,
        )
        room = (self.width - 2 * MARGIN - GUTTER * (self.recipe.columns - 1)) / self.recipe.columns
        longest = int(room / (style.fontSize * (0.75 if han else 0.6))) - 2
        return Preformatted(text, style, maxLineLength=longest, newLineChars="")

    def _list(self, block: ListBlock) -> ListFlowable:
        items = []
        for item in block.items:
            inner: list[Flowable] = []
            for child in item.blocks:
                inner += self._block(child)
            items.append(ListItem(inner or [Spacer(1, 1)]))
        return ListFlowable(
            items,
            bulletType="1" if block.ordered else "bullet",
            start=block.start if block.ordered else "circle" if self.recipe.family == 1 else "•",
            bulletFormat="%s." if block.ordered else None,
            leftIndent=16,
            bulletFontSize=self.recipe.size * (1 if block.ordered else 0.9),
        )

    # ----------------------------------------------------------------- tables

    def _captioned(self, table: Table) -> list[Flowable]:
        grid = self._grid(table)
        if not has_text(table.caption):
            return [grid, Spacer(1, 8)]
        style = ParagraphStyle("caption", self.base, alignment=TA_CENTER, fontSize=self.recipe.size * 0.92)
        style.keepWithNext = int(self.recipe.caption_above)
        caption = Text(self._markup(table.caption), style)
        return [caption, grid, Spacer(1, 8)] if self.recipe.caption_above else [grid, Spacer(1, 3), caption]

    def _grid(self, table: Table) -> Grid:
        own = table.look.own_page
        columns = 1 if own else self.recipe.columns
        across = self.height if table.look.turn else self.width
        room = (across - 2 * MARGIN - GUTTER * (columns - 1)) / columns - 4
        size = self.recipe.size * 0.86
        style = ParagraphStyle("cell", self.base, fontSize=size, leading=size * 1.25, alignment=TA_LEFT, spaceAfter=0)
        head = ParagraphStyle("head", style, fontName=self.fonts[1])
        data: list[list[Any]] = [["" for _ in range(table.columns)] for _ in table.rows]
        rules: list[tuple[Any, ...]] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *((side, (0, 0), (-1, -1), 3) for side in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")),
        ]
        longest, words = [1] * table.columns, [1] * table.columns
        for row, column, cell in placed(table):
            top = row < table.header_rows
            data[row][column] = Text(self._markup(cell.runs, self.fonts[1] if top else None), head if top else style)
            if cell.row_span > 1 or cell.col_span > 1:
                end = (column + cell.col_span - 1, row + cell.row_span - 1)
                rules.append(("SPAN", (column, row), end))
            if cell.col_span == 1:
                text = text_of(cell.runs)
                longest[column] = max(longest[column], _width(text))
                words[column] = max([words[column], *(min(_width(word), 14) for word in text.split())])
            if table.look.rule == "lines":
                below = row + cell.row_span - 1
                rules.append(
                    ("LINEBELOW", (column, below), (column + cell.col_span - 1, below), 0.5, HexColor("#000000"))
                )
        if table.look.rule == "grid":
            rules.append(("GRID", (0, 0), (-1, -1), 0.5, HexColor("#333333")))
            if table.header_rows:
                rules.append(("BACKGROUND", (0, 0), (-1, table.header_rows - 1), HexColor("#e0e0e0")))
        widths = _widths(longest, words, size, room)
        repeat = table.header_rows if table.look.repeat_header else 0
        return Grid(data, colWidths=widths, repeatRows=repeat, style=rules, hAlign="CENTER")

    # ------------------------------------------------------------------- text

    def _markup(self, runs: Runs, face: str | None = None, size: float | None = None) -> str:
        return "".join(self._run(run, face or self.fonts[0]) for run in runs)

    def _run(self, run: Run, face: str) -> str:
        if run.note is not None:
            drawn = f'<onDraw name="pair_note" label="{run.text}"/>'
            return f'<super size="{self.recipe.size * 0.65:.1f}">{run.text}</super>{drawn}'
        face = "Courier" if run.code else self.fonts[1] if run.bold else self.fonts[2] if run.italic else face
        text = softly_hyphenated(run.text) if self.recipe.hyphenate and not run.code else run.text
        out = "".join(f'<font name="{name}">{html.escape(part)}</font>' for name, part in by_font(text, face))
        return f'<a href="{html.escape(run.link)}" color="#1155aa">{out}</a>' if run.link else out


def _widths(longest: list[int], words: list[int], size: float, room: float) -> list[float]:
    """As wide as the text where that fits; else room for the longest word, and the rest by weight."""
    natural = [length * size * 0.62 + 8 for length in longest]
    if sum(natural) <= room:
        return natural
    least = [min(word * size * 0.6 + 8, full) for word, full in zip(words, natural, strict=True)]
    if sum(least) > room:
        return [width * room / sum(least) for width in least]
    left = room - sum(least)
    return [width + left * share for width, share in zip(least, column_weights(longest), strict=True)]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
