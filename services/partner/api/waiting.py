"""A place on a waitlist, and how long it takes, as they are told."""

from dataclasses import asdict
from datetime import datetime

from services.chassis.http.commands import Body
from services.partner import store as reading
from services.partner.api.context import Context
from services.partner.model import waitlist
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Offer, Offering, OfferState
from services.partner.model.waitlist import Waiting, WaitlistPolicy
from services.partner.model.waitlist_policy import Chosen, in_force


class WordedView(Body):
    """A fact: a code, and words in both languages."""

    code: str
    es: str
    en: str


class WaitView(Body):
    """How long those waited who got a seat in the last year.

    Attributes:
        days: the middle; null where too few got one to say.
        promotions: how many they were; null where they are too few to say.
        said: in words, as *about 3 weeks, from 14 promotions*.
    """

    days: int | None
    promotions: int | None
    said: WordedView


class PlaceView(Body):
    """An offer's place on the waitlist.

    Attributes:
        place: 1 goes first.
        of: how many wait.
        policy: by which free seats go.
        reasons: why it has this place.
        wait: how long it has taken.
    """

    place: int
    of: int
    since: datetime
    policy: WaitlistPolicy
    reasons: tuple[WordedView, ...]
    wait: WaitView


def wait_view(capacity: Capacity, now: datetime) -> WaitView:
    """Return how long it takes until a seat comes free."""
    return told(waitlist.measured(capacity.promotions, now))


def told(wait: waitlist.Wait) -> WaitView:
    """Return a measured wait as it is told."""
    said = WordedView(**asdict(wait.said))
    return WaitView(days=wait.days, promotions=wait.promotions, said=said)


def reason_views(
    waiting: Waiting, policy: WaitlistPolicy, *, blind: bool
) -> tuple[WordedView, ...]:
    """Return why one has its place."""
    found = waitlist.reasons(waiting, policy, blind=blind)
    return tuple(WordedView(**asdict(each)) for each in found)


async def policy_of(context: Context, capacity: Capacity) -> Chosen:
    """Return the policy in force for seats, and who has chosen it."""
    at = context.moments.now()
    signed = await reading.agreements_of(context.store, [capacity.agency])
    place = (capacity.service, capacity.site)
    mine = signed.get(capacity.agency, [])
    return in_force(capacity.policy, mine, place, at.now, at.waitlists.policy)


async def place_of(
    context: Context, offering: Offering, offer: Offer, capacity: Capacity | None, *, blind: bool
) -> PlaceView | None:
    """Return an offer's place on the waitlist; None for one that does not wait."""
    if offer.state is not OfferState.WAITLISTED:
        return None
    capacity = capacity or await context.store.get(Capacity, offering.seats_of(offer))
    if capacity is None:
        return None
    chosen = await policy_of(context, capacity)
    line = capacity.line(chosen.policy)
    for n, waiting in enumerate(line, 1):
        if waiting.offer == offer.id:
            return PlaceView(
                place=n,
                of=len(line),
                since=waiting.since,
                policy=chosen.policy,
                reasons=reason_views(waiting, chosen.policy, blind=blind),
                wait=wait_view(capacity, context.clock.now()),
            )
    return None
