from __future__ import annotations

import io
import random
import tarfile
from pathlib import Path

import pytest
import zstandard

from ingest.archive import Damaged, check, read_header, unpack, written
from schemas.errors import ConfigError

FILES = {"a/one.bin": random.Random(1).randbytes(70_000), "two.txt": b"two", "empty": b"", "holes": bytes(3 * 2**20)}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "it.tar.zst"
    with written(path, {"made": "here"}, _nobody) as archive:
        for name, content in FILES.items():
            archive.add(name, io.BytesIO(content), len(content))
    return path


def _nobody(done: int) -> None:
    """Is told of progress."""


def test_what_was_put_in_comes_out(archive: Path, tmp_path: Path) -> None:
    told: list[int] = []

    assert read_header(archive) == {"made": "here"}
    assert unpack(archive, tmp_path / "out", told.append) == check(archive, _nobody) == len(FILES) + 1

    assert {name: (tmp_path / "out" / name).read_bytes() for name in FILES} == FILES
    assert sum(told) == sum(map(len, FILES.values())) + len(b'{"made": "here"}')


def test_any_other_program_can_read_it(archive: Path) -> None:
    with (
        archive.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        names = tar.getnames()

    assert names == ["header.json", *FILES, "seal.json"]


def test_a_file_that_is_mostly_empty_takes_no_room(archive: Path, tmp_path: Path) -> None:
    unpack(archive, tmp_path / "out", _nobody)

    assert (tmp_path / "out" / "holes").stat().st_blocks * 512 < 2**20


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_cut_archive_is_refused(archive: Path, tmp_path: Path, share: float) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(Damaged, match="damaged"):
        check(archive, _nobody)
    with pytest.raises(Damaged, match="damaged"):
        unpack(archive, tmp_path / "out", _nobody)


def test_one_changed_byte_anywhere_is_noticed(archive: Path) -> None:
    whole = archive.read_bytes()
    dice = random.Random(2)
    for _ in range(60):
        place = dice.randrange(len(whole))
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(Damaged):
            check(archive, _nobody)


def test_a_file_that_was_taken_out_is_missed(archive: Path) -> None:
    with archive.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        content = stream.read()
    kept = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=kept, mode="w") as new:
        for entry in old:
            if entry.name != "two.txt":
                new.addfile(entry, old.extractfile(entry))
    archive.write_bytes(zstandard.ZstdCompressor().compress(kept.getvalue()))

    with pytest.raises(Damaged, match="seal"):
        check(archive, _nobody)


def test_nothing_is_written_outside_of_the_folder(archive: Path, tmp_path: Path) -> None:
    with written(archive, {}, _nobody) as evil:
        evil.add("../evil", io.BytesIO(b"x"), 1)

    with pytest.raises(Damaged):
        unpack(archive, tmp_path / "out", _nobody)
    assert not (tmp_path / "evil").exists()


def test_what_is_no_archive_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all", "utf-8")

    with pytest.raises(Damaged, match="damaged"):
        read_header(tmp_path / "letter.txt")
    with pytest.raises(ConfigError, match="there is no file"):
        read_header(tmp_path / "nothing")
