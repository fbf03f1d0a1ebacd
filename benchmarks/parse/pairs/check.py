"""Whether a PDF holds what its recipe promises, found in the PDF itself and not in what was asked of the renderer."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf
from pairs.compose import Pair
from pairs.looks import stamp_text, watermark_text
from pairs.model import Code, Heading, ListBlock, Quote, Table, notes_of, placed, runs_of, text_of
from pairs.truth import to_markdown
from rapidfuzz.distance import Indel

LEAST_FOUND = 0.97
_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9]+")
_HYPHEN = re.compile(r"(\w)[-\u00ad\u2010]\n(\w)")
_BROKEN = re.compile(r"[a-z]{2}[-\u00ad\u2010]\n[a-z]{2}")
_INVISIBLE = re.compile("[\u00ad\u200b\ufeff]")


@dataclass(slots=True)
class Checked:
    pages: int
    words_found: float
    features: list[str]
    problems: list[str] = field(default_factory=list)


def tokens(text: str) -> list[str]:
    """Latin words and single Chinese characters, in lower case, with compatible forms made one."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower())


def page_texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [page.get_text("text", sort=False) for page in document]


def pages_of_tables(path: Path, pair: Pair) -> list[list[int]]:
    """The pages (from 1) of every table: its words aligned with the PDF's, in the order that both stand in."""
    wanted: list[str] = []
    table_at: list[int] = []
    count = 0
    for block in pair.blocks:
        found = tokens(" ".join(text_of(runs) for runs in runs_of(block)))
        wanted += found
        table_at += [count if isinstance(block, Table) else -1] * len(found)
        count += isinstance(block, Table)
    seen: list[str] = []
    page_at: list[int] = []
    for number, text in enumerate(page_texts(path), 1):
        found = tokens(_HYPHEN.sub(r"\1\2", text))
        seen += found
        page_at += [number] * len(found)
    hits: list[Counter[int]] = [Counter() for _ in range(count)]
    for step in Indel.opcodes(wanted, seen):
        if step.tag == "equal":
            for source, target in zip(
                range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True
            ):
                if table_at[source] >= 0:
                    hits[table_at[source]][page_at[target]] += 1
    return [sorted(page for page, times in counter.items() if times >= _few(counter)) for counter in hits]


def _few(counter: Counter[int]) -> float:
    """A word or two that match by chance on another page do not count."""
    return max(2.0, 0.02 * counter.total())


def check(path: Path, pair: Pair, table_pages: Sequence[Sequence[int]]) -> Checked:
    texts = page_texts(path)
    tables = [block for block in pair.blocks if isinstance(block, Table)]
    out = Checked(len(texts), _found(texts, pair), [])
    if out.words_found < LEAST_FOUND:
        out.problems.append(f"only {out.words_found:.1%} of the words found")
    with pymupdf.open(path) as document:
        _check_pages(document, pair, texts, out)
    for table, pages in zip(tables, table_pages, strict=True):
        _check_table(table, pages, texts, out)
    _note_blocks(pair, out)
    out.features = sorted(set(out.features))
    return out


def _found(texts: Iterable[str], pair: Pair) -> float:
    """The share of the truth's words that the PDF holds, each as often; a hyphen at a line's end may be either kind."""
    markdown = re.sub(r"</?(?:table|tr|td|th)[^>]*>", " ", to_markdown(pair.blocks, "mark"))
    wanted = Counter(tokens(html.unescape(re.sub(r"^```\w*", "", markdown, flags=re.MULTILINE))))
    held = Counter(token for text in texts for token in tokens(text))
    held |= Counter(token for text in texts for token in tokens(_HYPHEN.sub(r"\1\2", text)))
    return (wanted & held).total() / max(1, wanted.total())


def _check_pages(document: pymupdf.Document, pair: Pair, texts: Sequence[str], out: Checked) -> None:
    recipe = pair.recipe
    out.features.append(f"columns-{recipe.columns}")
    seen = columns_of(document, cell_texts(pair))
    if seen != recipe.columns:
        out.problems.append(f"{recipe.columns} columns are wanted, {seen} seen")
    marked = bool(document.get_toc())
    lowest = {"none": 9, "sections": 2, "all": 1}[recipe.bookmarks]
    if marked != any(isinstance(block, Heading) and block.level >= lowest for block in pair.blocks):
        out.problems.append("bookmarks are there" if marked else "bookmarks are missing")
    out.features += ["bookmarks"] if marked else []
    squeezed = [_squeezed(text) for text in texts]
    for name, text in (("watermark", watermark_text(recipe)), ("stamp", stamp_text(recipe))):
        if text:
            out.features.append(name)
            if sum(_squeezed(text) in page for page in squeezed) < len(texts):
                out.problems.append(f"the {name} is not on every page")
    if recipe.header == "title":
        start = _squeezed(pair.title)[:12]
        if sum(start in page for page in squeezed) < len(texts):
            out.problems.append("the running header is not on every page")
    out.features += [f"header-{recipe.header}"] if recipe.header != "none" else []
    out.features += [f"page-number-{recipe.page_number}"] if recipe.page_number != "none" else []
    out.features += [f"numbering-{recipe.numbering}", f"headings-by-{recipe.heading_look}"]
    out.features += ["justify"] if recipe.justify else []
    if recipe.hyphenate and any(_BROKEN.search(text) for text in texts):
        out.features.append("hyphens")


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", _INVISIBLE.sub("", text))


def cell_texts(pair: Pair) -> str:
    """What stands in tables: their cells line up too, and say nothing about the columns of the text."""
    tables = (block for block in pair.blocks if isinstance(block, Table))
    return "\n".join(_squeezed(text_of(cell.runs)) for table in tables for _, _, cell in placed(table))


def columns_of(pages: Iterable[pymupdf.Page], cells: str) -> int:
    """2 when more pages than not have lines that end left of the middle and others that begin right of it."""
    two = one = 0
    for page in pages:
        middle = page.rect.width / 2
        lines = [
            line["bbox"]
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", [])
            if line["dir"] == (1.0, 0.0) and line["bbox"][2] - line["bbox"][0] > page.rect.width * 0.2
            if _squeezed("".join(span["text"] for span in line["spans"])) not in cells
        ]
        left = sum(box[2] <= middle + 2 for box in lines)
        right = sum(box[0] >= middle - 2 for box in lines)
        across = sum(box[0] < middle - 20 and box[2] > middle + 20 for box in lines)
        two += min(left, right) > 4 and across < left + right
        one += across > 4 and across >= min(left, right)
    return 2 if two > one else 1


def _check_table(table: Table, pages: Sequence[int], texts: Sequence[str], out: Checked) -> None:
    look = table.look
    out.features.append(f"table-{look.rule}")
    out.features += [f"table-{look.turn}"] if look.turn else []
    if any(cell.row_span > 1 or cell.col_span > 1 for _, _, cell in placed(table)):
        out.features.append("table-spans")
    if table.header_rows > 1:
        out.features.append("table-nested-header")
    if not pages:
        out.problems.append("a table is on no page")
        return
    if len(pages) > 1:
        out.features.append("table-over-pages-" + ("header-repeated" if look.repeat_header else "header-once"))
        out.features.append(f"table-over-{len(pages)}-pages")
        there = [_header_on(table, texts[page - 1]) for page in pages[1:]]
        if table.header_rows and look.repeat_header and not all(there):
            out.problems.append(f"a header is not repeated on pages {list(pages)}")
        if table.header_rows and not look.repeat_header and any(there):
            out.problems.append(f"a header is repeated on pages {list(pages)}")


def _header_on(table: Table, page: str) -> bool:
    """Whether every header cell's text stands on the page."""
    squeezed = _squeezed(page)
    heads = [_squeezed(text_of(cell.runs)) for row, _, cell in placed(table) if row < table.header_rows]
    return all(head in squeezed for head in heads)


def _note_blocks(pair: Pair, out: Checked) -> None:
    last = None
    for block in pair.blocks:
        if isinstance(last, Table) and isinstance(block, Table) and not block.caption and not last.caption:
            out.features.append("tables-adjacent")
        if isinstance(block, ListBlock):
            nested = any(isinstance(child, ListBlock) for item in block.items for child in item.blocks)
            out.features += ["list", *(["list-nested"] if nested else []), *(["list-ordered"] if block.ordered else [])]
        out.features += ["code"] if isinstance(block, Code) else ["quote"] if isinstance(block, Quote) else []
        out.features += ["footnotes"] if notes_of(block) else []
        out.features += ["caption"] if isinstance(block, Table) and block.caption else []
        if isinstance(block, Heading) and block.level > 3:
            out.features.append("headings-deep")
        if any(run.link for runs in runs_of(block) for run in runs):
            out.features.append("links")
        last = block
