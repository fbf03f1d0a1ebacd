"""The values of the gates: of what was counted anew, and of the numbers that were checked apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recounting.catalog import Leaf

FEWEST, FEWEST_HAN, FEWEST_OF_FORMAT = 20, 200, 100


def gate_values(counted: Mapping[str, Leaf], report: Mapping[str, Any]) -> dict[str, Leaf]:
    """By the dotted names of the report. Those of retrieval are in `evaluation`."""
    limits = {gate["name"]: gate["limit"] for gate in report["gates"]}
    values = _counted(counted) | {"max_needless_table_cut_share": _table_share(report["tables"])}
    if report["parsing"] is not None:
        values |= _fit(report["fit"]) | _segmentation(report["segmentation"])
        values["max_drift"] = _drift(report["drift"]["lines"] if report["drift"] else ())
        values["min_paragraph_share"] = _paragraph_share(report["parsing"]["paragraphs"])
    found: dict[str, Leaf] = {}
    for name, value in values.items():
        broken = value is not None and (value < limits[name] if name.startswith("min") else value > limits[name])
        found |= {f"gates.{name}.name": name, f"gates.{name}.value": value, f"gates.{name}.passed": not broken}
    return found


def _counted(counted: Mapping[str, Leaf]) -> dict[str, float | None]:
    def number(name: str) -> int:
        return int(counted[name] or 0)

    joints = sum(number(f"joints.{group}") for group in ("between_blocks", "between_sentences", "inside_sentence"))
    return {
        "max_failed_share": _share(number("files.quarantined") + number("files.stale"), number("files.listed")),
        "max_cut_share": _share(number("joints.inside_sentence"), joints),
        "max_unread_share": _share(number("chunks.unread"), number("chunks.total")),
        "min_heading_share": _share(number("headings.chunks_with"), number("chunks.total")),
    }


def _table_share(tables: Mapping[str, Any]) -> float | None:
    return _share(tables["needless"], tables["total"])


def _fit(fit: Mapping[str, Any]) -> dict[str, float | None]:
    recount, vectors = fit["recount"], fit["vectors"]
    looked_at = vectors["sampled"] + vectors["broken"] if vectors else 0
    equal = vectors["nearly_equal"] + vectors["broken"] if vectors else 0
    return {
        "max_miscounted_share": _share(recount["differing"], recount["sampled"]) if recount else None,
        "max_equal_vector_share": _share(equal, looked_at, FEWEST),
    }


def _segmentation(segmentation: Mapping[str, Any]) -> dict[str, float | None]:
    borders, han = segmentation["borders"], segmentation["han"]
    return {
        "max_broken_border_share": _share(borders["inside"], borders["total"], FEWEST),
        "max_lone_han_share": _share(han["alone"], han["characters"], FEWEST_HAN),
        "max_han_term_length": han["mean_length"] if han["characters"] >= FEWEST_HAN else None,
    }


def _drift(lines: Iterable[Mapping[str, Any]]) -> float | None:
    judged = [line for line in lines if line["name"] != "formats" and line["chance"] is not None]
    return max((line["distance"] for line in judged if line["beyond"]), default=0.0) if judged else None


def _paragraph_share(found: Mapping[str, Any]) -> float | None:
    if found["paragraphs"] < FEWEST:
        return None
    large = [one for one in found["by_format"] if one["paragraphs"] >= FEWEST_OF_FORMAT]
    return min(one["found"] / one["paragraphs"] for one in [*large, found])


def _share(part: int, whole: int, fewest: int = 1) -> float | None:
    """None of fewer than `fewest`."""
    return part / whole if whole >= fewest else None
