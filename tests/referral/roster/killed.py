"""`python -m tests.referral.roster.killed`: a referral service that is stuck in a roster.

For a test that kills it. It is told on its standard input where the servers are, and says `here`
once it is where it was to get stuck.
"""

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

from services.referral.imports.run import Import
from services.referral.imports.sealed import Written
from services.referral.main import build
from services.referral.model.roster_run import RosterRun
from services.referral.settings import ReferralSettings
from tests.referral.roster.district import PEOPLE, package
from tests.running import running
from tests.servers import Cell

NAME = "Inconfundible"
"""The family name of all of its children."""

_CHILDREN = 4_000
"""Far more than any buffer between a request and a disk holds."""


def roster() -> bytes:
    """Return a roster in clear, as an archive that is not compressed holds it."""
    letters = str.maketrans("0123456789", "abcdefghij")  # what has figures is nobody's name
    ids = [str(n).translate(letters) for n in range(_CHILDREN)]
    content = package(dict.fromkeys(ids, ("O1", NAME)))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert {each.compress_type for each in made.infolist()} == {zipfile.ZIP_STORED}
    return content


async def _stuck() -> None:
    print("here", flush=True)  # noqa: T201 - to the test
    await asyncio.Event().wait()


async def _sent(content: bytes, *, whole: bool) -> AsyncIterator[bytes]:
    yield content if whole else content[: len(content) // 2]
    if not whole:
        await _stuck()


async def _write(self: Import, written: Written, run: RosterRun, site: str) -> RosterRun:
    del self, written, site
    await _stuck()
    return run


async def main() -> None:
    """Take a roster in, and stop in the midst of it."""
    told = json.loads(sys.stdin.readline())
    cell, content = Cell(**told["cell"]), roster()
    if told["stuck"] == "writing":
        Import._write = _write  # type: ignore[method-assign] # where it gets stuck
    async with running(
        "referral", build, ReferralSettings, cell, Path(told["keys"]), PEOPLE
    ) as service:
        answer = await service.http.post(
            "/v1/imports/roster",
            content=_sent(content, whole=told["stuck"] == "writing"),
            params={"site": "site-01"},
            headers={
                **service.as_("rosa"),
                "Content-Type": "application/zip",
                "Content-Length": str(len(content)),
            },
            timeout=600,
        )
        raise RuntimeError(f"it was not stuck: {answer.status_code} {answer.text}")


if __name__ == "__main__":
    asyncio.run(main())
