"""Where what is handed in lies while it is read: in a file without a name.

The names of a whole district are in a roster, those of people at agencies in a directory. However
the process ends, the system takes the file back with it, so that no disk keeps what no erasure
would reach.
"""

import asyncio
import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

_FOLDERS = ("enlace-roster-*", "enlace-import-*")
"""What earlier versions wrote into: a killed import left it there for good."""


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
    """Remove what a killed import of an earlier version has left on this machine's disk.

    However young: who is still taken in by such a version sends it again, and loses nothing.
    """
    await asyncio.to_thread(_forget_left_behind)


def _forget_left_behind() -> None:
    for folders in _FOLDERS:
        for folder in Path(tempfile.gettempdir()).glob(folders):
            with contextlib.suppress(OSError):  # somebody else's, or gone by now
                shutil.rmtree(folder)
