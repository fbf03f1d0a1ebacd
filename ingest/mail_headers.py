"""Headers of mails as a person reads them, whatever they were written in."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value

from ingest.raw_names import decode_name

_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932"}
"""What mail programs write under the name of a smaller set."""


def header_text(message: Message, name: str) -> str:
    """Unfolded and decoded: RFC 2047, raw UTF-8, or raw bytes of a legacy encoding; "" where there is none."""
    return next(iter(header_texts(message, name)), "")


def header_texts(message: Message, name: str) -> list[str]:
    """Every header of the name that says something."""
    found = [readable(str(value)) for key, value in message.raw_items() if key.lower() == name]
    return [text for text in found if text]


def header_param(message: Message, header: str, param: str) -> str:
    """A parameter, by RFC 2231, RFC 2047 or raw bytes."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == header), "")
    parser = Message()
    # Python gives up a header with raw bytes, so they are decoded before it looks for parameters.
    parser[header] = _without_surrogates(raw).replace("\r", "").replace("\n", " ")
    value = parser.get_param(param, None, header)
    return readable(collapse_rfc2231_value(value)) if value else ""


def readable(raw: str) -> str:
    """One line of text of a header's value; raw bytes are surrogates in it, as Python keeps them."""
    return " ".join(_encoded_words(_without_surrogates(raw)).split())


def _without_surrogates(text: str) -> str:
    try:
        return text if text.isascii() else decode_name(text.encode("ascii", "surrogateescape"))
    except UnicodeEncodeError:
        return text  # it is decoded already


def _encoded_words(text: str) -> str:
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):  # base64 that is none
        return text
    decoded: list[str] = []
    data, told = b"", ""
    for piece, charset in pieces:
        # Some programs cut in the middle of a character: neighbours of one charset are one text.
        if isinstance(piece, bytes) and charset and charset.lower() == told:
            data += piece
            continue
        decoded.append(_decoded(data, told))
        data, told = b"", ""
        if isinstance(piece, str):
            decoded.append(piece)
        elif charset:
            data, told = piece, charset.lower()
        else:
            decoded.append(piece.decode("raw-unicode-escape", errors="replace"))
    return "".join([*decoded, _decoded(data, told)])


def _decoded(data: bytes, charset: str) -> str:
    if not data:
        return ""
    try:
        # What the charset says comes first here: 7-bit encodings are valid UTF-8 as well.
        return data.decode(_WIDER.get(charset, charset))
    except (LookupError, UnicodeError):
        return decode_name(data)
