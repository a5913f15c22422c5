"""Which child a caller may act on, and which of its consents they may read."""

from services.chassis.auth import Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import identifier
from services.referral.api.context import Context
from services.referral.api.sight import named_sites
from services.referral.handlers import erasures
from services.referral.handlers.glass import opened
from services.referral.model.consent import Consent, ConsentBook
from services.referral.model.people import Family, Student


async def child_for(context: Context, caller: Principal, id: str, *roles: Role) -> Student:
    """Return a student whom the caller may know of, at a site where they hold one of these roles.

    Or one whose whole record they have opened by breaking the glass.

    Raises:
        EnlaceError: there is none, as far as this caller may know.
    """
    student = await context.store.get(Student, identifier(id))
    if student is None:
        raise unknown("student")
    if {"*", student.site} & caller.sites(*roles):
        _need_there(caller, erased=student.erased_at is not None)
        return student
    if await opened(context.desk, caller, student.id, None):
        return student
    raise unknown("student")


async def family_for(context: Context, caller: Principal, id: str, *roles: Role) -> Family:
    """Return a household that the caller may know of: that of a child at one of their schools.

    One without a child is its own school's.

    Raises:
        EnlaceError: there is none, as far as this caller may know.
    """
    family = await context.store.get(Family, identifier(id))
    if family is None:
        raise unknown("family")
    sites = caller.sites(*roles)
    children = [each async for each in context.store.find(Student, {"family": family.id})]
    # One family, several children, several schools.
    if {"*", *family.schools(each.site for each in children)} & sites:
        _need_there(caller, erased=family.erasing is not None)
        return family
    for student in children:
        if await opened(context.desk, caller, student.id, None):
            return family
    raise unknown("family")


async def children_for(
    context: Context, caller: Principal, family: Family, *roles: Role
) -> list[Student]:
    """Return the children of a household whose records the caller may read: it may have others.

    Those at a site where the caller holds one of these roles, or whose whole record they have
    opened by breaking the glass.
    """
    sites = caller.sites(*roles)
    return [
        each
        async for each in context.store.find(Student, {"family": family.id})
        if {"*", each.site} & sites or await opened(context.desk, caller, each.id, None)
    ]


async def household_for(context: Context, caller: Principal, id: str) -> Family:
    """Return a household into which the caller may enter a child.

    Whoever wrote a child into a household of another school would reach all of it from then on.

    Raises:
        EnlaceError: none that the caller may know of; whether another school has it is not told.
    """
    try:
        return await family_for(context, caller, id, Role.COORDINATOR)
    except EnlaceError as error:
        if error.slug != "not-found":
            raise
    raise EnlaceError(
        "family-not-here",
        Kind.UNKNOWN,
        "Your schools have no household under this id. Nothing was entered: check the id, or enter "
        "a household for the child here. Where a brother or sister goes to another school, ask who "
        "leads at both schools, or the district's administrator, to merge the two households. "
        "Where the child itself comes from another school, ask its coordinator for a transfer.",
        es="Sus escuelas no tienen una familia con este identificador. No se guardó nada: revise "
        "el identificador, o registre aquí una familia para el niño. Si un hermano o hermana va a "
        "otra escuela, pida a quien coordina en las dos, o a la administración del distrito, que "
        "una las dos familias. Si el niño viene de otra escuela, pida el traslado a su "
        "coordinación.",
    )


def _need_there(caller: Principal, *, erased: bool) -> None:
    """Let nobody write on those who were erased; what is left of them, ids and codes, is read.

    Raises:
        EnlaceError: they were.
    """
    if erased and not caller.origin.reading:
        raise erasures.erased()


def sees_restricted(context: Context, caller: Principal, site: str) -> bool:
    """Tell whether a caller is among those whom the district lets see restricted needs."""
    return bool({"*", site} & named_sites(caller, context.desk.rules()))


def may_read(
    context: Context, caller: Principal, child: Student, book: ConsentBook, consent: Consent
) -> bool:
    """Tell whether a caller may read the whole of a consent: who gave it, to whom, its paper.

    Whom the district names at the school where the child is now, wherever it was entered.
    """
    harmless = not context.desk.rules().restricted.intersection(consent.categories)
    private = book.confided(consent) or not harmless
    return not private or sees_restricted(context, caller, child.site)
