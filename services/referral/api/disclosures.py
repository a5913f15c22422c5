"""What was released of a family, and to whom: for staff as JSON, for a guardian on paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from contracts.categories import Category
from contracts.codes import ReleasedPart
from contracts.people import Profile
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, rule
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    identifier,
    read_cursor,
    write_cursor,
)
from services.referral.api.children import children_for, family_for, sees_restricted
from services.referral.api.context import Context
from services.referral.api.disclosure_report import Names, ReportLanguage, write_report
from services.referral.handlers.audit import actor_of, note
from services.referral.model.audit import Action
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.consent_terms import Purpose
from services.referral.model.disclosed import Line, confidential, lines_for
from services.referral.model.follow_up import local_date
from services.referral.model.hand_off import HandOff
from services.referral.model.people import Contact, Family, Student
from services.referral.model.referral import Referral
from services.referral.store import students_of

MOST_READINGS = 5_000
"""Readings looked at for one report; a family comes to a few dozen a year."""

NameOf = Annotated[str, Query(max_length=240, pattern=r"^[^:]{1,64}:.{1,175}$")]


class DisclosureView(Body):
    """One reading, as staff of the school see it.

    Attributes:
        consent: null where staff told a place outside the network without one.
        confidential: on the student's own consent: no guardian is told, on no paper.
        made_at: when the agency was told; `recorded_at` is when that was written down.
    """

    id: str
    student: str
    referral: str
    category: Category | None
    consent: str | None
    agency: str
    service: str
    parts: tuple[ReleasedPart, ...]
    purposes: tuple[Purpose, ...]
    confidential: bool
    made_at: datetime
    recorded_at: datetime


def disclosures_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/families/{id}", tags=["consents"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get("/disclosures")
    async def list_disclosures(
        id: Identifier, caller: staff, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[DisclosureView]:
        """List the readings of who the family's children at the caller's schools are, newest first.

        Those for restricted needs, and on a student's own consent, are for those who may see them.
        """
        family = await family_for(context, caller, id, Role.COORDINATOR)
        children = await children_for(context, caller, family, Role.COORDINATOR)
        named = _named(context, caller, children)
        found = await _disclosures(context, children, read_cursor(cursor), limit + 1)
        page = found[:limit]
        books, referrals = await _books(context, children), await _referrals(context, page)
        restricted = context.desk.rules().restricted
        views = [_view(each, books, referrals) for each in page]
        return Page[DisclosureView](
            items=[
                each
                for each in views
                if each.student in named or not (each.confidential or each.category in restricted)
            ],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/disclosure-report", response_class=HTMLResponse)
    async def disclosure_report(
        id: Identifier,
        caller: staff,
        language: ReportLanguage = "es",
        contact: Annotated[
            str | None,
            Query(
                max_length=36,
                description="The guardian it is for. Restricted needs are told only to the "
                "guardian who consented to them; others read only that something was told without "
                "a consent, and not of what need.",
            ),
        ] = None,
        name: Annotated[
            list[NameOf] | None,
            Query(
                max_length=200,
                description="Names of agencies and services, each as `id:name`; an id stands for "
                "one that has none.",
            ),
        ] = None,
    ) -> HTMLResponse:
        """Return the disclosure report for a guardian, as a page to print.

        It is on the children at the caller's schools, and says so where there are others. What
        was read on a student's own consent is not in it. What was told of a restricted need
        without a consent names the place and the need to the guardian alone who consented to
        that need.
        """
        family = await family_for(context, caller, id, Role.COORDINATOR)
        reader = _reader(family, contact)
        children = await children_for(context, caller, family, Role.COORDINATOR)
        named = _named(context, caller, children)
        elsewhere = await _elsewhere(context, family, children, reader)
        found = await _disclosures(context, children, None, MOST_READINGS + 1)
        if reader is not None:
            found = [each for each in found if reader.hears_of(each.student)]
        lines = lines_for(
            found[:MOST_READINGS],
            await _books(context, children),
            await _referrals(context, found),
            reader.id if reader else None,
            context.desk.rules().restricted,
            named=named,
        )
        about = {"family": family.id, "reader": reader.id if reader else None}
        made_by = actor_of(caller)
        await note(
            context.desk, made_by, Action.DISCLOSURE_REPORT_MADE, site=family.site, about=about
        )
        page = write_report(
            lines,
            await _names(context, family, lines, name or []),
            context.desk.rules().needs,
            language=language,
            made=local_date(context.clock.now(), context.settings.zone),
            reader=await _given_name(context, reader) if reader else None,
            elsewhere=elsewhere,
            partial=len(named) < len(children),
            cut=MOST_READINGS if len(found) > MOST_READINGS else None,
        )
        return HTMLResponse(
            page,
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return router


def _reader(family: Family, contact: str | None) -> Contact | None:
    if contact is None:
        return None
    reader = family.contact(identifier(contact))
    if reader is None or not reader.may_be_told:
        raise rule(
            "may-not-be-told",
            "This person is none of the family's contacts, or a custody note or no-contact order "
            "stands against them. No report was made: choose a guardian who may be told.",
            es="Esta persona no es contacto de la familia, o hay una nota de custodia o una "
            "orden de no contacto en su contra. No se hizo ningún informe: elija a un "
            "tutor al que se le pueda decir.",
        )
    return reader


def _named(context: Context, caller: Principal, children: Sequence[Student]) -> frozenset[str]:
    """Return the children whose restricted needs the caller may see."""
    return frozenset(each.id for each in children if sees_restricted(context, caller, each.site))


async def _elsewhere(
    context: Context, family: Family, children: Sequence[Student], reader: Contact | None
) -> bool:
    """Tell whether the family has a child at another school of whom the reader may be told."""
    opened = [each.id for each in children]
    others = {"family": family.id, "_id": {"$nin": opened}}
    return any(
        [
            reader is None or reader.hears_of(each.id)
            async for each in context.store.find(Student, others)
        ]
    )


async def _disclosures(
    context: Context, children: Sequence[Student], before: str | None, limit: int
) -> list[Disclosure]:
    query: dict[str, object] = {"student": {"$in": [each.id for each in children]}}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = context.store.find(Disclosure, query, sort=[("_id", -1)], limit=limit)
    return [each async for each in found]


async def _books(context: Context, children: Sequence[Student]) -> dict[str, ConsentBook]:
    found = context.store.find(ConsentBook, {"_id": {"$in": [each.id for each in children]}})
    return {each.id: each async for each in found}


async def _referrals(context: Context, found: list[Disclosure]) -> dict[str, Referral]:
    ids = sorted({each.referral for each in found})
    referrals = context.store.find(Referral, {"_id": {"$in": ids}})
    return {each.id: each async for each in referrals}


def _view(
    made: Disclosure, books: dict[str, ConsentBook], referrals: dict[str, Referral]
) -> DisclosureView:
    book, referral = books.get(made.student), referrals.get(made.referral)
    consent = book.find(made.consent) if book and made.consent else None
    return DisclosureView(
        id=made.id,
        student=made.student,
        referral=made.referral,
        category=referral.category if referral else None,
        consent=made.consent,
        agency=made.agency,
        service=made.service,
        parts=made.parts,
        purposes=consent.purposes if consent else (),
        confidential=confidential(made, book, referral),
        made_at=made.made_at,
        recorded_at=made.recorded_at,
    )


async def _names(context: Context, family: Family, lines: list[Line], passed: list[str]) -> Names:
    students = await students_of(context.store, [each.student for each in lines])
    children = {}
    for id, student in students.items():
        try:
            children[id] = (await context.record_of(student)).given_name
        except EnlaceError as error:
            if error.kind is not Kind.UNKNOWN:
                raise
    givers = {}
    for id in {each.consent.given_by for each in lines if each.consent}:
        giver = family.contact(id)
        if giver is not None:
            givers[id] = await _given_name(context, giver) or ""
    others = {
        each.id: await context.vault.open_if(each.to) or each.id
        async for each in context.store.find(
            HandOff, {"_id": {"$in": [each.agency for each in lines if each.agency]}}
        )
    }
    others |= dict(each.split(":", 1) for each in passed)
    return Names(children, givers, others)


async def _given_name(context: Context, contact: Contact) -> str | None:
    profile = await context.vault.open_as_if(Profile, contact.profile)
    return profile.given_name if profile else None
