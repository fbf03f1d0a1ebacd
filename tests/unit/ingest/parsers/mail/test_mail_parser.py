"""Mails: who, when, about what, and all of the text in whatever it was written."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.mail.parser import MSG, MailParser
from schemas.document import BlockKind, Document
from schemas.errors import CorruptFile, EncryptedFile, InputError
from schemas.source import Route

EML = "message/rfc822"


def parsed(path: Path, media_type: str = EML) -> Document:
    return MailParser(Tools()).parse(ParseInput(path, path.name, media_type, Route.MAIL, path.stat().st_size))


def read(tmp_path: Path, data: bytes) -> Document:
    path = tmp_path / "mail.eml"
    path.write_bytes(data)
    return parsed(path)


def mail(text: str = "Hello.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann Lee <ann@example.org>"
    message["To"] = '"Li, Wei" <wei@example.org>, bob@example.org'
    message["Cc"] = "Carl <carl@example.org>"
    message["Date"] = "Fri, 01 Mar 2024 10:00:00 +0800"
    message["Subject"] = "Prices for 2024"
    message["Message-ID"] = "<abc@example.org>"
    message.set_content(text)
    return message


def body(document: Document) -> list[tuple[str, str]]:
    return [(block.kind.value, document.text_of(block)) for block in document.blocks[1:]]


def test_the_head_is_metadata_title_and_first_block(tmp_path):
    document = read(tmp_path, bytes(mail()))
    assert document.title == "Prices for 2024"
    assert document.metadata == {
        "from": "Ann Lee <ann@example.org>",
        "author": "Ann Lee <ann@example.org>",
        "to": ("Li, Wei <wei@example.org>", "bob@example.org"),
        "cc": ("Carl <carl@example.org>",),
        "date": "2024-03-01T10:00:00+08:00",
        "created": "2024-03-01T10:00:00+08:00",
        "subject": "Prices for 2024",
        "message_id": "abc@example.org",
    }
    assert document.blocks[0].kind is BlockKind.METADATA
    assert document.text_of(document.blocks[0]) == (
        "From: Ann Lee <ann@example.org>\nTo: Li, Wei <wei@example.org>, bob@example.org\n"
        "Cc: Carl <carl@example.org>\nDate: 2024-03-01 10:00:00+08:00\nSubject: Prices for 2024"
    )


def test_quoted_replies_and_signatures_are_kept(tmp_path):
    text = "Agreed.\n\n> Shall we say\n> ten?\n\n-- \nAnn\nExample Ltd\n"
    assert body(read(tmp_path, bytes(mail(text)))) == [
        ("paragraph", "Agreed."),
        ("quote", "> Shall we say\n> ten?"),
        ("paragraph", "-- \nAnn\nExample Ltd"),
    ]


def test_html_is_preferred_for_its_tables_and_lists(tmp_path):
    message = mail("Item Price\nBolt 2\n- quick\n")
    message.add_alternative(
        "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Bolt</td><td>2</td></tr></table><ul><li>quick</li></ul>",
        subtype="html",
    )
    assert [kind for kind, _ in body(read(tmp_path, bytes(message)))] == ["table", "list_item"]


def test_the_plain_text_is_read_where_the_html_says_less(tmp_path):
    message = mail("The price of the bolts rises to three on the first of April, as agreed with you.")
    message.add_alternative("<p>Please use another mail program.</p>", subtype="html")
    document = read(tmp_path, bytes(message))
    assert "bolts" in document.text
    assert document.quality.warnings


def test_attachments_are_named_and_are_no_text(tmp_path):
    message = mail()
    message.add_attachment("secret plan", filename="计划.txt")
    document = read(tmp_path, bytes(message))
    assert document.metadata["attachments"] == ("计划.txt",)
    assert "secret plan" not in document.text


def raw_mail(subject: bytes, charset: str, text: bytes, transfer: str = "8bit") -> bytes:
    return (
        b"From: a@b.c\r\nSubject: " + subject + b"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=\""
        + charset.encode() + b"\"\r\nContent-Transfer-Encoding: " + transfer.encode() + b"\r\n\r\n" + text
    )  # fmt: skip


CHINESE, TRADITIONAL, JAPANESE = (
    "关于采购合同的说明，请查收附件。",
    "關於採購合約的說明，請查收附件。",
    "会議の資料を送ります。よろしくお願いします。",
)


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gbk", "unknown-8bit"),
        (CHINESE, "gbk", "us-ascii"),
        (CHINESE, "gbk", "utf-8"),
        (CHINESE, "utf-8", "iso-8859-1"),
        (CHINESE, "utf-8", "no-such-charset"),
        (TRADITIONAL, "big5", "big5"),
        (JAPANESE, "cp932", "shift_jis"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        ("Grüße aus Zürich", "cp1252", "iso-8859-1"),
    ],
)
def test_the_text_is_read_in_its_charset_or_by_its_bytes(tmp_path, text, encoding, told):
    data = raw_mail(b"x", told, text.encode(encoding))
    assert body(read(tmp_path, data)) == [("paragraph", text)]
    packed = raw_mail(b"x", told, base64.encodebytes(text.encode(encoding)), "base64")
    assert body(read(tmp_path, packed)) == [("paragraph", text)]


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (CHINESE.encode(), CHINESE),
        (CHINESE.encode("gb18030"), CHINESE),
        (b"=?gb2312?B?" + base64.b64encode(CHINESE.encode("gbk")) + b"?=", CHINESE),
        (b"=?UTF-8?Q?Gr=C3=BC=C3=9Fe?= =?UTF-8?Q?_aus?=", "Grüße aus"),
        (b"=?utf-8?B?5YWz5LqO6YeH6LSt5ZA=?=\r\n =?utf-8?B?iOWQjA==?=", "关于采购合同"),
        (b"=?iso-2022-jp?B?GyRCMnE1RBsoQg==?=", "会議"),
        (b"=?utf-8?B?broken", "=?utf-8?B?broken"),
        (b"plain\r\n folded", "plain folded"),
    ],
)
def test_a_subject_is_read_however_it_was_written(tmp_path, subject, told):
    assert read(tmp_path, raw_mail(subject, "utf-8", b"x")).title == told


def test_every_piece_of_text_of_a_mixed_mail_is_read(tmp_path):
    data = (
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nabove the picture\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-Disposition: inline; filename=p.png\r\n\r\nx\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nbelow the picture\r\n--b--\r\n"
    )
    assert [text for _, text in body(read(tmp_path, data))] == ["above the picture", "below the picture"]


def test_a_date_that_cannot_be_read_is_shown_and_not_filtered_by(tmp_path):
    document = read(tmp_path, b"Subject: x\r\nDate: last Tuesday\r\n\r\nx")
    assert "date" not in document.metadata
    assert "Date: last Tuesday" in document.text


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: x\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
        b"Subject: x\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx",
        b"Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\n",
    ],
)
def test_an_encrypted_mail_says_so(tmp_path, data):
    with pytest.raises(EncryptedFile, match="decrypted"):
        read(tmp_path, data)


def test_what_has_neither_headers_nor_text_is_corrupt(tmp_path):
    with pytest.raises(CorruptFile):
        read(tmp_path, b"\n\n")


@pytest.mark.parametrize("data", [b"", b"no ole file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)])
def test_a_damaged_outlook_message_is_corrupt(tmp_path, data):
    path = tmp_path / "mail.msg"
    path.write_bytes(data)
    with pytest.raises(CorruptFile):
        parsed(path, MSG)


def test_an_outlook_message_reads_as_the_mail_that_it_was(corpus):
    document = parsed(next(corpus.rglob("fake-email-with-cc-and-bcc.msg")), MSG)
    assert document.metadata["to"] == ("John Jennings <john-ctr@unstructured.io>",)
    assert document.metadata["date"] == "2024-07-29T16:38:11-04:00"
    assert document.text_of(document.blocks[0]).startswith("From: John <johnjennings702@gmail.com>\nTo: John Jennings")
    with pytest.raises(EncryptedFile):
        parsed(next(corpus.rglob("fake-encrypted.msg")), MSG)


def test_every_mail_of_the_corpus_is_read_or_says_why_not(corpus):
    failed = {}
    for path in sorted([*corpus.rglob("*.eml"), *corpus.rglob("*.msg")]):
        try:
            assert parsed(path, MSG if path.suffix == ".msg" else EML).text
        except InputError as error:
            failed[path.name] = error.code
    assert failed == {"fake-encrypted.eml": "encrypted_file", "fake-encrypted.msg": "encrypted_file"}
