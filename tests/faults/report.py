"""Writes what was measured: JSON for programs, a table for people."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.load import Done
from tests.faults.seen import Fault, Finding

FOLDER = Path(__file__).parents[2] / "build" / "faults"


@dataclass(frozen=True, slots=True)
class Result:
    """One fault's outcome.

    Attributes:
        seconds: how long each part took, from the first request to the end of the audit.
        redelivered: copies of events that the fault brought into the topics; readers drop them.
        moving: what had not come to rest when the audit began.
    """

    fault: str
    what: str
    done: Done
    findings: Sequence[Finding]
    seconds: Mapping[str, float]
    redelivered: int
    notes: str = ""
    moving: Sequence[str] = field(default_factory=tuple)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings and not self.moving

    def of(self, fault: Fault) -> list[Finding]:
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.fault is fault]

    def document(self) -> dict[str, Any]:
        """Return what stands in the JSON file."""
        done = self.done
        return {
            "fault": self.fault,
            "load": {
                "referrals": done.begun,
                "answers": dict(done.answers),
                "requests_repeated": done.repeats,
            },
            **{fault.value: [str(each) for each in self.of(fault)] for fault in Fault},
            "not_at_rest": list(self.moving),
            "longest_pause_seconds": round(done.pause_creates, 1),
            "longest_pause_of_acceptances_seconds": round(done.pause_events, 1),
            "events_redelivered": self.redelivered,
            "seconds": {name: round(seconds, 1) for name, seconds in self.seconds.items()},
            "notes": self.notes,
        }


def write(results: Sequence[Result], *, rate: float) -> None:
    """Write both files anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    documents = [result.document() for result in results]
    (FOLDER / "results.json").write_text(json.dumps(documents, indent=2) + "\n")
    (FOLDER / "results.md").write_text(table(results, rate=rate))


_HEADS = (
    "fault",
    "referrals",
    "promises",
    "repeated requests",
    "lost",
    "duplicated",
    "out of order",
    "longest pause of creates",
    "of acceptances",
    "redelivered events",
)


def table(results: Sequence[Result], *, rate: float) -> str:
    """Return the Markdown table, with the day and the machine."""
    heads = " | ".join(_HEADS)
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; {rate:g} new referrals a second.",
        "",
        f"| {heads} |",
        "|" + "---|" * len(_HEADS),
    ]
    for result in results:
        done = result.done
        counts = [len(result.of(fault)) for fault in Fault]
        cells = [
            f"{result.what} (`{result.fault}`)",
            done.begun,
            done.answers.total(),
            done.repeats,
            *counts,
            f"{done.pause_creates:.1f} s",
            f"{done.pause_events:.1f} s",
            result.redelivered,
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += [""] + [f"- `{each.fault}`: {each.notes}." for each in results if each.notes]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Return what it ran on: processor threads, memory, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processor threads, {memory:.0f} GiB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}"
    )
