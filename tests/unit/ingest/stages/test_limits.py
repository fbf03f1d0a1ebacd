"""Every limit of the configuration reaches who has to keep it: each test fails when it is taken out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pymupdf
import pytest
from PIL import Image
from strata_fakes import Engine

NOTE = "# Note\n\nOil the pump every three hundred hours.\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@contextmanager
def opened(home: Path, overrides: Mapping[str, object]) -> Iterator[Engine]:
    engine = Engine(home, {"ocr.engine": "none", **overrides})
    try:
        yield engine
    finally:
        engine.close()


def pdf(path: Path, pages: int, password: str = "") -> None:
    with pymupdf.open() as document:
        for number in range(pages):
            document.new_page().insert_text((72, 72), f"Page {number + 1} of the manual speaks of the pump.")
        if password:
            document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw=password)
        else:
            document.save(path)


def archive(path: Path, members: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)


def make_large_file(inbox: Path) -> None:
    (inbox / "a.md").write_text(NOTE * 400, "utf-8")


def make_long_pdf(inbox: Path) -> None:
    pdf(inbox / "a.pdf", 3)


def make_picture(inbox: Path) -> None:
    Image.new("RGB", (200, 200), "white").save(inbox / "a.png")


def make_many_members(inbox: Path) -> None:
    archive(inbox / "a.zip", {"a.md": NOTE.encode(), "b.md": b"# Other\n\nAnother note.", "c.md": b"# C\n\nThird."})


def make_large_member(inbox: Path) -> None:
    archive(inbox / "a.zip", {"a.md": bytes(range(32, 127)) * 25_000})


def make_many_large_members(inbox: Path) -> None:
    archive(inbox / "a.zip", {f"{n}.md": bytes(range(32, 127)) * 10_000 for n in range(3)})


def make_bomb(inbox: Path) -> None:
    archive(inbox / "a.zip", {"a.md": b"0" * 30_000_000})


@pytest.mark.parametrize(
    ("make", "limit", "value"),
    [
        (make_large_file, "parse.max_file_mb", 0.01),
        (make_long_pdf, "parse.max_pages", 2),
        (make_picture, "parse.max_pixels", 39_999),
        (make_many_members, "container.max_members", 2),
        (make_large_member, "container.max_member_mb", 1),
        (make_many_large_members, "container.max_total_mb", 2),
        (make_bomb, "container.max_ratio", 100.0),
    ],
)
def test_what_is_above_a_limit_ends_in_quarantine_with_the_limits_name(
    tmp_path: Path, inbox: Path, make: object, limit: str, value: float
) -> None:
    assert callable(make)
    make(inbox)
    overrides = {limit: value, "parse.max_file_mb": value if limit == "parse.max_file_mb" else 512}
    with opened(tmp_path / "home", overrides) as engine:
        assert engine.run(inbox).failed == 1
        [failure] = engine.context.catalog.files.failures("default")
    assert failure.code == "too_large"
    assert limit in failure.message
    with opened(tmp_path / "other", {}) as engine:
        engine.run(inbox)
        codes = {failure.code for failure in engine.context.catalog.files.failures("default")}
    assert "too_large" not in codes or limit == "container.max_ratio"


def test_passwords_of_the_configuration_open_files(tmp_path: Path, inbox: Path) -> None:
    pdf(inbox / "a.pdf", 1, "open sesame")
    with opened(tmp_path / "home", {}) as engine:
        assert engine.run(inbox).failed == 1
        [failure] = engine.context.catalog.files.failures("default")
        assert (failure.code, "parse.passwords" in failure.message) == ("encrypted_file", True)
    with opened(tmp_path / "home", {"parse.passwords": ("wrong", "open sesame")}) as engine:
        assert engine.run(inbox).parsed == 1
        assert "speaks of the pump" in engine.texts("a.pdf")[0]


def test_a_password_stands_in_no_file_of_the_home(tmp_path: Path, inbox: Path) -> None:
    pdf(inbox / "a.pdf", 1, "open sesame")
    pdf(inbox / "b.pdf", 1, "another")
    with opened(tmp_path / "home", {"parse.passwords": ("open sesame",)}) as engine:
        engine.run(inbox)
    for path in (tmp_path / "home").rglob("*"):
        assert not path.is_file() or b"open sesame" not in path.read_bytes()
