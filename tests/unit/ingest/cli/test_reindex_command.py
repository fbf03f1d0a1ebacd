"""`docstrata reindex` with real models: from the carried one to a tiny one, and back."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from tiny_model import make_tiny_model

from ingest.api import Docstrata, settings_for
from ingest.cli.app import main
from ingest.vectors import PayloadFilter

DOCUMENTS = {
    "rock.md": "# Rock\n\nThe oldest layers of rock lie below, and clay is above.\n",
    "sand.md": "# Sand\n\nThe layers of sand lie on one another, and the oldest is below.\n",
}


@dataclass(frozen=True)
class Done:
    code: int
    stdout: str
    stderr: str


def docstrata(*arguments: str | Path, cwd: Path) -> Done:
    """In this process: each of its own would load torch anew."""
    said, told = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(told):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["docstrata", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, said.getvalue(), told.getvalue())


def answer(*arguments: str | Path, cwd: Path) -> dict[str, object]:
    done = docstrata(*arguments, "--json", cwd=cwd)
    assert done.code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reindex")
    (folder / "inbox").mkdir()
    for name, text in DOCUMENTS.items():
        (folder / "inbox" / name).write_text(text, "utf-8")
    (folder / "docstrata.toml").write_text("parse.workers = 1\nocr.engine = 'none'\n", "utf-8")
    assert answer("run", "inbox", cwd=folder)["parsed"] == 2
    return folder


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models"))


def test_a_home_moves_to_another_model_and_back(place: Path, tiny_model: Path) -> None:
    (place / "questions.jsonl").write_text('{"question": "layers of sand", "path": "sand.md"}\n', "utf-8")

    planned = answer("reindex", "--model", tiny_model, "--dry-run", cwd=place)
    assert (planned["points"], planned["texts"], planned["too_long"]) == (2, 2, 0)

    done = answer("reindex", "--model", tiny_model, "--canary", "questions.jsonl", cwd=place)
    assert (done["points"], done["copied"], done["embedded"]) == (2, 2, 2)
    assert done["configure"] == [f'embed.model = "{tiny_model}"']

    refused = docstrata("search", "layers of sand", cwd=place)
    assert refused.code == 2
    assert 'put embed.model = "' in " ".join(refused.stderr.split())

    configured = (place / "docstrata.toml").read_text("utf-8")
    (place / "docstrata.toml").write_text("\n".join([*done["configure"], configured]), "utf-8")
    found = answer("search", "layers of sand", cwd=place)
    assert found["hits"][0]["path"] == "sand.md"
    again = answer("run", "inbox", "--verify", cwd=place)
    assert (again["embedded"], again["written"], again["retired"]) == (0, 0, 0)
    beside = answer("status", cwd=place)["beside"]
    assert (beside["state"], beside["points"], beside["left"]) == ("kept", 2, 0)
    remake_rows(place)

    back = answer("reindex", "--back", cwd=place)
    assert back["configure"] == ['embed.model = "carried:all-MiniLM-L6-v2"']
    (place / "docstrata.toml").write_text(configured, "utf-8")
    assert answer("reindex", "--drop-old", cwd=place)["dropped"] == str(tiny_model)
    assert answer("search", "layers of sand", cwd=place)["hits"]
    assert answer("status", cwd=place)["beside"] is None


def remake_rows(place: Path) -> None:
    """Rows of the new collection are counted by its own tokenizer, whatever the chunks were cut by."""
    with Docstrata(place / ".docstrata", settings_for(place / "docstrata.toml")) as strata:
        index = strata._parts.index
        before = {row.id: dict(row.payload) for row in index.scroll(PayloadFilter({"tenant": "default"}, history=True))}
        index.delete(list(before))
        mended = strata.reconcile(repair=True, vectors=True)
        assert (mended.is_sound, mended.mended) == (True, len(before))
        assert {point: dict(row.payload) for point, row in index.retrieve(list(before)).items()} == before


def test_what_the_new_model_cannot_read_is_refused_before_anything_is_built(
    tmp_path: Path, place: Path, tiny_model: Path
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "long.md").write_text("# Layers\n\n" + "Clay and sand and rock lie on one another. " * 9, "utf-8")
    (tmp_path / "docstrata.toml").write_text("parse.workers = 1\nocr.engine = 'none'\n", "utf-8")
    answer("run", "inbox", cwd=tmp_path)

    refused = docstrata("reindex", "--model", tiny_model, cwd=tmp_path)

    assert refused.code == 2
    assert "1 texts are longer than" in " ".join(refused.stderr.split())
    assert answer("status", cwd=tmp_path)["beside"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--back", "--drop-old"), "give one of"),
        (("--back",), "no collection is kept"),
        (("--give-up",), "no collection is half built"),
        (("--canary", "docstrata.toml"), "line 1 of docstrata.toml is not of the form"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(place: Path, arguments: tuple[str, ...], says: str) -> None:
    refused = docstrata("reindex", *arguments, cwd=place)
    assert refused.code == 2
    assert says in " ".join(refused.stderr.split())
