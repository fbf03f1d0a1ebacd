"""How captions of figures and tables begin."""

from __future__ import annotations

import re

CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)?|table|图|表|图表)\s*[\dIVX一二三四五六七八九十]+(?:[.\-–]\d+)*(?=\s*[:：.．、—–-]|\s|$|[^\x00-\x7f])",
    re.IGNORECASE,
)
"""A caption's beginning."""
