"""The same dashboards as files, with what Grafana needs to load them by itself when it starts.

https://grafana.com/docs/grafana/latest/administration/provisioning/
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashboards.catalogue import FOLDERS, Published
from dashboards.sources import Source
from emc.errors import SettingError

PASSWORD_FILE = "/run/secrets/clickhouse_grafana_password"
_HEAD = "# Written by `emc dashboards export`. Change the dashboards' code, then export again.\n"


def export(
    directory: Path, sources: Iterable[Source], dashboards: Iterable[Published], place: str
) -> list[Path]:
    """Writes everything below `directory` and returns the files, in order; SettingError when it cannot.

    `place`: where Grafana will see the directory `dashboards`.
    """
    files = {f"dashboards/{_language(each)}/{each.uid}.json": _json(each.model) for each in dashboards}
    files["provisioning/dashboards/emc.yaml"] = _HEAD + _json(_providers(place))
    files["provisioning/datasources/emc.yaml"] = _HEAD + _json(_sources(sources))
    written = []
    try:
        for name, text in sorted(files.items()):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise SettingError(f"{directory} cannot be written ({error.strerror})") from None
    return written


def _json(content: Any) -> str:
    """JSON, which is YAML too; keys sorted, so that a change shows as one."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _language(dashboard: Published) -> str:
    return next(language for language, folder in FOLDERS.items() if folder == dashboard.folder)


def _providers(place: str) -> dict[str, Any]:
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": folder.uid,
                "orgId": 1,
                "folder": folder.title,
                "folderUid": folder.uid,
                "type": "file",
                "allowUiUpdates": False,
                "disableDeletion": False,
                "options": {"path": f"{place.rstrip('/')}/{language}"},
            }
            for language, folder in FOLDERS.items()
        ],
    }


def _sources(sources: Iterable[Source]) -> dict[str, Any]:
    """Passwords never stand here: Grafana reads them from a file."""
    listed = []
    for source in sources:
        secret = (
            {"secureJsonData": {"password": f"$__file{{{PASSWORD_FILE}}}"}}
            if "host" in source.model["jsonData"]
            else {}
        )
        listed.append(source.model | {"orgId": 1, "editable": False} | secret)
    return {"apiVersion": 1, "datasources": listed}
