"""The work that a worker does beside the stream, so that it can run for years."""

from typing import Annotated

import msgspec

from emc.settings.setting import means, named

Days = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Upkeep(msgspec.Struct, frozen=True):
    """When to audit, what to keep, and when a source counts as broken."""

    audit_every: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1e9)],
        means("Seconds in which every agency is audited once; 0: never."),
    ] = named("EMC_AUDIT_EVERY", 3600.0)
    events_days: Annotated[
        Days | None, means("Days that the table `events` keeps events; not set: for ever.")
    ] = named("EMC_EVENTS_RETENTION_DAYS")
    rejections_days: Annotated[
        Days | None, means("Days that the table `rejections` keeps its rows; not set: for ever.")
    ] = named("EMC_REJECTIONS_RETENTION_DAYS")
    broken_share: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1)],
        means("Share of an agency's events above which, once refused, its source counts as broken …"),
    ] = named("EMC_BROKEN_SHARE", 0.5)
    broken_least: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)], means("… if at least so many were refused …")
    ] = named("EMC_BROKEN_LEAST", 100)
    broken_window: Annotated[
        Annotated[int, msgspec.Meta(ge=60, le=86_400)], means("… within so many seconds.")
    ] = named("EMC_BROKEN_WINDOW", 900)
    topic_days: Annotated[
        Days | None, means("Days that the topic of events keeps messages; not set: for ever.")
    ] = named("EMC_TOPIC_RETENTION_DAYS")
    rejected_topic_days: Annotated[Days, means("Days that the topic of refused events keeps them.")] = named(
        "EMC_REJECTED_TOPIC_RETENTION_DAYS", 90
    )

    def days_kept(self, table: str) -> int | None:
        """How many days a table keeps its rows; None: for ever."""
        return {"events": self.events_days, "rejections": self.rejections_days}[table]
