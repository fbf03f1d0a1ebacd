"""Pages put together into one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.parsers.building import BLOCK_JOIN
from ingest.parsers.language import detect_language
from ingest.parsers.pdf.apart import apart
from ingest.parsers.pdf.drafts import Draft, drafts_of, profile_of
from ingest.parsers.pdf.flow import join_code, join_over_breaks
from ingest.parsers.pdf.furniture import mark_furniture
from ingest.parsers.pdf.headings import Bookmark, assign_levels, first_heading
from ingest.parsers.pdf.lists import with_numbered_items
from ingest.parsers.pdf.notes import with_notes
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.picture_survey import MOST_PICTURES
from ingest.parsers.pdf.pieces import pieces_of_rows, pieces_of_text
from ingest.parsers.pdf.sizes import even_sizes
from ingest.parsers.pdf.tables import render
from schemas.document import FURNITURE, Block, BlockKind, Document, Page, PageMethod, ParseQuality, PrintedPiece, Table
from schemas.source import MetadataValue

_REPLACEMENT = "\ufffd"
_MANY_REPLACED = 0.02
_MOST_TOLD = 5
"""Pictures that are complained of one by one."""
_DEPTH_STEP = 6.0
"""Points of indentation that make a list item one level deeper."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the file says beside its pages."""

    title: str | None = None
    bookmarks: tuple[Bookmark, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    repaired: bool = False


def assemble(pages: Sequence[PageContent], facts: FileFacts, parser: str, version: str) -> Document:
    pages = mark_furniture(even_sizes(pages))
    profile = profile_of(pages)
    drafts = join_over_breaks((join_code(drafts_of(page, profile)) for page in pages), profile)
    drafts = _with_body(with_notes(with_numbered_items(assign_levels(drafts, facts.bookmarks, profile))))
    text, blocks = _lay_out(_with_depth(apart(drafts)))
    return Document(
        text=text,
        title=facts.title or first_heading(drafts),
        language=detect_language(text),
        parser=parser,
        parser_version=version,
        pages=tuple(_page(page) for page in pages),
        blocks=blocks,
        metadata=dict(facts.metadata),
        quality=_quality(text, pages, facts),
    )


def _with_body(drafts: Sequence[Draft]) -> list[Draft]:
    """A header is one beside a body: where there is nothing else, it is what the page says."""
    if any(draft.kind not in FURNITURE for draft in drafts):
        return list(drafts)
    edges = (BlockKind.HEADER, BlockKind.FOOTER)
    return [replace(draft, kind=BlockKind.PARAGRAPH) if draft.kind in edges else draft for draft in drafts]


def _page(page: PageContent) -> Page:
    return Page(
        number=page.number,
        width=round(page.width, 2),
        height=round(page.height, 2),
        rotation=page.rotation,
        method=page.method,
        reason=page.reason,
        confidence=None if page.confidence is None else round(page.confidence, 4),
        doubtful=page.doubtful,
    )


def _quality(text: str, pages: Sequence[PageContent], facts: FileFacts) -> ParseQuality:
    share = text.count(_REPLACEMENT) / len(text) if text else 0.0
    warnings = []
    if facts.repaired:
        warnings.append("The file was damaged and has been repaired: parts may be missing.")
    if share > _MANY_REPLACED:
        warnings.append(f"{share:.0%} of the characters have no known meaning: the fonts lack a character map.")
    for method, sentence in (
        (PageMethod.FAILED, "could not be read"),
        (PageMethod.EMPTY, "have no text"),
    ):
        numbers = [page.number for page in pages if page.method is method]
        if numbers:
            warnings.append(f"{len(numbers)} of {len(pages)} pages {sentence}: {_some(numbers)}.")
    unread = [page for page in pages if page.unread]
    if unread:
        count, numbers = sum(page.unread for page in unread), [page.number for page in unread]
        warnings.append(f"{count} lines in images could not be read with confidence, on page {_some(numbers)}.")
    doubtful = [page for page in pages if page.doubtful]
    if doubtful:
        count, numbers = sum(page.doubtful for page in doubtful), [page.number for page in doubtful]
        lines, them = ("line in images was", "it") if count == 1 else ("lines in images were", "them")
        warnings.append(f"{count} {lines} read with doubt, on page {_some(numbers)}: compare {them} with the original.")
    warnings.extend(_of_pictures(pages))
    warnings.extend([page.advice for page in pages if page.advice][:1])  # it is the same but for its counts
    return ParseQuality(replacement_share=round(share, 4), warnings=tuple(warnings))


def _of_pictures(pages: Sequence[PageContent]) -> Iterator[str]:
    errors = [error for page in pages for error in page.picture_errors]
    yield from errors[:_MOST_TOLD]
    if len(errors) > _MOST_TOLD:
        yield f"{len(errors) - _MOST_TOLD} more of the pictures could not be read either."
    left_out = sum(page.pictures_left_out for page in pages)
    if left_out:
        yield (
            f"Only the first {MOST_PICTURES} pictures were read, {left_out} were not: split the document "
            "if they hold text."
        )


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")


def _with_depth(drafts: Sequence[Draft]) -> list[tuple[Draft, int | None]]:
    """Each draft with its level. List items that follow each other are indented relative to
    the first of them."""
    result: list[tuple[Draft, int | None]] = []
    indents: list[float] = []
    last: Draft | None = None
    for draft in drafts:
        if draft.kind is not BlockKind.LIST_ITEM:
            if not draft.tied:
                indents, last = [], None
            result.append((draft, draft.level))
            continue
        left = draft.lines[0].bbox[0]
        if last is not None and (draft.page != last.page or abs(draft.column[0] - last.column[0]) > 150):
            indents = []
        while indents and left < indents[-1] - _DEPTH_STEP:
            indents.pop()
        if not indents or left > indents[-1] + _DEPTH_STEP:
            indents.append(left)
        result.append((draft, len(indents) - 1))
        last = draft
    return result


def _lay_out(drafts: Sequence[tuple[Draft, int | None]]) -> tuple[str, tuple[Block, ...]]:
    parts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for ordinal, (draft, level) in enumerate(drafts):
        text, table = (draft.text, None) if draft.grid is None else render(draft.grid)
        pieces = pieces_of_text(text, draft.printed) if table is None else pieces_of_rows(text, table, draft.rows)
        blocks.append(_block(ordinal, draft, level, (position, position + len(text)), (table, pieces)))
        parts.append(text)
        position += len(text) + len(BLOCK_JOIN)
    return BLOCK_JOIN.join(parts), _with_parents(blocks, {i for i, (draft, _) in enumerate(drafts) if draft.tied})


def _block(
    ordinal: int,
    draft: Draft,
    level: int | None,
    span: tuple[int, int],
    said: tuple[Table | None, tuple[PrintedPiece, ...]],
) -> Block:
    table, pieces = said
    return Block(
        ordinal=ordinal,
        kind=draft.kind,
        start=span[0],
        end=span[1],
        level=level,
        regions=draft.regions,
        pieces=pieces,
        table=table,
        confidence=None if draft.confidence is None else round(draft.confidence, 4),
    )


def _with_parents(blocks: Sequence[Block], tied: set[int]) -> tuple[Block, ...]:
    """List items get the item above, captions the figure or table beside them, notes that are tied
    the block of their mark, right before them."""
    result: list[Block] = []
    above: list[Block] = []
    for index, block in enumerate(blocks):
        parent: int | None = None
        if block.kind is BlockKind.LIST_ITEM:
            above = [item for item in above if (item.level or 0) < (block.level or 0)]
            parent = above[-1].ordinal if above else None
            above.append(block)
        elif index in tied:
            parent = max(other for other in range(index) if other not in tied)
        else:
            above = []
            if block.kind is BlockKind.CAPTION:
                parent = _captioned(blocks, index)
        result.append(block.model_copy(update={"parent": parent}) if parent is not None else block)
    return tuple(result)


def _captioned(blocks: Sequence[Block], index: int) -> int | None:
    """The table or figure next to a caption on its page; a table's caption stands above it more
    often, a figure's below."""
    pages = {region.page for region in blocks[index].regions}
    for other in (index - 1, index + 1):
        if not 0 <= other < len(blocks):
            continue
        block = blocks[other]
        if block.kind in (BlockKind.TABLE, BlockKind.FIGURE) and pages & {region.page for region in block.regions}:
            return block.ordinal
    return None
