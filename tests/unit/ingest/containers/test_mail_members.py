"""Attachments, forwarded mails, and the messages of a mailbox."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest.containers.base import ContainerLimits, Expansion
from ingest.containers.expanding import expand
from schemas.errors import CorruptFile

LIMITS = ContainerLimits()
EML, MBOX = "message/rfc822", "application/mbox"


def contents(expansion: Expansion) -> dict[str, bytes]:
    return {member.name: member.path.read_bytes() for member in expansion.members}


def mail() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Quarterly report"
    message["Date"] = "Fri, 01 Mar 2024 10:00:00 +0000"
    message.set_content("See the files.")
    return message


def test_attachments_are_members_with_the_time_of_the_mail(make_file, tmp_path):
    message = mail()
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="报告.pdf")
    message.add_attachment("a;b", subtype="csv", filename="figures.csv")
    expansion = expand(make_file("a.eml", EML, bytes(message)), tmp_path / "out", LIMITS)
    assert contents(expansion)["报告.pdf"] == b"%PDF"
    assert contents(expansion)["figures.csv"].strip() == b"a;b"
    assert expansion.members[0].mtime_ns == 1_709_287_200 * 10**9


def test_the_text_of_a_mail_is_no_member(make_file, tmp_path):
    message = mail()
    message.add_alternative("<p>See the files.</p>", subtype="html")
    assert expand(make_file("a.eml", EML, bytes(message)), tmp_path / "out", LIMITS).members == ()


def test_a_forwarded_mail_is_a_member_that_is_mail_again(make_file, tmp_path):
    message, inner = mail(), mail()
    inner.replace_header("Subject", "Re: prices / terms")
    inner.add_attachment(b"x", maintype="application", subtype="zip", filename="deep.zip")
    message.add_attachment(inner)
    outer = expand(make_file("a.eml", EML, bytes(message)), tmp_path / "out", LIMITS)
    assert [member.name for member in outer.members] == ["Re_ prices _ terms.eml"]
    forwarded = SimpleNamespace(path=outer.members[0].path, name="f.eml", media_type=EML)
    assert contents(expand(forwarded, tmp_path / "inner", LIMITS)) == {"deep.zip": b"x"}


def test_small_pictures_of_the_body_are_left_out_and_large_ones_are_not(make_file, tmp_path):
    message = mail()
    message.add_attachment(b"\x89PNG" + bytes(100), maintype="image", subtype="png", filename="logo.png", cid="<logo>")
    message.add_attachment(b"\x89PNG" + bytes(9000), maintype="image", subtype="png", filename="plan.png", cid="<p>")
    message.add_attachment(b"\x89PNG" + bytes(100), maintype="image", subtype="png", filename="dot.png")
    expansion = expand(make_file("a.eml", EML, bytes(message)), tmp_path / "out", LIMITS)
    assert [member.name for member in expansion.members] == ["dot.png", "plan.png"]


def test_names_in_raw_bytes_are_read(make_file, tmp_path):
    raw = (
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="'
        + "采购合同.doc".encode("gbk")
        + b'"\r\n\r\nx\r\n--b--\r\n'
    )
    expansion = expand(make_file("a.eml", EML, raw), tmp_path / "out", LIMITS)
    assert [member.name for member in expansion.members] == ["采购合同.doc"]


def test_a_name_that_leads_elsewhere_stays_inside(make_file, tmp_path):
    message = mail()
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="../../../evil.pdf")
    expansion = expand(make_file("a.eml", EML, bytes(message)), tmp_path / "out", LIMITS)
    assert [member.name for member in expansion.members] == ["evil.pdf"]
    assert expansion.members[0].path.parent == tmp_path / "out"


MAILBOX = (
    b"From a@x Fri Mar  1 10:00:00 2024\nMessage-ID: <one@x>\nSubject: 1\n\nFrom here on quoted:\n>From the start\n\n"
    b"From b@x Fri Mar  1 11:00:00 2024\nSubject: 2\n\nno id\n"
)


def test_every_message_of_a_mailbox_is_a_member_named_by_its_id(make_file, tmp_path):
    expansion = expand(make_file("a.mbox", MBOX, MAILBOX), tmp_path / "out", LIMITS)
    assert contents(expansion) == {
        "message-000002.eml": b"Subject: 2\n\nno id\n",
        "one@x.eml": b"Message-ID: <one@x>\nSubject: 1\n\nFrom here on quoted:\nFrom the start\n\n",
    }


def test_a_message_that_is_deleted_renames_no_other(make_file, tmp_path):
    both = MAILBOX + b"\nFrom c@x Fri Mar  1 12:00:00 2024\nMessage-ID: <three@x>\n\nlast\n"
    less = both[both.index(b"From b@x") :]
    names = [
        {member.name for member in expand(make_file(name, MBOX, data), tmp_path / f"out-{name}", LIMITS).members}
        for name, data in (("all.mbox", both), ("less.mbox", less))
    ]
    assert "three@x.eml" in names[0] & names[1]


def test_the_attachments_of_real_mails_are_found(corpus: Path, tmp_path):
    path = next(corpus.rglob("fake-email-image-embedded.eml"))
    source = SimpleNamespace(path=path, name=path.name, media_type=EML)
    assert [(m.name, m.size) for m in expand(source, tmp_path / "out", LIMITS).members] == [
        ("unstructured_logo.png", 215758)
    ]


MSG = "application/vnd.ms-outlook"


def test_a_damaged_outlook_message_is_corrupt(make_file, tmp_path):
    for number, data in enumerate((b"", b"no ole file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000))):
        with pytest.raises(CorruptFile, match="Outlook"):
            expand(make_file("a.msg", MSG, data), tmp_path / f"out{number}", LIMITS)


def test_encrypted_mails_have_no_members(corpus, tmp_path):
    for name, media_type in (("fake-encrypted.eml", EML), ("fake-encrypted.msg", MSG)):
        source = SimpleNamespace(path=next(corpus.rglob(name)), name=name, media_type=media_type)
        assert expand(source, tmp_path / name, LIMITS).members == ()
