"""How fast docstrata embeds, beside a bare loop over the same texts.

    python benchmarks/embed/rate.py FOLDER [--texts 1500] [--rounds 3] [--backends torch onnx onnx-int8]

FOLDER holds Markdown or text files; their paragraphs of 50 to 250 tokens are the texts. Both ways
of reading a passage are timed: whole, and as its sentences. The bare loop embeds exactly what
docstrata's model reads: `model.encode(sorted(read, key=len), batch_size=64)`. All take turns, in
one process.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.embed.model_files import resolve
from ingest.embed.sentence_pooling import parts_of
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 64


def paragraphs(folder: Path, wanted: int) -> list[str]:
    files = sorted(path for ending in ("md", "txt") for path in folder.rglob(f"*.{ending}"))
    found = [part for file in files for part in file.read_text("utf-8", errors="replace").split("\n\n")]
    random.Random(1).shuffle(found)
    found = list(dict.fromkeys(found))[: wanted * 8]
    lengths = HuggingFaceTokenCounter(EmbedOptions()).count(found)
    return [text for text, length in zip(found, lengths, strict=True) if 50 <= length <= 250][:wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backends", nargs="*", default=["torch"], help="also onnx and onnx-int8, on a CPU")
    arguments = parser.parse_args()
    texts = paragraphs(arguments.folder, arguments.texts)

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(resolve(EmbedOptions().model)))
    model.encode(texts[:8])
    for reading, read in (("sentences", parts_of(texts).texts), ("whole", texts)):
        embedders = {}
        for backend in arguments.backends:
            options = EmbedOptions.model_validate({"passage_vector": reading, "backend": backend})
            embedders[backend] = SentenceTransformerEmbedder(options)
            embedders[backend].embed(texts[:8])
        _compare(model, embedders, texts, read, reading, arguments.rounds)


def _compare(
    model: SentenceTransformer,
    embedders: dict[str, SentenceTransformerEmbedder],
    texts: list[str],
    read: list[str],
    reading: str,
    rounds: int,
) -> None:
    """`read` is what the bare loop embeds: what docstrata's model reads for the `texts`."""
    ordered = sorted(read, key=len)
    bare: list[float] = []
    ours: dict[str, list[float]] = {backend: [] for backend in embedders}
    for _ in range(rounds):
        began = time.perf_counter()
        model.encode(ordered, batch_size=_BATCH, show_progress_bar=False)
        bare.append(time.perf_counter() - began)
        for backend, embedder in embedders.items():
            began = time.perf_counter()
            embedder.embed(texts)
            ours[backend].append(time.perf_counter() - began)
    print(f"{reading}: {len(texts)} texts, {len(read)} read; medians of {rounds} rounds")
    print(f"  bare loop  {len(texts) / statistics.median(bare):7.1f} texts/s")
    for backend, seconds in ours.items():
        ratio = statistics.median(one / other for one, other in zip(bare, seconds, strict=True))
        print(f"  {backend:<9}  {len(texts) / statistics.median(seconds):7.1f} texts/s  ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
