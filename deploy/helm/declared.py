"""What the chart is told by the code: topics, who reads and writes them, databases, keys, calls.

``python -m deploy.helm.declared`` writes `enlace/files/declared.json`, from which the chart renders
topics, access rights and network policies; ``--check`` fails where the file is not what it would
write. Nothing in it is written by hand a second time.
"""

import argparse
import ast
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.topic import BY_NAME, PARTITIONS, RULES, TOPICS
from deploy.local.servers.mongod import ORPHANED_SECONDS
from deploy.local.system.places import SERVICES, WITH_EVENTS
from deploy.local.system.users import databases_of
from services.chassis.events.topics import TOPIC_CONFIG
from services.chassis.keys import make_keys
from services.chassis.service import Chassis, Parts
from services.chassis.settings import ServiceSettings
from services.notify.main import build as notify
from services.notify.settings import NotifySettings
from services.partner.main import build as partner
from services.partner.settings import PartnerSettings
from services.referral.main import build as referral
from services.referral.settings import ReferralSettings
from services.reporting.main import build as reporting
from services.reporting.projections import projections
from services.reporting.settings import ReportingSettings

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("enlace") / "files" / "declared.json"

KEYS: Mapping[str, tuple[str, ...]] = {
    "referral": ("root.key", "link.key", "provider.key"),
    "partner": ("root.key", "link.key", "provider.key"),
    "notify": ("root.key", "link.key", "provider.key"),
    "reporting": ("root.key", "provider.key"),
    "portal": ("session.key",),
}
"""Keys that a service reads beside its own; a test starts it with these alone, and without each."""


def declared() -> dict[str, Any]:
    """Return everything, as plain JSON."""
    return {
        "partitions": PARTITIONS,
        "topicConfig": TOPIC_CONFIG,
        "transactionSeconds": ORPHANED_SECONDS,
        "topics": [
            {"name": topic.name, "owner": topic.owner, "restricted": topic.restricted}
            for topic in TOPICS
        ],
        "services": {name: _service(name) for name in SERVICES},
    }


def _service(name: str) -> dict[str, Any]:
    groups: dict[str, list[str]] = {}
    growing: dict[str, list[str]] = {}
    if name == "portal":
        reads = {RULES.name}  # from its beginning at each start, in no group
    else:
        parts = parts_of(name)
        groups = {group.name: sorted(group.topics) for group in parts.groups}
        if parts.more_groups is not None:
            # A group a generation: the prefix of its name is what stays.
            growing = {f"{each.name}.": sorted(each.topics) for each in projections("UTC").values()}
        reads = {topic for topics in [*groups.values(), *growing.values()] for topic in topics}
    return {
        "events": name in WITH_EVENTS,
        "writes": [topic.name for topic in TOPICS if topic.owner == name],
        "reads": sorted(reads, key=list(BY_NAME).index),
        "groups": dict(sorted(groups.items())),
        "growingGroups": dict(sorted(growing.items())),
        "databases": dict(sorted(databases_of(name).items())),
        "keys": [*KEYS[name], "services.jwks.json", f"{name}.pem"],
        "calls": sorted(calls_of(name)),
    }


def parts_of(name: str) -> Parts:
    """Build a service without any server, with keys made for it, and return its parts."""
    return asyncio.run(_built(name))


async def _built(name: str) -> Parts:
    with tempfile.TemporaryDirectory() as folder, _told(folder):
        make_keys(Path(folder))
        settings, build = BUILDS[name]
        chassis: Chassis[Any] = Chassis(name, settings())
        try:
            return build(chassis)
        finally:
            await chassis.close()


BUILDS: Mapping[str, tuple[type[ServiceSettings], Callable[[Any], Parts]]] = {
    "referral": (ReferralSettings, referral),
    "partner": (PartnerSettings, partner),
    "notify": (NotifySettings, notify),
    "reporting": (ReportingSettings, reporting),
}


@contextmanager
def _told(keys: str) -> Iterator[None]:
    """Tell a service the least that it asks for; what this machine has set is put back."""
    told = {
        "ENLACE_KEYS_DIR": keys,
        **{f"ENLACE_TWILIO_{each}": "none" for each in ("ACCOUNT", "TOKEN", "FROM")},
    }
    before = {name: value for name, value in os.environ.items() if name.startswith("ENLACE_")}
    for name in before:
        del os.environ[name]
    os.environ.update(told)
    try:
        yield
    finally:
        for name in told:
            del os.environ[name]
        os.environ.update(before)


def calls_of(name: str) -> set[str]:
    """Return the services whose address a service reads from its settings."""
    urls = {f"{other}_url": other for other in SERVICES if f"{other}_url" in _FIELDS}
    found = set()
    for file in (ROOT / "services" / name).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in urls:
                found.add(urls[node.attr])
    return found - {name}


_FIELDS = ServiceSettings.model_fields


def main() -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description="Write what the chart is told by the code.")
    parser.add_argument(
        "--check", action="store_true", help="only tell whether it is as it must be"
    )
    chosen = parser.parse_args()
    wanted = json.dumps(declared(), indent=2) + "\n"
    if not chosen.check:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == wanted:
        return 0
    sys.stderr.write(
        f"{FILE.relative_to(ROOT)} is not what the services declare now: "
        "python -m deploy.helm.declared\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
