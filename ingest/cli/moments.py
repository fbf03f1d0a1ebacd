"""Times as people type them: a date, a date and time, or how long ago."""

from __future__ import annotations

from datetime import datetime, time, tzinfo

from schemas.errors import ConfigError

_NS = 10**9
_LANGUAGES = ["en", "zh"]


def read_moment(text: str, now: datetime) -> int:
    """Nanoseconds since the epoch. `now` knows its zone, and what names no zone is meant in that one.

    A date alone is the end of that day: all that was published on it counts. Today's is now. Raises `ConfigError`.
    """
    moment = _absolute(text, now) or _relative(text, now)
    if moment is None:
        raise ConfigError(f"'{text}' is no time: give 2026-08-01, 2026-08-01T14:30, or for example '2 days ago'")
    return int(moment.timestamp()) * _NS + moment.microsecond * 1_000


def _absolute(text: str, now: datetime) -> datetime | None:
    """As ISO 8601 writes it."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.time() == time() and not any(sign in text.strip() for sign in "T: "):
        end = _zoned(datetime.combine(moment.date(), time.max), now.tzinfo)
        return now if moment.date() == now.date() else end
    return _zoned(moment, now.tzinfo)


def _zoned(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _relative(text: str, now: datetime) -> datetime | None:
    import dateparser

    found: datetime | None = dateparser.parse(
        text,
        languages=_LANGUAGES,
        settings={
            "PARSERS": ["relative-time"],
            "PREFER_DATES_FROM": "past",
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    return _zoned(found, now.tzinfo) if found is not None else None
