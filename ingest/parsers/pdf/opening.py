"""A PDF file opened: passwords, page limit, and what is wrong with files that do not open."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.parsers.base import ParseInput, ReadOptions
from schemas.errors import CorruptFile, EncryptedFile, TooLarge

if TYPE_CHECKING:
    import pymupdf

_SOFT_HYPHEN = "\u00ad"


def open_pdf(source: ParseInput, options: ReadOptions) -> pymupdf.Document:
    """Raises `EncryptedFile`, `CorruptFile`, and `TooLarge` above `max_pages`; no page was read by then."""
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(source.path, filetype="pdf")
        unlock(document, source.name, options.passwords)
        count = document.page_count
    except (
        pymupdf.FileDataError,
        pymupdf.EmptyFileError,
        pymupdf.mupdf.FzErrorBase,
        RuntimeError,
        ValueError,
    ) as error:
        raise CorruptFile(
            f"{source.name} is not a readable PDF ({_reason(error, source)}): open it in a PDF viewer and save "
            "it again, or fetch it anew from where it came.",
            name=source.name,
        ) from error
    if count == 0:
        raise CorruptFile(f"{source.name} is a PDF without pages: fetch it anew from where it came.", name=source.name)
    check_pages(count, source.name, options)
    return document


def check_pages(count: int, name: str, options: ReadOptions) -> None:
    """Raises `TooLarge` above `max_pages`."""
    if count > options.max_pages:
        raise TooLarge(
            f"{name} has {count:,} pages, more than the {options.max_pages:,} that parse.max_pages allows: "
            "raise it, or split the file.",
            name=name,
            pages=count,
            max_pages=options.max_pages,
        )


def unlock(document: pymupdf.Document, name: str, passwords: tuple[str, ...]) -> None:
    """Tries the passwords in their order. None of them is ever told."""
    if not document.needs_pass:
        return
    for password in passwords:
        if any(document.authenticate(spelling) for spelling in _spellings(password)):
            return
    if not passwords:
        raise EncryptedFile(
            f"{name} needs a password: set parse.passwords, or save a copy without one and put it in its place.",
            name=name,
        )
    raise EncryptedFile(
        f"None of the {len(passwords)} passwords in parse.passwords opens {name}: add the right one, or save a "
        "copy without one and put it in its place.",
        name=name,
        passwords_tried=len(passwords),
    )


def _spellings(password: str) -> Iterator[str]:
    """As it is, and as programs prepare it that follow PDF 2.0 (SASLprep)."""
    yield password
    prepared = unicodedata.normalize("NFKC", password.replace(_SOFT_HYPHEN, ""))
    if prepared != password:
        yield prepared


def _reason(error: Exception, source: ParseInput) -> str:
    """Without the path of a copy that the user does not know."""
    if source.size == 0:
        return "it is empty"
    text = str(error)
    return "it is damaged" if str(source.path) in text else text.removeprefix("code=").strip()
