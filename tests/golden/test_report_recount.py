"""The report's numbers against those that an independent script counts from the same home."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from strata_fakes import Engine

from ingest.api import Docstrata
from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.kept import Kind
from ingest.config import load_settings
from ingest.evaluation.evaluate import evaluate
from ingest.evaluation.questions import parse_questions
from ingest.evaluation.starter import draw_starter
from ingest.reports.writing import write_report
from ingest.search.request import SearchRequest, SearchResult
from ingest.store import ArtifactStore
from schemas.point import SearchMode

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "benchmarks" / "report" / "recount.py"
TABLE = "# Stock\n\n| part | place | count |\n|---|---|---|\n" + "".join(
    f"| bearing {n} | shelf {n % 7}, north hall | {n * 3} |\n" for n in range(60)
)
LONG_ROW = "# Notes\n\n| part | remark |\n|---|---|\n| pump | " + "oil the bearing and close the valve " * 60 + "|\n"
LONG_SENTENCE = "# Log\n\n" + "the pump ran and the valve closed and " * 80 + "the hall was dark.\n"
PROSE = "# Talk\n\n" + "".join(f"Sentence {n} speaks of the pump and its valve. " for n in range(80)) + "\n"
Set = dict[str, Any]


def fill(inbox: Path) -> None:
    shutil.copytree(ROOT / "examples" / "inbox", inbox)
    made = {
        "stock": TABLE,
        "row": LONG_ROW,
        "log": LONG_SENTENCE,
        "diary": LONG_SENTENCE.replace("Log", "Diary"),
        "talk": PROSE,
        "copy-of-talk": PROSE,
    }
    for name, text in made.items():
        (inbox / f"{name}.md").write_text(text, "utf-8")
    for name in ("aged", "gone", "unparsed", "short", "large", "half", "tableless"):
        (inbox / f"{name}.md").write_text(
            LONG_ROW.replace("# Notes", f"# The {name} one\n\nIts text is here."), "utf-8"
        )
    (inbox / "empty.txt").write_bytes(b"")
    with zipfile.ZipFile(inbox / "plant.zip", "w") as archive:
        archive.writestr("valve.md", "# Valve\n\nThe valve closes below two bar.\n")
        archive.writestr("broken.pdf", "%PDF-1.7\n")


def change_chunks(home: Path, path: str, change: Callable[[Set], None]) -> None:
    """Puts other chunks of a document into the home, as a chunker with a defect would have made them."""
    catalog = open_catalog(home / "catalog.db")
    store = ArtifactStore(str(home / "artifacts"))
    ref = catalog.artifacts.find("chunk", chunk_key(catalog, path))
    assert ref is not None
    chunk_set = json.loads(store.read(ref))
    change(chunk_set)
    catalog.artifacts.drop("chunk", ref.key)
    catalog.artifacts.adopt(store.write_pack("chunk", [(ref.key, json.dumps(chunk_set).encode())]))
    catalog.close()


def make_older(home: Path, path: str) -> None:
    """As an older release left it, which kept one box of a block."""
    catalog = open_catalog(home / "catalog.db")
    store = ArtifactStore(str(home / "artifacts"))
    chunks = catalog.artifacts.find("chunk", chunk_key(catalog, path))
    assert chunks is not None
    ref = catalog.artifacts.of_digest("parse", json.loads(store.read(chunks))["document"])
    assert ref is not None
    older = json.loads(store.read(ref)) | {"parser": "pymupdf", "parser_version": "6+pymupdf1.26"}
    key = f"{ref.key}-older"
    written = store.write_pack("parse", [(key, json.dumps(older).encode())])
    catalog.artifacts.adopt(written)
    made = catalog.artifacts.find("parse", key)
    catalog.close()
    assert made is not None
    change_chunks(home, path, lambda chunk_set: chunk_set.update(document=made.digest))


def chunk_key(catalog: Catalog, path: str) -> str:
    (document,) = (each for each in catalog.history.live_documents("default") if each.path == path)
    return document.chunk_key


def drop_last(chunk_set: Set) -> None:
    chunk_set["chunks"].pop()
    chunk_set["unknown_shares"].pop()


def drop_tables(chunk_set: Set) -> None:
    kept = [number for number, chunk in enumerate(chunk_set["chunks"]) if chunk["kind"] != "table"]
    for name in ("chunks", "unknown_shares"):
        chunk_set[name] = [chunk_set[name][number] for number in kept]


def make_large(chunk_set: Set) -> None:
    chunk_set["chunks"][0]["token_count"] = 300
    chunk_set["unknown_shares"][0] = 0.9


def make_light(chunk_set: Set) -> None:
    for chunk in chunk_set["chunks"]:
        chunk["token_count"] = 1


def forget_flags(chunk_set: Set) -> None:
    for chunk in chunk_set["chunks"]:
        chunk["flags"] = []


def lose(home: Path, path: str, stage: str) -> None:
    """Takes a document's artifact out of the catalog."""
    catalog = open_catalog(home / "catalog.db")
    ref = catalog.artifacts.find("chunk", chunk_key(catalog, path))
    if stage == "parse" and ref is not None:
        document = json.loads(ArtifactStore(str(home / "artifacts")).read(ref))["document"]
        ref = catalog.artifacts.of_digest("parse", document)
    assert ref is not None
    catalog.artifacts.drop(stage, ref.key)
    catalog.close()


def evaluate_it(engine: Engine) -> None:
    """As `Docstrata.evaluate` does, with the light embedder."""

    def search(question: str, *, limit: int, mode: SearchMode, under: str | None) -> SearchResult:
        return engine.parts.searcher.search(SearchRequest(question, "default", limit=limit, mode=mode, under=under))

    asked = parse_questions("starter.jsonl", draw_starter(engine.context, 12, 0).encode())
    found = evaluate(engine.context, search, asked, k=10)
    engine.context.catalog.kept.put(Kind.EVALUATION, "default", found.model_dump_json(), 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One in which everything that a report counts is there at least once."""
    folder = tmp_path_factory.mktemp("recount")
    inbox, home = folder / "inbox", folder / "home"
    fill(inbox)
    engine = Engine(home)
    engine.run(inbox)
    (inbox / "aged.md").write_bytes(b"")
    engine.run(inbox)
    other = folder / "other"
    other.mkdir()
    (other / "talk.md").write_text(PROSE, "utf-8")
    engine.run(other)
    evaluate_it(engine)
    engine.close()
    stranger = Engine(home, {"tenant": "stranger"})
    stranger.run(other)
    stranger.close()
    lose(home, "gone.md", "chunk")
    lose(home, "unparsed.md", "parse")
    change_chunks(home, "short.md", drop_last)
    change_chunks(home, "large.md", make_large)
    change_chunks(home, "half.md", forget_flags)
    change_chunks(home, "log.md", make_light)
    change_chunks(home, "tableless.md", drop_tables)
    make_older(home, "row.md")
    gated = load_settings(environ={}, overrides={"parse.workers": 0, "report.min_recall": 0.1, "report.min_mrr": 1.0})
    with Docstrata(home, gated) as strata:
        write_report(strata.report(), home / "report.html")
        write_report(strata.report("other"), home / "of-one-source.html")
    yield home


def recount(home: Path, report: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, home, report], check=False, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("name", ["report", "of-one-source"])
def test_the_report_and_the_recount_agree_in_every_number(home: Path, name: str) -> None:
    counted = recount(home, home / f"{name}.json")
    assert counted.returncode == 0, counted.stdout[-3000:] + counted.stderr


def test_nothing_that_they_agree_about_is_merely_absent(home: Path) -> None:
    report = json.loads((home / "report.json").read_text("utf-8"))
    groups = ("files", "documents", "chunks", "tables", "joints", "coherence", "completeness", "points")
    absent = {f"{group}.{name}" for group in groups for name, value in report[group].items() if not value}
    assert absent == set()
    codes = {finding["code"] for finding in report["findings"]}
    assert codes == {"text_lost", "over_budget", "half_row", "headless", "stale", "chunks_missing", "parse_missing"}
    missing = {"confidence"}  # nothing here was read by OCR
    assert {each["name"] for each in report["distributions"] if not each["count"]} == missing
    assert {fault for fault, count in report["faults"].items() if not count} <= {
        "path_wrong", "low_confidence", "word_cut", "hanging_heading", "fragment", "pronoun", "conjunction", "open_end"
    }  # fmt: skip
    assert len(report["worst"]) > 20
    assert report["evaluation"]["questions"] > 5
    assert {gate["name"] for gate in report["gates"]} > {"min_recall", "min_mrr"}
    of_one = json.loads((home / "of-one-source.json").read_text("utf-8"))
    assert (of_one["documents"]["total"], of_one["documents"]["copies"]) == (1, 1)


def test_a_number_that_is_one_too_large_is_named(home: Path, tmp_path: Path) -> None:
    report = json.loads((home / "report.json").read_text("utf-8"))
    given = {"schema_version", "target", "minimum", "maximum", "limit", "unknown_warning", "looked_at"}
    changed: set[str] = set()
    counted = ("integrity", "joints", "headings", "standing", "coherence", "redundancy", "completeness", "points")
    lists = ("distributions", "groups", "worst", "sample", "faults")
    for group in ("files", "documents", "pages", "chunks", "tables", *counted, *lists):
        changed |= one_more(report[group], group, given)
    changed = {name for name in changed if not name.startswith("chunks.lengths.bins")}  # named otherwise
    (tmp_path / "wrong.json").write_text(json.dumps(report), "utf-8")

    counted = recount(home, tmp_path / "wrong.json")

    assert counted.returncode == 1
    named = {line.split("  ")[0] for line in counted.stdout.splitlines() if line.endswith("DIFFERS")}
    assert len(changed) > 100
    assert changed <= named


def one_more(record: Set | list[Any], name: str, given: set[str]) -> set[str]:
    changed: set[str] = set()
    for key, value in record.items() if isinstance(record, dict) else enumerate(record):
        if isinstance(value, dict | list):
            changed |= one_more(value, f"{name}.{key}", given)
        elif isinstance(value, int) and not isinstance(value, bool) and key not in given:
            record[key] = value + 1
            changed.add(f"{name}.{key}")
    return changed


def test_what_is_no_home_and_no_report_is_refused_with_a_sentence(home: Path, tmp_path: Path) -> None:
    assert "is not a home" in recount(tmp_path, home / "report.json").stderr
    assert "is not the JSON of a report" in recount(home, home / "report.html").stderr
