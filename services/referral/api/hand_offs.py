"""Hand-offs to places outside the network over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field, StringConstraints, field_validator, model_validator

from contracts.codes import Outcome, ReleasedPart
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import TwoTonguesError, unknown
from services.chassis.fields import Id, Moment
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    fingerprint,
    identifier,
    set_etag,
)
from services.referral.api.context import Context
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.sight import STAFF, sees, visible
from services.referral.api.words import Warned, seal_if, warnings_of
from services.referral.handlers import hand_offs
from services.referral.handlers.audit import actor_of
from services.referral.model.attempts import in_milliseconds
from services.referral.model.hand_off import HandOff, HandOffWay
from services.referral.model.referral import Referral

To = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


LEADS = (Role.COORDINATOR, Role.LEADERSHIP, Role.ADMIN)
"""Who looks at what was told without a consent, as far as the school is theirs."""


class HandOffBody(Body):
    """To whom, how, when, and what they were told of who the child is.

    Attributes:
        hand_off: a UUIDv7 made by the client, so that it can be sent again.
        released: parts of the record that were told; they need a consent and make a disclosure.
        without_consent: why they were told though no consent covered that, where it has happened;
            the school's lead looks at it.
    """

    hand_off: Id
    to: To
    how: HandOffWay
    handed_at: Moment
    released: tuple[ReleasedPart, ...] = Field(default=(), max_length=6)
    without_consent: Why | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.without_consent is not None and not self.released:
            raise TwoTonguesError(
                "nothing was told, so no consent was needed: leave without_consent out, or say in "
                "released what was told",
                "no se dijo nada, así que no hacía falta permiso: quite without_consent, o diga en "
                "released qué se dijo",
            )
        return self

    @field_validator("released")
    @classmethod
    def _parts(cls, parts: tuple[ReleasedPart, ...]) -> tuple[ReleasedPart, ...]:
        return tuple(dict.fromkeys(parts))


class CloseBody(Body):
    """How it ended, as the coordinator learned."""

    outcome: Outcome


class HandOffView(Body):
    """A hand-off. `to` is null once the child was erased; `version` is the referral's.

    Attributes:
        consented: false where something was told without a consent.
        without_consent: why, in the words of who told it; null once the child was erased.
        seen_at: when a lead who did not tell it had looked at that.
        seen_by: who had.
        withheld: the caller leads and looks at what was told without a consent, but may not see the
            need: `to`, the reason and the outcome are null.
    """

    id: str
    referral: str
    site: str
    version: int
    to: str | None
    how: HandOffWay
    by: str
    handed_at: datetime
    released: tuple[ReleasedPart, ...]
    consented: bool
    without_consent: str | None
    seen_at: datetime | None
    seen_by: str | None
    outcome: Outcome | None
    closed_at: datetime | None
    closed_by: str | None
    withheld: bool = False
    warnings: tuple[Warned, ...] = ()


def hand_offs_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, *LEADS))]
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    async def shown(record: HandOff, response: Response, *, whole: bool = True) -> HandOffView:
        referral = await context.store.get(Referral, record.referral)
        if referral is None:
            raise unknown("referral")
        set_etag(response, referral.version)
        sealed = {"to", "without_consent"}
        fields = record.model_dump(exclude={*sealed, "version", "student", "fingerprint"})
        if not whole:
            fields["outcome"] = None
        return HandOffView(
            **fields,
            site=referral.site,
            to=await context.vault.open_if(record.to) if whole else None,
            consented=record.without_consent is None,
            without_consent=await context.vault.open_if(record.without_consent) if whole else None,
            withheld=not whole,
            version=referral.version,
        )

    @router.get("/{id}/hand-off")
    async def get_hand_off(id: Identifier, response: Response, caller: reader) -> HandOffView:
        """Return to whom a referral was handed.

        Who leads and may not see the need is shown what was told without a consent: by whom, when
        and how, and which parts of the record.
        """
        _, record, whole = await _looked_up(context, caller, id, *STAFF)
        return await shown(record, response, whole=whole)

    @router.post("/{id}/hand-off")
    async def hand_over(
        id: Identifier,
        body: HandOffBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> HandOffView:
        """Record a warm hand-off to a place outside the network.

        Follow-ups begin by the plan. What the place was told of who the child is needs a consent.
        """
        referral = await visible(context, caller, id, Role.COORDINATOR)
        fresh = HandOff(
            id=identifier(body.hand_off),
            referral=referral.id,
            student=referral.student,
            to=await context.seal_known(referral.student, body.to),
            how=body.how,
            by=caller.subject,
            handed_at=in_milliseconds(body.handed_at),
            released=body.released,
            without_consent=await seal_if(context, referral.student, body.without_consent),
            fingerprint=fingerprint(context.secret, body),
        )
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            made = await hand_offs.hand_over(
                context.desk, fresh, actor_of(caller), expected=expected
            )
        if made.referral != referral.id:
            raise unknown("hand-off")
        view = await shown(made, response)
        written = [("to", body.to), ("without_consent", body.without_consent)]
        return view.model_copy(update={"warnings": warnings_of(written)})

    @router.post("/{id}/hand-off/seen")
    async def look_at(
        id: Identifier, response: Response, caller: Annotated[Principal, Depends(Allow(*LEADS))]
    ) -> HandOffView:
        """Record that a lead who did not tell it has looked at what was told without a consent."""
        referral, _, whole = await _looked_up(context, caller, id, Role.COORDINATOR)
        after = await hand_offs.look_at(context.desk, referral, actor_of(caller))
        return await shown(after, response, whole=whole)

    @router.post("/{id}/hand-off/close")
    async def close(
        id: Identifier,
        body: CloseBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> HandOffView:
        """Record how it ended; where it helped, the family is asked too, by the plan."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            after = await hand_offs.close(
                context.desk, referral.id, body.outcome, caller.subject, expected=expected
            )
        return await shown(after, response)

    return router


async def _looked_up(
    context: Context, caller: Principal, id: str, *roles: Role
) -> tuple[Referral, HandOff, bool]:
    """Return a referral with its hand-off, and whether the caller may see the need.

    What was told without a consent is never out of the sight of who leads.
    """
    referral = await context.store.get(Referral, identifier(id))
    if referral is None:
        raise unknown("referral")
    record = await context.store.get(HandOff, referral.claim.id) if referral.claim else None
    leads = {"*", referral.site} & (caller.sites(Role.COORDINATOR) | caller.led)
    whole = await sees(context, caller, referral, *roles)
    if not whole and not (leads and record and record.without_consent is not None):
        raise unknown("referral")
    if record is None:
        raise unknown("hand-off")
    return referral, record, whole
