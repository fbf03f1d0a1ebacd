"""Vectors out to Parquet and in again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from strata_fakes import Engine, engine

from ingest.embed.cache import vector_key
from ingest.stages.vector_export import Exported, export_vectors
from ingest.stages.vector_import import Imported, import_vectors
from schemas.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(3):
        paragraphs = [f"## Part {part}\n\nPump {number} is oiled in week {part * 7 + number}." for part in range(4)]
        (inbox / f"pump-{number}.md").write_text("# Pumps\n\n" + "\n\n".join(paragraphs))
    (inbox / "copy.md").write_text((inbox / "pump-0.md").read_text())
    return inbox


def exported(home: Engine, file: Path, *, text: bool = True) -> Exported:
    return export_vectors(home.context, home.embedder, file, text=text)


def imported(home: Engine, file: Path) -> Imported:
    return import_vectors(home.context, home.embedder, file)


@pytest.mark.parametrize("text", [True, False])
def test_a_home_that_took_the_vectors_in_embeds_nothing(folder: Path, tmp_path: Path, text: bool) -> None:
    file = tmp_path / "vectors.parquet"
    with engine(tmp_path / "old") as old:
        old.run(folder)
        made = exported(old, file, text=text)
        before = old.rows(history=False)
    with engine(tmp_path / "new") as new:
        taken = imported(new, file)
        assert (taken.rows, taken.known) == (made.rows, taken.rows - taken.added)
        assert imported(new, file).added == 0
        summary = new.run(folder)
        assert (new.embedder.texts, summary.embedded) == ([], 0)
        after = new.rows(history=False)
    assert [(row.id, row.dense is None) for row in after] == [(row.id, row.dense is None) for row in before]
    for one, other in zip(after, before, strict=True):
        assert one.dense is None or np.array_equal(one.dense, other.dense)


def test_a_row_tells_where_its_vector_comes_from(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "vectors.parquet"
    with engine(tmp_path / "home") as home:
        home.run(folder)
        made = exported(home, file)
        current = {payload.chunk_id: payload for payload in home.current()}
        rows = pq.read_table(file).to_pylist()
        assert made == Exported(rows=len(rows), documents=4, without=len(current) - len(rows))
        for row in rows:
            payload = current[row["chunk_id"]]
            assert (row["path"], row["doc_id"], row["survivor"]) == (payload.path, payload.doc_id, payload.survivor)
            assert (tuple(row["heading_path"]), row["tokens"]) == (payload.heading_path, payload.token_count)
            assert row["key"] == vector_key(home.embedder.fingerprint, row["text"])
            assert np.array_equal(np.array(row["vector"], np.float32), home.embedder.embed_query(row["text"]))
        assert {row["chunk_id"] for row in rows} >= {c for c, p in current.items() if p.survivor is None}


def test_rows_are_held_in_groups_and_not_all_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.stages.vector_export._GROUP", 5)
    monkeypatch.setattr("ingest.stages.vector_import._TOGETHER", 5)
    file = tmp_path / "vectors.parquet"
    with engine(tmp_path / "home") as home, engine(tmp_path / "new") as new:
        home.run(folder)
        made = exported(home, file)
        groups = pq.ParquetFile(file).metadata
        assert groups.num_row_groups > 1
        assert imported(new, file).rows == made.rows


def changed(file: Path, column: str, values: list[object]) -> Path:
    table = pq.read_table(file)
    place = table.schema.get_field_index(column)
    pq.write_table(
        table.set_column(place, table.schema.field(place), pa.array(values, table.schema.types[place])), file
    )
    return file


def test_what_is_not_of_this_embedding_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "vectors.parquet"
    with engine(tmp_path / "old") as old, engine(tmp_path / "new") as new:
        old.run(folder)
        rows = exported(old, file).rows
        vectors = pq.read_table(file)["vector"].to_pylist()
        with pytest.raises(ConfigError, match="another model"):
            imported(new, changed(file, "fingerprint", ["other"] * rows))
        exported(old, file)
        with pytest.raises(ConfigError, match="length 1"):
            imported(new, changed(file, "vector", [[2.0] * 8, *vectors[1:]]))
        exported(old, file)
        with pytest.raises(ConfigError, match="not those of its vectors"):
            imported(new, changed(file, "text", ["another text"] * rows))
        table = pq.read_table(file)
        pq.write_table(table.drop_columns(["key"]), file)
        with pytest.raises(ConfigError, match="no column key"):
            imported(new, file)
        file.write_text("no Parquet")
        with pytest.raises(ConfigError, match="cannot be read as Parquet"):
            imported(new, file)
        with pytest.raises(ConfigError, match="there is no file"):
            imported(new, tmp_path / "nothing.parquet")
        assert new.context.catalog.artifacts.vector_places([vector_key("hash-8", "x")]) == {}


def test_a_place_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    with engine(tmp_path / "home") as home:
        home.run(folder)
        with pytest.raises(ConfigError, match="cannot be written"):
            exported(home, tmp_path / "no such folder" / "vectors.parquet")


def test_the_command_writes_and_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ingest.cli.app import app

    file = tmp_path / "vectors.parquet"
    with engine(tmp_path / "home"):
        pass
    arguments = ["--home", str(tmp_path / "home"), "--json"]
    app(["vectors", "export", str(file), *arguments], standalone_mode=False)
    app(["vectors", "import", str(file), *arguments], standalone_mode=False)
    assert '"rows": 0' in capsys.readouterr().out
