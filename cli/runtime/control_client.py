"""What a command asks of the service that holds the data directory, where no API should offer it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from cli.runtime.control_socket import short_name
from cli.runtime.data_directory import Holder
from emc.errors import ComponentError, DataDirectoryError, EmcError, InputError, SettingError

KINDS = {
    kind.__name__: kind for kind in (InputError, SettingError, DataDirectoryError, ComponentError, EmcError)
}
"""Errors that arrive as what they were, so that a command ends as if it had done the work itself."""
_CONNECT_SECONDS = 10.0


class Refusal(msgspec.Struct):
    """Why the service did not do it: the kind of the error, and its sentence."""

    kind: str
    error: str


def ask(data_dir: Path, holder: Holder, name: str, **with_: Any) -> dict[str, Any]:
    """Has the holder of the directory carry out a command and returns what came out; its error otherwise.

    When the caller is killed meanwhile, or interrupted, the service gives the work up. ComponentError when
    the service does not answer, or ends before it is done.
    """
    with _client(data_dir) as client:
        try:
            answer = client.post(f"http://service/{name}", content=msgspec.json.encode(with_))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise ComponentError(
                f"the service on {data_dir} (process {holder.pid}) takes no commands"
            ) from None
        except httpx.TransportError:
            raise ComponentError(f"the service on {data_dir} ended before it was done") from None
    if answer.is_success:
        found: dict[str, Any] = msgspec.json.decode(answer.content)
        return found
    refusal = msgspec.json.decode(answer.content, type=Refusal)
    raise KINDS.get(refusal.kind, ComponentError)(refusal.error)


@contextmanager
def _client(data_dir: Path) -> Iterator[httpx.Client]:
    """Waits for an answer as long as the connection stands."""
    timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
    with short_name(data_dir.resolve()) as socket:
        transport = httpx.HTTPTransport(uds=socket)
        with httpx.Client(transport=transport, timeout=timeout) as client:
            yield client
