"""`character`: langchain's splitter at one separator, the blank line, packed up to the target."""

from __future__ import annotations

import logging

from chunkers.splitting import BLANK_LINES, Sizes, Splitting, remembered
from chunkers.windows import Split


def _make(sizes: Sizes) -> Split:
    from langchain_text_splitters import CharacterTextSplitter

    # It warns of every paragraph above the target: here what is above the limit is cut all the same.
    logging.getLogger("langchain_text_splitters.base").setLevel(logging.ERROR)

    return CharacterTextSplitter(
        separator=BLANK_LINES,
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=sizes.largest,
        chunk_overlap=0,
        length_function=remembered(sizes.tokens),
    ).split_text


CHARACTER = Splitting("character", "1", _make)
