"""Rounds, medians and profiles: sides of a comparison take turns, so that noise meets them all."""

import asyncio
import cProfile
import gc
import io
import pstats
import resource
import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.report import Figure, Result

Side = Callable[[], Awaitable[float]]
"""Does the work once and returns its figure."""


async def rounds(sides: Mapping[str, Side], count: int) -> dict[str, list[float]]:
    """Run each side once a round, in turns, the first one changing; return figures by side.

    One round goes before and is thrown away: caches are warm and connections open afterwards. The
    short form, of one round, leaves it out.
    """
    names = list(sides)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1 if count > 1 else 0, count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            gc.collect()
            figure = await sides[name]()
            if number >= 0:
                found[name].append(figure)
            say(f"  {'warm-up' if number < 0 else f'round {number + 1}'}: {name} {figure:,.1f}")
    return found


def figure(name: str, values: Sequence[float]) -> Figure:
    """Return the median with what it was made of."""
    return Figure(name, statistics.median(values), tuple(values))


def ratio(ours: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the rounds' own ratios."""
    return statistics.median(mine / its for mine, its in zip(ours, other, strict=True))


def compare(
    name: str,
    what: str,
    unit: str,
    *,
    ours: tuple[str, Sequence[float]],
    other: tuple[str, Sequence[float]],
    goal: float | None,
    direction: str,
    kind: str,
    notes: Sequence[str] = (),
) -> Result:
    """Put two sides of the same rounds beside each other."""
    return Result(
        name,
        what,
        unit,
        figure(*ours),
        figure(*other),
        ratio(ours[1], other[1]),
        goal,
        direction,
        kind,
        list(notes),
    )


async def profiled(side: Side, path: Path) -> str:
    """Run a side once under cProfile, write its top functions; return a sentence on them."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        await side()
    finally:
        profile.disable()
    return f"Goal missed; where the time goes: {_write(profile, path)} (`{path.name}`)."


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 120) -> None:
    """Wait until something holds, looking every 20 ms.

    Raises:
        TimeoutError: it did not in time; then something is broken.
    """
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - it holds in a database, which sends no event
            await asyncio.sleep(0.02)


def _write(profile: cProfile.Profile, path: Path) -> str:
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    stats.sort_stats("tottime").print_stats(40)
    stats.sort_stats("cumulative").print_stats(60)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue())
    return _sentence(stats)


def _sentence(stats: pstats.Stats) -> str:
    table: dict[tuple[str, int, str], tuple[int, int, float, float, object]]
    table = stats.stats  # type: ignore[attr-defined] # typeshed leaves it out
    total = sum(row[2] for row in table.values()) or 1.0
    top = sorted(table.items(), key=lambda item: -item[1][2])[:5]
    return ", ".join(
        f"{Path(file).name}:{line} {function} {row[2] / total:.0%}"
        for (file, line, function), row in top
    )


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command's progress


def size(*, largest: bool = False) -> int:
    """Return the process's size in KiB: now, or the largest so far.

    On Linux `ru_maxrss` starts at the size of the program that started this one; `/proc` does not.
    """
    name = "VmHWM" if largest else "VmRSS"
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
