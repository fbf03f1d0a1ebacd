"""Texts of an Outlook message that are not in Unicode, by the code page that the message names.

oxmsg takes them for Western where the message names its page by one of two properties only, and refuses the message
where one byte is not of the page.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.parsers.decoding import decode

_PAGE_NAME = re.compile(r"(?:windows|dos)[-_](\d+)")
_MAC_NAME = re.compile(r"x[-_]mac[-_](\w+)")
_EIGHT_BIT = "__substg1.0_{:04X}001E"


class OutlookStrings:
    """Of the message itself. A context manager: it holds the file open."""

    def __init__(self, path: Path, properties: Any) -> None:
        import olefile

        self._properties = properties
        self._file = olefile.OleFileIO(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def text(self, pid: int) -> str:
        """ "" where the message lacks it."""
        name = _EIGHT_BIT.format(pid)
        if not self._file.exists(name):
            return self._properties.str_prop_value(pid) or ""
        return self._decoded(self._file.openstream(name).read(), pid).rstrip("\0")

    def _decoded(self, data: bytes, pid: int) -> str:
        from oxmsg.domain import constants as c

        pages = [c.PID_MESSAGE_CODEPAGE, c.PID_INTERNET_CODEPAGE]
        for asked in reversed(pages) if pid == c.PID_BODY else pages:
            codec = _codec(self._properties.int_prop_value(asked))
            if codec is not None:
                with contextlib.suppress(UnicodeDecodeError):  # the page is another one
                    return data.decode(codec)
        return decode(data).text


def _codec(page: int | None) -> str | None:
    from oxmsg.domain import encodings
    from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError

    if page is None:
        return None
    with contextlib.suppress(LookupError, UnrecognizedCodePageError, UnsupportedEncodingError):
        # A page without a name is judged by its bytes.
        return codecs.lookup(encodings.encoding_from_codepage(page)).name
    return None


def codec_by_page(name: str) -> codecs.CodecInfo | None:
    """For `codecs.register`: names that oxmsg has for code pages, and Python has not: `windows-950`, `DOS-720`,
    `x-mac-greek`."""
    for known in (_PAGE_NAME.sub(r"cp\1", name), _MAC_NAME.sub(r"mac_\1", name)):
        if known != name:
            with contextlib.suppress(LookupError):  # Python has that page under no name
                return codecs.lookup(known)
    return None
