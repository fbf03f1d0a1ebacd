"""The body of an Outlook message that is there as compressed RTF alone: [MS-OXRTFCP], and [MS-OXRTFEX] for RTF that
was made of HTML, which comes out as that HTML.
"""

from __future__ import annotations

import html
import re
import struct
import tempfile
from pathlib import Path

from ingest.parsers.decoding import decode
from ingest.parsers.office.external import pandoc_html
from ingest.parsers.office.rtf import unicode_rtf
from schemas.errors import CorruptFile

_HEADER = struct.Struct("<III4x")
_COMPRESSED = 0x75465A4C
_PLAIN = 0x414C454D
_KNOWN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What every message may refer back to."""
_WINDOW = 4096
_LONGEST = 64 << 20
"""Bytes of a body, unpacked."""
_TOKEN = re.compile(
    r"\\u(?P<code>-?\d{1,6}) ?(?:\\'[0-9a-fA-F]{2})?|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    r"|\\(?P<symbol>[^a-zA-Z])|(?P<open>\{)|(?P<close>\})|(?P<text>[^\\{}]+)",
    re.DOTALL,
)
_SAID = {"par": "\n", "line": "\n", "tab": "\t", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
         "rdblquote": "\u201d", "bullet": "\u2022", "endash": "\u2013", "emdash": "\u2014"}  # fmt: skip
_NO_TEXT = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pntext", "generator"})


def rich_text_html(packed: bytes, name: str, timeout_s: float) -> str:
    """Raises `CorruptFile`, `ParserTimeout`."""
    rtf = unpacked(packed, name)
    if b"\\fromhtml" in rtf[:512]:
        return _html_within(unicode_rtf(rtf, comments=True, tracked_changes="all").decode("ascii", errors="replace"))
    if b"\\fromtext" in rtf[:512]:
        text = _html_within(unicode_rtf(rtf).decode("ascii", errors="replace"))
        return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())
    with tempfile.TemporaryDirectory(prefix="docstrata-rtf-") as folder:
        path = Path(folder) / "body.rtf"
        path.write_bytes(unicode_rtf(rtf))
        return pandoc_html(path, "rtf", timeout_s, name=name)


def unpacked(packed: bytes, name: str) -> bytes:
    """Raises `CorruptFile`."""
    try:
        _, size, kind = _HEADER.unpack_from(packed)
        if kind == _PLAIN:
            return packed[_HEADER.size : _HEADER.size + size]
        if kind == _COMPRESSED and size <= _LONGEST:
            return _decompressed(packed, size)
    except (struct.error, IndexError):
        pass  # it ends too soon
    raise CorruptFile(f"the text of {name} is damaged: save the mail again in Outlook.", name=name)


def _decompressed(packed: bytes, size: int) -> bytes:
    """Each bit of a control byte tells whether one byte follows, or a place in the window and a length.
    Raises `IndexError` where it ends too soon."""
    window = bytearray(_KNOWN.ljust(_WINDOW, b"\0"))
    write, read = len(_KNOWN), _HEADER.size
    out = bytearray()
    while len(out) < size:
        control = packed[read]
        read += 1
        for bit in range(8):
            if not control >> bit & 1:
                taken = packed[read : read + 1]
                read += 1
            else:
                reference = packed[read] << 8 | packed[read + 1]
                read += 2
                place, length = reference >> 4, (reference & 15) + 2
                if place == write:
                    return bytes(out)
                taken = b""
                for step in range(length):
                    # What is copied may reach into what it has just written.
                    byte = window[(place + step) % _WINDOW]
                    window[(write + step) % _WINDOW] = byte
                    taken += bytes((byte,))
            for byte in taken:
                window[write] = byte
                write = (write + 1) % _WINDOW
            out += taken
            if len(out) >= size or read >= len(packed):
                return bytes(out)
    return bytes(out)


def _html_within(rtf: str) -> str:
    """The text, and what `htmltag` groups hold; not what stands between `\\htmlrtf` and `\\htmlrtf0`, which is there
    for readers of RTF."""
    out: list[str] = []
    stack: list[tuple[bool, bool]] = []
    left_out, other = False, False  # for readers of RTF; a group that is no text
    star = False
    for match in _TOKEN.finditer(rtf):
        if match["open"]:
            stack.append((left_out, other))
        elif match["close"]:
            # What `htmlrtf` says holds beyond its group.
            _, other = stack.pop() if stack else (False, False)
        elif match["symbol"] == "*":
            star = True
            continue
        elif match["word"]:
            word = match["word"]
            if word == "htmlrtf":
                left_out = match["number"] != "0"
            elif word in _NO_TEXT or (star and word != "htmltag"):
                other = True
            elif not (left_out or other):
                out.append(_SAID.get(word, ""))
        elif not (left_out or other):
            out.append(_character(match))
        star = False
    return decode("".join(out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()).text


def _character(match: re.Match[str]) -> str:
    if match["code"]:
        return chr(int(match["code"]) & 0xFFFF)
    if match["symbol"]:
        return {"~": "\u00a0", "_": "\u2011", "-": ""}.get(match["symbol"], match["symbol"])
    return match["text"].replace("\r", "").replace("\n", "")
