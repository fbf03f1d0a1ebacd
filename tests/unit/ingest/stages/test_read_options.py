"""What a parser gets of the configuration."""

from __future__ import annotations

from dataclasses import fields

from ingest.options.parse import ParseOptions
from ingest.parsers.base import ReadOptions
from ingest.stages.work import read_options


def test_the_defaults_of_the_configuration_are_those_of_a_parser() -> None:
    assert read_options(ParseOptions()) == ReadOptions()


def test_every_option_of_a_parser_comes_from_the_configuration() -> None:
    told = ParseOptions.model_validate(
        {
            "max_pages": 7, "max_pixels": 8, "dpi": 99, "convert_timeout_s": 1.5, "passwords": ["x"], "pictures": False,
            "html_main": False, "comments": True, "tracked_changes": "all", "speaker_notes": False,
            "layout_doubt": 0.5,
        }
    )  # fmt: skip
    usual, read = ReadOptions(), read_options(told)
    same = [field.name for field in fields(ReadOptions) if getattr(read, field.name) == getattr(usual, field.name)]
    assert not same
