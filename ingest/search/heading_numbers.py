"""What a heading is called by: its number, what that counts, and its title. In English and Chinese. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {
    "chapter": ("chapter", "chap", "ch", "章"),
    "section": ("section", "sect", "sec", "§", "节", "節", "小节"),
    "part": ("part", "部分", "部", "篇", "编", "編"),
    "article": ("article", "art", "clause", "条", "條", "款"),
    "appendix": ("appendix", "annex", "附录", "附錄", "附件"),
    "volume": ("volume", "vol", "卷"),
}
"""What a number may count, and how that is written."""

_UNIT_OF: Final = {word: unit for unit, words in _UNITS.items() for word in words}


def _either(words: list[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_LATIN: Final = _either([word for word in _UNIT_OF if word.isascii()])
_HAN: Final = _either([word for word in _UNIT_OF if not word.isascii() and word != "§"])
_DIGITS: Final = r"\d+(?:\.\d+)*"
_CHINESE: Final = "[零〇一二三四五六七八九十百千两]+"
_END: Final = r"(?=[\s.:：、,，)）\-–—]|$)"

# In this order; each gives the number and what it counts.
_FORMS: Final = (
    # "Chapter 2", "§ 2.1", "Appendix A", "Part IV"
    re.compile(rf"(?P<unit>(?:{_LATIN})\b\.?|§)\s*(?P<number>{_DIGITS}|[ivxlc]+|[a-z]){_END}"),
    # "第二章", "第2条"
    re.compile(rf"第\s*(?P<number>{_DIGITS}|{_CHINESE})\s*(?P<unit>{_HAN})"),
    # "附录二", "附件 3", "附录A"
    re.compile(rf"(?P<unit>附录|附錄|附件)\s*(?P<number>{_DIGITS}|{_CHINESE}|[a-z]){_END}"),
    # "二、", "（三）", "(3)"
    re.compile(rf"(?P<number>{_CHINESE})(?=、|[.]|$)|[(（]\s*(?P<bracketed>{_DIGITS}|{_CHINESE})\s*[)）]"),
    # "2.1", "A.2"; "2024年" is no number of a heading
    re.compile(rf"(?P<number>(?:[a-z]\.)?{_DIGITS}){_END}|(?P<joined>{_DIGITS})(?=[㐀-鿿])(?!\d*[年月日个項项%])"),
)
_SEPARATORS: Final = " \t.:：、,，)）-–—"
_SPACE: Final = re.compile(r"\s+")
_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class HeadingName:
    """`whole`: folded, see `fold`. `number`: as digits with dots, "2.1", whatever numerals it is written in;
    empty where there is none. `unit`: what it counts, "chapter"; empty where it is not said. `title`: the rest."""

    whole: str
    number: str
    unit: str
    title: str


def fold(text: str) -> str:
    """One form of what reads alike: compatibility forms (NFKC: full and half width), case, white space."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def read_heading(text: str) -> HeadingName:
    whole = fold(text)
    for form in _FORMS:
        match = form.match(whole)
        if match is not None:
            found = match.groupdict()
            number = next(found[name] for name in ("number", "bracketed", "joined") if found.get(name))
            unit = (found.get("unit") or "").rstrip(".")
            title = whole[match.end() :].lstrip(_SEPARATORS)
            return HeadingName(whole, _in_digits(number, named=bool(unit)), _UNIT_OF.get(unit, ""), title)
    return HeadingName(whole, "", "", whole)


def _in_digits(number: str, *, named: bool) -> str:
    """Letters are Roman numerals where they can be and it is said what they count: "part iv", and not "a"."""
    if unicodedata.category(number[0]) == "Lo" or number[0] == "〇":
        return str(_chinese(number))
    if named and number and set(number) <= _ROMAN.keys() and number not in {"c", "l"}:
        return str(_roman(number))
    return number.strip(".")


def _chinese(number: str) -> int:
    """Positional ("二〇", as years are written) where no ten or hundred stands in it."""
    values = [2 if each == "两" else int(unicodedata.numeric(each)) for each in number]
    if all(value < 10 for value in values):
        return int("".join(map(str, values)))
    total, digit = 0, 0
    for value in values:
        if value < 10:
            digit = value
        else:
            total += (digit or 1) * value
            digit = 0
    return total + digit


def _roman(number: str) -> int:
    values = [_ROMAN[each] for each in number]
    return sum(
        -value if following > value else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
