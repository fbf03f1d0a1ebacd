"""Writers of propositions that need no model. Loaded by tests; not collected itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chunkers.base import Passage, Proposition


class Echo:
    """Every sentence is a statement, but for those that `skips` names by place; `asked` is what it was given."""

    fingerprint = "echo"

    def __init__(self, skips: Callable[[int], bool] = lambda _at: False) -> None:
        self._skips = skips
        self.asked: list[Passage] = []

    def write(self, passages: Sequence[Passage]) -> list[list[Proposition]]:
        self.asked.extend(passages)
        return [
            [Proposition(f"So: {text}", (at,)) for at, text in enumerate(passage.sentences) if not self._skips(at)]
            for passage in passages
        ]


class Told:
    """Answers with the same statements whatever is asked."""

    fingerprint = "told"

    def __init__(self, *propositions: Proposition) -> None:
        self._propositions = propositions

    def write(self, passages: Sequence[Passage]) -> list[list[Proposition]]:
        return [list(self._propositions) for _ in passages]
