"""Free text on a child: sealed under the child's key, opened for its readers, warned about."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import StringConstraints

from contracts.sealed import Sealed
from services.chassis.auth import Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import Body
from services.chassis.privacy import KeyGoneError
from services.referral.api.context import Context
from services.referral.api.sight import visible
from services.referral.model.people import Student
from services.referral.roster.forms import Never
from services.referral.roster.free_text import never_in

MAX_WORDS = 4_000

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WORDS)]
FewWords = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
StaffSubject = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
TEAM = (Role.COORDINATOR, Role.CARE_TEAM)


class Warned(Body):
    """A text seems to hold what must never be stored. It was stored as it is: look again.

    Attributes:
        field: which text of the request.
        what: the code of what it seems to hold.
        en: what to do, in English.
        es: the same in Spanish.
    """

    field: str
    what: Never
    en: str
    es: str


_ADVICE: dict[Never, tuple[str, str]] = {
    Never.IMMIGRATION_STATUS: (
        "This seems to tell somebody's immigration status. Take it out: no help needs it.",
        "Esto parece decir la situación migratoria de alguien. Quítelo: no hace falta para ayudar.",
    ),
    Never.BIRTHPLACE: (
        "This seems to tell where somebody was born. Take it out: no help needs it.",
        "Esto parece decir dónde nació alguien. Quítelo: no hace falta para ayudar.",
    ),
    Never.SOCIAL_SECURITY_NUMBER: (
        "This seems to hold a social-security number. Take it out: nobody here ever needs it.",
        "Esto parece tener un número de seguro social. Quítelo: aquí nadie lo necesita nunca.",
    ),
    Never.CHILD_PROTECTION: (
        (
            "This sounds as if a child may be hurt or neglected. These words are no report, and "
            "others read them: call the child-protection line now, write the report in its own "
            "place, and take it out here."
        ),
        (
            "Esto suena como si un niño pudiera estar en peligro o descuidado. Estas palabras no "
            "son un reporte, y otras personas las leen: llame ahora a la línea de protección "
            "infantil, escriba el reporte en su lugar y quítelo de aquí."
        ),
    ),
}


def warnings_of(
    texts: Iterable[tuple[str, str | None]], *, but: Never | None = None
) -> tuple[Warned, ...]:
    """Return what a person should look at again, for texts by field.

    Args:
        texts: as they were written.
        but: what may stand there: a concern for a child is no slip in its own report, nor in a name
            that sounds like one.
    """
    return tuple(
        Warned(field=field, what=never, en=_ADVICE[never][0], es=_ADVICE[never][1])
        for field, text in texts
        if text is not None
        for never in never_in(text)
        if never is not but
    )


def name_warnings(names: Iterable[tuple[str, str | None]]) -> tuple[Warned, ...]:
    """Return what a person should look at again in names: what is no name hides there well."""
    return warnings_of(names, but=Never.CHILD_PROTECTION)


async def seal_words(context: Context, student: str, words: str) -> Sealed:
    """Encrypt words under a student's key.

    Raises:
        EnlaceError: the child was erased.
    """
    try:
        return await context.vault.seal(student, words)
    except KeyGoneError:
        raise EnlaceError(
            "erased",
            Kind.UNKNOWN,
            "This child's record was erased, as was asked. Nothing more can be written on it.",
            es="El expediente de este estudiante se borró, como se pidió. Ya no se puede "
            "escribir en él.",
        ) from None


async def seal_if(context: Context, student: str, words: str | None) -> Sealed | None:
    """Encrypt words under a student's key, where there are any.

    Raises:
        EnlaceError: the child was erased.
    """
    return None if words is None else await seal_words(context, student, words)


async def open_words(context: Context, sealed: Sealed | None) -> str | None:
    """Return words; None where there are none or the child was erased."""
    return await context.vault.open_if(sealed)


async def referral_of(
    context: Context, caller: Principal, student: Student, id: str | None
) -> str | None:
    """Return the checked id of a student's referral that the caller may see.

    Raises:
        EnlaceError: there is none, as far as this caller may know.
    """
    if id is None:
        return None
    referral = await visible(context, caller, id, *TEAM)
    if referral.student != student.id:
        raise unknown("referral of this student")
    return referral.id


async def seen_referrals(
    context: Context, caller: Principal, ids: Iterable[str]
) -> list[str | None]:
    """Return which of these referrals the caller may see, and None: what names none is seen."""
    return [None, *[id for id in ids if await may_see(context, caller, id)]]


async def may_see(context: Context, caller: Principal, referral: str | None) -> bool:
    """Tell whether the caller may see a referral; what is on none follows the student alone."""
    if referral is None:
        return True
    try:
        await visible(context, caller, referral, *TEAM)
    except EnlaceError:
        return False
    return True
