"""The sandbox over HTTP: an agency's way in, and the invented referrals that it plays."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from contracts.codes import Urgency
from contracts.referrals import Bands, Candidate, ReferralRequested
from services.chassis.auth import Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Body,
    Identifier,
    check_repeat,
    fingerprint,
    identifier,
)
from services.chassis.store import Change, Found, Ref
from services.partner.api.context import Context, Name
from services.partner.model.offering import Offering, OfferState
from services.partner.model.opening import priority_of
from services.partner.model.service import Service
from services.partner.sandbox.entering import SCHOOL, enter
from services.partner.sandbox.model import Consent, Invented, Says, Stage
from services.partner.sandbox.world import World
from services.partner.subscriptions import handlers
from services.partner.subscriptions.api.bodies import Id, KeyBody, KeyView
from services.partner.subscriptions.api.caller import AllowKey, agency_of, need_own
from services.partner.subscriptions.api.keys import wish_of
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.key import Scope

_DAYS = 90
_FIRST, _LATEST = 1, 7 * 24 * 60
_BANDS = Bands(age="7-9", language="es", grade="3-5")
WHAT = "invented referral"


class SandboxKeyBody(Body):
    """A key of the sandbox, for every scope.

    Attributes:
        agency: whose it is; left out, the caller's own.
        name: to tell it apart.
    """

    agency: Id | None = None
    name: Name


class InventedBody(Body):
    """An invented referral.

    Attributes:
        service: one of the agency's own.
        consent: whether the invented family has consented when the agency says yes.
        minutes: until the offer runs out.
    """

    service: Id
    urgency: Urgency = Urgency.ROUTINE
    consent: Consent = Consent.GIVEN
    minutes: Annotated[int, Field(ge=_FIRST, le=_LATEST)] = 2 * 24 * 60


class SaysBody(Body):
    """What the school, or the family, does next."""

    says: Says


class InventedView(Body):
    """An invented referral.

    Attributes:
        stage: how far it has come, as the school knows it.
        offer: id of the agency's offer, which is also that of its FHIR Task.
        state: of that offer.
    """

    id: str
    service: str
    consent: Consent
    stage: Stage
    offer: str | None
    state: OfferState | None
    made_at: datetime


def way_in_router(real: Context, desk: Desk, sandbox: Context, inside: Desk) -> APIRouter:
    """Return the router of the service itself: the way into the sandbox.

    Args:
        real: of the service.
        desk: of the service's keys.
        sandbox: the same over the sandbox.
        inside: of the sandbox's keys.
    """
    router = APIRouter(prefix="/v1/sandbox-keys", tags=["sandbox"])
    rule_ = AllowKey(desk, Scope.KEYS, Role.ADMIN, Role.AGENCY_ADMIN)
    manager = Annotated[Principal, Depends(rule_)]

    @router.put("/{id}")
    async def put_sandbox_key(id: Identifier, body: SandboxKeyBody, caller: manager) -> KeyView:
        """Enter the agency in the sandbox; returns a key that works there alone, shown once."""
        agency = agency_of(caller, body.agency)
        await enter(real.store, sandbox, agency)
        asked = KeyBody(agency=agency, name=body.name, scopes=tuple(Scope), days=_DAYS)
        wish = wish_of(asked, id, real.secret, sandbox.clock.now())
        kept, text = await handlers.make_key(inside, wish, None)
        return KeyView.of(kept, text)

    return router


def invented_router(sandbox: Context, desk: Desk, world: World) -> APIRouter:
    """Return the router of what is played, for the sandbox alone."""
    router = APIRouter(prefix="/v1/referrals", tags=["sandbox"])
    rule_ = AllowKey(desk, Scope.FEED, Role.ADMIN, Role.AGENCY_ADMIN)
    player = Annotated[Principal, Depends(rule_)]

    @router.put("/{id}")
    async def put_invented(id: Identifier, body: InventedBody, caller: player) -> InventedView:
        """Let the invented school ask for one of the agency's services."""
        service = await sandbox.store.get(Service, body.service)
        if service is None:
            raise unknown("service")
        need_own(caller, service.agency, "service")
        made = Invented(
            id=identifier(id),
            agency=service.agency,
            service=service.id,
            site=SCHOOL,
            consent=body.consent,
            made_at=sandbox.clock.now(),
            fingerprint=fingerprint(sandbox.secret, body),
        )
        asked = _asked(made, service, body)
        ref = Ref(Invented, made.id)

        def ask(found: Found) -> Change[None]:
            known = found.get(ref)
            if known is not None:
                need_own(caller, known.agency, WHAT)
                check_repeat(known.fingerprint, made.fingerprint)
                return Change(None)
            return Change(None, [made], [asked], SCHOOL)

        await sandbox.store.update([ref], ask)
        await world.play()
        return await _view(sandbox, caller, made.id)

    @router.get("/{id}")
    async def get_invented(id: Identifier, caller: player) -> InventedView:
        """Return how far an invented referral has come."""
        return await _view(sandbox, caller, identifier(id))

    @router.post("/{id}/says")
    async def say(id: Identifier, body: SaysBody, caller: player) -> InventedView:
        """Let the school or the family do something: consent, pause, cancel, confirm the help."""
        await _view(sandbox, caller, identifier(id))
        await world.play()  # what the agency did a moment ago comes first
        ref = Ref(Invented, identifier(id))

        def turn(found: Found) -> Change[Invented]:
            known = found.get(ref)
            if known is None:
                raise unknown(WHAT)
            return known.said(body.says)

        await sandbox.store.update([ref], turn)
        await world.play()
        return await _view(sandbox, caller, ref.id)

    return router


def _asked(made: Invented, service: Service, body: InventedBody) -> ReferralRequested:
    return ReferralRequested(
        referral=made.id,
        round=1,
        site=SCHOOL,
        category=service.category,
        urgency=body.urgency,
        bands=_BANDS,
        candidate=Candidate(service=service.id, agency=service.agency),
        priority=priority_of(body.urgency),
        answer_by=made.made_at + timedelta(minutes=body.minutes),
    )


async def _view(sandbox: Context, caller: Principal, id: str) -> InventedView:
    """Return an invented referral that the caller plays.

    Raises:
        EnlaceError: there is none, as far as the caller may know.
    """
    known = await sandbox.store.get(Invented, id)
    if known is None:
        raise unknown(WHAT)
    need_own(caller, known.agency, WHAT)
    offering = await sandbox.store.get(Offering, id)
    offer = offering.offers[-1] if offering is not None and offering.offers else None
    return InventedView(
        id=known.id,
        service=known.service,
        consent=known.consent,
        stage=known.stage,
        offer=offer.id if offer else None,
        state=offer.state if offer else None,
        made_at=known.made_at,
    )
