"""One heading tree for the whole document: bookmarks first, then numbering, then type size."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.chinese_numbering import Line, numbered_headings
from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.drafts import Draft, Profile
from ingest.parsers.pdf.heading_looks import is_address, is_larger, may_be_heading, stands_out, styled_headings
from ingest.parsers.pdf.numbering import DEEPEST, Scheme, scheme_of, scheme_ranks, trusted_schemes
from ingest.parsers.pdf.text import SENTENCE_END
from schemas.document import FURNITURE, HEADINGS, BlockKind

_MAY_BE_NUMBERED = frozenset({*HEADINGS, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_PUNCTUATION = re.compile(r"[\W_]+")
_LARGER, _SMALLER = 1.06, 0.94
"""Factors from which a type size is another one."""
_OFTEN = 2
_ITEM = re.compile(r"^[•◦‣▪▫■□●○◆◇►▶➢➤✓✔✗❖∙⁃]")


@dataclass(frozen=True, slots=True)
class Bookmark:
    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class _Style:
    """What headings of one level share: their numbering and their look."""

    scheme: Scheme | None
    size: float
    bold: bool


def assign_levels(drafts: Sequence[Draft], bookmarks: Sequence[Bookmark], profile: Profile) -> list[Draft]:
    """Levels 1 to 6 for every heading, 0 for the title, of which there is at most one.

    A line that is a bookmark of its page, word for word, is a heading whatever the model says;
    so is one that looks like the headings that the model found.
    """
    by_page: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for mark in bookmarks:
        by_page[mark.page].setdefault(_plain(mark.title), mark.level)
    drafts = _with_styled(_one_title([_checked(draft, by_page, profile) for draft in drafts]), profile)
    drafts = _with_numbered(drafts)
    trusted = trusted_schemes([draft.text for draft in drafts if draft.kind is BlockKind.HEADING])
    drafts = _title_by_size(drafts, trusted)
    heads = {i: draft for i, draft in enumerate(drafts) if draft.kind is BlockKind.HEADING}
    marked = {i: level for i, draft in heads.items() if (level := _marked(draft, by_page))}
    styles = {i: _style(draft, trusted) for i, draft in heads.items()}
    levels = _levels_of_styles(styles, marked)
    top = min((marked.get(i) or levels[style] for i, style in styles.items()), default=1)
    titled = [replace(draft, level=0) if draft.kind is BlockKind.TITLE else draft for draft in drafts]
    return [
        # Where the title is the first bookmark, those of the sections begin at 2.
        replace(draft, level=(marked.get(i) or levels[styles[i]]) - top + 1) if i in styles else draft
        for i, draft in enumerate(titled)
    ]


def _plain(text: str) -> str:
    return _PUNCTUATION.sub("", text).casefold()


def _marked(draft: Draft, by_page: Mapping[int, Mapping[str, int]]) -> int | None:
    text = _plain(draft.text)
    for page in (draft.page, draft.page - 1, draft.page + 1):
        marks = by_page.get(page)
        if not marks:
            continue
        if text in marks:
            return min(marks[text], DEEPEST)
        # Bookmarks often leave the number out, or are cut.
        for title, level in marks.items():
            if len(title) >= 6 and (text.endswith(title) or text.startswith(title)) and len(title) * 2 > len(text):
                return min(level, DEEPEST)
    return None


def _checked(draft: Draft, by_page: Mapping[int, Mapping[str, int]], profile: Profile) -> Draft:
    """A bookmark's line becomes a heading; a heading that looks like text and ends like a sentence, text."""
    marked = _plain(draft.text) in by_page.get(draft.page, ())
    if draft.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
        short = len(draft.lines) <= 2 and len(draft.regions) == 1
        return replace(draft, kind=BlockKind.HEADING) if marked and short else draft
    if draft.kind is not BlockKind.HEADING or marked or scheme_of(draft.text) is not None:
        return draft
    return replace(draft, kind=BlockKind.PARAGRAPH) if _is_text(draft, profile) else draft


def _is_text(draft: Draft, profile: Profile) -> bool:
    """An address or an item; a sentence, or the beginning of a remark, in type that is no larger."""
    if is_address(draft.text) or _ITEM.match(draft.text):
        return True
    ends = SENTENCE_END.search(draft.text) or draft.text[-1] in ",，、"
    lead_in = draft.text[-1] in ":：" and not is_larger(draft.look, profile.look)
    return bool(lead_in or (ends and not stands_out(draft, profile) and not draft.text.isupper()))


def _one_title(drafts: Sequence[Draft]) -> list[Draft]:
    """The first title on the first page before any heading stays; lines of the same type that
    follow it at once belong to it. Others are headings."""
    result: list[Draft] = []
    found = False
    for draft in drafts:
        last = result[-1] if result else None
        if draft.kind is not BlockKind.TITLE:
            result.append(draft)
        elif last is not None and last.kind is BlockKind.TITLE and _alike(last, draft):
            sure = mean_confidence((part.confidence, len(part.text)) for part in (last, draft))
            result[-1] = replace(
                last,
                text=f"{last.text} {draft.text}",
                regions=last.regions + draft.regions,
                confidence=sure,
                printed=last.printed + draft.printed,
            )
        elif last is not None and last.kind is BlockKind.TITLE and draft.size < last.size:
            # Beneath the title, in smaller type: the authors, a date, a subtitle.
            result.append(replace(draft, kind=BlockKind.PARAGRAPH))
        else:
            first = not found and draft.page == 1 and not any(d.kind is BlockKind.HEADING for d in result)
            found = found or first
            result.append(draft if first else replace(draft, kind=BlockKind.HEADING))
    return result


def _alike(one: Draft, other: Draft) -> bool:
    return one.page == other.page and abs(one.size - other.size) <= 0.5 and one.bold == other.bold


def _with_styled(drafts: Sequence[Draft], profile: Profile) -> list[Draft]:
    """Paragraphs that look like headings of this document, or are numbered like them."""
    named = [draft.text for draft in drafts if draft.kind is BlockKind.HEADING or may_be_heading(draft)]
    found = styled_headings(drafts, profile, trusted_schemes(named))
    return [replace(draft, kind=BlockKind.HEADING) if i in found else draft for i, draft in enumerate(drafts)]


def _with_numbered(drafts: Sequence[Draft]) -> list[Draft]:
    """Lines that only their Chinese number tells, in the type of the text."""
    body = [i for i, draft in enumerate(drafts) if draft.kind not in FURNITURE]
    found = numbered_headings([Line(drafts[i].text if _is_line(drafts[i]) else "") for i in body])
    named = {body[each.line] for each in found if each.width == len(drafts[body[each.line]].text)}
    return [
        replace(draft, kind=BlockKind.HEADING) if i in named and draft.kind not in HEADINGS else draft
        for i, draft in enumerate(drafts)
    ]


def _is_line(draft: Draft) -> bool:
    return draft.kind in _MAY_BE_NUMBERED and len(draft.lines) == 1


def _title_by_size(drafts: Sequence[Draft], trusted: frozenset[Scheme]) -> list[Draft]:
    """Without a title, the first heading of page 1 is it when it is the largest of all by far."""
    result = list(drafts)
    heads = [i for i, draft in enumerate(drafts) if draft.kind is BlockKind.HEADING]
    if len(heads) < 2 or any(draft.kind is BlockKind.TITLE for draft in drafts):
        return result
    first, others = drafts[heads[0]], [drafts[i].size for i in heads[1:]]
    if first.page == 1 and _style(first, trusted).scheme is None and first.size > _LARGER * max(others):
        result[heads[0]] = replace(first, kind=BlockKind.TITLE)
    return result


def _style(draft: Draft, trusted: frozenset[Scheme]) -> _Style:
    scheme = scheme_of(draft.text)
    return _Style(scheme if scheme in trusted else None, round(draft.size * 2) / 2, draft.bold)


def _levels_of_styles(styles: Mapping[int, _Style], marked: Mapping[int, int]) -> dict[_Style, int]:
    """A style has the level of most of its headings that have a bookmark; the rest is ranked
    by numbering, and what has none goes where its type size is."""
    votes: defaultdict[_Style, Counter[int]] = defaultdict(Counter)
    for index, level in marked.items():
        votes[styles[index]][level] += 1
    ranks = scheme_ranks({style.scheme for style in styles.values() if style.scheme is not None})
    known: dict[_Style, int] = {}
    for style in styles.values():
        if style in votes:
            known[style] = votes[style].most_common(1)[0][0]
        elif style.scheme is not None:
            known[style] = ranks[style.scheme]
    unknown = {style for style in styles.values() if style not in known}
    if not known:
        return _rank_by_look(unknown)
    if not votes and _above(known, Counter(styles.values())):
        known = {style: min(level + 1, DEEPEST) for style, level in known.items()}
    known.update({style: _level_by_look(style, known) for style in unknown})
    return known


def _above(known: Mapping[_Style, int], counts: Mapping[_Style, int]) -> bool:
    """Some unnumbered headings are larger than the highest numbered ones: they hold these."""
    largest = max(style.size for style, level in known.items() if level == min(known.values()))
    return any(
        style not in known and style.size > _LARGER * largest and count >= _OFTEN for style, count in counts.items()
    )


def _rank_by_look(styles: set[_Style]) -> dict[_Style, int]:
    """Larger type first, bold before plain."""
    levels: dict[_Style, int] = {}
    level, last = 0, None
    for style in sorted(styles, key=lambda s: (-s.size, not s.bold)):
        if last is None or style.size < _SMALLER * last.size or style.bold != last.bold:
            level += 1
            last = style
        levels[style] = min(level, DEEPEST)
    return levels


def _level_by_look(style: _Style, known: Mapping[_Style, int]) -> int:
    """The level of the style that looks most alike; above or below it when clearly larger or smaller."""
    nearest = min(known, key=lambda other: (abs(other.size - style.size), other.bold != style.bold, known[other]))
    if style.size > _LARGER * nearest.size:
        return max(known[nearest] - 1, 1)
    smaller = style.size < _SMALLER * nearest.size or (nearest.bold and not style.bold)
    return min(known[nearest] + smaller, DEEPEST)


def first_heading(drafts: Sequence[Draft]) -> str | None:
    """The title, or the first heading of level 1, on the first page."""
    heads = [draft for draft in drafts if draft.kind in HEADINGS and draft.page == 1]
    for wanted in (0, 1):
        for draft in heads:
            if draft.level == wanted:
                return draft.text
    return None
