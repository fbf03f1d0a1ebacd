from __future__ import annotations

from pathlib import Path

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches

from ingest.parsers.base import ReadOptions
from schemas.document import BlockKind, PageMethod
from schemas.errors import CorruptFile, NoText, TooLarge

TITLE_AND_BODY, TITLE_ONLY, BLANK = 1, 5, 6
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


@pytest.fixture
def show():
    return pptx.Presentation()


@pytest.fixture
def read_show(tmp_path: Path, read_file):
    def read(show, **options):
        path = tmp_path / "made.pptx"
        show.save(str(path))
        return read_file(path, ReadOptions(**options))

    return read


def _slide(show, layout, title=None):
    slide = show.slides.add_slide(show.slide_layouts[layout])
    if title:
        slide.shapes.title.text = title
    return slide


def _box(shapes, text, left=1.0, top=1.0):
    box = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
    box.text_frame.text = text
    return box


def test_only_the_title_placeholder_is_a_heading(show, read_show):
    slide = _slide(show, TITLE_ONLY, "第一页")
    _box(slide.shapes, "短标题", top=3)
    _box(slide.shapes, "Key Metrics", top=4)
    assert read_show(show).kinds() == [
        ("heading", 1, "第一页"),
        ("paragraph", None, "短标题"),
        ("paragraph", None, "Key Metrics"),
    ]


def test_a_title_of_several_lines_is_one_heading(show, read_show):
    _slide(show, TITLE_ONLY, "First\nSecond")
    assert read_show(show).kinds() == [("heading", 1, "First Second")]


def test_bullets_of_the_layout_make_list_items_with_their_depth(show, read_show):
    frame = _slide(show, TITLE_AND_BODY, "T").placeholders[1].text_frame
    frame.text = "one"
    deeper = frame.add_paragraph()
    deeper.text, deeper.level = "two", 1
    plain = frame.add_paragraph()
    plain.text = "no bullet"
    plain._p.get_or_add_pPr().append(parse_xml(f"<a:buNone {A}/>"))
    assert read_show(show).kinds()[1:] == [
        ("list_item", 0, "one"),
        ("list_item", 1, "two"),
        ("paragraph", None, "no bullet"),
    ]


def test_numbers_of_lists_are_text(show, read_show):
    frame = _box(_slide(show, BLANK).shapes, "one\ntwo").text_frame
    for paragraph in frame.paragraphs:
        paragraph._p.get_or_add_pPr().append(parse_xml(f'<a:buAutoNum {A} type="alphaLcParenR"/>'))
    assert read_show(show).texts(BlockKind.LIST_ITEM) == ["a) one", "b) two"]


def test_notes_are_a_quote_behind_their_slide(show, read_show):
    slide = _slide(show, TITLE_ONLY, "T")
    slide.notes_slide.notes_text_frame.text = "Say hello.\nThen begin."
    _slide(show, TITLE_ONLY, "Next")
    read = read_show(show)
    assert [kind for kind, _, _ in read.kinds()] == ["heading", "quote", "heading"]
    assert read.texts(BlockKind.QUOTE) == ["Say hello.\nThen begin."]
    assert [block.regions[0].page for block in read.document.blocks] == [1, 1, 2]


def test_notes_and_comments_are_read_by_option(show, read_show, read_file):
    _slide(show, TITLE_ONLY, "T").notes_slide.notes_text_frame.text = "Say hello."
    assert [kind for kind, _, _ in read_show(show, speaker_notes=False).kinds()] == ["heading"]
    reviewed = Path(__file__).parents[4] / "golden" / "office" / "powerpoint_comments.pptx"
    assert not read_file(reviewed).texts(BlockKind.QUOTE)
    told = read_file(reviewed, ReadOptions(comments=True)).texts(BlockKind.QUOTE)
    assert told[0] == "John Reviewer: This is a sample reviewer comment"


def test_groups_charts_pictures_and_shapes_off_the_edge_are_read(show, read_show):
    slide = _slide(show, BLANK)
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    _box(inner.shapes, "in a group")
    _box(slide.shapes, "over the edge", left=-0.2, top=-0.2)
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Sales", (1.5, 2.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(3), Inches(3), Inches(2), data)
    read = read_show(show)
    assert set(read.texts(BlockKind.PARAGRAPH)) == {"in a group", "over the edge"}
    assert read.texts(BlockKind.FIGURE) == ["Sales: 2023 1.5, 2024 2.5"]


def test_shapes_of_a_group_stand_where_they_are_shown(show, read_show):
    slide = _slide(show, BLANK)
    _box(slide.shapes, "lowest", top=6)
    group = slide.shapes.add_group_shape()
    _box(group.shapes, "middle", top=3)
    group.top = Inches(3)
    _box(slide.shapes, "highest", top=1)
    assert read_show(show).texts(BlockKind.PARAGRAPH) == ["highest", "middle", "lowest"]


def test_merged_cells_have_their_spans(show, read_show):
    table = _slide(show, BLANK).shapes.add_table(3, 2, 0, 0, Inches(4), Inches(2)).table
    for number, cell in enumerate(table.iter_cells()):
        cell.text = f"t{number}"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 0).merge(table.cell(2, 0))
    block = read_show(show).blocks(BlockKind.TABLE)[0]
    spans = {(cell.row, cell.col): (cell.row_span, cell.col_span) for cell in block.table.cells}
    assert spans[0, 0] == (1, 2)
    assert spans[1, 0] == (2, 1)
    assert block.table.header_rows == 1
    assert {word for cell in block.table.cells for word in cell.text.split()} == {f"t{n}" for n in range(6)}


def test_slides_are_pages_and_one_without_text_is_empty(show, read_show):
    _slide(show, TITLE_ONLY, "T")
    _slide(show, BLANK)
    pages = read_show(show).document.pages
    assert [(page.number, page.method) for page in pages] == [(1, PageMethod.DIGITAL), (2, PageMethod.EMPTY)]
    assert (pages[0].width, pages[0].height) == (720, 540)


def test_more_slides_than_allowed_are_refused(show, read_show):
    for number in range(3):
        _slide(show, TITLE_ONLY, f"T{number}")
    assert len(read_show(show, max_pages=3).document.pages) == 3
    with pytest.raises(TooLarge, match="3 slides"):
        read_show(show, max_pages=2)


def test_a_show_without_text_says_so(show, read_show):
    _slide(show, BLANK)
    with pytest.raises(NoText):
        read_show(show)


def test_a_damaged_show_says_so(tmp_path, read_file, show):
    import zipfile

    show.save(str(tmp_path / "whole.pptx"))
    with zipfile.ZipFile(tmp_path / "whole.pptx") as old, zipfile.ZipFile(tmp_path / "cut.pptx", "w") as new:
        for member in old.namelist():
            if member != "ppt/presentation.xml":
                new.writestr(member, old.read(member))
    with pytest.raises(CorruptFile, match="PowerPoint"):
        read_file(
            tmp_path / "cut.pptx",
            media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        )
