"""The lines of a service's log that a person needs to see when something went wrong."""

import json
from pathlib import Path
from typing import Any

_SERIOUS = {"warning", "error", "critical"}
_LARGEST = 50_000_000  # bytes after which a log is put aside at the next start


def size(path: Path) -> int:
    """Return the length of a log in bytes, 0 where there is none: a mark to read on from."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def put_aside(path: Path) -> None:
    """Keep a log that has grown large as `.1`, so that the next starts empty."""
    if size(path) > _LARGEST:
        path.replace(path.with_suffix(path.suffix + ".1"))


def that_matter(path: Path, *, since: int = 0, most: int = 12) -> list[str]:
    """Return warnings, errors and whatever is no JSON, the newest `most` of them.

    Args:
        path: a service's log, JSON lines.
        since: byte to read from, as `size` gave it.
        most: how many lines at the most.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(since, size(path) - 1_000_000))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return [shown for line in lines if (shown := _shown(line))][-most:]


def _shown(line: str) -> str | None:
    try:
        entry: Any = json.loads(line)
    except ValueError:
        return line.rstrip()[:300] or None
    if not isinstance(entry, dict) or entry.get("level") not in _SERIOUS:
        return None
    kept = {key: value for key, value in entry.items() if key not in _DULL}
    words = " ".join(f"{key}={_short(value)}" for key, value in kept.items())
    at = str(entry.get("timestamp", ""))[11:19]
    return f"{at} {entry['level']} {entry.get('event', '')} {words}".strip()[:600]


_DULL = ("level", "event", "service", "timestamp", "trace_id", "logger")


def _short(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict) and "class" in value[0]:
        causes = [f"{each.get('class')} at {_place(each)}" for each in value]
        return f"[{', because of '.join(causes)}]"
    return str(value)


def _place(error: dict[str, Any]) -> str:
    """Return the innermost place of an error, as a service logs it: `file:line function`."""
    frames = error.get("frames") or ["?"]
    return str(frames[-1]).rpartition("/")[2]
