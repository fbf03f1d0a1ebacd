"""Makes pairs of a PDF and its truth from real documents, to measure parsers on.

    python benchmarks/parse/pairs/make.py --out FOLDER [--count 66] [--seed 1] [--corpus FOLDER] [--only NAME ...]

Writes NAME.pdf, NAME.md and NAME.json each; README.md beside this file says what is in them and why. The same seed
makes the same pairs. A renderer that is not installed is left out, with a sentence; the others then make all pairs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pairs.check import Checked, check, pages_of_tables
from pairs.compose import Pair, compose
from pairs.fonts import chinese_fonts_missing
from pairs.model import Table
from pairs.recipes import RENDERERS, Recipe, spread
from pairs.sources import Part, chinese_parts, english_parts, html_parts
from pairs.truth import heading_facts, numbered_notes, runs_markdown, table_fact, to_markdown

WORDS = (1000, 1400, 1800, 2400, 1200, 3600)
CHARACTERS = (1800, 2400, 3000, 3800, 2000, 5000)
SHORTER = 0.4
"""Of a part's length where tables are the document's matter."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--count", type=int, default=66)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=_corpus(), metavar="FOLDER")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="e.g. typst-03 chromium")
    options = parser.parse_args()
    if options.count < 1:
        parser.error("--count must be 1 or more")
    if options.corpus is None or not (options.corpus / "history_rfcs").is_dir():
        parser.error("name the folder of the corpus with --corpus or DOCSTRATA_CORPUS")
    if options.out.exists() and not options.out.is_dir():
        parser.error(f"{options.out} is a file; --out takes a folder")
    missing = chinese_fonts_missing()
    if missing:
        print(missing, file=sys.stderr)
        return 2
    renderers = available()
    if not renderers:
        print("No renderer is installed; install requirements/bench.lock.", file=sys.stderr)
        return 2
    pairs = plan(spread(options.seed, options.count, renderers), options.corpus, options.seed)
    if options.only:
        pairs = [p for p in pairs if any(p.recipe.name == n or p.recipe.renderer == n for n in options.only)]
        if not pairs:
            parser.error("--only names no pair; names are like typst-03, or a renderer's")
    options.out.mkdir(parents=True, exist_ok=True)
    bad = make(pairs, options.out)
    print(f"{len(pairs)} pairs in {options.out}; {bad} of them fail a check")
    return 1 if bad else 0


def _corpus() -> Path | None:
    named = os.environ.get("DOCSTRATA_CORPUS")
    if named:
        return Path(named)
    found = [parent / "shared" / "corpus" for parent in Path(__file__).resolve().parents]
    return next((folder for folder in found if folder.is_dir()), None)


def available() -> list[str]:
    """The renderers that can be used here; a sentence for each that cannot."""
    found = []
    for name in RENDERERS:
        lacking = _lacking(name)
        if lacking:
            print(f"{name} is left out: {lacking}", file=sys.stderr)
        else:
            found.append(name)
    return found


def _lacking(renderer: str) -> str:
    package = {"chromium": "playwright"}.get(renderer, renderer)
    try:
        importlib.import_module(package)
    except ImportError:
        return f"install requirements/bench.lock ({package} is missing)."
    if renderer == "chromium" and importlib.import_module("pairs.chromium_writer").chromium_path() is None:
        return "install Chromium to use it."
    return ""


def plan(recipes: Iterable[Recipe], corpus: Path, seed: int) -> list[Pair]:
    """Each recipe gets a part of its own of a real document."""
    recipes = list(recipes)
    by_language = {name: [recipe for recipe in recipes if recipe.language == name] for name in ("en", "zh")}
    english, chinese = by_language["en"], by_language["zh"]
    whole = list(html_parts(corpus)) if len(english) >= 12 else []
    texts: dict[str, Part] = {}
    html_at = random.Random(f"{seed}/html").sample(range(len(english)), len(whole))
    texts |= {english[at].name: part for at, part in zip(html_at, whole, strict=True)}
    rest = [recipe for recipe in english if recipe.name not in texts]
    parts = english_parts(corpus, random.Random(f"{seed}/en"), _sizes(rest, WORDS))
    texts |= {recipe.name: part for recipe, part in zip(rest, parts, strict=True)}
    parts = chinese_parts(corpus, random.Random(f"{seed}/zh"), _sizes(chinese, CHARACTERS))
    texts |= {recipe.name: parts[at % len(parts)] for at, recipe in enumerate(chinese)}
    return [compose(recipe, texts[recipe.name], corpus, random.Random(f"{seed}/{recipe.name}")) for recipe in recipes]


def _sizes(recipes: Iterable[Recipe], sizes: tuple[int, ...]) -> list[int]:
    return [
        int(sizes[at % len(sizes)] * (SHORTER if recipe.kind == "tables" else 1)) for at, recipe in enumerate(recipes)
    ]


def make(pairs: list[Pair], out: Path) -> int:
    """Writes all files of all pairs; how many of them fail a check."""
    bad = 0
    for renderer in RENDERERS:
        group = [pair for pair in pairs if pair.recipe.renderer == renderer]
        if not group:
            continue
        started = time.perf_counter()
        write: Callable[[list[Pair], Path], None] = importlib.import_module(f"pairs.{renderer}_writer").write_pdfs
        write(group, out)
        seconds = time.perf_counter() - started
        print(f"{renderer}: {len(group)} PDFs in {seconds:.1f} s")
        for pair in group:
            checked = write_truth(pair, out)
            print(f"  {pair.recipe.name}: {checked.pages} pages, {checked.words_found:.1%} of the words found", end="")
            print("".join(f"; {problem}" for problem in checked.problems))
            bad += bool(checked.problems)
    return bad


def notes_at(recipe: Recipe) -> str:
    """Chromium knows no footnotes of a page: there they end their chapter."""
    return "chapter" if recipe.renderer == "chromium" else "mark"


def write_truth(pair: Pair, out: Path) -> Checked:
    name = pair.recipe.name
    markdown = to_markdown(pair.blocks, notes_at(pair.recipe))
    (out / f"{name}.md").write_text(markdown, "utf-8")
    tables = [block for block in pair.blocks if isinstance(block, Table)]
    pages = pages_of_tables(out / f"{name}.pdf", pair)
    checked = check(out / f"{name}.pdf", pair, pages)
    notes = numbered_notes(pair.blocks)
    facts = {
        "name": name,
        "source": pair.source,
        "renderer": pair.recipe.renderer,
        "language": pair.recipe.language,
        "columns": pair.recipe.columns,
        "pages": checked.pages,
        "features": checked.features,
        "recipe": pair.recipe.as_dict(),
        "headings": heading_facts(pair.blocks),
        "tables": [table_fact(table, at) for table, at in zip(tables, pages, strict=True)],
        "footnotes": [{"mark": mark.text, "text": runs_markdown(mark.note or ())} for mark in notes],
        "words_found": round(checked.words_found, 4),
        "problems": checked.problems,
    }
    (out / f"{name}.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return checked


if __name__ == "__main__":
    sys.exit(main())
