"""`python -m tests.partner.killed`: a partner service that is stuck in a directory.

For a test that kills it; see `tests.killing`.
"""

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

from services.chassis.needs import Needs
from services.partner.api import imports
from services.partner.directory.model import DirectoryPackage
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.district import PEOPLE
from tests.partner.test_imports import CONTACTS, package
from tests.running import running
from tests.servers import Cell

_PEOPLE = 20_000
"""Far more than any buffer between a request and a disk holds."""


def directory() -> bytes:
    """Return a directory in clear, as an archive that is not compressed holds it."""
    content = package(contacts=[{**CONTACTS[0], "id": f"c{n}"} for n in range(_PEOPLE)])
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert {each.compress_type for each in made.infolist()} == {zipfile.ZIP_STORED}
    return content


def _here() -> None:
    print("here", flush=True)  # noqa: T201 - to the test


async def _sent(content: bytes, *, whole: bool) -> AsyncIterator[bytes]:
    yield content if whole else content[: len(content) // 2]
    if not whole:
        _here()
        await asyncio.Event().wait()


def _read(source: object, needs: Needs) -> DirectoryPackage:
    del source, needs
    _here()
    sys.stdin.read()  # as long as the test lets it
    raise RuntimeError("it was not killed")


async def main() -> None:
    """Take a directory in, and stop in the midst of it."""
    told = json.loads(sys.stdin.readline())
    cell, content = Cell(**told["cell"]), directory()
    if told["stuck"] == "reading":
        vars(imports)["read_directory"] = _read  # where it gets stuck
    async with running(
        "partner", build, PartnerSettings, cell, Path(told["keys"]), PEOPLE
    ) as service:
        answer = await service.http.post(
            imports.PATH,
            content=_sent(content, whole=told["stuck"] == "reading"),
            headers={
                **service.as_("admin"),
                "Content-Type": "application/zip",
                "Content-Length": str(len(content)),
            },
            timeout=600,
        )
        raise RuntimeError(f"it was not stuck: {answer.status_code} {answer.text}")


if __name__ == "__main__":
    asyncio.run(main())
