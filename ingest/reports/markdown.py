"""A report as a few lines of Markdown, for a chat or a pull request."""

from __future__ import annotations

import re

from ingest.reports.headlines import headline
from ingest.reports.html import MEANING
from ingest.reports.wording import HEADLINES, NOTHING, ToldChange, told, told_change
from schemas.quality import QualityReport

_MOST_REASONS = 8
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_SIGNS = {"good": "✅", "look": "⚠️", "bad": "❌"}


def summary(report: QualityReport, where: str) -> str:
    """The verdict with its reasons, the gates that are broken, and the headline with what changed. `where`: the page
    lies. Never longer than forty lines."""
    verdict = report.verdict.value
    lines = [f"## {_SIGNS[verdict]} Chunk quality: {verdict}", "", MEANING[report.verdict], ""]
    lines += [f"- **{each.severity.value}**: {_plain(each.sentence)}" for each in report.reasons[:_MOST_REASONS]]
    if len(report.reasons) > _MOST_REASONS:
        lines.append(f"- and {len(report.reasons) - _MOST_REASONS} more, on the page")
    broken = [gate.name for gate in report.gates if not gate.passed]
    passed = f"{len(report.gates) - len(broken)} of {len(report.gates)}"
    names = ", ".join(f"`{name}`" for name in broken)
    lines += [
        "",
        f"Gates: {passed} passed; broken: {names}." if broken else f"Gates: all {len(report.gates)} passed.",
        "",
    ]
    changes = {change.name: told_change(change) for change in report.changes}
    head = "| number | now | before | change |" if report.trend else "| number | now |"
    lines += [head, re.sub(r"[^|]+", "---", head)]
    has_before = bool(report.trend)
    numbers = headline(report).model_dump(exclude={"schema_version"})
    lines += [_row(name, value, changes.get(name), has_before=has_before) for name, value in numbers.items()]
    of = f" of {_code(report.source)}" if report.source else ""
    lines += ["", f"Home {_code(report.home)}{of}, {report.made_at:%Y-%m-%d %H:%M} UTC. Page: {_code(where)}"]
    return "\n".join(lines) + "\n"


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
    """On one line, and no markup whatever it holds."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """As code, fenced by more backticks than it holds."""
    one_line = " ".join(text.split()) or NOTHING
    fence = "`" * (max((len(run) for run in re.findall("`+", one_line)), default=0) + 1)
    room = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{room}{one_line}{room}{fence}"
