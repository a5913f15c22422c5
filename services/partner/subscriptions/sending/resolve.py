"""From a name to addresses that were checked. Done once an attempt; what was checked is connected.

A second look-up by the HTTP client could answer otherwise (DNS rebinding): it is given the address.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from services.partner.subscriptions.model.address import (
    Target,
    check,
    read_address,
)

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns a name's addresses, in the order in which they are to be tried.

Raises:
    OSError: the name is not known.
"""

MOST_ADDRESSES = 3
"""How many of a name's addresses are tried."""

_THREADS = 64
"""A name server that hangs holds one of them; the loop's own few would soon be used up."""


class UnknownNameError(Exception):
    """The name has no address."""


class SystemLookUp:
    """Asks the machine's resolver."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook-names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return a name's addresses.

        Raises:
            OSError: the name is not known.
        """

        def ask() -> list[str]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return [str(each[4][0]) for each in found]

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, ask)

    def close(self) -> None:
        """Let the threads go; one that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def addresses_of(target: Target, look_up: LookUp, *, local: bool) -> list[str]:
    """Return where a webhook may connect to, checked.

    One address inside refuses the whole name: an honest name has none.

    Raises:
        RefusedAddressError: one of them is no public address.
        UnknownNameError: there is none.
    """
    try:
        found = [str(read_address(target.host))]
    except ValueError:
        try:
            found = list(await look_up(target.host, target.port))
        except (OSError, UnicodeError):
            raise UnknownNameError from None
    checked: list[str] = []
    for text in found:
        try:
            address = read_address(text)
        except ValueError:
            raise UnknownNameError from None
        check(address, target.scheme, local=local)
        checked.append(text)
    if not checked:
        raise UnknownNameError
    return list(dict.fromkeys(checked))[:MOST_ADDRESSES]
