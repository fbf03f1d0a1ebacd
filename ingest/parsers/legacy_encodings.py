"""Tells the multi-byte encodings of Chinese, Japanese and Korean apart, short texts included.

General detectors judge by how orderly the decoded characters look, which needs pages of text:
nearly every pair of bytes is some character in each of these encodings. Here each candidate is
decoded and scored by how usual its characters are in the language that the encoding is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ingest.text_bytes import REPLACEMENT

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

_USUAL, _FAIR, _ODD, _WRONG = 3.0, 1.0, -1.0, -4.0
_ACCEPTED = 0.75
"""Mean score from which a text is taken for the language. Prose in the right encoding has about
2; bytes of another encoding rarely reach 0.5."""
_READ = 64 * 1024
"""Bytes that are scored; the encoding of a file does not change on the way."""
_TOO_MANY_WRONG = 0.02


@dataclass(frozen=True, slots=True)
class _Candidate:
    codec: str
    score: Callable[[str], float]
    """Of one character beyond ASCII."""


def guess_cjk(data: bytes) -> str | None:
    """The codec name of Chinese, Japanese or Korean text in a multi-byte encoding, else None.

    Characters that cannot be decoded may be 2 % (a damaged or cut file is still read).
    """
    best, best_score = None, _ACCEPTED
    for candidate in _CANDIDATES:
        text = data[:_READ].decode(candidate.codec, errors="replace")
        foreign = [c for c in text if c >= "\x80"]
        if len(foreign) < 2 or _undecoded(text) > _TOO_MANY_WRONG * len(foreign) + 1:
            continue
        mean = sum(map(candidate.score, foreign)) / len(foreign)
        if mean > best_score:
            best, best_score = candidate.codec, mean
    return best


def _undecoded(text: str) -> int:
    # The cut at _READ may halve the last character.
    return text[:-1].count(REPLACEMENT)


@cache
def _row(char: str, codec: str) -> int:
    """The first byte of a two-byte code, 0 for a character that has none."""
    code = char.encode(codec, "ignore")
    return code[0] if len(code) == 2 else 0


def _simplified(char: str) -> float:
    if char in _SIMPLIFIED or char in _CHINESE_MARKS:
        return _USUAL
    row = _row(char, "gb2312")
    if 0xB0 <= row <= 0xD7:  # level 1: the 3,755 characters of daily use
        return _FAIR
    return _ODD if row else _WRONG


def _traditional(char: str) -> float:
    if char in _TRADITIONAL or char in _CHINESE_MARKS:
        return _USUAL
    row = _row(char, "big5")
    if 0xA4 <= row <= 0xC6 and _HAN.match(char):  # level 1: 5,401 characters of daily use
        return _FAIR
    return _ODD if row else _WRONG


def _japanese(char: str) -> float:
    if _KANA.match(char) or char in "、。「」・ー":
        return _USUAL
    if _HALF_KANA.match(char):  # any byte from A1 to DF is one: no evidence
        return _ODD
    row = _row(char, "shift_jis")
    if 0x88 <= row <= 0x97:  # JIS level 1
        # Japanese without kana is rare, so kanji alone stay below what Chinese reaches.
        return _FAIR / 2
    return _ODD if row else _WRONG


def _korean(char: str) -> float:
    if char in _KOREAN:
        return _USUAL
    if _HANGUL.match(char):
        return _FAIR
    # Hanja are rare in today's Korean, and are what Chinese bytes turn into.
    return _ODD


_CANDIDATES = (
    _Candidate("gb18030", _simplified),
    _Candidate("big5hkscs", _traditional),
    _Candidate("cp932", _japanese),
    _Candidate("euc_jp", _japanese),
    _Candidate("cp949", _korean),
)
