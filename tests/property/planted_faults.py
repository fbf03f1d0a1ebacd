"""Parts with one fault each, and documents on which each of them would show."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from strata_fakes import HashEmbedder

from chunkers.base import Chunker, TokenCounter
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.parsers.base import ParseInput, Parser
from ingest.vectors import Vector
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import BlockKind, Document

_ENGLISH = [
    "pump",
    "valve",
    "pressure",
    "bearing",
    "motor",
    "water",
    "filter",
    "leak",
    "repair",
    "gauge",
    "seal",
    "shaft",
    "speed",
    "heat",
    "crew",
    "inspection",
    "report",
    "winter",
    "harbour",
    "window",
    "ladder",
    "copper",
    "engine",
    "garden",
    "letter",
    "market",
    "number",
    "office",
    "paper",
    "quarter",
    "river",
    "signal",
    "table",
    "uniform",
    "vessel",
    "weather",
    "yard",
    "anchor",
    "bridge",
    "candle",
    "district",
    "evening",
    "farmer",
    "glass",
    "hammer",
    "island",
    "journey",
    "kitchen",
]
_CHINESE = [
    "我们",
    "公司",
    "系统",
    "数据",
    "处理",
    "管理",
    "文件",
    "时间",
    "问题",
    "结果",
    "用户",
    "设备",
    "温度",
    "压力",
    "测试",
    "检查",
    "维护",
    "操作",
    "安全",
    "生产",
    "质量",
    "计划",
    "市场",
    "工程",
    "学习",
    "研究",
    "发展",
    "经济",
    "城市",
    "环境",
    "技术",
    "网络",
    "信息",
    "服务",
    "建设",
    "教育",
    "政府",
    "社会",
    "历史",
    "文化",
]
FILES = 8
PARAGRAPHS = 12
"""Of each file."""


def write_documents(folder: Path, seed: int = 1, files: int = FILES, sections: int = 5) -> None:
    """Each with headings, paragraphs of one chunk and of several, a table that fits into a chunk, and Chinese."""
    lots = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        parts = [f"# Manual {number} of series {seed}"]
        for section in range(sections):
            parts += [f"## Section {section} on {lots.choice(_ENGLISH)}", _english(lots, 4), _english(lots, 30)]
            parts += [_table(lots), *([_chinese(lots, 3)] if section % 2 else [])]
        (folder / f"manual-{seed}-{number}.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def _english(lots: random.Random, sentences: int) -> str:
    found = (" ".join(lots.choices(_ENGLISH, k=lots.randint(7, 12))) for _ in range(sentences))
    return " ".join(f"{sentence.capitalize()}." for sentence in found)


def _chinese(lots: random.Random, sentences: int) -> str:
    return "".join("".join(lots.choices(_CHINESE, k=9)) + "。" for _ in range(sentences))


def _table(lots: random.Random) -> str:
    rows = (f"| {lots.choice(_ENGLISH)} | {lots.randint(1, 9999)} |" for _ in range(6))
    return "\n".join(["| part | count |", "|---|---|", *rows])


class ForgetfulParser:
    """Loses every tenth paragraph."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def parse(self, source: ParseInput) -> Document:
        document = self._parser.parse(source)
        paragraphs = [block.ordinal for block in document.blocks if block.kind is BlockKind.PARAGRAPH]
        lost = frozenset(paragraphs[9::10])
        kept = [block for block in document.blocks if block.ordinal not in lost]
        blocks = tuple(block.model_copy(update={"ordinal": place}) for place, block in enumerate(kept))
        return document.model_copy(update={"blocks": blocks})


class TableCutter:
    """Cuts every table that is in one chunk in the middle, between two rows, header rows and all in order."""

    def __init__(self, chunker: Chunker, counter: TokenCounter) -> None:
        self._chunker = chunker
        self._counter = counter
        self.version = f"{chunker.version}-cutter"

    def chunk(self, document: Document) -> Iterator[Chunk]:
        chunks = [part for chunk in self._chunker.chunk(document) for part in self._parts(document, chunk)]
        for ordinal, chunk in enumerate(chunks):
            (tokens,) = self._counter.count([chunk.embed_text()])
            yield chunk.model_copy(update={"ordinal": ordinal, "token_count": tokens})

    def _parts(self, document: Document, chunk: Chunk) -> list[Chunk]:
        block = document.blocks[chunk.blocks[-1]]
        if block.table is None or chunk.parts > 1 or len(chunk.blocks) > 1:
            return [chunk]
        table = block.table
        middle = block.start + table.rows[(table.header_rows + table.n_rows) // 2][0]
        header = document.text[block.start : block.start + table.header_end]
        (span,) = chunk.spans
        return [
            self._part(document, chunk, (span[0], middle), "", 1),
            self._part(document, chunk, (middle, span[1]), header, 2),
        ]

    def _part(self, document: Document, chunk: Chunk, span: Span, prefix: str, part: int) -> Chunk:
        text = prefix + document.text[span[0] : span[1]]
        new = {"spans": (span,), "added_prefix": prefix, "text": text, "part": part, "parts": 2, "table_html": None}
        return chunk.model_copy(update=new)


class ConstantEmbedder(HashEmbedder):
    """Every text has the same vector."""

    def embed_query(self, text: str) -> Vector:
        return np.full(self.dimension, self.dimension**-0.5, dtype=np.float32)


class WordCounter(HuggingFaceTokenCounter):
    """Counts words, where the model reads pieces of words."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]


def blind_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """At the first space behind every fortieth character, wherever sentences end; which gives the same cuts for
    every part of a text, so that whoever judges with it finds nothing wrong."""
    spaces = (text.find(" ", place, end) for place in range(-(-start // 40) * 40, end, 40))
    cuts = sorted({space + 1 for space in spaces if start <= space < end - 1} - {start})
    yield from pairwise([start, *cuts, end])


class LetterSegmenter:
    """Knows no words."""

    def cut_for_search(self, run: str, hmm: bool) -> list[str]:
        return list(run)


class RunSegmenter:
    """Takes a whole run for a word."""

    def cut_for_search(self, run: str, hmm: bool) -> list[str]:
        return [run]
