"""What a report says of runs, sources, files, documents, pages and points; the definitions are those of
`schemas.quality`."""

from __future__ import annotations

from datetime import datetime

from schemas.base import Record
from schemas.document import PageMethod
from schemas.report import RunSummary


class RunLine(Record):
    """A run of the home, whatever its sources. `state`: running, done, failed or interrupted. Times are
    in whole seconds."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    summary: RunSummary | None


class SourceLine(Record):
    """`files`: as `FileOutcomes.listed`. `failures`: in quarantine, members included."""

    name: str
    root: str
    files: int
    documents: int
    failures: int


class FileOutcomes(Record):
    """Files that lie in a source themselves (members are not among them) and that a run has dealt
    with; ignored ones are not known. Each is in one of five groups, which add up to `listed`:

    `indexed`: it went well, and gave a live document that is not a copy.
    `copies`: it went well, and its document is one of `DocumentCounts.copies`.
    `opened`: it went well, and has no document of its own: an archive.
    `stale`: it failed, and an older version of it, or of what it holds, is still live.
    `quarantined`: it failed, and nothing of it is live.

    `failed_members`: members in quarantine. `by_code`: everything in quarantine, files and members,
    by error code.
    """

    listed: int
    indexed: int
    copies: int
    opened: int
    stale: int
    quarantined: int
    failed_members: int
    by_code: dict[str, int]


class DocumentCounts(Record):
    """`total`: live documents. `members`: of them, out of an archive or a mail.

    `copies`: those whose file has the same SHA-256 as that of a live document of the tenant before
    them, in the order of source and path. `stale`: the last attempt to read a newer version failed.
    `unread`: their chunk set is missing from the store or damaged; nothing below counts them.
    `without_parse`: their chunks are there, but the parse is not, is damaged, or is not named.
    `without_headings`: no chunk of them has a heading path, or they have no chunk. `by_parser`: by the
    name of the parser, where the parse is there. `coarse`: of these, those that an older release parsed and that have
    a chunk with a part of a paragraph or table: its boxes are those of all of that.
    """

    total: int
    members: int
    copies: int
    stale: int
    unread: int
    without_parse: int
    without_headings: int
    by_parser: dict[str, int]
    coarse: int = 0


class PageCounts(Record):
    """Pages of parses, by `Page.method`; every method is named. `documents_without`: parses that
    have no pages (text, Markdown, sheets)."""

    total: int
    by_method: dict[PageMethod, int]
    documents_without: int


class PointCounts(Record):
    """Current rows of the index, as the catalog knows them, of live documents. `through_survivor`:
    those without a vector, for which another chunk answers."""

    current: int
    through_survivor: int


class FailureLine(Record):
    source: str
    path: str
    stage: str
    code: str
    message: str
    attempts: int


class Finding(Record):
    """A document that something is wrong with. `code` is that of a `Reason`, `count` what it counts:
    characters (text_lost), chunks (over_budget, headless), rows (half_row), pages (page_failed); 1 for
    chunks_missing, stale and parse_missing."""

    source: str
    path: str
    code: str
    count: int
