from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ingest.cli.moments import read_moment
from schemas.errors import ConfigError

ZONE = timezone(timedelta(hours=8))
NOW = datetime(2026, 8, 10, 12, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-08-01T14:30", datetime(2026, 8, 1, 14, 30, tzinfo=ZONE)),
        ("2026-08-01 14:30:15.25", datetime(2026, 8, 1, 14, 30, 15, 250_000, tzinfo=ZONE)),
        ("2026-08-01T00:00", datetime(2026, 8, 1, tzinfo=ZONE)),
        ("2026-08-01T14:30Z", datetime(2026, 8, 1, 22, 30, tzinfo=ZONE)),
        ("2026-08-01T14:30+02:00", datetime(2026, 8, 1, 20, 30, tzinfo=ZONE)),
        ("2026-08-01", datetime(2026, 8, 1, 23, 59, 59, 999_999, tzinfo=ZONE)),
        ("2026-08-10", NOW),
        ("2 days ago", datetime(2026, 8, 8, 12, 30, tzinfo=ZONE)),
        ("an hour ago", datetime(2026, 8, 10, 11, 30, tzinfo=ZONE)),
        ("昨天", datetime(2026, 8, 9, 12, 30, tzinfo=ZONE)),
        ("3天前", datetime(2026, 8, 7, 12, 30, tzinfo=ZONE)),
    ],
)
def test_a_time_is_read_in_the_zone_of_the_reader(text: str, meant: datetime) -> None:
    assert read_moment(text, NOW) == round(meant.timestamp() * 10**6) * 1_000


@pytest.mark.parametrize("text", ["", "10", "hello", "2026-13-01", "before the flood"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ConfigError, match="is no time: give 2026-08-01"):
        read_moment(text, NOW)
