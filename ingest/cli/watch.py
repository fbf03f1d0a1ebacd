"""`docstrata watch`: a drop folder without a scheduler."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.arguments import complete_path
from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_FAILED,
    EXIT_QUARANTINE,
    Config,
    Home,
    Json,
    OcrDevice,
    Set,
    errors,
    ocr_devices,
    out,
    settings_of,
)

if TYPE_CHECKING:
    from ingest.api import Docstrata
    from ingest.config import Settings
    from ingest.metrics.live import LiveCounters
    from ingest.sources.drop_look import Waiting
    from ingest.sources.inbox import Inbox
    from ingest.stages.drop import TakenIn
    from schemas.errors import TransientError


def watch(
    folder: Annotated[
        str,
        typer.Argument(
            help="The folder, or the URL, that people drop files into.",
            metavar="DIR|URL",
            autocompletion=complete_path,
        ),
    ],
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    source: Annotated[str | None, typer.Option(help="The source's name; otherwise the folder's.")] = None,
    ocr_device: OcrDevice = None,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="HOST:PORT", help="Serve /metrics there while it watches.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take in what lies there now, and end.")] = False,
    as_json: Json = False,
) -> None:
    """Take in whatever is dropped into a folder or below a URL, and sort it into done/ and quarantine/ there."""
    settings = settings_of(config, overrides, ocr_devices(ocr_device))
    _end_on_signals()
    code = 0
    try:
        options = _Options(home, settings, source, metrics, once, as_json)
        code = _watch(folder, options)
    except KeyboardInterrupt:
        _say(f"stopped watching {folder}; start it again to go on")
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class _Options:
    home: Path
    settings: Settings
    source: str | None
    metrics: str | None
    once: bool
    as_json: bool


def _watch(root: str, options: _Options) -> int:
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.metrics.live import CountedProgress, LiveCounters
    from ingest.stages.drop import drop_folder
    from ingest.watching import Watcher

    home, settings, source = options.home, options.settings, options.source
    folder = drop_folder(root, settings, home)
    counters = LiveCounters()
    progress = CountedProgress(LiveProgress(errors), counters)
    with ExitStack() as stack:
        # For as long as it watches: two watchers would each show half of what happens.
        stack.enter_context(folder.lock(wait_s=0))
        strata = stack.enter_context(Docstrata(home, settings, progress=progress))
        if options.metrics is not None:
            stack.enter_context(_serving(options.metrics, options, folder.root, counters))
        teller = _Teller(counters, as_json=options.as_json)
        watcher = Watcher(folder, lambda: strata.take_in(folder, source), teller, poll_s=settings.watch.poll_s)
        try:
            if options.once:
                return _exit_code(watcher.once())
            _say(f"watching {folder.root}: what is dropped there goes to done/ or quarantine/; Ctrl-C ends it")
            watcher.forever()
        except KeyboardInterrupt:
            _settle_last(strata, folder, source)
            raise


@contextmanager
def _serving(text: str, options: _Options, inbox: Path | str, counters: LiveCounters) -> Iterator[None]:
    """What `docstrata metrics --listen` tells, and what this process counts."""
    from prometheus_client import ProcessCollector

    from ingest.context import Home as HomeFolder
    from ingest.metrics.exposition import HomeCollector, registry_of
    from ingest.metrics.readings import Place
    from ingest.metrics.server import read_address, serving

    folder = inbox if isinstance(inbox, Path) else None  # what lies at a URL is not counted
    collector = HomeCollector(Place(HomeFolder(options.home.absolute()), options.settings, folder))
    registry = registry_of(collector)
    registry.register(counters)
    ProcessCollector(registry=registry)
    with serving(read_address(text, "--metrics"), registry, collector) as address:
        _say(f"metrics at http://{address}/metrics")
        yield


def _settle_last(strata: Docstrata, folder: Inbox, source: str | None) -> None:
    """What was finished is sorted; what was not is named, as it lies where nobody looks."""
    left = strata.settle(folder, source).left
    if left:
        _say(f"{len(left)} files that were being taken in wait in {folder.work}: nothing is lost")


def _exit_code(taken: TakenIn) -> int:
    if taken.trouble:
        return EXIT_FAILED
    return EXIT_QUARANTINE if taken.settled.quarantined or taken.settled.members else 0


def _end_on_signals() -> None:
    """The first Ctrl-C or SIGTERM ends it in good order, a second one at once."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)


def _say(sentence: str, style: str = "dim") -> None:
    errors.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)


class _Teller:
    """Results on standard output, everything else on standard error."""

    def __init__(self, counters: LiveCounters, *, as_json: bool) -> None:
        self._counters = counters
        self._as_json = as_json

    def begins(self, files: int) -> None:
        if errors.is_terminal:
            _say(f"taking in {_files(files)} …")

    def ends(self, taken: TakenIn) -> None:
        self._counters.cycle(len(taken.settled.done), len(taken.settled.quarantined))
        if self._as_json:
            from ingest.cli.show import write_json

            write_json({"at": _now(), **asdict(taken)}, sys.stdout)
            return
        settled = taken.settled
        counts = [f"{_files(len(taken.claimed))} taken", f"{len(settled.done)} done"]
        counts += [f"{len(settled.quarantined)} in quarantine"] if settled.quarantined else []
        counts += [f"{len(settled.left)} not finished"] if settled.left else []
        out.print(f"{_now()}  {', '.join(counts)} ({taken.seconds:.1f} s)", markup=False, highlight=False)
        for refused in settled.quarantined:
            _tell_line(f"  {refused.lies_at}: {refused.message}", "red")
        for member in settled.members:
            _tell_line(f"  {member.path}, in {member.lies_at}: {member.message}", "red")
        for path in settled.left:
            _tell_line(f"  {path} changed while it was read: it is taken again", "yellow")
        if taken.trouble:
            _say(taken.trouble, "red")

    def waits(self, waiting: Waiting) -> None:
        _say(f"{waiting.path} is left alone: {waiting.why.value}", "yellow")

    def trouble(self, error: TransientError, rest_s: float) -> None:
        self._counters.trouble(lasts=True)
        _say(f"{error.message}; it is tried again by itself, first in {rest_s:.0f} s", "red")

    def goes_on(self) -> None:
        self._counters.trouble(lasts=False)
        _say("it works again", "green")


def _tell_line(line: str, style: str) -> None:
    out.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
