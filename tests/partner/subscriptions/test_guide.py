"""The guide for agencies' engineers, run as it stands: from nothing to a verified event."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from services.partner.subscriptions.model.kinds import Kind
from tests.partner.subscriptions.subscribed import Subscribed

GUIDE = Path(__file__).parents[3] / "docs" / "partners" / "README.md"
BLOCK = re.compile(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


def blocks() -> list[tuple[str, str, str]]:
    """Return each block's language, what it is for, and its text."""
    return [(each[1], each[2], each[3]) for each in BLOCK.finditer(GUIDE.read_text())]


@asynccontextmanager
async def served(district: Subscribed) -> AsyncIterator[str]:
    """Put the running service behind a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        district.service.service.app, log_config=None, access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def test_the_guide_leads_to_a_verified_event(district: Subscribed, tmp_path: Path) -> None:
    smiles = await district.provider("Smiles")
    key = (await district.key(smiles, "feed", "webhooks"))["Authorization"].removeprefix("Bearer ")
    await district.offer(smiles)
    await district.pump()
    for language, name, text in blocks():
        if language == "python":
            (tmp_path / name).write_text(text)
            assert len([line for line in text.splitlines() if line]) <= 20
    steps = [text for language, use, text in blocks() if (language, use) == ("sh", "run")]
    assert len(steps) == 5
    stop = "trap 'kill $(jobs -p) 2>/dev/null' EXIT\n"
    async with served(district) as url:
        env = {**os.environ, "ENLACE": url, "KEY": key, "PORT": str(free_port())}
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-euo",
            "pipefail",
            "-c",
            stop + "\n".join(steps),
            cwd=tmp_path,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(120):
            out, _ = await process.communicate()
    told = out.decode()
    assert process.returncode == 0, told
    assert "verified org.enlace.test.v1" in told
    assert '"outcome":"delivered"' in told
    assert told.count('"type":"org.enlace.offer.opened.v1"') == 2


def test_the_guide_names_every_type_there_is_and_no_other() -> None:
    named = re.findall(r"^\| `(org\.enlace\.offer\.[\w.-]+)` \|", GUIDE.read_text(), re.MULTILINE)
    assert named == [each.value for each in Kind]
