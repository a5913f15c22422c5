"""Where the person is who asks for a page, for the services that keep who did what from where."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("client_address", default="")


def client_address() -> str:
    """Return the address of the browser whose request is answered; empty outside of one."""
    return _address.get()


@contextlib.contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Keep a browser's address while its request is answered."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)
