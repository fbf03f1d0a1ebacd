"""NID: how alike two documents read, as opendataloader-bench measures it.

Normalised indel similarity of the whole Markdown, 2 * common / (both lengths), over the longest
common subsequence. What the published figures show of its normalisation, confirmed on all
predictions that lie beside them:

- Runs of white space are one space, ends stripped. Nothing else is folded: not case, not marks.
- References hold their tables as indented HTML, and it is compared as it stands, with a space
  where the indentation was; a prediction's pipe table becomes HTML without any white space, cells
  escaped, its first row `th`, no `thead`.
- NID-S cuts `<table>` to `</table>` out of both. Two empty texts score 0.
"""

from __future__ import annotations

from rapidfuzz import fuzz
from scores.reading import Reading, without_tables


def nid(truth: Reading, found: Reading) -> float:
    return similarity(truth.markdown, found.markdown)


def nid_s(truth: Reading, found: Reading) -> float:
    """Without tables."""
    return similarity(without_tables(truth.markdown), without_tables(found.markdown))


def nid_text(truth: Reading, found: Reading) -> float:
    """Not published: of the text without tables and marks, so that a parser that writes emphasis,
    links or comments loses nothing against one that doesn't. Two empty texts are equal."""
    return similarity(truth.text, found.text) if truth.text or found.text else 1.0


def similarity(one: str, other: str) -> float:
    one, other = " ".join(one.split()), " ".join(other.split())
    return fuzz.ratio(one, other) / 100 if one or other else 0.0
