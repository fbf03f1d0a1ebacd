from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ingest.embed.cache import vector_key
from ingest.embed.model_card import read_model_card
from ingest.embed.model_digest import model_digest
from ingest.embed.model_files import resolve
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError


def test_the_fingerprint_follows_the_model_and_not_its_place(tiny_model: Path, tmp_path: Path) -> None:
    here = read_model_card(EmbedOptions(model=str(tiny_model)))
    there = shutil.copytree(tiny_model, tmp_path / "elsewhere")
    assert read_model_card(EmbedOptions(model=str(there))).fingerprint == here.fingerprint
    assert (
        read_model_card(EmbedOptions(model=str(there), device="cpu", batch_tokens=64)).fingerprint == here.fingerprint
    )
    (there / "README.md").write_text("words about the model")
    assert read_model_card(EmbedOptions(model=str(there))).fingerprint == here.fingerprint


@pytest.mark.parametrize(
    "options",
    [{"query_prompt": "q: "}, {"passage_prompt": ""}, {"max_tokens": 20}],
    ids=["query prompt", "passage prompt", "limit"],
)
def test_the_fingerprint_follows_what_changes_vectors(tiny_model: Path, options: dict[str, str]) -> None:
    changed = EmbedOptions.model_validate({"model": str(tiny_model)} | options)
    assert read_model_card(changed).fingerprint != read_model_card(EmbedOptions(model=str(tiny_model))).fingerprint


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json", "1_Pooling/config.json"])
def test_every_file_that_decides_vectors_is_in_the_digest(tiny_model: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(tiny_model, tmp_path / "model")
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")
    assert model_digest(copy) != model_digest(tiny_model)


def test_remembered_digests_are_used_until_a_file_changes(tiny_model: Path, tmp_path: Path) -> None:
    copy, remembered = shutil.copytree(tiny_model, tmp_path / "model"), tmp_path / "state" / "digests.json"
    first = model_digest(copy, remembered)
    entries = json.loads(remembered.read_text())
    weights = str(copy / "model.safetensors")
    entries[weights][2] = "0" * 64
    remembered.write_text(json.dumps(entries))
    assert model_digest(copy, remembered) != first  # what is remembered was believed
    (copy / "model.safetensors").touch()
    assert model_digest(copy, remembered) == first
    remembered.write_text("{damaged")
    assert model_digest(copy, remembered) == first


def test_what_cannot_be_resolved_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        resolve(str(tmp_path / "absent"))
    with pytest.raises(ConfigError, match="holds no model"):
        resolve(str(tmp_path))
    with pytest.raises(ConfigError, match="no carried model"):
        resolve("carried:other")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match="not on this disk"):
        resolve("nobody/no-such-model")
    with pytest.raises(ConfigError, match="neither a folder nor a name"):
        resolve("a/b/c/d")


def test_a_model_that_does_not_say_its_size_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_model, tmp_path / "model")
    (copy / "modules.json").unlink()
    (copy / "config.json").write_text('{"max_position_embeddings": 48}')
    with pytest.raises(ConfigError, match="how large its vectors are"):
        read_model_card(EmbedOptions(model=str(copy)))
    (copy / "config.json").write_text('{"hidden_size": 32')
    with pytest.raises(ConfigError, match="not readable JSON"):
        read_model_card(EmbedOptions(model=str(copy)))


def test_a_vector_belongs_to_one_model_and_one_text() -> None:
    keys = {vector_key("m", "text"), vector_key("m", "text "), vector_key("n", "text")}
    assert len(keys) == 3
