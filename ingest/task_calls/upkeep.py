"""The report, and what keeps a home sound."""

from __future__ import annotations

from dataclasses import asdict

from ingest.logs import get_logger
from ingest.task_calls.channel import Json
from ingest.task_calls.home import home, opened, options, settings
from schemas.errors import DocstrataError

_MOST_REASONS = 20
"""Of a verdict that travel: an XCom stays small."""

_log = get_logger(__name__)


class Unsound(DocstrataError):
    """A check of the home failed; the message says what is wrong and what to do."""

    code = "unsound"


def report() -> Json:
    """Writes the report under its time and as the newest one, and copies it to `report.publish_url`. Where it lies,
    where people open it, the verdict with its reasons, and what is to `fail` the task, if anything."""
    from ingest.reports.publishing import publish
    from ingest.reports.shelf import shelve
    from schemas.verdict import Verdict

    with opened("report") as steps:
        found = steps.report()
        attachments = steps.attachments(found)
    chosen = settings().report
    page = shelve(found, home() / "reports", chosen.keep, attachments)
    link = publish(page, chosen.publish_url, chosen.link_base) if chosen.publish_url else ""
    gates = [gate.name for gate in found.gates if not gate.passed]
    is_bad = found.verdict is Verdict.BAD
    return {
        "page": str(page),
        "link": link or str(page),
        "verdict": str(found.verdict),
        "gates": gates,
        "reasons": [f"{reason.severity}: {reason.sentence}" for reason in found.reasons[:_MOST_REASONS]],
        "fails": (is_bad and chosen.on_bad == "fail") or (bool(gates) and chosen.on_gate == "fail"),
    }


def maintain() -> Json:
    """Finishes what was interrupted, removes what was left over, and counts."""
    with opened("maintenance") as steps:
        done = steps.maintain()
    if done.trouble:
        _log.warning("maintenance: %s", done.trouble)
    return {"finished": done.finished, "plans": done.plans, "scratch": done.scratch, "points": done.in_index}


def reconcile() -> Json:
    """Compares catalog and index row by row, and mends with `airflow.repair`. Raises `Unsound` with what stays
    wrong."""
    repair = options().repair
    with opened("reconcile") as steps:
        found = steps.reconcile(repair=repair)
    for finding in found.findings:
        _log.warning("reconcile: %s: %s/%s %s", finding.damage, finding.source, finding.path, finding.point_id)
    damage = {str(kind): count for kind, count in found.damage.items()}
    if not found.is_sound:
        raise Unsound(_wrong(damage, len(found.stale), len(found.lost), repaired=found.repaired))
    return {"rows": found.rows, "damage": damage, "mended": found.mended}


def collect() -> Json:
    """Removes what is older than `[retention]` says, and artifacts and vectors that nothing refers to."""
    with opened("gc") as steps:
        done = steps.gc()
    for note in done.notes:
        _log.info("gc: %s", note)
    return asdict(done) | {"notes": list(done.notes)}


def check() -> Json:
    """What `docstrata doctor` checks. Raises `Unsound` with what is wrong."""
    from ingest.doctor import examine

    checks = list(examine(home(), settings()))
    broken = [f"{check.name}: {check.detail}" for check in checks if not check.ok]
    if broken:
        raise Unsound("; ".join(broken))
    return [check.name for check in checks]


def _wrong(damage: dict[str, int], stale: int, lost: int, *, repaired: bool) -> str:
    if repaired:
        documents = "1 document" if lost == 1 else f"{lost} documents"
        return (
            f"rows of {documents} could not be made again: run ingest_scheduled, which makes their artifacts, then"
            " maintenance once more"
        )
    marks = "1 stale mark" if stale == 1 else f"{stale} stale marks"
    told = [f"{count} {kind}" for kind, count in damage.items()] + ([marks] if stale else [])
    return (
        f"catalog and index do not agree ({'; '.join(told)}): the log names the rows; 'docstrata reconcile --repair'"
        " mends them, and so does airflow.repair = true"
    )
