from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput
from ingest.parsers.markdown.parser import MarkdownParser
from schemas.document import Block, BlockKind, Document
from schemas.errors import CorruptFile, NoText
from schemas.source import Route


def parse(tmp_path: Path, content: str | bytes) -> Document:
    path = tmp_path / "in.md"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return MarkdownParser().parse(ParseInput(path, "notes.md", "text/markdown", Route.MARKDOWN, path.stat().st_size))


def told(document: Document) -> list[tuple[str, str]]:
    return [(block.kind.value, document.text_of(block)) for block in document.blocks]


def of_kind(document: Document, kind: BlockKind) -> list[Block]:
    return [block for block in document.blocks if block.kind is kind]


@pytest.mark.parametrize(
    ("source", "level", "title"),
    [
        ("# Plain", 1, "Plain"),
        ("### Closed ###", 3, "Closed"),
        ("# C# is #1", 1, "C# is #1"),
        ("  ##   Spaced  ", 2, "Spaced"),
        ("Setext\n===", 1, "Setext"),
        ("Two\nlines\n---", 2, "Two\nlines"),
        ("###### **Bold** `code`", 6, "**Bold** `code`"),
    ],
)
def test_a_heading_is_its_content_without_marks(tmp_path: Path, source: str, level: int, title: str) -> None:
    document = parse(tmp_path, source + "\n\ntext")
    heading = document.blocks[0]
    assert (heading.kind, heading.level, document.text_of(heading)) == (BlockKind.HEADING, level, title)


def test_a_list_item_begins_at_its_bullet_and_knows_its_depth_and_parent(tmp_path: Path) -> None:
    document = parse(tmp_path, "- a\n  - b\n    1. c\n  - d\n- e\n")
    assert [document.text_of(block) for block in document.blocks] == ["- a", "- b", "1. c", "- d", "- e"]
    assert [block.level for block in document.blocks] == [0, 1, 2, 1, 0]
    assert [block.parent for block in document.blocks] == [None, 0, 1, 0, None]


def test_what_follows_inside_an_item_are_blocks_of_their_own_under_it(tmp_path: Path) -> None:
    document = parse(tmp_path, "1. do\n   this\n\n   then\n\n   ```\n   run\n   ```\n\n   | a |\n   |---|\n   | 1 |\n")
    assert [block.kind.value for block in document.blocks] == ["list_item", "paragraph", "code", "table"]
    assert [block.parent for block in document.blocks] == [None, 0, 0, 0]
    assert document.text_of(document.blocks[0]) == "1. do\n   this"


def test_an_item_without_text_of_its_own_is_no_block_and_no_parent(tmp_path: Path) -> None:
    document = parse(tmp_path, "- - inner\n- ```\n  code\n  ```\n")
    assert [block.kind.value for block in document.blocks] == ["list_item", "code"]
    assert document.text_of(document.blocks[0]) == "- inner"
    assert [block.parent for block in document.blocks] == [None, None]


def test_deeply_nested_lists_keep_every_item(tmp_path: Path) -> None:
    document = parse(tmp_path, "".join("  " * depth + f"- item {depth}\n" for depth in range(30)))
    assert [block.level for block in of_kind(document, BlockKind.LIST_ITEM)] == list(range(30))


def test_a_code_block_keeps_its_fences_and_tells_its_language(tmp_path: Path) -> None:
    document = parse(tmp_path, "~~~{.python} title=x\nprint()\n~~~\n\n```\nplain\n")
    first, second = document.blocks
    assert (first.code_language, document.text_of(first)) == ("python", "~~~{.python} title=x\nprint()\n~~~")
    assert (second.code_language, document.text_of(second)) == (None, "```\nplain")


def test_a_table_has_a_grid_of_clean_cells_and_spans_of_its_rows(tmp_path: Path) -> None:
    document = parse(tmp_path, "before\n\n| **A** | [b](u) |\n|---|:-:|\n| 1 \\| 2 | `x` |\n| 3 |\n\nafter")
    block = document.blocks[1]
    table, own = block.table, document.text_of(block)
    assert table is not None
    assert [[c.text for c in table.cells if c.row == row] for row in range(3)] == [
        ["A", "b"],
        ["1 | 2", "x"],
        ["3", ""],
    ]
    assert [own[start:end] for start, end in table.rows] == ["| **A** | [b](u) |", "| 1 \\| 2 | `x` |", "| 3 |"]
    assert own[: table.header_end] == "| **A** | [b](u) |\n|---|:-:|"
    assert (table.header_rows, table.n_cols) == (1, 2)


def test_a_table_of_html_has_a_grid_too(tmp_path: Path) -> None:
    document = parse(
        tmp_path, '<table>\n<tr><th>A</th><th>B</th></tr>\n<tr><td colspan="2">1 &lt; 2</td></tr>\n</table>\n'
    )
    [block] = document.blocks
    assert block.table is not None
    assert [(c.row, c.col, c.col_span, c.text) for c in block.table.cells] == [
        (0, 0, 1, "A"),
        (0, 1, 1, "B"),
        (1, 0, 2, "1 < 2"),
    ]
    assert block.table.header_rows == 1


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>",
        "<table><tr><td>open",
        "<table></table>",
        "<table><tr><td>a</td></tr></table> and more",
        "<div><table><tr><td>a</td></tr></table></div>",
    ],
)
def test_html_that_is_no_plain_table_stays_a_paragraph(tmp_path: Path, html: str) -> None:
    assert told(parse(tmp_path, html)) == [("paragraph", html)]


def test_comments_are_left_out_and_other_html_is_kept(tmp_path: Path) -> None:
    document = parse(tmp_path, "<!-- a\n\nb -->\n\n<div>\nkept\n</div>\n\n<!-- c --> kept too\n")
    assert told(document) == [("paragraph", "<div>\nkept\n</div>"), ("paragraph", "<!-- c --> kept too")]


def test_a_heading_inside_a_quote_opens_no_section(tmp_path: Path) -> None:
    assert told(parse(tmp_path, "> # Said\n> words\n")) == [("quote", "Said"), ("quote", "words")]


def test_formulas_footnotes_and_reference_definitions_have_kinds_of_their_own(tmp_path: Path) -> None:
    document = parse(tmp_path, "Text[^1] and [l].\n\n$$\na\n$$\n\n[^1]: note\n\n[l]: http://x 'T'\n[m]: /y\n")
    assert told(document)[1:] == [
        ("formula", "$$\na\n$$"),
        ("footnote", "[^1]: note"),
        ("metadata", "[l]: http://x 'T'"),
        ("metadata", "[m]: /y"),
    ]


def test_thematic_breaks_are_left_out(tmp_path: Path) -> None:
    assert told(parse(tmp_path, "a\n\n---\n\n* * *\n\nb")) == [("paragraph", "a"), ("paragraph", "b")]


def test_the_title_is_the_front_matters_then_the_only_top_heading_never_the_file_name(tmp_path: Path) -> None:
    assert parse(tmp_path, "---\ntitle: 'From: above'\n---\n# Heading").title == "From: above"
    assert parse(tmp_path, "## Sub\n\n# The **real** [one](u)\n\n## Later").title == "The real one"
    assert parse(tmp_path, "# One\n\n# of many").title is None
    assert parse(tmp_path, "## Only sub\n\ntext").title is None


def test_front_matter_is_a_block_and_its_scalars_and_lists_are_metadata(tmp_path: Path) -> None:
    scalars = "# comment\nauthor: 王芳\nyear: 2024\nversion: 1.10\nok: true\n"
    front = f"---\n{scalars}tags:\n  - a\n  - 'b'\nnested:\n  key: x\n---"
    document = parse(tmp_path, front + "\n\ntext")
    assert told(document) == [("metadata", front), ("paragraph", "text")]
    assert document.metadata == {"author": "王芳", "year": 2024, "version": "1.10", "tags": "a, b", "ok": True}


def test_toml_front_matter_is_read(tmp_path: Path) -> None:
    assert parse(tmp_path, '+++\ntitle = "T"\n+++\ntext').title == "T"


@pytest.mark.parametrize(
    "source",
    ["---\nno key here\n---\ntext", "---\n\n# Heading\n\ntext\n\n---\nmore", "---\ntitle: never closed\ntext", "---"],
)
def test_what_only_looks_like_front_matter_is_read_as_text(tmp_path: Path, source: str) -> None:
    document = parse(tmp_path, source)
    assert document.metadata == {}
    assert not of_kind(document, BlockKind.METADATA)


def test_broken_front_matter_is_no_error(tmp_path: Path) -> None:
    document = parse(tmp_path, "---\ntitle: [unclosed\n\t: {]\nkey without colon\n- stray\n---\ntext")
    assert document.metadata == {"title": "[unclosed, : {]"}
    assert told(document)[-1] == ("paragraph", "text")


def test_the_text_is_the_file_in_one_normal_form_and_nothing_else_is_changed(tmp_path: Path) -> None:
    raw = "\n\n#  Caf\u0065\u0301 \r\n\r\n  text\twith  spaces  \r\rlast \n\n"
    assert parse(tmp_path, b"\xef\xbb\xbf" + raw.encode()).text == "\n\n#  Café \n\n  text\twith  spaces  \n\nlast \n\n"


def test_pages_and_regions_are_empty_and_the_language_is_told(tmp_path: Path) -> None:
    document = parse(tmp_path, "# 手册\n\n本手册介绍如何安装和维护设备。")
    assert document.pages == ()
    assert all(block.regions == () for block in document.blocks)
    assert document.language == "zh"


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff"])
def test_a_file_without_text_is_no_text(tmp_path: Path, content: str) -> None:
    with pytest.raises(NoText, match=r"notes\.md"):
        parse(tmp_path, content)


def test_binary_data_is_a_corrupt_file(tmp_path: Path) -> None:
    with pytest.raises(CorruptFile):
        parse(tmp_path, bytes(range(256)) * 20)


def test_every_real_markdown_file_of_the_drop_folder_is_read(corpus: Path) -> None:
    paths = sorted((corpus / "drop_folder").rglob("*.md"))
    assert paths
    for path in paths:
        source = ParseInput(path, path.name, "text/markdown", Route.MARKDOWN, path.stat().st_size)
        document = MarkdownParser().parse(source)
        assert document.language in {"zh", "en"}
        assert of_kind(document, BlockKind.HEADING), path
