"""Grafana's HTTP API, by grafana-api; every failure is one sentence that says what to do.

What grafana-api lacks or gets wrong goes through its `.api` object: data sources by uid (numeric ids are
switched off since Grafana 13), health, plugins.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace
from requests.exceptions import RequestException

from emc.errors import ComponentError, EmcError, SettingError

T = TypeVar("T")
OLDEST = (11, 6)


class Conflict(EmcError):
    """What was to be changed had been changed by somebody else meanwhile, or its name is taken."""


class Grafana:
    """One Grafana, reached at a URL with a service account's token, or user and password in the URL."""

    def __init__(self, url: str, token: str | None = None, timeout: float = 20.0) -> None:
        """SettingError when the URL or the credentials are of no use."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingError(f"grafana is {_bare(url)!r}, expected http://host:port")
        if not token and not parts.username:
            raise SettingError("grafana needs EMC_GRAFANA_TOKEN_FILE, or user and password in its URL")
        prefix = parts.path.strip("/")
        self.place = _bare(url)
        auth = token or (unquote(parts.username or ""), unquote(parts.password or ""))
        self._face = GrafanaFace(
            auth,
            host=parts.hostname,
            port=parts.port,
            url_path_prefix=f"{prefix}/" if prefix else "",
            protocol=parts.scheme,
            timeout=timeout,
        )

    def version(self) -> str:
        """Grafana's version; SettingError when it is too old for the dashboards."""
        version = str(self._ask("its health", lambda: self._face.api.GET("/health")).get("version", ""))
        number = re.match(r"(\d+)\.(\d+)", version)
        if number and (int(number[1]), int(number[2])) < OLDEST:
            raise SettingError(f"Grafana at {self.place} is {version}, expected 11.6 or newer")
        return version

    def plugin_version(self, plugin: str) -> str | None:
        """The version of an installed plugin; None when it is not installed."""
        found = self._find("its plugins", lambda: self._face.api.GET(f"/plugins/{plugin}/settings"))
        return None if found is None else str(found.get("info", {}).get("version", ""))

    def folder(self, uid: str) -> dict[str, Any] | None:
        """A folder by its uid."""
        return self._find(f"folder {uid}", lambda: self._face.folder.get_folder(uid))

    def create_folder(self, uid: str, title: str) -> None:
        """Makes a folder."""
        self._ask(f"folder {uid}", lambda: self._face.folder.create_folder(title, uid))

    def rename_folder(self, uid: str, title: str, version: int) -> None:
        """Gives a folder another title."""
        self._ask(f"folder {uid}", lambda: self._face.folder.update_folder(uid, title, version))

    def data_source(self, uid: str) -> dict[str, Any] | None:
        """A data source by its uid."""
        return self._find(f"data source {uid}", lambda: self._face.api.GET(f"/datasources/uid/{uid}"))

    def create_data_source(self, model: dict[str, Any]) -> None:
        """Makes a data source."""
        self._ask(f"data source {model['uid']}", lambda: self._face.datasource.create_datasource(model))

    def update_data_source(self, model: dict[str, Any]) -> None:
        """Replaces a data source's settings."""
        path = f"/datasources/uid/{model['uid']}"
        self._ask(f"data source {model['uid']}", lambda: self._face.api.PUT(path, json=model))

    def dashboard(self, uid: str) -> dict[str, Any] | None:
        """A dashboard with its `meta`."""
        return self._find(f"dashboard {uid}", lambda: self._face.dashboard.get_dashboard(uid))

    def save_dashboard(self, model: dict[str, Any], folder: str) -> None:
        """Stores a dashboard; Conflict unless its `version` is the present one (absent for a new one)."""
        saved = {
            "dashboard": model,
            "folderUid": folder,
            "overwrite": False,
            "message": "emc dashboards publish",
        }
        self._ask(f"dashboard {model['uid']}", lambda: self._face.dashboard.update_dashboard(saved))

    def _find(self, what: str, call: Callable[[], T]) -> T | None:
        try:
            return self._call(what, call)
        except GrafanaException as error:
            if error.status_code == 404:
                return None
            raise self._failure(what, error) from None

    def _ask(self, what: str, call: Callable[[], T]) -> T:
        try:
            return self._call(what, call)
        except GrafanaException as error:
            raise self._failure(what, error) from None

    def _call(self, what: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except GrafanaException:
            raise
        except RequestException as error:  # also an answer that is no JSON
            raise ComponentError(
                f"Grafana at {self.place} does not answer ({type(error).__name__})"
            ) from None
        except (TypeError, ValueError):
            raise ComponentError(
                f"{self.place} does not answer as Grafana does when asked for {what}"
            ) from None

    def _failure(self, what: str, error: GrafanaException) -> EmcError:
        status = error.status_code
        if status in (401, 403):
            said = "refuses the credentials" if status == 401 else "does not allow it with these credentials"
            return SettingError(f"Grafana at {self.place} {said} ({what}); it needs the role Admin")
        if status in (409, 412):
            return Conflict(
                f"{what} was changed in Grafana at {self.place} meanwhile, or its name is taken; publish"
                " again"
            )
        message = error.response.get("message") if isinstance(error.response, dict) else None
        said = f"Grafana at {self.place} failed with status {status} ({what}): {message or 'no reason given'}"
        return ComponentError(said) if status >= 500 else SettingError(said)


def _bare(url: str) -> str:
    """The URL without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
