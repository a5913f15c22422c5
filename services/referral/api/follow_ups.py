"""A referral's follow-ups over HTTP."""

from collections.abc import Collection
from datetime import date
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BeforeValidator, StringConstraints, field_validator

from contracts.codes import ReplyCode
from contracts.follow_ups import (
    EscalationLevel,
    FollowUpCause,
    FollowUpEnd,
    FollowUpKind,
    SnoozeReason,
)
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Day, StaffAccount, none_if_blank
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    expected_version,
    fingerprint,
    page_of,
    set_etag,
)
from services.chassis.reasons import need_reason
from services.referral.api.context import Context
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.sight import STAFF, visible
from services.referral.api.words import Warned, warnings_of
from services.referral.handlers import follow_ups, referrals
from services.referral.handlers.owners import gone
from services.referral.handlers.staff import need_role
from services.referral.model.follow_up import FollowUp, FollowUpNote, FollowUpState
from services.referral.model.follow_up_commands import (
    FinishFollowUp,
    ReassignFollowUp,
    SnoozeFollowUp,
)
from services.referral.model.referral import Referral

FollowUpId = Annotated[
    str, Path(description="As the list of follow-ups gives it.", max_length=48, alias="follow_up")
]

_MOST = 200
"""Follow-ups with which a command is answered, as many as the longest page has."""

_REPLIES = {ReplyCode.YES, ReplyCode.NO, ReplyCode.NOT_YET}


class FollowUpView(Body):
    """One follow-up.

    Attributes:
        owner: who sees to it: whoever it was given to while they are of the school's staff;
            otherwise the referral's coordinator.
    """

    id: str
    kind: FollowUpKind
    state: FollowUpState
    due_on: date
    zone: str
    tries: int
    because: FollowUpCause | None
    owner: str
    level: EscalationLevel | None
    snoozed: SnoozeReason | None
    end: FollowUpEnd | None
    words: str | None


class FollowUpsView(Body):
    """A page of a referral's follow-ups, and the version to send as If-Match.

    Attributes:
        next: cursor of the page after; null at the end.
    """

    referral: str
    version: int
    items: tuple[FollowUpView, ...]
    next: str | None
    warnings: tuple[Warned, ...] = ()


Brought = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class DoneBody(Body):
    """What came of it; everything is optional.

    Attributes:
        reply: what the family said to "did the help arrive?": yes, no or not-yet.
        words: what was learned; encrypted under the child's key.
    """

    reply: ReplyCode | None = None
    words: Annotated[Brought | None, BeforeValidator(none_if_blank)] = None

    @field_validator("reply")
    @classmethod
    def _an_answer(cls, reply: ReplyCode | None) -> ReplyCode | None:
        if reply is not None and reply not in _REPLIES:
            raise TwoTonguesError(
                "a reply is yes, no or not-yet; anything else goes into the words",
                "una respuesta es yes, no o not-yet; lo demás se escribe en las palabras",
            )
        return reply


class SnoozeBody(Body):
    """To which day it is put off, and why. A day without school moves to the next one with."""

    due_on: Day
    reason: SnoozeReason


class ReassignBody(Body):
    """Who sees to it from now on: a staff member's subject at the sign-in provider."""

    owner: StaffAccount


def follow_ups_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals/{id}/follow-ups", tags=["follow-ups"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, Role.ADMIN))]
    staff = Annotated[Principal, Depends(Allow(*STAFF))]
    lead = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    async def answer(
        response: Response, referral: Referral, cursor: str | None = None, limit: int = _MOST
    ) -> FollowUpsView:
        set_etag(response, referral.version)
        return await _view(context, referral, cursor, limit)

    @router.get("")
    async def get_follow_ups(
        id: Identifier,
        response: Response,
        caller: reader,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> FollowUpsView:
        """Return a referral's follow-ups, oldest first, with what was learned."""
        return await answer(response, await visible(context, caller, id, *STAFF), cursor, limit)

    @router.post("/{follow_up}/done")
    async def finish(
        id: Identifier,
        follow_up: FollowUpId,
        body: DoneBody,
        response: Response,
        caller: staff,
        *,
        if_match: IfMatch = None,
    ) -> FollowUpsView:
        """See to a follow-up. The family's answer, given by telephone, closes the loop."""
        known = await visible(context, caller, id, *STAFF)
        expected = expected_version(if_match)
        note = None
        if body.words is not None:
            note = FollowUpNote(
                id=follow_up,
                referral=known.id,
                student=known.student,
                by=caller.subject,
                at=context.clock.now(),
                words=await context.vault.seal(known.student, body.words),
                fingerprint=fingerprint(context.secret, body),
            )
        wish = FinishFollowUp(follow_up, caller.subject, body.reply)
        async with told_meanwhile(context, caller, known):
            after = await follow_ups.finish(context.desk, known.id, wish, note, expected=expected)
        view = await answer(response, after)
        return view.model_copy(update={"warnings": warnings_of([("words", body.words)])})

    @router.post("/{follow_up}/snooze")
    async def snooze(
        id: Identifier,
        follow_up: FollowUpId,
        body: SnoozeBody,
        response: Response,
        caller: staff,
        *,
        if_match: IfMatch = None,
    ) -> FollowUpsView:
        """Put a follow-up off, as far as the plan of its urgency allows."""
        known = await visible(context, caller, id, *STAFF)
        stands = next((each.snoozed for each in known.follow_ups if each.id == follow_up), None)
        need_reason(context.desk.rules().whys, body.reason, stands)
        wish = SnoozeFollowUp(follow_up, body.due_on, body.reason, caller.subject)
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, known):
            after = await referrals.command(context.desk, known.id, wish, expected=expected)
        return await answer(response, after)

    @router.post("/{follow_up}/reassign")
    async def reassign(
        id: Identifier,
        follow_up: FollowUpId,
        body: ReassignBody,
        response: Response,
        caller: lead,
        *,
        if_match: IfMatch = None,
    ) -> FollowUpsView:
        """Give a follow-up to somebody else of the school; the referral keeps its coordinator.

        The district may too: one that nobody saw to has gone up to it.
        """
        known = await visible(context, caller, id, Role.COORDINATOR)
        await need_role(
            context.register, body.owner, known.site, *STAFF, what="coordinator or care team"
        )
        wish = ReassignFollowUp(follow_up, body.owner, caller.subject)
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, known):
            after = await referrals.command(context.desk, known.id, wish, expected=expected)
        return await answer(response, after)

    return router


async def _view(
    context: Context, referral: Referral, cursor: str | None, limit: int
) -> FollowUpsView:
    # None is ever taken out of a referral, so that a follow-up keeps its place.
    placed = [(f"{number:06}", each) for number, each in enumerate(referral.follow_ups)]
    page, following = page_of(placed, itemgetter(0), cursor, limit)
    notes = await follow_ups.notes_of(context.desk, [each.id for _, each in page])
    given = {(each.owner, referral.site) for _, each in page if each.owner and each.waits}
    left = await gone(context.register, given)
    return FollowUpsView(
        referral=referral.id,
        version=referral.version,
        items=tuple(
            [
                _item(referral, each, await _words(context, notes.get(each.id)), left)
                for _, each in page
            ]
        ),
        next=following,
    )


def _item(
    referral: Referral, each: FollowUp, words: str | None, left: Collection[tuple[str, str]]
) -> FollowUpView:
    owner = None if (each.owner, referral.site) in left else each.owner
    return FollowUpView(
        id=each.id,
        kind=each.kind,
        state=each.state,
        due_on=each.due_on,
        zone=each.zone,
        tries=each.tries,
        because=each.because,
        owner=owner or referral.coordinator,
        level=each.level,
        snoozed=each.snoozed,
        end=each.end,
        words=words,
    )


async def _words(context: Context, note: FollowUpNote | None) -> str | None:
    return await context.vault.open_if(note.words if note else None)
