"""The command: its help, its errors, and a real process that is killed and started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.local.carrier.running import ACCOUNT, FAMILY, LINE, TOKEN, Product, eventually, free_port

COMMAND = [sys.executable, "-m", "deploy.local.carrier"]
ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - a fixed command
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )


def test_help_names_the_rules() -> None:
    result = run("--help")
    assert result.returncode == 0
    for word in ("reorder", "duplicate", "+15005550002", "--clock-file", "/sim/ledger"):
        assert word in result.stdout


def test_a_wrong_account_is_explained(tmp_path: Path) -> None:
    result = run("--home", str(tmp_path), "--account", "me", "--auth-token", TOKEN)
    assert result.returncode == 2
    assert "account_sid" in result.stderr


def test_a_killed_process_goes_on_where_it_was(tmp_path: Path, product: Product) -> None:
    port = free_port()
    environment = os.environ | {
        "ENLACE_CARRIER_HOME": str(tmp_path),
        "ENLACE_CARRIER_ACCOUNT": ACCOUNT,
        "ENLACE_CARRIER_AUTH_TOKEN": TOKEN,
        "ENLACE_CARRIER_NUMBERS": LINE,
        "ENLACE_CARRIER_LATENCY": "0.5",
    }
    command = [*COMMAND, "--port", str(port)]
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return httpx2.get(url + "/health", trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False

    with subprocess.Popen(command, env=environment, cwd=ROOT) as first:  # noqa: S603 - a fixed command
        eventually(ready, 30)
        form = {"To": FAMILY, "From": LINE, "Body": "Hello", "StatusCallback": product.url}
        path = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        answer = httpx2.post(path, data=form, auth=(ACCOUNT, TOKEN), trust_env=False)
        assert answer.status_code == 201
        first.kill()
    with subprocess.Popen(command, env=environment, cwd=ROOT) as second:  # noqa: S603 - a fixed command
        try:
            eventually(lambda: "delivered" in product.statuses(), 30)
        finally:
            second.send_signal(signal.SIGTERM)
    assert second.returncode in {0, -signal.SIGTERM}
    assert {request.form["MessageSid"] for request in product.requests} == {answer.json()["sid"]}
