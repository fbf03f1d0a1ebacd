"""How a parser in a worker process reaches the warm engines of the run's main process.

On the connection: an image a message, pickled, and for each, in their order, its result or error.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection

from ingest.page_images import PageImage, ReadImage
from ingest.workers.child import paused
from schemas.errors import DocstrataError, InputError, InvariantError


@dataclass(frozen=True, slots=True)
class OcrAddress:
    """Where the service listens: an abstract socket of this machine. `ahead`: images of one reader that
    are under way at most."""

    path: str
    key: bytes = field(repr=False)
    ahead: int
    recipe: Mapping[str, str]


class OcrClient:
    """Implements `PageImageReader`. The running job's clock stands still while it waits for OCR,
    where every page has a limit of its own. One `read` at a time."""

    def __init__(self, address: OcrAddress) -> None:
        self.recipe = address.recipe
        self._address = address
        self._connection: Connection | None = None

    def read(self, images: Iterable[PageImage]) -> Iterator[ReadImage | InputError]:
        source = iter(images)
        waiting, more, whole = 0, True, False
        try:
            while True:
                while more and waiting < self._address.ahead:
                    image = next(source, None)
                    if image is None:
                        more = False
                        break
                    self._send(image)
                    waiting += 1
                if not waiting:
                    whole = True
                    return
                outcome = self._receive()
                waiting -= 1
                yield outcome
        finally:
            if not whole:
                # What is still under way must not be taken for the next read's results.
                self.close()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _send(self, image: PageImage) -> None:
        data = pickle.dumps(image, pickle.HIGHEST_PROTOCOL)
        try:
            with paused():
                if self._connection is None:
                    self._connection = Client(self._address.path, "AF_UNIX", self._address.key)
                self._connection.send_bytes(data)
        except (OSError, EOFError, AuthenticationError) as error:
            raise InvariantError("the OCR service is not there: it was closed before its readers") from error

    def _receive(self) -> ReadImage | InputError:
        if self._connection is None:
            raise InvariantError("an image's result is awaited on no connection")
        try:
            with paused():
                outcome = pickle.loads(self._connection.recv_bytes())  # noqa: S301  # from our own main process
        except (OSError, EOFError) as error:
            raise InvariantError("the OCR service went away while a page was read") from error
        if isinstance(outcome, ReadImage | InputError):
            return outcome
        raise outcome if isinstance(outcome, DocstrataError) else InvariantError("the OCR service said something odd")
