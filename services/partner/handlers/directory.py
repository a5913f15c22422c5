"""Agencies, services and agreements as staff enter them. Nothing here opens a sealed value."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from contracts.event import Event
from services.chassis.errors import stale, unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Change, Found, Ref, Store
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.service import Service

A = TypeVar("A", Agency, Service, Agreement)


async def put(
    store: Store,
    fresh: A,
    *,
    expected: int | None,
    keep: Sequence[str] = (),
    tell: Callable[[A], Event],
    need: Sequence[Ref[Any]] = (),
    allow: Callable[[A | None], None] = lambda _: None,
    finish: Callable[[A | None, A], A] = lambda _, after: after,
) -> A:
    """Enter something, or replace it in the version that the caller saw.

    Args:
        store: of the service.
        fresh: the new state; its `fingerprint` is of the body, and the same body again changes
            nothing.
        expected: the version seen; None creates.
        keep: fields of the known state that a body does not hold.
        tell: what to say of the new state to the other services.
        need: what must exist beside it.
        allow: raises where the caller may not touch the known state.
        finish: what follows from the known state and the new one.

    Raises:
        EnlaceError: the id was used with another body, it has changed since, or what it belongs
            to does not exist.
    """
    ref: Ref[A] = Ref(type(fresh), fresh.id)

    def enter(found: Found) -> Change[A]:
        known = found.get(ref)
        allow(known)
        if known is None and expected is not None:
            raise stale(expected, 0)
        if known is not None:
            repeated = expected is None and known.created == fresh.fingerprint
            if repeated or known.fingerprint == fresh.fingerprint:
                return Change(known)
            if expected is None:
                check_repeat(known.fingerprint, fresh.fingerprint)
            check_version(expected or 0, known.version)
        for each in need:
            if found.get(each) is None:
                raise unknown(each.kind.__name__.lower())
        after = fresh.having(created=fresh.fingerprint)
        if known is not None:
            kept = {name: getattr(known, name) for name in ("version", "created", *keep)}
            after = fresh.having(**kept)
        after = finish(known, after)
        events = [tell(after)]
        return Change(after.having(version=after.version + 1), [after], events)

    return await store.update([ref, *need], enter)
