"""What the figures of a report cost in a home of so many chunks: time and memory, cold and warm.

    python benchmarks/report/scale.py FILLED_HOME FOLDER [--chunks 1000000]

The documents of a filled home are copied under other names until there are so many chunks: every copy has a parse and
a chunk set of its own in the store, which differ in a word, and rows of its own in the catalog. There are no vectors,
since a report reads none. Then reports are made in processes of their own: cold (nothing is kept; the artifacts may
be in the system's cache) and warm (figures are kept). Where the machine has other work, the processors' time tells
what the wall's does not: half of it is what two free cores need at least.
Memory is the peak of the sum over all processes, sampled every three seconds: `PSS`, where shared pages count once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil

from ingest.catalog.keys import digest_key
from ingest.config import load_settings
from ingest.context import Context, open_context
from ingest.reports.collect import collect
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.ids import doc_id, fingerprint
from schemas.point import OPEN
from schemas.source import SourceKind

PACK = 200
"""Documents in a pack."""
TOKEN_LIMIT = 256


@dataclass(frozen=True, slots=True)
class Model:
    """A document as it is copied: the stored bytes of its parse and chunk set."""

    path: str
    parse: bytes
    parser_version: bytes
    chunks: bytes
    digest: bytes
    count: int
    manifest: bytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, metavar="FILLED_HOME")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the large home is made, or was")
    parser.add_argument("--chunks", type=int, default=1_000_000)
    parser.add_argument("--once", choices=["cold", "warm", "alone"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        report_once(arguments.folder, arguments.once)
        return 0
    if not (arguments.folder / "catalog.db").exists():
        began = time.monotonic()
        made = make(arguments.home, arguments.folder, arguments.chunks)
        print(f"made {made:,} chunks in {time.monotonic() - began:.0f} s", flush=True)
    for kind in ("cold", "warm"):
        print(
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores;",
            kind,
            measured(arguments.home, arguments.folder, kind),
            flush=True,
        )
    return 0


# ------------------------------------------------------------------------------------ making


def make(home: Path, folder: Path, wanted: int) -> int:
    """Returns how many chunks were made."""
    shutil.rmtree(folder, ignore_errors=True)
    settings = load_settings(environ={}, overrides={})
    source, target = open_context(home, settings), open_context(folder, settings)
    models = list(_models(source))
    source.close()
    target.catalog.files.remember_source(settings.tenant, "made", SourceKind.APPEND, "/made")
    made, round_ = 0, 0
    batch: list[tuple[Model, int]] = []
    while made < wanted:
        for model in models:
            batch.append((model, round_))
            made += model.count
            if len(batch) == PACK:
                _copy(target, batch)
                batch = []
            if made >= wanted:
                break
        round_ += 1
    _copy(target, batch)
    target.catalog.database.execute("INSERT INTO commits (seq, run_number, at_ns) VALUES (1, 1, 1)")
    target.close()
    return made


def _models(context: Context) -> Iterator[Model]:
    artifacts, store = context.catalog.artifacts, context.store
    for row in context.catalog.history.live_documents(context.settings.tenant):
        chunks = _read(context, artifacts.find("chunk", row.chunk_key))
        if chunks is None:
            continue
        told = json.loads(chunks)
        parse = _read(context, artifacts.of_digest("parse", told["document"]))
        manifest = artifacts.find("version", f"{row.doc_id}/{row.version}")
        if parse is not None and manifest is not None and told["chunks"]:
            version = json.dumps(json.loads(parse)["parser_version"]).encode()
            digest = told["document"].encode()
            yield Model(row.path, parse, version, chunks, digest, len(told["chunks"]), store.read(manifest))


def _read(context: Context, ref: ArtifactRef | None) -> bytes | None:
    if ref is None:
        return None
    with contextlib.suppress(DamagedArtifact):
        return context.store.read(ref)
    return None


def _copy(context: Context, batch: list[tuple[Model, int]]) -> None:
    """As one commit of documents that all differ."""
    store, catalog, tenant = context.store, context.catalog, context.settings.tenant
    places = [(model, f"{number:04}/{model.path}") for model, number in batch]
    parses = store.write_pack(
        "parse",
        [
            (
                fingerprint(["parse", path]),
                model.parse.replace(
                    b'"parser_version":' + model.parser_version,
                    b'"parser_version":' + json.dumps(path).encode(),
                    1,
                ),
            )
            for model, path in places
        ],
    )
    chunk_sets = store.write_pack(
        "chunk",
        [
            (fingerprint(["chunk", path]), model.chunks.replace(model.digest, ref.digest.encode(), 1))
            for (model, path), ref in zip(places, parses, strict=True)
        ],
    )
    ids = [doc_id(tenant, "made", path) for _, path in places]
    manifests = store.write_pack(
        "version", [(f"{name}/1", model.manifest) for (model, _), name in zip(places, ids, strict=True)]
    )
    database = catalog.database
    with database.transaction():
        catalog.artifacts.adopt_within([*parses, *chunk_sets, *manifests])
        first = int(str(database.rows("SELECT coalesce(max(doc_no), 0) + 1 FROM documents")[0][0]))
        for number, ((model, path), name, ref) in enumerate(zip(places, ids, chunk_sets, strict=True), first):
            sha256 = fingerprint(path)
            database.execute(
                "INSERT INTO documents (doc_no, doc_id, tenant, source, path, version, sha256, chunk_key, live, stale,"
                " top, metadata_digest) VALUES (?, ?, ?, 'made', ?, 1, ?, ?, 1, 0, '', '')",
                (number, bytes.fromhex(name.replace("-", "")), tenant, path, sha256, ref.key),
            )
            database.execute(
                "INSERT INTO versions (doc_no, version, seq, run_number, sha256, chunk_key, gone)"
                " VALUES (?, 1, 1, 1, ?, ?, 0)",
                (number, sha256, ref.key),
            )
            database.execute_many(
                "INSERT INTO points (point_id, chunk_id, doc_no, payload_digest, vector_key, from_seq, to_seq)"
                " VALUES (?, ?, ?, ?, ?, 1, ?)",
                [(uuid4().bytes, uuid4().bytes, number, digest_key("00" * 32), None, OPEN) for _ in range(model.count)],
            )


# --------------------------------------------------------------------------------- measuring


def report_once(folder: Path, kind: str) -> None:
    """`alone`: in one process."""
    overrides = {"parse.workers": 0} if kind == "alone" else {}
    context = open_context(folder, load_settings(environ={}, overrides=overrides))
    if kind != "warm":
        context.catalog.database.execute("DELETE FROM artifacts WHERE stage = 'figures'")
    began = time.monotonic()
    report = collect(context, token_limit=TOKEN_LIMIT, keep=kind == "cold")
    seconds = time.monotonic() - began
    print(
        f"{report.documents.total:,} documents, {report.chunks.total:,} chunks in {seconds:.1f} s"
        f" ({_cpu_seconds():.1f} s of processors, starting included),"
        f" JSON of {len(report.model_dump_json()) / 1e6:.1f} MB"
    )
    context.close()


def _cpu_seconds() -> float:
    """Of this process and of its children that are gone."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measured(home: Path, folder: Path, kind: str) -> str:
    command = [sys.executable, __file__, str(home), str(folder), "--once", kind]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    watched = psutil.Process(process.pid)
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            family = [watched, *watched.children(recursive=True)]
            peak = max(peak, sum(_pss(each) for each in family))
        time.sleep(3.0)  # reading it takes the measured processes' time
    told = process.communicate()[0].strip()
    return f"{told}; peak of all processes {peak / 2**20:,.0f} MiB"


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


if __name__ == "__main__":
    sys.exit(main())
