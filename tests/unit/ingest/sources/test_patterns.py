"""Globs as people mean them."""

from __future__ import annotations

import unicodedata

import pytest

from ingest.sources.patterns import matches


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**", "a.md"),
        ("**", "a/b/c.md"),
        ("*", "a/b/c.md"),
        ("*.md", "a.md"),
        ("*.md", "a/b/c.md"),
        ("**/*.md", "a.md"),
        ("**/*.md", "a/b/c.md"),
        ("drafts", "drafts/a.md"),
        ("drafts", "x/drafts/y/a.md"),
        ("drafts/", "drafts/a.md"),
        ("drafts/", "x/drafts/a.md"),
        ("drafts/**", "drafts/a.md"),
        ("drafts/**", "drafts/x/a.md"),
        ("drafts/*", "drafts/a.md"),
        ("drafts/*", "drafts/x/a.md"),
        ("**/drafts/**", "drafts/a.md"),
        ("**/drafts/**", "x/y/drafts/z/a.md"),
        ("a/*.pdf", "a/b.pdf"),
        ("/a.md", "a.md"),
        ("/drafts", "drafts/a.md"),
        ("./a/*.pdf", "a/b.pdf"),
        ("a/b", "a/b/c.md"),
        ("a/**/z.md", "a/z.md"),
        ("a/**/z.md", "a/b/c/z.md"),
        ("20[0-9][0-9]-?.md", "2024-1.md"),
        ("[!.]*", "a.md"),
        ("合同/*.pdf", "合同/甲.pdf"),
        ("a b/*.md", "a b/c d.md"),
        ("report (1).md", "x/report (1).md"),
    ],
)
def test_a_pattern_covers(pattern: str, path: str) -> None:
    assert matches(path, pattern)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.md", "a.mdx"),
        ("*.md", "a.MD"),
        ("**/*.md", "a.pdf"),
        ("drafts", "drafts.md"),
        ("drafts/", "x/drafts"),
        ("drafts/**", "drafts"),
        ("drafts/**", "x/drafts/a.md"),
        ("a/*.pdf", "a/b/c.pdf"),
        ("a/*.pdf", "x/a/b.pdf"),
        ("/a.md", "x/a.md"),
        ("/drafts", "x/drafts/a.md"),
        ("a/**/z.md", "x/a/z.md"),
        ("?.md", "ab.md"),
        ("", "a.md"),
    ],
)
def test_a_pattern_does_not_cover(pattern: str, path: str) -> None:
    assert not matches(path, pattern)


def test_a_pattern_may_be_written_in_either_unicode_form() -> None:
    assert matches(unicodedata.normalize("NFC", "café/a.md"), unicodedata.normalize("NFD", "café/*.md"))
