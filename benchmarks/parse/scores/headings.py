"""How well headings are found, and whether they stand in the right tree.

Headings are matched by their normalised text, in order: the longest common subsequence, so a
heading that is found in another place of the order is a miss and a false one. Of those matched:
the share whose parent (the nearest heading above of a higher rank) is the match of the true
parent, or none where there is none, and the share with the same level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scores.counts import Counts
from scores.reading import Heading, Reading, normalised


@dataclass(frozen=True, slots=True)
class HeadingScores:
    """None where there is nothing to measure: all of them without headings on both sides, precision
    without one found, the rest but `f1` without one wanted. Where none is matched the shares are 0: a
    parser must not gain by finding nothing in hard documents."""

    precision: float | None
    recall: float | None
    f1: float | None
    parents: float | None
    levels: float | None


def heading_scores(truth: Reading, found: Reading) -> HeadingScores:
    wanted, there = truth.headings, found.headings
    pairs = matched(wanted, there)
    counts = Counts(common=len(pairs), wanted=len(wanted), found=len(there))
    if not pairs:
        share = 0.0 if wanted else None
        return HeadingScores(counts.precision, counts.recall, counts.f1, share, share)
    partner: dict[int | None, int | None] = {None: None, **dict(pairs)}
    parents = (parents_of(wanted), parents_of(there))
    same_parent = sum(partner.get(parents[0][i], -1) == parents[1][j] for i, j in pairs)
    same_level = sum(wanted[i].level == there[j].level for i, j in pairs)
    return HeadingScores(counts.precision, counts.recall, counts.f1, same_parent / len(pairs), same_level / len(pairs))


def matched(wanted: Sequence[Heading], found: Sequence[Heading]) -> list[tuple[int, int]]:
    """Indices of the longest common subsequence."""
    one, other = [normalised(h.text) for h in wanted], [normalised(h.text) for h in found]
    longest = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]  # of what begins at i and j
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            same = longest[i + 1][j + 1] + 1 if one[i] == other[j] else 0
            longest[i][j] = max(same, longest[i + 1][j], longest[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if one[i] == other[j] and longest[i][j] == longest[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def parents_of(headings: Sequence[Heading]) -> list[int | None]:
    """The index of each heading's parent."""
    parents: list[int | None] = []
    above: list[int] = []
    for index, heading in enumerate(headings):
        while above and headings[above[-1]].level >= heading.level:
            above.pop()
        parents.append(above[-1] if above else None)
        above.append(index)
    return parents
