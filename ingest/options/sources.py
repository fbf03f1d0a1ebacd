"""What is taken in: `[source]`, `[container]`, `[metadata]`, `[watch]`."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from ingest.options.section import Section


class SourceOptions(Section):
    """`[source]`: which files of a folder count."""

    include: tuple[str, ...] = Field(default=("**",), description="glob patterns on the path below the folder")
    exclude: tuple[str, ...] = Field(default=(), description="glob patterns; what matches is ignored")
    hidden: bool = Field(default=False, description="also files and folders whose name begins with a dot")
    keep_fetched_mb: int = Field(
        default=4096,
        ge=0,
        description="MiB of fetched objects that the tasks of a scheduled run keep in the home for its publishing; what"
        " is more is fetched again",
    )


class ContainerOptions(Section):
    """`[container]`: archives and attachments, whose members become documents of their own."""

    expand: bool = Field(default=True, description="take in what archives and mails hold")
    max_depth: int = Field(default=3, ge=1, description="archives within archives")
    max_members: int = Field(default=10_000, ge=1, description="members an archive may have")
    max_member_mb: int = Field(default=512, ge=1, description="MiB a member may have")
    max_total_mb: int = Field(default=4_096, ge=1, description="MiB that an archive may hold, all of it")
    max_ratio: float = Field(default=200.0, gt=1, description="times an archive's own size that its members may have")


class MetadataRule(Section):
    """What the path of a document says of it.

    `match` is a pattern as for `source.include`, counted from the top; `{name}` in it stands for
    one folder, file or part of a name, and becomes metadata of that name.
    """

    match: str = Field(min_length=1)
    values: dict[str, str | int | float | bool | tuple[str, ...]] = Field(default_factory=dict, alias="set")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MetadataOptions(Section):
    """`[metadata]`: what is known of documents beside their text."""

    rules: tuple[MetadataRule, ...] = Field(
        default=(), description='tables of match = "contracts/{customer}/**" and set = {department = "legal"}'
    )
    sidecars: bool = Field(default=True, description="NAME.meta.json beside NAME holds its metadata")


class WatchOptions(Section):
    """`[watch]`: a drop folder."""

    settle_s: float = Field(default=2.0, ge=0, description="seconds a file must have rested before it is taken")
    poll_s: float = Field(default=2.0, gt=0, description="seconds between two looks at the folder")
