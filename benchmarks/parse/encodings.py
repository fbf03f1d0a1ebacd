"""How short a text may be for its encoding to be told: pieces of real texts, in every encoding.

    python benchmarks/parse/encodings.py CORPUS

Right of those tried, by length in characters. `pure`: without what is ASCII, the hardest case for
UTF-16. Pieces that come out as ASCII alone are not counted.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ingest.parsers.decoding import decode
from schemas.errors import InputError

_LENGTHS = (4, 8, 20, 60, 300, 3000)
_TRIED = 60
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_HAN = r"[^\u3001-\u303f\u4e00-\u9fff\uff00-\uff5e]"
_LANGUAGES = {
    "Chinese": (("gb18030", *_WIDE), _HAN),
    "traditional": (("big5hkscs", *_WIDE), _HAN),
    "Japanese": (("cp932", "euc_jp", *_WIDE), r"[^\u3001-\u30ff\u4e00-\u9fff]"),
    "Russian": (("cp1251", "koi8_r", "cp866", *_WIDE), r"[^\u0400-\u04ff .,]"),
    "English": (_WIDE, ""),
}


def texts(corpus: Path) -> Iterator[tuple[str, str]]:
    rfcs = corpus / "history_rfcs" / "2026-08-01" / "text"
    letters = rfcs / "3392-leadership-council"
    chinese = sorted((corpus / "drop_folder").rglob("*_cn.md"))[:30]
    yield "Chinese", "".join(path.read_text("utf-8") for path in chinese)
    for language, name in (("traditional", "zh-Hant"), ("Japanese", "ja"), ("Russian", "ru-RU")):
        yield language, (letters / f"Leadership-Council-RFC{name}.md").read_text("utf-8")
    yield "English", (rfcs / "3392-leadership-council.md").read_text("utf-8")


def right(text: str, codec: str, length: int, chance: random.Random) -> tuple[int, int]:
    """Of the pieces tried, and how many those are."""
    good = tried = 0
    for _ in range(_TRIED):
        start = chance.randrange(max(len(text) - length, 1))
        data = text[start : start + length].strip().encode(codec, errors="ignore")
        piece = data.decode(codec)
        if not piece or (codec not in _WIDE and data.isascii()):
            continue
        tried += 1
        try:
            good += decode(data).text == decode(piece.encode()).text
        except InputError:
            continue  # refused: not right
    return good, tried


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    corpus = parser.parse_args().corpus
    if not (corpus / "history_rfcs").is_dir():
        sys.exit(f"{corpus} has no history_rfcs: name the folder of the corpus")
    print(f"{'characters':>38}" + "".join(f"{length:>10}" for length in _LENGTHS))
    for language, text in texts(corpus):
        codecs, foreign = _LANGUAGES[language]
        for kind, told in (("real", text), ("pure", re.sub(foreign, "", text) if foreign else "")):
            for codec in codecs if told else ():
                chance = random.Random(1)
                figures = ("{}/{}".format(*right(told, codec, length, chance)) for length in _LENGTHS)
                print(f"{language:14}{kind:8}{codec:16}" + "".join(f"{figure:>10}" for figure in figures))


if __name__ == "__main__":
    main()
