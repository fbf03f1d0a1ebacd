"""`recursive`: langchain's recursive splitter, at the largest joints that make pieces small enough."""

from __future__ import annotations

from chunkers.splitting import BLANK_LINES, Sizes, Splitting, remembered
from chunkers.windows import Split

_CLOSERS = r"""["'”’」』）)\]》〉】]*+"""
SEPARATORS = (
    BLANK_LINES,
    r"\n",
    rf"(?:[。｡．！？；]|…+)[。！？!?…]*{_CLOSERS}|(?<![.!?;])[.!?;]++{_CLOSERS}(?=\s)",
    rf"[，、､：・]{_CLOSERS}|[,:]{_CLOSERS}(?=\s)",
    r"\s",
)
"""Blank lines, lines, sentences, clauses, words. Marks of Chinese and Japanese end a sentence
wherever they stand; those of English and Korean before a space (a full-width one too)."""


def _make(sizes: Sizes) -> Split:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=list(SEPARATORS),
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=sizes.largest,
        chunk_overlap=0,
        length_function=remembered(sizes.tokens),
    ).split_text


RECURSIVE = Splitting("recursive", "2", _make)
