"""Each service against its own OpenAPI document: what the document allows meets no fault of ours.

Schemathesis reads the document over HTTP and makes requests from it; no answer may be a server
error, or one that the document does not tell of.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from tests.seeded import seeded
from tests.servers import Cell
from tests.test_access import OPERATIONS, SERVICES, TABLE
from tests.test_matrix import EVERYBODY, Child, started

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EXAMPLES = 6
"""Requests an operation; a longer look is `--max-examples` on the command line below."""

NOT_MADE_UP = "^/v1/(imports/|operations/republish)"
"""No archive can be made up from a schema; and Kafka's topics are not here to be filled again."""


@contextlib.contextmanager
def served(name: str, cell: Cell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a service with a loop of its own behind a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    servers: list[uvicorn.Server] = []
    ready = threading.Event()

    async def serve() -> None:
        async with started(name, cell, folder, monkeypatch) as service:
            if name == "referral":  # lists answer with what is there, and with what was erased
                await seeded(service)
            app = service.service.app
            app.router.lifespan_context = _already_running
            server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
            servers.append(server)
            ready.set()
            await server.serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(60), "the service did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(60)
        listener.close()


@contextlib.asynccontextmanager
async def _already_running(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_the_document_allows_meets_no_fault_and_no_answer_that_it_does_not_tell_of(
    name: str, cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(name, cell, tmp_path, monkeypatch) as url:
        document: dict[str, Any] = httpx2.get(f"{url}/openapi.json", timeout=60).json()
        done = subprocess.run(  # noqa: S603 - a tool of this environment, fixed arguments
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", f"{url}/openapi.json", "--phases", "fuzzing"),
                *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
                *("--suppress-health-check", "all", "--exclude-path-regex", NOT_MADE_UP),
                *("-H", f"Authorization: Bearer {EVERYBODY}", "--no-color"),
            ],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]

    told = {
        f"{method.upper()} {path}": set(operation.get("x-enlace-roles", ()))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert told == {**TABLE[name], **OPERATIONS}


def test_a_path_is_filled_with_the_childs_own_ids() -> None:
    child = Child("f", "s", "r")

    assert child.path("/v1/students/{student}/notes") == "/v1/students/s/notes"
