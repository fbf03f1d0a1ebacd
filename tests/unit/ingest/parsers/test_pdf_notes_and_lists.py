"""What is known only of the whole document: notes and their marks, numbered items, headings by their look."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.parsers.pdf.drafts import Draft, Profile
from ingest.parsers.pdf.heading_looks import styled_headings
from ingest.parsers.pdf.lists import with_numbered_items
from ingest.parsers.pdf.notes import with_notes
from ingest.parsers.pdf.numbering import Scheme
from ingest.parsers.pdf.page import Line, Look
from ingest.parsers.pdf.text import LEVEL, RAISED, Spelling
from schemas.document import BlockKind, Region

PLAIN = Look(10.0, False, False, False, 0)
PROFILE = Profile(look=PLAIN, mono_body=False, spelling=Spelling())
SENTENCE = "The ground should be short grass, level within five centimetres over the whole plot."


@dataclass(frozen=True)
class Case:
    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    look: Look = PLAIN
    page: int = 1
    left: float = 50.0
    lines: int = 1
    extra: dict[str, object] = field(default_factory=dict)

    def draft(self) -> Draft:
        box = (self.left, 50.0, 500.0, 62.0)
        look = self.look
        line = Line(self.text, self.text, box, look.size, look.bold, look.mono, None, look.italic, look.color)
        return Draft(self.kind, self.text, self.page, box, (Region(page=self.page, bbox=box),), (line,) * self.lines)


def drafts(*cases: Case) -> list[Draft]:
    return [case.draft() for case in cases]


def mark(text: str) -> str:
    return f"{RAISED}{text}{LEVEL}"


def note(text: str, page: int = 1) -> Case:
    return Case(text, BlockKind.FOOTNOTE, page=page)


# ------------------------------------------------------------------------------ notes


def test_a_note_stands_behind_the_block_of_its_mark() -> None:
    made = with_notes(drafts(Case(f"One{mark('1')} thing."), Case("Another."), note(f"{mark('1')}Since 2019.")))
    assert [(d.text, d.tied) for d in made] == [
        ("One[1] thing.", False),
        ("[1] Since 2019.", True),
        ("Another.", False),
    ]


def test_notes_of_every_page_are_their_own() -> None:
    made = with_notes(
        drafts(Case(f"One{mark('1')}"), note("1 First."), Case(f"Two{mark('1')}", page=2), note("1 Second.", page=2))
    )
    assert [d.text for d in made] == ["One[1]", "[1] First.", "Two[1]", "[1] Second."]


def test_a_raised_figure_without_a_note_is_a_power() -> None:
    (made,) = with_notes(drafts(Case(f"10{mark('12')} joules")))
    assert made.text == "10¹² joules"


def test_a_note_without_a_mark_stays_where_it_is() -> None:
    made = with_notes(drafts(Case("Text."), note("2 Nobody asks for this."), Case("More.")))
    assert [(d.text, d.tied) for d in made] == [
        ("Text.", False),
        ("2 Nobody asks for this.", False),
        ("More.", False),
    ]


# ------------------------------------------------------------------------------ lists


def kinds(*cases: Case) -> list[str]:
    return [draft.kind.value for draft in with_numbered_items(drafts(*cases))]


def test_numbers_that_follow_each_other_make_a_list() -> None:
    assert kinds(Case("1. Wash."), Case("2. Crush."), Case("3. Wait.")) == ["list_item"] * 3
    assert kinds(Case("（1）洗"), Case("（2）压")) == ["list_item"] * 2
    assert kinds(Case("a) Wash."), Case("b) Crush.")) == ["list_item"] * 2


def test_a_lone_number_and_other_marks_begin_text() -> None:
    assert kinds(Case("1. Wash."), Case("Then crush.")) == ["paragraph"] * 2
    assert kinds(Case("1. Wash."), Case("2) Crush.")) == ["paragraph"] * 2
    assert kinds(Case("1. Wash."), Case("3. Wait.")) == ["paragraph"] * 2


def test_what_stands_between_two_items_does_not_end_their_list() -> None:
    code = Case("press --hard", BlockKind.CODE)
    assert kinds(Case("1. Wash."), code, Case("2. Crush.")) == ["list_item", "code", "list_item"]


# --------------------------------------------------------------------------- headings


def found(*cases: Case, trusted: frozenset[Scheme] = frozenset()) -> list[str]:
    made = drafts(*cases)
    return [made[index].text for index in sorted(styled_headings(made, PROFILE, trusted))]


LARGE = Look(14.0, False, False, False, 0)
BOLD = Look(10.0, True, False, False, 0)
BLUE = Look(10.0, False, False, False, 0x1F5FA8)
TEXT = Case(SENTENCE)


def test_short_lines_in_larger_or_bold_type_are_headings() -> None:
    assert found(Case("The plot", look=LARGE), TEXT, Case("The fence", look=BOLD), TEXT) == ["The plot", "The fence"]


def test_colour_alone_makes_a_heading_where_it_comes_again() -> None:
    assert found(Case("The plot", look=BLUE), TEXT) == []
    assert found(Case("The plot", look=BLUE), TEXT, Case("The fence", look=BLUE), TEXT) == ["The plot", "The fence"]


def test_type_that_paragraphs_are_set_in_is_no_headings() -> None:
    quoted = Case(SENTENCE, look=BOLD, lines=6)
    assert found(Case("The plot", look=BOLD), quoted, TEXT) == []


def test_lead_ins_captions_addresses_and_rows_are_no_headings() -> None:
    for text in ("Note:", "Table 3: Yield", "https://example.org/plot", "(select all that apply)"):
        assert found(Case(text, look=BOLD), TEXT) == [], text
    address = [Case(line, look=BOLD) for line in ("Weather Service", "Hill Road 4", "Kiel", "Germany")]
    assert found(*address, TEXT) == []


def test_the_last_line_of_a_document_heads_nothing() -> None:
    assert found(TEXT, Case("The end", look=LARGE)) == []


def test_a_numbered_line_may_end_in_a_colon() -> None:
    numbered = Case("2.1 The plot:", look=BOLD)
    assert found(numbered, TEXT, trusted=frozenset({Scheme.DECIMAL_2})) == ["2.1 The plot:"]
