"""What comes out of archives, and what never does."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from ingest.containers.base import ContainerLimits, Expansion
from ingest.containers.expanding import EXPANDED_TYPES, expand, is_container
from schemas.errors import CorruptFile, EncryptedFile, UnsupportedFormat

LIMITS = ContainerLimits()


def names(expansion: Expansion) -> list[str]:
    return [member.name for member in expansion.members]


def contents(expansion: Expansion) -> dict[str, bytes]:
    return {member.name: member.path.read_bytes() for member in expansion.members}


def test_members_come_sorted_with_their_bytes_size_and_time(make_zip, tmp_path):
    source = make_zip({"b/two.txt": b"2", "a.txt": b"first"})
    expansion = expand(source, tmp_path / "out", LIMITS)
    assert contents(expansion) == {"a.txt": b"first", "b/two.txt": b"2"}
    assert names(expansion) == ["a.txt", "b/two.txt"]
    assert [member.size for member in expansion.members] == [5, 1]


def test_files_are_named_by_us_and_lie_below_the_folder(make_zip, tmp_path):
    source = make_zip({"../../escape.txt": b"x", "/etc/passwd": b"y", "C:\\windows\\evil.exe": b"z"})
    out = tmp_path / "out"
    expansion = expand(source, out, LIMITS)
    assert names(expansion) == ["escape.txt", "etc/passwd", "windows/evil.exe"]
    assert {member.path.parent for member in expansion.members} == {out}
    assert sorted(path.name for path in out.iterdir()) == ["000000", "000001", "000002"]
    assert not (tmp_path / "escape.txt").exists()


def test_two_members_of_one_name_are_both_kept(make_file, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("same.txt", b"1")
        archive.writestr("same.txt", b"2")
    expansion = expand(make_file("a.zip", "application/zip", made.getvalue()), tmp_path / "out", LIMITS)
    assert contents(expansion) == {"same.txt": b"1", "same (2).txt": b"2"}


def test_folders_and_what_systems_add_are_passed_over(make_zip, tmp_path):
    source = make_zip({"d/": b"", "__MACOSX/._a": b"x", "d/.DS_Store": b"x", "d/Thumbs.db": b"x", "d/a.txt": b"a"})
    assert names(expand(source, tmp_path / "out", LIMITS)) == ["d/a.txt"]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("合同/采购说明.txt", "gbk"),
        ("報告書/說明文件.txt", "big5"),
        ("会議のまとめ.txt", "cp932"),
        ("café.txt", "cp437"),
    ],
)
def test_names_without_the_utf8_flag_are_read_in_their_encoding(make_file, tmp_path, name, encoding):
    raw = name.encode(encoding)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x" * len(raw), b"1")
    data = made.getvalue().replace(b"x" * len(raw), raw)
    assert names(expand(make_file("a.zip", "application/zip", data), tmp_path / "out", LIMITS)) == [name]


def test_a_damaged_member_costs_that_member(make_file, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("good.txt", b"good")
        archive.writestr("bad.txt", b"KEEPSAKE")
    data = made.getvalue().replace(b"KEEPSAKE", b"KEEPSAKX")
    expansion = expand(make_file("a.zip", "application/zip", data), tmp_path / "out", LIMITS)
    assert names(expansion) == ["good.txt"]
    assert "bad.txt is damaged" in expansion.warnings[0]
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and no more", b"nothing"])
def test_a_damaged_archive_is_corrupt(make_file, tmp_path, data):
    with pytest.raises(CorruptFile, match=r"a\.zip"):
        expand(make_file("a.zip", "application/zip", data), tmp_path / "out", LIMITS)


def encrypted_zip(password: bytes, data: bytes) -> bytes:
    """ZipCrypto by hand: Python reads it and does not write it."""
    table = [0] * 256
    for n in range(256):
        c = n
        for _ in range(8):
            c = (c >> 1) ^ 0xEDB88320 if c & 1 else c >> 1
        table[n] = c
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 255]
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 255]

    def encrypted(byte: int) -> int:
        temp = keys[2] | 2
        out = byte ^ (((temp * (temp ^ 1)) >> 8) & 255)
        update(byte)
        return out

    for byte in password:
        update(byte)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("secret.txt", b"\x00" * (len(data) + 12))
        info = archive.getinfo("secret.txt")
    crc = zipfile.crc32(data)
    secret = bytes(map(encrypted, b"\x00" * 11 + bytes([crc >> 24]) + data))
    raw = bytearray(made.getvalue())
    start = raw.index(b"secret.txt") + len("secret.txt")
    raw[start : start + len(secret)] = secret
    directory = raw.index(b"PK\x01\x02")
    for flags, check, sizes in ((6, 14, 18), (directory + 8, directory + 16, directory + 20)):
        raw[flags] |= 1
        raw[check : check + 4] = crc.to_bytes(4, "little")
        raw[sizes : sizes + 8] = (len(data) + 12).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    assert info.file_size == len(secret)
    return bytes(raw)


def test_an_encrypted_archive_opens_with_any_of_the_passwords(make_file, tmp_path):
    source = make_file("a.zip", "application/zip", encrypted_zip(b"open sesame", b"treasure"))
    expansion = expand(source, tmp_path / "out", LIMITS, ("wrong", "open sesame"))
    assert contents(expansion) == {"secret.txt": b"treasure"}


def test_an_encrypted_archive_without_its_password_says_so(make_file, tmp_path):
    source = make_file("a.zip", "application/zip", encrypted_zip(b"open sesame", b"treasure"))
    with pytest.raises(EncryptedFile, match="password"):
        expand(source, tmp_path / "out", LIMITS, ("wrong",))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("packing", ["", "gz", "bz2", "xz"])
def test_a_tar_is_read_in_every_packing(make_tar, tmp_path, packing):
    expansion = expand(make_tar({"d/b.txt": b"bb", "a.txt": b"a"}, packing), tmp_path / "out", LIMITS)
    assert contents(expansion) == {"a.txt": b"a", "d/b.txt": b"bb"}
    assert expansion.members[0].mtime_ns == 1_700_000_000 * 10**9


def test_a_tar_in_zstandard_is_read(make_tar, make_file, tmp_path):
    packed = zstandard.compress(make_tar({"a.txt": b"a" * 5000}).path.read_bytes())
    expansion = expand(make_file("b.tar.zst", "application/zstd", packed), tmp_path / "out", LIMITS)
    assert contents(expansion) == {"a.txt": b"a" * 5000}


@pytest.mark.parametrize(
    ("name", "media_type", "pack"),
    [
        ("notes.txt.gz", "application/gzip", gzip.compress),
        ("notes.txt.bz2", "application/x-bzip2", bz2.compress),
        ("notes.txt.xz", "application/x-xz", lzma.compress),
        ("notes.txt.zst", "application/zstd", zstandard.compress),
    ],
)
def test_a_packed_file_is_one_member_named_without_the_suffix(make_file, tmp_path, name, media_type, pack):
    data = os.urandom(100_000) + b"text" * 1000
    source = make_file(name, media_type, pack(data))
    assert contents(expand(source, tmp_path / "out", LIMITS)) == {"notes.txt": data}
    cut = make_file(name, media_type, pack(data)[:-20_000])
    with pytest.raises(CorruptFile):
        expand(cut, tmp_path / "out2", LIMITS)
    assert list((tmp_path / "out2").iterdir()) == []


def test_xz_streams_one_after_the_other_are_one_file(make_file, tmp_path):
    source = make_file("a.xz", "application/x-xz", lzma.compress(b"one ") + lzma.compress(b"two") + b"\x00" * 4)
    assert contents(expand(source, tmp_path / "out", LIMITS)) == {"a": b"one two"}


def test_links_and_devices_are_left_out_with_a_warning(make_file, tmp_path):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("empty.txt"))
    expansion = expand(make_file("a.tar", "application/x-tar", made.getvalue()), tmp_path / "out", LIMITS)
    assert names(expansion) == ["empty.txt"]
    assert len(expansion.warnings) == 3
    assert all(path.is_file() and not path.is_symlink() for path in (tmp_path / "out").iterdir())


def test_a_link_in_a_zip_is_left_out_with_a_warning(make_file, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    expansion = expand(make_file("a.zip", "application/zip", made.getvalue()), tmp_path / "out", LIMITS)
    assert expansion == Expansion((), ("link is a link and was left out.",))


def test_a_tar_that_breaks_off_keeps_what_came_before(make_tar, make_file, tmp_path):
    data = make_tar({"a.txt": b"a" * 2000, "b.txt": b"b" * 2000}).path.read_bytes()
    cut = make_file("cut.tar", "application/x-tar", data[:4500])
    expansion = expand(cut, tmp_path / "out", LIMITS)
    assert contents(expansion) == {"a.txt": b"a" * 2000}
    assert "damaged" in expansion.warnings[0]
    spoiled = bytearray(data)
    spoiled[2560:2600] = b"?" * 40  # the second header
    expansion = expand(make_file("spoiled.tar", "application/x-tar", bytes(spoiled)), tmp_path / "out2", LIMITS)
    assert names(expansion) == ["a.txt"]
    assert expansion.warnings


def test_an_error_of_our_own_disk_is_not_the_archives_fault(make_zip, tmp_path):
    source = make_zip({"a.txt": b"a"})
    out = tmp_path / "out"
    out.mkdir()
    (out / "000000").write_bytes(b"somebody else's")
    with pytest.raises(FileExistsError):
        expand(source, out, LIMITS)
    assert (out / "000000").read_bytes() == b"somebody else's"


@pytest.mark.parametrize("media_type", ["application/x-7z-compressed", "application/vnd.rar"])
def test_formats_that_are_not_read_are_refused_with_what_to_do(make_file, tmp_path, media_type):
    with pytest.raises(UnsupportedFormat, match="unpack it, or pack it again as ZIP"):
        expand(make_file("a.7z", media_type, b"7z"), tmp_path / "out", LIMITS)


def test_containers_are_told_by_their_type():
    assert all(map(is_container, EXPANDED_TYPES))
    assert is_container("message/rfc822")
    assert not is_container("application/pdf")


def test_the_zip_files_of_the_corpus_hold_what_unzip_lists(corpus: Path, tmp_path):
    for number, path in enumerate(sorted(corpus.rglob("*.zip"))):
        from types import SimpleNamespace

        source = SimpleNamespace(path=path, name=path.name, media_type="application/zip")
        with zipfile.ZipFile(path) as archive:
            listed = {
                i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir() and "MACOSX" not in i.filename
            }
        assert contents(expand(source, tmp_path / str(number), LIMITS)) == listed
