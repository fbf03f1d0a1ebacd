"""Engines that do what the image says, and readers for other processes. Imported by child processes."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from ingest.ocr.client import OcrAddress, OcrClient
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage, TextLine
from schemas.errors import ConfigError, CorruptFile, InputError


def order(command: str) -> PageImage:
    """An image that tells the fake engine what to do."""
    data = command.encode()
    data += b" " * (-len(data) % 3)
    return PageImage(width=len(data) // 3, height=1, pixels=data, dpi=200)


class ObedientEngine:
    name = "obedient"

    def __init__(self, options: OcrOptions, device: str) -> None:
        self.recipe: Mapping[str, str] = {"engine": self.name}
        self._device = device

    def read(self, image: PageImage) -> ReadImage:
        command, _, argument = image.pixels.decode().strip().partition(" ")
        actions: dict[str, Callable[[], object]] = {
            "say": lambda: argument,
            "sleep": lambda: time.sleep(float(argument)),
            "until": lambda: _until_there(Path(argument)),
            "hold": lambda: ctypes.PyDLL(None).sleep(int(argument)),  # with the interpreter's lock
            "die": lambda: os._exit(int(argument)),
            "crash": lambda: ctypes.string_at(0),
            "bloat": lambda: [bytearray(int(argument) * 2**20), time.sleep(600)],
            "fail": lambda: 1 / 0,
            "refuse": lambda: _raise(CorruptFile(argument, page=3)),
            "stop": lambda: _raise(ConfigError(argument)),
            "pid": os.getpid,
            "device": lambda: self._device,
            "threads": lambda: os.environ["OMP_NUM_THREADS"],
        }
        text = str(actions[command]())
        return ReadImage((TextLine(text, 1.0, ((0, 0), (1, 0), (1, 1), (0, 1))),), seconds=0.0)

    def read_all(self, images: Sequence[PageImage]) -> list[ReadImage]:
        """`size` says how many pages came together."""
        sized = [order(f"say {len(images)}") if image.pixels.startswith(b"size") else image for image in images]
        return [self.read(image) for image in sized]


def _until_there(file: Path) -> None:
    """Tells that it waits, and waits until somebody makes the file."""
    file.with_suffix(".begun").touch()
    for _ in range(6000):
        if file.exists():
            return
        time.sleep(0.01)
    raise TimeoutError(file)


def _raise(error: Exception) -> object:
    raise error


def slow_to_load(seconds: float, options: OcrOptions, device: str) -> ObedientEngine:
    time.sleep(seconds)
    return ObedientEngine(options, device)


def never_built(options: OcrOptions, device: str) -> ObedientEngine:
    raise ConfigError("there is no such model")


def said(outcome: ReadImage | InputError) -> str:
    return outcome.lines[0].text if isinstance(outcome, ReadImage) else type(outcome).__name__


def make_reader(address: OcrAddress) -> Callable[[list[str]], list[str]]:
    """For worker processes, as a parser has it: orders in, what was read out."""
    return partial(_read, OcrClient(address))


def _read(client: OcrClient, orders: list[str]) -> list[str]:
    return [said(outcome) for outcome in client.read(map(order, orders))]
