"""What an agency sees behind its link."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import CapacityStatus, CapacityUnit, DeclineReason, Progress
from contracts.referrals import Bands
from services.chassis.http.commands import Body
from services.partner.api.context import Context
from services.partner.api.offerings import ByHandView, by_hand_view
from services.partner.api.page_links import live, over
from services.partner.api.questions import QuestionView, question_views
from services.partner.api.waiting import PlaceView, WaitView, place_of, wait_view
from services.partner.handlers.attendance import codes_alone
from services.partner.model.agency import Agency
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Claim, ClaimState, Offer, Offering, OfferState
from services.partner.model.seeing import may_see, state_on
from services.partner.model.service import Service
from services.partner.model.told import to_the_minute
from services.partner.store import AgencyLink
from services.partner.subscriptions.model.thread import Thread


class Action(Code):
    """What can be done next."""

    CLAIM = "claim"
    DECLINE = "decline"
    WAITLIST = "waitlist"
    PROGRESS = "progress"
    CODE = "code"
    SEATS = "seats"
    CONTEST = "contest"
    QUESTION = "question"


class SeatsView(Body):
    """The agency's own seats at this school. `wait`: how long it takes where there are none."""

    available: int
    maximum: int
    unit: CapacityUnit
    status: CapacityStatus
    as_of: datetime
    stale: bool
    wait: WaitView
    version: int


class Card(Body):
    """One offer, without anything that tells who the child is.

    Attributes:
        contact: the person whom the link was sent to.
        bands: null of one that is closed to the agency, which tells no more of the family.
        version: of what the card says: it moves with what this agency can see, and with nothing
            that another one did.
        claim_state: `none` until this agency has said yes.
        seats: null where the agency never told them.
        waitlist: the offer's place on the agency's waitlist; null where it does not wait.
        codes_alone: this need is answered in attendance codes: no words, no outcome.
        by_hand: where the school recorded the agency's answer after a call: who said it, and when.
        questions: what the agency wanted to know, and what the school has answered; none of one
            that is closed.
    """

    offer: str
    contact: str
    agency: str
    agency_name: str
    service: str
    service_name: str
    category: Category
    bands: Bands | None
    site: str
    answer_by: datetime
    state: OfferState
    version: int
    seats: SeatsView | None
    waitlist: PlaceView | None
    claim_state: str
    progress: Progress | None
    appointment: datetime | None
    decline_reason: DeclineReason | None
    codes_alone: bool
    by_hand: ByHandView | None
    questions: tuple[QuestionView, ...]
    next_actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """An offer that somebody of its agency has before them, by a link or by their account.

    Attributes:
        contact: the person whom the link was sent to; of an account, whom the offer went to.
    """

    contact: str
    offering: Offering
    offer: Offer
    agency: Agency


async def open_link(context: Context, token: str) -> Opened:
    """Find what a link opens.

    Raises:
        EnlaceError: it is none of ours; or it was and works no longer, because it is too old, was
            taken back, its holder left the agency, or the agency the network (`link-over`).
    """
    link = await live(context, AgencyLink, token)
    offering = await context.store.get(Offering, link.referral)
    agency = await context.store.get(Agency, link.agency)
    offer = offering.offer(link.offer) if offering else None
    if offering is None or offer is None or agency is None or not agency.answers_by(link.contact):
        raise over()
    return Opened(link.contact, offering, offer, agency)


async def card_of(context: Context, opened: Opened) -> Card:
    """Return the card of a link as it stands now."""
    offering = await context.store.get(Offering, opened.offering.id) or opened.offering
    offer = offering.offer(opened.offer.id) or opened.offer
    service = await context.store.get(Service, offer.service)
    capacity = await context.store.get(Capacity, offering.seats_of(offer))
    claim = offering.claim_of(offer.id)
    now = context.clock.now()
    state = state_on(offer, now)
    thread = await context.store.get(Thread, offering.id)
    seen = may_see(offer, now, hidden=thread is not None and thread.hidden)
    card = Card(
        offer=offer.id,
        contact=opened.contact,
        agency=opened.agency.id,
        agency_name=opened.agency.name,
        service=offer.service,
        service_name=service.name if service else "",
        category=service.category if service else offering.category,
        bands=offering.bands if seen else None,
        site=offer.site,
        answer_by=to_the_minute(offer.answer_by),
        state=state,
        version=0,
        seats=seats_view(context, capacity),
        waitlist=await place_of(context, offering, offer, capacity, blind=True),
        claim_state=claim.state.value if claim else "none",
        progress=claim.progress if claim else None,
        appointment=claim.appointment if claim else None,
        decline_reason=offer.reason,
        codes_alone=await codes_alone(
            context.store, offering, offer, await context.district.needs()
        ),
        by_hand=await by_hand_view(context, offer.by_hand),
        questions=await question_views(context, offer) if seen else (),
        next_actions=(*_actions(state, claim, capacity), *_contest(offer)),
    )
    return card.model_copy(update={"version": _version(card)})


def _version(card: Card) -> int:
    digest = hashlib.sha256(card.model_dump_json().encode()).digest()
    return int.from_bytes(digest[:6])


def _contest(offer: Offer) -> Sequence[Action]:
    hand = offer.by_hand
    return (Action.CONTEST,) if hand is not None and hand.contested_at is None else ()


def seats_view(context: Context, capacity: Capacity | None) -> SeatsView | None:
    """Return an agency's own seats; None where it never told them."""
    if capacity is None:
        return None
    return SeatsView(
        available=capacity.available,
        maximum=capacity.maximum,
        unit=capacity.unit,
        status=capacity.status,
        as_of=capacity.as_of,
        stale=context.clock.now() - capacity.as_of > context.settings.stale_after,
        wait=wait_view(capacity, context.clock.now()),
        version=capacity.version,
    )


def _actions(state: OfferState, claim: Claim | None, capacity: Capacity | None) -> Sequence[Action]:
    free = capacity is None or capacity.free
    match state:
        case OfferState.OPEN:
            yes = Action.CLAIM if free else Action.WAITLIST
            return (yes, Action.DECLINE, Action.QUESTION, Action.SEATS)
        case OfferState.WAITLISTED:
            now = (Action.CLAIM,) if free else ()
            return (*now, Action.DECLINE, Action.QUESTION, Action.SEATS)
        case OfferState.ACCEPTED | OfferState.IN_PROGRESS:
            told = claim is not None and claim.state is ClaimState.ACCEPTED
            return (Action.PROGRESS, Action.CODE, Action.SEATS) if told else (Action.SEATS,)
        case OfferState.CLAIMED | OfferState.COMPLETED:
            return (Action.SEATS,)
        case _:
            return ()
