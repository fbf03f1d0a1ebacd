"""From drafts to chunks: exact sizes, then numbers and ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from chunkers.base import TokenCounter
from chunkers.context import ContextLines
from chunkers.drafts import Draft, halves
from chunkers.options import Limits
from chunkers.outline import Section
from chunkers.overlap import Overlaps
from chunkers.places import regions_of
from chunkers.table_parts import TableParts
from chunkers.units import INSIDE_SENTENCE, Joint, Units, spans_of
from schemas.base import Span
from schemas.chunk import SPAN_JOIN, Chunk, ChunkKind, build_embed_text
from schemas.document import BlockKind, Document
from schemas.errors import ConfigError

WORD_CUT = "word_cut"
SENTENCE_CUT = "sentence_cut"
_KINDS = {
    frozenset({BlockKind.CODE}): ChunkKind.CODE,
    frozenset({BlockKind.LIST_ITEM}): ChunkKind.LIST,
    frozenset({BlockKind.METADATA}): ChunkKind.METADATA,
    frozenset({BlockKind.FIGURE}): ChunkKind.FIGURE,
    frozenset({BlockKind.FIGURE, BlockKind.CAPTION}): ChunkKind.FIGURE,
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A draft whose text to embed is known and within the limit."""

    draft: Draft
    text: str
    section: Section
    own: int
    context: str
    context_size: int
    tokens: int
    overlap: tuple[Span, ...] = ()


class Sealer:
    """Makes drafts exact: their context shrinks, or they are cut, until every one is within the
    limit by the counter itself."""

    def __init__(
        self, counter: TokenCounter, limits: Limits, contexts: ContextLines, units: Units, tables: TableParts
    ) -> None:
        self._counter = counter
        self._limits = limits
        self._contexts = contexts
        self._units = units
        self._tables = tables
        self._overlaps = Overlaps(units.document, counter, limits)
        self._before: Sealed | None = None

    def seal(self, drafts: Sequence[Draft]) -> list[Sealed]:
        """In order; each text is counted once where the plan was right."""
        sealed = self._counted([self._dressed(draft) for draft in drafts])
        while any(one.tokens > self._limits.maximum for one in sealed):
            again: list[Sealed] = []
            places: list[int] = []
            for at, one in enumerate(sealed):
                if one.tokens > self._limits.maximum:
                    smaller = self._smaller(one)
                    again += smaller
                    places += [at] * len(smaller)
            replaced: dict[int, list[Sealed]] = {}
            for at, one in zip(places, self._counted(again), strict=True):
                replaced.setdefault(at, []).append(one)
            sealed = [new for at, one in enumerate(sealed) for new in replaced.get(at, [one])]
        return self._overlapping(sealed) if self._limits.overlap else sealed

    def _overlapping(self, sealed: list[Sealed]) -> list[Sealed]:
        """Each with the last sentences of the one before it in its section, where there is room."""
        told: list[Sealed] = []
        for one in sealed:
            before, self._before = self._before, one
            told.append(one if before is None or before.section.id != one.section.id else self._after(before, one))
        return self._counted(told)

    def _after(self, before: Sealed, one: Sealed) -> Sealed:
        if before.draft.table is not None or one.draft.table is not None:
            return one
        spans = self._overlaps.before(before.draft.units, one.draft.units, one.context, one.text)
        text = f"{self._overlaps.text(spans)}{SPAN_JOIN}{one.text}" if spans else one.text
        return replace(one, text=text, overlap=spans)

    def _dressed(self, draft: Draft) -> Sealed:
        section, own = draft.place(draft.units)
        context, size = self._contexts.line(self._contexts.entries(section.path, own))
        return Sealed(draft, draft.text(self._units.text), section, own, context, size, 0)

    def _counted(self, sealed: list[Sealed]) -> list[Sealed]:
        counts = self._counter.count([build_embed_text(one.context, one.text) for one in sealed])
        return [replace(one, tokens=count) for one, count in zip(sealed, counts, strict=True)]

    def _smaller(self, one: Sealed) -> list[Sealed]:
        excess = one.tokens - self._limits.maximum
        if one.context and (one.draft.is_one or 2 * excess <= one.context_size):
            entries = self._contexts.entries(one.section.path, one.own)
            context, size = self._contexts.within(entries, one.context_size - excess)
            return [replace(one, context=context, context_size=size)]
        if one.draft.table is None:
            parts = halves(one.draft, self._units, self._limits.content)
        else:
            parts = self._tables.finer(one.draft)
        if parts == [one.draft]:
            raise ConfigError(
                f"one character takes {one.tokens} tokens, more than max_tokens = {self._limits.maximum}",
                tokens=one.tokens,
                max_tokens=self._limits.maximum,
            )
        return [self._dressed(part) for part in parts]


class Numbering:
    """Gives sealed drafts of one document their numbers and ids. Its memory is one digest per
    distinct chunk."""

    def __init__(self, document: Document, tables: TableParts, strategy: str, rule: str) -> None:
        self._document = document
        self._tables = tables
        self._strategy = strategy
        self._rule = rule
        self._ordinal = 0
        self._section = ""
        self._position = 0
        self._seen: dict[bytes, int] = {}

    def chunks(self, sealed: Iterable[Sealed]) -> Iterator[Chunk]:
        """One table's parts are numbered together; nothing else is held back but one draft, since
        a chunk's flags tell how it ends."""
        group: list[Sealed] = []
        for one in sealed:
            if group and (one.draft.table is None or one.draft.table != group[0].draft.table):
                yield from self._group(group, one)
                group = []
            group.append(one)
        yield from self._group(group, None)

    def _group(self, group: list[Sealed], following: Sealed | None) -> Iterator[Chunk]:
        for at, one in enumerate(group):
            after = group[at + 1] if at + 1 < len(group) else following
            yield self._chunk(one, after, at + 1, len(group))

    def _chunk(self, one: Sealed, after: Sealed | None, part: int, parts: int) -> Chunk:
        html = self._html(one.draft)
        embedded = build_embed_text(one.context, one.text)
        key = blake2b(f"{len(embedded)}:{embedded}{html}".encode(), digest_size=16).digest()
        occurrence = self._seen.get(key, 0)
        self._seen[key] = occurrence + 1
        self._position = self._position + 1 if self._section == one.section.id and self._ordinal else 0
        self._section = one.section.id
        blocks = tuple(dict.fromkeys(unit.block for unit in one.draft.units))
        spans = spans_of(one.draft.units)
        chunk = Chunk(
            ordinal=self._ordinal,
            kind=self._kind(one.draft, blocks),
            text=one.text,
            context=one.context,
            added_prefix=one.draft.prefix,
            overlap=one.overlap,
            spans=spans,
            blocks=blocks,
            regions=regions_of(self._document, blocks, spans),
            title=self._document.title,
            heading_path=one.section.path,
            own_headings=one.own,
            section=one.section.id,
            parent=one.section.parent,
            position=self._position,
            occurrence=occurrence,
            token_count=one.tokens,
            table_html=html,
            part=part,
            parts=parts,
            language=self._document.language,
            strategy=self._strategy,
            rule=self._rule,
            flags=(*one.draft.flags, *_cuts(one.draft, after)),
        )
        self._ordinal += 1
        return chunk

    def _html(self, draft: Draft) -> str | None:
        if draft.table is None:
            return None
        grid = self._tables.grid(draft.table)
        return grid.html(draft.rows, draft.columns) if grid else None

    def _kind(self, draft: Draft, blocks: Sequence[int]) -> ChunkKind:
        if draft.table is not None:
            return ChunkKind.TABLE
        found = (self._document.blocks[ordinal] for ordinal in blocks)
        return _KINDS.get(frozenset(block.kind for block in found if not block.is_heading), ChunkKind.TEXT)


def _cuts(draft: Draft, after: Sealed | None) -> tuple[str, ...]:
    """What was cut at either end of the draft."""
    ends = {draft.units[0].joint}
    if after and after.draft.units[0].block == draft.units[-1].block:
        ends.add(after.draft.units[0].joint)
    flags = (SENTENCE_CUT,) if ends & INSIDE_SENTENCE else ()
    return (*flags, WORD_CUT) if Joint.CHARACTER in ends else flags
