"""A report in the browser of this machine: nothing asked for, nothing complained of, readable by everybody."""

from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from PIL import Image
from strata_fakes import Engine

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.reports.attachments import Attachments, PagePicture
from ingest.reports.writing import write_report
from schemas.figures import EXCERPT, SAMPLED, WORST, ChunkSample
from schemas.quality import LISTED, QualityReport

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "benchmarks" / "report" / "browser.py"
SAMPLE = ROOT / "tests" / "unit" / "schemas" / "samples" / "v1" / "QualityReport.json"
MOST_BYTES = 300_000
BAD = """<!doctype html><title></title><style>
body { background: #fff; color: #222; } .pale { color: #aaa; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } .fixed { color: #333; } }
</style>
<h1>Head</h1><h3>Skipped</h3><p class="pale">pale</p><p class="fixed">dark on dark</p>
<details><summary>more</summary><p style="color: #bbb">folded</p></details>
<div style="width: 700px; height: 2px"></div>
<img src="http://127.0.0.1:1/picture.png"><link rel="stylesheet" href="beside.css">
<svg width="99" height="40"><rect width="99" height="40" fill="#000"/><text x="9" y="20">black on black</text></svg>
<svg width="99" height="40" aria-label="bar"><rect width="99" height="40" fill="#000"/>
<text x="9" y="20" fill="#fff">white on black</text></svg>
<table><tr><td>bare</td></tr></table><table><caption>parts</caption><tr><th>part</th></tr></table>
<script>console.warn("careful"); setTimeout(() => { throw new Error("boom"); }, 1);</script>
"""
COMPLAINTS = (
    "the page asks for http://127.0.0.1:1/picture.png",
    "the page asks for file://",
    "the console says warning: careful",
    "the page fails: boom",
    "the page does not say its language",
    "the page has no title",
    "a picture <img> has no name",
    "a drawing <svg> in <body> has no name",
    "a table has no caption: bare",
    "header cells without a scope in the table: parts",
    "a heading of level 3 follows one of level 1: Skipped",
    "in <p.pale>: pale",
    "in <p.fixed>: dark on dark  [dark, 1200 px",
    "in <p>: folded  [light, 1200 px, unfolded",
    "in <text>: black on black",
    "px wide in a window of 480 px",
    "axe-core, serious: <html> element must have a lang attribute",
    "axe-core, serious: Elements must meet minimum color contrast ratio thresholds",
)


def look(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], check=False, capture_output=True, text=True, timeout=900
    )


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of the example inbox, and of names that nobody would give."""
    folder = tmp_path_factory.mktemp("full")
    shutil.copytree(ROOT / "examples" / "inbox", folder / "inbox")
    for name in (
        "<img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}<script>alert(2)",
        "a" * 200,
        "没有空格的文件名" * 8,
        "\u202eright to left \"'`",
    ):
        (folder / "inbox" / f"{name}.pdf").write_bytes(b"%PDF-1.7\n")
        (folder / "inbox" / f"{name}.md").write_text(
            f"# Note\n\n{name} " + "speaks of the pump and its valve " * 9, "utf-8"
        )
    engine = Engine(folder / "home")
    engine.run(folder / "inbox")
    engine.close()
    return folder / "home"


@pytest.fixture(scope="module", params=["look", "bad", "empty"])
def page(request: pytest.FixtureRequest, full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with this verdict, or of a home in which nothing is."""
    folder = tmp_path_factory.mktemp(request.param)
    limits = {"chunk.max_tokens": 40, "chunk.target_tokens": 30} if request.param == "bad" else {}
    home = folder / "home" if request.param == "empty" else full
    with Docstrata(home, load_settings(environ={}, overrides=limits)) as strata:
        report = strata.report()
    assert request.param in {report.verdict.value, "empty"}
    write_report(report, folder / "report.html")
    return folder / "report.html"


def test_a_report_is_clean_in_light_and_dark_wide_and_narrow(page: Path) -> None:
    looked = look(page)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert "nothing is wrong" in looked.stdout


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As much as a page ever shows, of a home of 100,000 chunks."""
    sample = QualityReport.model_validate_json(SAMPLE.read_text("utf-8"))
    worst = tuple(
        sample.worst[0].model_copy(update={"chunk_id": str(uuid5(NAMESPACE_URL, str(n))), "text": "word " * 120})
        for n in range(WORST)
    )
    chunks = tuple(
        sample.sample.chunks[0].model_copy(
            update={"chunk_id": str(uuid5(NAMESPACE_URL, str(n))), "text": "字" * EXCERPT}
        )
        for n in range(SAMPLED)
    )
    failures = tuple(sample.failures[0].model_copy(update={"path": f"{n}.pdf"}) for n in range(LISTED))
    report = sample.model_copy(
        update={
            "chunks": sample.chunks.model_copy(update={"total": 100_000}),
            "worst": worst,
            "sample": ChunkSample(total=100_000, chunks=chunks),
            "failures": failures,
            "failures_total": 5 * LISTED,
        }
    )
    picture = PagePicture(1, "data:image/webp;base64," + b64encode(_noise()).decode())
    folder = tmp_path_factory.mktemp("large")
    write_report(report, folder / "report.html", Attachments({chunk.chunk_id: (picture,) for chunk in worst}))
    return folder / "report.html"


def _noise() -> bytes:
    """A WebP of about 75 kB: fifty of them are, as text, what the pictures of a page may be together."""
    body = BytesIO()
    Image.effect_noise((340, 420), 90).convert("RGB").save(body, "WEBP", quality=60)
    return body.getvalue()


def test_the_largest_page_opens_in_two_seconds_with_all_that_it_can_do(large: Path) -> None:
    assert 5_000_000 < large.stat().st_size < 7_000_000
    looked = look(large)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert f"{SAMPLED} chunks can be chosen" in looked.stdout
    assert "without scripts" in looked.stdout


def test_pictures_of_it_are_small_enough_for_a_manual(page: Path, tmp_path: Path) -> None:
    assert look(page, "--shots", tmp_path / "shots").returncode == 0
    sizes = {picture.name: picture.stat().st_size for picture in (tmp_path / "shots").iterdir()}
    assert sizes.keys() >= {"light-1200-top.png", "light-480-top.png", "dark-1200-top.png", "dark-480-top.png"}
    assert len(sizes) > 10
    assert max(sizes.values()) <= MOST_BYTES


def test_everything_that_is_wrong_with_a_page_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(BAD, "utf-8")
    looked = look(tmp_path / "bad.html")
    assert looked.returncode == 1
    assert [complaint for complaint in COMPLAINTS if complaint not in looked.stdout] == [], looked.stdout
    assert "white on black" not in looked.stdout
