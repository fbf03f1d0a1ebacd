"""The warm process of one device, as the service sees it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ingest.ocr.base import OcrEngine
from ingest.ocr.batches import Batches
from ingest.ocr.devices import pages_at_once
from ingest.ocr.registry import make_engine, threads_of_one
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage
from ingest.workers.process import Ticket
from ingest.workers.supervisor import PoolOptions, Supervisor
from schemas.errors import InputError, InvariantError, ParserCrashed, ParserTimeout, TooLarge

MakeEngine = Callable[[OcrOptions, str], OcrEngine]


@dataclass(eq=False, slots=True)
class EngineProcess:
    """`waiting` are pages that were handed in and not yet answered. The process starts at the first."""

    options: OcrOptions
    device: str
    make: MakeEngine = make_engine
    waiting: int = 0
    _supervisor: Supervisor | None = field(default=None, init=False)
    _batches: Batches | None = field(default=None, init=False)

    @property
    def at_once(self) -> int:
        """Pages that are read together."""
        return pages_at_once(self.options.batch_pages, self.device)

    def submit(self, pickled_image: bytes) -> Ticket:
        if self._supervisor is None:
            self._supervisor = Supervisor(
                pickle.dumps(partial(_reader, self.make, self.options, self.device)),
                PoolOptions(
                    timeout_s=self.options.page_timeout_s,
                    max_rss_mb=self.options.max_rss_mb,
                    threads=threads_of_one(self.options),
                ),
            )
            if self.at_once > 1:
                self._batches = Batches(self._supervisor, self.at_once)
        ticket = Ticket(pickled_image)
        (self._batches or self._supervisor).submit(ticket)
        return ticket

    def outcome(self, ticket: Ticket) -> ReadImage | InputError:
        """Waits for it. Raises what keeps the engine from reading any page."""
        if self._supervisor is None:
            raise InvariantError("the ticket is of another process")
        found = (self._batches or self._supervisor).outcome(ticket)
        if isinstance(found, InputError):
            return self._worded(found)
        if isinstance(found, Exception):
            raise found
        if not isinstance(found, ReadImage):
            raise InvariantError(f"an OCR process said {type(found).__name__}")
        return found

    def forget(self, tickets: set[Ticket]) -> None:
        """Those that have not started are not read; the engine stays warm."""
        if self._supervisor:
            (self._batches or self._supervisor).forget(tickets)

    def close(self) -> None:
        if self._supervisor:
            self._supervisor.close()
        if self._batches:
            self._batches.close()

    def _worded(self, error: InputError) -> InputError:
        """In terms of a page and of the options that matter here."""
        if isinstance(error, ParserTimeout):
            seconds = self.options.page_timeout_s
            message = f"OCR did not read the page within {seconds:g} s: raise ocr.page_timeout_s, or use a faster model"
        elif isinstance(error, TooLarge):
            limit = self.options.max_rss_mb
            message = f"OCR took more than {limit} MiB for the page: raise ocr.max_rss_mb, or set ocr.longest_side"
        elif isinstance(error, ParserCrashed):
            message = f"OCR failed on the page: {error.message}"
        else:
            return error
        return type(error)(message, **error.facts)


Job = PageImage | tuple[bytes, ...]
"""A page, or a batch of them, pickled one by one."""


def _reader(make: MakeEngine, options: OcrOptions, device: str) -> Callable[[Job], ReadImage | list[ReadImage]]:
    """Built in the process."""
    engine = make(options, device)

    def read(job: Job) -> ReadImage | list[ReadImage]:
        if isinstance(job, PageImage):
            return engine.read(job)
        # From our own main process.
        return list(engine.read_all([pickle.loads(image) for image in job]))  # noqa: S301  # made by our own parent

    return read
