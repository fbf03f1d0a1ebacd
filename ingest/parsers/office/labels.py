"""Numbers that a program shows in front of list items and that their text does not hold."""

from __future__ import annotations

from typing import Any

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LARGEST = 100_000


def letters(number: int) -> str:
    """1 is a, 26 is z, 27 is aa."""
    text = ""
    while number > 0:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def roman(number: int) -> str:
    text = ""
    for value, numeral in _ROMAN:
        count, number = divmod(number, value)
        text += numeral * count
    return text


def shown(number: int, style: str) -> str:
    """`style` as in HTML's `type`: 1, a, A, i, I."""
    if not 0 < number < _LARGEST or style not in {"a", "A", "i", "I"}:
        return str(number)
    text = letters(number) if style in "aA" else roman(number)
    return text.upper() if style.isupper() else text


def label_items(ordered: Any, attribute: str) -> None:
    """Gives every `<li>` of an `<ol>` the number that a browser shows, `3.` for the third."""
    number = _integer(ordered.get("start")) or 1
    for item in ordered.iterchildren("li"):
        number = _integer(item.get("value")) or number
        item.set(attribute, f"{shown(number, ordered.get('type') or '1')}.")
        number += 1


def _integer(value: str | None) -> int | None:
    try:
        return int(value) if value else None
    except ValueError:
        return None
