"""An HTTP server that behaves as Grafana's documented API does, as far as a publisher goes.

https://grafana.com/docs/grafana/latest/developers/http_api/: health, plugins, folders, data sources by uid,
dashboards. `fail` makes the next request to a path answer with a status, or not at all.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USER, PASSWORD, TOKEN = "editor", "XXX", "XXX-token"


class GrafanaStandIn:
    """What the server holds, and what it was asked to do."""

    def __init__(self) -> None:
        self.version, self.plugin = "12.3.0", "4.20.0"
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.url = ""
        self._failures: dict[str, int] = {}

    def fail(self, path: str, status: int) -> None:
        """The next write to the path fails; 0: it is not answered in time."""
        self._failures[path] = status

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        if method != "GET":
            self.writes.append((method, path))
            status = self._failures.pop(path, None)
            if status is not None:
                time.sleep(0 if status else 1.5)
                return status or 200, {"message": "a fault on purpose"}
        match path.strip("/").split("/"):
            case ["api", "health"]:
                return 200, {"database": "ok", "version": self.version, "commit": "XXX"}
            case ["api", "plugins", _, "settings"]:
                return (200, {"info": {"version": self.plugin}}) if self.plugin else _missing("Plugin")
            case ["api", "folders", *rest]:
                return self._folder(method, rest, body)
            case ["api", "datasources", *rest]:
                return self._source(method, rest, body)
            case ["api", "dashboards", "uid", uid]:
                return (200, self.dashboards[uid]) if uid in self.dashboards else _missing("Dashboard")
            case ["api", "dashboards", "db"]:
                return self._save(body)
        return _missing("Address")

    def _folder(self, method: str, rest: list[str], body: Any) -> tuple[int, Any]:
        if method == "POST":
            if body["uid"] in self.folders:
                return 409, {"message": "a folder with that uid already exists"}
            self.folders[body["uid"]] = {"uid": body["uid"], "title": body["title"], "version": 1}
            return 200, self.folders[body["uid"]]
        folder = self.folders.get(rest[0])
        if folder is None:
            return _missing("Folder")
        if method == "PUT":
            if body.get("version") != folder["version"] and not body.get("overwrite"):
                return 412, {
                    "status": "version-mismatch",
                    "message": "the folder has been changed by someone else",
                }
            folder |= {"title": body["title"], "version": folder["version"] + 1}
        return 200, folder

    def _source(self, method: str, rest: list[str], body: Any) -> tuple[int, Any]:
        if method == "POST":
            if body["uid"] in self.sources:
                return 409, {"message": "data source with the same uid already exists"}
            self.sources[body["uid"]] = _stored(body, is_default=not self.sources)
            return 200, {"datasource": self.sources[body["uid"]], "message": "Datasource added"}
        if rest[0] != "uid" or rest[1] not in self.sources:
            return _missing("Data source")
        if method == "PUT":
            self.sources[rest[1]] |= _stored(body, is_default=body.get("isDefault", False))
        return 200, self.sources[rest[1]]

    def _save(self, body: Any) -> tuple[int, Any]:
        model, folder = body["dashboard"], body["folderUid"]
        if folder not in self.folders:
            return 400, {"message": "folder not found"}
        stored = self.dashboards.get(model["uid"])
        if (
            stored is not None
            and not body.get("overwrite")
            and model.get("version") != stored["dashboard"]["version"]
        ):
            return 412, {
                "status": "version-mismatch",
                "message": "the dashboard has been changed by someone else",
            }
        version = 1 if stored is None else stored["dashboard"]["version"] + 1
        self.dashboards[model["uid"]] = {
            "dashboard": model | {"id": len(self.dashboards) + 1, "version": version},
            "meta": {"folderUid": folder, "version": version},
        }
        return 200, {"status": "success", "uid": model["uid"], "version": version}


def _missing(what: str) -> tuple[int, Any]:
    return 404, {"message": f"{what} not found"}


def _stored(body: dict[str, Any], is_default: bool) -> dict[str, Any]:
    """A data source as it is read back: its secrets only named."""
    named = dict.fromkeys(body.get("secureJsonData", {}), True)
    kept = {name: value for name, value in body.items() if name != "secureJsonData"}
    return kept | {
        "id": 1,
        "readOnly": False,
        "isDefault": is_default,
        "secureJsonFields": named,
        "basicAuth": False,
    }


@contextmanager
def grafana_stand_in() -> Iterator[GrafanaStandIn]:
    """A running server on a free port of 127.0.0.1."""
    held = GrafanaStandIn()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            status, answer = 401, {"message": "Invalid username or password"}
            if self.headers.get("Authorization") in _allowed():
                status, answer = held.answer(self.command, self.path, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the test speaks."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://{USER}:{PASSWORD}@127.0.0.1:{server.server_address[1]}"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


def _allowed() -> set[str]:
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return {f"Basic {basic}", f"Bearer {TOKEN}"}
