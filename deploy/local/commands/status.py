"""`enlace status`: what runs, and where."""

import httpx2
import typer

from deploy.local.commands.common import (
    DEFAULT,
    HomeOption,
    JsonOption,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.system import clock
from deploy.local.system.places import SERVICES, Home
from deploy.local.system.state import State


def status(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Show what runs and where; fails when a part does not."""
    system = running(home)
    ready = _readiness(system)
    rows = [
        {
            "part": name,
            "state": ready.get(name, "runs") if part.alive else "ended",
            "address": system.url(name) if name not in ("kafka", "mongod") else f"port {part.port}",
            "pid": part.pid,
            "log": str(part.log),
        }
        for name, part in system.parts.items()
    ]
    local = clock.now(Home(home))
    if as_json:
        content = {
            "phase": system.phase,
            "version": system.version,
            "clock": local.isoformat(),
            "parts": rows,
        }
        print_json(content)
    else:
        out.print(f"{system.phase}, version {system.version}, local time {local:%a %Y-%m-%d %H:%M}")
        heads = ("part", "state", "address", "pid", "log")
        print_table(heads, [[row[head] for head in heads] for row in rows])
    if any(row["state"] not in ("runs", "ready") for row in rows):
        raise typer.Exit(1)


def _readiness(system: State) -> dict[str, str]:
    """Ask each service whether it can do its work."""
    found = {}
    with httpx2.Client(timeout=5, trust_env=False) as client:
        for name in system.parts.keys() & set(SERVICES):
            try:
                good = client.get(system.url(name) + "/ready").is_success
                found[name] = "ready" if good else "not ready"
            except httpx2.HTTPError:
                found[name] = "does not answer"
    return found
