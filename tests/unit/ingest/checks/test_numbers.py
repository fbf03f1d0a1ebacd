"""Vectors, distances, borders and terms, on values that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from ingest.checks.borders import borders
from ingest.checks.drift import Arrived, drift
from ingest.checks.facts import DocumentFacts, LanguageCounts
from ingest.checks.tokens import han_terms
from ingest.checks.vectors import measured
from schemas.chunk import Chunk, ChunkKind
from schemas.document import Block, BlockKind, Document


def chunk(text: str, start: int = 0, blocks: tuple[int, ...] = (0,)) -> Chunk:
    return Chunk(
        ordinal=0, kind=ChunkKind.TEXT, text=text, spans=((start, start + len(text)),), blocks=blocks, section="s",
        position=0, token_count=1, strategy="x", rule="x",
    )  # fmt: skip


def test_directions_that_are_spread_evenly_have_full_rank_and_no_likeness() -> None:
    found = measured(np.eye(8, dtype=np.float32), total=8)
    assert (found.mean_cosine, found.nearly_equal) == (0.0, 0)
    assert found.effective_rank == pytest.approx(8.0)


def test_vectors_that_are_one_up_to_their_length_are_nearly_equal() -> None:
    found = measured(np.outer(np.arange(1, 6), np.ones(4)).astype(np.float32), total=5)
    assert (found.nearly_equal, found.pairs) == (5, 10)
    assert found.cosines == pytest.approx((1.0, 1.0, 1.0))
    assert found.effective_rank == pytest.approx(1.0)


def test_one_vector_says_nothing() -> None:
    assert measured(np.ones((1, 3), dtype=np.float32), total=1).mean_cosine is None


@pytest.mark.parametrize(
    ("before", "behind", "broken"),
    [
        ("it ends here. ", "A new one", False),
        ('he said "stop." ', "and went on", False),
        ("it goes ", "on and on", True),
        ("it goes ", "On", False),
        ("这是一句", "还没有完", True),
        ("这是一句。", "这是另一句", False),
        ("see 第三章", "abc", True),
    ],
)
def test_a_border_is_broken_where_nothing_ends_and_nothing_begins(before: str, behind: str, broken: bool) -> None:
    text = f"{before}{behind} It ends."
    block = Block(ordinal=0, kind=BlockKind.PARAGRAPH, start=0, end=len(text))
    document = Document(text=text, parser="none", parser_version="1", blocks=(block,))
    (found,) = borders(document, [chunk(before), chunk(behind, len(before))])
    assert found.broken is broken


def test_text_without_sentences_has_no_border_that_could_lie_better() -> None:
    text = "gYEAAn2eb0VLOKC43ulTZCG85Ewrjx7" * 40
    block = Block(ordinal=0, kind=BlockKind.PARAGRAPH, start=0, end=len(text))
    document = Document(text=text, parser="none", parser_version="1", blocks=(block,))
    assert not list(borders(document, [chunk(text[:600]), chunk(text[600:], 600)]))


def test_pairs_of_characters_without_a_word_are_no_words() -> None:
    found = han_terms([chunk("北京 马彦")], lambda _: ["北京", "马", "马彦", "彦"])
    assert (found.characters, found.alone, found.words, found.mean_length) == (4, 2, 1, 2.0)


def facts(english: int, chinese: int) -> DocumentFacts:
    counts = {"en": english, "zh": chinese}
    languages = {name: LanguageCounts(chunks=n, characters=n, tokens=n) for name, n in counts.items() if n}
    return DocumentFacts(parsed=True, chunks=english + chinese, languages=languages, lengths={1: english + chinese})


def arrived(number: int, *, new: bool, english: int, chinese: int) -> Arrived:
    return Arrived(f"{new}{number:04}", new, "text/plain", 0, facts(english, chinese))


def test_the_distance_is_that_of_jensen_and_shannon() -> None:
    documents = [arrived(0, new=False, english=8, chinese=2), arrived(1, new=True, english=2, chinese=8)]
    line = next(line for line in drift("r", documents).lines if line.name == "languages")
    assert line.distance == pytest.approx(float(jensenshannon([0.8, 0.2], [0.2, 0.8], base=2)))
    assert (line.chance, line.beyond) == (None, False)


def test_a_real_difference_is_beyond_chance_and_the_same_by_lot_is_not() -> None:
    lots = np.random.default_rng(3)
    before = [arrived(n, new=False, english=int(lots.integers(1, 9)), chinese=3) for n in range(60)]
    alike = [arrived(n, new=True, english=int(lots.integers(1, 9)), chinese=3) for n in range(30)]
    other = [arrived(n, new=True, english=1, chinese=9) for n in range(30)]

    def beyond(new: list[Arrived]) -> set[str]:
        return {line.name for line in drift("r", [*before, *new]).lines if line.beyond}

    assert beyond(alike) == set()
    assert "languages" in beyond(other)
