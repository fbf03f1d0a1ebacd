"""Files and documents by format, and what to do about those that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from ingest.media_types import BINARY_NAMES, DRAWINGS, MARKDOWN_NAMES, OTHER_TEXT_NAMES, ROUTES
from schemas.parsing import FailureKind, FormatLine, ParseOutcome
from schemas.report import Failure
from schemas.source import Route

_SENTENCES = {
    "unreadable": "Let the user that runs docstrata read these files, mend dangling links, and run again.",
    "unsupported_format": "Save these files in a format that docstrata reads, or leave them out with source.exclude.",
    "corrupt_file": "Open these files in the program that made them, save them anew, and run again.",
    "encrypted_file": "Save these files without a password, and run again.",
    "too_large": "Split these files, or raise the limit that their message names, and run again.",
    "no_text": "Look whether these files hold any text; if it is in pictures, see that OCR is on.",
    "bad_sidecar": "Mend the files beside these that hold their metadata, and run again.",
    "parser_crashed": "Save these files anew, for example as PDF; if they crash again, please report it.",
    "parser_timeout": "Split these files, or raise parse.timeout_s, and run with --retry-failed.",
    "input": "Read the message of each in 'docstrata failures'.",
}
"""By the codes of `schemas.errors` that end in quarantine."""
_OTHERWISE = "Read the message of each in 'docstrata failures', and run with --retry-failed when the cause is gone."


def failure_kinds(failures: Iterable[Failure]) -> tuple[FailureKind, ...]:
    counts = Counter(failure.code for failure in failures)
    return tuple(
        FailureKind(code=code, files=files, sentence=_SENTENCES.get(code, _OTHERWISE))
        for code, files in sorted(counts.items())
    )


def format_lines(counts: Counter[tuple[str, Route, ParseOutcome]]) -> tuple[FormatLine, ...]:
    order = list(ParseOutcome)
    return tuple(
        FormatLine(media_type=media_type, route=route, outcome=outcome, documents=documents)
        for (media_type, route, outcome), documents in sorted(
            counts.items(), key=lambda item: (item[0][0], item[0][1].value, order.index(item[0][2]))
        )
    )


def route_of(media_type: str) -> Route:
    """Who reads it."""
    if media_type.startswith("image/") and media_type not in DRAWINGS:
        return Route.IMAGE
    return ROUTES.get(media_type, Route.UNSUPPORTED)


def route_by_name(path: str) -> Route:
    """Who would have read a file of that name."""
    suffix = PurePosixPath(path.lower()).suffix
    if suffix == ".pdf":
        return Route.PDF
    if suffix in MARKDOWN_NAMES:
        return Route.MARKDOWN
    return route_of(BINARY_NAMES.get(suffix) or OTHER_TEXT_NAMES.get(suffix, "text/plain"))
