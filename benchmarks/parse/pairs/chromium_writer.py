"""Pairs by Chromium's print of HTML and CSS: margin boxes, named pages, multi-column layout."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from pairs.compose import Pair
from pairs.hyphens import softly_hyphenated
from pairs.looks import (
    GUTTER,
    MARGIN,
    PAPERS,
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
    Cell,
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
from pairs.recipes import Recipe
from playwright.sync_api import sync_playwright

_FAMILIES = (
    "'DejaVu Serif', 'Noto Serif CJK SC'",
    "'DejaVu Sans', 'Noto Sans CJK SC'",
    "'Noto Sans CJK SC', 'DejaVu Sans Condensed'",
)

_NODE = re.compile(rb"\(node\d{8}\)")


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def write_pdfs(pairs: Iterable[Pair], folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        page = browser.new_page()
        for pair in pairs:
            page.set_content(_html(pair))
            outlined = pair.recipe.bookmarks != "none"
            data = page.pdf(prefer_css_page_size=True, print_background=True, tagged=outlined, outline=outlined)
            (folder / f"{pair.recipe.name}.pdf").write_bytes(_settled(data))
        browser.close()


def _settled(data: bytes) -> bytes:
    """The same bytes each time: dates and the names of tagged nodes, of the same length so that no offset moves."""
    data = re.sub(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}", rb"\g<1>20260101000000", data)
    rank = {name: at for at, name in enumerate(sorted(set(_NODE.findall(data))))}
    return _NODE.sub(lambda match: b"(node%08d)" % rank[match[0]], data)


def _html(pair: Pair) -> str:
    chapters = _chapters(pair.blocks)
    sections = "\n".join(_section(pair.recipe, number, chapter) for number, chapter in enumerate(chapters))
    names = [
        next((text_of(b.runs) for b in c if isinstance(b, Heading) and b.level == 2), pair.title) for c in chapters
    ]
    marks = "".join(
        f'<div class="{name}">{html.escape(text)}</div>'
        for name, text in (("watermark", watermark_text(pair.recipe)), ("stamp", stamp_text(pair.recipe)))
        if text
    )
    return (
        f'<!doctype html><html lang="{"zh-CN" if pair.recipe.language == "zh" else "en"}"><head>'
        f"<title>{html.escape(pair.title)}</title><style>{_css(pair, names)}</style></head>"
        f"<body>{marks}{sections}</body></html>"
    )


def _chapters(blocks: Sequence[Block]) -> list[list[Block]]:
    """What stands above the first chapter belongs to it."""
    chapters: list[list[Block]] = [[]]
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2 and any(_opens(b) for b in chapters[-1]):
            chapters.append([])
        chapters[-1].append(block)
    return chapters


def _opens(block: Block) -> bool:
    return isinstance(block, Heading) and block.level == 2


def _section(recipe: Recipe, number: int, blocks: Sequence[Block]) -> str:
    """Multi-column stretches, broken where a table takes a page of its own; the footnotes stand at the end."""
    parts = [
        f'<div class="{"alone" if alone else "text"}">{"".join(_block(recipe, block) for block in members)}</div>'
        for alone, members in stretches(blocks)
    ]
    notes = [mark for block in blocks for mark in notes_of(block)]
    if notes:
        lines = [f'<p class="note"><sup>{mark.text}</sup> {_runs(recipe, mark.note or ())}</p>' for mark in notes]
        parts.append(f'<div class="text"><div class="notes">{"".join(lines)}</div></div>')
    return f'<section class="chapter c{number}">{"".join(parts)}</section>'


def _css(pair: Pair, names: Sequence[str]) -> str:
    recipe = pair.recipe
    width, height = PAPERS[recipe.paper]
    rules = [
        f"@page {{ size: {width}pt {height}pt; margin: {MARGIN}pt; {_number_box(recipe)} }}",
        f"body {{ font: {recipe.size}pt/1.35 {_FAMILIES[recipe.family]}; margin: 0;"
        f" text-align: {'justify' if recipe.justify else 'left'}; hyphens: manual; }}",
        f".text {{ columns: {recipe.columns}; column-gap: {GUTTER}pt; }}",
        "h1 { text-align: center; } h1, h2, h3, h4, h5 { break-after: avoid; margin: 1em 0 .5em; text-align: left; }",
        "pre { background: #f2f2f2; padding: 5pt; white-space: pre-wrap; overflow-wrap: anywhere; }",
        "pre, code { font: .85em 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC'; text-align: left; }",
        "blockquote { border-left: 2pt solid #bbb; margin: .5em 0 .5em .6em; padding-left: 1em; }",
        "table { border-collapse: collapse; font-size: .88em; text-align: left; margin: .4em auto 1em; }",
        ".long { overflow-wrap: anywhere; } .short { white-space: nowrap; }",
        "h1 { column-span: all; }",
        "th, td { padding: 3pt 4pt; vertical-align: top; } tr { break-inside: avoid; }",
        "table.grid td, table.grid th { border: .5pt solid black; } table.grid th { background: #e4e4e4; }",
        "table.lines tr { border-bottom: .5pt solid black; }",
        "tbody tr:first-child { break-before: avoid; }",
        "table.once thead { display: table-row-group; }",
        ".caption, figure { text-align: center; font-size: .92em; margin: .8em 0; break-inside: avoid; }",
        ".caption.above { break-after: avoid; } .caption.below { break-before: avoid; }",
        ".picture { width: 55%; height: 70pt; background: #e6e6e6; border: 1pt solid #999; margin: 0 auto 4pt; }",
        ".notes { border-top: .5pt solid black; margin-top: 1em; font-size: .8em; } .note { margin: 0; }",
        "p, li { overflow-wrap: anywhere; }",
        ".alone { break-before: page; break-after: page; }",
        f"@page lying {{ size: {height}pt {width}pt; }} .landscape {{ page: lying; }}",
        f".rotated {{ height: {height - 2 * MARGIN - 4}pt; position: relative; break-before: page; }}",
        f".rotated > div {{ position: absolute; top: 0; left: 0; width: {height - 2 * MARGIN - 10}pt;"
        f" transform-origin: top left; transform: translate({width - 2 * MARGIN}pt, 0) rotate(90deg); }}",
        ".watermark { position: fixed; top: 42%; left: -12%; width: 124%; text-align: center; font-size: 46pt;"
        " color: #dedede; transform: rotate(-45deg); z-index: -1; }",
        ".stamp { position: fixed; top: 16pt; right: 10pt; border: 1.5pt solid red; color: red; padding: 4pt;"
        " font-size: 11pt; transform: rotate(8deg); }",
    ]
    rules += [_heading_rule(recipe, level) for level in range(1, 6)]
    rules += _running_headers(pair, names)
    return "\n".join(rules)


def _running_headers(pair: Pair, names: Sequence[str]) -> list[str]:
    """A chapter begins a page where the header names it: that is how CSS can know it."""
    if pair.recipe.header == "none":
        return []
    look = "font-size: 8pt; border-bottom: .4pt solid black; vertical-align: bottom; padding-bottom: 3pt;"
    if pair.recipe.header == "title":
        return [f"@page {{ @top-left {{ content: {_string(short(pair.title))}; {look} }} }}"]
    out = []
    for number, name in enumerate(names):
        out.append(f".c{number} {{ page: c{number}; }}")
        out.append(f"@page c{number} {{ @top-left {{ content: {_string(short(name))}; {look} }} }}")
        width, height = PAPERS[pair.recipe.paper]
        out.append(f".c{number} .landscape {{ page: l{number}; }}")
        out.append(
            f"@page l{number} {{ size: {height}pt {width}pt; @top-left {{ content: {_string(short(name))}; {look} }} }}"
        )
    return out


def _number_box(recipe: Recipe) -> str:
    where, side = number_place(recipe)
    if not where:
        return ""
    before, between, after = page_words(recipe)
    total = f"{_string(between)} counter(pages) " if between else ""
    return f"@{where}-{side} {{ content: {_string(before)} counter(page) {total}{_string(after)}; font-size: 8.5pt; }}"


def _heading_rule(recipe: Recipe, level: int) -> str:
    look = heading_look(recipe, level)
    weight, style = ("bold" if look.bold else "normal"), ("italic" if look.italic else "normal")
    return f"h{level} {{ font-size: {look.size}em; font-weight: {weight}; font-style: {style}; color: {look.color}; }}"


def _block(recipe: Recipe, block: Block) -> str:
    match block:
        case Heading(level=level, runs=runs):
            if level == 1 and recipe.bookmarks == "sections":
                look = heading_look(recipe, 1)
                style = f"font-size:{look.size}em;font-weight:{'bold' if look.bold else 'normal'};color:{look.color}"
                return f'<div style="{style};column-span:all;margin:1em 0">{_runs(recipe, runs)}</div>'
            return f"<h{level}>{_runs(recipe, runs)}</h{level}>"
        case Paragraph(runs=runs):
            return f"<p>{_runs(recipe, runs)}</p>"
        case Code(text=text):
            return f"<pre>{html.escape(text)}</pre>"
        case Quote(blocks=blocks):
            return f"<blockquote>{''.join(_block(recipe, child) for child in blocks)}</blockquote>"
        case ListBlock(items=items, ordered=ordered, start=start):
            inner = "".join(f"<li>{''.join(_item(recipe, b) for b in item.blocks)}</li>" for item in items)
            return f'<ol start="{start}">{inner}</ol>' if ordered else f"<ul>{inner}</ul>"
        case Figure(caption=caption):
            return f'<figure><div class="picture"></div>{_runs(recipe, caption)}</figure>'
        case Table():
            inner = _table(recipe, block)
            return f'<div class="{block.look.turn}"><div>{inner}</div></div>' if block.look.turn else inner


def _item(recipe: Recipe, block: Block) -> str:
    return f"<div>{_runs(recipe, block.runs)}</div>" if isinstance(block, Paragraph) else _block(recipe, block)


def _table(recipe: Recipe, table: Table) -> str:
    rows: list[list[str]] = [[] for _ in table.rows]
    for row, _, cell in placed(table):
        tag = "th" if row < table.header_rows else "td"
        opening = f'<{tag}{_long(cell)} rowspan="{cell.row_span}" colspan="{cell.col_span}">'
        rows[row].append(f"{opening}{_runs(recipe, cell.runs, whole=True)}</{tag}>")
    lines = [f"<tr>{''.join(cells)}</tr>" for cells in rows]
    head, body = "".join(lines[: table.header_rows]), "".join(lines[table.header_rows :])
    kind = table.look.rule + ("" if table.look.repeat_header else " once")
    out = f'<table class="{kind}">{f"<thead>{head}</thead>" if head else ""}<tbody>{body}</tbody></table>'
    if not has_text(table.caption):
        return out
    side = "above" if recipe.caption_above else "below"
    caption = f'<p class="caption {side}">{_runs(recipe, table.caption)}</p>'
    return caption + out if recipe.caption_above else out + caption


def _long(cell: Cell) -> str:
    """Short words and numbers are never broken; a long one must be, or its column would leave the page."""
    text = text_of(cell.runs)
    if len(text) <= 12 and text.isascii():
        return ' class="short"'
    return ' class="long"' if max(map(len, re.split(r"[\s/-]+", text))) > 20 else ""


def _runs(recipe: Recipe, runs: Runs, whole: bool = False) -> str:
    """`whole` words are not hyphenated: in a table that would make its columns too narrow."""
    return "".join(_run(run, recipe.hyphenate and not whole) for run in runs)


def _run(run: Run, hyphenate: bool) -> str:
    if run.note is not None:
        return f"<sup>{run.text}</sup>"
    text = softly_hyphenated(run.text) if hyphenate and not run.code else run.text
    out = html.escape(text)
    for wanted, tag in ((run.code, "code"), (run.bold, "b"), (run.italic, "i")):
        out = f"<{tag}>{out}</{tag}>" if wanted else out
    return f'<a href="{html.escape(run.link)}">{out}</a>' if run.link else out


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
