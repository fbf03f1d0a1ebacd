"""Where things are kept, and how long: `[catalog]`, `[store]`, `[retention]`."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ingest.options.section import Section


class CatalogOptions(Section):
    """`[catalog]`: the index of what happened."""

    url: SecretStr | None = Field(
        default=None,
        description="of a Postgres database, postgresql://user:password@host/name, when several machines work; unset: "
        "a SQLite file in the home",
    )
    wait_s: float = Field(default=30.0, gt=0, description="seconds a commit may wait for another writer's")


class StoreOptions(Section):
    """`[store]`: where artifacts lie."""

    url: str = Field(default="", description="fsspec URL; empty: a folder in the home")
    keep_originals: bool = Field(default=True, description="copy every source file, so that old versions can be shown")


class RetentionOptions(Section):
    """`[retention]`: how much of the past is kept. The current version always is."""

    keep_versions: int | None = Field(
        default=None,
        ge=1,
        description="newest versions of a document that are kept, whatever their age; unset, with keep_days: none but"
        " the current one",
    )
    keep_days: float | None = Field(
        default=None,
        gt=0,
        description="days that one can look back; what ended before is removed. Neither set: everything is kept",
    )

    @property
    def is_set(self) -> bool:
        return self.keep_versions is not None or self.keep_days is not None
