"""A district's roster taken in, beside children entered one by one; and what it takes of memory."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measure import figure, say
from tests.benchmarks.report import AT_LEAST, AT_MOST, Result
from tests.benchmarks.roster_peak import write_roster
from tests.servers import Cell

GOAL = 5.0
FLAT = 1.5
"""At most so many times the memory of a tenth of the rows: flat, but for the noise."""

_ROOT = Path(__file__).parents[2]


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    del folder
    few, many, sample = (60, 300, 10) if short else (6_000, 60_000, 400)
    small = await _measured(cell, few, sample)
    large = await _measured(cell, many, sample)
    each = many / large["seconds"]
    alone = 1 / large["one"]
    speed = Result(
        "roster-import",
        f"Children a second of a roster of {many:,}, read, checked, sealed and written in slices; "
        f"beside {sample} children entered one by one before it and as many after, with as many "
        "households and contacts, through the same handlers, vault, store and event log.",
        "children/s",
        figure("roster", [each]),
        figure("one by one", [alone]),
        each / alone,
        None if short else GOAL,
        AT_LEAST,
        "parts",
        [
            (
                f"The roster took {large['seconds']:.0f} s; the same again, which changes nothing, "
                f"{large['again']:.0f} s."
            )
        ],
    )
    memory = Result(
        "roster-memory",
        f"The largest size of a process that took in {many:,} children, beside one that took in "
        f"{few:,}.",
        "MiB",
        figure(f"{many:,}", [large["peak"] / 1024]),
        figure(f"{few:,}", [small["peak"] / 1024]),
        large["peak"] / small["peak"],
        None if short else FLAT,
        AT_MOST,
        "limit",
        [
            (
                f"Beyond what the process had before: {large['grown'] / 1024:.0f} MiB, and "
                f"{small['grown'] / 1024:.0f} MiB."
            )
        ],
    )
    return [speed, memory]


async def _measured(cell: Cell, children: int, sample: int) -> dict[str, float]:
    """Take a roster in, in a process of its own.

    Raises:
        RuntimeError: the process failed; its words were written to the error output.
    """
    with tempfile.TemporaryDirectory(prefix="enlace-bench-") as folder:
        path = Path(folder, "roster.zip")
        write_roster(path, children)  # here, so that it is none of what is measured there
        asked = {
            "mongo": cell.mongo_uri,
            "database": f"{cell.database_prefix}roster_{children}",
            "path": str(path),
            "sample": sample,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.roster_peak"),
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        # Through a pipe: an argument could be read by everybody on the machine.
        out, _ = await process.communicate(json.dumps(asked).encode())
    if process.returncode:
        raise RuntimeError(f"the import of {children} children failed")
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    say(f"  {children:,} children: {found['seconds']:.1f} s, {found['peak'] / 1024:.0f} MiB")
    return found
