"""A copy of all that is held on a family (34 CFR 99.10): for programs, and to be read."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse

from contracts.people import Profile
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import rule, unknown
from services.chassis.http.commands import Body, Identifier, identifier
from services.chassis.privacy import KeyGoneError
from services.referral.api.children import sees_restricted
from services.referral.api.context import Context
from services.referral.api.disclosure_report import ReportLanguage, ReportWords
from services.referral.api.disclosures import NameOf
from services.referral.api.export_page import Known, accounts_in, write_export
from services.referral.api.export_record import Collector
from services.referral.api.staff_names import staff_names
from services.referral.elsewhere import Conversations
from services.referral.handlers.audit import actor_of, note
from services.referral.handlers.erasures import erased
from services.referral.model.audit import Action
from services.referral.model.export import Reader
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


class LeftOut(Body):
    """A child whose record is at a school that the copy was not made at."""

    student: str
    site: str


class FamilyExport(Body):
    """The copy. Each section lists flat tables; what is unknown is null, what is empty is absent.

    Attributes:
        reader: id of the contact or student it is for; what it holds follows from it.
        left_out: the family's children at other schools of whom the reader may have a copy too;
            each school opens its own children's records, the district's administrator all.
        sections: people, children, referrals, follow_ups, consents, notes, help_requests,
            contact_attempts, meetings, care_team, tiers, disclosures, deletions, messages.
    """

    family: str
    reader: str
    made_on: date
    left_out: tuple[LeftOut, ...] = ()
    sections: dict[str, list[dict[str, Any]]]


def export_router(context: Context, conversations: Conversations) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/families/{id}", tags=["rights"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get(
        "/export",
        response_class=Response,
        responses={
            200: {
                "model": FamilyExport,
                "content": {"text/html": {"schema": {"type": "string"}}},
                "description": "The copy, as JSON or as a page to print.",
            }
        },
    )
    async def export(
        id: Identifier,
        caller: staff,
        *,
        reader: Annotated[
            str,
            Query(
                max_length=36,
                description="Whom it is for: a contact who may be told, or a student.",
            ),
        ],
        format: Annotated[Literal["json", "html"], Query()] = "json",  # noqa: A002 - its name
        language: ReportLanguage = "es",
        name: Annotated[
            list[NameOf] | None,
            Query(
                max_length=200,
                description="For the page: names of agencies and services, each as `id:name`.",
            ),
        ] = None,
    ) -> Response:
        """Return a copy of all that is held on a family, as far as the reader may have it.

        From here and from notify, of the children at the caller's schools. Not in it:
        child-protection reports, notes that are their author's alone, and what a student confided
        in a guardian's copy.
        """
        family = await context.store.get(Family, identifier(id))
        if family is None:
            raise unknown("family")
        found = context.store.find(Student, {"family": family.id})
        children = {each.id: each async for each in found}
        schools = family.schools(each.site for each in children.values())
        # No broken glass reaches here: a copy is for who is at home at the school.
        if not {"*", *schools} & caller.sites(Role.COORDINATOR):
            raise unknown("family")
        if family.erasing is not None:
            raise erased()
        whom = await _reader(context, caller, family, children, identifier(reader))
        left_out = [
            LeftOut(student=each.id, site=each.site)
            for each in children.values()
            if whom.may_have(each.id) and not whom.reads_child(each.id)
        ]
        whole = whom.children == children.keys()
        collector = Collector(context, family, whom, conversations, whole=whole)
        sections = await collector.sections()
        about = {"family": family.id, "reader": whom.person, "format": format}
        await note(
            context.desk, actor_of(caller), Action.EXPORT_MADE, site=family.site, about=about
        )
        copy = FamilyExport(
            family=family.id,
            reader=whom.person,
            made_on=local_date(context.clock.now(), context.settings.zone),
            left_out=tuple(left_out),
            sections={name: items for name, items in sections.items() if items},
        )
        if format == "json":
            return JSONResponse(copy.model_dump(mode="json"), headers=_HEADERS)
        accounts = frozenset(collector.accounts)
        page = await _page(context, copy, accounts, name or [], language)
        return HTMLResponse(page, headers=_HEADERS)

    return router


async def _page(
    context: Context,
    copy: FamilyExport,
    accounts: frozenset[str],
    names: list[str],
    language: ReportLanguage,
) -> str:
    rules = context.desk.rules()
    accounts |= accounts_in(copy.sections)
    known = Known(
        others=dict(each.split(":", 1) for each in names),
        staff=await staff_names(context, accounts),
        accounts=accounts,
        sites=context.sites,
        zone=context.settings.zone,
    )
    say = ReportWords(language, rules.needs, rules.spoken, rules.whys)
    return write_export(copy.sections, copy.made_on, known, say, cut=bool(copy.left_out))


async def _reader(
    context: Context,
    caller: Principal,
    family: Family,
    children: Mapping[str, Student],
    person: str,
) -> Reader:
    sites = caller.sites(Role.COORDINATOR)
    opened = frozenset(id for id, each in children.items() if {"*", each.site} & sites)
    is_student = person in children
    if is_student and person not in opened:
        raise rule(
            "at-another-school",
            "This child goes to another school, and each school opens its own children's records. "
            "No copy was made: ask who coordinates there, or the district's administrator.",
            es="Este estudiante va a otra escuela, y cada escuela abre los expedientes de los "
            "suyos. No se hizo ninguna copia: consulte a quien coordina allí, o a la "
            "administración del distrito.",
        )
    contact = family.contact(person)
    if not is_student and (contact is None or not contact.may_be_told):
        raise rule(
            "may-not-be-told",
            "This person is none of the family's students or contacts, or a custody note or "
            "no-contact order stands against them. No copy was made: choose who asked for it.",
            es="Esta persona no es estudiante ni contacto de la familia, o hay una nota de "
            "custodia o una orden de no contacto en su contra. No se hizo ninguna copia: "
            "elija a quien la pidió.",
        )
    if contact is not None and not is_student:
        try:
            await context.vault.open_as(Profile, contact.profile)
        except KeyGoneError:
            raise erased() from None
    return Reader(
        person=person,
        contact=None if is_student else contact,
        children=opened,
        restricted=context.desk.rules().restricted,
        named=frozenset(id for id in opened if sees_restricted(context, caller, children[id].site)),
    )
