"""Which lines are headings by their look, clustered over the whole document.

Type is what tells a reader what a heading is: larger, heavier, coloured or slanted, alone on its
line, and not what paragraphs are set in.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.parsers.pdf.captions import CAPTION
from ingest.parsers.pdf.contents import ENTRY
from ingest.parsers.pdf.drafts import Draft, Profile
from ingest.parsers.pdf.numbering import Scheme, scheme_of
from ingest.parsers.pdf.page import Look
from ingest.parsers.pdf.text import SENTENCE_END, is_cjk
from schemas.document import FURNITURE, HEADINGS, BlockKind

_LARGER = 1.06
_MOST_LINES = 3
_LONGEST = 140
_LONGEST_CJK = 60
_MOSTLY = 0.6
"""Share of a look's characters that are in lines which may be headings."""
_OFTEN = 2
_IN_A_ROW = 3
"""Lines of one look, one after the other, that are rather an address, a list or a form."""
_ADDRESS = re.compile(r"^\d{0,3}\s?(?:https?://|www\.|[\w.+-]+@[\w-]+\.)\S*$")
_REMARK = re.compile(r"^[(（\[【][^)）\]】]*[)）\]】]$")
_STOPS = re.compile(r"[.。;；,，、:：]['\"”’」』)）\]】]*$")


@dataclass(frozen=True, slots=True)
class LookStanding:
    """How a look is used: `headings` drafts in it may be headings, and they have this share of its characters."""

    headings: int
    share: float


def stands_out(draft: Draft, profile: Profile) -> bool:
    """Larger than the text, or bold, slanted or coloured as the text is not."""
    look, body = draft.look, profile.look
    return is_larger(look, body) or look.bold > body.bold or look.italic > body.italic or look.color != body.color


def is_address(text: str) -> bool:
    """Of a page or a mailbox, a note's mark before it."""
    return bool(_ADDRESS.match(text))


def is_larger(look: Look, body: Look) -> bool:
    return look.size > _LARGER * body.size


def heading_looks(drafts: Sequence[Draft]) -> dict[Look, LookStanding]:
    """Of every look: how much of what is set in it may be a heading."""
    letters: Counter[Look] = Counter()
    may_be: Counter[Look] = Counter()
    counts: Counter[Look] = Counter()
    for draft in drafts:
        if draft.kind in FURNITURE or not draft.lines or draft.kind is BlockKind.FIGURE:
            continue
        for line in draft.lines:
            letters[line.look] += len(line.text)
        if draft.kind in HEADINGS or may_be_heading(draft):
            may_be[draft.look] += sum(len(line.text) for line in draft.lines)
            counts[draft.look] += 1
    return {look: LookStanding(counts[look], may_be[look] / letters[look]) for look in counts if letters[look]}


def may_be_heading(draft: Draft) -> bool:
    """A short text alone on its lines, in one type, that is no sentence."""
    if draft.kind is not BlockKind.PARAGRAPH or not draft.lines or len(draft.regions) > 1 or draft.vertical:
        return False
    if len(draft.lines) > _MOST_LINES or len({line.look for line in draft.lines}) > 1:
        return False
    text = draft.text
    longest = _LONGEST_CJK if sum(map(is_cjk, text)) * 2 > len(text) else _LONGEST
    if len(text) > longest or not any(character.isalpha() for character in text):
        return False
    if _REMARK.match(text):
        return False
    return not (CAPTION.match(text) or ENTRY.search(text) or is_address(text))


def styled_headings(drafts: Sequence[Draft], profile: Profile, trusted: frozenset[Scheme]) -> set[int]:
    """Paragraphs that are headings by how they look and where they stand."""
    looks = heading_looks(drafts)
    found: set[int] = set()
    for index, draft in enumerate(drafts):
        if may_be_heading(draft) and stands_out(draft, profile) and _is_styled(draft, looks, profile, trusted):
            found.add(index)
    found -= {i for i in found if _is_below_title(drafts, i) and looks[drafts[i].look].headings < _OFTEN}
    return found - _in_rows(drafts, found) - _without_text_below(drafts, found)


def _is_styled(draft: Draft, looks: dict[Look, LookStanding], profile: Profile, trusted: frozenset[Scheme]) -> bool:
    standing = looks[draft.look]
    if standing.share < _MOSTLY:
        return False
    larger = is_larger(draft.look, profile.look)
    numbered = scheme_of(draft.text) in trusted
    if _STOPS.search(draft.text):
        # "Note:" in bold begins a remark; "1.2.1 The first case:" is a heading all the same.
        return numbered and (larger or draft.look.bold > profile.look.bold) and not SENTENCE_END.search(draft.text[:-1])
    if SENTENCE_END.search(draft.text) and not larger:
        return numbered
    weak = not larger and draft.look.bold <= profile.look.bold
    return numbered or not weak or standing.headings >= _OFTEN


def _is_below_title(drafts: Sequence[Draft], index: int) -> bool:
    """Where the authors stand, and the date."""
    return index > 0 and drafts[index - 1].kind is BlockKind.TITLE and scheme_of(drafts[index].text) is None


def _in_rows(drafts: Sequence[Draft], found: set[int]) -> set[int]:
    """Many lines of one look with nothing between them."""
    rows: defaultdict[int, set[int]] = defaultdict(set)
    start = 0
    for index in sorted(found):
        again = index - 1 in found and drafts[index].look == drafts[index - 1].look
        start = start if again else index
        rows[start].add(index)
    return {index for row in rows.values() if len(row) > _IN_A_ROW for index in row}


def _without_text_below(drafts: Sequence[Draft], found: set[int]) -> set[int]:
    """The last words of a document head nothing."""
    said = [i for i, draft in enumerate(drafts) if draft.kind not in FURNITURE and draft.kind is not BlockKind.FOOTNOTE]
    last = said[-1] if said else -1
    return {index for index in found if index >= last}
