"""CSV and TSV: which delimiter, and every row of it.

unstructured's reader fails on UTF-16 and on rows of unequal length, so Python's is used.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice
from typing import Literal

from ingest.parsers.office.sheet_cells import CellCount, SheetCell

_DELIMITERS = (",", ";", "\t", "|")
_ROWS_LOOKED_AT = 200
_TOLD = re.compile(r"\Asep=(.)\n", re.IGNORECASE)
"""Excel's own way to say it."""
_END = "\x1e"
"""A line of our own after the last: no control character is left in decoded text."""
_NUMBER = re.compile(
    r"[-+(]?\s*[$€£¥￥]?\s*[-+]?(?:\d{1,3}(?:[,. '\u00a0]\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*[%‰$€£¥元]?\)?"
)
_DATE = re.compile(
    r"\d{1,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?"
    r"|\d{1,2}:\d{2}(?::\d{2})?"
)
_Quoting = Literal[0, 3]
"""`csv.QUOTE_MINIMAL` and `csv.QUOTE_NONE`."""
_TRUTH = frozenset({"true", "false"})


def read_delimited(text: str, media_type: str, count: CellCount) -> list[SheetCell]:
    """The fields that hold anything. Rows may have any length; blank ones keep their place."""
    told = _TOLD.match(text)
    body = text[told.end() :] if told else text
    delimiter = told[1] if told else find_delimiter(body, media_type)
    return [
        SheetCell(number, col, field.strip(), is_number(field))
        for number, row in enumerate(_rows(body, delimiter))
        for col, field in _filled(row, count)
    ]


def _filled(row: list[str], count: CellCount) -> list[tuple[int, str]]:
    fields = [(col, field) for col, field in enumerate(row) if field and not field.isspace()]
    count.add(len(fields))
    return fields


def find_delimiter(text: str, media_type: str) -> str:
    """The one by which the most rows have the same number of fields, above one; of equals the one
    that makes more, then the more usual. A tab in a TSV needs no proof."""
    if media_type == "text/tab-separated-values" and "\t" in text[: 1 << 16]:
        return "\t"
    ratings = {delimiter: _rating(text, delimiter) for delimiter in _DELIMITERS}
    best = max(ratings, key=lambda delimiter: (ratings[delimiter], -_DELIMITERS.index(delimiter)))
    return best if ratings[best] > (0.0, 0) else ","


def _rating(text: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [row for row in islice(_reader(text, delimiter), _ROWS_LOOKED_AT) if row]
    except csv.Error:
        return 0.0, 0
    widths = Counter(map(len, rows))
    if not widths:
        return 0.0, 0
    width, rows_of_it = max(((w, n) for w, n in widths.items() if w > 1), key=lambda x: (x[1], x[0]), default=(0, 0))
    return round(rows_of_it / len(rows), 2), width


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """A quote that is never closed would swallow the rest of the file: then quotes are plain characters."""
    quoting: _Quoting = csv.QUOTE_MINIMAL if _quotes_close(text, delimiter) else csv.QUOTE_NONE
    return _reader(text, delimiter, quoting)


def _quotes_close(text: str, delimiter: str) -> bool:
    if '"' not in text:
        return True
    rows = _reader(text if text.endswith("\n") else text + "\n", delimiter, end=_END)
    return [*deque(rows, maxlen=1)] == [[_END]]


def _reader(text: str, delimiter: str, quoting: _Quoting = csv.QUOTE_MINIMAL, end: str = "") -> Iterator[list[str]]:
    # The module's own limit on a field is below what a cell may hold.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    lines: Iterator[str] = io.StringIO(text)
    if end:
        lines = (line for part in (lines, (end,)) for line in part)
    return csv.reader(lines, delimiter=delimiter, quoting=quoting)


def is_number(field: str) -> bool:
    """A number, an amount, a date or a truth value: no name of a column."""
    text = field.strip()
    if text.lower() in _TRUTH:
        return True
    return any(map(str.isdigit, text)) and bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))
