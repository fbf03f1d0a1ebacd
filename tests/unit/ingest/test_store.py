from __future__ import annotations

import errno
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from ingest.store import ArtifactStore, DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.errors import ConfigError, MissingExtra, StoreDown
from schemas.ids import digest

FRAMES = [("k1", "第一 frame".encode() * 50), ("k2", b""), ("k3", os.urandom(5000))]
ORIGINAL = b"%PDF-1.7 the very bytes of a file"


@pytest.fixture(params=["folder", "file://", "memory://"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "folder":
        yield str(tmp_path / "artifacts")
    elif request.param == "file://":
        yield (tmp_path / "artifacts").as_uri()
    else:
        root = f"memory://{uuid.uuid4().hex}"
        yield root
        fs, path = fsspec.core.url_to_fs(root)
        if fs.exists(path):
            fs.rm(path, recursive=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "manual.pdf"
    path.write_bytes(ORIGINAL)
    return path


def stored(url: str) -> dict[str, bytes]:
    """Every file below the store."""
    fs, root = fsspec.core.url_to_fs(url)
    return {path.removeprefix(root): fs.cat_file(path) for path in fs.find(root)} if fs.exists(root) else {}


def damage(url: str, ref: ArtifactRef, body: bytes) -> None:
    fs, root = fsspec.core.url_to_fs(url)
    fs.pipe_file(f"{root}/{ref.pack}", body)


# --------------------------------------------------------------------- packs


def test_every_frame_of_a_pack_is_read_by_itself(url: str) -> None:
    refs = ArtifactStore(url).write_pack("parse", FRAMES)

    reader = ArtifactStore(url)
    assert [reader.read(ref) for ref in reversed(refs)] == [content for _, content in reversed(FRAMES)]


def test_a_reference_names_its_input_and_its_content(url: str) -> None:
    refs = ArtifactStore(url).write_pack("parse", FRAMES)

    assert [(ref.stage, ref.key, ref.digest) for ref in refs] == [("parse", k, digest(c)) for k, c in FRAMES]
    assert len({ref.pack for ref in refs}) == 1


def test_a_pack_is_named_by_its_bytes_and_writing_it_again_is_harmless(url: str) -> None:
    store = ArtifactStore(url)
    first = store.write_pack("chunk", FRAMES)
    before = stored(url)

    assert store.write_pack("chunk", FRAMES) == first
    assert stored(url) == before
    assert [Path(name).stem for name in before] == [digest(body) for body in before.values()]


def test_a_pack_of_nothing_is_no_harm(url: str) -> None:
    assert ArtifactStore(url).write_pack("chunk", []) == []


def test_nothing_half_written_is_left_beside_a_pack(tmp_path: Path) -> None:
    ArtifactStore(str(tmp_path)).write_pack("parse", FRAMES)

    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".pack"]


# ------------------------------------------------------------------- damages


def test_a_pack_that_is_gone_has_to_be_made_again(url: str) -> None:
    store = ArtifactStore(url)
    ref = store.write_pack("parse", FRAMES)[0]
    fs, root = fsspec.core.url_to_fs(url)
    fs.rm_file(f"{root}/{ref.pack}")

    with pytest.raises(DamagedArtifact, match="is missing or damaged") as caught:
        store.read(ref)
    assert (caught.value.ref, caught.value.facts) == (ref, {"key": "k1"})


@pytest.mark.parametrize("kept", [0, 1, 8, 20])
def test_a_pack_that_was_cut_off_has_to_be_made_again(url: str, kept: int) -> None:
    store = ArtifactStore(url)
    ref = store.write_pack("parse", FRAMES[:1])[0]
    assert kept < ref.length
    damage(url, ref, next(iter(stored(url).values()))[:kept])

    with pytest.raises(DamagedArtifact):
        store.read(ref)


def test_whichever_bit_of_a_frame_is_wrong_the_content_is_never(tmp_path: Path) -> None:
    store = ArtifactStore(str(tmp_path))
    content = b"Check the oil level before the first start. " * 3
    ref = store.write_pack("parse", [("k", content)])[0]
    body = (tmp_path / ref.pack).read_bytes()
    damaged = 0
    for position in range(0, ref.length * 8, 3):  # every bit of a byte in turn
        wrong = bytearray(body)
        wrong[position // 8] ^= 1 << position % 8
        (tmp_path / ref.pack).write_bytes(wrong)
        try:
            # A few bits say nothing about the content; whatever is given back must be what was written.
            assert store.read(ref) == content
        except DamagedArtifact:
            damaged += 1
    assert damaged > ref.length


def test_a_header_that_promises_exabytes_does_not_exhaust_the_memory(tmp_path: Path) -> None:
    store = ArtifactStore(str(tmp_path))
    ref = store.write_pack("parse", [("k", b"x" * 5)])[0]
    body = (tmp_path / ref.pack).read_bytes()
    promise = body[:4] + b"\xe0" + (2**62).to_bytes(8, "little") + body[6:]
    (tmp_path / ref.pack).write_bytes(promise)

    with pytest.raises(DamagedArtifact):
        store.read(ref.model_copy(update={"length": len(promise)}))


def test_a_reference_to_another_frame_is_found_out(url: str) -> None:
    store = ArtifactStore(url)
    first, _, last = store.write_pack("parse", FRAMES)

    with pytest.raises(DamagedArtifact):
        store.read(first.model_copy(update={"offset": last.offset, "length": last.length}))


# ----------------------------------------------------------------- originals


def test_an_original_is_kept_under_its_digest_once(url: str, source: Path) -> None:
    store = ArtifactStore(url)
    sha256 = digest(ORIGINAL)

    assert store.put_original(sha256, source)
    source.unlink()
    assert store.put_original(sha256, source)
    assert stored(url) == {f"/original/{sha256[:2]}/{sha256}": ORIGINAL}


def test_a_file_that_changed_meanwhile_is_not_kept_under_the_old_digest(url: str, source: Path) -> None:
    assert not ArtifactStore(url).put_original(digest(b"what was parsed"), source)
    assert stored(url) == {}


def test_a_file_that_went_away_meanwhile_is_not_the_stores_fault(url: str, tmp_path: Path) -> None:
    assert not ArtifactStore(url).put_original(digest(ORIGINAL), tmp_path / "gone.pdf")
    assert stored(url) == {}


# ----------------------------------------------- a store that cannot be used


def test_a_folder_whose_name_looks_like_a_chained_url_is_a_folder(tmp_path: Path) -> None:
    root = tmp_path / "a::b"
    ref = ArtifactStore(str(root)).write_pack("parse", FRAMES)[0]

    assert (root / ref.pack).is_file()


def test_a_url_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"store\.url = nonsense://x"):
        ArtifactStore("nonsense://x")


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adlfs", None)

    with pytest.raises(MissingExtra, match="adlfs"):
        ArtifactStore("abfs://bucket/prefix")


def test_a_file_in_the_stores_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "artifacts").touch()

    with pytest.raises(StoreDown, match=f"cannot write parse/.* below {tmp_path}/artifacts: "):
        ArtifactStore(str(tmp_path / "artifacts")).write_pack("parse", FRAMES)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full: make room and run again, nothing that was finished is lost"),
        (errno.EDQUOT, "the disk is full: make room and run again, nothing that was finished is lost"),
        (errno.EACCES, "the folder is not writable for this user"),
        (errno.EROFS, "the folder is not writable for this user"),
    ],
)
def test_a_disk_that_takes_nothing_is_told_with_what_to_do(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    store = ArtifactStore(str(tmp_path / "artifacts"))

    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)

    for write in (lambda: store.write_pack("parse", FRAMES), lambda: store.put_original(digest(ORIGINAL), source)):
        with pytest.raises(StoreDown, match=sentence) as caught:
            write()
        assert caught.value.facts == {"errno": number}
    assert [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()] == []


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from ingest.store import ArtifactStore
from schemas.errors import StoreDown
store = ArtifactStore(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
small = store.write_pack("parse", [("small", b"small")])
try:
    store.write_pack("parse", [("big", bytes(Path(sys.argv[2]).read_bytes()))])
except StoreDown as error:
    print(error)
print(store.read(small[0]).decode())
print(*sorted(p.name for p in Path(sys.argv[1]).rglob("*") if p.is_file() and p.suffix != ".pack"))
"""


def test_a_file_that_cannot_be_written_to_its_end_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "random").write_bytes(os.urandom(100_000))

    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path / "artifacts"), str(tmp_path / "random")],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    told, kept, left_over = done.stdout.splitlines()
    assert told.startswith("cannot write parse/")
    assert told.endswith("[Errno 27] File too large")
    assert (kept, left_over) == ("small", "")


# ------------------------------------------------------------------ packs without a catalog


def test_a_pack_says_what_is_in_it(url: str) -> None:
    store = ArtifactStore(url)
    refs = store.write_pack("parse", FRAMES)
    (vectors,) = store.write_pack("vector", [("matrix", bytes(8))], vector_keys=["v1", "v2"], fingerprint="model")

    index = store.read_index(refs[0].pack)
    assert index is not None
    assert index.refs(refs[0].pack) == refs

    matrix = store.read_index(vectors.pack)
    assert matrix is not None
    assert (matrix.vector_keys, matrix.fingerprint) == (("v1", "v2"), "model")


def test_the_packs_of_a_stage_are_listed(url: str) -> None:
    store = ArtifactStore(url)
    assert store.packs("parse") == []
    packs = {store.write_pack("parse", [(key, key.encode())])[0].pack for key in "abc"}
    store.write_pack("chunk", FRAMES)

    assert store.packs("parse") == sorted(packs)


def test_an_index_larger_than_one_read_is_read_whole(url: str) -> None:
    store = ArtifactStore(url)
    keys = [os.urandom(32).hex() for _ in range(4_000)]
    (ref,) = store.write_pack("vector", [("matrix", b"")], vector_keys=keys)

    index = store.read_index(ref.pack)
    assert index is not None
    assert list(index.vector_keys) == keys


@pytest.mark.parametrize("body", [b"", b"short", b"no index at all, but long enough", os.urandom(500) + b"dsindex1"])
def test_a_pack_without_an_index_is_told_apart(url: str, body: bytes) -> None:
    store = ArtifactStore(url)
    (ref,) = store.write_pack("parse", [("k", b"content")])
    damage(url, ref, body)

    assert store.read_index(ref.pack) is None
    assert store.read_index("parse/00/gone.pack") is None
