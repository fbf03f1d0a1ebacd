from __future__ import annotations

from ingest.config import load_settings
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.stages.work import Recipe, make_recipe_chunker


def version(**chunk: object) -> str:
    recipe = Recipe.of(load_settings(None, {}, {f"chunk.{key}": value for key, value in chunk.items()}))
    return make_recipe_chunker(recipe, HuggingFaceTokenCounter(recipe.embed)).version


def test_boundaries_by_vectors_depend_on_the_model() -> None:
    """What was cut by another model is not adopted: the version is part of the key of chunks."""
    model = SentenceTransformerEmbedder(load_settings(None, {}).embed).fingerprint
    assert model in version(strategy="semantic")
    assert model in version(strategy="hybrid", cohesion="embedding")
    assert model not in version(strategy="hybrid")


def test_one_rule_that_needs_vectors_gets_them() -> None:
    assert version(rules=[{"kind": "paper", "strategy": "semantic"}]) != version()
