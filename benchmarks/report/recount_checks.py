"""Counts anew what a report checked: the definitions are those of `schemas.{parsing,duplication,fit,drift}`.

The catalog is read with sqlite3, artifacts frame by frame, packs of vectors by their own index, and distances are
scipy's. The engine's are only the terms that BM25 counts and the plain readings of originals, because the report is
defined by them; which documents are held against their originals, and what is made of the findings, is not.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sqlite3
import struct
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import zstandard
from recount_catalog import Leaf, Live, live_documents
from scipy.spatial.distance import jensenshannon

from ingest.checks.reading import compared
from ingest.search.words import words
from schemas.document import Document

Row = tuple[str, Leaf, Leaf, bool]
Found = dict[str, Any]
PROSE = {"paragraph", "quote", "list_item"}
CLOSING = set(".!?…:;。！？：；．‥︒؟۔।॥՝։｡")
BEHIND_CLOSING = "\"'“”‘’«»()[]{}（）「」『』【】〉》〕*_`~ \t\r\n\u3000\u00a0"
HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
OPEN = 2**53
OF_ONE_FORMAT, SAMPLED, PACKS, NEARLY_EQUAL, FEWEST, FEWEST_HAN, FEWEST_OF_FORMAT = 250, 1000, 32, 0.9999, 20, 200, 100
BUDGET_PARTS = 16


def check_checks(report: Mapping[str, Any], catalog: sqlite3.Connection, store: Path) -> Iterator[Row]:
    """Rows of name, report, recount, equal."""
    if report["parsing"] is None:
        return
    recount = _Recount(report, catalog, store)
    for live in live_documents(catalog, report["tenant"]):
        if report["source"] in {None, live.source}:
            recount.add(live)
    yield from recount.rows()


def check_gates(report: Mapping[str, Any]) -> dict[str, Leaf]:
    """The values of the gates on what was checked, from the numbers that were."""
    tables = report["tables"]
    values: dict[str, float | None] = {"max_needless_table_cut_share": _share(tables["needless"], tables["total"])}
    if report["parsing"] is not None:
        fit, segmentation, drift = report["fit"], report["segmentation"], report["drift"]
        recount, vectors, borders, han = fit["recount"], fit["vectors"], segmentation["borders"], segmentation["han"]
        values["max_miscounted_share"] = _share(recount["differing"], recount["sampled"]) if recount else None
        looked_at = vectors["sampled"] + vectors["broken"] if vectors else 0
        equal = vectors["nearly_equal"] + vectors["broken"] if vectors else 0
        values["max_equal_vector_share"] = equal / looked_at if looked_at >= FEWEST else None
        enough = borders["total"] >= FEWEST
        values["max_broken_border_share"] = borders["inside"] / borders["total"] if enough else None
        enough = han["characters"] >= FEWEST_HAN
        values["max_lone_han_share"] = han["alone"] / han["characters"] if enough else None
        values["max_han_term_length"] = han["mean_length"] if enough else None
        lines = [line for line in (drift["lines"] if drift else ()) if line["name"] != "formats"]
        beyond = [line["distance"] for line in lines if line["beyond"]]
        judged = any(line["chance"] is not None for line in lines)
        values["max_drift"] = max(beyond, default=0.0) if judged else None
        values["min_paragraph_share"] = _paragraph_share(report["parsing"]["paragraphs"])
    gates = {gate["name"]: gate["limit"] for gate in report["gates"]}
    found: dict[str, Leaf] = {}
    for name, value in values.items():
        broken = value is not None and (value < gates[name] if name.startswith("min") else value > gates[name])
        found |= {f"gates.{name}.name": name, f"gates.{name}.value": value, f"gates.{name}.passed": not broken}
    return found


def _paragraph_share(found: Found) -> float | None:
    if found["paragraphs"] < FEWEST:
        return None
    large = [one for one in found["by_format"] if one["paragraphs"] >= FEWEST_OF_FORMAT]
    return min(one["found"] / one["paragraphs"] for one in [*large, found])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class _Recount:
    def __init__(self, report: Mapping[str, Any], catalog: sqlite3.Connection, store: Path) -> None:
        self.report = report
        self.catalog = catalog
        self.store = store
        lengths = report["chunks"]["lengths"]
        limit = lengths["limit"]
        self.budget = lengths["maximum"] if limit is None else min(lengths["maximum"], limit)
        self.counts: Counter[str] = Counter()
        self.languages: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.margins: Counter[str] = Counter()
        self.originals: dict[str, tuple[Live, str, str]] = {}
        self.chunks: dict[str, Found] = {}
        self.drifting: list[Found] = []
        wanted = "SELECT p.chunk_id FROM points p JOIN documents d USING (doc_no) WHERE p.to_seq = ? AND d.live = 1"
        within = "" if report["source"] is None else " AND d.source = ?"
        asked = () if report["source"] is None else (report["source"],)
        rows = catalog.execute(
            f"{wanted} AND d.tenant = ?{within} ORDER BY p.chunk_id LIMIT {SAMPLED}",
            (OPEN, report["tenant"], *asked),
        )
        self.sampled = {str(UUID(bytes=row[0])) for row in rows}
        self.duplicates = {
            str(UUID(bytes=row[0])): row[1]
            for row in catalog.execute(
                "SELECT d.doc_id, count(*) FROM points p JOIN documents d USING (doc_no)"
                " WHERE p.to_seq = ? AND p.survivor IS NOT NULL GROUP BY d.doc_id",
                (OPEN,),
            )
        }

    # ----------------------------------------------------------------- documents

    def add(self, live: Live) -> None:
        chunk_set = self._artifact("chunk", "key", live.chunk_key)
        if chunk_set is None:
            return
        manifest = self._artifact("version", "key", f"{live.doc_id}/{live.version}") or {}
        media_type = (manifest.get("file") or {}).get("media_type", "")
        parse = self._artifact("parse", "digest", chunk_set["document"]) if chunk_set["document"] else None
        failed = sum(page["method"] == "failed" for page in parse["pages"]) if parse else 0
        outcome = "stale" if live.stale else "partly" if failed else "whole"
        self.counts[f"formats.{media_type}.{outcome}"] += 1
        self.margins.update(set(chunk_set.get("furniture") or ()))
        own = self._add_chunks(live, chunk_set)
        bins = self._add_parse(parse, chunk_set) if parse else Counter()
        if parse:
            self.originals.setdefault(live.sha256, (live, media_type, chunk_set["document"]))
        self.drifting.append(
            {"run": manifest.get("run_number"), "format": media_type, "bins": bins, "doc_id": live.doc_id, **own}
        )

    def _add_chunks(self, live: Live, chunk_set: Found) -> Found:
        languages: Counter[str] = Counter()
        lengths: Counter[int] = Counter()
        tokens = unknown = 0
        for chunk, share in zip(chunk_set["chunks"], chunk_set["unknown_shares"], strict=True):
            language = chunk.get("language") or ""
            text = f"{chunk['context']}\n{chunk['text']}" if chunk.get("context") else chunk["text"]
            count = chunk["token_count"]
            self.languages[language].update(chunks=1, characters=len(text), tokens=count, unknown=round(share * count))
            languages[language] += 1
            lengths[min(BUDGET_PARTS * count // (self.budget + 1), BUDGET_PARTS)] += 1
            tokens += count
            unknown += round(share * count)
            name = _chunk_id(live.doc_id, text, chunk)
            if name in self.sampled:
                self.chunks[name] = chunk
        return {
            "languages": languages, "lengths": lengths, "tokens": tokens, "unknown": unknown,
            "chunks": len(chunk_set["chunks"]),
        }  # fmt: skip

    def _add_parse(self, parse: Found, chunk_set: Found) -> Counter[int]:
        counts, text = self.counts, parse["text"]
        bins: Counter[int] = Counter()
        for page in parse["pages"]:
            if page.get("confidence") is not None:
                own = round(1000 * page["confidence"])
                bins[min(own * 20 // 1000, 19)] += 1
                counts.update({"ocr.pages": 1, "ocr.thousandths": own})
            counts["ocr.doubtful_lines"] += page.get("doubtful", 0)
            counts["ocr.doubtful_pages"] += page.get("doubtful", 0) > 0
        counts.update({f"ocr.bins.{number}": pages for number, pages in bins.items()})
        for block in parse["blocks"]:
            if block["kind"] in {"title", "heading"}:
                counts[f"headings.{block.get('level') or 0}"] += 1
            if block.get("confidence") is not None:
                ink = len(re.sub(r"\s", "", text[block["start"] : block["end"]]))
                counts["ocr.characters"] += ink
                counts["ocr.character_thousandths"] += ink * round(1000 * block["confidence"])
            if table := block.get("table"):
                counts.update({"tables.total": 1, "tables.rows": table["n_rows"], "tables.cells": len(table["cells"])})
                counts["tables.over_pages"] += len({region["page"] for region in block["regions"]}) > 1
                counts["tables.with_header"] += table["header_rows"] > 0
        for chunk, after in pairwise(chunk_set["chunks"]):
            if chunk["blocks"] and after["blocks"] and chunk["blocks"][-1] == after["blocks"][0]:
                block = parse["blocks"][after["blocks"][0]]
                if block["kind"] in PROSE:
                    before = text[block["start"] : chunk["spans"][-1][1]][-40:].rstrip(BEHIND_CLOSING)[-1:]
                    behind = text[after["spans"][0][0] : block["end"]][:40].lstrip()[:1]
                    counts["borders.total"] += 1
                    counts["borders.inside"] += _goes_on(before, behind)
        return bins

    # --------------------------------------------------------------------- rows

    def rows(self) -> Iterator[Row]:
        yield from self._parsing(self.report["parsing"])
        yield from self._paragraphs(self.report["parsing"]["paragraphs"])
        yield from self._duplication(self.report["duplication"])
        yield from self._fit(self.report["fit"])
        yield from self._segmentation(self.report["segmentation"])
        if self.report["drift"] is not None:
            yield from self._drift(self.report["drift"])

    def _parsing(self, told: Found) -> Iterator[Row]:
        formats = Counter(
            {f"formats.{one['media_type']}.{one['outcome']}": one["documents"] for one in told["formats"]}
        )
        names = {name for name in formats.keys() | self.counts.keys() if name.startswith("formats.")}
        for name in sorted(names - {name for name in names if name.endswith("quarantined")}):
            yield _row(name, formats[name], self.counts[name])
        levels = {name[9:] for name in self.counts if name.startswith("headings.")}
        for level in sorted(levels | set(told["headings"])):
            yield _row(f"headings.{level}", told["headings"].get(level, 0), self.counts[f"headings.{level}"])
        for name in ("total", "over_pages", "with_header", "rows", "cells"):
            yield _row(f"parsed tables.{name}", told["tables"][name], self.counts[f"tables.{name}"])
        ocr, counts = told["ocr"], self.counts
        for name in ("pages", "characters", "doubtful_lines", "doubtful_pages"):
            yield _row(f"ocr.{name}", ocr[name], counts[f"ocr.{name}"])
        means = {"pages": "thousandths", "characters": "character_thousandths"}
        for name, thousandths in means.items():
            whole = counts[f"ocr.{name}"]
            mean = counts[f"ocr.{thousandths}"] / 1000 / whole if whole else None
            yield _row(f"ocr.{name}_mean", ocr[f"{name}_mean"], mean)
        for place, each in enumerate(ocr["bins"]):
            yield _row(f"ocr.bins.{place}", each["pages"], counts[f"ocr.bins.{place}"])

    def _paragraphs(self, told: Found) -> Iterator[Row]:
        formats: defaultdict[str, Counter[str]] = defaultdict(Counter)
        because: Counter[str] = Counter()
        losses: dict[str, tuple[int, int]] = {}
        for sha256, (live, media_type, digest) in sorted(self.originals.items()):
            if formats[media_type]["looked_at"] == OF_ONE_FORMAT:
                continue
            formats[media_type]["looked_at"] += 1
            path = self.store / "original" / sha256[:2] / sha256
            document = Document.model_validate(self._artifact("parse", "digest", digest))
            found = compared(path if path.is_file() else None, media_type, document)
            if found.found is None:
                because[str(found.because)] += 1
                continue
            own = found.found
            formats[media_type].update(documents=1, paragraphs=own.paragraphs, found=own.found)
            if own.found < own.paragraphs:
                losses[live.path] = (own.paragraphs, own.found)
        yield _row("paragraphs, documents", told["documents"], len(self.originals))
        yield _row("paragraphs, sampled", told["sampled"], sum(own["looked_at"] for own in formats.values()))
        for name in ("documents", "paragraphs", "found"):
            total = sum(own[name] for own in formats.values())
            yield _row(f"paragraphs, all {name}", told["compared" if name == "documents" else name], total)
            for one in told["by_format"]:
                yield _row(f"paragraphs, {name} {one['media_type']}", one[name], formats[one["media_type"]][name])
        for reason in sorted(because.keys() | told["not_compared"].keys()):
            yield _row(f"paragraphs, not for {reason}", told["not_compared"].get(reason, 0), because[reason])
        yield _row("paragraphs, documents with loss", told["documents_with_loss"], len(losses))
        for one in told["worst"]:
            same = losses.get(one["path"]) == (one["paragraphs"], one["found"])
            yield f"paragraphs of {one['path']}", one["found"], losses.get(one["path"], (0, 0))[1], same

    def _duplication(self, told: Found) -> Iterator[Row]:
        within = "" if self.report["source"] is None else " AND d.source = :source"
        asked = {"open": OPEN, "tenant": self.report["tenant"], "source": self.report["source"]}
        from_points = (
            "FROM points p JOIN documents d USING (doc_no) LEFT JOIN duplicates k USING (point_id)"
            f" WHERE p.to_seq = :open AND d.tenant = :tenant{within}"
        )
        kinds: Counter[str] = Counter()
        clusters: defaultdict[bytes, set[str]] = defaultdict(set)
        for survivor, kind, doc_id in self.catalog.execute(f"SELECT p.survivor, k.kind, d.doc_id {from_points}", asked):
            kinds["chunks"] += 1
            if survivor is not None:
                kinds[kind or "unexplained"] += 1
                clusters[survivor].add(doc_id)
            elif kind == "apart":
                kinds["apart"] += 1
        for name in ("chunks", "exact", "near", "apart", "unexplained"):
            yield _row(f"duplication.{name}", told[name], kinds[name])
        yield _row("duplication.clusters_total", told["clusters_total"], len(clusters))
        if self.report["source"] is None:
            many = sum(len(documents) >= told["boilerplate_documents"] for documents in clusters.values())
            yield _row("duplication.boilerplate_clusters", told["boilerplate_clusters"], many)
        yield _row("duplication.margin_lines_total", told["margin_lines_total"], len(self.margins))
        for one in told["margin_lines"]:
            yield _row(f"margin line {one['text'][:40]}", one["documents"], self.margins[one["text"]])
        yield from self._diffs(told)

    def _diffs(self, told: Found) -> Iterator[Row]:
        """A diff is right when its pieces give both passages again, white space aside."""
        pairs = [
            (cluster["kept"], copy["passage"], copy) for cluster in told["clusters"] for copy in cluster["left_out"]
        ]
        pairs += [(one["other"], one["passage"], one) for one in told["kept_apart"] if one["other"] is not None]
        right = 0
        for kept, other, holder in pairs:
            pieces = holder["diff"]
            if not pieces:
                gone = not (kept["text"] and other["text"])  # the artifact of one of them
                right += gone or kept["text"] == other["text"]
                continue
            own = "".join(piece["text"] for piece in pieces if piece["side"] != "left_out")
            others = "".join(piece["text"] for piece in pieces if piece["side"] != "kept")
            right += _ink(own) == _ink(kept["text"]) and _ink(others) == _ink(other["text"])
        yield _row("word diffs that give both passages", len(pairs), right)

    def _fit(self, told: Found) -> Iterator[Row]:
        for one in told["languages"]:
            for name in ("chunks", "characters", "tokens", "unknown"):
                yield _row(
                    f"fit.{one['language'] or '(none)'}.{name}", one[name], self.languages[one["language"]][name]
                )
        yield _row("fit, languages", len(told["languages"]), len(self.languages))
        if told["recount"] is not None:
            yield _row("fit.recount.sampled", told["recount"]["sampled"], len(self.chunks))
        if told["vectors"] is not None:
            yield from self._vectors(told["vectors"])

    def _vectors(self, told: Found) -> Iterator[Row]:
        (total,) = self.catalog.execute("SELECT count(*) FROM vectors").fetchone()
        yield _row("vectors.total", told["total"], total)
        names = sorted(name for (name,) in self.catalog.execute("SELECT name FROM packs") if name.startswith("vector/"))
        packs = [found for name in names if (found := _pack(self.store / name)) is not None]
        if len({fingerprint for fingerprint, _, _ in packs}) != 1:
            return  # which one is searched is the engine's to say
        packs = packs[:PACKS]
        rows: dict[str, Any] = {}
        for _, keys, matrix in packs:
            for key in sorted(keys)[: SAMPLED // len(packs)]:
                rows[key] = matrix[keys.index(key)]
        unit = np.stack(list(rows.values())).astype(np.float64)
        unit /= np.sqrt((unit**2).sum(axis=1))[:, None]
        cosines = np.array([float(one @ other) for place, one in enumerate(unit) for other in unit[:place]])
        highest = np.full(len(unit), -1.0)
        at = 0
        for place in range(len(unit)):
            row = cosines[at : at + place]
            at += place
            if place:
                highest[place] = max(highest[place], row.max())
                highest[:place] = np.maximum(highest[:place], row)
        eigen = np.linalg.eigvalsh(unit.T @ unit)
        shares = eigen[eigen > 1e-12] / eigen.sum()
        yield _row("vectors.sampled", told["sampled"], len(unit))
        yield _row("vectors.pairs", told["pairs"], len(cosines))
        yield _near("vectors.mean_cosine", told["mean_cosine"], float(cosines.mean()))
        yield _row("vectors.nearly_equal", told["nearly_equal"], int((highest >= NEARLY_EQUAL).sum()))
        yield _near("vectors.effective_rank", told["effective_rank"], float(np.exp(-(shares * np.log(shares)).sum())))
        for part, value in zip((5, 50, 95), told["cosines"], strict=True):
            least = float(np.sort(cosines)[-(-len(cosines) * part // 100) - 1])
            yield _near(f"vectors.cosines.{part}", value, least)

    def _segmentation(self, told: Found) -> Iterator[Row]:
        for name in ("total", "inside"):
            yield _row(f"borders.{name}", told["borders"][name], self.counts[f"borders.{name}"])
        han: Counter[str] = Counter(dict.fromkeys(("characters", "alone", "words", "length"), 0))
        for chunk in self.chunks.values():
            han["characters"] += len(re.findall(f"[{HAN}]", unicodedata.normalize("NFKC", chunk["text"])))
            terms = ["", *words(chunk["text"]), ""]
            for before, term, behind in zip(terms, terms[1:], terms[2:], strict=False):
                if not re.fullmatch(f"[{HAN}]+", term):
                    continue
                if len(term) == 1:
                    han["alone"] += 1
                elif term != before + behind or not before or not behind:
                    han.update(words=1, length=len(term))
        for name in ("characters", "alone", "words"):
            yield _row(f"han.{name}", told["han"][name], han[name])
        yield _row("han.sampled", told["han"]["sampled"], len(self.chunks))
        mean = han["length"] / han["words"] if han["words"] else None
        yield _row("han.mean_length", told["han"]["mean_length"], mean)

    def _drift(self, told: Found) -> Iterator[Row]:
        (number,) = self.catalog.execute("SELECT number FROM runs WHERE run_id = ?", (told["run_id"],)).fetchone()
        new = [one for one in self.drifting if one["run"] == number]
        before = [one for one in self.drifting if one["run"] != number]
        yield _row("drift.new_documents", told["new_documents"], len(new))
        yield _row("drift.before_documents", told["before_documents"], len(before))
        spreads = {"languages": "languages", "token_lengths": "lengths", "ocr_confidence": "bins"}
        for line in told["lines"]:
            name = line["name"]
            if name == "unknown_tokens":
                shares = [_ratio(side, "unknown", "tokens") for side in (before, new)]
                distance = abs(shares[0] - shares[1])
            elif name == "duplicates":
                shares = [
                    sum(min(self.duplicates.get(one["doc_id"], 0), one["chunks"]) for one in side)
                    / sum(one["chunks"] for one in side)
                    for side in (before, new)
                ]
                distance = abs(shares[0] - shares[1])
            else:
                sums = [
                    sum((one[spreads[name]] for one in side), Counter())
                    if name in spreads
                    else Counter(one["format"] for one in side)
                    for side in (before, new)
                ]
                groups = sorted(sums[0].keys() | sums[1].keys(), key=str)
                if not (sums[0].total() and sums[1].total()):
                    yield _row(f"drift.{name}.distance", line["distance"], None)
                    continue
                own = [[side[group] / side.total() for group in groups] for side in sums]
                distance = float(jensenshannon(own[0], own[1], base=2))
            yield _near(f"drift.{name}.distance", line["distance"], distance)

    # ----------------------------------------------------------------- artifacts

    def _artifact(self, stage: str, column: str, value: str) -> Found | None:
        rows = self.catalog.execute(
            "SELECT name, start, length FROM artifacts JOIN packs USING (pack_no)"
            f" WHERE stage = ? AND {column} = ? ORDER BY key",
            (stage, bytes.fromhex(value) if column == "digest" else value),
        )
        for pack, start, length in rows.fetchall():
            try:
                with (self.store / pack).open("rb") as file:
                    file.seek(start)
                    found: Found = json.loads(
                        zstandard.ZstdDecompressor().decompressobj().decompress(file.read(length))
                    )
            except (FileNotFoundError, zstandard.ZstdError):
                continue
            return found
        return None


def _pack(path: Path) -> tuple[str, list[str], Any] | None:
    """Fingerprint, keys and matrix of a pack of vectors, by the index at its end."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    length, magic = struct.unpack("<I8s", body[-12:])
    if magic != b"dsindex1":
        return None
    index = json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(body[-12 - length : -12]))
    (frame,) = index["frames"]
    content = zstandard.ZstdDecompressor().decompressobj().decompress(body[frame["offset"] :][: frame["length"]])
    keys = list(index["vector_keys"])
    return index["fingerprint"], keys, np.frombuffer(content, dtype="<f4").reshape(len(keys), -1)


def _chunk_id(doc_id: str, text: str, chunk: Found) -> str:
    parts = (doc_id, text, chunk.get("table_html") or "", str(chunk.get("occurrence", 0)))
    told = "\x1f".join(("chunk", *(f"{len(part)}:{part}" for part in parts)))
    namespace = UUID("6f0c6d1e-6a5b-5c1e-9d53-0d0c57a7a000")
    digest = hashlib.sha1(namespace.bytes + told.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=5))


def _goes_on(before: str, behind: str) -> bool:
    if not before or not behind or before in CLOSING:
        return False
    narrow = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
    return behind.islower() or bool(narrow.match(before) and narrow.match(behind))


def _ratio(side: Sequence[Found], part: str, whole: str) -> float:
    return sum(one[part] for one in side) / sum(one[whole] for one in side)


def _ink(text: str) -> str:
    return "".join(text.split())


def _row(name: str, told: Leaf, ours: Leaf) -> Row:
    if isinstance(told, float) and isinstance(ours, int | float):
        return name, told, ours, math.isclose(told, ours, rel_tol=1e-9)
    return name, told, ours, told == ours


def _near(name: str, told: float, ours: float) -> Row:
    """Sums of single-precision products in another order."""
    return name, told, ours, math.isclose(told, ours, rel_tol=1e-6, abs_tol=1e-6)
