"""What the embedder makes of the chunks of each language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from recounting.ids import embedded
from recounting.reading import Reading
from recounting.rows import Row, row
from recounting.spans import Record


class Fit:
    def __init__(self) -> None:
        self._languages: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, reading: Reading) -> None:
        chunk_set = reading.chunk_set
        for chunk, share in zip(chunk_set["chunks"], chunk_set["unknown_shares"], strict=True):
            tokens = chunk["token_count"]
            self._languages[chunk["language"] or ""].update(
                chunks=1, characters=len(embedded(chunk)), tokens=tokens, unknown=round(share * tokens)
            )

    def rows(self, told: Record, sampled: int) -> Iterator[Row]:
        for one in told["languages"]:
            language = one["language"]
            for name in ("chunks", "characters", "tokens", "unknown"):
                yield row(f"fit.{language or '(none)'}.{name}", one[name], self._languages[language][name])
        yield row("fit, languages", len(told["languages"]), len(self._languages))
        if told["recount"] is not None:
            yield row("fit.recount.sampled", told["recount"]["sampled"], sampled)
