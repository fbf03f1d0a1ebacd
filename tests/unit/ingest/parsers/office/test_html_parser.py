from __future__ import annotations

import pytest

from schemas.document import BlockKind
from schemas.errors import CorruptFile, NoText

PAGE = """<html lang="en"><head><title>Terms of service</title><meta name="author" content="Legal team">
<meta name="description" content="What both sides agree to"><meta name="date" content="2024-03-01"></head>
<body>{}</body></html>"""


def test_headings_lists_and_quotes_come_from_tags(read_markup):
    read = read_markup(
        "<h1>Terms</h1><p><b>标题样的短句</b></p><p>Yes</p><p>是</p><h3>Deep</h3>"
        "<ul><li>a<ul><li>b</li></ul></li></ul><blockquote><p>said</p></blockquote>"
    )
    assert read.kinds() == [
        ("heading", 1, "Terms"),
        ("paragraph", None, "标题样的短句"),
        ("paragraph", None, "Yes"),
        ("paragraph", None, "是"),
        ("heading", 3, "Deep"),
        ("list_item", 0, "a"),
        ("list_item", 1, "b"),
        ("quote", None, "said"),
    ]


def test_a_text_that_begins_with_a_bullet_keeps_it_and_is_no_list_item(read_markup):
    assert read_markup("<p>• Parrots</p><p>- 5 °C</p>").texts(BlockKind.PARAGRAPH) == ["• Parrots", "- 5 °C"]


def test_numbers_of_ordered_lists_are_text(read_markup):
    read = read_markup('<ol start="3"><li>c<ol type="a"><li>x<li>y</ol><li><p>d</p><p>more of d</p></ol>')
    assert read.texts(BlockKind.LIST_ITEM) == ["3. c", "a. x", "b. y", "4. d\nmore of d"]
    assert [block.parent for block in read.blocks(BlockKind.LIST_ITEM)] == [None, 0, 0, None]


def test_figures_forms_details_labels_and_definitions_are_kept(read_markup):
    read = read_markup(
        '<figure><img src="http://example.com/a.png" alt="A pump"><figcaption>Figure 1</figcaption></figure>'
        "<form><label>Name:</label> <span>Ann</span></form><details><summary>More</summary>hidden until asked</details>"
        "<dl><dt>Term</dt><dd>What it means</dd></dl><p>gone <del>struck</del></p>"
    )
    assert [text for _, _, text in read.kinds()] == [
        "A pump", "Figure 1", "Name: Ann", "More", "hidden until asked", "Term", "What it means", "gone struck",
    ]  # fmt: skip
    assert read.blocks(BlockKind.CAPTION)[0].parent == 0


def test_navigation_scripts_and_styles_are_left_out(read_markup):
    read = read_markup(
        "<nav><a>Home</a></nav><script>var x</script><style>p{}</style><p>Text</p><noscript>no</noscript>"
    )
    assert read.document.text == "Text"


def test_a_main_that_holds_little_does_not_hide_the_page(read_markup):
    read = read_markup("<h1>Annual report</h1><main>Search</main><p>All of the text stands outside of it.</p>")
    assert read.document.text == "Annual report\n\nSearch\n\nAll of the text stands outside of it."


def test_a_main_that_holds_the_page_stands_for_it(read_markup):
    read = read_markup("<div>Log in</div><main><h1>Title</h1><p>The text that people came for.</p></main>")
    assert read.kinds() == [
        ("header", None, "Log in"),
        ("heading", 1, "Title"),
        ("paragraph", None, "The text that people came for."),
    ]


def test_tables_keep_spans_and_header(read_markup):
    read = read_markup(
        "<table><caption>Sales</caption><tr><th>Year<th>Q1<th>Q2</tr>"
        '<tr><td rowspan="2">2024<td>1<td>2<tr><td colspan="2">none</table>'
    )
    table = read.blocks(BlockKind.TABLE)[0].table
    assert (table.n_rows, table.n_cols, table.header_rows) == (3, 3, 1)
    assert [(c.row, c.col, c.row_span, c.col_span) for c in table.cells if c.text in {"2024", "none"}] == [
        (1, 0, 2, 1),
        (2, 1, 1, 2),
    ]
    assert read.texts(BlockKind.CAPTION) == ["Sales"]
    assert read.blocks(BlockKind.CAPTION)[0].parent == 1


def test_a_table_within_a_cell_is_text_of_that_cell(read_markup):
    read = read_markup(
        "<table><tr><td>a<td>b</tr><tr><td>c<td>before<table><tr><td>x<td>y</tr></table>after</tr></table>"
    )
    assert len(read.blocks(BlockKind.TABLE)) == 1
    assert read.blocks(BlockKind.TABLE)[0].table.cells[3].text == "before x y after"


def test_a_table_for_layout_becomes_what_it_holds(read_markup):
    read = read_markup(
        "<table><tr><td><h2>Head</h2><table><tr><th>k<th>v</tr><tr><td>1<td>2</tr></table></td></tr></table>"
    )
    assert [kind for kind, _, _ in read.kinds()] == ["heading", "table"]


def test_code_keeps_its_lines_and_names_its_language(read_markup):
    read = read_markup('<pre><code class="language-python">def f():\n    return 1\n</code></pre>')
    block = read.blocks(BlockKind.CODE)[0]
    assert (read.document.text_of(block), block.code_language) == ("def f():\n    return 1", "python")


def test_line_breaks_stay_and_readings_stand_in_brackets(read_markup):
    read = read_markup("<p>first<br>second</p><p><ruby>漢字<rt>かんじ</rt></ruby></p>")
    assert read.texts(BlockKind.PARAGRAPH) == ["first\nsecond", "漢字(かんじ)"]


def test_math_without_tex_keeps_its_symbols(read_markup):
    assert "x+1" in read_markup("<p>so <math><mi>x</mi><mo>+</mo><mn>1</mn></math></p>").document.text


def test_title_and_metadata_come_from_the_head(read_markup):
    document = read_markup(PAGE.format("<p>Text</p>")).document
    assert document.title == "Terms of service"
    assert document.metadata == {
        "author": "Legal team",
        "subject": "What both sides agree to",
        "created": "2024-03-01T00:00:00",
        "language": "en",
    }


@pytest.mark.parametrize(
    ("codec", "declared"), [("gbk", "gb2312"), ("big5", "big5"), ("cp932", "Shift_JIS"), ("utf-16", "")]
)
def test_the_declared_encoding_is_read(read_markup, codec, declared):
    page = f'<html><head><meta charset="{declared}"></head><body><p>東京中文</p></body></html>'
    assert read_markup(page.encode(codec)).document.text == "東京中文"


def test_what_is_utf8_stays_utf8_whatever_the_page_declares(read_markup):
    assert read_markup('<meta charset="gb2312"><p>标准</p>'.encode()).document.text == "标准"


def test_a_declaration_that_does_not_hold_is_not_believed(read_markup):
    page = '<meta charset="us-ascii"><p>Größe und Maß für Bürger</p>'.encode("cp1252")
    assert read_markup(page).document.text == "Größe und Maß für Bürger"


def test_nothing_outside_the_page_is_opened(read_markup, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    read = read_markup(
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]><body><p>a &x; b</p>'
        f'<iframe src="{secret.as_uri()}"></iframe><img src="http://127.0.0.1:9/a.png" alt="pic">'
        f'<object data="{secret.as_uri()}"></object><link rel="import" href="{secret.as_uri()}"></body>'
    )
    assert "secret" not in read.document.text
    assert "pic" in read.document.text


def test_a_page_without_text_says_so(read_markup):
    with pytest.raises(NoText):
        read_markup("<html><body><script>x</script></body></html>")
    with pytest.raises(NoText):
        read_markup("  \n")


def test_nesting_that_the_parser_would_cut_off_is_an_error(read_markup):
    with pytest.raises(CorruptFile, match="deep"):
        read_markup("<div>" * 5000 + "text" + "</div>" * 5000)


def test_deep_nesting_within_the_limit_loses_nothing(read_markup):
    read = read_markup("".join(f"<div>t{number} " for number in range(1000)))
    assert read.document.text.split() == [f"t{number}" for number in range(1000)]


def test_items_of_a_list_in_a_cell_are_its_lines_with_their_numbers(read_markup):
    read = read_markup(
        "<table><tr><th>Duck</th><th>Does</th></tr><tr><td>Teal<ul><li>pond<li>marsh</ul></td>"
        "<td><ol><li>flies</li><li>builds</li></ol></td></tr></table>"
    )
    table = read.blocks(BlockKind.TABLE)[0].table
    assert [cell.text for cell in table.cells] == ["Duck", "Does", "Teal\npond\nmarsh", "1. flies\n2. builds"]
