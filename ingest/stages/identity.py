"""The settings that a collection is built with: with another one of them its vectors are others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ingest.config import Settings

_EMBED = frozenset(
    {
        "model", "dtype", "backend", "max_tokens", "passage_vector", "query_prompt", "passage_prompt",
        "neighbour_share",
    }
)  # fmt: skip
"""The others of the section say how fast vectors are made, not which."""
_ALIKE = {"onnx": "torch"}
"""Backends that make the same vectors."""

Identity = Mapping[str, object]
"""Dotted keys to values."""


def identity_of(settings: Settings) -> dict[str, object]:
    embed = settings.embed.model_dump(mode="json", include=set(_EMBED))
    embed["backend"] = _ALIKE.get(settings.embed.backend, settings.embed.backend)
    found = {f"embed.{name}": value for name, value in embed.items()}
    return found | {f"bm25.{name}": value for name, value in settings.bm25.model_dump(mode="json").items()}


def with_identity(settings: Settings, identity: Identity) -> Settings:
    """The settings as they were when a collection was built."""
    embed = {key.removeprefix("embed."): value for key, value in identity.items() if key.startswith("embed.")}
    bm25 = {key.removeprefix("bm25."): value for key, value in identity.items() if key.startswith("bm25.")}
    return settings.model_copy(
        update={
            "embed": settings.embed.model_validate({**settings.embed.model_dump(), **embed}),
            "bm25": settings.bm25.model_validate({**settings.bm25.model_dump(), **bm25}),
        }
    )


def identity_text(identity: Identity) -> str:
    return json.dumps(dict(identity), sort_keys=True)


def read_identity(text: str) -> dict[str, object]:
    """Empty for a collection of a time that did not keep it."""
    return dict(json.loads(text)) if text else {}


def differing(was: Identity, now: Identity) -> list[str]:
    """Keys of both that hold different values."""
    return [key for key in was if key in now and was[key] != now[key]]


def as_toml(identity: Identity, keys: Iterable[str]) -> str:
    """`embed.model = "…"`, a line a key, as it may stand at the top of a configuration file."""
    return "\n".join(f"{key} = {json.dumps(identity[key], ensure_ascii=False)}" for key in keys)
