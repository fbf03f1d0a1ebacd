"""What applications import: a name that goes or changes its arguments breaks them."""

from __future__ import annotations

import inspect
from dataclasses import fields

from ingest import api, steps


def parameters(function: object) -> list[str]:
    assert callable(function)
    return [
        f"*, {name}" if parameter.kind is parameter.KEYWORD_ONLY else name
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self"
    ]


def test_the_public_names_are_these() -> None:
    assert sorted(api.__all__) == [
        "Docstrata",
        "FoundChunk",
        "Inspection",
        "RunFailed",
        "Status",
        "inspect",
        "rebuild_catalog",
        "restore",
        "settings_for",
    ]
    assert all(hasattr(api, name) for name in api.__all__)


def test_an_opened_home_can_do_this() -> None:
    public = {name for name in vars(api.Docstrata) if not name.startswith("_")}

    assert public == {
        "run",
        "dry_run",
        "search",
        "chunk",
        "headings",
        "failures",
        "status",
        "report",
        "evaluate",
        "check_questions",
        "quotation_twins",
        "starter_questions",
        "compare",
        "attachments",
        "versions",
        "diff",
        "rollback",
        "gc",
        "purge",
        "export_vectors",
        "import_vectors",
        "duplicates",
        "locate",
        "pictures",
        "backup",
        "reconcile",
        "claim",
        "settle",
        "take_in",
        "close",
    }


def test_a_scheduler_can_do_this_beside() -> None:
    public = {name for name in vars(steps.Steps) if not name.startswith("_")}

    assert public == {
        "plan",
        "plan_claimed",
        "prepare",
        "embed",
        "publish",
        "maintain",
        "survey_reindex",
        "reindex",
        "reindex_back",
        "drop_old",
        "give_up_reindex",
        "build_beside",
        "is_searched",
        "outcome",
        "plan_retry",
    }


def test_calls_take_what_they_took() -> None:
    taken = {
        "Docstrata": parameters(api.Docstrata),
        "run": parameters(api.Docstrata.run),
        "dry_run": parameters(api.Docstrata.dry_run),
        "search": parameters(api.Docstrata.search),
        "chunk": parameters(api.Docstrata.chunk),
        "headings": parameters(api.Docstrata.headings),
        "failures": parameters(api.Docstrata.failures),
        "status": parameters(api.Docstrata.status),
        "report": parameters(api.Docstrata.report),
        "backup": parameters(api.Docstrata.backup),
        "versions": parameters(api.Docstrata.versions),
        "diff": parameters(api.Docstrata.diff),
        "locate": parameters(api.Docstrata.locate),
        "pictures": parameters(api.Docstrata.pictures),
        "rollback": parameters(api.Docstrata.rollback),
        "gc": parameters(api.Docstrata.gc),
        "purge": parameters(api.Docstrata.purge),
        "claim": parameters(api.Docstrata.claim),
        "settle": parameters(api.Docstrata.settle),
        "take_in": parameters(api.Docstrata.take_in),
        "inspect": parameters(api.inspect),
        "restore": parameters(api.restore),
        "settings_for": parameters(api.settings_for),
    }

    assert taken == {
        "Docstrata": ["home", "settings", "*, clock", "*, progress"],
        "run": [
            "paths",
            "*, source",
            "*, kind",
            "*, reprocess",
            "*, retry_failed",
            "*, verify",
            "*, allow_vanish",
            "*, wait",
        ],
        "dry_run": ["paths", "*, source", "*, kind", "*, verify", "*, allow_vanish"],
        "search": [
            "query",
            "*, limit",
            "*, mode",
            "*, filters",
            "*, under",
            "*, as_of_ns",
            "*, as_of_seq",
            "*, expand",
            "*, rerank",
            "*, explain",
        ],
        "chunk": ["chunk_id", "*, around", "*, tokens", "*, as_of_ns", "*, as_of_seq"],
        "headings": ["under"],
        "failures": ["source"],
        "status": ["runs"],
        "report": ["source"],
        "backup": ["file", "*, wait"],
        "versions": ["document"],
        "diff": ["document", "old", "new"],
        "locate": ["chunk", "*, version"],
        "pictures": ["place", "*, dpi"],
        "rollback": ["document", "*, to", "*, run", "*, dry_run", "*, allow_embed", "*, wait"],
        "gc": ["*, dry_run", "*, wait"],
        "purge": ["document", "*, dry_run", "*, wait"],
        "claim": ["inbox"],
        "settle": ["inbox", "source"],
        "take_in": ["inbox", "source"],
        "inspect": ["path", "settings"],
        "restore": ["file", "home", "*, dry_run", "*, progress"],
        "settings_for": ["config", "overrides"],
    }


def test_what_calls_give_back_holds_this() -> None:
    assert [field.name for field in fields(api.Inspection)] == ["document", "chunks"]
    assert [field.name for field in fields(api.Status)] == ["home", "totals", "sources", "runs", "model", "beside"]
    assert [field.name for field in fields(api.FoundChunk)] == ["payload", "around", "as_of"]
