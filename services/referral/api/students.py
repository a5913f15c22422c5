"""Finding children: the staff of a school look for one by name."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body, Cursor, Limit, Page, read_cursor, write_cursor
from services.referral.api.context import Context
from services.referral.model.people import Enrolment, Student, StudentRecord
from services.referral.search.names import fold, rank_in_full

_LOOKED_AT = 5_000
"""Children opened for one search: names are sealed, so that a search reads a school's roll."""

_AT_ONCE = 200


class StudentSummary(Body):
    """A child in a list.

    Attributes:
        rostered: the school's system brought it.
        attends: has not left; `enrolment` says how a child has.
        left_on: since when the child attends no more, where anybody knows.
    """

    id: str
    site: str
    family: str
    name: str
    grade: str | None
    rostered: bool
    attends: bool
    enrolment: Enrolment
    left_on: date | None = None


def students_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/students", tags=["people"])

    @router.get("")
    async def list_students(
        caller: Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))],
        q: Annotated[
            str, Query(max_length=100, description="Words of the name, in any order.")
        ] = "",
        rostered: Annotated[
            bool | None, Query(description="Only children whom a roster brought, or only others.")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[StudentSummary]:
        """List the children of the caller's schools whose name has these words; none erased."""
        query: dict[str, Any] = {}
        sites = caller.sites(Role.COORDINATOR, Role.CARE_TEAM)
        if "*" not in sites:
            query["site"] = {"$in": sorted(sites)}
        if rostered is not None:
            query["roster"] = {"$type": "string"} if rostered else None
        after = read_cursor(cursor)
        if after is not None:
            query["_id"] = {"$gt": after}
        found, looked_at = await _scan(context, query, _having(q), limit)
        page = found[:limit]
        # Where the names are rare, a page ends with the children that were looked at.
        last = page[-1].id if len(found) > limit else looked_at
        return Page[StudentSummary](items=page, next=write_cursor(last) if last else None)

    return router


_Fits = Callable[[StudentRecord], bool]


async def scan(
    context: Context, site: str, q: str, limit: int, *, in_full: bool = False
) -> list[StudentSummary]:
    """Return children of a school whose names have these words, without an index.

    `in_full`: only those whose given name and family name were typed, by whole words.
    """
    fits = _named_in_full(q) if in_full else _having(q)
    found, _ = await _scan(context, {"site": site}, fits, limit)
    return found[:limit]


async def _scan(
    context: Context, query: dict[str, Any], fits: _Fits, limit: int
) -> tuple[list[StudentSummary], str | None]:
    """Return children whose names fit: one more than the limit, or not many more.

    Beside them the id of the last child that was looked at, where there may be others behind it.
    """
    found: list[StudentSummary] = []
    group: list[Student] = []
    looked_at: list[str] = []
    async for student in context.store.find(Student, query, limit=_LOOKED_AT):
        group.append(student)
        looked_at.append(student.id)
        if len(group) == _AT_ONCE:
            found += await _matching(context, group, fits)
            group = []
        if len(found) > limit:
            break
    found += await _matching(context, group, fits)
    return found, looked_at[-1] if len(looked_at) == _LOOKED_AT else None


async def _matching(context: Context, students: list[Student], fits: _Fits) -> list[StudentSummary]:
    texts = await context.vault.open_many([each.record for each in students])
    records = [None if each is None else StudentRecord.model_validate_json(each) for each in texts]
    return [
        StudentSummary(
            id=student.id,
            site=student.site,
            family=student.family,
            name=f"{record.given_name} {record.family_name}",
            grade=record.grade,
            rostered=student.roster is not None,
            attends=student.attends,
            enrolment=student.enrolment,
            left_on=student.left_on,
        )
        for student, record in zip(students, records, strict=True)
        if record is not None and fits(record)
    ]


def _having(q: str) -> _Fits:
    words = fold(q).replace("-", " ").split()

    def fits(record: StudentRecord) -> bool:
        name = f" {fold(record.given_name)} {fold(record.family_name)}"
        return all(f" {word}" in name.replace("-", " ") for word in words)

    return fits


def _named_in_full(q: str) -> _Fits:
    return lambda record: rank_in_full(q, record.given_name, record.family_name) > 0
