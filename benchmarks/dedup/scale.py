"""What deciding on a chunk costs as the store grows: 10 thousand, 100 thousand, a million survivors.

    python benchmarks/dedup/scale.py FOLDER HOME [--chunks 100000] [--stored 10000 100000 1000000]

FOLDER holds Markdown or text files, cut into passages of about 1,000 characters. Stored and incoming
texts are those passages with every seventh word or character pair replaced, another way each time, so that most are
unique; of the incoming ones 5 of 100 are a stored text typed differently, and 5 a stored text with
two ordinary words more. HOME gets a real catalog and a real Edge index without vectors; decisions go
the way that a run's do, in batches of 512. Each size is measured in a process of its own, whose
largest resident size counts the pages of mapped files too.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.keys import band_key
from ingest.dedup.base import Candidate
from ingest.dedup.finder import DuplicateFinder
from ingest.dedup.memory_store import MemorySurvivorStore
from ingest.options.dedup import DedupOptions
from ingest.sinks.edge import EdgeIndex
from ingest.stages.survivors import IndexedSurvivors
from ingest.vectors import CollectionSpec, IndexPoint

Item = TypeVar("Item")
TENANT = "default"
NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
SPEC = CollectionSpec("scale", 4, "scale")
BATCH = 512
BUILT_TOGETHER = 20_000
PER_DOCUMENT = 50
WORDS = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]{2}")


class Texts:
    """Text `i` is the same every time."""

    def __init__(self, folder: Path) -> None:
        files = sorted(path for ending in ("md", "txt") for path in folder.rglob(f"*.{ending}"))
        texts = (file.read_text("utf-8", errors="replace") for file in files)
        found = [text[i : i + 1000] for text in texts for i in range(0, len(text) - 1000, 1000)]
        random.Random(1).shuffle(found)
        self._passages = [re.split(f"({WORDS.pattern})", text) for text in found[:5000]]
        words = {part for parts in self._passages for part in parts[1::2]}
        self._latin = sorted(word for word in words if word.isascii() and len(word) > 3)
        self._han = sorted(word for word in words if not word.isascii())

    def __len__(self) -> int:
        return len(self._passages)

    def __getitem__(self, i: int) -> str:
        parts = list(self._passages[i % len(self._passages)])
        chance = random.Random(i)
        for at in range(1 + 2 * chance.randrange(7), len(parts), 14):
            words = self._latin if parts[at].isascii() else self._han
            parts[at] = words[int(chance.random() * len(words))]
        return "".join(parts)


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def candidate(i: int, text: str) -> Candidate:
    return Candidate(str(uuid5(NAMESPACE, str(i))), document_id(i), text, "text", None)


def document_id(i: int) -> str:
    return str(uuid5(NAMESPACE, f"document {i // PER_DOCUMENT}"))


def build(folder: Path, home: Path, start: int, end: int) -> None:
    texts, catalog, index = Texts(folder), open_catalog(home / "catalog.db"), open_index(home)
    finder = DuplicateFinder(DedupOptions(), MemorySurvivorStore())
    for part in batched(range(start, end), BUILT_TOGETHER):
        chunks = {i: candidate(i, texts[i]) for i in part}
        sketches = finder.sketches.fresh()
        index.upsert([IndexPoint(it.chunk_id, payload(it), None, None) for it in chunks.values()])
        store(catalog, {i: (it, sketches.of(it).digest, sketches.of(it).bands) for i, it in chunks.items()})
    index.flush()
    index.close()
    catalog.close()


def payload(chunk: Candidate) -> dict[str, object]:
    return {
        "tenant": TENANT, "source": "scale", "path": f"{chunk.doc_id}.md", "doc_id": chunk.doc_id,
        "chunk_id": chunk.chunk_id, "text": chunk.text, "kind": chunk.kind, "language": None, "table_html": None,
        "survivor": None, "current": True, "from_seq": 1, "to_seq": 2**53 - 1,
    }  # fmt: skip


def store(catalog: Catalog, chunks: dict[int, tuple[Candidate, bytes, tuple[bytes, ...]]]) -> None:
    """The rows that a commit writes, without the rest of it."""
    database = catalog.database
    with database.transaction():
        database.execute_many(
            "INSERT INTO documents (doc_no, doc_id, tenant, source, path, version, sha256, chunk_key, live, stale, top,"
            " metadata_digest) VALUES (?, ?, ?, 'scale', ?, 1, '', '', 1, 0, '', '') ON CONFLICT DO NOTHING",
            [
                (i // PER_DOCUMENT + 1, UUID(chunk.doc_id).bytes, TENANT, chunk.doc_id)
                for i, (chunk, _, _) in chunks.items()
                if i % PER_DOCUMENT == 0
            ],
        )
        database.execute_many(
            "INSERT INTO survivors (survivor_no, chunk_id, tenant, doc_no, text_digest, point_id, seq, place)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (i + 1, key, TENANT, i // PER_DOCUMENT + 1, digest, key, 1, i)
                for i, (chunk, digest, _) in chunks.items()
                for key in (UUID(chunk.chunk_id).bytes,)
            ],
        )
        database.execute_many(
            "INSERT INTO bands (band, survivor_no) VALUES (?, ?) ON CONFLICT DO NOTHING",
            sorted((band_key(TENANT, band), i + 1) for i, (_, _, bands) in chunks.items() for band in bands),
        )


def open_index(home: Path) -> EdgeIndex:
    index = EdgeIndex(home / "index", batch=1000)
    index.ensure(SPEC)
    return index


def incoming(texts: Texts, stored: int, count: int) -> Iterator[Candidate]:
    for n in range(count):
        i = 10_000_000 + n
        twin = (n * 7919) % stored
        if n % 20 == 0:
            text = texts[twin].upper().replace(" ", "  ")
        elif n % 20 == 1:
            words = texts[twin].split(" ")
            text = " ".join([*words[: len(words) // 2], "deeply", "slowly", *words[len(words) // 2 :]])
        else:
            text = texts[i]
        yield candidate(i, text)


def decide(folder: Path, home: Path, stored: int, count: int) -> None:
    texts, catalog, index = Texts(folder), open_catalog(home / "catalog.db"), open_index(home)
    DuplicateFinder(DedupOptions(), MemorySurvivorStore()).decide(TENANT, [candidate(-1, texts[0] + "词典")])
    exact = near = 0
    spent = cpu = 0.0
    for batch in batched(incoming(texts, stored, count), BATCH):
        begun, begun_cpu = time.perf_counter(), time.process_time()
        survivors = IndexedSurvivors(catalog, index, frozenset(), frozenset())
        made = DuplicateFinder(DedupOptions(), survivors).decide(TENANT, batch)
        spent, cpu = spent + time.perf_counter() - begun, cpu + time.process_time() - begun_cpu
        exact += sum(it.duplicate is not None and it.duplicate.kind == "exact" for it in made)
        near += sum(it.duplicate is not None and it.duplicate.kind == "near" for it in made)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own = int(status["RssAnon"].split()[0]) / 2**20
    print(
        f"| {stored:,} | {count:,} | {exact:,} + {near:,} | {spent / 60:.1f} | {1e6 * spent / count:.0f}"
        f" | {1e6 * cpu / count:.0f} | {peak:.2f} | {own:.2f} |",
        flush=True,
    )
    index.close()
    catalog.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--stored", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step is not None:
        name, one, other = arguments.step[0], int(arguments.step[1]), int(arguments.step[2])
        {"build": build, "decide": decide}[name](arguments.folder, arguments.home, one, other)
        return
    print(
        "| stored | decided | exact + near | minutes | µs a chunk | of CPU | peak GiB | without mapped files |",
        flush=True,
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    there = 0
    for stored in sorted(arguments.stored):
        _step(arguments, "build", there, stored)
        _step(arguments, "decide", stored, arguments.chunks)
        there = stored


def _step(arguments: argparse.Namespace, *step: object) -> None:
    command = [sys.executable, __file__, str(arguments.folder), str(arguments.home), "--step", *map(str, step)]
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    print(f"({step[0]}: {time.perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
