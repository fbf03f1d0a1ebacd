"""Jobs in worker processes that may be thrown away: a bad file costs that file, not the run."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from ingest.workers.child import translated
from ingest.workers.process import Ticket
from ingest.workers.supervisor import PoolOptions, Supervisor
from schemas.errors import DocstrataError, InputError

__all__ = ["PoolOptions", "WorkerPool"]

Job = TypeVar("Job")
Out = TypeVar("Out")


class WorkerPool(Generic[Job, Out]):
    """Runs `make_worker()(job)` for each job, in processes that start when the first job comes.

    `make_worker` is picklable (a top-level function or a partial of one), is called once in each
    process, and may load models. A worker that raises `InputError` gives that error as the
    result; any other exception, and a process that dies, gives `ParserCrashed`; one that takes
    too long `ParserTimeout`; one that takes too much memory `TooLarge`. The worker's traceback is
    the fact "traceback". Errors of ours that are no `InputError` stop the run: they are raised.

    >>> with WorkerPool(make_reader, PoolOptions(workers=2)) as pool:  # doctest: +SKIP
    ...     for path, outcome in pool.imap(paths):
    ...         ...
    """

    def __init__(self, make_worker: Callable[[], Callable[[Job], Out]], options: PoolOptions) -> None:
        self._make_worker = make_worker
        self._options = options
        self._supervisor: Supervisor | None = None
        self._here: Callable[[Job], Out] | None = None
        self._iterating = False
        self._closed = False

    def imap(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Out | InputError]]:
        """Every job with its result or error, in the order of `jobs`.

        Jobs are pulled as results are taken: at most two a worker and `window` more are under way.
        One iteration at a time; an iteration that is given up kills what it had under way.
        """
        if self._closed:
            raise RuntimeError("the pool is closed")
        if self._iterating:
            raise RuntimeError("the pool is being iterated over already")
        self._iterating = True
        try:
            yield from self._in_this_process(jobs) if self._options.workers == 0 else self._in_processes(jobs)
        finally:
            self._iterating = False

    def close(self) -> None:
        """Kills the workers at once; returns when they are gone."""
        self._closed = True
        self._here = None
        if self._supervisor:
            self._supervisor.close()
            self._supervisor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _in_this_process(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Out | InputError]]:
        for job in jobs:
            if self._here is None:
                self._here = self._make_worker()
            try:
                outcome: Out | DocstrataError = self._here(job)
            except Exception as error:  # noqa: BLE001  # told as in a worker process
                outcome = translated(error)
            yield job, _checked(outcome)

    def _in_processes(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Out | InputError]]:
        source = iter(jobs)
        pending: deque[tuple[Job, Ticket]] = deque()
        more = True
        try:
            while True:
                while more and len(pending) < self._options.most_pending:
                    try:
                        job = next(source)
                    except StopIteration:
                        more = False
                        break
                    pending.append((job, self._submitted(job)))
                if not pending:
                    return
                if self._supervisor is None:
                    raise RuntimeError("the pool was closed while results were awaited")
                job, ticket = pending[0]
                outcome = cast("Out | DocstrataError", self._supervisor.outcome(ticket))
                pending.popleft()
                yield job, _checked(outcome)
        finally:
            if pending and self._supervisor:
                self._supervisor.abandon({ticket for _, ticket in pending})

    def _submitted(self, job: Job) -> Ticket:
        if self._supervisor is None:
            self._supervisor = Supervisor(pickle.dumps(self._make_worker), self._options)
        ticket = Ticket(pickle.dumps(job, pickle.HIGHEST_PROTOCOL))
        self._supervisor.submit(ticket)
        return ticket


def _checked(outcome: Out | DocstrataError) -> Out | InputError:
    """Raises what is not one file's fault."""
    if isinstance(outcome, DocstrataError) and not isinstance(outcome, InputError):
        raise outcome
    return outcome
