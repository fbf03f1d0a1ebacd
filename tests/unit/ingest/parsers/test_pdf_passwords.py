"""Encrypted PDFs and the passwords of the configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.parser import PdfParser
from schemas.document import Document
from schemas.errors import EncryptedFile, InputError
from schemas.source import Route


def parse(path: Path, *passwords: str) -> Document:
    parser = PdfParser(Tools(ReadOptions(passwords=passwords)))
    return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    document = pymupdf.open()
    document.new_page().insert_text((72, 100), "Behind a password")
    document.set_metadata({"author": "Ada"})
    path = tmp_path / "locked.pdf"
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="reader-word", owner_pw="owner-word")
    return path


@pytest.mark.parametrize("passwords", [("reader-word",), ("owner-word",), ("wrong", "", "reader-word", "other")])
def test_the_passwords_are_tried_in_their_order(passwords: tuple[str, ...], locked: Path) -> None:
    result = parse(locked, *passwords)
    assert result.text == "Behind a password"
    assert not any(word in result.model_dump_json() for word in ("reader-word", "owner-word", "wrong"))


def test_without_passwords_the_option_is_named(locked: Path) -> None:
    with pytest.raises(EncryptedFile, match=r"set parse\.passwords"):
        parse(locked)


def test_when_none_fits_the_file_says_so_and_tells_none_of_them(locked: Path) -> None:
    with pytest.raises(EncryptedFile, match=r"None of the 2 passwords in parse\.passwords") as caught:
        parse(locked, "first-try", "second-try")
    told = caught.value.message + repr(caught.value.facts) + repr(caught.value)
    assert "first-try" not in told
    assert "second-try" not in told


def test_real_files_open_with_theirs(corpus: Path) -> None:
    folder = corpus / "pdfjs_pdfs"
    known: dict[str, str] = json.loads((folder / "passwords.json").read_text("utf-8"))
    unopened = []
    paths = {path.name: path for path in folder.rglob("*.pdf") if path.name in known}
    assert len(paths) > 3
    for name, path in paths.items():
        password = known[name]
        try:
            parse(path, "not this one", password)
        except EncryptedFile:
            unopened.append(name)
        except InputError:
            continue  # opened; what is in it is another matter
    assert unopened == []
