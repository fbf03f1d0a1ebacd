from __future__ import annotations

from pathlib import Path

import pytest
from strata_fakes import engine

from ingest.stored import manifest_of
from schemas.ids import doc_id
from schemas.source import SourceKind


def test_every_version_leaves_a_manifest_of_what_it_was_made_of(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.md").write_text("# A\n\nFirst.\n", "utf-8")
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        (inbox / "a.md").write_text("# A\n\nSecond.\n", "utf-8")
        strata.run(inbox)
        (inbox / "a.md").unlink()
        strata.run(inbox, allow_vanish=True)

        document = doc_id("default", "inbox", "a.md")
        first, second, gone = (manifest_of(strata.context, document, version) for version in (1, 2, 3))
        assert first is not None
        assert second is not None
        assert gone is not None
        assert first.file is not None
        assert second.file is not None
        assert (first.path, first.root, first.kind) == ("a.md", str(inbox), SourceKind.MIRROR)
        assert first.file.sha256 != second.file.sha256
        assert [m.seq for m in (first, second, gone)] == [1, 2, 3]
        assert first.at_ns < second.at_ns < gone.at_ns
        assert (gone.file, gone.path, gone.source) == (None, "a.md", "inbox")
        assert strata.context.catalog.artifacts.find("chunk", second.chunk_key) is not None
        assert manifest_of(strata.context, document, 4) is None


def test_a_manifest_of_an_attempt_that_was_never_promised_is_not_that_of_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.md").write_text("# A\n\nFirst.\n", "utf-8")
    with engine(tmp_path / "home") as strata:
        history = strata.context.catalog.history
        with monkeypatch.context() as patch:
            patch.setattr(type(history), "open_intent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                strata.run(inbox)
        (inbox / "a.md").write_text("# A\n\nAnother.\n", "utf-8")
        strata.run(inbox)

        found = manifest_of(strata.context, doc_id("default", "inbox", "a.md"), 1)
        live = history.live_documents("default")
        assert found is not None
        assert found.file is not None
        assert [found.file.sha256] == [document.sha256 for document in live]
        assert len(strata.context.store.packs("version")) == 2
