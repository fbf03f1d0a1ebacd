"""What MuPDF found broken while it read a page: it goes on without it, and says so beside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pymupdf

_BROKEN = re.compile(
    r"read error; treating as end of file|zlib error|library error|cannot load object"
    r"|object out of range|not a stream|syntax error|format error"
)


def forget_damage() -> None:
    import pymupdf

    pymupdf.TOOLS.reset_mupdf_warnings()


def damage_told(page: pymupdf.Page) -> str:
    """What was broken since, in MuPDF's words, or of the page itself; empty when nothing was."""
    import pymupdf

    kind, value = page.parent.xref_get_key(page.xref, "Type")
    if kind == "name" and value != "/Page":
        return f"what should be a page is a {value.removeprefix('/')}"
    lines = pymupdf.TOOLS.mupdf_warnings().splitlines()
    return next((line for line in lines if _BROKEN.search(line)), "")
