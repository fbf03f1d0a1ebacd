"""What archives and mails hold becomes documents that name their parent."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest
from strata_fakes import Engine

PUMP = "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n"
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"
BROKEN = b"%PDF-1.7 this is no PDF"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home")
    yield opened
    opened.close()


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content)
    return buffer.getvalue()


def mail(text: str, attachments: Mapping[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ada@example.org", "bob@example.org", "The pump"
    message["Date"] = "Mon, 05 Jan 2026 10:00:00 +0000"
    message.set_content(text)
    for name, content in attachments.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def paths(strata: Engine) -> set[str]:
    return {payload.path for payload in strata.current()}


def test_members_of_an_archive_are_documents_that_name_it(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"docs/pump.md": PUMP, "valve.md": VALVE}))
    summary = strata.run(inbox)
    assert (summary.seen, summary.parsed, summary.members, summary.members_failed) == (1, 1, 2, 0)
    assert paths(strata) == {"plant.zip!/docs/pump.md", "plant.zip!/valve.md"}
    assert {payload.container for payload in strata.current()} == {"plant.zip"}


def test_a_second_run_does_not_open_the_archive_again(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"pump.md": PUMP}))
    strata.run(inbox)
    summary = strata.run(inbox)
    assert (summary.unchanged, summary.members, summary.written, summary.retired) == (1, 0, 0, 0)


def test_archives_in_archives_are_opened_to_the_depth_that_is_allowed(tmp_path: Path, inbox: Path) -> None:
    inner = zipped({"pump.md": PUMP})
    (inbox / "outer.zip").write_bytes(zipped({"inner.zip": inner}))
    deep = Engine(tmp_path / "deep", {"container.max_depth": 2})
    flat = Engine(tmp_path / "flat", {"container.max_depth": 1})
    assert deep.run(inbox).members == 2
    assert {(payload.path, payload.container) for payload in deep.current()} == {
        ("outer.zip!/inner.zip!/pump.md", "outer.zip!/inner.zip")
    }
    assert flat.run(inbox).members_failed == 1
    [failure] = flat.context.catalog.files.failures("default")
    assert (failure.path, failure.code) == ("outer.zip!/inner.zip", "too_large")
    assert "container.max_depth" in failure.message
    deep.close()
    flat.close()


def test_what_all_archives_of_a_file_hold_together_is_limited(tmp_path: Path, inbox: Path) -> None:
    inner = {f"{n}.zip": zipped({"a.md": f"# {n}\n\nThe note of part {n}.", "b.md": PUMP}) for n in range(3)}
    (inbox / "outer.zip").write_bytes(zipped(inner))
    strata = Engine(tmp_path / "home", {"container.max_members": 7})
    summary = strata.run(inbox)
    assert summary.members_failed == 1
    assert len(paths(strata)) == 4
    strata.close()


def test_an_attachment_is_a_document_and_so_is_the_mail(strata: Engine, inbox: Path) -> None:
    (inbox / "mail.eml").write_bytes(mail("Please find the manual attached.", {"pump.md": PUMP.encode()}))
    summary = strata.run(inbox)
    assert (summary.parsed, summary.members) == (1, 1)
    assert paths(strata) == {"mail.eml", "mail.eml!/pump.md"}
    body = next(payload for payload in strata.current() if payload.path == "mail.eml")
    assert (body.container, body.metadata["from"]) == (None, "ada@example.org")


def test_a_broken_member_costs_itself_and_is_not_tried_again(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"broken.pdf": BROKEN, "pump.md": PUMP}))
    summary = strata.run(inbox)
    assert (summary.parsed, summary.failed, summary.members, summary.members_failed) == (1, 0, 2, 1)
    assert paths(strata) == {"plant.zip!/pump.md"}
    [failure] = strata.context.catalog.files.failures("default")
    assert (failure.path, failure.attempts) == ("plant.zip!/broken.pdf", 1)
    assert failure.uri.endswith("plant.zip!/broken.pdf")
    assert strata.run(inbox).members == 0
    assert strata.run(inbox, retry_failed=True).members_failed == 1
    assert strata.context.catalog.files.failures("default")[0].attempts == 2


def test_a_member_that_was_mended_leaves_quarantine(strata: Engine, inbox: Path) -> None:
    archive = inbox / "plant.zip"
    archive.write_bytes(zipped({"note.md": b"", "pump.md": PUMP}))
    strata.run(inbox)
    archive.write_bytes(zipped({"note.md": VALVE, "pump.md": PUMP}))
    summary = strata.run(inbox)
    assert (summary.members_failed, summary.embedded) == (0, 1)
    assert strata.context.catalog.files.failures("default") == []
    assert paths(strata) == {"plant.zip!/note.md", "plant.zip!/pump.md"}


def test_a_member_that_is_no_longer_there_is_retired(strata: Engine, inbox: Path) -> None:
    archive = inbox / "plant.zip"
    archive.write_bytes(zipped({"broken.pdf": BROKEN, "pump.md": PUMP, "valve.md": VALVE}))
    strata.run(inbox)
    archive.write_bytes(zipped({"pump.md": PUMP}))
    summary = strata.run(inbox)
    assert (summary.retired, summary.written) == (1, 0)
    assert paths(strata) == {"plant.zip!/pump.md"}
    assert strata.context.catalog.files.failures("default") == []


def test_an_archive_that_vanishes_takes_its_members_along(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"broken.pdf": BROKEN, "pump.md": PUMP}))
    (inbox / "valve.md").write_text(VALVE, "utf-8")
    strata.run(inbox)
    (inbox / "plant.zip").unlink()
    summary = strata.run(inbox)
    assert (summary.removed, summary.retired) == (1, 1)
    assert paths(strata) == {"valve.md"}
    assert strata.context.catalog.files.failures("default") == []
    assert set(strata.context.catalog.files.of_source("default", "inbox")) == {"valve.md"}


def test_an_archive_under_another_name_is_renamed_and_nothing_is_embedded(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"pump.md": PUMP}))
    strata.run(inbox)
    (inbox / "plant.zip").rename(inbox / "works.zip")
    summary = strata.run(inbox)
    assert (summary.renamed, summary.removed, summary.embedded) == (1, 0, 0)
    assert paths(strata) == {"works.zip!/pump.md"}


def test_an_archive_that_was_damaged_keeps_its_last_good_members(strata: Engine, inbox: Path) -> None:
    archive = inbox / "plant.zip"
    archive.write_bytes(zipped({"pump.md": PUMP}))
    strata.run(inbox)
    archive.write_bytes(zipped({"pump.md": PUMP})[:60])
    summary = strata.run(inbox)
    assert (summary.failed, summary.retired) == (1, 0)
    assert paths(strata) == {"plant.zip!/pump.md"}
    assert strata.context.catalog.history.totals("default").stale == 1


def test_a_document_in_place_of_an_archive_retires_what_that_held(strata: Engine, inbox: Path) -> None:
    place = inbox / "plant"
    place.write_bytes(zipped({"pump.md": PUMP}))
    strata.run(inbox)
    place.write_text("The valve closes when the pressure falls.", "utf-8")
    strata.run(inbox)
    assert paths(strata) == {"plant"}
    place.write_bytes(zipped({"valve.md": VALVE}))
    strata.run(inbox)
    assert paths(strata) == {"plant!/valve.md"}


def test_patterns_hold_for_members(tmp_path: Path, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"drafts/pump.md": PUMP, "~$valve.md": VALVE, "valve.md": VALVE}))
    strata = Engine(tmp_path / "home", {"source.exclude": ("drafts",)})
    assert strata.run(inbox).members == 1
    assert paths(strata) == {"plant.zip!/valve.md"}
    strata.close()


def test_a_tar_with_two_equal_members_has_both_as_documents(strata: Engine, inbox: Path) -> None:
    with tarfile.open(inbox / "plant.tar.gz", "w:gz") as archive:
        for name in ("a.md", "b.md"):
            info = tarfile.TarInfo(name)
            info.size = len(PUMP.encode())
            archive.addfile(info, io.BytesIO(PUMP.encode()))
    summary = strata.run(inbox)
    assert (summary.members, summary.embedded) == (2, 1)
    assert paths(strata) == {"plant.tar.gz!/a.md", "plant.tar.gz!/b.md"}


def test_archives_may_be_left_shut(tmp_path: Path, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"pump.md": PUMP}))
    (inbox / "mail.eml").write_bytes(mail("Please find the manual attached.", {"pump.md": PUMP.encode()}))
    strata = Engine(tmp_path / "home", {"container.expand": False})
    summary = strata.run(inbox)
    assert (summary.parsed, summary.failed, summary.members) == (1, 1, 0)
    assert paths(strata) == {"mail.eml"}
    strata.close()


def test_a_mail_whose_attachments_are_too_large_is_read_without_them(tmp_path: Path, inbox: Path) -> None:
    attached = {f"{n}.md": PUMP.encode() for n in range(3)}
    (inbox / "mail.eml").write_bytes(mail("Please find the manuals attached.", attached))
    strata = Engine(tmp_path / "home", {"container.max_members": 2})
    summary = strata.run(inbox)
    assert (summary.parsed, summary.members, summary.members_failed) == (1, 1, 1)
    assert paths(strata) == {"mail.eml"}
    [failure] = strata.context.catalog.files.failures("default")
    assert (failure.path, failure.stage, failure.code) == ("mail.eml!/*", "unpack", "too_large")
    strata.close()


def test_nothing_that_was_unpacked_is_left_behind(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({"broken.pdf": BROKEN, "pump.md": PUMP}))
    strata.run(inbox)
    assert not list(strata.context.home.scratch.iterdir())


def test_an_archive_counts_as_one_file_when_many_vanish(strata: Engine, inbox: Path) -> None:
    (inbox / "plant.zip").write_bytes(zipped({f"{n}.md": f"# {n}\n\nNote {n} of the plant." for n in range(6)}))
    for n in range(5):
        (inbox / f"{n}.md").write_text(f"# {n}\n\nPage {n} of the manual.", "utf-8")
    strata.run(inbox)
    (inbox / "plant.zip").unlink()
    summary = strata.run(inbox)
    assert summary.retired == 6
    assert not summary.warnings
