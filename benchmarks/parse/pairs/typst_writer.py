"""Pairs by typst: native footnotes, columns, hyphenation and repeated table headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from pairs.compose import Pair
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
from pairs.model import Block, Code, Figure, Heading, ListBlock, Paragraph, Quote, Run, Runs, Table, placed
from pairs.recipes import Recipe

_LATIN = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans")
_HAN = ("Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Serif CJK SC")


def write_pdfs(pairs: Iterable[Pair], folder: Path) -> None:
    for pair in pairs:
        (folder / f"{pair.recipe.name}.pdf").write_bytes(_pdf(pair))


def _pdf(pair: Pair) -> bytes:
    with TemporaryDirectory() as scratch:
        file = Path(scratch, "pair.typ")
        file.write_text(_source(pair), "utf-8")
        return bytes(typst.compile(str(file), format="pdf", timestamp=datetime(2026, 1, 1, tzinfo=UTC)))


def _source(pair: Pair) -> str:
    recipe = pair.recipe
    title, *body = pair.blocks
    assert isinstance(title, Heading)
    head = _heading(recipe, title)
    if recipe.columns == 2:
        head = f'place(top + center, scope: "parent", float: true, clearance: 2em, {head})'
    parts = [_stretch(recipe, alone, members) for alone, members in stretches(body)]
    return "\n".join([_setup(pair), "#{", head, *parts, "}"])


def _stretch(recipe: Recipe, alone: bool, members: Sequence[Block]) -> str:
    inner = "\n".join(_block(recipe, block) for block in members)
    last = members[-1]
    if not alone or not isinstance(last, Table):
        return inner
    height = PAPERS[recipe.paper][1]
    if last.look.turn == "landscape":
        return f"page(flipped: true, columns: 1, {{ {inner} }})"
    if last.look.turn == "rotated":
        return (
            f"page(columns: 1, rotate(-90deg, reflow: true, block(width: {height - 2 * MARGIN - 20}pt, {{ {inner} }})))"
        )
    return f"page(columns: 1, {{ {inner} }})"


def _setup(pair: Pair) -> str:
    recipe = pair.recipe
    width, height = PAPERS[recipe.paper]
    fonts = f'("{_LATIN[recipe.family]}", "{_HAN[recipe.family]}", "DejaVu Sans")'
    lines = [
        f"#set document(title: {_string(pair.title)})",
        f"#set page(width: {width}pt, height: {height}pt, margin: {MARGIN}pt, columns: {recipe.columns},"
        f" {_furniture(pair)})",
        f"#set columns(gutter: {GUTTER}pt)",
        f"#set text(font: {fonts}, size: {recipe.size}pt, lang: {_string(recipe.language)},"
        f" hyphenate: {str(recipe.hyphenate).lower()})",
        f"#set par(justify: {str(recipe.justify).lower()})",
        '#show raw: set text(font: ("DejaVu Sans Mono", "Noto Sans Mono CJK SC"), size: 0.85em)',
        "#show raw.where(block: true): it => block(width: 100%, inset: 5pt, fill: luma(244), it)",
        "#set table(inset: 4pt)",
        "#show table.cell: set par(justify: false)",
        "#show table.cell: set text(size: 0.88em, hyphenate: true)",
        "#show heading: it => block(above: 1.3em, below: 0.7em, sticky: true, it.body)",
    ]
    return "\n".join(lines)


def _furniture(pair: Pair) -> str:
    recipe = pair.recipe
    where, side = number_place(recipe)
    before, between, after = page_words(recipe)
    number = f"{_string(before)} + str(counter(page).get().first())"
    if between:
        number += f" + {_string(between)} + str(counter(page).final().first())"
    number += f" + {_string(after)}"
    left = {
        "none": '""',
        "title": _string(short(pair.title)),
        "chapter": "{ let found = query(heading.where(level: 2)).filter(h => h.location().page() <= here().page());"
        " if found.len() > 0 { found.last().body } }",
    }[recipe.header]
    right = number if where == "top" else '""'
    header = f"text(0.8em, {{ {left}; h(1fr); {right} }})" if recipe.header != "none" or where == "top" else "[]"
    rule = "; v(-0.8em); line(length: 100%, stroke: 0.4pt)" if recipe.header != "none" else ""
    footer = f"align({side}, text(0.85em, {number}))" if where == "bottom" else "[]"
    parts = [f"header: context {{ {header}{rule} }}", f"footer: context {footer}"]
    marks = []
    if watermark_text(recipe):
        words = f"text(46pt, luma(222), hyphenate: false, {_string(watermark_text(recipe))})"
        turned = f"rotate(-45deg, box(width: 760pt, align(center, {words})))"
        marks.append(f"place(center + horizon, {turned})")
    if stamp_text(recipe):
        box = f"box(stroke: 1.5pt + red, inset: 5pt, text(11pt, red, {_string(stamp_text(recipe))}))"
        marks.append(f"place(top + right, dx: -30pt, dy: 26pt, rotate(8deg, {box}))")
    if marks:
        parts.append(f"background: {{ {'; '.join(marks)} }}")
    return ", ".join(parts)


def _block(recipe: Recipe, block: Block) -> str:
    match block:
        case Heading():
            return _heading(recipe, block)
        case Paragraph(runs=runs):
            return f"par({_runs(runs)})"
        case Code(text=text):
            return f"raw(block: true, {_string(text)})"
        case Quote(blocks=blocks):
            inner = "; ".join(_block(recipe, child) for child in blocks)
            return f"block(inset: (left: 1.5em, rest: 4pt), stroke: (left: 2pt + luma(190)), {{ {inner} }})"
        case ListBlock(items=items, ordered=ordered, start=start):
            inner = ", ".join("{ " + "; ".join(_item(recipe, b) for b in item.blocks) + " }" for item in items)
            return f"enum(start: {start}, {inner})" if ordered else f"list({inner})"
        case Figure(caption=caption):
            return (
                "block(width: 100%, breakable: false, above: 1.2em, align(center, { rect(width: 55%, height: 70pt,"
                f" fill: luma(235)); v(-0.5em); text(0.9em, {_runs(caption)}) }}))"
            )
        case Table():
            return _captioned(recipe, block)


def _item(recipe: Recipe, block: Block) -> str:
    return _runs(block.runs) if isinstance(block, Paragraph) else _block(recipe, block)


def _heading(recipe: Recipe, block: Heading) -> str:
    look = heading_look(recipe, block.level)
    marked = recipe.bookmarks == "all" or (recipe.bookmarks == "sections" and block.level > 1)
    style = f'size: {look.size * recipe.size}pt, weight: {"700" if look.bold else "400"}, fill: rgb("{look.color}")'
    style += ', style: "italic"' if look.italic else ""
    body = f"text({style}, hyphenate: false, {_runs(block.runs)})"
    return f"heading(level: {block.level}, bookmarked: {str(marked).lower()}, outlined: {str(marked).lower()}, {body})"


def _captioned(recipe: Recipe, table: Table) -> str:
    body = _table(table)
    if not has_text(table.caption):
        return body
    caption = f"block(sticky: {str(recipe.caption_above).lower()}, text(0.9em, {_runs(table.caption)}))"
    return "; ".join((caption, body) if recipe.caption_above else (body, caption))


def _table(table: Table) -> str:
    stroke = {"grid": "0.5pt", "lines": "(x, y) => (bottom: 0.5pt)", "none": "none"}[table.look.rule]
    head, body = [], []
    for row, _, cell in placed(table):
        spans = f"rowspan: {cell.row_span}, colspan: {cell.col_span}, "
        text = f"strong({_runs(cell.runs)})" if row < table.header_rows else _runs(cell.runs)
        (head if row < table.header_rows else body).append(f"table.cell({spans}{text})")
    header = f"table.header(repeat: {str(table.look.repeat_header).lower()}, {', '.join(head)}), " if head else ""
    columns = ", ".join(["auto"] * table.columns)
    fill = f", fill: (x, y) => if y < {table.header_rows} {{ luma(225) }}" if table.look.rule == "grid" else ""
    return f"table(columns: ({columns},), stroke: {stroke}{fill}, {header}{', '.join(body)})"


def _runs(runs: Runs) -> str:
    return "{ " + "; ".join(_run(run) for run in runs) + " }" if runs else '""'


def _run(run: Run) -> str:
    if run.note is not None:
        return f"footnote({_runs(run.note)})"
    out = f"raw({_string(run.text)})" if run.code else _string(run.text)
    out = f"strong({out})" if run.bold else out
    out = f"emph({out})" if run.italic else out
    return f"link({_string(run.link)}, {out})" if run.link else out


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
