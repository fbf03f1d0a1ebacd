"""Numbers and dates as Excel shows them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from ingest.parsers.office.sheet_numbers import shown_date, shown_number


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (3.0000000001, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (-3, "General", "-3"),
        (123456789012, "General", "123456789012"),
        (1e-7, "General", "1E-07"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (2.5, "0", "3"),
        (1.5, "0.##", "1.5"),
        (-0.001, "0.00", "0.00"),
        (0.256, "0.0%", "25.6%"),
        (12, "00000", "00012"),
        (-5.5, "#,##0.00_);(#,##0.00)", "(5.50)"),
        (-5.5, "#,##0.00_);[Red]-#,##0.00", "-5.50"),
        (0, '0;-0;"n/a"', "n/a"),
        (7, ";;;", "7"),
        (1234.5, "_-[$€-407]* #,##0.00_-", "€1,234.50"),
        (44, '"¥"#,##0', "¥44"),
        (88, '#,##0"元"', "88元"),
        (1500000, '0.0,,"M"', "1.5M"),
        (12345, "0.00E+00", "1.23E+04"),
        (1.5, "# ?/?", "1.5"),
        (3, 'General" kg"', "3 kg"),
        (1e300, "0.00", "1E+300"),
    ],
)
def test_a_number_stands_as_its_format_shows_it(value, number_format, shown):
    assert shown_number(value, number_format) == shown


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (datetime(2024, 3, 1), "mm-dd-yy", "2024-03-01"),
        (datetime(2024, 3, 1, 14, 5), "m/d/yy h:mm", "2024-03-01 14:05"),
        (datetime(2024, 3, 1, 14, 5, 9), "yyyy-mm-dd hh:mm:ss", "2024-03-01 14:05:09"),
        (datetime(2024, 3, 1), 'yyyy"年"m"月"d"日"', "2024-03-01"),
        (datetime(2024, 3, 1), "mmm-yy", "2024-03"),
        (datetime(2024, 3, 1), "yyyy", "2024"),
        (date(2024, 3, 1), "", "2024-03-01"),
        (time(9, 30), "h:mm AM/PM", "09:30"),
        (timedelta(hours=27, minutes=5), "[h]:mm", "27:05:00"),
    ],
)
def test_a_date_is_iso_to_the_part_that_is_shown(value, number_format, shown):
    assert shown_date(value, number_format) == shown
