"""`enlace status`: what runs, and where."""

from typing import Any

import httpx2
import typer
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.commands.common import (
    DEFAULT,
    HomeOption,
    JsonOption,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.servers.jars import KAFKA_VERSION
from deploy.local.system import clock
from deploy.local.system.places import SERVICES, Home
from deploy.local.system.state import State


def status(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Show what runs and where; fails when a part does not."""
    system = running(home)
    ready = _readiness(system)
    versions = _versions(system)
    rows = [
        {
            "part": name,
            "state": ready.get(name, "runs") if part.alive else "ended",
            "address": _address(system, name, part.port),
            "version": versions.get(name, ""),
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
            "pid": system.pid,
            "clock": local.isoformat(),
            "parts": rows,
        }
        print_json(content)
    else:
        out.print(f"{system.phase}, version {system.version}, local time {local:%a %Y-%m-%d %H:%M}")
        heads = ("part", "state", "address", "version", "pid", "log")
        print_table(heads, [[row[head] for head in heads] for row in rows])
    if any(row["state"] not in ("runs", "ready") for row in rows):
        raise typer.Exit(1)


def _address(system: State, name: str, port: int) -> str:
    return f"127.0.0.1:{port}" if name in {"kafka", "mongod"} else system.url(name)


def _versions(system: State) -> dict[str, str]:
    """Return the version of each part that has one of its own."""
    ours = dict.fromkeys(SERVICES, system.version)
    return {**ours, "kafka": KAFKA_VERSION, "mongod": _mongod_version(system)}


def _mongod_version(system: State) -> str:
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(
            f"mongodb://127.0.0.1:{system.parts['mongod'].port}",
            directConnection=True,
            serverSelectionTimeoutMS=2_000,
        )
        with client:
            # Told to anybody, before signing in.
            found: str = client.admin.command("buildInfo")["version"]
            return found
    except (PyMongoError, KeyError):
        return ""


def _readiness(system: State) -> dict[str, str]:
    """Ask each service, and the event viewer, whether it can do its work."""
    found = {}
    with httpx2.Client(timeout=5, trust_env=False) as client:
        for name in system.parts.keys() & {*SERVICES, "viewer"}:
            try:
                good = client.get(system.url(name) + "/ready").is_success
                found[name] = "ready" if good else "not ready"
            except httpx2.HTTPError:
                found[name] = "does not answer"
    return found
