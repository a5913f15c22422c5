"""Measure throughput and delays on this machine, each beside a peer or the limit of its parts.

Everything that is compared takes turns in one run, and only the ratios of a run mean something:
the figures themselves are the machine's.
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.local.servers import ports
from deploy.local.servers.infra import kafka_server, mongo_server
from services.chassis import memory
from tests.benchmarks import (
    catch_up,
    claims,
    commands,
    delay,
    drain,
    due,
    machine,
    matching,
    report,
    roster,
    search,
    tax,
    webhooks,
)
from tests.benchmarks.measure import say
from tests.servers import KAFKA, KEPT_UP, MONGO, Cell, new_cell

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "bench"

BENCHMARKS = {
    "relay": drain.run,
    "projection": catch_up.run,
    "delay": delay.run,
    "tax": tax.run,
    "search": search.run,
    "matching": matching.run,
    "roster": roster.run,
    "due": due.run,
    "commands": commands.run,
    "claims": claims.run,
    "webhooks": webhooks.run,
}


def main() -> None:
    """Run what was asked for and write the results."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small sizes: shows that it runs")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="one of them")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the results")
    chosen = parser.parse_args()
    with _servers() as cell:
        described = machine.describe(cell.mongo_uri, own_kafka=KEPT_UP[KAFKA] not in os.environ)
        results: list[report.Result] = []
        for name in chosen.only or BENCHMARKS:
            say(name)
            memory.settle()  # as every service does
            with _loop() as runner:
                done = runner.run(BENCHMARKS[name](cell, chosen.out, short=chosen.short))
            results += done
    print(report.write(chosen.out, described, results, short=chosen.short))  # noqa: T201


def _loop() -> "asyncio.Runner":
    """Return the loop that services run on."""
    try:
        import uvloop  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


@contextlib.contextmanager
def _servers() -> Iterator[Cell]:
    """Yield a cell on the servers that are kept up, or on a pair of this run's own."""
    given = {kind: os.environ.get(name) for kind, name in KEPT_UP.items()}
    with tempfile.TemporaryDirectory(prefix="enlace-bench-") as home:
        kafka = None if given[KAFKA] else kafka_server(Path(home, "kafka"), ports.free_port())
        if kafka is not None:
            kafka.start()
        try:
            mongo = None if given[MONGO] else mongo_server(Path(home, "mongo"), ports.free_port())
            if mongo is not None:
                mongo.start()
            try:
                yield new_cell(
                    given[KAFKA] or (kafka.bootstrap if kafka else ""),
                    given[MONGO] or (mongo.admin_uri if mongo else ""),
                )
            finally:
                if mongo is not None:
                    mongo.stop()
        finally:
            if kafka is not None:
                kafka.stop()


if __name__ == "__main__":
    main()
