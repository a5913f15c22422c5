"""Who may still hand in what happened with a child who has changed schools since.

A phone that was offline for a week sends what was true a week ago: whoever was staff of the school
where the child was then writes it down, and reads nothing of the child by it.
"""

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


async def child_then(
    context: Context, caller: Principal, id: str, at: datetime
) -> tuple[Student, str]:
    """Return a child of the caller's, now or at a past moment, and the school of that sight of it.

    Raises:
        EnlaceError: there is none, as far as this caller may know; or the child was erased.
    """
    try:
        student = await child_for(context, caller, id, *TEAM)
    except EnlaceError as error:
        if error.slug != "not-found":
            raise
    else:
        return student, student.site
    then = await context.store.get(Student, identifier(id))
    if then is not None and then.erased_at is None:
        school = then.school_at(at)
        if school != then.site and await _was_staff(context, caller, school, at):
            return then, school
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


async def _was_staff(context: Context, caller: Principal, school: str, at: datetime) -> bool:
    """Tell whether somebody was staff of a school: by the register, or else by their roles now."""
    day = local_date(at, context.settings.zone)
    held = await context.register.held_on(caller.subject, day)
    if held is None:
        return bool({"*", school} & caller.sites(*TEAM))
    return any((role, scope) in held for role in TEAM for scope in (school, "*"))


async def referral_then(
    context: Context, caller: Principal, student: Student, school: str, id: str | None
) -> str | None:
    """Return the checked id of the child's referral that the caller could see at that school.

    Raises:
        EnlaceError: there is none, as far as this caller may know.
    """
    if id is None or school == student.site:
        return await referral_of(context, caller, student, id)
    referral = await context.store.get(Referral, identifier(id))
    if referral is None or referral.student != student.id:
        raise unknown("referral of this student")
    if not may_see(caller, referral.having(site=school), context.desk.rules()):
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
