"""RTF with its characters as Unicode: pandoc knows few of the code pages that RTF is written in.

Bytes of the file's code page, and of the fonts' own, become `\\u` escapes. What pandoc would read though it is not
wanted goes: remarks in the margin, and one side of the tracked changes. Text boxes of old Word, which it would skip,
stay.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ingest.parsers.base import TrackedChanges

_TOKEN = re.compile(
    rb"\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?(?: |\r\n|\r|\n)?"
    rb"|\\(?P<symbol>[^a-zA-Z])|(?P<open>\{)|(?P<close>\})|(?P<text>[^\\{}]+)",
    re.DOTALL,
)
_CHARSETS = {
    128: "cp932", 129: "cp949", 130: "cp1361", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
"""`\\fcharset` of a font that has bytes of its own."""
_PAGES = {936: "gb18030", 10008: "gb18030", 10000: "mac_roman", 65001: "utf-8", 0: "cp1252"}


_CHANGED = {"final": b"deleted", "original": b"revised", "all": b""}
"""The mark of the runs that are not read."""
_REMARKS = frozenset({b"annotation", b"atnid", b"atnauthor"})


class _State(NamedTuple):
    """What a group inherits. `changed`: on the side of a tracked change that is not read."""

    font: int | None = None
    fallback: int = 1
    changed: bool = False


def unicode_rtf(data: bytes, *, comments: bool = False, tracked_changes: TrackedChanges = "final") -> bytes:
    """The same document in ASCII."""
    return _Rewriter(comments, _CHANGED[tracked_changes]).rewritten(data)


class _Rewriter:
    def __init__(self, comments: bool, left_out: bytes) -> None:
        self._comments = comments
        self._left_out = left_out
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._state = _State()
        self._skip = 0
        self._stack: list[_State] = []
        self._dropped = 0
        """How deep the stack was in the group that is left out; 0 outside of one."""
        self._star = False
        self._results = 0
        """How deep the stack was in a drawing that is told a second time, for old readers."""
        self._bytes = bytearray()
        self._out = bytearray()

    def rewritten(self, data: bytes) -> bytes:
        position = 0
        while match := _TOKEN.match(data, position):
            position = match.end()
            if match["word"] == b"bin" and match["number"]:
                self._flush()
                position = max(position + int(match["number"]), position)
                continue
            self._take(match)
        self._flush()
        # What was cut off in the middle is read as far as it goes.
        return bytes(self._out) + b"}" * len(self._stack)

    def _take(self, match: re.Match[bytes]) -> None:
        if self._dropped and not (match["open"] or match["close"]):
            return
        if self._star and (match["hex"] or (match["text"] or b"").strip()):
            self._star = False
            self._out += b"\\*"
        if match["hex"]:
            if self._skip:
                self._skip -= 1
            else:
                self._bytes.append(int(match["hex"], 16))
            return
        if match["text"]:
            self._text(match["text"])
            return
        # The second byte of a character may be a backslash or a brace that is escaped.
        if self._bytes and match["symbol"] and match["symbol"] in b"\\{}" and self._half():
            self._bytes += match["symbol"]
            return
        self._flush()
        if match["word"] == b"u" and match["number"]:
            if not self._state.changed:
                self._escape(int(match["number"]))
            self._skip = self._state.fallback
            return
        dropped = bool(self._dropped)
        self._control(match)
        if dropped or self._is_held(match):
            return
        if match["word"] and match["word"] != b"uc":
            # The end of a line parts a word from the text behind it, where line ends are left out.
            self._out += re.sub(rb"[\r\n]+$", b" ", match[0])
        elif not match["word"]:
            self._out += match[0]

    def _is_held(self, match: re.Match[bytes]) -> bool:
        """`\\*` waits for the word behind it, which may be one that pandoc would skip for its sake."""
        if match["symbol"] == b"*":
            self._star = True
            return True
        if self._star:
            self._star = False
            if match["word"] != b"do" or self._results:
                self._out += b"\\*"
        return bool(self._dropped)

    def _text(self, text: bytes) -> None:
        while self._skip and text:
            self._skip -= text[:1] not in {b"\r", b"\n"}
            text = text[1:]
        plain = text.replace(b"\r", b"").replace(b"\n", b"")
        if self._bytes and plain and self._half():
            self._bytes += plain[:1]
            plain = plain[1:]
        if plain and plain.isascii():
            self._flush()
            self._out += b"" if self._state.changed else plain
        elif plain:
            self._bytes += plain
            self._flush()

    def _half(self) -> bool:
        """Whether the bytes end within a character."""
        import codecs

        decoder = codecs.getincrementaldecoder(self._codec())(errors="replace")
        decoder.decode(bytes(self._bytes))
        return bool(decoder.getstate()[0])

    def _flush(self) -> None:
        if not self._bytes:
            return
        for character in "" if self._state.changed else self._bytes.decode(self._codec(), errors="replace"):
            if character.isascii():
                self._out += b"\\" + character.encode() if character in "\\{}" else character.encode()
                continue
            units = character.encode("utf-16-le")
            for at in range(0, len(units), 2):
                unit = int.from_bytes(units[at : at + 2], "little", signed=True)
                self._escape(unit)
        self._bytes.clear()

    def _escape(self, unit: int) -> None:
        # One stand-in whatever the file said, as pandoc does not follow every `\\uc`; as an escape,
        # because it takes a space behind a plain "?" for part of it.
        self._out += b"\\u%d\\'3f" % unit

    def _codec(self) -> str:
        font = self._state.font
        return self._fonts.get(font, self._page) if font is not None else self._page

    def _control(self, match: re.Match[bytes]) -> None:
        if match["open"]:
            self._stack.append(self._state)
            self._skip = 0
        elif match["close"]:
            self._state = self._stack.pop() if self._stack else _State()
            self._skip = 0
            if len(self._stack) < self._dropped:
                self._dropped = 0
                self._out += b"}"
            if len(self._stack) < self._results:
                self._results = 0
        elif match["word"]:
            self._word(match["word"], int(match["number"]) if match["number"] else None)

    def _word(self, word: bytes, number: int | None) -> None:
        font = self._state.font
        if word == b"ansicpg" and number is not None:
            self._page = _PAGES.get(number) or _codec_of(number)
        elif word == b"f" and number is not None:
            self._state = self._state._replace(font=number)
        elif word == b"fcharset" and number in _CHARSETS and font is not None:
            self._fonts[font] = _CHARSETS[number]
        elif word == b"uc" and number is not None:
            self._state = self._state._replace(fallback=min(max(number, 0), 10))
        elif word == b"plain":
            self._state = self._state._replace(font=None, changed=False)
        elif word == self._left_out:
            self._state = self._state._replace(changed=number != 0)
        elif word in _REMARKS and not self._comments and self._stack:
            self._dropped, self._star = len(self._stack), False
        elif word == b"shprslt":
            self._results = len(self._stack)


def _codec_of(page: int) -> str:
    import codecs

    try:
        return codecs.lookup(f"cp{page}").name
    except LookupError:
        return "cp1252"
