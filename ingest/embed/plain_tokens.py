"""Counts tokens by the tokenizer that a model carries and nothing else: what a report holds our counts against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingest.embed.local_limit import local_folder
from ingest.embed.model_config import read_model_config, transformer_folder
from ingest.options.embed import OWN_PROMPT, EmbedOptions


def plain_token_count(options: EmbedOptions) -> Callable[[Sequence[str]], list[int]] | None:
    """A function that counts the tokens of texts, special ones and the passage prompt included. None where the
    model's files are not on this disk, or hold no `tokenizer.json`."""
    folder = local_folder(options.model)
    path = transformer_folder(folder) / "tokenizer.json" if folder is not None else None
    if folder is None or path is None or not path.is_file():
        return None
    from tokenizers import Tokenizer

    config = read_model_config(folder)
    prompt = config.passage_prompt if options.passage_prompt == OWN_PROMPT else options.passage_prompt
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        read = [prompt + text for text in texts]
        return [
            len(found.ids)
            for found in tokenizer.encode_batch([one.lower() for one in read] if config.lower_case else read)
        ]

    return count
