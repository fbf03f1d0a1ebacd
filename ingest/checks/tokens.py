"""Tokens counted again, and words cut again, of sampled chunks: `schemas.fit`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from schemas.chunk import Chunk
from schemas.fit import HanTerms, TokenRecount

_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Instruments:
    """What a report measures with. `count_tokens`: by the tokenizer that the model carries, special tokens
    included; None where its files are not on this disk. `terms`: those that BM25 counts, in their order.
    `vector_key`: of an embedder's fingerprint and a text."""

    count_tokens: Callable[[Sequence[str]], list[int]] | None
    terms: Callable[[str], list[str]]
    vector_key: Callable[[str, str], str]


def token_recount(
    chunks: Sequence[Chunk], total: int, count_tokens: Callable[[Sequence[str]], list[int]]
) -> TokenRecount:
    counted = count_tokens([chunk.embed_text() for chunk in chunks])
    differences = [abs(chunk.token_count - tokens) for chunk, tokens in zip(chunks, counted, strict=True)]
    return TokenRecount(
        total=total,
        sampled=len(chunks),
        differing=sum(map(bool, differences)),
        largest=max(differences, default=0),
    )


def han_terms(chunks: Iterable[Chunk], terms: Callable[[str], list[str]]) -> HanTerms:
    sampled = characters = alone = words = length = 0
    for chunk in chunks:
        sampled += 1
        here = len(_HAN.findall(unicodedata.normalize("NFKC", chunk.text)))
        if not here:
            continue
        characters += here
        found = terms(chunk.text)
        for place, term in enumerate(found):
            if len(_HAN.findall(term)) != len(term):
                continue
            if len(term) == 1:
                alone += 1
            elif not _is_pair(found, place):
                words += 1
                length += len(term)
    return HanTerms(
        sampled=sampled,
        characters=characters,
        alone=alone,
        words=words,
        mean_length=length / words if words else None,
    )


def _is_pair(terms: Sequence[str], place: int) -> bool:
    """It is made of the characters before and behind it, which the dictionary has no word for."""
    return 0 < place < len(terms) - 1 and terms[place] == terms[place - 1] + terms[place + 1]
