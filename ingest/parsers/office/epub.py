"""Books made ready for pandoc."""

from __future__ import annotations

import io
import re
import zipfile

from ingest.parsers.office.package import BAD_ZIP

_PAGES = (".xhtml", ".html", ".htm", ".xml")
_TITLE_PAGE = re.compile(rb"""(\bepub:type\s*=\s*["'][^"']*?)\b(?:half)?titlepage\b""")


def with_title_pages(package: bytes) -> bytes:
    """Pandoc takes what calls itself the title page for metadata and leaves it out, with an epigraph or a preface that
    stands on it. A damaged package as it is: pandoc reads it or says why not."""
    made = io.BytesIO()
    changed = False
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as book, zipfile.ZipFile(made, "w") as plain:
            for member in book.infolist():
                content = book.read(member)
                told = _TITLE_PAGE.sub(rb"\1", content) if member.filename.lower().endswith(_PAGES) else content
                changed = changed or told != content
                plain.writestr(member.filename, told)
    except BAD_ZIP:
        return package  # one damaged picture is no reason to refuse a book that pandoc may read
    return made.getvalue() if changed else package
