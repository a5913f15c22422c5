"""Who may still hand in what happened with a child, once one of the two has changed schools.

A phone that was offline for a week sends what was true a week ago: whoever was staff of the school
where the child was then writes it down, and reads nothing of the child by it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.auth import Principal
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import identifier
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.sight import may_see
from services.referral.api.words import TEAM, referral_of
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral


@dataclass(frozen=True, slots=True)
class Then:
    """A child as somebody knew it.

    Attributes:
        school: where that was.
        caller: with the roles that they held there.
        still: they may see the child now too.
    """

    student: Student
    school: str
    caller: Principal
    still: bool


async def child_then(context: Context, caller: Principal, id: str, at: datetime) -> Then:
    """Return a child of the caller's, now or at a past moment.

    Raises:
        EnlaceError: there is none, as far as this caller may know; or the child was erased.
    """
    try:
        student = await child_for(context, caller, id, *TEAM)
    except EnlaceError as error:
        if error.slug != "not-found":
            raise
    else:
        return Then(student, student.site, caller, still=True)
    then = await context.store.get(Student, identifier(id))
    if then is not None and then.erased_at is None:
        school = then.school_at(at)
        staff = await _as_staff(context, caller, school, at)
        if staff is not None:
            return Then(then, school, staff, still=False)
    raise EnlaceError(
        "not-found",
        Kind.UNKNOWN,
        "Your schools have no such child, and had none when this happened. Nothing was kept: check "
        "the child and the time. If the child goes to another school, tell its coordinator what "
        "happened.",
        es="En sus escuelas no está ese estudiante, ni estaba cuando ocurrió esto. No se guardó "
        "nada: revise el estudiante y la hora. Si va a otra escuela, cuente a su coordinación lo "
        "que pasó.",
    )


async def _as_staff(
    context: Context, caller: Principal, school: str, at: datetime
) -> Principal | None:
    """Return somebody as the staff of a school that they were: by the register, or else as now.

    None: they were none. Whoever is off-boarded comes nowhere near here.
    """
    held = await context.register.held_on(caller.subject, local_date(at, context.settings.zone))
    then = caller if held is None else replace(caller, grants=held)
    return then if any(then.holds(role, school) for role in TEAM) else None


async def referral_then(context: Context, then: Then, id: str | None) -> str | None:
    """Return the checked id of the child's referral that the caller could see at that school.

    Raises:
        EnlaceError: there is none, as far as this caller may know.
    """
    if id is None or then.still:
        return await referral_of(context, then.caller, then.student, id)
    referral = await context.store.get(Referral, identifier(id))
    if referral is None or referral.student != then.student.id:
        raise unknown("referral of this student")
    if not may_see(then.caller, referral.having(site=then.school), context.desk.rules()):
        raise unknown("referral of this student")
    return referral.id


async def contact_then(
    context: Context, student: Student, id: str | None, at: datetime
) -> str | None:
    """Return the checked id of somebody around the child, now or at a past moment.

    Raises:
        EnlaceError: nobody of the household has it, nor had of the one in which the child was.
    """
    if id is None:
        return None
    person = identifier(id)
    before = next((each.family for each in student.former if at < each.until), student.family)
    for home in dict.fromkeys((student.family, before)):
        family = await context.store.get(Family, home)
        people = (*family.contacts, *family.former) if family else ()
        if person == student.id or any(each.id == person for each in people):
            return person
    raise unknown("contact of this student")
