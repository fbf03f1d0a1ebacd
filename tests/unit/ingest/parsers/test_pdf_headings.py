from dataclasses import dataclass

import pytest

from ingest.parsers.pdf.drafts import Draft, Profile
from ingest.parsers.pdf.headings import Bookmark, assign_levels, first_heading
from ingest.parsers.pdf.numbering import Scheme, scheme_of
from ingest.parsers.pdf.page import Line, Look
from ingest.parsers.pdf.text import Spelling
from schemas.document import BlockKind, Region

PROFILE = Profile(look=Look(10.0, False, False, False, 0), mono_body=False, spelling=Spelling())
BOX = (50.0, 50.0, 500.0, 62.0)


@dataclass(frozen=True)
class Case:
    text: str
    size: float = 12.0
    bold: bool = True
    kind: BlockKind = BlockKind.HEADING
    page: int = 1

    def draft(self) -> Draft:
        line = Line(self.text, self.text, BOX, self.size, self.bold, mono=False)
        return Draft(self.kind, self.text, self.page, BOX, (Region(page=self.page, bbox=BOX),), (line,))


def levels(*cases: Case, bookmarks: tuple[Bookmark, ...] = ()) -> list[int | None]:
    return [draft.level for draft in assign_levels([case.draft() for case in cases], bookmarks, PROFILE)]


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("第三章 借阅", Scheme.CHAPTER),
        ("第二节 还书", Scheme.SECTION),
        ("第十二条 居民应当", Scheme.ARTICLE),
        ("第一编 总则", Scheme.PART),
        ("一、概念", Scheme.CN_NUMBER),
        ("（二）范围", Scheme.CN_BRACKET),
        ("Article 4", Scheme.ARTICLE),
        ("Chapter IV The Sea", Scheme.CHAPTER),
        ("1 Introduction", Scheme.DECIMAL_1),
        ("1.2.3 Results", Scheme.DECIMAL_3),
        ("3.1指定形状", Scheme.DECIMAL_2),
        ("A.2 Proofs", Scheme.DECIMAL_2),
        ("II. METHODS", Scheme.ROMAN),
        ("B. Data", Scheme.LETTER),
        ("Introduction", None),
        ("1984", None),
    ],
)
def test_numberings_are_recognised(text: str, scheme: Scheme | None) -> None:
    assert scheme_of(text) is scheme


def test_lines_that_only_their_chinese_number_tells_are_headings_in_the_type_of_the_text_too() -> None:
    texts = [
        "一、目的",
        "说明目的，并给出范围。",
        "（一）人",
        "指员工。",
        "（二）物",
        "指设备。",
        "二、借阅",
        "须登记。",
    ]
    cases = [Case(text, size=10.0, bold=False, kind=BlockKind.PARAGRAPH) for text in texts]
    assert levels(*cases) == [1, None, 2, None, 2, None, 1, None]


def test_numbered_lines_that_follow_each_other_are_a_list() -> None:
    texts = ["所需的材料有：", "一、水泵", "二、阀门", "三、轴承"]
    cases = [Case(text, size=10.0, bold=False, kind=BlockKind.LIST_ITEM) for text in texts]
    assert levels(*cases) == [None] * 4


def test_one_number_alone_stands_above_those_that_begin_with_it() -> None:
    assert levels(Case("1 概述"), Case("1.1 用途"), Case("1.2 型号")) == [1, 2, 2]


def test_chinese_numbering_gives_one_tree() -> None:
    cases = [Case("第一章 总则"), Case("第一节 目的"), Case("一、目的"), Case("（一）人"), Case("第二章 借阅")]
    assert levels(*cases) == [1, 2, 3, 4, 1]


def test_decimals_nest_and_unnumbered_headings_of_the_same_look_join_them() -> None:
    cases = [Case("Abstract"), Case("1 Introduction"), Case("1.1 Aim", 11), Case("2 Data"), Case("References")]
    assert levels(*cases) == [1, 1, 2, 1, 1]


def test_bookmarks_come_first_and_teach_the_others() -> None:
    marks = (Bookmark(1, "Part One", 1), Bookmark(2, "The river", 1))
    cases = [Case("Part One", 12), Case("The river", 12, bold=False), Case("The sea", 12, bold=False)]
    assert levels(*cases, bookmarks=marks) == [1, 2, 2]


def test_a_line_that_is_a_bookmark_is_a_heading() -> None:
    drafts = assign_levels(
        [Case("The river", 10, False, BlockKind.PARAGRAPH).draft()], (Bookmark(1, "The River", 1),), PROFILE
    )
    assert (drafts[0].kind, drafts[0].level) == (BlockKind.HEADING, 1)


def test_type_size_ranks_what_has_no_number() -> None:
    assert levels(Case("Sea", 18), Case("Fish", 14), Case("Cod", 12), Case("Land", 18)) == [1, 2, 3, 1]


def test_sizes_that_hardly_differ_are_one_level() -> None:
    assert levels(Case("Sea", 14.0), Case("Land", 13.6), Case("Cod", 11)) == [1, 1, 2]


def test_a_heading_that_the_model_missed_is_found_by_its_number_and_look() -> None:
    missed = Case("3 Results", kind=BlockKind.PARAGRAPH)
    text = Case("The yield fell.", size=10, bold=False, kind=BlockKind.PARAGRAPH)
    assert levels(Case("1 Aim"), Case("2 Data"), missed, text) == [1, 1, 1, None]


def test_a_year_that_opens_a_line_is_no_numbering() -> None:
    assert levels(Case("Sea", 18), Case("14 days at sea", 14), Case("Land", 18)) == [1, 2, 1]


def test_there_is_one_title_and_it_is_on_the_first_page() -> None:
    cases = [
        Case("A long title", 20, kind=BlockKind.TITLE),
        Case("in two lines", 20, kind=BlockKind.TITLE),
        Case("Ada Lovelace", 12, kind=BlockKind.TITLE),
        Case("Aim", 14),
        Case("Next slide", 20, kind=BlockKind.TITLE, page=2),
    ]
    drafts = assign_levels([case.draft() for case in cases], (), PROFILE)
    assert [(draft.kind.value, draft.text) for draft in drafts] == [
        ("title", "A long title in two lines"),
        ("paragraph", "Ada Lovelace"),
        ("heading", "Aim"),
        ("heading", "Next slide"),
    ]
    assert first_heading(drafts) == "A long title in two lines"


def test_a_heading_that_reads_and_looks_like_a_sentence_is_text() -> None:
    drafts = assign_levels([Case("示例如下：", 10, bold=False).draft()], (), PROFILE)
    assert drafts[0].kind is BlockKind.PARAGRAPH
