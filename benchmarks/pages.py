"""How long pages take to their first byte, and what they weigh, at a service with the simulated March 2024.

python -m benchmarks.pages http://127.0.0.1:8000 [--times 40]
"""

import argparse
import time

import httpx

START, AGENCY = "2024-03-01", "H26"
ADDRESSES = (
    *(f"/?start={START}", f"/agencies/{AGENCY}?start={START}", f"/agencies/{AGENCY}/missing?start={START}"),
    *(f"/rates/data_reuse?start={START}&agency={AGENCY}", "/rates", "/connect", "/upload", "/operate"),
)


def first_byte(client: httpx.Client, address: str) -> tuple[float, int]:
    """Milliseconds from asking for a page to its first byte, and the bytes of the whole."""
    begun = time.perf_counter()
    with client.stream("GET", address) as answer:
        took = (time.perf_counter() - begun) * 1000
        size = len(answer.read())
    answer.raise_for_status()
    return took, size


def main() -> None:
    """Asks for each page so many times, one after the other, and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--times", type=int, default=40)
    asked = parser.parse_args()
    print(f"{'page':55} {'p50 ms':>8} {'p95 ms':>8} {'kB':>6}")
    with httpx.Client(base_url=asked.url, headers={"accept": "text/html"}, timeout=60) as client:
        for address in ADDRESSES:
            first_byte(client, address)
            found = [first_byte(client, address) for _ in range(asked.times)]
            took = sorted(ms for ms, _ in found)
            middle, high = took[len(took) // 2], took[int(len(took) * 0.95)]
            print(f"{address:55} {middle:8.0f} {high:8.0f} {found[0][1] / 1000:6.0f}")


if __name__ == "__main__":
    main()
