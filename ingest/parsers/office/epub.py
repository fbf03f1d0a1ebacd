"""Books made ready for pandoc."""

from __future__ import annotations

import io
import re
import zipfile

_PAGES = (".xhtml", ".html", ".htm", ".xml")
_TITLE_PAGE = re.compile(rb"""(\bepub:type\s*=\s*["'][^"']*?)\b(?:half)?titlepage\b""")


def with_title_pages(package: bytes) -> bytes:
    """Pandoc takes what calls itself the title page for metadata and leaves it out, with an epigraph or a preface that
    stands on it. A damaged package as it is: pandoc says so."""
    made = io.BytesIO()
    changed = False
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as book, zipfile.ZipFile(made, "w") as plain:
            for member in book.infolist():
                content = book.read(member)
                told = _TITLE_PAGE.sub(rb"\1", content) if member.filename.lower().endswith(_PAGES) else content
                changed = changed or told != content
                plain.writestr(member.filename, told)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        return package
    return made.getvalue() if changed else package
