"""A refusal because somebody else acted first says who did what."""

import contextlib
from collections.abc import AsyncIterator

from services.chassis.acting import ActorKind
from services.chassis.auth import Principal
from services.chassis.errors import EnlaceError, Kind
from services.referral.api.context import Context
from services.referral.api.history import names_of
from services.referral.handlers import history
from services.referral.model.referral import Referral

_LAST = 3
"""Changes that are told: what one missed since a page was opened, not the whole history."""


@contextlib.asynccontextmanager
async def told_meanwhile(
    context: Context, caller: Principal, referral: Referral
) -> AsyncIterator[None]:
    """Add the last changes to a refusal for a stale version or a wrong state.

    Raises:
        EnlaceError: what was raised inside, with `meanwhile`.
    """
    try:
        yield
    except EnlaceError as error:
        if error.kind is Kind.STALE or error.slug == "wrong-state":
            lines = await history.history(
                context.store, referral, reader=caller.subject, before=None, limit=_LAST
            )
            names = await names_of(context, lines)
            error.meanwhile = [
                {
                    "what": line.what,
                    "at": line.at.isoformat(),
                    "by": line.subject or None,
                    "name": names.get(line.subject) if line.kind is ActorKind.STAFF else None,
                }
                for line in lines
            ]
        raise
