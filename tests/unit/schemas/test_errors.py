from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from schemas import errors
from schemas.errors import CorruptFile, DocstrataError, InputError, InvariantError, TransientError


def tree(kind: type[DocstrataError]) -> Iterator[type[DocstrataError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


KINDS = tuple(tree(DocstrataError))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_crosses_a_process_border_with_message_and_facts(kind: type[DocstrataError]) -> None:
    facts = {"page": 3, "share": 0.5, "name": "泵.pdf", "repaired": False, "password": None}
    there = pickle.loads(pickle.dumps(kind("export it again", **facts)))

    assert type(there) is kind
    assert (str(there), there.message, there.facts, there.code) == (
        "export it again",
        "export it again",
        facts,
        kind.code,
    )


def test_what_was_put_on_an_error_crosses_too() -> None:
    error = CorruptFile("not a readable PDF")
    error.traceback_text = "Traceback …"  # as a worker does before it sends it
    error.add_note("while page 3 was read")

    there = pickle.loads(pickle.dumps(error))

    assert there.traceback_text == "Traceback …"
    assert there.__notes__ == ["while page 3 was read"]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(codes) == len(set(codes))


def test_what_is_caught_per_file_is_neither_retried_nor_our_defect() -> None:
    quarantined = set(tree(InputError))

    assert quarantined.isdisjoint(tree(TransientError))
    assert quarantined.isdisjoint(tree(InvariantError))
    assert {"Unreadable", "UnsupportedFormat", "CorruptFile", "EncryptedFile", "TooLarge", "NoText", "ParserCrashed",
            "ParserTimeout"} <= {kind.__name__ for kind in quarantined}  # fmt: skip
