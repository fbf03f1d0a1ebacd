"""What a report says of the parts that it does not trust: tokenizer, embedder, and the two segmenters.

Sampled chunks are, of the current rows of live documents, those with the least `chunk_id`, which is a digest: equal
homes give equal samples, and every chunk has the same chance.
"""

from __future__ import annotations

from schemas.base import Record

SAMPLED = 1_000
"""Chunks, and vectors, that are looked at at most."""
FEWEST = 20
"""Vectors, borders or paragraphs with which a share says something: a gate has no value with fewer."""
FEWEST_HAN = 200
"""Han characters, likewise."""
NEARLY_EQUAL = 0.9999
"""Cosine from which two vectors are nearly equal."""


class LanguageFit(Record):
    """Chunks of one language (`Chunk.language`, "" where it is not known). `tokens`: their token counts;
    `characters`: of their texts to embed. `unknown`: of the tokens, those that the tokenizer does not know: for each
    chunk its share in `ChunkSet.unknown_shares` times its tokens, rounded."""

    language: str
    chunks: int
    characters: int
    tokens: int
    unknown: int

    @property
    def tokens_per_character(self) -> float | None:
        return self.tokens / self.characters if self.characters else None

    @property
    def unknown_share(self) -> float | None:
        return self.unknown / self.tokens if self.tokens else None


class TokenRecount(Record):
    """`sampled` chunks of `total`, counted again by the tokenizer that the model carries, without anything that
    docstrata remembers. `differing`: those whose `token_count` is another; `largest`: the largest difference."""

    total: int
    sampled: int
    differing: int
    largest: int


class VectorSample(Record):
    """Raw vectors as they lie in the store: `sampled` of `total`, all of different texts.

    They are taken from at most 32 packs that one embedder wrote, those with the least names: from each the rows with
    the least keys, `SAMPLED` divided by the number of packs. Where several embedders wrote packs, it is the one under
    whose fingerprint most of the sampled chunks have a vector.

    `pairs`: all pairs of two of them. `mean_cosine`: over these: 0 where directions are spread evenly, 1
    where all are one. `cosines`: the cosine that a twentieth, a half and 19 twentieths of the pairs do not exceed.
    `nearly_equal`: vectors that have a cosine of at least `NEARLY_EQUAL` with another one, though the texts differ.
    `effective_rank`: exp of the entropy of the shares of the squared singular values, without centring: how
    many directions carry the sample; it is at most the smaller of `sampled` and `dimension`. `broken`: vectors with
    a component that is not finite, or of length 0; they are not among the `sampled`. None where there is nothing.
    """

    total: int
    sampled: int
    broken: int
    dimension: int
    pairs: int
    mean_cosine: float | None
    cosines: tuple[float, float, float] | None
    nearly_equal: int
    effective_rank: float | None


class EmbedderFit(Record):
    """`languages`: those with the most chunks first, then by name. `recount`: None where the model's files are not
    on this disk. `vectors`: None where the home has no vectors in its store."""

    languages: tuple[LanguageFit, ...]
    recount: TokenRecount | None
    vectors: VectorSample | None


class BrokenBorder(Record):
    """A border that is `inside`: the last characters before it and the first behind it."""

    source: str
    path: str
    before: str
    behind: str


class BorderCheck(Record):
    """Borders between two chunks that follow each other inside one block of prose (paragraph, quote, list item), by
    a rule that knows no sentences. `total`: such borders with a closing mark (. ! ? … : ; and their full-width and
    other scripts' forms) among the 400 characters of the block before or behind: without one the text is none of
    sentences. `inside`: those before which stands no closing mark, quotes and brackets behind it left out, and behind
    which the text goes on with a lower-case letter, or, before and behind, with Han. `examples`: the first ones."""

    total: int
    inside: int
    examples: tuple[BrokenBorder, ...]


class HanTerms(Record):
    """The terms that BM25 counts in the sampled chunks, of those the ones of Han alone.

    `characters`: Han characters in the chunks after NFKC. `alone`: terms of one character: the dictionary has no
    word for it there. `words`: terms of two characters or more, but not the pairs that are given for characters
    that stand alone (a pair stands between its two characters in the order of the terms). `mean_length`: of the
    words, in characters.
    """

    sampled: int
    characters: int
    alone: int
    words: int
    mean_length: float | None


class SegmentationCheck(Record):
    borders: BorderCheck
    han: HanTerms
