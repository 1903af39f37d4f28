"""Readers of pages, in a process of their own: what asking costs is not counted as the service's.

python -m benchmarks.page_readers URL TIMES

Prints a line for each page. Lines `write` and `cpu` are orders to whoever started it, who answers each with a
line: that something was written, and how many seconds of a processor the service has used.
"""

import sys
import time
from typing import NamedTuple

import httpx

from benchmarks.measuring import quantile

START, AGENCY = "2024-03-01", "H26"
ADDRESSES = (
    *(f"/?start={START}", f"/agencies/{AGENCY}?start={START}", f"/agencies/{AGENCY}/missing?start={START}"),
    *(f"/rates/data_reuse?start={START}&agency={AGENCY}", "/rates", "/connect", "/operate"),
    *("/snapshots", "/objections", "/reconcile", "/sign-in?next=/"),
)
MOST_MS = 100.0
"""Asked for: milliseconds to the first byte at the 95th of 100 readers."""
_FIRST, _LIVE, _BETWEEN = 10, 60, 0.1
"""Readers behind a write each; readers while somebody writes every second, so many seconds apart."""
_RELOADED = {"cache-control": "no-cache"}


class Asked(NamedTuple):
    """One answer: milliseconds to its first byte, and its bytes."""

    waited: float
    weight: int


def ask(client: httpx.Client, address: str, headers: dict[str, str] | None = None) -> Asked:
    """Asks for a page and reads it whole."""
    begun = time.perf_counter()
    with client.stream("GET", address, headers=headers) as answer:
        next(parts := answer.iter_raw(), b"")
        waited = (time.perf_counter() - begun) * 1000
        for _ in parts:
            pass
    answer.raise_for_status()
    return Asked(waited, answer.num_bytes_downloaded)


def order(what: str) -> float:
    """Has the process that started this one do something, and gives what it answers."""
    print(what, flush=True)
    return float(sys.stdin.readline())


def read_page(client: httpx.Client, address: str, times: int) -> float:
    """Prints what a page takes; the greater of its 95th readers, while nothing is written and while it is."""
    ask(client, address)
    firsts = []
    for _ in range(_FIRST):
        order("write")
        firsts.append(ask(client, address, _RELOADED).waited)
    begun = order("cpu")
    quiet = [ask(client, address) for _ in range(times)]
    computed = (order("cpu") - begun) * 1000 / times
    live = []
    for number in range(_LIVE):
        if number % round(1 / _BETWEEN) == 0:
            order("write")
        live.append(ask(client, address).waited)
        time.sleep(_BETWEEN)
    waited = sorted(each.waited for each in quiet)
    middle, late, late_live = quantile(waited, 0.5), quantile(waited, 0.95), quantile(sorted(live), 0.95)
    print(
        f"{address:50} {quantile(sorted(firsts), 0.5):8.0f} {middle:7.0f} {late:7.0f} {late_live:11.0f}"
        f" {computed:7.1f} {quiet[0].weight / 1000:6.0f}",
        flush=True,
    )
    return max(late, late_live)


def main() -> None:
    """Reads all pages; the exit code is 1 when one is slower than asked for."""
    url, times = sys.argv[1], int(sys.argv[2])
    print(
        f"{'page':50} {'first ms':>8} {'p50 ms':>7} {'p95 ms':>7} {'live p95 ms':>11} {'CPU ms':>7} {'kB':>6}"
    )
    with httpx.Client(base_url=url, headers={"accept": "text/html"}, timeout=60) as client:
        found = {address: read_page(client, address, times) for address in ADDRESSES}
    slow = [f"{address} {late:.0f} ms" for address, late in found.items() if late > MOST_MS]
    asked = f"the first byte within {MOST_MS:.0f} ms at the 95th reader of every page"
    print(f"FAIL: {', '.join(slow)}; expected {asked}" if slow else f"PASS: {asked}", flush=True)
    sys.exit(bool(slow))


if __name__ == "__main__":
    main()
