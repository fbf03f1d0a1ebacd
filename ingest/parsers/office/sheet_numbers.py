"""Values of cells as a reader sees them: Excel's number formats, as far as they change what is read.

Dates are ISO 8601 to the part that the format shows, so that they mean the same in every
language. Colours, conditions, fills and paddings are left out.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.|([0#?](?:[0#?,.]*[0#?.])?,*)|(E[+-]0+)|(.)', re.S
)
_SECTION_END = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_GENERAL_DIGITS = 10
"""Excel shows eleven characters of a number without a format, its point included."""
_LARGEST_EXACT = 10**15


class _Format(NamedTuple):
    """One section of a number format."""

    before: str
    after: str
    decimals: int
    """At most; -1 for a text in place of the number."""
    least_decimals: int
    least_digits: int
    grouped: bool
    scale: int
    """Powers of ten to divide by: thousands for trailing commas, -2 for a percent."""
    exponent: bool
    general: bool


_GENERAL = _Format("", "", 0, 0, 0, grouped=False, scale=0, exponent=False, general=True)


def shown_number(value: float, number_format: str) -> str:
    """A number in its format; what the format does not say is as Excel has it by default.
    A section that hides the number is passed over."""
    positive, negative, zero = _sections(number_format)
    if value < 0 and negative:
        return _filled(-value, negative)
    text = _filled(abs(value), (zero or positive) if value == 0 else positive)
    # A minus sign before nothing but zeros is none.
    return f"-{text}" if value < 0 and re.search("[1-9]", text) else text


def shown_date(value: datetime | date | time | timedelta, number_format: str) -> str:
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    shows = _date_parts(number_format)
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # a sheet knows no zones
    clock = value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if "d" not in shows and "m" not in shows and "y" not in shows:
        return clock if "h" in shows or value.time() != time() else value.strftime("%Y-%m-%d")
    if "d" not in shows and "h" not in shows:
        return f"{value.year:04d}-{value.month:02d}" if "m" in shows else f"{value.year:04d}"
    day = f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    return f"{day} {clock}" if "h" in shows or (value.time() != time() and "d" not in shows) else day


def shown_general(value: float) -> str:
    if value == int(value) and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    return format(value, f".{_GENERAL_DIGITS}g").replace("e", "E")


@lru_cache(maxsize=512)
def _date_parts(number_format: str) -> frozenset[str]:
    text = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format.split(";", maxsplit=1)[0]).lower()
    # An m beside hours or seconds is minutes.
    text = re.sub(r"h+[^a-z]*m+|m+[^a-z]*s+", "h", text)
    return frozenset(part for part in "ymdh" if part in text) | (frozenset("h") if "s" in text else frozenset())


@lru_cache(maxsize=512)
def _sections(number_format: str) -> tuple[_Format, _Format | None, _Format | None]:
    """For positive numbers, negative ones, and zero."""
    first, *others = _SECTION_END.split(number_format)
    if re.search(r"\[[<>=]", number_format):
        others = []  # sections for other cases than these
    negative, zero = (_section(text) if text.strip() else None for text in (*others, "", "")[:2])
    return _section(first), negative, zero


def _section(text: str) -> _Format:
    if re.search(r"[?0#]\s*/", text) or text.strip() in {"", "@"}:
        return _GENERAL  # a fraction, whose value says more, or no format
    general = "general" in text.lower()
    before: list[str] = []
    after: list[str] = []
    digits, percent, exponent = "", 0, False
    for quoted, escaped, currency, run, power, other in _TOKEN.findall(re.sub("general", "#", text, flags=re.I)):
        if run and digits:
            return _GENERAL  # digits in groups, as in phone numbers
        digits = digits or run
        exponent = exponent or bool(power)
        percent += other == "%"
        (after if digits else before).append(quoted or escaped or currency or other)
    whole, _, fraction = digits.rstrip(",").partition(".")
    return _Format(
        before="".join(before).lstrip(),
        after="".join(after).rstrip(),
        decimals=len(fraction) if digits else -1,
        least_decimals=fraction.count("0"),
        least_digits=whole.count("0"),
        grouped="," in whole,
        scale=3 * (len(digits) - len(digits.rstrip(","))) - 2 * percent,
        exponent=exponent,
        general=general,
    )


def _filled(value: float, section: _Format) -> str:
    return (section.before + _digits(value, section) + section.after).strip()


def _digits(value: float, section: _Format) -> str:
    if section.general:
        return shown_general(value)
    if section.decimals < 0:
        return ""
    if section.exponent:
        return format(value, f".{section.decimals}E")
    try:
        scaled = Decimal(repr(value)).scaleb(-section.scale)
        rounded = scaled.quantize(Decimal(1).scaleb(-section.decimals), rounding=ROUND_HALF_UP)
    except InvalidOperation:  # more digits than anybody reads
        return shown_general(value)
    text = f"{rounded:,f}" if section.grouped else f"{rounded:f}"
    whole, _, fraction = text.partition(".")
    kept = fraction[: section.least_decimals] + fraction[section.least_decimals :].rstrip("0")
    return whole.zfill(section.least_digits) + (f".{kept}" if kept else "")
