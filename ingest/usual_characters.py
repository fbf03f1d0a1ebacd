"""How usual a character is in the languages that are read most: what tells the right encoding of a
text from a wrong one, in which nearly every pair of bytes is some character too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache

_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
    "所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力"
    "它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产"
    "或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口"
    "认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区"
    "保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张"
    "该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
)
_TRADITIONAL = frozenset(
    "這個們來為國說時會對於著過發後裡經麼現當動學還進樣開從實軍無與長機關點業將兩間問並應戰頭體見產話給門東聲員論"
    "處義條氣題爾別變總電數報結務場計許統區隊決馬書聽則達強難權設記類據張該規萬覺術領確傳師觀讓識帶導爭運灣臺網"
) | frozenset(c for c in _SIMPLIFIED if ord(c) in range(0x4E00, 0x9FFF) and len(c.encode("big5", "ignore")) == 2)
_KOREAN = frozenset(
    "이다의에는을를가은하고지사로도한기리어서인시대아나자정수전해일보그부상장으스주제만여원구관게면들"
    "있것과와할된되안세용경미동치라내공조국유요성학문신소계화방발각"
)

_CHINESE_MARKS = frozenset("，。、；：？！“”‘’（）《》「」『』…—·　〈〉【】")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_HALF_KANA = re.compile(r"[\uff61-\uff9f]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

USUAL, _FAIR, _ODD, _WRONG = 3.0, 1.0, -1.0, -4.0


@cache
def _row(char: str, codec: str) -> int:
    """The first byte of a two-byte code, 0 for a character that has none."""
    code = char.encode(codec, "ignore")
    return code[0] if len(code) == 2 else 0


def simplified(char: str) -> float:
    if char in _SIMPLIFIED or char in _CHINESE_MARKS:
        return USUAL
    row = _row(char, "gb2312")
    if 0xB0 <= row <= 0xD7:  # level 1: the 3,755 characters of daily use
        return _FAIR
    return _ODD if row else _WRONG


def traditional(char: str) -> float:
    if char in _TRADITIONAL or char in _CHINESE_MARKS:
        return USUAL
    row = _row(char, "big5")
    if 0xA4 <= row <= 0xC6 and _HAN.match(char):  # level 1: 5,401 characters of daily use
        return _FAIR
    return _ODD if row else _WRONG


def japanese(char: str) -> float:
    if _KANA.match(char) or char in "、。「」・ー":
        return USUAL
    if _HALF_KANA.match(char):  # any byte from A1 to DF is one: no evidence
        return _ODD
    row = _row(char, "shift_jis")
    if 0x88 <= row <= 0x97:  # JIS level 1
        # Japanese without kana is rare, so kanji alone stay below what Chinese reaches.
        return _FAIR / 2
    return _ODD if row else _WRONG


def korean(char: str) -> float:
    if char in _KOREAN:
        return USUAL
    if _HANGUL.match(char):
        return _FAIR
    # Hanja are rare in today's Korean, and are what Chinese bytes turn into.
    return _ODD


_ASCII = 1.5
_MARKS = re.compile(r"[\u2010-\u2044\u20ac\u2116\u2122]")
_ONE_ALPHABET = 0.7
"""Share of the letters of an alphabet that stand in two rows of 256 code points."""


def _alphabetic(char: str) -> float:
    if "\x80" < char < "\u2000" and unicodedata.category(char)[0] in "LM":
        return 2.0
    return _FAIR if _MARKS.match(char) or char in "\xa0«»°§©·" else _WRONG


_LANGUAGES: tuple[Callable[[str], float], ...] = (simplified, traditional, japanese, korean)


def mean_usualness(text: str) -> float:
    """Of all characters, ASCII too, in the language that suits the text best; as `USUAL` and so on.
    For the right encoding of a text it is above 1, for a wrong one mostly below 0."""
    counts = Counter(text)
    known = sum(count * _common(char) for char, count in counts.items() if _common(char))
    rest = {char: count for char, count in counts.items() if not _common(char)}
    scorers = (*_LANGUAGES, _alphabetic) if _is_one_alphabet(rest) else _LANGUAGES
    foreign = max(sum(count * scorer(char) for char, count in rest.items()) for scorer in scorers)
    return (known + foreign) / max(len(text), 1)


@cache
def _common(char: str) -> float:
    """Of what is the same in all languages; 0 for other characters."""
    if " " <= char <= "~" or char in "\t\n\r\f":
        return _ASCII
    if char == "\ufffd" or unicodedata.category(char) in {"Cc", "Cn", "Co", "Cs"}:
        return _WRONG
    return 0.0


def _is_one_alphabet(counts: dict[str, int]) -> bool:
    rows = Counter[int]()
    for char, count in counts.items():
        if char < "\u2000":
            rows[ord(char) >> 8] += count
    return sum(count for _, count in rows.most_common(2)) >= _ONE_ALPHABET * sum(counts.values())
