"""What is known of a document from outside: sidecars, and rules on its path."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.vectors import PayloadFilter

PUMP = "---\nauthor: Ada\n---\n\n# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n"
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"
RULES = [
    {"match": "plants/{plant}/**", "set": {"department": "works"}},
    {"match": "plants/north/**", "set": {"department": "north works"}},
]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "plants" / "south").mkdir(parents=True)
    (folder / "pump.md").write_text(PUMP, "utf-8")
    (folder / "plants" / "south" / "valve.md").write_text(VALVE, "utf-8")
    return folder


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home", {"metadata.rules": RULES})
    yield opened
    opened.close()


def tell(file: Path, **metadata: object) -> Path:
    sidecar = file.with_name(file.name + ".meta.json")
    sidecar.write_text(json.dumps(metadata), "utf-8")
    return sidecar


def metadata(strata: Engine, path: str) -> dict[str, object]:
    return next(dict(payload.metadata) for payload in strata.current() if payload.path == path)


def found(strata: Engine, **equals: object) -> set[str]:
    where = PayloadFilter(equals={"tenant": "default", **{f"metadata.{name}": value for name, value in equals.items()}})
    return {str(point.payload["path"]) for point in strata.parts.index.scroll(where)}


def test_what_a_file_says_of_itself_is_in_the_payload_and_can_be_filtered_on(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    assert metadata(strata, "pump.md") == {"author": "Ada"}
    assert found(strata, author="Ada") == {"pump.md"}
    assert found(strata, author=("Ada", "Bob")) == {"pump.md"}
    assert found(strata, author="Bob") == set()


def test_a_rule_tells_by_the_path(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    assert metadata(strata, "plants/south/valve.md") == {"plant": "south", "department": "works"}
    assert found(strata, plant="south", department="works") == {"plants/south/valve.md"}
    assert found(strata, plant="south", department="north works") == set()


def test_a_sidecar_stands_above_the_file_and_is_no_document(strata: Engine, inbox: Path) -> None:
    tell(inbox / "pump.md", author="Bob", tags=["water", "pressure"], year=2026, draft=False)
    summary = strata.run(inbox)
    assert (summary.seen, summary.parsed, summary.ignored) == (3, 2, 1)
    assert metadata(strata, "pump.md") == {
        "author": "Bob", "tags": ("water", "pressure"), "year": 2026, "draft": False,
    }  # fmt: skip
    for equals in ({"tags": "pressure"}, {"year": 2026}, {"draft": False}, {"author": "Bob"}):
        assert found(strata, **equals) == {"pump.md"}


def test_filters_take_in_the_first_fifty_of_many_values_and_none_that_is_very_long(strata: Engine, inbox: Path) -> None:
    tell(inbox / "pump.md", tags=[f"tag-{n}" for n in range(60)], note="x" * 300)
    strata.run(inbox)
    payload = next(payload for payload in strata.current() if payload.path == "pump.md")
    assert sum(facet.startswith("tags=") for facet in payload.facets) == 50
    assert not any(facet.startswith("note=") for facet in payload.facets)
    assert len(payload.metadata["tags"]) == 60


def test_a_sidecar_that_comes_changes_or_goes_is_published_without_embedding(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    sidecar = tell(inbox / "pump.md", author="Bob")
    came = strata.run(inbox)
    assert (came.embedded, came.written, came.retired) == (0, 2, 2)
    assert metadata(strata, "pump.md")["author"] == "Bob"
    tell(inbox / "pump.md", author="Grace")
    assert strata.run(inbox).written == 2
    assert metadata(strata, "pump.md")["author"] == "Grace"
    sidecar.unlink()
    assert strata.run(inbox).written == 2
    assert metadata(strata, "pump.md")["author"] == "Ada"
    assert strata.run(inbox).written == 0


def test_a_new_version_counts_up_when_only_the_metadata_changed(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    tell(inbox / "pump.md", author="Bob")
    strata.run(inbox)
    assert strata.context.catalog.history.documents("default", "inbox")["pump.md"].version == 2


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": {"b": 1}}', '{"a": [1]}', "\ud800"])
def test_a_document_with_a_broken_sidecar_is_not_taken_in_until_it_is_mended(
    strata: Engine, inbox: Path, content: str
) -> None:
    sidecar = inbox / "pump.md.meta.json"
    sidecar.write_bytes(content.encode("utf-8", "surrogatepass"))
    assert strata.run(inbox).failed == 1
    [failure] = strata.context.catalog.files.failures("default")
    assert (failure.path, failure.code) == ("pump.md", "bad_sidecar")
    assert "pump.md.meta.json" in failure.message
    sidecar.write_text('{"author": "Bob"}', "utf-8")
    assert strata.run(inbox).failed == 0
    assert metadata(strata, "pump.md")["author"] == "Bob"


def test_a_title_in_a_sidecar_takes_the_place_of_the_documents_own(strata: Engine, inbox: Path) -> None:
    tell(inbox / "plants" / "south" / "valve.md", title="Handbook of valves")
    strata.run(inbox)
    [payload] = [payload for payload in strata.current() if payload.path == "plants/south/valve.md"]
    assert payload.title == "Handbook of valves"
    assert payload.context == "Handbook of valves"


def test_chosen_metadata_stands_in_what_is_embedded(tmp_path: Path, inbox: Path) -> None:
    strata = Engine(tmp_path / "other", {"metadata.rules": RULES, "chunk.embed_metadata": ("department", "author")})
    tell(inbox / "plants" / "south" / "valve.md", author="Grace")
    strata.run(inbox)
    assert any("department: works > author: Grace" in text for text in strata.embedder.texts)
    assert any("author: Ada" in text for text in strata.embedder.texts)
    strata.close()


def test_equal_files_of_which_other_things_are_told_have_chunks_of_their_own(tmp_path: Path, inbox: Path) -> None:
    strata = Engine(tmp_path / "other", {"chunk.embed_metadata": ("author",)})
    for name in ("a.md", "b.md"):
        (inbox / name).write_text(VALVE, "utf-8")
        tell(inbox / name, author=name)
    strata.run(inbox)
    contexts = {payload.path: payload.context for payload in strata.current()}
    assert (contexts["a.md"], contexts["b.md"]) == ("author: a.md", "author: b.md")
    strata.close()


def test_members_inherit_what_is_told_of_their_archive(strata: Engine, inbox: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("pump.md", PUMP)
    archive_file = inbox / "plants" / "north" / "old.zip"
    archive_file.parent.mkdir()
    archive_file.write_bytes(buffer.getvalue())
    tell(archive_file, box=12)
    strata.run(inbox)
    assert metadata(strata, "plants/north/old.zip!/pump.md") == {
        "author": "Ada", "plant": "north", "department": "north works", "box": 12,
    }  # fmt: skip
