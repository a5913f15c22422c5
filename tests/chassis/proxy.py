"""A connection to MongoDB that a test can cut, or make fall silent."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.chassis.build import eventually


def direct_uri(uri: str, host: str, port: int) -> str:
    """Return a connection string that goes through another address and looks for no member."""
    scheme, _, rest = uri.partition("://")
    user, _, _ = rest.partition("@")
    return f"{scheme}://{user}@{host}:{port}/?directConnection=true&authSource=admin"


@dataclass(slots=True)
class Proxy:
    """A loopback connection to a server, which can be cut, or fall silent (`speaks.clear()`)."""

    host: str
    port: int
    own_port: int = 0
    up: bool = True
    speaks: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        if not self.up:
            writer.close()
            return
        other_reader, other_writer = await asyncio.open_connection(self.host, self.port)
        self._writers |= {writer, other_writer}
        await asyncio.gather(self._pass(reader, other_writer), self._pass(other_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self.speaks.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
        self._writers.discard(writer)

    def cut(self) -> None:
        """End every connection, and take no other."""
        self.up = False
        for writer in list(self._writers):
            writer.close()

    def mend(self) -> None:
        """Take connections again."""
        self.up = True


@contextlib.asynccontextmanager
async def proxied(uri: str) -> AsyncIterator[tuple[Proxy, str]]:
    """Put a proxy before a MongoDB; yield it with the connection string through it."""
    host, _, port = uri.partition("@")[2].partition("/")[0].partition(":")
    before = asyncio.all_tasks()
    proxy = Proxy(host, int(port))
    proxy.speaks.set()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.own_port = server.sockets[0].getsockname()[1]
    try:
        yield proxy, direct_uri(uri, "127.0.0.1", proxy.own_port)
    finally:
        proxy.speaks.set()
        proxy.cut()
        server.close()
        await server.wait_closed()
        # What was cancelled may still be on its way to an end.
        await eventually(lambda: asyncio.all_tasks() <= before, "all tasks have ended")
        SOCKETS_LEFT.set()


SOCKETS_LEFT = threading.Event()
"""Set where a connection was cut.

PyMongo leaves a socket to the collector when its client is closed, or an operation cancelled, while
it connects.
"""
