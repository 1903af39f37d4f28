"""`make fuzz`: five hundred mixtures against a worker and a broker of their own, and what became of them."""

import argparse
import shutil
import tempfile
import time
import uuid
from pathlib import Path

from deploy.broker import Broker
from deploy.topics import ensure_topics
from tests.engine import embedded_database
from tests.fuzz.arena import Arena

AUDIT_EVERY = 50


def main() -> int:
    """Exit code 1 when an audit differs; a mixture that is not survived ends it with what was wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mixtures", type=int, default=500)
    asked.add_argument("--seed", type=int, default=time.time_ns() % 10**8)
    options = asked.parse_args()
    print(f"seed {options.seed}", flush=True)
    folder, different = Path(tempfile.mkdtemp(prefix="emc-fuzz-")), 0
    try:
        with Broker(folder / "kafka") as broker, embedded_database() as database:
            topic = ensure_topics(broker.bootstrap, events=f"fuzz-{uuid.uuid4().hex[:8]}.events")[0].name
            began = time.monotonic()
            with Arena(broker.bootstrap, topic, database, folder / "worker", options.seed) as arena:
                for number in range(1, options.mixtures + 1):
                    arena.play()
                    if number % AUDIT_EVERY == 0 or number == options.mixtures:
                        different += arena.audited()
                        print(told(arena, number, different, time.monotonic() - began), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if different else 0


def told(arena: Arena, number: int, different: int, seconds: float) -> str:
    """How it went so far."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(arena.kinds.items()))
    return (
        f"{number} mixtures in {seconds:.0f} s: {arena.kinds.total()} records ({kinds}); "
        f"{sum(arena.worker.progress.rejections.values())} refused, "
        f"{arena.worker.progress.totals['forwarded']} sent on, slowest bystander {arena.slowest:.1f} s, "
        f"{arena.memory >> 20} MiB resident, {sum(arena.restarts.seen.values())} restarts, "
        f"{different} different"
    )


if __name__ == "__main__":
    raise SystemExit(main())
