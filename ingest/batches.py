"""What the batches of a planned run are called. Light: DAG files and the engine share it."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """`text` takes what is read quickly, `office` what goes through unstructured and LibreOffice,
    `pdf` what has a text layer, `scan` what OCR has to read."""

    TEXT = "text"
    OFFICE = "office"
    PDF = "pdf"
    SCAN = "scan"


def batch_name(plan: str, lane: Lane, number: int) -> str:
    return f"{plan}/{lane}-{number:03d}"


def batch_names(plan: str, lane: Lane, batches: int) -> list[str]:
    return [batch_name(plan, lane, number) for number in range(batches)]
