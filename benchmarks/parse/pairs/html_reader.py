"""HTML (and Markdown, by way of HTML) into blocks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement, PreformattedString
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from pairs.model import Block, Cell, Code, Figure, Heading, Item, ListBlock, Paragraph, Quote, Run, Runs, Table, text_of

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LEFT_OUT = ["script", "style", "nav", "noscript", "button", "svg", "form", "input", "link", "meta", "audio", "video"]
_CONTAINERS = {"div", "section", "article", "main", "body", "center", "header", "footer", "dl", "font", "ix:header"}
_PUBLIC = re.compile(r"^https?://\S+$")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufe00-\ufe0f\ufeff\u00ad\ufffc\ufffd\ue000-\uf8ff]")
_NO_GLYPH = re.compile(r"[\U00010000-\U0010ffff\u2600-\u27bf\u2b00-\u2bff\u0300-\u036f\u20d0-\u20ff]")
"""Emoji, dingbats and combining marks: hardly any font carries them, so no PDF could be expected to."""


def read_markdown(text: str) -> list[Block]:
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table").use(footnote_plugin)
    return read_html(BeautifulSoup(markdown.render(text), "lxml"))


def read_html(soup: BeautifulSoup | Tag) -> list[Block]:
    return list(_Reader(soup).blocks(soup))


def clean(text: str) -> str:
    """NFC, without invisible characters and those that fonts lack; white space stays as it is."""
    return _NO_GLYPH.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).replace("\xa0", " ")


class _Reader:
    def __init__(self, root: BeautifulSoup | Tag) -> None:
        for tag in root.find_all(_LEFT_OUT):
            tag.decompose()
        for tag in root.select(".mw-editsection, .reference, .hash-link, .navbox, .toc, [style*='display:none']"):
            tag.decompose()
        self.notes = {str(item["id"]): _note(item) for item in root.select("li.footnote-item")}
        for tag in root.select("section.footnotes, hr.footnotes-sep"):
            tag.decompose()

    def blocks(self, parent: Tag) -> Iterator[Block]:
        loose: list[PageElement] = []
        for child in [*parent.children, None]:
            if child is not None and not _is_block(child):
                loose.append(child)
                continue
            runs = self.runs(loose)
            loose = []
            if text_of(runs).strip():
                yield Paragraph(runs)
            if isinstance(child, Tag):
                yield from self.block(child)

    def block(self, tag: Tag) -> Iterator[Block]:
        if tag.name in _HEADINGS:
            runs = tuple(replace(run, link="", bold=False) for run in self.runs(tag.children) if run.note is None)
            if text_of(runs).strip():
                yield Heading(int(tag.name[1]), runs)
        elif tag.name in {"p", "dt", "dd", "summary"} and not any(_is_block(child) for child in tag.children):
            runs = self.runs(tag.children)
            if text_of(runs).strip():
                yield Paragraph(runs)
        elif tag.name in {"ul", "ol"}:
            yield from self.list_block(tag)
        elif tag.name == "pre":
            yield from _code(tag)
        elif tag.name == "blockquote":
            inner = tuple(self.blocks(tag))
            if inner:
                yield Quote(inner)
        elif tag.name == "table":
            yield from self.table(tag)
        elif tag.name == "figure":
            caption = tag.find("figcaption")
            runs = self.runs(caption.children) if isinstance(caption, Tag) else ()
            if text_of(runs).strip():
                yield Figure(runs)
        elif tag.name != "hr":
            yield from self.blocks(tag)

    def list_block(self, tag: Tag) -> Iterator[Block]:
        items = []
        for child in tag.find_all("li", recursive=False):
            inner = tuple(block for block in self.blocks(child) if not isinstance(block, Heading | Table | Figure))
            if inner:
                items.append(Item(inner))
        if items:
            yield ListBlock(tuple(items), tag.name == "ol", _number(tag.get("start"), 1))

    def table(self, tag: Tag) -> Iterator[Block]:
        """Tables that only lay a page out (nested ones, single cells) are read as what they hold."""
        lines = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
        if tag.find("table") or len(lines) < 2 or max(len(row.find_all(["td", "th"])) for row in lines) < 2:
            for row in lines:
                for cell in row.find_all(["td", "th"], recursive=False):
                    yield from self.blocks(cell)
            return
        rows: list[tuple[Cell, ...]] = []
        header_rows = 0
        for row in lines:
            cells = row.find_all(["td", "th"], recursive=False)
            if row.find_parent("thead") or (cells and all(cell.name == "th" for cell in cells)):
                header_rows += len(rows) == header_rows
            rows.append(tuple(self.cell(cell) for cell in cells))
        caption = tag.find("caption")
        table = Table(tuple(rows), header_rows, self.runs(caption.children) if isinstance(caption, Tag) else ())
        yield from (block for block in [tidy_table(table)] if block)

    def cell(self, tag: Tag) -> Cell:
        runs = tuple(replace(run, bold=False) for run in self.runs(tag.children))
        return Cell(runs, max(1, _number(tag.get("rowspan"), 1)), max(1, _number(tag.get("colspan"), 1)))

    def runs(self, children: Iterable[PageElement]) -> Runs:
        return tidy_runs(self._runs(children, Run("")))

    def _runs(self, children: Iterable[PageElement], style: Run) -> Iterator[Run]:
        for child in children:
            if isinstance(child, PreformattedString):
                continue
            if isinstance(child, NavigableString):
                yield replace(style, text=str(child))
            elif isinstance(child, Tag) and "footnote-ref" in (child.get("class") or []):
                link = child.find("a")
                note = self.notes.get(str(link["href"]).lstrip("#")) if isinstance(link, Tag) else None
                if note:
                    yield Run("", note=note)
            elif isinstance(child, Tag) and child.name != "img":
                yield from self._runs(child.children, _styled(style, child))
                if child.name in {"br", "p", "div", "li", "tr"}:
                    yield replace(style, text=" ")


def _styled(style: Run, tag: Tag) -> Run:
    if tag.name in {"b", "strong"}:
        return replace(style, bold=True)
    if tag.name in {"i", "em"}:
        return replace(style, italic=True)
    if tag.name == "code":
        return replace(style, code=True)
    href = str(tag.get("href") or "")
    return replace(style, link=href) if tag.name == "a" and _PUBLIC.match(href) else style


def _note(item: Tag) -> Runs:
    for link in item.select("a.footnote-backref"):
        link.decompose()
    return (Run(" ".join(clean(item.get_text()).split())),)


def _is_block(node: PageElement) -> bool:
    if not isinstance(node, Tag):
        return False
    names = _HEADINGS | _CONTAINERS | {"p", "ul", "ol", "pre", "blockquote", "table", "figure", "hr", "dt", "dd"}
    return node.name in names or node.name == "summary" or any(_is_block(child) for child in node.children)


def _code(tag: Tag) -> Iterator[Block]:
    inner = tag.find("code")
    names = " ".join(inner.get("class") or []) if isinstance(inner, Tag) else ""
    language = re.search(r"language-([A-Za-z+#]+)", names)
    text = clean(tag.get_text()).expandtabs(4).strip("\n")
    if text.strip():
        yield Code("\n".join(line.rstrip() for line in text.split("\n")), language[1] if language else "")


def _number(value: object, default: int) -> int:
    return int(str(value)) if str(value).isdigit() else default


def tidy_runs(runs: Iterable[Run]) -> Runs:
    """White space collapsed over the borders of runs, none at the ends; neighbours of one style joined."""
    out: list[Run] = []
    space = True
    for run in runs:
        if run.note is not None:
            if out and out[-1].note is None:
                out[-1] = replace(out[-1], text=out[-1].text.rstrip())
            out.append(run)
            space = False
            continue
        text = re.sub(r"\s+", " ", clean(run.text))
        text = text.lstrip() if space else text
        if not text:
            continue
        space = text.endswith(" ")
        if out and replace(out[-1], text="") == replace(run, text=""):
            out[-1] = replace(out[-1], text=out[-1].text + text)
        else:
            out.append(replace(run, text=text))
    while out and out[-1].note is None and not out[-1].text.strip():
        out.pop()
    if out and out[-1].note is None:
        out[-1] = replace(out[-1], text=out[-1].text.rstrip())
    return tuple(out)


def tidy_table(table: Table) -> Table | None:
    """Rows without any text go; a table whose spans would then hang over its end is left out whole."""
    rows = tuple(row for row in table.rows if any(text_of(cell.runs).strip() for cell in row))
    if len(rows) < 2:
        return None
    if len(rows) < len(table.rows) and any(cell.row_span > 1 for row in rows for cell in row):
        return None
    width = replace(table, rows=rows).columns
    counted = [0] * len(rows)
    for start, row in enumerate(rows):
        for cell in row:
            for line in range(start, min(len(rows), start + cell.row_span)):
                counted[line] += cell.col_span
    filled = tuple(row + (Cell(()),) * (width - count) for row, count in zip(rows, counted, strict=True))
    return replace(table, rows=filled, header_rows=min(table.header_rows, len(rows) - 1))
