"""How much each ranking is to count for a question, judged by its form. Pure; knows no corpus.

It only weighs: both rankings are asked whatever it says, and where one finds nothing the other answers alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ingest.search.fusion import MOSTLY

_LEAST: Final = 1 / 3
"""Of the dense ranking's weight that always stays."""

_QUOTED: Final = re.compile(r'"([^"\n]{2,})"|“([^”\n]{2,})”|「([^」\n]{2,})」|『([^』\n]{2,})』|«([^»\n]{2,})»')
_IDENTIFIER: Final = re.compile(
    r"(?<![\w.@/-])(?:"
    r"[A-Z]{2,}(?:/[A-Z]+)*[ -]?\d{3,}(?:[.-]\d+)*"  # RFC 2119, GB/T 19001, ISO-9001
    r"|[A-Za-z]+[-_/.]?\d+(?:[-_/.][A-Za-z0-9]+)*"  # ERR_0042, v1.2.3, M8-x
    r"|\d+[-_/.]?[A-Za-z]+(?:[-_/.][A-Za-z]+)*[-_/.]?\d+[\w-]*"  # 3M-550, 12AX7
    r"|[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)+"  # foo_bar
    r"|[a-z]+(?:[A-Z][a-z0-9]+)+|(?!Ma?c[A-Z][a-z]+\b)(?:[A-Z][a-z0-9]+){2,}[A-Z]?"  # getUserName, PointStruct
    r"|\d{1,3}(?:\.\d{1,3}){2,}"  # 3.11.2
    r"|(?=[a-f]*\d)[0-9a-f]{8,}"  # a digest
    r")(?![\w@])",
    re.ASCII,
)
_ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th|s|%|k|m|bn|km|kg|mm|cm|am|pm)", re.IGNORECASE)
_QUESTION_MARK: Final = re.compile(r"[?？]\s*$")
_ASKS: Final = re.compile(
    r"^(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|should|must|may|will|would"
    r"|has|have|had|explain|describe|tell)\b"
    r"|什么|甚么|怎么|怎样|如何|为何|为什么|哪|谁|多少|几[个天年月次种]|是否|能否|可否|吗|呢|何时|何种",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\u3400-\u9fff]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_MOST_WORDS: Final = 4
"""Of a list of words; what is longer is read as a sentence. Two Han are counted as a word."""


@dataclass(frozen=True, slots=True)
class QueryForm:
    """What can be seen of a question without asking anybody."""

    quoted: tuple[str, ...]
    identifiers: tuple[str, ...]
    asks: bool
    """It is a sentence that asks, rather than a list of words."""


@dataclass(frozen=True, slots=True)
class Route:
    """`dense`: what the dense ranking's weight is multiplied with. `reasons`: why, in words, none where it stays."""

    dense: float = 1.0
    reasons: tuple[str, ...] = ()


def read_form(query: str) -> QueryForm:
    text = unicodedata.normalize("NFKC", query).strip()
    quoted = tuple(next(filter(None, match)) for match in _QUOTED.findall(text))
    identifiers = [match[0] for match in _IDENTIFIER.finditer(text) if not _ORDINAL.fullmatch(match[0])]
    return QueryForm(
        quoted,
        tuple(dict.fromkeys(identifiers)),
        bool(_QUESTION_MARK.search(text) or _ASKS.search(text)) or _length(text) > _MOST_WORDS,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows of a question, where it was asked. `rare`: words that few passages hold. `absent`:
    identifiers of which no passage holds any word."""

    rare: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def route(form: QueryForm, known: Known, unknown: float) -> Route:
    """The less a question says by its meaning, the less the dense ranking counts: an embedding blurs a code or a
    name into its neighbours, where BM25 finds the very one. Its weight is made for questions, and stays there.

    `unknown`: the share of the question that the embedding model cannot read, in [0, 1]; that weighs by itself, and
    is only told here.
    """
    identifiers = tuple(each for each in form.identifiers if each not in known.absent)
    factor, reasons = 1.0, []
    if form.quoted:
        factor *= 0.6
        reasons.append(f"words in quotation marks ({_some(form.quoted)}) are wanted as they stand")
    if identifiers:
        factor *= 0.5
        reasons.append(f"an identifier or code ({_some(identifiers)}) is found by its letters, not by meaning")
    elif known.rare:
        factor *= 0.7
        reasons.append(f"few passages hold {_some(known.rare)}: a rare word singles them out")
    if not form.asks and not reasons:
        factor *= 0.85
        reasons.append("a list of words, not a question")
    if known.absent:
        reasons.append(f"no passage holds {_some(known.absent)}, so that does not count")
    if unknown > 0:
        alone = ": it is found by its words alone" if unknown > MOSTLY else ""
        reasons.append(f"the embedding model cannot read {unknown:.0%} of it{alone}")
    return Route(max(factor, _LEAST), tuple(reasons))


def _length(text: str) -> float:
    return len(_WORD.findall(text)) + len(_HAN.findall(text)) / 2


def _some(words: Sequence[str]) -> str:
    shown = ", ".join(f"'{word}'" for word in words[:3])
    return shown if len(words) <= 3 else f"{shown} and {len(words) - 3} more"
