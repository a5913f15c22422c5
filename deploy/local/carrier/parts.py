"""What the routes work with, and how they reach it."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from deploy.local.carrier.callbacks import Courier
from deploy.local.carrier.clock import Clock
from deploy.local.carrier.errors import Problem
from deploy.local.carrier.exchange import Exchange
from deploy.local.carrier.feed import Feed
from deploy.local.carrier.numbers import is_phone
from deploy.local.carrier.settings import Options, SettingsBook

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass
class Parts:
    """The simulator, put together.

    Attributes:
        working: The courier's task while the server runs.
    """

    options: Options
    settings: SettingsBook
    clock: Clock
    feed: Feed
    exchange: Exchange
    courier: Courier
    working: asyncio.Task[None] | None = field(default=None)


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Here = Annotated[Parts, Depends(_parts)]


def _number(number: str) -> str:
    if not is_phone(number):
        raise Problem(
            404,
            "not-a-number",
            "That is not a phone number",
            f"{number!r} is not a phone number. Write it with + and the country code, without "
            "spaces, for example +14155550123.",
        )
    return number


Number = Annotated[str, Depends(_number)]


def same_origin(request: Request) -> None:
    """Refuse a change that another site's page asks the browser for.

    Anything on this machine may use the simulator; a web page from elsewhere that a person has
    open may not text or delete through their browser.

    Raises:
        Problem: 403, nothing was changed.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is None:
        origin = request.headers.get("origin")
        allowed = origin is None or origin == f"http://{request.headers.get('host')}"
    else:
        allowed = site in {"same-origin", "none"}
    if not allowed:
        raise Problem(
            403,
            "cross-site",
            "Another site asked for this",
            "Open the simulator's own page and do it there; nothing was changed.",
        )
