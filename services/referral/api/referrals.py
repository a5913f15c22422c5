"""What a coordinator does with a referral, over HTTP."""

from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from contracts.categories import Category
from contracts.codes import Audience, CancelReason, Urgency
from contracts.referral_marks import Marks
from contracts.referrals import Bands, Candidate, Waits
from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.fields import Id, Moment, ProviderKey
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    fingerprint,
    identifier,
    set_etag,
)
from services.chassis.ids import new_id
from services.chassis.reasons import need_reason
from services.referral.api.alike import alike_to, as_known_to
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.fields import DespiteDuplicate, Need
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.sight import visible
from services.referral.api.views import ReferralView, view_of
from services.referral.api.words import seal_if, warnings_of
from services.referral.handlers import doubts, referrals, release, staff
from services.referral.handlers.audit import actor_of
from services.referral.handlers.waits import waits_of
from services.referral.model import commands
from services.referral.model.bands import age_band, day_parts, grade_band, zip3
from services.referral.model.follow_up import local_date
from services.referral.model.household import ContactDetails
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral


class ReferralBody(Body):
    """A need, in codes and in the coordinator's words.

    Attributes:
        re_referral_of: an earlier referral of the same child that this one follows.
        despite_duplicate: why it is wanted though the same need of the child is open already; kept
            with the referral.
    """

    student: Id
    category: Category
    urgency: Urgency = Urgency.ROUTINE
    need: Need
    re_referral_of: Id | None = None
    despite_duplicate: DespiteDuplicate | None = None


class CandidateBody(Body):
    """A service to ask, and the agency that runs it.

    Attributes:
        by_phone: somebody calls it: no message asks it, and it needs no address.
    """

    service: ProviderKey
    agency: ProviderKey
    by_phone: bool = False

    def candidate(self) -> Candidate:
        """Return it as it is asked."""
        return Candidate(service=self.service, agency=self.agency, by_phone=self.by_phone)


class OfferBody(Body):
    """Services to offer it to; one is a request, several a blind offer."""

    candidates: Annotated[tuple[CandidateBody, ...], Field(min_length=1, max_length=20)]
    answer_by: Moment | None = None


class CancelBody(Body):
    """Why it is given up."""

    reason: CancelReason


def referrals_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    @router.put("/{id}")
    async def put_referral(
        id: Identifier, body: ReferralBody, response: Response, caller: writer
    ) -> ReferralView:
        """Write a need down; a repeat with the same body is the same answer.

        The answer says what never to write, where the words do.
        """
        entered = await write_down(context, caller, id, body)
        set_etag(response, entered.version)
        written = [("need", body.need), ("despite_duplicate", body.despite_duplicate)]
        view = await as_known_to(context, caller, await view_of(context, entered))
        return view.model_copy(update={"warnings": warnings_of(written)})

    @router.post("/{id}/offer")
    async def offer(
        id: Identifier,
        body: OfferBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Ask one service, or offer it to several: the first valid claim wins."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        named = (each.candidate() for each in body.candidates)
        candidates = tuple(dict.fromkeys(named))  # one that is named twice is asked once
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            after = await ask(
                context, caller, referral, candidates, body.answer_by, expected=expected
            )
        set_etag(response, after.version)
        return await view_of(context, after)

    @router.post("/{id}/cancel")
    async def cancel(
        id: Identifier,
        body: CancelBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Give a referral up."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        need_reason(context.desk.rules().whys, body.reason, referral.reason)
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            after = await referrals.command(
                context.desk, id, commands.Cancel(body.reason), expected=expected
            )
        set_etag(response, after.version)
        return await view_of(context, after)

    return router


async def write_down(context: Context, caller: Principal, id: str, body: ReferralBody) -> Referral:
    """Enter a need; for one request and for each row of many.

    Raises:
        EnlaceError: no such student, an open duplicate, or the id was used with another body.
    """
    student = await child_for(context, caller, body.student, Role.COORDINATOR)
    earlier = await _earlier(context, body.re_referral_of, student)
    now = context.clock.now()
    referral = Referral(
        id=identifier(id),
        student=student.id,
        family=student.family,
        site=student.site,
        zone=context.settings.zone,
        category=body.category,
        urgency=body.urgency,
        audience=Audience.NOBODY,
        coordinator=caller.subject,
        need=await context.vault.seal(student.id, body.need),
        marks=await _marks(context, student),
        nonce=new_id(),
        fingerprint=fingerprint(context.secret, body),
        created_at=now,
        since=now,
        re_referral_of=earlier,
    )
    if await context.store.get(Referral, referral.id) is None:  # no repeat of what made it
        warn = body.despite_duplicate is None
        referral = referral.having(
            duplicate_of=await alike_to(context, caller, referral, warn=warn),
            despite_duplicate=await seal_if(context, student.id, body.despite_duplicate),
        )
    return await referrals.put_referral(context.desk, referral)


async def _marks(context: Context, student: Student) -> Sealed | None:
    """Return the programmes that the child is in today, for the reports; None for none."""
    programmes = (await context.record_of(student)).programmes
    if not programmes:
        return None
    return await context.vault.seal(student.id, Marks(programmes=programmes))


async def _earlier(context: Context, id: str | None, student: Student) -> str | None:
    """Return the id of the referral that this one follows, where it is the same child's."""
    if id is None:
        return None
    known = await context.store.get(Referral, identifier(id))
    if known is None or known.student != student.id:
        raise unknown("referral that this one follows")
    return known.id


async def ask(
    context: Context,
    caller: Principal,
    referral: Referral,
    candidates: tuple[Candidate, ...],
    answer_by: datetime | None,
    *,
    expected: int | None,
    batch: str | None = None,
) -> Referral:
    """Ask one service, or offer it to several; `batch` where it is one of many at once.

    Where the caller is said to have an interest in one of the agencies, the audit log has it.

    Raises:
        EnlaceError: a rule says no, or it has changed since `expected`.
    """
    candidates, waits = await may_ask(context, caller, referral, candidates)
    by = answer_by or context.clock.now() + context.settings.answer_within
    bands = await _bands(context, referral)
    wish: commands.Command = (
        commands.Request(candidates[0], bands, by, waits, batch)
        if len(candidates) == 1
        else commands.Offer(candidates, bands, by, waits)
    )
    return await referrals.command(context.desk, referral.id, wish, expected=expected)


async def may_ask(
    context: Context, caller: Principal, referral: Referral, candidates: tuple[Candidate, ...]
) -> tuple[tuple[Candidate, ...], Waits]:
    """Return them as they are asked, and by what it would go on their waitlists.

    Raises:
        EnlaceError: whoever consented is in doubt, or one of them cannot be asked.
    """
    await doubts.need_undoubted(context.desk, referral)
    if context.offer_checks is not None:
        named = await release.named_agencies(context.desk, referral)
        candidates = await context.offer_checks.need_askable(
            referral.site, candidates, referral.category, named
        )
    waits = await waits_of(context.desk, referral, candidates)
    agencies = {each.agency for each in candidates}
    await staff.note_conflict(context.desk, actor_of(caller), referral, agencies)
    return candidates, waits


async def _bands(context: Context, referral: Referral) -> Bands:
    """Return what agencies may know before they say yes."""
    student = await context.store.get(Student, referral.student)
    family = await context.store.get(Family, referral.family)
    if student is None or family is None:
        raise unknown("student")
    record = await context.record_of(student)
    today = local_date(context.clock.now(), referral.zone)
    hours: list[tuple[time | None, time | None]] = []
    for contact in family.contacts:
        if contact.hears_of(student.id) and contact.details is not None:
            details = await context.vault.open_as_if(ContactDetails, contact.details)
            hours += [(details.reach_from, details.reach_until)] if details else []
    return Bands(
        age=age_band(record.birth_date, today),
        language=family.reads.value,
        grade=grade_band(record.grade),
        zip3=zip3(record.home_zip, context.desk.rules().zip3_told),
        times=day_parts(hours),
    )
