"""`[report]`: the gates of the verdict, and where reports go."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.options.section import Section, Share


class ReportOptions(Section):
    """`[report]`: the gates of the verdict; shares are of what the report counts."""

    max_failed_share: Share = Field(
        default=0.1, description="of files, in quarantine or behind their last good version"
    )
    max_cut_share: Share = Field(
        default=0.05, description="of joints between chunks outside of tables and code, inside a sentence"
    )
    max_unread_share: Share = Field(default=0.2, description="of chunks, in a language that the model cannot read")
    keep: int = Field(default=100, ge=1, description="dated reports that Airflow's runs leave in the home")
    min_heading_share: Share = Field(default=0.5, description="of chunks, that know the headings above them")
    min_paragraph_share: Share = Field(
        default=0.97, description="of paragraphs that a plain reading of the originals finds, that were parsed"
    )
    max_needless_table_cut_share: Share = Field(
        default=0.02, description="of tables, in several chunks though they fit into one"
    )
    max_miscounted_share: Share = Field(
        default=0.0, description="of sampled chunks, whose tokens the model's own tokenizer counts otherwise"
    )
    max_equal_vector_share: Share = Field(
        default=0.2, description="of sampled vectors, nearly equal to that of another text, or broken"
    )
    max_broken_border_share: Share = Field(
        default=0.2,
        description="of borders between chunks inside a paragraph, with neither an end before nor a beginning behind",
    )
    max_lone_han_share: Share = Field(
        default=0.6, description="of Han characters, that the word search has no word for"
    )
    max_han_term_length: float = Field(
        default=4.0, gt=0, description="characters of a Han word of the word search, in the mean"
    )
    max_drift: Share = Field(
        default=0.5, description="distance of the last run's documents from those before, where it is beyond chance"
    )
    questions: str = Field(
        default="",
        description="a questions file: retrieval is evaluated by it whenever a report of all sources is made; empty:"
        " the report shows the last evaluation",
    )
    at: Literal[1, 3, 5, 10] = Field(default=5, description="hits that min_recall and min_hit look at")
    min_recall: Share | None = Field(
        default=None, description="recall of the last evaluation that is asked for, as 0.8; unset: none"
    )
    min_hit: Share | None = Field(default=None, description="the same for the share of questions with a right hit")
    min_mrr: Share | None = Field(default=None, description="the same for the mean reciprocal rank")
    min_ndcg: Share | None = Field(default=None, description="the same for nDCG")
    publish_url: str = Field(
        default="", description="fsspec URL to which Airflow's runs copy each report, page and JSON; empty: nowhere"
    )
    link_base: str = Field(
        default="", description="URL under which people open what lies at publish_url; empty: publish_url itself"
    )
    on_bad: Literal["fail", "warn"] = Field(
        default="fail", description="what chunk_quality_report does when the verdict is bad"
    )
    on_gate: Literal["fail", "warn"] = Field(default="warn", description="the same when only a gate is broken")
