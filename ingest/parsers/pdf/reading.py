"""All pages of one document, in their order, by however many processes are idle."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator

from ingest.parsers.base import ParseInput
from ingest.parsers.pdf.parts import Found, PagesPart, PageTask, PartReader, Task, failed
from ingest.parsers.pdf.picture_look import Look
from ingest.parsers.pdf.pipeline import PageOrScan
from ingest.parsers.pdf.triage import OcrNeed
from ingest.workers.child import more_time
from ingest.workers.parts import in_parts, second_try
from schemas.errors import InputError, ParserTimeout

_PAGES_READ, _PAGES_LOOKED_AT = 4, 32
"""Of a part: enough that handing it over costs little beside it, and what is lost with it is read again soon."""
_PAGES_IN_TIME = 100
"""Pages that may take as long as a file of no more of them."""
_MOST_HANGING = 5
"""Pages that take too long, after which the file is given up."""
_ALONE = 2
"""Parts on their way when every page is a part, and may be an image."""

_reading = itertools.count(1)


class DocumentReading:
    """One reading of one file. Where it ended its process once (`second_try`), every page is a part
    of its own and is read in another process: a page that ends that one, hangs or bloats it is
    FAILED, and the others are read."""

    def __init__(self, source: ParseInput, reader: PartReader) -> None:
        self._document = f"{os.getpid()}.{next(_reading)}"
        self._source = source
        self._reader = reader
        self._hanging = 0

    def looks(self, count: int) -> Iterator[Look]:
        """Of pages that could not be looked at without harm there is only the reason."""
        pages = [PageTask(index, Task.LOOK) for index in range(count)]
        for found in self._found(pages, _PAGES_LOOKED_AT):
            if isinstance(found, Look):
                yield found
            elif not isinstance(found, tuple | OcrNeed):
                yield Look(found.number - 1, error=f"The pictures on page {found.number} were not read: {found.reason}")

    def pages(self, tasks: Iterable[PageTask]) -> Iterator[PageOrScan | OcrNeed]:
        for found in self._found(tasks, _PAGES_READ):
            if not isinstance(found, Look):
                yield found

    def _found(self, tasks: Iterable[PageTask], size: int) -> Iterator[Found]:
        alone = second_try()
        parts = self._parts(tasks, 1 if alone else size)
        for part, outcome in self._done(parts, alone=alone):
            if isinstance(outcome, InputError) and len(part) > 1:
                for single, result in self._done(self._parts(part.pages, 1), alone=True):
                    yield from self._kept(single, result)
            else:
                yield from self._kept(part, outcome)
            more_time(len(part) / _PAGES_IN_TIME)

    def _done(
        self, parts: Iterable[PagesPart], *, alone: bool
    ) -> Iterator[tuple[PagesPart, tuple[Found, ...] | InputError]]:
        if alone:
            return in_parts(parts, self._reader, elsewhere=True, most=_ALONE)
        return in_parts(parts, self._reader)

    def _parts(self, tasks: Iterable[PageTask], size: int) -> Iterator[PagesPart]:
        source = iter(tasks)
        while pages := tuple(itertools.islice(source, size)):
            yield PagesPart(self._document, self._source, pages)

    def _kept(self, part: PagesPart, outcome: tuple[Found, ...] | InputError) -> Iterator[Found]:
        """Raises when too many pages hang: the file would take a day."""
        if not isinstance(outcome, InputError):
            yield from outcome
            return
        self._hanging += isinstance(outcome, ParserTimeout)
        if self._hanging > _MOST_HANGING:
            raise outcome
        for page in part.pages:
            yield failed(page.index + 1, outcome.message, outcome)
