"""RTF with its characters as Unicode: pandoc knows few of the code pages that RTF is written in.

Bytes of the file's code page, and of the fonts' own, become `\\u` escapes.
"""

from __future__ import annotations

import re

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


def unicode_rtf(data: bytes) -> bytes:
    """The same document in ASCII."""
    return _Rewriter().rewritten(data)


class _Rewriter:
    def __init__(self) -> None:
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font: int | None = None
        self._fallback = 1
        self._skip = 0
        self._stack: list[tuple[int | None, int]] = []
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
        return bytes(self._out)

    def _take(self, match: re.Match[bytes]) -> None:
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
            self._escape(int(match["number"]))
            self._skip = self._fallback
            return
        self._control(match)
        if match["word"] and match["word"] != b"uc":
            # The end of a line parts a word from the text behind it, where line ends are left out.
            self._out += re.sub(rb"[\r\n]+$", b" ", match[0])
        elif not match["word"]:
            self._out += match[0]

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
            self._out += plain
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
        for character in self._bytes.decode(self._codec(), errors="replace"):
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
        return self._fonts.get(self._font, self._page) if self._font is not None else self._page

    def _control(self, match: re.Match[bytes]) -> None:
        if match["open"]:
            self._stack.append((self._font, self._fallback))
            self._skip = 0
        elif match["close"]:
            self._font, self._fallback = self._stack.pop() if self._stack else (None, 1)
            self._skip = 0
        elif match["word"]:
            self._word(match["word"], int(match["number"]) if match["number"] else None)

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"ansicpg" and number is not None:
            self._page = _PAGES.get(number) or _codec_of(number)
        elif word == b"f" and number is not None:
            self._font = number
        elif word == b"fcharset" and number in _CHARSETS and self._font is not None:
            self._fonts[self._font] = _CHARSETS[number]
        elif word == b"uc" and number is not None:
            self._fallback = min(max(number, 0), 10)
        elif word == b"plain":
            self._font = None


def _codec_of(page: int) -> str:
    import codecs

    try:
        return codecs.lookup(f"cp{page}").name
    except LookupError:
        return "cp1252"
