"""Requests for help: entered once, looked at by a coordinator, forgotten in time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from contracts.help_requests import HelpTexted, RequestSource
from contracts.sealed import Sealed
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.desk import Desk
from services.referral.model.help_request import (
    EVERY_SCHOOL,
    KEPT_AT_MOST,
    Child,
    Handled,
    Handling,
    HelpRequest,
    schools_of,
)
from services.referral.model.people import Family, Student

_SERVICE = "referral"


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    requests = store.collection(HelpRequest)
    await requests.create_index(
        [("sites", 1), ("asked_at", 1)],
        partialFilterExpression={"handled": None},
        name="open",
    )
    await requests.create_index([("sites", 1), ("_id", -1)])
    await requests.create_index([("by", 1), ("_id", -1)])
    await requests.create_index("student")
    await requests.create_index("families")
    await requests.create_index("key")
    await requests.create_index(
        "receipt", unique=True, partialFilterExpression={"receipt": {"$type": "string"}}
    )
    await requests.create_index(
        "forget_at", partialFilterExpression={"forgotten_at": None, "forget_at": {"$type": "date"}}
    )


async def put_request(desk: Desk, request: HelpRequest) -> HelpRequest:
    """Enter a request, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: the id was used with another body.
    """
    ref = Ref(HelpRequest, request.id)

    def enter(found: Found) -> Change[HelpRequest]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, request.fingerprint)
            return Change(known)
        return Change(request.having(version=1), [request], [request.received()], site=request.site)

    return await desk.store.update([ref], enter)


async def texted(desk: Desk, event: HelpTexted, at: datetime) -> None:
    """Enter the request of a family that texted, for the schools of whoever owns the number."""
    of_people = {"contacts.id": {"$in": list(event.people)}, "erasing": None}
    families = [each async for each in desk.store.find(Family, of_people)]
    families.sort(key=lambda each: _place(event.people, each))
    ids = [each.id for each in families]
    children = [each async for each in desk.store.find(Student, {"family": {"$in": ids}})]
    attending = [each for each in children if each.attends] or children
    schools = [
        site
        for family in families
        for site in ([each.site for each in attending if each.family == family.id] or [family.site])
    ]
    site, sites = schools_of(schools)
    only = attending[0] if len(attending) == 1 else None
    unowned = not event.people
    await put_request(
        desk,
        HelpRequest(
            id=event.help_request,
            site=site,
            sites=sites,
            source=RequestSource.TEXT,
            asked=event.asked,
            key=event.help_request if unowned else event.people[0],
            asked_at=at,
            student=only.id if only else None,
            families=tuple(ids),
            person=event.people[0] if event.people else None,
            crisis=event.crisis is True,
            forget_at=at + KEPT_AT_MOST if unowned else None,
        ),
    )


def _place(people: tuple[str, ...], family: Family) -> int:
    return min(people.index(each.id) for each in family.contacts if each.id in people)


async def handle(desk: Desk, id: str, wanted: Handled, *, expected: int | None) -> HelpRequest:
    """Say that a request was handled without a new referral; a repeat changes nothing.

    Raises:
        EnlaceError: there is none, it was handled otherwise, or it has changed since.
    """
    days = desk.rules().help_request_days
    return await _end(desk, id, wanted, expected, lambda known: known.ended(wanted, days))


async def take_up(
    desk: Desk,
    id: str,
    wanted: Handled,
    child: Child,
    asked: Sealed | None,
    *,
    expected: int | None,
) -> HelpRequest:
    """Say which referral answers a request; a repeat changes nothing.

    Raises:
        EnlaceError: there is none, it was handled otherwise, or it has changed since.
    """
    return await _end(
        desk, id, wanted, expected, lambda known: known.taken_up(wanted, child, asked)
    )


async def _end(
    desk: Desk,
    id: str,
    wanted: Handled,
    expected: int | None,
    step: Callable[[HelpRequest], HelpRequest],
) -> HelpRequest:
    ref = Ref(HelpRequest, id)

    def end(found: Found) -> Change[HelpRequest]:
        known = found.get(ref)
        if known is None:
            raise unknown("request")
        if not known.need_open(wanted):
            return Change(known)
        if expected is not None:
            check_version(expected, known.version)
        after = step(known)
        told = [known.told_handled()]
        return Change(after.having(version=known.version + 1), [after], told, known.site)

    return await desk.store.update([ref], end)


async def end_for_erasure(desk: Desk, family: str, students: list[str]) -> None:
    """End what a family that is being erased has open; nobody is told of it.

    What another family of the same number may have asked stays for the coordinator.
    """
    household = await desk.store.get(Family, family)
    theirs = {family, *(household.absorbed if household else ())}
    query = {
        "handled": None,
        "$or": [{"student": {"$in": students}}, {"families": {"$in": sorted(theirs)}}],
    }
    for each in [one async for one in desk.store.find(HelpRequest, query)]:
        if each.student not in students and not theirs.issuperset(each.families):
            continue
        ref = Ref(HelpRequest, each.id)

        def end(found: Found, ref: Ref[HelpRequest] = ref) -> Change[None]:
            known = found.get(ref)
            if known is None or known.handled is not None:
                return Change(None)
            at = desk.clock.now()
            done = Handled(how=Handling.ERASED, at=at, by=_SERVICE)
            after = known.having(handled=done, person=None)
            return Change(None, [after], [after.told_handled()], known.site)

        await desk.store.update([ref], end)


def seen_query(sites: frozenset[str]) -> dict[str, Any]:
    """Return the question for the requests that the coordinators of these schools see."""
    return {} if "*" in sites else {"sites": {"$in": [*sorted(sites), EVERY_SCHOOL]}}


async def open_requests(store: Store, sites: frozenset[str]) -> list[HelpRequest]:
    """Return what nobody has looked at yet, the longest wait first."""
    if not sites:
        return []
    found = store.find(HelpRequest, {**seen_query(sites), "handled": None}, sort=[("asked_at", 1)])
    return [each async for each in found]


async def list_requests(
    store: Store,
    query: dict[str, Any],
    *,
    open_only: bool,
    before: str | None,
    limit: int,
) -> list[HelpRequest]:
    """Return requests, newest first."""
    wanted = dict(query)
    if open_only:
        wanted["handled"] = None
    if before is not None:
        wanted["_id"] = {"$lt": before}
    found = store.find(HelpRequest, wanted, sort=[("_id", -1)], limit=limit)
    return [each async for each in found]


async def to_forget(store: Store, now: datetime) -> list[HelpRequest]:
    """Return those whose own key is to be destroyed now."""
    query = {"forgotten_at": None, "forget_at": {"$lte": now}}
    return [each async for each in store.find(HelpRequest, query, limit=200)]


async def forgotten(desk: Desk, id: str) -> None:
    """Keep that a request's own key is destroyed."""
    ref = Ref(HelpRequest, id)

    def keep(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None or known.forgotten_at is not None:
            return Change(None)
        return Change(None, [known.forgotten(desk.clock.now())], site=known.site)

    await desk.store.update([ref], keep)
