"""Where a roster lies while it is taken in: in a file without a name.

The names of a whole district are in it. However the process ends, the system takes the file back
with it, so that no disk keeps what no erasure would reach.
"""

import asyncio
import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

_FOLDERS = "enlace-roster-*"
"""What earlier releases wrote into: a killed import left it there for good."""

_SURELY_DEAD_SECONDS = 24 * 60 * 60.0


@contextlib.asynccontextmanager
async def received(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[IO[bytes], str]]:
    """Yield a file that holds what came, and its hash; it is gone afterwards, or with the process.

    Args:
        chunks: of the body, as they come.
    """
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as file:
        async for chunk in chunks:
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        yield file, digest.hexdigest()


async def forget_left_behind() -> None:
    """Remove what a killed import of an earlier release has left on this machine's disk.

    One younger than a day may be that of a process of such a release that still runs.
    """
    await asyncio.to_thread(_forget_left_behind)


def _forget_left_behind() -> None:
    for folder in Path(tempfile.gettempdir()).glob(_FOLDERS):
        with contextlib.suppress(OSError):  # somebody else's, or gone by now
            if time.time() - folder.stat().st_mtime > _SURELY_DEAD_SECONDS:
                shutil.rmtree(folder)
