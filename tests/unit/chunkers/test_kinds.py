from __future__ import annotations

import pytest

from chunkers.kinds import DocumentKind, Seen, kind_of
from schemas.document import Block, BlockKind, Document, Page, PageMethod, Region


def document(
    *parts: tuple[str, str] | tuple[str, str, int], title: str | None = None, pages: tuple[Page, ...] = ()
) -> Document:
    text, blocks = "", []
    for ordinal, (kind, content, *page) in enumerate(parts):
        start = len(text)
        text += content + "\n\n"
        regions = tuple(Region(page=number) for number in page)
        blocks.append(
            Block(ordinal=ordinal, kind=BlockKind(kind), start=start, end=start + len(content), regions=regions)
        )
    return Document(text=text, title=title, parser="made", parser_version="1", blocks=tuple(blocks), pages=pages)


def landscape(count: int) -> tuple[Page, ...]:
    return tuple(Page(number=n, width=960, height=540, method=PageMethod.DIGITAL) for n in range(1, count + 1))


def paragraphs(*texts: str, title: str | None = None) -> Document:
    return document(*(("paragraph", text) for text in texts), title=title)


MAIL = document(("metadata", "From: a@b.org\nTo: c@d.org\nDate: today"), ("paragraph", "Dear C,"))
CHINESE_MAIL = document(("metadata", "发件人：王\n收件人：李\n主题：泵"), ("paragraph", "李工："))
CODE = document(("paragraph", "A module."), ("code", "def pump():\n    return water\n" * 9))
SHEET = document(("heading", "Sheet 1"), ("table", "| a | b |\n" * 20), ("paragraph", "Sum."))
SLIDES = document(("heading", "Pumps", 1), ("list_item", "cheap", 1), ("heading", "Valves", 2), pages=landscape(2))
QUESTIONS = paragraphs("Q: What is it?", "A: A pump.", "Q: Why?", "A: Water.", "Q: When?", "A: Now.")
CHINESE_QUESTIONS = paragraphs("问：这是什么？\n答：泵。", "问：为什么？\n答：水。", "问：什么时候？\n答：现在。")
FAQ = document(
    *[part for n in range(4) for part in (("heading", f"How do I start pump {n}?"), ("paragraph", "Press."))]
)
CHAT = paragraphs(*["Anna: Did it start?", "Ben: It did.", "**Anna:** And then?", "Ben: It stopped."] * 3)
TIMED_CHAT = paragraphs(*["[09:12] 王伟: 启动了吗？", "[09:13] 李娜: 启动了。"] * 4)
CONTRACT = document(
    ("heading", "Service agreement"),
    *[("paragraph", f"{n}.1 The Supplier shall mend the pump; either party may end it.") for n in range(1, 7)],
)
CHINESE_CONTRACT = document(
    ("heading", "采购合同"), *[("paragraph", f"第{n}条 甲方应当付款，乙方应当交货。") for n in "一二三四五六"]
)
PAPER = document(
    ("title", "On pumps"), ("heading", "Abstract"), ("paragraph", "We pump."), ("heading", "1 Introduction"),
    ("paragraph", "Pumps are old."), ("heading", "References"), ("paragraph", "[1] A. Pump."),
)  # fmt: skip
CHINESE_PAPER = paragraphs("论泵", "摘要：本文研究泵。", "泵很古老。", "参考文献")
MANUAL = document(
    ("title", "Pump manual"), ("heading", "Installation"), ("paragraph", "Lift it."), ("heading", "Maintenance")
)
CHINESE_MANUAL = document(
    ("title", "水泵操作手册"), ("heading", "一、安装"), ("heading", "二、维护"), ("paragraph", "加油。")
)
PROSE = document(("heading", "The flood"), ("paragraph", "It rained for days. The river rose."))


@pytest.mark.parametrize(
    ("seen", "of"),
    [
        (Seen(DocumentKind.MAIL, "mail_head"), [MAIL, CHINESE_MAIL]),
        (Seen(DocumentKind.CODE, "mostly_code"), [CODE]),
        (Seen(DocumentKind.SHEET, "mostly_tables"), [SHEET]),
        (Seen(DocumentKind.SLIDES, "landscape_pages"), [SLIDES]),
        (Seen(DocumentKind.QUESTIONS, "question_marks"), [QUESTIONS, CHINESE_QUESTIONS]),
        (Seen(DocumentKind.QUESTIONS, "question_headings"), [FAQ]),
        (Seen(DocumentKind.CHAT, "speaker_turns"), [CHAT, TIMED_CHAT]),
        (Seen(DocumentKind.CONTRACT, "clauses_of_parties"), [CONTRACT, CHINESE_CONTRACT]),
        (Seen(DocumentKind.PAPER, "abstract_and_references"), [PAPER, CHINESE_PAPER]),
        (Seen(DocumentKind.MANUAL, "tells_how_to"), [MANUAL, CHINESE_MANUAL]),
        (Seen(DocumentKind.PROSE, "nothing_else"), [PROSE]),
    ],
    ids=lambda value: value.rule if isinstance(value, Seen) else "",
)
def test_a_kind_is_seen_and_the_rule_that_saw_it(seen: Seen, of: list[Document]) -> None:
    assert [kind_of(one) for one in of] == [seen] * len(of)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(document(), id="no block"),
        pytest.param(document(("metadata", "title: x\nauthor: y"), ("paragraph", "Text.")), id="front matter"),
        pytest.param(document(("paragraph", "x" * 3000, 1), pages=landscape(1)), id="landscape pages full of text"),
        pytest.param(paragraphs(*[f"Field {n}: value" for n in range(12)]), id="names of fields"),
        pytest.param(paragraphs("Why? Because.", "He asked: what?", "Nobody knew."), id="questions in prose"),
        pytest.param(paragraphs(*["The parties shall meet."] * 9, title="A history of trade"), id="legal words"),
        pytest.param(document(("title", "Guide"), ("paragraph", "Safety first.")), id="a word of manuals"),
    ],
)
def test_what_only_looks_a_little_like_something_is_prose(other: Document) -> None:
    assert kind_of(other).kind is DocumentKind.PROSE
