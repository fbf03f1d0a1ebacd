from __future__ import annotations

from collections.abc import Sequence

import pytest

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from schemas.chunk import Chunk, ChunkKind
from schemas.document import Block, BlockKind, Document, Region, Table, TableCell

WORD = "word "


class Words:
    """One token a word; remembers what it was asked."""

    fingerprint = "words"

    def __init__(self, limit: int = 100) -> None:
        self.limit = limit
        self.characters = 0

    def count(self, texts: Sequence[str]) -> list[int]:
        self.characters += sum(map(len, texts))
        return [len(text.split()) for text in texts]


def table(rows: int, words: int = 4, header: bool = True) -> tuple[str, Table]:
    lines = [f"| {' '.join(f'r{row}w{k}' for k in range(words // 2))} | {row} |" for row in range(rows)]
    spans, cells, at = [], [], 0
    for row, line in enumerate(lines):
        spans.append((at, at + len(line)))
        cells += [
            TableCell(row=row, col=col, text=text.strip(), header=header and row == 0)
            for col, text in enumerate(line.strip("|").split("|"))
        ]
        at += len(line) + 1
    grid = Table(
        n_rows=rows,
        n_cols=2,
        header_rows=int(header),
        header_end=len(lines[0]) * header,
        rows=tuple(spans),
        cells=tuple(cells),
    )
    return "\n".join(lines), grid


def document(*parts: tuple, gap: str = "\n\n", title: str | None = None) -> Document:
    """Parts are (kind, text) and, for some, a level, a parent, a table or a page by name."""
    text, blocks = "", []
    for ordinal, (kind, content, *more) in enumerate(parts):
        fields = dict(more[0]) if more else {}
        page = fields.pop("page", None)
        if page:
            fields["regions"] = (Region(page=page, bbox=(0, ordinal, 10, ordinal + 1)),)
        blocks.append(
            Block(ordinal=ordinal, kind=BlockKind(kind), start=len(text), end=len(text) + len(content), **fields)
        )
        text += content + gap
    return Document(text=text, title=title, parser="made", parser_version="1", blocks=tuple(blocks))


def sentence(words: int, of: str = "word") -> str:
    return " ".join([of.capitalize(), *[of] * (words - 1)]) + "."


def chunk(doc: Document, counter: Words | None = None, **options: int | bool) -> list[Chunk]:
    chosen = ChunkOptions(**{"target_tokens": 40, "max_tokens": 60, "min_tokens": 8, **options})
    return list(make_chunker("hybrid", chosen, counter or Words()).chunk(doc))


def h(text: str, level: int) -> tuple:
    return ("heading", text, {"level": level})


def test_headings_without_text_join_the_first_text_below_them() -> None:
    (one,) = chunk(document(h("A", 1), h("B", 2), ("paragraph", sentence(10))))
    assert one.text.startswith("A\n\nB\n\nWord")
    assert (one.heading_path, one.own_headings, one.context) == (("A", "B"), 2, "")


def test_a_section_opens_a_chunk_of_its_own() -> None:
    chunks = chunk(document(h("A", 1), ("paragraph", sentence(10)), h("B", 1), ("paragraph", sentence(10))))
    assert [c.heading_path for c in chunks] == [("A",), ("B",)]
    assert len({c.section for c in chunks}) == 2


def test_later_chunks_of_a_section_carry_their_headings_in_the_context() -> None:
    chunks = chunk(document(h("Top", 1), h("Sub", 2), *[("paragraph", sentence(30))] * 3, title="The title"))
    assert [c.context for c in chunks] == ["The title", *["The title > Top > Sub"] * 2]
    assert [c.position for c in chunks] == [0, 1, 2]
    assert chunks[0].parent != chunks[0].section
    assert chunks[2].embed_text() == f"The title > Top > Sub\n{chunks[2].text}"


def test_equal_chunks_are_told_apart() -> None:
    chunks = chunk(document(h("A", 1), ("paragraph", "Same."), h("A", 1), ("paragraph", "Same.")))
    assert [c.occurrence for c in chunks] == [0, 1]
    assert chunks[0].section != chunks[1].section


def test_a_context_over_its_share_is_shortened_from_the_middle() -> None:
    path = [h(f"Heading number {level}", level) for level in range(1, 7)]
    chunks = chunk(document(*path, *[("paragraph", sentence(40))] * 2))
    assert "…" in chunks[1].context
    assert chunks[1].context.startswith("Heading number 1")
    assert chunks[1].context.endswith("Heading number 6")
    assert len(chunks[1].context.split()) <= 15


def test_a_heading_above_the_limit_is_kept_in_full_as_text() -> None:
    doc = document(h(" ".join(f"h{k}" for k in range(150)), 1), ("paragraph", sentence(10)))
    chunks = chunk(doc)
    told = " ".join(c.text for c in chunks).split()
    assert told[:150] == [f"h{k}" for k in range(150)]
    assert all(c.token_count <= 60 for c in chunks)
    assert "Word" in chunks[-1].text
    assert chunks[-1].text.startswith("h"), "the end of the heading stands with the text"


def test_a_paragraph_is_cut_between_sentences_and_balanced() -> None:
    chunks = chunk(document(("paragraph", " ".join([sentence(10)] * 9))))
    assert [c.token_count for c in chunks] == [50, 40] or [c.token_count for c in chunks] == [40, 50]
    assert all(c.text.endswith(".") for c in chunks)


def test_a_boundary_falls_where_the_subject_turns() -> None:
    cats, banks = sentence(8, "kitten"), sentence(8, "interest")
    chunks = chunk(document(("paragraph", " ".join([cats] * 3 + [banks] * 5))))
    assert [c.text.split()[0] for c in chunks] == ["Kitten", "Interest"]


def test_a_lead_in_stays_with_what_it_announces() -> None:
    items = [("list_item", sentence(10), {"level": 0})] * 4
    chunks = chunk(
        document(("paragraph", sentence(30)), ("paragraph", "These are the points that count here:"), *items)
    )
    assert "These are" not in chunks[0].text
    assert chunks[1].text.startswith("These are the points that count here:\n\nWord")


def test_a_nested_items_lead_in_and_one_without_a_colon_stay_too() -> None:
    item = ("list_item", sentence(30), {"level": 0})
    doc = document(
        ("paragraph", sentence(25)),
        ("list_item", "These count:", {"level": 0}),
        ("list_item", sentence(40), {"level": 1, "parent": 1}),
        ("paragraph", "The following are wanted"),
        item,
        item,
    )
    texts = [c.text for c in chunk(doc)]
    assert any("These count:\n\nWord" in text for text in texts)
    assert any("are wanted\n\nWord" in text for text in texts)


@pytest.mark.parametrize(("first", "second"), [("goes on", "over the page."), ("一直延续到", "下一页上去。")])
def test_a_paragraph_that_a_page_break_cuts_stays_together_while_it_fits(first: str, second: str) -> None:
    doc = document(
        ("paragraph", f"{sentence(30)} {sentence(25)} The sentence {first}", {"page": 1}),
        ("paragraph", f"{second} {sentence(25)} {sentence(25)}", {"page": 2}),
    )
    assert any(f"{first}\n\n{second}" in c.text for c in chunk(doc))


def test_a_figure_and_its_caption_stay_together() -> None:
    doc = document(
        ("paragraph", sentence(30)), ("figure", sentence(20)), ("caption", sentence(12)), ("paragraph", sentence(30))
    )
    assert [c.blocks for c in chunk(doc) if 1 in c.blocks] == [c.blocks for c in chunk(doc) if 2 in c.blocks]


def test_a_quotation_is_kept_while_it_fits_and_cut_between_sentences_when_not() -> None:
    fitting = f"“{' '.join([sentence(10)] * 5)}”"
    large = f"“{' '.join([sentence(10)] * 9)}”"
    chunks = chunk(document(("paragraph", f"{sentence(12)} {fitting} {sentence(12)} {large}")))
    assert any(fitting in c.text for c in chunks)
    assert not any("sentence_cut" in c.flags for c in chunks)


def test_a_short_paragraph_joins_the_neighbour_that_it_is_closest_to() -> None:
    def cut(short: str) -> int:
        parts = [sentence(38, "kitten"), sentence(6, short), sentence(38, "interest")]
        chunks = chunk(document(*[("paragraph", part) for part in parts]), max_tokens=50)
        return next(index for index, c in enumerate(chunks) if 1 in c.blocks)

    assert (cut("kitten"), cut("interest")) == (0, 1)


def test_code_is_whole_while_it_fits_and_cut_between_lines_when_not() -> None:
    small = "\n".join(["a b c d"] * 8)
    big = "\n\n".join(["\n".join(["x y z"] * 6)] * 6)
    chunks = chunk(document(("paragraph", sentence(30)), ("code", small), ("code", big)))
    assert any(small in c.text for c in chunks)
    parts = [c for c in chunks if c.kind is ChunkKind.CODE and "x" in c.text]
    assert len(parts) >= 2
    assert all(c.text.startswith("x y z") and c.text.endswith("x y z") for c in parts)


def test_a_table_that_fits_is_a_chunk_with_its_caption_and_heading() -> None:
    text, grid = table(6)
    doc = document(
        ("paragraph", sentence(30)),
        ("caption", "Table 1", {"parent": 2}),
        ("table", text, {"table": grid}),
        ("footnote", "Source", {"parent": 2}),
        ("paragraph", sentence(30)),
    )
    before, whole, after = chunk(doc)
    assert whole.text == f"Table 1\n\n{text}\n\nSource"
    assert whole.kind is ChunkKind.TABLE
    assert whole.table_html is not None
    assert whole.table_html.count("<tr>") == 6
    assert before.kind is after.kind is ChunkKind.TEXT


def test_a_table_that_does_not_fit_is_cut_between_rows_under_its_header() -> None:
    text, grid = table(40)
    chunks = chunk(document(h("Tables", 1), ("table", text, {"table": grid})))
    header = text.split("\n")[0]
    assert chunks[0].text.startswith(f"Tables\n\n{header}\n")
    assert {c.added_prefix for c in chunks[1:]} == {f"{header}\n"}
    assert [(c.part, c.parts) for c in chunks] == [(k + 1, len(chunks)) for k in range(len(chunks))]
    told = [line for c in chunks for line in c.text.removeprefix(c.added_prefix).removeprefix("Tables\n\n").split("\n")]
    assert told == text.split("\n")
    assert sum(
        c.table_html.count("<td>0</td>") + c.table_html.count("<th>0</th>") for c in chunks if c.table_html
    ) == len(chunks)


def delimited(header: Sequence[str], rows: int, dashes: int = 30) -> tuple[str, Table]:
    """A table with a delimiter line, as in Markdown, each dash of which is a word."""
    lines = [f"| {line} |" for line in header] + [f"| {sentence(10)} {row} |" for row in range(rows)]
    delimiter = f"| {'- ' * dashes}|"
    text, spans = "", []
    for number, line in enumerate(lines):
        spans.append((len(text), len(text) + len(line)))
        text += f"{line}\n{delimiter}\n" if number + 1 == len(header) else f"{line}\n"
    head = text.index(delimiter) + len(delimiter)
    cells = tuple(TableCell(row=row, col=0, text=line.strip("| ")) for row, line in enumerate(lines))
    return text, Table(
        n_rows=len(lines), n_cols=1, header_rows=len(header), header_end=head, rows=tuple(spans), cells=cells
    )


def test_the_header_is_repeated_without_the_delimiter_that_would_leave_no_room() -> None:
    text, grid = delimited(["the name of it"], rows=12)
    first, *others = chunk(document(("table", text, {"table": grid})))
    assert first.text.startswith("| the name of it |\n| - -")
    assert len(others) > 1
    assert {other.added_prefix for other in others} == {"| the name of it |\n"}
    assert not any(other.flags for other in others)


def test_names_stay_whole_above_a_row_of_dashes_that_does_not_fit_with_them() -> None:
    text, grid = delimited(["the name of it"], rows=2, dashes=80)
    parts = chunk(document(("table", text, {"table": grid})))
    assert sum("| the name of it |" in part.text.removeprefix(part.added_prefix) for part in parts) == 1
    assert all(part.added_prefix == "| the name of it |\n" for part in parts if "Word" in part.text)


def test_rows_below_a_header_that_is_cut_carry_all_of_it() -> None:
    text, grid = delimited([sentence(29, "first"), sentence(9, "second")], rows=2)
    chunks = chunk(document(("table", text, {"table": grid})))
    bodies = [part for part in chunks if "Word" in part.text]
    assert [part.added_prefix for part in bodies] == [text[: grid.rows[1][1]] + "\n"] * 2
    assert not any(part.flags for part in chunks)


def test_rows_under_a_part_of_the_header_say_that_it_is_not_all_there() -> None:
    text, grid = delimited([sentence(29, "first"), sentence(19, "second")], rows=2, dashes=10)
    first, second, *_ = chunk(document(("table", text, {"table": grid})))
    assert ("First" in first.text, first.flags) == (True, ())
    assert ("First" in second.text, "Word" in second.text) == (False, True)
    assert "header_omitted" in second.flags


def test_a_row_above_the_limit_is_cut_between_cells_with_the_column_names() -> None:
    cells = ["a1 " * 30, "b1 " * 30, "c1 " * 30]
    lines = ["| one | two | three |", "|---|---|---|", f"| {' | '.join(c.strip() for c in cells)} |"]
    text = "\n".join(lines)
    grid = Table(
        n_rows=2,
        n_cols=3,
        header_rows=1,
        header_end=len(lines[0]) + 1 + len(lines[1]),
        rows=((0, len(lines[0])), (text.index("| a1"), len(text))),
        cells=tuple(
            TableCell(row=row, col=col, text=value.strip(), header=row == 0)
            for row, values in enumerate([["one", "two", "three"], cells])
            for col, value in enumerate(values)
        ),
    )
    chunks = [c for c in chunk(document(("table", text, {"table": grid}))) if "row_cut" in c.flags]
    assert [c.added_prefix for c in chunks] == ["one\n", "two\n", "three\n"]
    assert all(c.table_html and c.table_html.count("<td>") == 1 for c in chunks)


def test_furniture_splits_a_span_and_stays_out() -> None:
    doc = document(
        ("paragraph", "The sentence goes on", {"page": 1}),
        ("footer", "page 1"),
        ("paragraph", "over the page. End.", {"page": 2}),
    )
    (one,) = chunk(doc)
    assert one.text == "The sentence goes on\nover the page. End."
    assert len(one.spans) == 2
    assert one.pages == (1, 2)
    assert one.blocks == (0, 2)


def test_a_giant_word_is_cut_and_flagged() -> None:
    chunks = chunk(document(("paragraph", "x" * 20_000)))
    assert "".join(c.text for c in chunks) == "x" * 20_000
    assert all("word_cut" in c.flags for c in chunks)


def test_small_sections_merge_only_when_asked_to() -> None:
    parts = [h("Top", 1), ("paragraph", sentence(20))]
    for name in "BCD":
        parts += [h(name, 2), ("paragraph", "Short one.")]
    apart = chunk(document(*parts))
    together = chunk(document(*parts), merge_small_sections=True)
    assert len(apart) == 4
    assert [c.heading_path for c in together] == [("Top",), ("Top", "B")]
    assert together[1].text == "B\n\nShort one.\n\nC\n\nShort one.\n\nD\n\nShort one."


def test_a_document_without_text_has_no_chunks() -> None:
    assert chunk(document()) == []
    assert chunk(document(("header", "only furniture"))) == []


def test_the_first_chunk_comes_before_the_rest_is_read() -> None:
    counter = Words()
    parts = [part for k in range(2000) for part in (h(f"Section {k}", 1), ("paragraph", " ".join([sentence(10)] * 6)))]
    doc = document(*parts)
    chunks = make_chunker("hybrid", ChunkOptions(target_tokens=40, max_tokens=60, min_tokens=8), counter).chunk(doc)
    next(chunks)
    assert counter.characters < len(doc.text) / 10


def test_text_is_counted_about_twice() -> None:
    counter = Words(limit=256)
    parts = [part for k in range(50) for part in (h(f"Section {k}", 1), ("paragraph", " ".join([sentence(10)] * 40)))]
    doc = document(*parts)
    assert len(chunk(doc, counter, target_tokens=128, max_tokens=256)) >= 100
    assert counter.characters < 2.2 * len(doc.text)


@pytest.mark.parametrize("strategy", ["hybrid", "recursive"])
def test_the_rule_and_the_strategy_are_on_the_chunk(strategy: str) -> None:
    chunker = make_chunker(strategy, ChunkOptions(), Words(256), rule="by-path")
    (one,) = chunker.chunk(document(("paragraph", "Text.")))
    assert (one.strategy, one.rule) == (strategy, "by-path")


def test_recursive_does_not_repeat_pieces_that_count_for_nothing() -> None:
    class Coarse(Words):
        def count(self, texts: Sequence[str]) -> list[int]:
            return [2 + len(text) // 4 for text in texts]

    text = " ".join(f"{k}. A sentence of some length that is number {k} of them." for k in range(60))
    chunks = list(make_chunker("recursive", ChunkOptions(), Coarse(256)).chunk(document(("paragraph", text))))
    assert len(chunks) > 3
    assert "".join(c.text for c in chunks).replace(" ", "") == text.replace(" ", "")
