from __future__ import annotations

import re
import time
from collections.abc import Sequence

import pytest

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document


class Signs:
    """One token a sign that is no white space, none of them special."""

    fingerprint = "signs"
    limit = 1000

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(self.offsets(text)) for text in texts]

    def offsets(self, text: str) -> list[Span]:
        return [sign.span() for sign in re.finditer(r"\S", text)]


class Pairs(Signs):
    """Two signs a token, as a word piece may hold a letter and the accent of the one before."""

    fingerprint = "pairs"

    def offsets(self, text: str) -> list[Span]:
        return [(at, min(at + 2, len(text))) for at in range(0, len(text), 2)]


def paragraphs(*texts: str) -> Document:
    text = "\n\n".join(texts)
    blocks, at = [], 0
    for ordinal, piece in enumerate(texts):
        blocks.append(Block(ordinal=ordinal, kind=BlockKind.PARAGRAPH, start=at, end=at + len(piece)))
        at += len(piece) + 2
    return Document(text=text, parser="made", parser_version="1", blocks=tuple(blocks))


def chunked(strategy: str, document: Document, target: int, counter: Signs | None = None) -> list[Chunk]:
    options = ChunkOptions(target_tokens=target, max_tokens=200, min_tokens=0, context_share=0)
    return list(make_chunker(strategy, options, counter or Signs()).chunk(document))


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("Chinese", ["春天来了。", "花开了！", "你看见了吗？", "我看见了……", "很好；"]),
        ("Japanese", ["雨が降る。", "傘を持つ｡", "「行こう。」", "そうか？"]),
        ("Korean", ["비가 온다. ", "우산을 쓴다! ", "어디로 갈까? "]),
        ("English", ["It rains. ", "Go (now!) ", "Where to? "]),
    ],
)
def test_recursive_cuts_behind_sentences_of(language: str, sentences: list[str]) -> None:
    chunks = chunked("recursive", paragraphs("".join(sentences).strip()), 9)
    whole = {sentence.strip() for sentence in sentences}
    for chunk in chunks:
        rest = chunk.text
        while rest:
            first = next(sentence for sentence in whole if rest.startswith(sentence))
            rest = rest.removeprefix(first).strip()
    assert len(chunks) > 1
    assert not any(chunk.flags for chunk in chunks)


def test_recursive_cuts_behind_clauses_where_a_sentence_is_too_long() -> None:
    chunks = chunked("recursive", paragraphs("苹果、香蕉・桔子，西瓜：葡萄。"), 4)
    assert [chunk.text for chunk in chunks] == ["苹果、", "香蕉・", "桔子，", "西瓜：", "葡萄。"]
    assert chunks[0].flags == ("sentence_cut",)


def test_recursive_cuts_at_full_width_spaces() -> None:
    chunks = chunked("recursive", paragraphs("東京都\u3000千代田\u3000丸の内"), 4)
    assert [chunk.text for chunk in chunks] == ["東京都", "千代田", "丸の内"]


def test_character_cuts_at_blank_lines_only() -> None:
    chunks = chunked("character", paragraphs("One. Two. Three.", "Four.\n\u3000\nFive.", "Six."), 9)
    assert [chunk.text for chunk in chunks] == ["One. Two. Three.", "Four.", "Five.\n\nSix."]


def test_a_paragraph_above_the_limit_is_cut_all_the_same() -> None:
    chunks = chunked("character", paragraphs("A word. " * 60), 20)
    assert all(chunk.token_count <= 200 for chunk in chunks)
    assert "".join(chunk.text for chunk in chunks).replace(" ", "") == "Aword." * 60


def test_token_cuts_after_equally_many_tokens() -> None:
    chunks = chunked("token", paragraphs("abcd efgh", "ij kl mn"), 5)
    assert [chunk.text for chunk in chunks] == ["abcd e", "fgh\n\nij", "kl mn"]
    assert [chunk.token_count for chunk in chunks] == [5, 5, 4]


def test_token_gives_slices_where_decoding_would_change_the_text() -> None:
    text = "Größe\tCAFÉ ﬁn…  naïve"
    chunks = chunked("token", paragraphs(text), 3)
    assert [text[a:b] for chunk in chunks for a, b in chunk.spans] == [chunk.text for chunk in chunks]
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())


@pytest.mark.parametrize("sign", ["e\u0301", "👩\u200d🔬", "🇨🇳", "한\u1160"])
def test_token_never_parts_a_sign(sign: str) -> None:
    text = f"x{sign * 9}"
    chunks = chunked("token", paragraphs(text), 1, Pairs())
    assert len(chunks) > 1
    assert all(chunk.text.removeprefix("x").replace(sign, "") == "" for chunk in chunks)


def test_text_that_no_token_is_made_of_is_kept() -> None:
    class Deaf(Signs):
        def offsets(self, text: str) -> list[Span]:
            return []

    assert [chunk.text for chunk in chunked("token", paragraphs("\u200bx"), 5, Deaf())] == ["\u200bx"]


@pytest.mark.parametrize("strategy", ["character", "recursive", "token"])
@pytest.mark.parametrize(
    "text", ["." * 60_000, "\n" * 60_000 + "x", "…" * 60_000, '"' * 60_000], ids=["dots", "lines", "ellipses", "quotes"]
)
def test_rows_of_one_sign_take_no_quadratic_time(strategy: str, text: str) -> None:
    start = time.thread_time()
    assert chunked(strategy, paragraphs(f"a{text} b"), 100)
    assert time.thread_time() - start < 10
