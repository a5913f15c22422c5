"""What somebody typed into a form that was refused as a whole: shown, and sent again in one press.

A form shows what it can put right itself. Whatever else happens (a part that does not answer, a
session that ran out, a refusal that no form knows of), no word is lost.
"""

import re
from dataclasses import dataclass

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

_PASSING = frozenset({401, 429, 503})
"""After these the same form can be taken a little later."""

_NO_WORDS = re.compile(r"[a-z0-9_.:@/+-]*|[0-9T:.+-]*Z?|[0-9a-fA-F-]{36}")
"""Codes, ids, numbers and times: chosen, or put there by the page."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form held.

    Attributes:
        to: where it was sent.
        fields: every field, to send it again; empty where that would not help.
        wrote: the words among them, to be read and copied.
    """

    to: str
    fields: tuple[tuple[str, str], ...]
    wrote: tuple[str, ...]


async def kept_of(request: Request, status: int) -> Kept | None:
    """Return what a request brought that was refused; None where that is nothing.

    Args:
        request: which was refused.
        status: with what.
    """
    if request.method != "POST":
        return None
    try:
        form = await request.form()
    except (HTTPException, RuntimeError, ClientDisconnect):
        return None  # nothing was read of it: too large, or broken off
    # A file is chosen anew: its bytes do not go back and forth.
    fields = tuple((name, text) for name, text in form.multi_items() if isinstance(text, str))
    wrote = tuple(text for _, text in fields if text.strip() and not _NO_WORDS.fullmatch(text))
    again = fields if status in _PASSING else ()
    if not again and not wrote:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return Kept(f"{request.url.path}{query}", again, wrote)
