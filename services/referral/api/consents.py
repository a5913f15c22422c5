"""Consent over HTTP: entered, read, taken back."""

from datetime import date, datetime
from operator import itemgetter
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from contracts.categories import Category
from contracts.codes import ReleasedPart
from contracts.consents import ConsentMethod
from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import TwoTonguesError, rule
from services.chassis.fields import Day, Id, LanguageTag, ProviderKey, each_once, none_if_blank
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    page_of,
)
from services.chassis.needs import need_known
from services.referral.api.children import child_for, may_read
from services.referral.api.context import Context
from services.referral.api.words import FewWords, Warned, name_warnings, warnings_of
from services.referral.handlers import consents, revocation
from services.referral.model.consent import Consent, ConsentBook
from services.referral.model.consent_terms import Purpose, Revocation, RevocationReason
from services.referral.model.consenting import age_on
from services.referral.model.follow_up import local_date
from services.referral.model.people import Student
from services.referral.model.rules import Rules

PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
_FURTHEST_DAYS = 366


class ConsentBody(Body):
    """A consent as FERPA asks for it: records, party, purpose, and until when.

    Attributes:
        agencies: who may read; nobody named means every agency whose service is for the categories.
        purposes: what the records may be used for.
        read_in: language in which it was read, as BCP 47 (`es`, `mix` for Mixteco, `und` where
            nobody knows what it is called).
        witness: who heard a verbal consent; needed for one.
        interpreter: who interpreted, where somebody did.
        given_by: a contact's id; the student's own where the law lets a minor consent alone.
        guardian_may_know: a student who consents alone lets a guardian know of it.
        since: first day; today where it is left out.
        until: last day.
    """

    student: Id
    categories: Annotated[
        tuple[Category, ...], Field(min_length=1, max_length=20), AfterValidator(each_once)
    ]
    agencies: Annotated[
        tuple[ProviderKey, ...], Field(max_length=200), AfterValidator(each_once)
    ] = ()
    parts: Annotated[
        tuple[ReleasedPart, ...], Field(min_length=1, max_length=10), AfterValidator(each_once)
    ]
    purposes: Annotated[
        tuple[Purpose, ...], Field(min_length=1, max_length=5), AfterValidator(each_once)
    ] = (Purpose.ARRANGE_SERVICE,)
    method: ConsentMethod
    read_in: LanguageTag
    witness: PersonName | None = None
    interpreter: PersonName | None = None
    given_by: Id
    guardian_may_know: bool = False
    since: Day | None = None
    until: Day

    @model_validator(mode="after")
    def _witnessed(self) -> Self:
        if self.method is ConsentMethod.VERBAL_WITNESSED and not self.witness:
            raise TwoTonguesError(
                "a verbal consent needs its witness: write the name of who heard it",
                "un consentimiento verbal necesita un testigo: escriba el nombre de quien lo oyó",
            )
        return self


class ConsentEntered(Body):
    """What was entered.

    Attributes:
        scan_missing: it holds once the signed paper is stored (`PUT /v1/consent-scans`).
    """

    id: str
    scan_missing: bool
    warnings: tuple[Warned, ...] = ()


class RevokeBody(Body):
    """Who takes a consent back, and why.

    Attributes:
        by: the contact's or the student's id; left out where the school takes it back itself.
        words: what was said, for the record.
    """

    by: Id | None = None
    reason: RevocationReason = RevocationReason.NOT_SAID
    words: Annotated[FewWords | None, BeforeValidator(none_if_blank)] = None


class RevocationView(Body):
    """How a consent was taken back."""

    at: datetime
    by: str | None
    recorded_by: str
    reason: RevocationReason
    words: str | None


class ConsentView(Body):
    """A consent as staff of the school see it.

    Attributes:
        own: the student gave it alone.
        holds: it is in force today.
        scan: media type of the stored paper; None where none is stored.
        scan_missing: it was given on paper and does not hold: the paper is not stored yet.
    """

    id: str
    categories: tuple[Category, ...]
    agencies: tuple[str, ...]
    parts: tuple[ReleasedPart, ...]
    purposes: tuple[Purpose, ...]
    method: ConsentMethod
    read_in: str | None
    witness: str | None
    interpreter: str | None
    given_by: str
    own: bool
    guardian_may_know: bool
    entered_by: str
    given_on: date
    since: date
    until: date
    holds: bool
    scan: str | None
    scan_missing: bool
    revocation: RevocationView | None
    warnings: tuple[Warned, ...] = ()


def consents_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["consents"])
    staff = Depends(Allow(Role.COORDINATOR, Role.ADMIN))
    reader = Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))

    @router.put("/consents/{id}")
    async def put_consent(
        id: Identifier, body: ConsentBody, caller: Annotated[Principal, staff]
    ) -> ConsentEntered:
        """Enter a consent for a child; one given on paper holds once its scan is stored.

        409: this person may not consent to it; the answer says who may.
        """
        student = await child_for(context, caller, body.student, Role.COORDINATOR)
        need_known(context.desk.rules().needs, body.categories)
        if context.offer_checks is not None:
            await context.offer_checks.need_known(body.agencies)
        today = local_date(context.clock.now(), context.settings.zone)
        _check_days(body, today, context.desk.rules())
        given_by = identifier(body.given_by)
        age = None
        if given_by == student.id:
            age = age_on((await context.record_of(student)).birth_date, today)
        consent = Consent(
            id=identifier(id),
            categories=body.categories,
            agencies=body.agencies,
            parts=body.parts,
            purposes=body.purposes,
            method=body.method,
            witness=await _sealed(context, student, body.witness),
            interpreter=await _sealed(context, student, body.interpreter),
            read_in=body.read_in,
            given_by=given_by,
            guardian_may_know=body.guardian_may_know,
            entered_by=caller.subject,
            given_on=today,
            since=body.since,
            until=body.until,
            fingerprint=fingerprint(context.secret, body),
        )
        entered = await consents.put_consent(
            context.desk, student, consent, age=age, zone=context.settings.zone
        )
        names = [("witness", body.witness), ("interpreter", body.interpreter)]
        return ConsentEntered(
            id=entered.id, scan_missing=entered.scan_missing, warnings=name_warnings(names)
        )

    @router.get("/students/{student}/consents")
    async def list_consents(
        student: Identifier,
        caller: Annotated[Principal, reader],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ConsentView]:
        """List a child's consents, in the order they were entered.

        What a student consented to alone is shown to those alone who may see restricted needs;
        of other consents, nobody else is told the restricted needs.
        """
        child = await child_for(context, caller, student, Role.COORDINATOR, Role.CARE_TEAM)
        book = await context.store.get(ConsentBook, child.id)
        if book is None:
            return Page[ConsentView](items=[])
        # None is ever taken out of a book, so that a consent keeps its place.
        shown = [
            (f"{number:06}", each)
            for number, each in enumerate(book.consents)
            if not book.confided(each) or may_read(context, caller, child, book, each)
        ]
        page, following = page_of(shown, itemgetter(0), cursor, limit)
        return Page[ConsentView](
            items=[
                await _view(context, book, each, whole=may_read(context, caller, child, book, each))
                for _, each in page
            ],
            next=following,
        )

    @router.post("/students/{student}/consents/{id}/revoke")
    async def revoke_consent(
        student: Identifier,
        id: Identifier,
        body: RevokeBody,
        caller: Annotated[Principal, staff],
    ) -> ConsentView:
        """Take a consent back: from now on nothing is released under it.

        Open offers that no other consent covers are withdrawn, claims and running referrals ended,
        and every agency that has read under it is asked to delete what it read.
        """
        child = await child_for(context, caller, student, Role.COORDINATOR)
        words = (body.words or "").strip()
        taken_back = Revocation(
            at=context.clock.now(),
            by=identifier(body.by) if body.by is not None else None,
            recorded_by=caller.subject,
            reason=body.reason,
            words=await _sealed(context, child, words),
        )
        await revocation.revoke_consent(context.desk, child, identifier(id), taken_back)
        book = await context.store.get(ConsentBook, child.id)
        if book is None:  # it was there a moment ago, and books are never removed
            raise RuntimeError("a student's consents are gone")
        after = book.need(identifier(id))
        view = await _view(
            context, book, after, whole=may_read(context, caller, child, book, after)
        )
        return view.model_copy(update={"warnings": warnings_of([("words", body.words)])})

    return router


def _check_days(body: ConsentBody, today: date, rules: Rules) -> None:
    since = body.since or today
    if body.until < since:
        raise rule(
            "consent-days",
            "The last day is before the first one. Nothing was entered: correct the dates.",
            es="El último día es anterior al primero. No se guardó nada: corrija las fechas.",
        )
    if body.until < today:
        raise rule(
            "consent-over",
            "This consent has ended already and would let nobody read anything. Nothing was "
            "entered: correct the last day.",
            es="Este consentimiento ya terminó y no permitiría leer nada a nadie. No se "
            "guardó nada: corrija el último día.",
        )
    longest = rules.consent_years_at_most
    if (body.until.year - since.year, body.until.month, body.until.day) > (
        longest,
        since.month,
        since.day,
    ):
        raise rule(
            "consent-too-long",
            f"A consent is given for {longest} years at most. Nothing was entered: give an earlier "
            "last day; the family is asked again before it ends.",
            es=f"Un consentimiento vale {longest} años como máximo. No se guardó nada: dé un "
            "último día anterior; se vuelve a preguntar a la familia antes de que termine.",
        )
    if abs((since - today).days) > _FURTHEST_DAYS:
        raise rule(
            "consent-days",
            "The first day is more than a year from today. Nothing was entered: correct the dates.",
            es="El primer día está a más de un año de hoy. No se guardó nada: corrija las fechas.",
        )


async def _sealed(context: Context, student: Student, text: str | None) -> Sealed | None:
    return await context.seal_known(student.id, text) if text else None


async def _view(
    context: Context, book: ConsentBook, consent: Consent, *, whole: bool
) -> ConsentView:
    shown = map(context.desk.rules().on_topics, consent.categories)
    today = local_date(context.clock.now(), book.zone)
    ended = consent.revocation
    return ConsentView(
        id=consent.id,
        categories=consent.categories if whole else tuple(shown),
        agencies=consent.agencies if whole else (),
        parts=consent.parts,
        purposes=consent.purposes,
        method=consent.method,
        read_in=consent.read_in,
        witness=await context.vault.open_if(consent.witness),
        interpreter=await context.vault.open_if(consent.interpreter),
        given_by=consent.given_by,
        own=book.own(consent),
        guardian_may_know=consent.guardian_may_know,
        entered_by=consent.entered_by,
        given_on=consent.given_on,
        since=consent.first_day,
        until=consent.until,
        holds=consent.holds(today),
        scan=consent.scan.kind.value if consent.scan else None,
        scan_missing=consent.scan_missing,
        revocation=None
        if ended is None
        else RevocationView(
            at=ended.at,
            by=ended.by,
            recorded_by=ended.recorded_by,
            reason=ended.reason,
            words=await context.vault.open_if(ended.words),
        ),
    )
