from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.embed.model_files import resolve
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError


@pytest.fixture(scope="module")
def counter() -> HuggingFaceTokenCounter:
    return HuggingFaceTokenCounter(EmbedOptions())


def test_special_tokens_count_and_a_long_text_is_not_cut(counter: HuggingFaceTokenCounter) -> None:
    assert counter.limit == 256
    assert counter.count(["", "layer", "layer " * 1000]) == [2, 3, 1002]


def test_counts_are_those_of_the_library_on_real_text(
    counter: HuggingFaceTokenCounter, carried: SentenceTransformerEmbedder, corpus: Path
) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(str(resolve(EmbedOptions().model)), local_files_only=True)
    files = sorted((corpus / "drop_folder").rglob("*.md"))
    texts = [part for file in files for part in file.read_text("utf-8").split("\n\n")]
    assert len(texts) > 200
    assert counter.count(texts) == [len(ids) for ids in theirs(texts, verbose=False)["input_ids"]]


def test_the_share_of_unknown_tokens_leaves_special_ones_out(counter: HuggingFaceTokenCounter) -> None:
    english, chinese, mixed, empty = counter.unknown_shares(["a layer of clay", "麒麟", "clay 麒 clay 麟", ""])
    assert (english, empty) == (0.0, 0.0)
    assert chinese == 1.0
    assert mixed == 0.5


def test_a_counter_costs_neither_torch_nor_transformers() -> None:
    program = (
        "import sys\n"
        "from ingest.embed.tokens import HuggingFaceTokenCounter\n"
        "from ingest.options.embed import EmbedOptions\n"
        "HuggingFaceTokenCounter(EmbedOptions()).count(['text'])\n"
        "from ingest.embed.sentence_transformer import SentenceTransformerEmbedder\n"
        "SentenceTransformerEmbedder(EmbedOptions()).fingerprint\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_another_models_tokenizer_limit_and_prompt_are_taken_from_its_folder(tiny_model: Path) -> None:
    counter = HuggingFaceTokenCounter(EmbedOptions(model=str(tiny_model)))
    assert counter.limit == 24
    # [CLS] read : strata Strata [SEP]; the tokenizer is cased
    assert counter.count(["strata Strata"]) == [6]
    assert counter.unknown_shares(["strata Strata"]) == [0.5]
    bare = HuggingFaceTokenCounter(EmbedOptions(model=str(tiny_model), passage_prompt=""))
    assert bare.count(["strata Strata"]) == [4]
    assert bare.fingerprint != counter.fingerprint


def test_a_model_without_tokenizer_json_is_counted_by_its_vocabulary(tmp_path: Path) -> None:
    carried_folder = resolve(EmbedOptions().model)
    for file in carried_folder.iterdir():
        if file.is_file() and file.name not in ("tokenizer.json", "model.safetensors"):
            shutil.copy(file, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(carried_folder / "model.safetensors")
    fast, slow = HuggingFaceTokenCounter(EmbedOptions()), HuggingFaceTokenCounter(EmbedOptions(model=str(tmp_path)))
    texts = ["Naïve café, 1,000 layers of clay", "麒麟 clay", ""]
    assert slow.count(texts) == fast.count(texts)
    assert slow.unknown_shares(texts) == fast.unknown_shares(texts)
    assert slow.count([]) == []


def test_fewer_tokens_may_be_asked_for_but_not_more() -> None:
    assert HuggingFaceTokenCounter(EmbedOptions(max_tokens=100)).limit == 100
    with pytest.raises(ConfigError, match="reads 256 at most"):
        HuggingFaceTokenCounter(EmbedOptions(max_tokens=300))


@pytest.mark.parametrize(
    "text", ["Strata lie, on one another.", "Naïve  café\n1,000 層 clay", "internationalisation", ""]
)
def test_offsets_tell_where_each_token_stands(counter: HuggingFaceTokenCounter, text: str) -> None:
    offsets = counter.offsets(text)
    assert len(offsets) == counter.count([text])[0] - 2
    assert [start for start, _ in offsets] == sorted(start for start, _ in offsets)
    assert not any(map(str.isspace, "".join(text[start:end] for start, end in offsets)))
    assert "".join(text[start:end] for start, end in offsets) == "".join(text.split())


def test_offsets_are_of_the_text_without_the_prompt(tiny_model: Path) -> None:
    counter = HuggingFaceTokenCounter(EmbedOptions(model=str(tiny_model)))
    assert counter.offsets("strata Strata") == [(0, 6), (7, 13)]


def test_a_vocabulary_alone_tells_words_for_offsets(tmp_path: Path) -> None:
    carried_folder = resolve(EmbedOptions().model)
    for file in carried_folder.iterdir():
        if file.is_file() and file.name not in ("tokenizer.json", "model.safetensors"):
            shutil.copy(file, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(carried_folder / "model.safetensors")
    slow = HuggingFaceTokenCounter(EmbedOptions(model=str(tmp_path)))
    text = "layers of internationalisation"
    assert len(slow.offsets(text)) == slow.count([text])[0] - 2
    assert set(slow.offsets(text)) == {(0, 6), (7, 9), (10, 30)}
