"""What arrives over HTTP in the formats that dossier systems already send, into events: the routes' engine.

    reporter = Reporter("H21", "one-stop", registry)
    for judged in judge_dossier_sync(body, reporter, arrived, words):
        if judged.faults: …            # `judged.event` is what may be kept; `faults` name column, path,
        detail, reason else: client.send(judged.agency, judged.event)

    judged = judge_tracking(body, content_type, sites, arrived, is_first, table, registry)

A body that holds no records at all raises InputError; whatever is wrong with one record is in its `faults`.
People's fields are dropped before anything is made, so neither events nor faults hold any.
"""

from collections.abc import Callable, Iterator, Mapping
from io import BufferedReader, BytesIO
from typing import Any, Protocol, cast

from emc.errors import InputError
from emc.registry import Registry
from emc.verdicts import Reason
from producers import dossier_sync, tracking
from producers.importing.json_text import records
from producers.importing.rows import Broken, OpenFile
from producers.judging import Judged, Reporter, judge_said
from producers.said import Fault, Said
from producers.source_words import SourceTable, SourceWords

_BODY = "the body"


class Site(Protocol):
    """A row of `tracking_sites.csv`: whose dossier system a site is."""

    @property
    def agency(self) -> str:
        """Level-1 code."""

    @property
    def system(self) -> str:
        """Name of the source system."""


def judge_dossier_sync(
    body: bytes, reporter: Reporter, time: int, words: SourceWords | None = None
) -> Iterator[Judged]:
    """Each record of a body: an object, an array, JSON lines, or an envelope with `data`; in their order.

    `time` (µs) is that of the events: the moment of arrival, or when it was exported. InputError when the
    body is none of these.
    """
    if not body.strip():
        raise InputError(f"{_BODY} is empty")
    file = cast(OpenFile, BufferedReader(cast(Any, BytesIO(body))))
    for number, row in enumerate(records(file, _BODY, is_enveloped=True), start=1):
        if isinstance(row, Broken):
            yield _broken(row, reporter, time, number)
        else:
            said = dossier_sync.read_record(row.values, words or SourceWords())
            yield judge_said(said, reporter, time, number)


def _broken(row: Broken, reporter: Reporter, time: int, number: int) -> Judged:
    judged = judge_said(Said(""), reporter, time, number)
    judged.faults = [Fault(None, row.reason, "$", Reason.MALFORMED)]
    return judged


def judge_tracking(
    body: bytes,
    content_type: str | None,
    sites: Mapping[str, Site],
    arrived: int,
    is_first: Callable[[str, str], bool],
    registry: Registry,
    table: SourceTable | None = None,
) -> Judged:
    """One tracking message, sent by a site of `sites` (by `siteId`), that arrived at the instant `arrived`
    (µs).

    `is_first(source, dossier)` tells whether nothing of the dossier came from this source before. InputError
    when the body is no message, or no site of `sites` is named: then nobody is known who sent it.
    """
    try:
        message = tracking.parse_message(body, content_type)
    except ValueError as error:
        raise InputError(f"{_BODY}: {error}") from None
    site = sites.get(tracking.site_of(message) or "")
    if site is None:
        raise InputError("siteId: expected a site of tracking_sites.csv")
    reporter = Reporter(site.agency, site.system, registry)
    words = (table or SourceTable()).of(site.agency, site.system)
    said = tracking.read_message(message, arrived, lambda code: is_first(reporter.source, code), words)
    return judge_said(said, reporter, arrived, 1)
