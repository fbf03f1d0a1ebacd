"""Where sentences and Chinese words end: the two segmenters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.search.words import words
from recounting.reading import Reading
from recounting.rows import Row, row
from recounting.spans import Record

PROSE = {"paragraph", "quote", "list_item"}
CLOSING = set(".!?…:;。！？：；．‥︒؟۔।॥՝։｡")
BEHIND_CLOSING = "\"'“”‘’«»()[]{}（）「」『』【】〉》〕*_`~ \t\r\n\u3000\u00a0"
HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
NARROW_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


class Segmentation:
    def __init__(self) -> None:
        self._borders: Counter[str] = Counter()

    def add(self, reading: Reading) -> None:
        """Borders between chunks that are inside of a block of prose."""
        parse = reading.parse
        if parse is None:
            return
        text = parse["text"]
        for chunk, after in pairwise(reading.chunk_set["chunks"]):
            block = parse["blocks"][after["blocks"][0]]
            if chunk["blocks"][-1] == after["blocks"][0] and block["kind"] in PROSE:
                left = text[block["start"] : chunk["spans"][-1][1]]
                right = text[after["spans"][0][0] : block["end"]]
                if not CLOSING & set(left[-400:] + right[:400]):
                    continue
                before = left[-40:].rstrip(BEHIND_CLOSING)[-1:]
                behind = right[:40].lstrip()[:1]
                self._borders.update(total=1, inside=_goes_on(before, behind))

    def rows(self, told: Record) -> Iterator[Row]:
        for name in ("total", "inside"):
            yield row(f"borders.{name}", told[name], self._borders[name])


def _goes_on(before: str, behind: str) -> bool:
    if not before or not behind or before in CLOSING:
        return False
    return behind.islower() or bool(NARROW_HAN.match(before) and NARROW_HAN.match(behind))


def han_rows(told: Record, chunks: Sequence[Record]) -> Iterator[Row]:
    """Of the sampled chunks."""
    han: Counter[str] = Counter(dict.fromkeys(("characters", "alone", "words", "length"), 0))
    for chunk in chunks:
        han["characters"] += len(re.findall(f"[{HAN}]", unicodedata.normalize("NFKC", chunk["text"])))
        terms = ["", *words(chunk["text"]), ""]
        for before, term, behind in zip(terms, terms[1:], terms[2:], strict=False):
            if not re.fullmatch(f"[{HAN}]+", term):
                continue
            if len(term) == 1:
                han["alone"] += 1
            elif term != before + behind or not before or not behind:
                han.update(words=1, length=len(term))
    for name in ("characters", "alone", "words"):
        yield row(f"han.{name}", told[name], han[name])
    yield row("han.sampled", told["sampled"], len(chunks))
    yield row("han.mean_length", told["mean_length"], han["length"] / han["words"] if han["words"] else None)
