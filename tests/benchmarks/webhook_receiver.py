"""A fast receiver of webhooks, run as `python -m tests.benchmarks.webhook_receiver`.

It prints its port, answers every request with 200, and those whose path begins with `/hangs` never.
For every line on its standard input it prints what came since the last one, as one line of JSON:
the time in ns since 1970 at which each `webhook-id` came for the first time.
"""

import asyncio
import json
import sys
import time
from asyncio import Protocol, Transport

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_END = b"\r\n\r\n"


class Receiving(Protocol):
    """One connection."""

    def __init__(self, came: dict[str, int]) -> None:
        self._came = came
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is here as a whole."""
        self._rest += data
        while (end := self._rest.find(_END)) >= 0:
            lines = self._rest[:end].decode("latin-1").split("\r\n")
            fields = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
            size = end + len(_END) + int(fields.get("content-length", "0"))
            if len(self._rest) < size:
                return
            self._rest = self._rest[size:]
            self._came.setdefault(fields.get("webhook-id", ""), time.time_ns())
            if not lines[0].startswith("POST /hangs"):
                self._transport.write(_ANSWER)


async def main() -> None:
    """Serve until standard input ends."""
    came: dict[str, int] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Receiving(came), "127.0.0.1", 0)
    _say(server.sockets[0].getsockname()[1])
    while await asyncio.to_thread(sys.stdin.readline):
        _say(came)
        came.clear()
    server.close()


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - its way to tell


if __name__ == "__main__":
    asyncio.run(main())
