"""What a Qdrant server answers when it cannot serve, told in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from httpx import TimeoutException
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from schemas.errors import ConfigError, SinkDown

_DENIED: Final = frozenset({401, 403})
_BUSY: Final = frozenset({408, 429})
_LATER: Final = "try again; nothing that was finished is lost"


@contextmanager
def told_errors(url: str) -> Iterator[None]:
    """What may pass becomes `SinkDown`, a refused key `ConfigError`; other answers are defects and stay."""
    try:
        yield
    except ResponseHandlingException as error:
        raise SinkDown(_unreachable(url, error.source), url=url) from error
    except ResourceExhaustedResponse as error:
        raise SinkDown(f"Qdrant at {url} is busy ({error}): {_LATER}", url=url) from error
    except UnexpectedResponse as error:
        status = error.status_code or 0
        if status in _DENIED:
            raise ConfigError(f"Qdrant at {url} refuses the API key ({status}): set the right one", url=url) from error
        if status in _BUSY or status >= 500:
            raise SinkDown(
                f"Qdrant at {url} answers {status} ({error.reason_phrase}): look at its log, and {_LATER}",
                url=url,
            ) from error
        raise


def _unreachable(url: str, source: object) -> str:
    if isinstance(source, TimeoutException):
        return f"Qdrant at {url} does not answer in time: raise index.timeout_s, or {_LATER}"
    return f"Qdrant at {url} cannot be reached ({source}): see that it runs and that index.url is right, then {_LATER}"
