"""Whom a glass is broken for: a child of another school, found by the whole name alone.

Who stands before an emergency knows a name, and no id. The answer tells that there is such a child
and at which school; what is held is read once the record is opened, with its reason. Beginnings of
names find nobody, and each person is answered a few times an hour, so that it is no list of the
district's children.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import TwoTonguesError
from services.chassis.http.commands import Body
from services.referral.api.context import Context
from services.referral.api.glass import Reason, need_opener
from services.referral.api.students import scan
from services.referral.api.words import Warned, warnings_of
from services.referral.handlers.audit import actor_of
from services.referral.handlers.glass import looked, need_standing
from services.referral.model.people import Student
from services.referral.search.keeper import NameSearch
from services.referral.search.names import rank_in_full, typed

SHOWN = 5
"""Children whom one search names: whoever finds more needs to know more of the name."""

_LEAST_WORDS, _LEAST_LETTERS = 2, 2


def _whole(name: str) -> str:
    telling = [each for each in typed(name) if len(each) >= _LEAST_LETTERS]
    if len(telling) < _LEAST_WORDS:
        raise TwoTonguesError(
            "write the given name and a family name: one word fits too many children",
            "escriba el nombre y un apellido: una sola palabra es de demasiados niños",
        )
    return name


class LookBody(Body):
    """Who is sought, and why, in a sentence.

    Attributes:
        name: given name and a family name.
        reason: why it cannot wait for the child's school; said again when the record is opened, and
            kept with the opening.
    """

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=5, max_length=100),
        AfterValidator(_whole),
    ]
    reason: Reason


class SomeChild(Body):
    """That there is such a child, and where; `student` is what an opening names."""

    student: str
    name: str
    site: str
    school: str


class Looked(Body):
    """Children whose names answer, the best first.

    Attributes:
        more: there are more than are named: send more of the name.
    """

    items: Annotated[tuple[SomeChild, ...], Field(max_length=SHOWN)]
    more: bool
    warnings: tuple[Warned, ...] = ()


def glass_search_router(context: Context, names: NameSearch) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/break-glass", tags=["staff"])
    opener = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))]

    @router.post("/search")
    async def search(body: LookBody, caller: opener) -> Looked:
        """Find a child of any school by name, to break the glass for; what is held is not told.

        Every word is a whole name, one of them the given name and one a family name. Each person
        is answered a few times an hour (`break_glass_searches_an_hour`), then refused with 429.
        Who looked, when, and which children were named to them is in the audit log.
        """
        need_opener(context, caller)
        await need_standing(context.desk, caller.subject)
        schools = sorted(await context.store.collection(Student).distinct("site"))
        answers = await asyncio.gather(
            *(_of_school(context, names, site, body.name) for site in schools)
        )
        found = sorted(
            (each for answer in answers for each in answer),
            key=lambda each: (-each[0], each[1].name, each[1].student),
        )
        shown = tuple(child for _, child in found[:SHOWN])
        await looked(context.desk, actor_of(caller), {each.student: each.site for each in shown})
        return Looked(
            items=shown,
            more=len(found) > SHOWN,
            warnings=warnings_of([("reason", body.reason)]),
        )

    return router


async def _of_school(
    context: Context, names: NameSearch, site: str, name: str
) -> list[tuple[float, SomeChild]]:
    """Return a school's children whose names answer, each with how well."""
    found = await names.search(site, name, SHOWN + 1, in_full=True)
    school = context.sites.get(site).name

    def some(id: str, called: str) -> SomeChild:
        return SomeChild(student=id, name=called, site=site, school=school)

    if found is None:  # its index is being built
        rows = await scan(context, site, name, SHOWN + 1, in_full=True)
        return [(0.0, some(each.id, each.name)) for each in rows]
    return [
        (
            rank_in_full(name, each.given_name, each.family_name),
            some(each.id, f"{each.given_name} {each.family_name}"),
        )
        for each in found
    ]
