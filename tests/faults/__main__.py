"""`python -m tests.faults`: kill and stall the real system under load, then audit what it did.

Exit codes: 0 nothing was lost, duplicated or out of order; 1 something was, or did not come to
rest; 2 wrong usage.
"""

import argparse
import asyncio
import logging
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults import report
from tests.faults.audit import audit
from tests.faults.audit.delivery import redelivered
from tests.faults.client import Client
from tests.faults.district import enter
from tests.faults.load import Load
from tests.faults.observe import observe
from tests.faults.rest import events_of, wait_for_rest
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.seen import Finding
from tests.faults.stage import Stage
from tests.faults.system import WITH_EVENTS, Installation

_REST = 150.0  # seconds in which everything must have settled after a fault
_LEAD, _TAIL = 4.0, 6.0  # seconds of load before and after a fault
_LOOKS = 5  # at what is there, until nothing has come meanwhile
_RATE = 2.0  # new referrals a second, unless told: as many as two processor threads carry
_SHOWN = 20  # findings of one fault that are printed; the file holds them all


def main() -> None:
    """Run the scenarios that were asked for."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few faults with little load")
    parser.add_argument("--only", action="append", choices=names, help="this one; may be repeated")
    parser.add_argument("--rate", type=float, help="new referrals a second")
    parser.add_argument("--keep", action="store_true", help="keep the system's folder and logs")
    chosen = parser.parse_args()
    scenarios = [
        each
        for each in SCENARIOS
        if (each.name in chosen.only if chosen.only else each.short or not chosen.short)
    ]
    rate = chosen.rate or _RATE
    # What aiokafka says of a broker that is away is what is tried here.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    # As Ctrl-C, also where a shell has started this in the background: all of it is stopped.
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="enlace-faults-"))
    installation = Installation(home, say)
    try:
        began = time.monotonic()
        installation.start()
        say(f"everything is ready ({time.monotonic() - began:.0f} s)")
        results = asyncio.run(_run(installation, scenarios, rate, short=chosen.short))
    finally:
        installation.stop()
        if chosen.keep:
            say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    say(f"written: {report.FOLDER / 'results.md'}")
    sys.exit(0 if all(result.good for result in results) else 1)


async def _run(
    installation: Installation, scenarios: Sequence[Scenario], rate: float, *, short: bool
) -> list[report.Result]:
    client = Client()
    mongo = installation.admin()
    district = await enter(installation, client)
    load = Load(installation, district, client, rate)
    load.watcher.start()
    stage = Stage(installation, load, client, mongo, 0.5 if short else 1.0)
    results: list[report.Result] = []
    known: set[Finding] = set()
    copies = 0
    try:
        for scenario in scenarios:
            say(f"{scenario.name}: {scenario.what}")
            took = Stopwatch()
            load.begin()
            await stage.wait(_LEAD)
            notes = await scenario.act(stage)
            await stage.wait(_TAIL)
            took.lap("load")
            done = await load.end()
            took.lap("to the end of every journey")
            for _ in range(_LOOKS):
                moving = await wait_for_rest(installation, mongo, patience=_REST)
                seen = await observe(installation, client, mongo, load.told)
                if await events_of(mongo) == len(seen.rows):
                    break  # a receipt that came while it was looked at would look like a fault
            took.lap("to rest")
            # What an earlier fault broke is its own; it stands in its own result.
            findings = [each for each in (*done.stuck, *audit(seen)) if each not in known]
            took.lap("audit")
            known.update(findings)
            total = redelivered(seen)
            result = report.Result(
                fault=scenario.name,
                what=scenario.what,
                done=done,
                findings=findings,
                seconds=took.laps,
                # A Kafka that was lost holds fewer copies than before.
                redelivered=max(0, total - copies),
                notes=notes,
                moving=moving,
            )
            copies = total
            results.append(result)
            report.write(results, rate=rate)
            _show(result)
    finally:
        await load.stop()
        await client.close()
        await mongo.close()
    return results


class Stopwatch:
    """Takes the times of a run's parts, in seconds and in their order."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """Note how long the part took that ends here."""
        now = time.monotonic()
        self.laps[name] = now - self._last
        self._last = now


def _show(result: report.Result) -> None:
    done = result.done
    say(
        f"  {done.begun} referrals, {done.answers.total()} promises, {done.repeats} repeated "
        f"requests; longest pause {done.pause_creates:.1f} s, of acceptances "
        f"{done.pause_events:.1f} s"
    )
    say(f"  {', '.join(f'{name} {seconds:.0f} s' for name, seconds in result.seconds.items())}")
    say(f"  {result.notes}")
    for each in result.moving:
        say(f"  not at rest: {each}")
    for finding in result.findings[:_SHOWN]:
        say(f"  {finding}")
    if len(result.findings) > _SHOWN:
        say(f"  and {len(result.findings) - _SHOWN} more")
    if result.good:
        say("  nothing lost, duplicated or out of order")


def say(line: str) -> None:
    """Tell a person, at once."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    say(f"services: {', '.join(WITH_EVENTS)}")
    main()
