"""unstructured made quiet, offline and blind to what only an English classifier would see.

The library calls home when it is imported, prints a notice, fetches a spaCy model at its first
text, and tells headings and lists by English grammar. None of that happens after
`prepare_unstructured`: what a text is, its style, tag or numbering says.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import logging
import os
from collections.abc import Callable, Mapping
from types import ModuleType

_ENVIRONMENT = {"UNSTRUCTURED_DISABLE_NOTICE": "1", "DO_NOT_TRACK": "1", "SCARF_NO_ANALYTICS": "1"}
"""Read by unstructured at its import and at every file."""

_MODEL = "en_core_web_sm"


@functools.cache
def prepare_unstructured() -> None:
    """Call before the first import of unstructured in a process; later calls cost nothing.

    Raises `AttributeError` when the installed unstructured lacks what is replaced here: then this
    module and that version do not fit.
    """
    os.environ.update(_ENVIRONMENT)
    tokenize = importlib.import_module("unstructured.nlp.tokenize")
    if importlib.util.find_spec(_MODEL) is None:
        _replace(tokenize, {"_get_nlp": _blank_pipeline})
    _replace(importlib.import_module("unstructured.partition.docx"), _DOCX)
    _replace(importlib.import_module("unstructured.partition.pptx"), _PPTX)
    html = importlib.import_module("unstructured.partition.html.parser")
    text = importlib.import_module("unstructured.documents.elements").Text
    _replace(html, {"derive_element_type_from_text": lambda _: text})
    # Its warnings quote the text of documents.
    logging.getLogger("unstructured").setLevel(logging.ERROR)


@functools.cache
def _blank_pipeline() -> object:
    """Words and sentences, in place of a model that would be fetched."""
    import spacy

    pipeline = spacy.blank("xx")
    pipeline.add_pipe("sentencizer")
    return pipeline


def _never(*_: object, **__: object) -> bool:
    return False


def _same(text: str) -> str:
    return text


_DOCX: Mapping[str, Callable[..., object]] = {
    "is_bulleted_text": _never,
    "is_email_address": _never,
    "is_possible_narrative_text": _never,
    "is_us_city_state_zip": _never,
    "clean_bullets": _same,
}
_PPTX: Mapping[str, Callable[..., object]] = {
    "is_email_address": _never,
    "is_possible_narrative_text": _never,
    "is_possible_title": _never,
}


def _replace(module: ModuleType, functions: Mapping[str, Callable[..., object]]) -> None:
    for name, function in functions.items():
        getattr(module, name)  # a name that is gone would be set in vain
        setattr(module, name, function)
