"""A run that is killed anywhere, and then run again, ends as a run that never was."""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import numpy as np
import pytest
from kills import State, clean_run, killed_run, moments, state, vectors
from sparse_copies import copied
from strata_fakes import HashEmbedder

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("DOCSTRATA_SEED", "20261122"))


@dataclass(frozen=True)
class Scene:
    """`before`: the home that a killed run begins with, None for a new one. `light`: vectors are hashes."""

    light: bool
    inbox: Path
    before: Path | None
    expected: State
    vectors: dict[str, np.ndarray]
    seconds: float

    def home(self, at: Path) -> Path:
        if self.before is not None:
            copied(self.before, at)
        return at

    @property
    def embedder(self) -> HashEmbedder | None:
        return HashEmbedder() if self.light else None


def _inbox(folder: Path) -> Path:
    """A part of the example inbox twice under other names, so that there are duplicates."""
    long = shutil.ignore_patterns("broken.pdf", "centrifugal-pump.pdf", "*report.pdf", "年度*", "rfc-*", "model_*")
    for copy in ("a", "b"):
        shutil.copytree(ROOT / "examples" / "inbox", folder / copy, ignore=long)
    _pack(
        folder,
        "The first edition.",
        {"notes.md": "# Notes\n\nOil the pump every week.\n", "broken.pdf": "%PDF-1.7 cut"},
    )
    (folder / "a" / "notes" / "changelog.md.meta.json").write_text('{"department": "works"}', "utf-8")
    return folder


def _pack(folder: Path, note: str, attached: dict[str, str]) -> None:
    """A mail with attachments within an archive, beside a copy of a document."""
    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = "Pump", "ada@example.org", "Mon, 05 Jan 2026 10:00:00 +0000"
    message.set_content(note)
    for name, text in attached.items():
        message.add_attachment(text.encode(), maintype="application", subtype="octet-stream", filename=name)
    contract = ROOT / "examples" / "inbox" / "contracts" / "service-agreement.md"
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("mail.eml"), message.as_bytes())
        archive.writestr(zipfile.ZipInfo("contract.md"), contract.read_bytes())


def _change(inbox: Path) -> None:
    """Files go, move, change and come, survivors of duplicates among them."""
    files = sorted(path for path in (inbox / "a").rglob("*") if path.is_file())
    files[0].unlink()
    files[1].rename(files[1].with_stem("renamed"))
    for path in sorted((inbox / "a").rglob("*.md")):
        path.write_text(path.read_text("utf-8") + "\n\n## Added\n\nOne more paragraph, written later.\n", "utf-8")
    _pack(
        inbox,
        "The second edition.",
        {"notes.md": "# Notes\n\nOil the pump every day.\n", "more.md": "# More\n\nKeep it dry.\n"},
    )
    (inbox / "a" / "new.md").write_text("# New\n\nThis document was not there before.\n", "utf-8")


def _made(kind: str, place: Path, *, light: bool) -> Scene:
    inbox = _inbox(place / "inbox")
    before, home = place / "before", place / "unharmed"
    if kind == "change":
        clean_run(inbox, before, light=light)
        _change(inbox)
        copied(before, home)
    seconds = clean_run(inbox, home, light=light)
    embedder = HashEmbedder() if light else None
    found, rows = state(home, embedder=embedder), vectors(home, embedder=embedder)
    return Scene(light, inbox, before if kind == "change" else None, found, rows, seconds)


@pytest.fixture(scope="module", params=["first", "change"])
def light(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return _made(request.param, tmp_path_factory.mktemp(f"light-{request.param}"), light=True)


@pytest.fixture(scope="module", params=["first", "change"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return _made(request.param, tmp_path_factory.mktemp(f"real-{request.param}"), light=False)


def _kill_and_check(scene: Scene, home: Path, after: float) -> None:
    """Kills once for certain: a run that was done too soon is begun anew and killed earlier."""
    while not killed_run(scene.inbox, scene.home(home), after, light=scene.light):
        shutil.rmtree(home)
        after /= 2
    clean_run(scene.inbox, home, light=scene.light)
    found = state(home, embedder=scene.embedder)
    for part, expected in scene.expected.items():
        assert found[part] == expected, f"{part} differs"
    rows = vectors(home, embedder=scene.embedder)
    assert rows.keys() == scene.vectors.keys()
    for point, vector in scene.vectors.items():
        np.testing.assert_allclose(rows[point], vector, atol=1e-5)
    shutil.rmtree(home)


@pytest.mark.timeout(900)
def test_kills_at_three_random_moments_leave_no_trace_after_one_clean_run(light: Scene, tmp_path: Path) -> None:
    for number, after in enumerate(moments(3, light.seconds, SEED)):
        _kill_and_check(light, tmp_path / f"home{number}", after)


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_kills_at_fifty_random_moments_leave_no_trace_after_one_clean_run(real: Scene, tmp_path: Path) -> None:
    """With the carried model."""
    for number, after in enumerate(moments(50, real.seconds, SEED + 1)):
        _kill_and_check(real, tmp_path / f"home{number}", after)
