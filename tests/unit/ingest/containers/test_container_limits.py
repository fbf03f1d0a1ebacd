"""Each limit stops what it is for, whatever the headers say; nothing stays behind."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.containers.base import MIB, ContainerLimits
from ingest.containers.expanding import expand
from schemas.errors import CorruptFile, TooLarge

WIDE = ContainerLimits(max_ratio=1e9)


def refused(source, out: Path, limits: ContainerLimits) -> TooLarge:
    with pytest.raises(TooLarge) as caught:
        expand(source, out, limits)
    assert list(out.iterdir()) == []
    return caught.value


def test_too_many_members(make_zip, make_tar, tmp_path):
    members = {f"{number}.txt": b"x" for number in range(11)}
    limits = replace(WIDE, max_members=10)
    for source in (make_zip(members), make_tar(members, "gz")):
        error = refused(source, tmp_path / source.name.replace(".", ""), limits)
        assert error.facts["option"] == "container.max_members"
        assert "container.max_members" in error.message
    assert len(expand(make_zip(members), tmp_path / "fits", replace(WIDE, max_members=11)).members) == 11


def test_too_much_in_all(make_zip, make_tar, tmp_path):
    members = {f"{number}.bin": bytes(MIB) for number in range(3)}
    limits = replace(WIDE, max_total_mb=2)
    for source in (make_zip(members), make_tar(members, "xz")):
        error = refused(source, tmp_path / source.name.replace(".", ""), limits)
        assert error.facts["option"] == "container.max_total_mb"
    assert len(expand(make_zip(members), tmp_path / "fits", replace(WIDE, max_total_mb=3)).members) == 3


def test_too_large_a_member(make_zip, make_file, tmp_path):
    limits = replace(WIDE, max_member_mb=1)
    error = refused(make_zip({"a.bin": bytes(MIB + 1)}), tmp_path / "out", limits)
    assert error.facts["option"] == "container.max_member_mb"
    assert expand(make_zip({"a.bin": bytes(MIB)}), tmp_path / "fits", limits).members[0].size == MIB


def test_a_bomb_is_told_by_its_ratio(make_zip, make_tar, tmp_path):
    limits = ContainerLimits()
    for source in (make_zip({"0": bytes(40 * MIB)}), make_tar({"0": bytes(40 * MIB)}, "gz")):
        error = refused(source, tmp_path / source.name.replace(".", ""), limits)
        assert error.facts["option"] == "container.max_ratio"


def test_a_small_archive_may_be_packed_as_well_as_it_likes(make_zip, tmp_path):
    assert expand(make_zip({"spaces.txt": b" " * MIB}), tmp_path / "out", ContainerLimits()).members[0].size == MIB


def test_a_bomb_of_members_that_share_their_bytes_is_told(make_file, tmp_path):
    """Many entries of the directory name one and the same packed stream: tiny, and endless when unpacked."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kernel", bytes(8 * MIB))
        original = archive.infolist()[0]
        for _ in range(30):
            archive.filelist.append(original)
    source = make_file("shared.zip", "application/zip", made.getvalue())
    assert refused(source, tmp_path / "out", ContainerLimits()).facts["option"] == "container.max_ratio"


def test_headers_that_lie_about_the_size_do_not_help(make_file, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bin", bytes(3 * MIB))
    raw = made.getvalue().replace((3 * MIB).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    expansions = tmp_path / "out"
    # The reader stops at the told size; what came out does not match its checksum.
    with pytest.raises(CorruptFile):
        expand(make_file("liar.zip", "application/zip", raw), expansions, replace(WIDE, max_member_mb=1))
    assert list(expansions.iterdir()) == []


def test_holes_of_a_sparse_file_count(make_file, tmp_path):
    header = tarfile.TarInfo("sparse")
    header.type, header.size = tarfile.GNUTYPE_SPARSE, 512
    raw = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    real = 64 * MIB
    raw[386:410] = b"00000000000\x00" + b"00000001000\x00"  # one piece of 512 bytes at the start
    raw[483:495] = b"%011o\x00" % real
    raw[148:156] = b"        "
    raw[148:156] = b"%06o\x00 " % sum(raw)
    source = make_file("a.tar", "application/x-tar", bytes(raw) + b"x" * 512 + bytes(1024))
    assert expand(source, tmp_path / "fits", WIDE).members[0].size == real
    error = refused(source, tmp_path / "out", replace(WIDE, max_total_mb=32))
    assert error.facts["option"] == "container.max_total_mb"


def test_members_that_are_passed_over_count_where_they_are_unpacked(make_tar, tmp_path):
    source = make_tar({"__MACOSX/x": bytes(3 * MIB), "a.txt": b"a"}, "gz")
    assert refused(source, tmp_path / "out", replace(WIDE, max_total_mb=2)).facts["option"] == "container.max_total_mb"


def test_a_long_name_is_not_read_into_memory(make_file, tmp_path):
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 5 * MIB
    body = header.tobuf(tarfile.GNU_FORMAT) + b"n" * (5 * MIB) + tarfile.TarInfo("a").tobuf() + bytes(1024)
    with pytest.raises(CorruptFile, match="a header of 5242880 bytes"):
        expand(make_file("a.tar", "application/x-tar", body), tmp_path / "out", WIDE)
