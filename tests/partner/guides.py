"""Guides for agencies' engineers, run as they stand against a running service."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from tests.partner.district import District

GUIDES = Path(__file__).parents[2] / "docs" / "partners"
_BLOCK = re.compile(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


class Block(NamedTuple):
    """A block of a guide: its language, what it is for, its text."""

    language: str
    use: str
    text: str


def blocks(guide: str) -> list[Block]:
    """Return a guide's blocks in order."""
    return [Block(*each.groups()) for each in _BLOCK.finditer((GUIDES / guide).read_text())]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def served(district: District) -> AsyncIterator[str]:
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


async def follow(
    district: District, guide: str, folder: Path, given: Mapping[str, str], *, steps: int
) -> str:
    """Save a guide's files and run its steps in one shell; returns what they printed."""
    for each in blocks(guide):
        if each.language == "python":
            (folder / each.use).write_text(each.text)
    scripts = [each.text for each in blocks(guide) if (each.language, each.use) == ("sh", "run")]
    assert len(scripts) == steps
    stop = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
    async with served(district) as url:
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", stop + "\n".join(scripts)),
            cwd=folder,
            env={**os.environ, "ENLACE": url, **given},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(120):
            out, _ = await process.communicate()
    told = out.decode()
    assert process.returncode == 0, told
    return told
