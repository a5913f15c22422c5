"""Settling differences between a directory and staff."""

from typing import TypeVar

from contracts.event import Event
from services.chassis.errors import unknown
from services.chassis.http.commands import check_version
from services.chassis.needs import Needs
from services.chassis.store import Change, Found, Ref, Store
from services.partner.model.agency import Agency
from services.partner.model.registered import registered
from services.partner.model.service import Service
from services.partner.model.settling import Keep, settle_agency, settle_service

A = TypeVar("A", Agency, Service)


async def settle(
    store: Store,
    kind: type[Agency] | type[Service],
    id: str,
    field: str,
    keep: Keep,
    *,
    expected: int,
    needs: Needs,
    by: str,
) -> Agency | Service:
    """Let one side of a difference stand; topics carry needs as the district's let them.

    `by` is who settles it: an address that comes so waits for somebody else's yes.

    Raises:
        EnlaceError: there is none, or the record has changed since it was seen.
    """
    ref: Ref[Agency | Service] = Ref(kind, id)

    def work(found: Found) -> Change[Agency | Service]:
        known = found.get(ref)
        if known is None:
            raise unknown("service" if kind is Service else "agency")
        check_version(expected, known.version)
        after: Agency | Service = (
            settle_service(known, field, keep)
            if isinstance(known, Service)
            else registered(known, settle_agency(known, field, keep), by)
        )
        told: Event = after.event(needs) if isinstance(after, Service) else after.event()
        return Change(after.having(version=after.version + 1), [after], [told])

    return await store.update([ref], work)
