from __future__ import annotations

from chunk_laws import Words

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document, Page, PageMethod, Region


def document(*parts: tuple[str, str] | tuple[str, str, int], size: tuple[float, float] | None = None) -> Document:
    text, blocks, last = "", [], 0
    for ordinal, (kind, content, *page) in enumerate(parts):
        start = len(text)
        text += content + "\n\n"
        last = max([last, *page])
        regions = tuple(Region(page=number) for number in page)
        blocks.append(
            Block(ordinal=ordinal, kind=BlockKind(kind), start=start, end=start + len(content), regions=regions)
        )
    pages = tuple(
        Page(number=n, width=size[0], height=size[1], method=PageMethod.DIGITAL) for n in range(1, last + 1) if size
    )
    return Document(text=text, parser="made", parser_version="1", blocks=tuple(blocks), pages=pages)


def chunked(doc: Document, minimum: int = 2) -> list[Chunk]:
    options = ChunkOptions(target_tokens=12, max_tokens=40, min_tokens=minimum, context_share=0)
    return list(make_chunker("document", options, Words(100)).chunk(doc))


def texts(doc: Document, minimum: int = 2) -> list[str]:
    return [" ".join(chunk.text.split()) for chunk in chunked(doc, minimum)]


LONG = "One sentence of five words. Another one of six words here. "


def test_a_section_that_fits_is_one_chunk_whatever_the_target() -> None:
    doc = document(("heading", "First"), ("paragraph", LONG * 3), ("heading", "Second"), ("paragraph", LONG))
    assert [chunk.text.split()[0] for chunk in chunked(doc)] == ["First", "Second"]


def test_a_section_that_does_not_fit_is_cut_as_hybrid_would() -> None:
    doc = document(("heading", "First"), ("paragraph", LONG * 9))
    options = ChunkOptions(target_tokens=12, max_tokens=40, min_tokens=2, context_share=0)
    hybrid = list(make_chunker("hybrid", options, Words(100)).chunk(doc))
    assert [chunk.spans for chunk in chunked(doc)] == [chunk.spans for chunk in hybrid]


def test_slides_are_cut_one_by_one() -> None:
    doc = document(
        ("paragraph", "Pumps are cheap", 1),
        ("list_item", "and good", 1),
        ("paragraph", "Valves are dear", 2),
        ("quote", "Say why", 2),
        ("heading", "Taxes", 3),
        ("paragraph", "are high", 3),
        size=(960, 540),
    )
    assert texts(doc) == ["Pumps are cheap and good", "Valves are dear Say why", "Taxes are high"]


def test_a_slide_that_says_next_to_nothing_joins_its_neighbour() -> None:
    doc = document(("paragraph", "Pumps", 1), ("paragraph", "They are cheap and good", 2), size=(960, 540))
    assert texts(doc, minimum=3) == ["Pumps They are cheap and good"]


def test_of_a_mail_head_text_and_quotes_are_parts() -> None:
    doc = document(
        ("metadata", "From: a\nTo: b\nSubject: pump"),
        ("paragraph", "It works."),
        ("paragraph", "Thank you."),
        ("quote", "> Does it"),
        ("quote", "> work now?"),
    )
    assert texts(doc) == ["From: a To: b Subject: pump", "It works. Thank you.", "> Does it > work now?"]


def test_functions_are_cut_one_by_one() -> None:
    doc = document(
        ("code", "import water"), ("code", "def pump():\n    return water"), ("code", "class Valve:\n    x = 1")
    )
    assert texts(doc) == ["import water", "def pump(): return water", "class Valve: x = 1"]


def test_pages_are_parts_where_there_are_no_headings() -> None:
    doc = document(("paragraph", LONG, 1), ("paragraph", LONG, 1), ("paragraph", LONG, 2), size=(595, 842))
    assert [chunk.pages for chunk in chunked(doc)] == [(1,), (2,)]


def test_a_paragraph_that_goes_on_over_a_page_is_not_cut_there() -> None:
    doc = document(("paragraph", "The pump is", 1), ("paragraph", "cheap and good.", 2), size=(595, 842))
    assert texts(doc) == ["The pump is cheap and good."]


def test_a_question_stays_with_its_answer() -> None:
    doc = document(
        *[
            part
            for name in ("pump", "valve", "tank", "pipe")
            for part in (("paragraph", f"Q: What is a {name}?"), ("paragraph", f"A: That is a {name}, made of steel."))
        ]
    )
    for text in texts(doc):
        assert text.startswith("Q:")
        assert text.endswith("steel.")


def test_turns_of_a_chat_are_gathered_and_never_cut() -> None:
    turns = [
        (name, f"{name}: {text}")
        for _ in range(4)
        for name, text in (("Anna", "It runs. I saw it."), ("Ben", "Good. Stop it."))
    ]
    doc = document(*[("paragraph", text) for _, text in turns])
    found = texts(doc)
    assert 1 < len(found) < len(turns)
    assert all(text.startswith(("Anna:", "Ben:")) and text.endswith("it.") for text in found)
