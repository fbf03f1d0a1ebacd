"""The identity of a model: a digest of the files that decide its vectors."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ingest.embed.model_config import modules, transformer_folder
from schemas.ids import fingerprint

_CONFIGS = (
    "config.json", "modules.json", "sentence_*_config.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.*", "merges.txt", "*.model", "*.py",
)  # fmt: skip

_Remembered = dict[str, tuple[int, int, str]]
"""Path to size in bytes, time of change in nanoseconds, SHA-256."""


def model_digest(folder: Path, remembered: Path | None = None) -> str:
    """Of names and contents, wherever the folder lies; what was hashed before, and has the same
    size and time of change, is taken from the file `remembered`."""
    known = _load(remembered) if remembered is not None else {}
    digests = {path: _digest(path, known) for path in sorted(set(_model_files(folder)))}
    fresh = {str(path): entry for path, entry in digests.items()}
    if remembered is not None and any(known.get(path) != entry for path, entry in fresh.items()):
        _save(remembered, known | fresh)
    return fingerprint({path.relative_to(folder).as_posix(): entry[2] for path, entry in digests.items()})


def tokenizer_digest(folder: Path) -> str:
    """Of the tokenizer's files alone."""
    first = transformer_folder(folder)
    whole = first / "tokenizer.json"
    names = [whole] if whole.is_file() else _tokenizer_parts(first)
    return fingerprint({path.name: _sha256(path) for path in names})


def _tokenizer_parts(first: Path) -> list[Path]:
    patterns = ("vocab.*", "merges.txt", "*.model", "tokenizer_config.json", "special_tokens_map.json")
    return sorted({path for pattern in patterns for path in first.glob(pattern)})


def _model_files(folder: Path) -> Iterator[Path]:
    for part in {folder, *(path for _, path in modules(folder) if path.is_dir())}:
        for pattern in _CONFIGS:
            yield from part.glob(pattern)
        # Where both forms lie side by side, safetensors are what is loaded.
        weights = list(part.glob("*.safetensors")) or list(part.glob("pytorch_model*.bin"))
        yield from weights


def _digest(path: Path, known: _Remembered) -> tuple[int, int, str]:
    stat = path.stat()
    entry = known.get(str(path))
    if entry is not None and entry[:2] == (stat.st_size, stat.st_mtime_ns):
        return entry
    return stat.st_size, stat.st_mtime_ns, _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(remembered: Path) -> _Remembered:
    """Empty when there is none, or when it is damaged: it only saves time."""
    try:
        entries = json.loads(remembered.read_text("utf-8"))
        return {str(p): (int(size), int(changed), str(sha)) for p, (size, changed, sha) in entries.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _save(remembered: Path, entries: _Remembered) -> None:
    remembered.parent.mkdir(parents=True, exist_ok=True)
    temporary = remembered.with_name(f"{remembered.name}.{os.getpid()}")
    temporary.write_text(json.dumps(entries, sort_keys=True), "utf-8")
    temporary.replace(remembered)
