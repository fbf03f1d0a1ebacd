"""Conversations in plain text: lines with which another one begins to speak."""

from __future__ import annotations

from collections.abc import Sequence

from chunkers.kinds import TURN, are_turns


def turn_lines(lines: Sequence[str]) -> frozenset[int]:
    """Their numbers; none where the names do not come back, as those of speakers do."""
    found = {number: match[1].strip() for number, line in enumerate(lines) if (match := TURN.match(line))}
    told = sum(bool(line.strip()) for line in lines)
    return frozenset(found) if are_turns(list(found.values()), told) else frozenset()
