"""The machine that a run was made on: figures say nothing without it."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.servers.jars import read_lock

_KAFKA = "org.apache.kafka:kafka_2.13:"


def describe(mongo_uri: str, *, own_kafka: bool) -> dict[str, str]:
    """Return what decides about speed here, with the load before the run."""
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        mongod = str(client.server_info()["version"])
    locked = [jar.coordinate for jar in read_lock() if jar.coordinate.startswith(_KAFKA)]
    kafka = locked[0].removeprefix(_KAFKA) if own_kafka and locked else "the one that was given"
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": str(os.cpu_count()),
        "processor": _line("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "memory": _line("/proc/meminfo", "MemTotal") or "unknown",
        "system": platform.platform(),
        "Python": platform.python_version(),
        "Kafka": kafka,
        "mongod": mongod,
        "load average at the start": ", ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def _line(path: str, name: str) -> str | None:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(found, None)
