from __future__ import annotations

from chunk_laws import Words
from made_documents import document

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from schemas.chunk import Chunk
from schemas.document import Document


def chunk(doc: Document, overlap: int, largest: int = 24) -> list[Chunk]:
    options = ChunkOptions(target_tokens=14, max_tokens=largest, min_tokens=4, overlap_tokens=overlap)
    return list(make_chunker("hybrid", options, Words(100)).chunk(doc))


PROSE = " ".join(f"This is the sentence with number {name}." for name in ("one", "two", "three", "four", "five", "six"))


def test_a_chunk_begins_with_the_last_sentence_of_the_one_before() -> None:
    first, second, *_ = chunk(document(("paragraph", PROSE)), overlap=8)
    assert first.repeated == 0
    assert first.text.endswith(second.text[: second.repeated].strip())
    assert second.text[: second.repeated] == "This is the sentence with number two.\n"
    assert second.text[second.repeated :].startswith("This is the sentence with number three.")


def test_half_a_sentence_is_never_repeated() -> None:
    assert all(not one.overlap for one in chunk(document(("paragraph", PROSE)), overlap=6))


def test_what_does_not_fit_in_the_limit_is_left_out() -> None:
    fitting, tight = (chunk(document(("paragraph", PROSE)), overlap=8, largest=largest) for largest in (21, 20))
    assert any(one.overlap for one in fitting)
    assert not any(one.overlap for one in tight)


def test_sections_lists_and_code_repeat_nothing() -> None:
    doc = document(
        ("paragraph", PROSE), ("heading", "New"), ("list_item", PROSE), ("list_item", PROSE), ("code", PROSE)
    )
    later = [one for one in chunk(doc, overlap=8) if min(one.blocks) >= 1]
    assert len(later) > 3
    assert not any(one.overlap for one in later)
