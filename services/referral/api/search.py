"""Finding children by name, and names for pages that hold ids."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field, ValidationError

from contracts.codes import Relation
from contracts.people import Profile
from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal, Role
from services.chassis.fields import Id
from services.chassis.http.commands import Body
from services.referral.api.context import Context
from services.referral.api.students import StudentSummary, scan
from services.referral.api.words import TEAM
from services.referral.handlers.homes import schools_of
from services.referral.model.people import Contact, Enrolment, Family, Student, StudentRecord
from services.referral.search.index import Entry
from services.referral.search.keeper import NameSearch

MAX_IDS = 200


class Found(Body):
    """Children whose names answer, the best first.

    Attributes:
        indexed: false while the school's index is being built: until then names are found by the
            beginnings of their words alone, without typos and nicknames.
    """

    items: tuple[StudentSummary, ...]
    indexed: bool


class NamesBody(Body):
    """Ids of students and contacts, in any mixture."""

    ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_IDS)]


class PersonName(Body):
    """What somebody is called. `family_name` is null where only the given name is held.

    `site` is the child's school; of a contact one of the children's schools, of those that the
    caller is at.
    """

    id: str
    kind: Literal["student", "contact"]
    site: str
    given_name: str
    family_name: str | None = None
    relation: Relation | None = None


class Names(Body):
    """The names of those whom the caller may see; the others are left out, and so are erased."""

    people: tuple[PersonName, ...]


def search_router(context: Context, names: NameSearch) -> APIRouter:
    """Return the router. It goes before those that take `/v1/students/{id}`."""
    router = APIRouter(prefix="/v1", tags=["people"])
    reader = Annotated[Principal, Depends(Allow(*TEAM, Role.ADMIN))]

    @router.get("/students/search")
    async def search(
        caller: reader,
        site: Annotated[str, Query(max_length=64)],
        q: Annotated[
            str,
            Query(
                min_length=2,
                max_length=100,
                description="Words of the name in any order: accents, nicknames and typos are "
                "forgiven.",
            ),
        ],
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
    ) -> Found:
        """Find children of one school by name."""
        caller.need_site(site, *TEAM, what="site")
        found = await names.search(site, q, limit)
        if found is None:
            return Found(items=tuple(await scan(context, site, q, limit)), indexed=False)
        return Found(items=tuple(_summary(site, each) for each in found), indexed=True)

    @router.post("/people/names")
    async def names_of(body: NamesBody, caller: reader) -> Names:
        """Return the names of up to 200 people, for pages that show them."""
        ids = sorted({each.lower() for each in body.ids})
        sites = caller.sites(*TEAM)
        people = [*await _students(context, ids, sites), *await _contacts(context, ids, sites)]
        opened = await context.vault.open_many([sealed for _, sealed in people])
        return Names(
            people=tuple(
                name
                for (person, _), text in zip(people, opened, strict=True)
                if text is not None and (name := _named(person, text)) is not None
            )
        )

    return router


def _summary(site: str, each: Entry) -> StudentSummary:
    enrolment = Enrolment(each.enrolment)
    return StudentSummary(
        id=each.id,
        site=site,
        family=each.family,
        name=f"{each.given_name} {each.family_name}",
        grade=each.grade,
        rostered=each.rostered,
        attends=enrolment is Enrolment.ENROLLED,
        enrolment=enrolment,
        left_on=date.fromisoformat(each.left_on) if each.left_on else None,
    )


_Person = Student | tuple[Contact, str]
"""A child, or somebody around one, with the school by which the caller may know of them."""


async def _students(
    context: Context, ids: list[str], sites: frozenset[str]
) -> list[tuple[_Person, Sealed]]:
    at = {} if "*" in sites else {"site": {"$in": sorted(sites)}}
    found = context.store.find(Student, {"_id": {"$in": ids}, **at})
    return [(student, student.record) async for student in found]


async def _contacts(
    context: Context, ids: list[str], sites: frozenset[str]
) -> list[tuple[_Person, Sealed]]:
    found = context.store.find(Family, {"contacts.id": {"$in": ids}})
    families = [family async for family in found]
    schools = await schools_of(context.store, families)
    wanted = set(ids)
    return [
        ((contact, min(known)), contact.profile)
        for family in families
        if (known := schools[family.id] if "*" in sites else schools[family.id] & sites)
        for contact in family.contacts
        if contact.id in wanted
    ]


def _named(person: _Person, text: str) -> PersonName | None:
    try:
        if isinstance(person, Student):
            record = StudentRecord.model_validate_json(text)
            return PersonName(
                id=person.id,
                kind="student",
                site=person.site,
                given_name=record.given_name,
                family_name=record.family_name,
            )
        profile = Profile.model_validate_json(text)
    except ValidationError:
        return None
    contact, site = person
    return PersonName(
        id=contact.id,
        kind="contact",
        site=site,
        given_name=profile.given_name,
        relation=contact.relation,
    )
