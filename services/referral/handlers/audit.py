"""Lines of the audit log: written with the change they tell of, or before what they tell is read.

A line that goes with a change is one of its `save`: the same transaction writes both or neither.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.chassis.auth import Principal
from services.chassis.ids import new_id
from services.chassis.store import Change, Store
from services.referral.handlers.desk import Desk
from services.referral.model.audit import Action, Actor, AuditEntry, entry

SERVICE = Actor(subject="referral")
"""What the service does by itself, on a due time or at its start."""


def actor_of(caller: Principal) -> Actor:
    """Return who is calling, as the log keeps it."""
    roles = (f"{role}:{scope}" if scope else role.value for role, scope in caller.grants)
    return Actor(
        subject=caller.subject,
        roles=tuple(sorted(roles)),
        request=caller.origin.request,
        address=caller.origin.address,
        via=caller.origin.via.value,
    )


def line(
    actor: Actor,
    action: Action,
    now: datetime,
    *,
    site: str | None = None,
    about: Mapping[str, str | None] | None = None,
) -> AuditEntry:
    """Return a new line; of a change that runs again, only the last one is written."""
    return entry(actor, action, now, id=new_id(), site=site, about=about)


async def note(
    desk: Desk,
    actor: Actor,
    action: Action,
    *,
    site: str | None = None,
    about: Mapping[str, str | None] | None = None,
) -> None:
    """Write down that something is being read, before it is.

    Raises:
        PyMongoError: it could not be written; then nothing may be shown.
    """
    fresh = line(actor, action, desk.clock.now(), site=site, about=about)
    await desk.store.update([], lambda _: Change(None, [fresh]))


async def create_indexes(store: Store) -> None:
    """Make what the list's filters need."""
    rows = store.collection(AuditEntry)
    await rows.create_index([("at", -1), ("_id", -1)])
    for field in ("action", "subject", "site"):
        await rows.create_index([(field, 1), ("at", -1), ("_id", -1)])
    await rows.create_index([("about.$**", 1)])


async def lines(
    store: Store,
    query: Mapping[str, Any],
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[AuditEntry]:
    """Return lines that match, newest first, from a place on."""
    wanted: dict[str, Any] = dict(query)
    if before is not None:
        at, id = before
        older = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id}}]
        wanted = {"$and": [wanted, {"$or": older}]}
    found = store.find(AuditEntry, wanted, sort=[("at", -1), ("_id", -1)], limit=limit)
    return [each async for each in found]
