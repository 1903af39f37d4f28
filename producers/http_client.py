"""The sibling of `client` for systems without a Kafka client: sends events over HTTP and reads rates."""

import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import httpx
import msgspec

from emc.errors import ComponentError, InputError

_BATCH = "application/cloudevents-batch+json"
_AT_ONCE = 500
_LATER = (429, 503)


class Result(msgspec.Struct, frozen=True):
    """What became of one event; `index` is its place among those sent together."""

    index: int
    id: str | None
    status: Literal["accepted", "rejected"]
    reason: str | None = None
    path: str | None = None
    detail: str | None = None


class Rate(msgspec.Struct, frozen=True):
    """One rate; exactly one of `agency` and `group` is set."""

    metric: str
    definition: str
    period: str
    start: str
    numerator: int
    denominator: int
    rate: float | None
    coverage: float | None
    as_of: str | None
    agency: str | None = None
    group: str | None = None


class _Sent(msgspec.Struct):
    results: list[Result]


class _Rates(msgspec.Struct):
    rates: list[Rate]
    next: str | None = None


class HttpClient:
    """Sends and reads with a token. Use it in a `with` block; not to be shared between threads.

    What the service cannot take now (429, 503) is sent again until `timeout` seconds have passed, which is
    harmless: repeats change nothing. Then, and when nobody answers, ComponentError; InputError for what is
    asked wrongly or not allowed.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 120.0) -> None:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30.0)
        self._timeout = timeout

    def send(self, events: Sequence[Mapping[str, Any] | bytes], *, agency: str | None = None) -> list[Result]:
        """Sends events, as mappings or as their JSON, and returns a result for each, in their order.

        `agency`: for whom a successor or delegate reports what is no dossier.
        """
        results: list[Result] = []
        asked = {} if agency is None else {"agency": agency}
        for first in range(0, len(events), _AT_ONCE):
            body = b"[" + b",".join(map(_json, events[first : first + _AT_ONCE])) + b"]"
            answer = self._ask("POST", "/v1/events", params=asked, content=body, headers=_HEADERS)
            sent = msgspec.json.decode(answer.content, type=_Sent).results
            results += [msgspec.structs.replace(each, index=each.index + first) for each in sent]
        return results

    def rates(self, **asked: str) -> Iterator[Rate]:
        """The rates asked for by the parameters of `/v1/rates` (`from_` is `from`), page after page."""
        parameters = {name.rstrip("_"): value for name, value in asked.items()}
        while True:
            answer = self._ask("GET", "/v1/rates", params=parameters)
            page = msgspec.json.decode(answer.content, type=_Rates)
            yield from page.rates
            if page.next is None:
                return
            parameters["cursor"] = page.next

    def changes(self, **asked: str) -> Iterator[list[Rate]]:
        """The changed rates of a selection as they change, until the stream ends."""
        try:
            with self._client.stream("GET", "/v1/rates/stream", params=asked, timeout=60.0) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise _failure(answer)
                for line in answer.iter_lines():
                    if line.startswith("data:"):
                        yield msgspec.json.decode(line[5:], type=_Rates).rates
        except httpx.HTTPError as error:
            raise ComponentError(f"the stream broke off ({type(error).__name__})") from None

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        deadline = time.monotonic() + self._timeout
        while True:
            failure: ComponentError | InputError
            pause = 1.0
            try:
                answer = self._client.request(method, path, **given)
                if answer.status_code < 300:
                    return answer
                failure = _failure(answer)
                pause = float(answer.headers.get("Retry-After", "1"))
            except httpx.HTTPError as error:
                failure = ComponentError(f"the service does not answer ({type(error).__name__})")
            if isinstance(failure, InputError) or time.monotonic() + pause > deadline:
                raise failure
            time.sleep(pause)

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_HEADERS = {"Content-Type": _BATCH}


def _json(event: Mapping[str, Any] | bytes) -> bytes:
    return event if isinstance(event, bytes) else msgspec.json.encode(event)


def _failure(answer: httpx.Response) -> ComponentError | InputError:
    try:
        sentence = str(msgspec.json.decode(answer.content)["error"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        sentence = f"the service answered {answer.status_code}"
    later = answer.status_code in _LATER or answer.status_code >= 500
    return ComponentError(sentence) if later else InputError(sentence)
