"""The benchmarks run and tell what they should; how fast this machine is proves nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.servers import KAFKA, KEPT_UP, MONGO

_ROOT = Path(__file__).parents[2]
_MINUTES = 10

NAMES = {
    "relay-drain",
    "relay-drain-batches",
    "projection-catch-up",
    "projection-catch-up-raw",
    "request-to-reader",
    "request-to-reader-direct",
    "request-to-reader-p99",
    "framework-tax",
    "consumer-beside-bare",
    "name-search",
    "need-matching",
    "roster-import",
    "roster-memory",
    "due-times",
    "due-times-claims",
    "referral-commands",
    "hot-service-claims",
    "webhooks",
    "webhooks-apart",
}


def test_the_short_form_runs_and_writes_its_results(
    tmp_path: Path, kafka_bootstrap: str, mongo_uri: str
) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--short", "--out", str(tmp_path)]
    servers = {KEPT_UP[KAFKA]: kafka_bootstrap, KEPT_UP[MONGO]: mongo_uri}
    subprocess.run(  # noqa: S603 - this repository's own module
        command, check=True, cwd=_ROOT, env={**os.environ, **servers}, timeout=_MINUTES * 60
    )

    document = json.loads((tmp_path / "results.json").read_text())
    assert document["short"] is True
    assert {"cores", "memory", "processor", "Python", "Kafka", "mongod"} <= set(document["machine"])
    results = {result["name"]: result for result in document["results"]}
    assert set(results) == NAMES
    for result in results.values():
        assert result["ours"]["value"] >= 0
        if result["other"] is None:  # a peer that cannot be had says so
            assert result["ratio"] is None
            assert result["notes"]
        else:
            assert result["ratio"] >= 0
    text = (tmp_path / "results.md").read_text()
    assert all(f"| {name} |" in text for name in NAMES)
