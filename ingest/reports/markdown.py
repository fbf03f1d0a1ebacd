"""A report as a few lines of Markdown, for a chat or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.reports.gate_words import told_gate
from ingest.reports.headlines import headline
from ingest.reports.html import MEANING
from ingest.reports.wording import HEADLINES, NOTHING, ToldChange, told, told_change
from schemas.quality import QualityReport

_MOST_REASONS = 8
_MOST_CODES = 4
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_OURS = re.compile(r"'(docstrata [\w ./-]+)'|\b([a-z]+(?:[._][a-z]+)*_[a-z]+)\b")
"""Commands and keys in a sentence: as code they need no backslashes, which many a chat would show."""
_SELDOM = frozenset({"without_parse", "unread_documents"})
"""Numbers that are told only where they are not 0, or were not."""
_SIGNS = {"good": "✅", "look": "⚠️", "bad": "❌"}


def summary(report: QualityReport, where: str) -> str:
    """The verdict with its reasons, the gates that are broken, and the headline with what changed. `where`: the page
    lies. Never longer than forty lines."""
    verdict = report.verdict.value
    lines = [f"## {_SIGNS[verdict]} Chunk quality: {verdict}", "", MEANING[report.verdict], ""]
    lines += [f"- **{each.severity.value}**: {_plain(each.sentence)}" for each in report.reasons[:_MOST_REASONS]]
    if len(report.reasons) > _MOST_REASONS:
        lines.append(f"- and {len(report.reasons) - _MOST_REASONS} more, on the page")
    gates = [told_gate(gate) for gate in report.gates]
    broken = [f"{gate.title} {gate.measured} (`{gate.name}` {gate.limit})" for gate in gates if gate.broken]
    passed = f"{len(gates) - len(broken)} of {len(gates)}"
    lines += [
        "",
        f"Gates: {passed} passed; broken: {'; '.join(broken)}." if broken else f"Gates: all {len(gates)} passed.",
    ]
    lines += ["", *_last_run(report), *_retrieval(report), ""]
    changes = {change.name: told_change(change) for change in report.changes}
    has_before = bool(report.changes)
    if report.trend and not has_before:
        lines += [f"Every number is as in the report before, whose verdict was {report.trend[0].verdict}.", ""]
    head = "| number | now | before | change |" if has_before else "| number | now |"
    lines += [head, re.sub(r"[^|]+", "---", head)]
    numbers = headline(report).model_dump(exclude={"schema_version"})
    lines += [
        _row(name, value, changes.get(name), has_before=has_before)
        for name, value in numbers.items()
        if value or name in changes or name not in _SELDOM
    ]
    of = f" of {_code(report.source)}" if report.source else ""
    lines += ["", f"Home {_code(report.home)}{of}, {report.made_at:%Y-%m-%d %H:%M} UTC. Page: {_code(where)}"]
    return "\n".join(lines) + "\n"


def _last_run(report: QualityReport) -> Iterator[str]:
    for run in report.runs[:1]:
        did = run.summary
        files = f": {did.seen:,} files seen, {did.parsed:,} parsed, {did.failed:,} failed" if did else ""
        yield f"- Last run: `{run.run_id}`, {run.state}, begun {run.started_at:%Y-%m-%d %H:%M} UTC{files}"
    codes = report.parsing.failures if report.parsing else ()
    if report.failures_total:
        most = sorted(codes, key=lambda kind: -kind.files)[:_MOST_CODES]
        of = f": {', '.join(f'{kind.files:,} {_code(kind.code)}' for kind in most)}" if most else ""
        yield f"- In quarantine: {report.failures_total:,} files and members{of}"


def _retrieval(report: QualityReport) -> Iterator[str]:
    found = report.evaluation
    if found is not None:
        scores = next(each.scores for each in found.modes if each.mode is found.main)
        yield (
            f"- Retrieval, {found.main.value}: a right hit among {found.k} for {scores.at[-1].hit.mean:.1%} of"
            f" {found.questions:,} questions; MRR {scores.mrr.mean:.3f}, nDCG@{found.k} {scores.ndcg.mean:.3f}"
        )


def _row(name: str, value: float | None, change: ToldChange | None, *, has_before: bool) -> str:
    words = HEADLINES[name]
    now = told(value, words.form)
    if not has_before:
        return f"| {words.title} | {now} |"
    before, difference = (change.before, _signed(change)) if change else (now, "")
    return f"| {words.title} | {now} | {before} | {difference} |"


def _signed(change: ToldChange) -> str:
    if change.difference == NOTHING:
        return NOTHING
    return change.difference + {"good": " better", "bad": " **worse**", "": ""}[change.tone]


def _plain(text: str) -> str:
    """On one line, and no markup whatever it holds, but for what is ours."""
    line = " ".join(text.split())
    told, end = [], 0
    for ours in _OURS.finditer(line):
        told += [_SPECIAL.sub(r"\\\1", line[end : ours.start()]), _code(ours[1] or ours[2])]
        end = ours.end()
    return "".join([*told, _SPECIAL.sub(r"\\\1", line[end:])])


def _code(text: str) -> str:
    """As code, fenced by more backticks than it holds."""
    one_line = " ".join(text.split()) or NOTHING
    fence = "`" * (max((len(run) for run in re.findall("`+", one_line)), default=0) + 1)
    room = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{room}{one_line}{room}{fence}"
