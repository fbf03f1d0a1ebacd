"""Soft hyphens where an English word may surely be broken, for renderers that bring no dictionary."""

from __future__ import annotations

import re

_SOFT = "\u00ad"
_WORD = re.compile(r"(?<![\w/.@:-])[A-Za-z]{7,}(?![\w/@:-])")
_BEFORE = re.compile(r"(?<=[a-z]{3})(?=(?:tion|tions|sion|ment|ments|ness|less|ful|ship|able|ing|ity|ence|ance)$)")
_AFTER = re.compile(r"^(inter|under|over|trans|super|semi|counter|non|dis|mis|con|com|pre|pro)(?=[a-z]{4})")
_DOUBLE = re.compile(r"(?<=[aeiou])([bdfgmnprt])\1(?=[aeiou][a-z]{2})")


def softly_hyphenated(text: str) -> str:
    """Between doubled consonants, before common endings and after common beginnings."""
    return _WORD.sub(lambda match: _broken(match[0]), text)


def _broken(word: str) -> str:
    word = _DOUBLE.sub(rf"\1{_SOFT}\1", word)
    word = _BEFORE.sub(_SOFT, word)
    return _AFTER.sub(rf"\1{_SOFT}", word)
