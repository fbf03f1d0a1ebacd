"""What all commands share: their common options, exit codes, consoles, and how errors are told."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Annotated

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ingest.cli.arguments import read_overrides
from ingest.config import Settings
from ingest.logs import LogFormat, configure
from schemas.errors import ConfigError, DocstrataError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_QUARANTINE = 3
EXIT_INTERRUPTED = 130

Home = Annotated[
    Path, typer.Option("--home", envvar="DOCSTRATA_HOME", help="The folder that holds all state.", file_okay=False)
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="DOCSTRATA_CONFIG",
        help="A configuration file; otherwise ./docstrata.toml where it exists.",
    ),
]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Overrides a key, e.g. --set parse.workers=4.")
]
OcrDevice = Annotated[
    list[str] | None,
    typer.Option(
        "--ocr-device",
        metavar="DEVICE",
        help="Where images are read: auto, cpu, cuda or cuda:N; once for each of several.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

DEFAULT_HOME = Path(".docstrata")
_log_choice: ContextVar[Mapping[str, object]] = ContextVar("docstrata_log_choice", default=MappingProxyType({}))


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal would obey; line ends and tabs are none."""


class _HarmlessConsole(Console):
    """Names of files may hold what would colour, move or rename the terminal: it is shown, and not sent."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROL.search(segment.text):
                yield segment
            else:
                yield Segment(_CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", segment.text), segment.style)


def _console(*, stderr: bool = False) -> Console:
    """To a terminal as wide as that is; to a pipe or a file a line is a line, however long. Colons in names are no
    pictures."""
    stream = sys.stderr if stderr else sys.stdout
    return _HarmlessConsole(stderr=stderr, emoji=False, soft_wrap=not stream.isatty())


errors = _console(stderr=True)
out = _console()


def settings_of(config: Path | None, overrides: list[str] | None, extra: dict[str, object] | None = None) -> Settings:
    """The configuration with what the command line overrides. From here on events are told as it says."""
    from ingest.api import settings_for

    extra = {**_log_choice.get(), **(extra or {})}
    settings = settings_for(config, {**read_overrides(overrides or []), **extra})
    configure(settings.log.level, settings.log.format)
    return settings


def choose_log(*, verbose: bool, form: LogFormat | None) -> None:
    """What `-v` and `--log-format`, which stand before the command, override; until the configuration is read they
    decide alone."""
    chosen = {"log.level": "debug" if verbose else None, "log.format": form}
    _log_choice.set({key: value for key, value in chosen.items() if value is not None})
    configure("debug" if verbose else "error", form or "text")


def ocr_devices(devices: list[str] | None) -> dict[str, object]:
    """What `--ocr-device` overrides."""
    return {"ocr.devices": list(devices)} if devices else {}


def is_home(folder: Path) -> bool:
    return (folder / "catalog.db").is_file()


def settings_of_home(
    home: Path, config: Path | None, overrides: list[str] | None, extra: dict[str, object] | None = None
) -> Settings:
    """As `settings_of`. Raises `ConfigError` for a home that nothing was taken into yet; one that shares
    its catalog with others has what they took in."""
    settings = settings_of(config, overrides, extra)
    if settings.catalog.url is None and not is_home(home):
        raise ConfigError(f"{home} holds nothing yet: begin with 'docstrata run FOLDER --home {home}'")
    end_in_order(home)
    return settings


def end_in_order(home: Path) -> None:
    """What a home that cannot be written is read by is removed on SIGTERM, too."""
    from ingest.context import Home as HomeFolder

    if HomeFolder(home.absolute()).unwritable() is not None:
        signal.signal(signal.SIGTERM, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def tell(error: DocstrataError) -> None:
    """One sentence on standard error."""
    errors.print(f"[red]error[/] ({error.code}): ", end="")
    errors.print(error.message, markup=False, highlight=False)


def tell_disk(error: OSError) -> None:
    """Of a disk that takes no more. What waits to be written to standard output is given up: the end of the process
    would fail by it once more."""
    place = os.fsdecode(error.filename) if error.filename else "what was to be printed"
    errors.print("[red]error[/] (store_down): ", end="")
    errors.print(
        f"{place} cannot be written: {error.strerror}; make room, or let another place take it, and run again",
        markup=False,
        highlight=False,
    )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
