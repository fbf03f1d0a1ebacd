"""How fast docstrata embeds, beside a bare loop over the same texts.

    python benchmarks/embed/rate.py FOLDER [--texts 1500] [--rounds 2]

FOLDER holds Markdown or text files; their paragraphs of 50 to 250 tokens are the texts. The bare
loop is `model.encode(sorted(texts, key=len), batch_size=64)`. The two take turns, in one process.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np

from ingest.embed.model_files import resolve
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.embed_options import EmbedOptions


def paragraphs(folder: Path, wanted: int) -> list[str]:
    files = sorted(path for ending in ("md", "txt") for path in folder.rglob(f"*.{ending}"))
    found = [part for file in files for part in file.read_text("utf-8", errors="replace").split("\n\n")]
    random.Random(1).shuffle(found)
    found = list(dict.fromkeys(found))[: wanted * 8]
    lengths = HuggingFaceTokenCounter(EmbedOptions()).count(found)
    return [text for text, length in zip(found, lengths, strict=True) if 50 <= length <= 250][:wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    texts = paragraphs(arguments.folder, arguments.texts)
    ordered = sorted(texts, key=len)

    from sentence_transformers import SentenceTransformer

    embedder = SentenceTransformerEmbedder(EmbedOptions())
    model = SentenceTransformer(str(resolve(EmbedOptions().model)))
    model.encode(texts[:8])
    embedder.embed(texts[:8])

    ours, bare = [], []
    for _ in range(arguments.rounds):
        started = time.perf_counter()
        plain = model.encode(ordered, batch_size=64, show_progress_bar=False)
        bare.append(time.perf_counter() - started)
        started = time.perf_counter()
        vectors = embedder.embed(texts)
        ours.append(time.perf_counter() - started)
    worst = float(np.abs(vectors[[texts.index(text) for text in ordered]] - plain).max())
    print(f"{len(texts)} texts; greatest difference of a number {worst:.1e}")
    print(f"bare loop  {len(texts) / min(bare):7.1f} texts/s")
    print(f"docstrata  {len(texts) / min(ours):7.1f} texts/s  ratio {min(bare) / min(ours):.2f}")


if __name__ == "__main__":
    main()
