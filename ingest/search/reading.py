"""How much of a question the embedding model can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Protocol

COMMON_HAN: Final = bytes(
    byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell)
).decode("gb2312", "ignore")
"""The 3,755 characters of GB 2312's first level, which make up nearly all Chinese text."""

_UNREAD: Final = 0.1
"""Share of them. A model that was taught Chinese knows all; an English one knows a few hundred by accident."""

_HAN: Final = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD: Final = re.compile(rf"(?:(?!{_HAN.pattern})\w)+")


class Tokenizer(Protocol):
    def unknown_shares(self, texts: Sequence[str]) -> list[float]: ...


class QuestionReading:
    """Reads questions as the model would. To know a token is not to know what it means: a model of English has some
    Han among its tokens, and never saw them in a sentence. Han that it mostly does not know count as unread, all of
    them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def unread(self, question: str, unknown: float) -> float:
        """The share in [0, 1] of the question, never less than the share of its tokens that are `unknown`. A Han
        counts as much as a word."""
        han = len(_HAN.findall(question))
        if not han or self._reads_han:
            return unknown
        return max(unknown, han / (han + len(_WORD.findall(question))))

    @cached_property
    def _reads_han(self) -> bool:
        return self._tokenizer.unknown_shares([COMMON_HAN])[0] <= _UNREAD
