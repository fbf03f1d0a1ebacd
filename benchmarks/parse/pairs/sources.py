"""Which real documents the pairs are made of, and how a part of readable length is cut from them."""

from __future__ import annotations

import json
import random
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from pairs.html_reader import clean, read_html, read_markdown
from pairs.model import Block, Heading, Run, runs_of, text_of

HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Part:
    """`language` is en or zh; `source` names the file within the corpus."""

    source: str
    language: str
    title: str
    blocks: tuple[Block, ...]


_ENGLISH = "history_rfcs/2026-08-01/text"
_CHINESE = (
    "drop_folder/paddle_docs/docs/guides/**/*_cn.md",
    "drop_folder/paddle_docs/docs/guides/06_distributed_training/distributed_overview.md",
    "drop_folder/paddle_docs/docs/guides/**/*_cn.ipynb",
    "chatchat_zh_samples/**/content/*.md",
    "chatchat_zh_samples/**/test_files/test.txt",
)
_HTML = (
    ("docling_tests/tests/data/html/sources/wiki_duck.html", "#mw-content-text"),
    ("markitdown_tests/packages/markitdown/tests/test_files/test_blog.html", "article"),
)


def english_parts(corpus: Path, rng: random.Random, words: Sequence[int]) -> list[Part]:
    """One part of each RFC drawn, of about `words[i]` words."""
    files = sorted((corpus / _ENGLISH).glob("*.md"))
    rng.shuffle(files)
    parts: list[Part] = []
    for file in files:
        if len(parts) == len(words):
            break
        blocks = _leveled(read_markdown(file.read_text("utf-8")))
        title = file.stem.split("-", 1)[1].replace("-", " ").replace("_", " ").strip().capitalize()
        cut = _cut(blocks, words[len(parts)], 0)
        if cut and _size(cut) >= 0.6 * words[len(parts)]:
            parts.append(Part(str(file.relative_to(corpus)), "en", f"RFC {file.stem[:4]}: {title}", tuple(cut)))
    return parts


def html_parts(corpus: Path) -> Iterator[Part]:
    for name, selector in _HTML:
        soup = soup_of(corpus / name)
        root = soup.select_one(selector) or soup
        title = clean((soup.title.get_text() if soup.title else "") or Path(name).stem).split("|")[0].strip()
        blocks = _leveled(read_html(root))
        yield Part(name, "en", title, tuple(_cut(blocks, 3000, 0) or blocks))


def chinese_parts(corpus: Path, rng: random.Random, characters: Sequence[int]) -> list[Part]:
    """Parts of the few long Chinese documents, each beginning where one before it ended."""
    files = sorted({file for pattern in _CHINESE for file in corpus.glob(pattern)})
    whole = {file: read_markdown(_markdown_of(file)) for file in files}
    own = {file: _own_title(blocks) for file, blocks in whole.items()}
    read = [(file, _leveled(blocks)) for file, blocks in whole.items()]
    rng.shuffle(read)
    starts = dict.fromkeys(files, 0)
    parts: list[Part] = []
    while len(parts) < len(characters) and read:
        for file, blocks in list(read):
            if len(parts) == len(characters):
                break
            wanted = characters[len(parts)]
            cut = _cut(blocks, wanted, starts[file])
            starts[file] += len(cut)
            cut = _nested(cut)
            if not cut or _size(cut) < min(0.6 * wanted, 1200):
                read = [pair for pair in read if pair[0] != file]
                continue
            found = own[file]
            title = text_of(found.runs) if found else file.stem
            if starts[file] > len(cut):
                title = f"{title}（续）"
            parts.append(Part(str(file.relative_to(corpus)), "zh", title, tuple(cut)))
    return parts


def soup_of(path: Path) -> BeautifulSoup:
    """XBRL says that it is XML; read as HTML it shows what a browser shows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(path.read_bytes(), "lxml")


def _markdown_of(file: Path) -> str:
    if file.suffix != ".ipynb":
        return file.read_text("utf-8")
    cells = json.loads(file.read_text("utf-8"))["cells"]
    texts = [("".join(cell["source"]), cell["cell_type"]) for cell in cells]
    return "\n\n".join(f"```python\n{text}\n```" if kind == "code" else text for text, kind in texts if text.strip())


def _own_title(blocks: Sequence[Block]) -> Heading | None:
    """A lone first heading of level 1."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    ones = [block for block in headings if block.level == 1]
    return ones[0] if len(ones) == 1 and headings[0] is ones[0] else None


def _leveled(blocks: Sequence[Block]) -> list[Block]:
    """Sections begin at level 2 and skip none; the document's own title goes, the part gets one."""
    title = _own_title(blocks)
    return _nested([block for block in blocks if block is not title])


def _nested(blocks: Sequence[Block]) -> list[Block]:
    out: list[Block] = []
    open_levels: list[int] = []
    for block in blocks:
        if isinstance(block, Heading):
            open_levels = [level for level in open_levels if level < block.level] + [block.level]
            out.append(replace(block, level=min(5, len(open_levels) + 1)))
        else:
            out.append(block)
    return out


def _size(blocks: Sequence[Block]) -> int:
    """Words; Chinese characters count each."""
    text = " ".join(text_of(runs) for block in blocks for runs in runs_of(block))
    return len(HAN.findall(text)) + len(re.findall(r"[A-Za-z0-9]+", text))


def _cut(blocks: Sequence[Block], wanted: int, start: int) -> list[Block]:
    """Whole sections from `start` on until `wanted` is reached."""
    out: list[Block] = []
    size = 0
    for block in blocks[start:]:
        if size >= wanted and isinstance(block, Heading):
            break
        out.append(block)
        size += _size([block])
        if size > 2 * wanted:
            break
    return out


def plain(text: str) -> tuple[Run, ...]:
    text = " ".join(clean(text).split())
    return (Run(text),) if text else ()
