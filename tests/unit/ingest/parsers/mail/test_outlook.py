"""Messages of Outlook: texts of eight bits, and bodies that are compressed RTF alone."""

from __future__ import annotations

import codecs
import struct
from io import BytesIO

import pytest
from oxmsg.domain import constants as c

from ingest.parsers.mail.outlook_strings import OutlookStrings, codec_by_page
from ingest.parsers.mail.rich_text import rich_text_html, unpacked
from schemas.errors import CorruptFile


def _ole_named(pid: int, text: bytes, *, page: int | None, internet: int | None = None):
    """A message that has one text of eight bits, as `OutlookStrings` asks for it."""

    class Properties:
        def int_prop_value(self, asked: int) -> int | None:
            return {c.PID_MESSAGE_CODEPAGE: page, c.PID_INTERNET_CODEPAGE: internet}.get(asked)

        def str_prop_value(self, asked: int) -> str | None:
            return "in Unicode" if asked != pid else None

    class File:
        def __init__(self, path) -> None: ...

        def exists(self, name: str) -> bool:
            return name == f"__substg1.0_{pid:04X}001E"

        def openstream(self, name: str) -> BytesIO:
            return BytesIO(text)

        def close(self) -> None: ...

    return Properties(), File


@pytest.mark.parametrize(
    ("text", "codec", "page", "internet"),
    [
        ("格式測試", "big5", None, 950),
        ("格式測試", "big5", 950, None),
        ("Привет", "cp1251", 1251, 65001),
        ("Grüße", "cp1252", 1252, None),
        ("合同的格式要求如下", "gb18030", None, None),
    ],
)
def test_texts_of_outlook_are_read_by_the_page_that_it_names(monkeypatch, tmp_path, text, codec, page, internet):
    properties, file = _ole_named(c.PID_SUBJECT, text.encode(codec) + b"\0", page=page, internet=internet)
    monkeypatch.setattr("olefile.OleFileIO", file)
    with OutlookStrings(tmp_path / "mail.msg", properties) as strings:
        assert strings.text(c.PID_SUBJECT) == text
        assert strings.text(c.PID_SENDER_NAME) == "in Unicode"


def test_code_pages_that_python_has_under_another_name_are_known():
    codecs.register(codec_by_page)
    assert "測試".encode("windows-950") == "測試".encode("cp950")
    assert codecs.lookup("x-mac-greek").name == "mac-greek"
    with pytest.raises(LookupError):
        codecs.lookup("windows-99")


HELLO = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
TWICE = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
"""The examples of [MS-OXRTFCP]."""


def _stored(rtf: bytes) -> bytes:
    return struct.pack("<III4x", len(rtf) + 12, len(rtf), 0x414C454D) + rtf


def test_compressed_rtf_is_unpacked_as_its_specification_shows():
    assert unpacked(bytes.fromhex(HELLO), "mail") == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert unpacked(bytes.fromhex(TWICE), "mail") == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@pytest.mark.parametrize("packed", [b"", b"\0" * 16])
def test_compressed_rtf_that_is_damaged_is_said_to_be(packed):
    with pytest.raises(CorruptFile, match="save the mail again"):
        unpacked(packed, "mail.msg")


def test_html_within_the_rtf_of_a_mail_comes_out_as_it_went_in():
    rtf = (
        rb"{\rtf1\ansi\ansicpg936\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}{\*\generator Outlook;}"
        rb"{\*\htmltag64 <p>}\htmlrtf {\b\htmlrtf0 One \u20013 ?\'b9\'fa{\*\htmltag <b>}two{\*\htmltag </b>}"
        rb"\htmlrtf }\htmlrtf0"
        rb"{\*\htmltag72 </p>}\htmlrtf \par\htmlrtf0}"
    )
    assert rich_text_html(_stored(rtf), "mail", 30) == "<p>One 中国<b>two</b></p>"


def test_text_within_the_rtf_of_a_mail_has_its_lines():
    rtf = rb"{\rtf1\ansi\fromtext \deff0{\fonttbl{\f0 Arial;}}one < two\par\par three\par}"
    assert rich_text_html(_stored(rtf), "mail", 30) == "<p>one &lt; two</p><p>three</p>"


def test_other_rtf_of_a_mail_is_read_as_a_document():
    assert "<strong>two</strong>" in rich_text_html(_stored(rb"{\rtf1\ansi one {\b two}\par}"), "mail", 60)
