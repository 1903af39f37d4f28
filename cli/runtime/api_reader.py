"""Reads through the API of a running service what sinks.queries.reader.Reader reads from the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from emc.errors import ComponentError, InputError, SettingError
from sinks.disputes.reconcile_query import Reconciling
from sinks.imports.record import ImportRecord
from sinks.incidents.touching import Days, Told
from sinks.queries.change_query import ChangeQuery
from sinks.queries.rate_query import RateQuery

_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
_PAGE = 10_000  # dossiers at a time
_EVERYTHING = 1_000_000  # differences of a reconciliation
_LONG = httpx.Timeout(None, connect=5.0)


class ApiReader:
    """InputError for what the service says was asked wrongly, ComponentError when it does not answer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise SettingError(f"api is {url!r}, expected http://host:port")
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=_TIMEOUT, headers=_bearer(token))

    def rates(self, query: RateQuery | None = None) -> list[dict[str, Any]]:
        """As Reader.rates."""
        query = query or RateQuery()
        asked = {field.name.rstrip("_"): getattr(query, field.name) for field in fields(query)}
        return list(self._pages("/v1/rates", "rates", asked))

    def marked(self, rates: list[dict[str, Any]], query: RateQuery | None = None) -> list[dict[str, Any]]:
        """As Reader.marked: the API answers with marked ones."""
        return rates

    def rejections(
        self,
        agency: str | None = None,
        limit: int = 100,
        before: str | None = None,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """As Reader.rejections."""
        asked = {"agency": agency, "limit": limit, "before": before, "cursor": cursor}
        return self._get("/v1/rejections", asked)

    def explain(self, dossier: str) -> dict[str, Any]:
        """As Reader.explain."""
        return self._get(f"/v1/dossiers/{quote(dossier, safe='')}/explanation")

    def why(self, asked: ChangeQuery) -> dict[str, Any]:
        """As Reader.why."""
        return self._get("/v1/changes", {name.rstrip("_"): value for name, value in asked._asdict().items()})

    def incidents(self, agency: str | None = None, days: Days | None = None) -> list[Told]:
        """As Reader.incidents."""
        first, last = days or (None, None)
        asked = {"agency": agency, "from": first and first.isoformat(), "to": last and last.isoformat()}
        return list(self._pages("/v1/incidents", "incidents", asked))

    def snapshots(self) -> list[dict[str, Any]]:
        """As Reader.snapshots."""
        return list(self._pages("/v1/snapshots", "snapshots", {}))

    def snapshot(self, id_: str) -> dict[str, Any]:
        """As Reader.snapshot."""
        return self._get(f"/v1/snapshots/{quote(id_, safe='')}")

    def frozen(self, id_: str, agency: str | None = None, metric: str | None = None) -> list[dict[str, Any]]:
        """As Reader.frozen."""
        asked = {"agency": agency, "metric": metric}
        return list(self._pages(f"/v1/snapshots/{quote(id_, safe='')}/rates", "rates", asked))

    def objections(
        self, agency: str | None = None, snapshot: str | None = None, status: str | None = None
    ) -> list[dict[str, Any]]:
        """As Reader.objections."""
        asked = {"agency": agency, "snapshot": snapshot, "status": status}
        return list(self._pages("/v1/objections", "objections", asked))

    def objection(self, id_: str) -> dict[str, Any]:
        """As Reader.objection."""
        return self._get(f"/v1/objections/{quote(id_, safe='')}")

    def reconciled(self, asked: Reconciling, content: bytes) -> dict[str, Any]:
        """As Reader.reconciled."""
        given = {**msgspec.structs.asdict(asked), "limit": _EVERYTHING}
        with self._answering():
            response = self._client.post(
                "/v1/reconciliations",
                params=given,
                content=content,
                headers={"content-type": "text/csv"},
                timeout=_LONG,
            )
            if response.status_code != 200:
                raise self._failure(response)
            found: dict[str, Any] = msgspec.json.decode(response.content)
            return found

    def audit(self) -> dict[str, Any]:
        """As Reader.audit."""
        return self._get("/v1/audit", timeout=_LONG)

    def sources(self) -> list[dict[str, Any]]:
        """As Reader.sources."""
        return list(self._pages("/v1/sources", "sources", {}))

    def metric_times(self, agency: str) -> list[dict[str, Any]]:
        """As Reader.metric_times."""
        return list(self._pages("/v1/metric-times", "metrics", {"agency": agency}))

    def states(self, dossiers: Sequence[str]) -> dict[str, str]:
        """As Reader.states."""
        found: dict[str, str] = self._post("/v1/dossiers/states", list(dossiers))["states"]
        return found

    def catalogue(self, agency: str) -> list[dict[str, Any]]:
        """As Reader.catalogue."""
        return list(self._pages("/v1/catalogue", "entries", {"agency": agency}))

    def declarations(self, agency: str) -> list[dict[str, Any]]:
        """As Reader.declarations."""
        return list(self._pages("/v1/declarations", "declarations", {"agency": agency}))

    def imports(self, agency: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """As Reader.imports."""
        return list(self._pages("/v1/imports", "imports", {"agency": agency, "limit": limit}))

    def import_(self, id_: str) -> dict[str, Any]:
        """As Reader.import_."""
        return self._get(f"/v1/imports/{quote(id_, safe='')}")

    def keep_import(self, record: ImportRecord) -> str:
        """As Reader.keep_import."""
        return str(self._post("/v1/imports", record)["id"])

    def source_warnings(self, agency: str) -> list[dict[str, Any]]:
        """As Reader.source_warnings."""
        return list(self._pages("/v1/source-warnings", "warnings", {"agency": agency}))

    def health(self) -> dict[str, Any]:
        """The service's health answer, also when it is down."""
        return self._get("/v1/health", allowed=(503,))

    def dossiers(
        self,
        metric: str,
        agency: str,
        period: str,
        start: str,
        missing: bool = False,
        definition: str | None = None,
        counted_for: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """As Reader.dossiers; one page of the answer at a time."""
        asked = {
            "metric": metric,
            "agency": agency,
            "period": period,
            "start": start,
            "missing": missing,
            "definition": definition,
            "limit": _PAGE,
            "counted_for": counted_for,
        }
        yield from self._pages("/v1/dossiers", "dossiers", asked)

    def _pages(self, path: str, name: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Everything in a list that is answered in pages."""
        cursor: str | None = None
        while True:
            answer = self._get(path, {**asked, "cursor": cursor})
            yield from answer[name]
            cursor = answer.get("next")
            if cursor is None:
                return

    def _get(
        self,
        path: str,
        asked: dict[str, Any] | None = None,
        timeout: httpx.Timeout = _TIMEOUT,
        allowed: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        with self._answering():
            response = self._client.get(path, params=_given(asked or {}), timeout=timeout)
            if response.status_code != 200 and response.status_code not in allowed:
                raise self._failure(response)
            found: dict[str, Any] = msgspec.json.decode(response.content)
            return found

    def _post(self, path: str, body: Any) -> dict[str, Any]:
        with self._answering():
            content = msgspec.json.encode(body)
            response = self._client.post(path, content=content, headers={"content-type": "application/json"})
            if response.status_code != 200:
                raise self._failure(response)
            found: dict[str, Any] = msgspec.json.decode(response.content)
            return found

    def _failure(self, response: httpx.Response) -> InputError | ComponentError:
        try:
            sentence = msgspec.json.decode(response.content)["error"]
        except (msgspec.MsgspecError, KeyError, TypeError):
            sentence = f"{self.url} answered {response.status_code}"
        if response.status_code == 401:
            sentence += "; EMC_TOKEN_FILE names a file with a token"
        wrong = response.status_code in (400, 401, 403, 404)
        return InputError(sentence) if wrong else ComponentError(sentence)

    def _answering(self) -> "_Answering":
        return _Answering(self.url)

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()


class _Answering:
    """Turns the library's errors into one sentence."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url

    def __enter__(self) -> None:
        """Begins the block that asks."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, httpx.InvalidURL):
            raise SettingError(f"api is {self._url!r}, expected http://host:port") from None
        if isinstance(error, httpx.HTTPError | msgspec.MsgspecError):
            raise ComponentError(f"the API at {self._url} does not answer ({type(error).__name__})") from None


def _bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}
