"""Ctrl-C while the libraries are loaded, before any command has begun."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType

import pytest

from ingest.cli.start import main


class Field:
    """Interrupted while a class is made that has it."""

    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


class Interrupting(importlib.abc.MetaPathFinder):
    def __init__(self, *, making_a_class: bool) -> None:
        self.making_a_class = making_a_class

    def find_spec(
        self, fullname: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "ingest.cli.app":
            if self.making_a_class:
                type("Options", (), {"field": Field()})
            raise KeyboardInterrupt
        return None


@pytest.mark.parametrize("making_a_class", [False, True])
def test_an_interrupt_while_libraries_are_loaded_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, *, making_a_class: bool
) -> None:
    monkeypatch.delitem(sys.modules, "ingest.cli.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(making_a_class=making_a_class), *sys.meta_path])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 130
