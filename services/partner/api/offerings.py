"""Offerings as the staff of a school see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.codes import DeclineReason, Progress
from contracts.referrals import Candidate
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body, Identifier, identifier, set_etag
from services.chassis.sight import Bearer
from services.partner import store as reading
from services.partner.api.context import Context
from services.partner.api.questions import QuestionView, question_views
from services.partner.api.waiting import PlaceView, place_of
from services.partner.handlers import revoking
from services.partner.model.agency import Agency
from services.partner.model.offering import ByHand, Offer, Offering, OfferState, Planned
from services.partner.model.service import Service


class ByHandView(Body):
    """That the school recorded an answer on the agency's behalf. `said_by`: null once erased."""

    by: str
    said_by: str | None
    said_at: datetime
    recorded_at: datetime
    contested_at: datetime | None


class OfferView(Body):
    """One agency's offer; `words` are what it wrote when it declined.

    Attributes:
        waitlist: its place on the agency's waitlist; null where it does not wait.
        wave: of its round, with which it went out; 1 for those with whom the round began.
        answer_by: until when this agency may answer.
        reminded_at: when it was reminded that it has not answered; null where it was not.
        questions: what the agency wants to know before it answers, and what it was answered.
        by_phone: somebody of the school calls it: no message asks it.
    """

    offer: str
    round: int
    wave: int
    answer_by: datetime
    reminded_at: datetime | None
    agency: str
    agency_name: str
    service: str
    service_name: str
    state: OfferState
    reason: DeclineReason | None
    words: str | None
    answered_at: datetime | None
    claim_state: str
    progress: Progress | None
    appointment: datetime | None
    by_hand: ByHandView | None
    waitlist: PlaceView | None
    questions: tuple[QuestionView, ...]
    by_phone: bool


class PlannedService(Body):
    """A service that is asked later."""

    service: str
    service_name: str
    agency: str
    agency_name: str


class PlannedView(Body):
    """A wave that is asked later, unless an agency has claimed by then."""

    wave: int
    opens_at: datetime
    answer_by: datetime
    candidates: tuple[PlannedService, ...]


class OfferingView(Body):
    """All offers of a referral, newest round first; `answer_by` is the latest of the round."""

    referral: str
    version: int
    site: str
    round: int
    answer_by: datetime
    expired: bool
    offers: tuple[OfferView, ...]
    planned: tuple[PlannedView, ...]


def offerings_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/offerings", tags=["offerings"])
    reader = Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))
    writer = Depends(Allow(Role.COORDINATOR, Role.ADMIN))

    @router.get("/{referral}")
    async def get_offering(
        referral: Identifier,
        response: Response,
        caller: Annotated[Principal, reader],
        bearer: Bearer,
    ) -> OfferingView:
        """Return what each agency answered."""
        school = (Role.COORDINATOR, Role.CARE_TEAM)
        offering = await seen_offering(context, caller, bearer, referral, *school)
        set_etag(response, offering.version)
        return await offering_view(context, offering)

    @router.post("/{referral}/offers/{offer}/revoke-links")
    async def revoke_links(
        referral: Identifier,
        offer: Identifier,
        caller: Annotated[Principal, writer],
        bearer: Bearer,
    ) -> dict[str, int]:
        """Make the links of one offer worth nothing, for a message that went astray.

        Where many were offered at once, the link to their page too.
        """
        offering = await seen_offering(context, caller, bearer, referral, Role.COORDINATOR)
        if offering.offer(identifier(offer)) is None:
            raise unknown("offer")
        return {"revoked": await revoking.links_of_offer(context.store, identifier(offer))}

    return router


async def seen_offering(
    context: Context, caller: Principal, bearer: str, referral: str, *roles: Role
) -> Offering:
    """Return the offering of a referral that the caller may see.

    Raises:
        EnlaceError: there is none, as far as this caller may know; or nobody can tell just now.
    """
    offering = await context.store.get(Offering, identifier(referral))
    if offering is None:
        raise unknown("offering")
    caller.need_site(offering.site, *roles, what="offering")
    await context.sight.need(offering.id, offering.category, bearer, what="offering")
    return offering


async def offering_view(context: Context, offering: Offering) -> OfferingView:
    """Return an offering as staff read it."""
    later = [each for wave in offering.planned for each in wave.candidates]
    named: list[Offer | Candidate] = [*offering.offers, *later]
    agencies = await reading.by_id(context.store, Agency, [each.agency for each in named])
    services = await reading.by_id(context.store, Service, [each.service for each in named])
    newest = sorted(offering.offers, key=lambda each: (-each.round, -each.wave))
    return OfferingView(
        referral=offering.id,
        version=offering.version,
        site=offering.site,
        round=offering.round,
        answer_by=offering.answer_by,
        expired=offering.expired,
        offers=tuple(
            [
                _view(
                    offering,
                    each,
                    agencies.get(each.agency),
                    services.get(each.service),
                    await context.words(each.words),
                    await by_hand_view(context, each.by_hand),
                    await place_of(context, offering, each, None, blind=False),
                    await question_views(context, each),
                )
                for each in newest
            ]
        ),
        planned=tuple(_planned(each, agencies, services) for each in offering.planned),
    )


def _planned(
    wave: Planned, agencies: Mapping[str, Agency], services: Mapping[str, Service]
) -> PlannedView:
    return PlannedView(
        wave=wave.wave,
        opens_at=wave.opens_at,
        answer_by=wave.answer_by,
        candidates=tuple(
            PlannedService(
                service=each.service,
                service_name=services[each.service].name if each.service in services else "",
                agency=each.agency,
                agency_name=agencies[each.agency].name if each.agency in agencies else "",
            )
            for each in wave.candidates
        ),
    )


async def by_hand_view(context: Context, hand: ByHand | None) -> ByHandView | None:
    """Return what the school recorded on an agency's behalf, with who said it."""
    if hand is None:
        return None
    said_by = await context.words(hand.said_by)
    return ByHandView(**hand.model_dump(exclude={"said_by"}), said_by=said_by)


def _view(  # noqa: PLR0917 - what a line is made of
    offering: Offering,
    offer: Offer,
    agency: Agency | None,
    service: Service | None,
    words: str | None,
    hand: ByHandView | None,
    waitlist: PlaceView | None,
    questions: tuple[QuestionView, ...],
) -> OfferView:
    claim = offering.claim_of(offer.id)
    return OfferView(
        offer=offer.id,
        round=offer.round,
        wave=offer.wave,
        answer_by=offer.answer_by,
        reminded_at=offer.reminded_at,
        agency=offer.agency,
        agency_name=agency.name if agency else "",
        service=offer.service,
        service_name=service.name if service else "",
        state=offer.state,
        reason=offer.reason,
        words=words,
        answered_at=offer.answered_at,
        claim_state=claim.state.value if claim else "none",
        progress=claim.progress if claim else None,
        appointment=claim.appointment if claim else None,
        by_hand=hand,
        waitlist=waitlist,
        questions=questions,
        by_phone=offer.by_phone,
    )
