"""Sets text on A4 pages: type, line breaking, columns, tables that break between rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pymupdf

PAGE = pymupdf.Rect(0, 0, 595, 842)
LEFT, RIGHT, TOP, BOTTOM = 62.0, 533.0, 84.0, 772.0
GUTTER = 24.0
BODY, TABLE, SMALL = 10.0, 9.0, 8.0
LEADING = 1.5
INK = (0.1, 0.1, 0.12)
ACCENT = (0.07, 0.27, 0.42)
MUTED = (0.4, 0.4, 0.42)
LINE = (0.72, 0.76, 0.8)
TINT = (0.93, 0.95, 0.97)
HEADING = {0: (20.0, 0.0, 14.0), 1: (13.5, 12.0, 5.0), 2: (11.0, 6.0, 3.0)}
"""Level (0 is the title): size, space above, space below."""
CHINESE = r"[\u3000-\u9fff\uff00-\uffef]"
WORD = re.compile(r"\s+|[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’]+|.")
NO_LINE_START = "，。、；：？！）》」』”’％%"
NO_LINE_END = "（《「『“‘"


@dataclass(frozen=True, slots=True)
class Item:
    kind: str  # title, heading, paragraph, list, note, caption, table, columns, column, page
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[float, ...] = ()
    right: tuple[bool, ...] = ()


def join_lines(lines: list[str]) -> str:
    """With a space, but not between Chinese characters."""
    return re.sub(rf"(?<={CHINESE})\n(?={CHINESE})", "", "\n".join(lines)).replace("\n", " ")


class Type:
    """The two faces of a document. Chinese has one weight: its headings differ by size and colour."""

    def __init__(self, chinese: bool) -> None:
        self.chinese = chinese
        names = ("cjk", "cjk") if chinese else ("helv", "hebo")
        self.names = names
        self.bullet = "•" if chinese else "·"  # the built-in Latin faces are encoded in Latin-1
        self.fonts = tuple(pymupdf.Font(name) for name in names)

    def use_on(self, page: pymupdf.Page) -> None:
        if self.chinese:
            page.insert_font(fontname="cjk", fontbuffer=self.fonts[0].buffer)

    def width(self, text: str, size: float, bold: bool = False) -> float:
        return float(self.fonts[bold].text_length(text, size))

    def wrap(self, text: str, room: float, size: float, bold: bool = False) -> list[str]:
        """Lines at most `room` wide. Chinese breaks anywhere but before closing marks and after
        opening ones; other text breaks at spaces."""
        lines, line = [], ""
        for word in WORD.findall(text):
            fits = self.width((line + word).rstrip(), size, bold) <= room
            if fits or not line.strip() or word in NO_LINE_START:
                line += word
                continue
            carried = line[-1] if line[-1] in NO_LINE_END else ""
            lines.append(line[: len(line) - len(carried)].rstrip())
            line = carried + word.lstrip()
        return [*lines, line.rstrip()]


@dataclass
class Writer:
    """Sets items on pages, top to bottom, column by column."""

    document: pymupdf.Document
    type: Type
    shape: pymupdf.Shape = field(init=False)
    outline: list[tuple[int, str, int]] = field(default_factory=list)
    columns: int = 1
    column: int = 0
    start: float = TOP
    y: float = TOP
    lowest: float = TOP

    def new_page(self) -> None:
        self.finish_page()
        page = self.document.new_page(width=PAGE.width, height=PAGE.height)
        self.type.use_on(page)
        self.shape = page.new_shape()
        self.column, self.start, self.y, self.lowest = 0, TOP, TOP, TOP

    def finish_page(self) -> None:
        """PyMuPDF forgets a page object when another page is added."""
        if self.document.page_count:
            self.shape.commit()

    @property
    def width(self) -> float:
        return (RIGHT - LEFT - GUTTER * (self.columns - 1)) / self.columns

    @property
    def x(self) -> float:
        return LEFT + self.column * (self.width + GUTTER)

    def next_column(self) -> None:
        self.lowest = max(self.lowest, self.y)
        if self.column + 1 == self.columns:
            self.new_page()
        else:
            self.column, self.y = self.column + 1, self.start

    def set_columns(self, count: int) -> None:
        self.y = max(self.y, self.lowest) + (0 if self.y == TOP else 4)
        self.columns, self.column, self.start, self.lowest = count, 0, self.y, self.y

    def need(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self.next_column()

    def put(
        self, x: float, base: float, text: str, size: float, *, bold: bool = False, color: tuple[float, ...] = INK
    ) -> None:
        self.shape.insert_text((x, base), text, fontname=self.type.names[bold], fontsize=size, color=color)

    def lines(
        self, text: str, size: float, *, indent: float = 0.0, color: tuple[float, ...] = INK, bold: bool = False
    ) -> None:
        step = size * LEADING
        lines = self.type.wrap(text, self.width - indent, size, bold)
        for number, line in enumerate(lines):
            # Never one line alone at the foot of a page, nor on top of the next.
            self.need(step * 2 if len(lines) > 1 and number in {0, len(lines) - 2} else step)
            self.put(self.x + indent, self.y + size, line, size, bold=bold, color=color)
            self.y += step

    def add(self, item: Item) -> None:
        if item.kind in {"title", "heading"}:
            self.heading(item)
        elif item.kind == "list":
            self.entries(item.text)
        elif item.kind == "note":
            self.note(item.text)
        elif item.kind == "table":
            self.table(item)
        elif item.kind == "columns":
            self.set_columns(item.level)
        elif item.kind == "column":
            self.next_column()
        elif item.kind == "page":
            self.new_page()
        elif item.kind == "caption":
            self.need(70)
            self.y += 3
            self.lines(item.text, TABLE, color=MUTED)
            self.y += 2
        else:
            self.lines(item.text, BODY)
            self.y += 5

    def heading(self, item: Item) -> None:
        size, above, below = HEADING[item.level]
        self.need(above + size * LEADING + below + 3 * BODY * LEADING)
        self.y += above if self.y > self.start else 0
        if item.level:
            self.outline.append((item.level, item.text, self.document.page_count))
        self.lines(item.text, size, color=ACCENT, bold=True)
        self.y += below

    def entries(self, text: str) -> None:
        for entry in re.split(r"\n(?=- |\d+\. )", text):
            mark, _, rest = entry.partition(" ")
            self.need(BODY * LEADING)
            self.put(self.x + 6, self.y + BODY, self.type.bullet if mark == "-" else mark, BODY, bold=mark == "-")
            self.lines(join_lines([line.strip() for line in rest.splitlines()]), BODY, indent=22)
            self.y += 1.5
        self.y += 4

    def note(self, text: str) -> None:
        lines = self.type.wrap(text, self.width - 24, BODY)
        height = len(lines) * BODY * LEADING + 12
        self.need(height + 6)
        self.box(pymupdf.Rect(self.x, self.y, self.x + self.width, self.y + height), TINT)
        self.box(pymupdf.Rect(self.x, self.y, self.x + 3, self.y + height), ACCENT)
        for number, line in enumerate(lines):
            self.put(self.x + 14, self.y + 6 + BODY + number * BODY * LEADING, line, BODY)
        self.y += height + 8

    def box(self, rect: pymupdf.Rect, fill: tuple[float, ...]) -> None:
        self.shape.draw_rect(rect)
        self.shape.finish(color=None, fill=fill, width=0)

    def table(self, item: Item) -> None:
        """Rows stay whole; on each further page the header row is set again."""
        for number, row in enumerate(item.rows):
            height = self.row_height(item, row, number == 0)
            if self.y + height > BOTTOM:
                self.next_column()
                self.row(item, item.rows[0], header=True)
            self.row(item, row, header=number == 0)
        self.y += 10

    def cells(self, item: Item, row: tuple[str, ...], bold: bool) -> list[list[str]]:
        return [
            self.type.wrap(cell, share * self.width - 10, TABLE, bold)
            for cell, share in zip(row, item.widths, strict=True)
        ]

    def row_height(self, item: Item, row: tuple[str, ...], bold: bool) -> float:
        return max(len(lines) for lines in self.cells(item, row, bold)) * TABLE * 1.4 + 8

    def row(self, item: Item, row: tuple[str, ...], *, header: bool) -> None:
        height, x = self.row_height(item, row, header), self.x
        for lines, share, right in zip(self.cells(item, row, header), item.widths, item.right, strict=True):
            rect = pymupdf.Rect(x, self.y, x + share * self.width, self.y + height)
            self.shape.draw_rect(rect)
            self.shape.finish(color=LINE, fill=TINT if header else None, width=0.6)
            for number, line in enumerate(lines):
                left = rect.x1 - 5 - self.type.width(line, TABLE, header) if right else x + 5
                self.put(left, self.y + 4 + TABLE + number * TABLE * 1.4, line, TABLE, bold=header)
            x = rect.x1
        self.y += height

    def furniture(self, facts: dict[str, str]) -> None:
        """Running header and page number, once the number of pages is known."""
        self.finish_page()
        for number, page in enumerate(self.document, 1):
            shape = page.new_shape()
            left, _, right = (part.strip() for part in facts["header"].partition("|"))
            foot = facts["footer"].format(page=number, pages=self.document.page_count)
            for text, x, base in (
                (left, LEFT, 50.0),
                (right, RIGHT - self.type.width(right, SMALL), 50.0),
                (foot, (LEFT + RIGHT - self.type.width(foot, SMALL)) / 2, 806.0),
            ):
                shape.insert_text((x, base), text, fontname=self.type.names[0], fontsize=SMALL, color=MUTED)
            shape.draw_line((LEFT, 57), (RIGHT, 57))
            shape.finish(color=LINE, width=0.6)
            shape.commit()
