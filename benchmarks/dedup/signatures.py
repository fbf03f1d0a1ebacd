"""How fast MinHash signatures are made, beside `datasketch.MinHash.update` word by word.

    python benchmarks/dedup/signatures.py FOLDER [--texts 500]

FOLDER holds Markdown or text files, cut into passages of about 1,000 characters. Both sides begin
with the words of a passage and end with 128 hash values; both use datasketch's permutations. Then
both estimates are held against the exact similarity of passages and their cut copies. Times are CPU
time: other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from datasketch import MinHash

from ingest.dedup.shingles import jaccard, read, shingles
from ingest.dedup.signatures import Signatures
from ingest.options.dedup import DedupOptions

SIZE = DedupOptions().shingle_words


def passages(folder: Path, wanted: int) -> list[str]:
    files = sorted(path for ending in ("md", "txt") for path in folder.rglob(f"*.{ending}"))
    texts = (file.read_text("utf-8", errors="replace") for file in files)
    found = [text[i : i + 1000] for text in texts for i in range(0, len(text) - 1000, 1000)]
    return found[:: max(1, len(found) // wanted)][:wanted]


def word_by_word(words: tuple[str, ...]) -> MinHash:
    minhash = MinHash(num_perm=128)
    for i in range(max(1, len(words) - SIZE + 1)):
        minhash.update(" ".join(words[i : i + SIZE]).encode())
    return minhash


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=500)
    arguments = parser.parse_args()
    texts = passages(arguments.folder, arguments.texts)
    read("词典")  # the segmenter loads its dictionary
    started = time.process_time()
    readings = [read(text).words for text in texts]
    reading = time.process_time() - started
    signatures = Signatures(DedupOptions())
    signatures.bands(signatures.signature(shingles(readings[0], SIZE)))

    started = time.process_time()
    ours = [signatures.signature(shingles(words, SIZE)) for words in readings]
    fast = time.process_time() - started
    started = time.process_time()
    theirs = [word_by_word(words) for words in readings]
    slow = time.process_time() - started

    errors_ours, errors_theirs = [], []
    for words, own, other in zip(readings, ours, theirs, strict=True):
        cut = words[len(words) // 8 :]
        exact = jaccard(shingles(words, SIZE), shingles(cut, SIZE))
        errors_ours.append(float(np.mean(own == signatures.signature(shingles(cut, SIZE)))) - exact)
        errors_theirs.append(other.jaccard(word_by_word(cut)) - exact)
    each = 1e6 / len(texts)
    print(f"{len(texts)} passages of {np.mean([len(words) for words in readings]):.0f} words")
    print(f"MinHash.update word by word  {slow * each:7.0f} µs  root mean square error {rms(errors_theirs):.4f}")
    print(f"docstrata                    {fast * each:7.0f} µs  root mean square error {rms(errors_ours):.4f}")
    print(f"ratio {slow / fast:.1f}; reading a text into words takes {reading * each:.0f} µs more on either side")


def rms(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


if __name__ == "__main__":
    main()
