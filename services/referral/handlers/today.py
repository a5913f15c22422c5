"""The today queue, read from this service's own database: what one just did is there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.follow_ups import EscalationLevel
from services.chassis.store import Store
from services.referral.handlers.desk import Desk
from services.referral.handlers.help_requests import open_requests
from services.referral.handlers.today_records import Sight, calls_besides
from services.referral.model.consent import ConsentBook
from services.referral.model.follow_up import FollowUpNote, local_date
from services.referral.model.people import Family
from services.referral.model.question import AgencyQuestion
from services.referral.model.referral import OPEN, Referral, State
from services.referral.model.today import queue, withheld
from services.referral.model.today_rows import Row
from services.referral.model.told import ToldMessage

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def create_indexes(store: Store) -> None:
    """Make what the queries of the queue and of messages need."""
    referrals = store.collection(Referral)
    # Only those that call for somebody are in it: a few of a school's thousands.
    await referrals.create_index(
        [("site", 1), ("calls_until", 1), ("calls_from", 1)],
        partialFilterExpression={"calls_until": {"$gt": _EVER}},
        name="calls",
    )
    await referrals.create_index("family")
    await referrals.create_index(
        "re_referral_of", partialFilterExpression={"re_referral_of": {"$gt": ""}}
    )
    await store.collection(ConsentBook).create_index([("site", 1), ("consents.until", 1)])
    await store.collection(Family).create_index("contacts.id")
    await store.collection(ToldMessage).create_index("referral")
    await store.collection(AgencyQuestion).create_index("referral")
    await store.collection(FollowUpNote).create_index("referral")


async def rows(desk: Desk, sight: Sight, *, zone: str) -> list[Row]:
    """Return the queue of a caller's schools, in its order.

    Args:
        desk: where things are kept.
        sight: what the caller may see.
        zone: the district's IANA zone, for the days on which consents end.
        requests_of: schools whose requests for help the caller looks at; `*` for all.
    """
    now = desk.clock.now()
    seen, sites = sight.seen, sight.sites
    days = desk.rules().consent_ends_soon_days
    calling = [each async for each in desk.store.find(Referral, calling_query(seen, now))]
    books = await _ending(desk.store, seen, ending_query(sites, now, zone, days))
    ids = [each.id for each in calling]
    gone_on = await _re_referred(desk.store, ids)
    unseen = [each async for each in desk.store.find(Referral, unseen_query(sight.unseen, now))]
    besides = [*await calls_besides(desk, sight, zone=zone), *withheld(unseen)]
    requests = await open_requests(desk.store, sight.leads)
    return queue(
        calling,
        books,
        now,
        consent_days=days,
        re_referred=gone_on,
        besides=besides,
        requests=requests,
    )


async def open_count(desk: Desk, seen: dict[str, Any]) -> int:
    """Return how many referrals are open, of those that the caller may see."""
    states = sorted(each.value for each in OPEN)
    return await desk.store.collection(Referral).count_documents({**seen, "state": {"$in": states}})


def newer_query(ids: Sequence[str]) -> dict[str, Any]:
    """Return the question for referrals that go on from one of these, and were not given up."""
    given_up = [State.CANCELLED.value, State.ENTERED_IN_ERROR.value]
    return {"re_referral_of": {"$in": list(ids)}, "state": {"$nin": given_up}}


async def _re_referred(store: Store, ids: Sequence[str]) -> frozenset[str]:
    """Return those of these referrals that a newer one goes on from."""
    rows = store.collection(Referral).find(newer_query(ids), projection={"re_referral_of": 1})
    return frozenset([row["re_referral_of"] async for row in rows])


def calling_query(seen: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the question for the referrals that call for somebody now."""
    return {**seen, "calls_until": {"$gt": now}, "calls_from": {"$lte": now}}


def unseen_query(unseen: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the question for those that have gone up, among what the caller may not see."""
    levels = [each.value for each in EscalationLevel]
    return {**calling_query(unseen, now), "follow_ups.level": {"$in": levels}}


def ending_query(sites: frozenset[str], now: datetime, zone: str, days: int) -> dict[str, Any]:
    """Return the question for children with a consent that ends soon."""
    today = local_date(now, zone)
    span = {"$gte": today.isoformat(), "$lte": (today + timedelta(days=days)).isoformat()}
    at = {} if "*" in sites else {"site": {"$in": sorted(sites)}}
    return {**at, "consents": {"$elemMatch": {"revocation": None, "until": span}}}


async def _ending(
    store: Store, seen: dict[str, Any], query: dict[str, Any]
) -> Sequence[tuple[ConsentBook, Sequence[Referral]]]:
    books = {each.id: each async for each in store.find(ConsentBook, query)}
    if not books:
        return ()
    open_ones: dict[str, list[Referral]] = {}
    states = sorted(each.value for each in OPEN)
    wanted = {**seen, "student": {"$in": sorted(books)}, "state": {"$in": states}}
    async for referral in store.find(Referral, wanted):
        open_ones.setdefault(referral.student, []).append(referral)
    return [(books[student], found) for student, found in open_ones.items()]
