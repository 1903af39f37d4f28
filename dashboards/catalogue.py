"""All dashboards in both languages, as JSON that Grafana takes, and the folders they lie in."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards import agency, connections, overview, pipeline, reuse
from dashboards.alerts.form import Thresholds
from dashboards.alerts.thresholds import load_thresholds
from dashboards.board import Board
from dashboards.wording import LANGUAGES, Language, Words

BUILDERS = (overview.build, agency.build, reuse.build, connections.build, pipeline.build)


class Folder(NamedTuple):
    """A folder of Grafana."""

    uid: str
    title: str


FOLDERS: dict[Language, Folder] = {
    "vi": Folder("emc-vi", "EMC – Giám sát dịch vụ công"),
    "en": Folder("emc-en", "EMC – Public service monitor"),
}


class Published(NamedTuple):
    """A dashboard as it is published."""

    uid: str
    folder: Folder
    model: dict[str, Any]


def all_dashboards(prometheus: bool = False, thresholds: Thresholds | None = None) -> Iterator[Published]:
    """The five dashboards in each language; `prometheus`: with the panels that need it."""
    limits = thresholds or load_thresholds()
    for language in LANGUAGES:
        for build in BUILDERS:
            board = build(Words(language), limits, prometheus)
            yield Published(board.uid, FOLDERS[language], _model(board))


def _model(board: Board) -> dict[str, Any]:
    model: dict[str, Any] = json.loads(json.dumps(board.build(), cls=JSONEncoder))
    for link in model["links"]:
        link.pop("placement", None)  # the SDK hides every link in a menu; they are the way around
    for annotation in model.get("annotations", {}).get("list", []):
        annotation.pop("placement", None)  # likewise the switch of the marks
    return model
