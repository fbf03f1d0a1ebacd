"""What a PDF says of itself, as far as it can be believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import PurePath

from ingest.parsers.pdf.text import clean
from schemas.source import MetadataValue

_DATE = re.compile(
    r"^(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?\s*(?:([Zz+\-])(?:(\d{2})'?:?(\d{2})?'?)?)?"
)
_FILE_NAME = re.compile(
    r"\.(?:docx?|pptx?|xlsx?|pdf|tex|dvi|indd|qxd|rtf|odt|odp|ods|wpd|pmd|p65|fm|ai|eps|ps|txt|html?|jpe?g|png|"
    r"tiff?|cdr|pub|vsd|psd|key|numbers|pages|wps)$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"^(?:untitled.*|\(?anonymous\)?|\(?unspecified\)?|none|null|unknown|title|document\s*\d*|presentation\s*\d*|"
    r"powerpoint presentation|power point 演示文稿|powerpoint 演示文稿|slide\s*\d+|book\s*\d*|sheet\s*\d*|"
    r"microsoft (?:word|powerpoint|excel)\b.*|print|scan(?:ned)?\b.*|layout 1|"
    r"无标题.*|未命名.*|文档\s*\d*|演示文稿\s*\d*|工作簿\s*\d*)$",
    re.IGNORECASE,
)


_NOBODY = re.compile(r"^\(?(?:anonymous|unspecified|unknown|none|null)\)?$", re.IGNORECASE)


def real_title(title: str, file_name: str) -> str | None:
    """The title when a person may have written it: not a placeholder, a program's default, a
    path or the name of a file."""
    text = " ".join(clean(title).split())
    letters = sum(character.isalpha() for character in text)
    if letters < 2 or "\ufffd" in text or _PLACEHOLDER.match(text) or _FILE_NAME.search(text):
        return None
    if re.match(r"^(?:[a-zA-Z]:\\|/|file:|https?:)", text) or ("_" in text and " " not in text):
        return None
    stem = PurePath(file_name).stem
    return None if re.sub(r"\W|_", "", text).casefold() == re.sub(r"\W|_", "", stem).casefold() else text


def iso_date(value: str) -> str | None:
    """A PDF date as ISO 8601, with the offset where it is known; None for what is no date."""
    match = _DATE.match(value.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, off_hours, off_minutes = match.groups()
    zone = None
    try:
        if sign:
            offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
            zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
        )
    except ValueError:
        return None
    return moment.isoformat()


def metadata_of(info: Mapping[str, str | None]) -> dict[str, MetadataValue]:
    """Author, subject, keywords, created and modified, where the file has them."""
    found: dict[str, MetadataValue] = {}
    for name in ("author", "subject", "keywords"):
        text = " ".join(clean(info.get(name) or "").split())
        if text and "\ufffd" not in text and not _NOBODY.match(text):
            found[name] = text
    for name, key in (("created", "creationDate"), ("modified", "modDate")):
        moment = iso_date(info.get(key) or "")
        if moment:
            found[name] = moment
    return found
