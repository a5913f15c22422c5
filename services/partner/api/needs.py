"""A need as it is asked about. It travels in the body: addresses end in logs, bodies do not."""

from typing import Annotated

from pydantic import AfterValidator, Field

from contracts.codes import DayPart
from services.chassis.auth import Principal, Role
from services.chassis.errors import TwoTonguesError, rule, unknown
from services.chassis.fields import Id, LanguageTag, ProviderKey, ZipCode, written
from services.chassis.grades import place_of
from services.chassis.http.commands import Body
from services.chassis.needs import Needs
from services.partner.api import context as common
from services.partner.api.context import Context
from services.partner.handlers.matching import record_outcome
from services.partner.model.matching.need import Need
from services.partner.model.unmatched import Weighed


def _grade(text: str) -> str:
    if place_of(text) is None:
        raise TwoTonguesError(
            "this is no grade: write PK, KG, or 1 to 12",
            "este no es un grado: escriba PK, KG, o de 1 a 12",
        )
    return text


_insurance = written(
    "[a-z0-9]+(-[a-z0-9]+)*",
    "this is no code of an insurance: write it as medi-cal, or none",
    "este no es el código de un seguro: escríbalo como medi-cal, o none si no tiene",
)

Grade = Annotated[str, Field(max_length=8), AfterValidator(_grade)]
InsuranceCode = Annotated[str, Field(max_length=32), AfterValidator(_insurance)]
"""Of the district's own list; `none` is a family without any."""


class NeedBody(Body):
    """A need and what decides who can help. What is left out excludes nobody.

    Nothing of it is stored or logged, but that nothing fitted a named referral.

    Attributes:
        referral: whose need it is; where nothing fits, that is recorded for it.
        age: in whole years.
        grade: as the district writes it.
        insurance: a code; `none` for a family without any.
        language_needed: the family cannot do with another language: a service that neither speaks
            it nor brings an interpreter is left out.
        times: when the family can come; none: any.
    """

    referral: Id | None = None
    category: common.Need
    site: common.Site
    age: Annotated[int, Field(ge=0, le=130)] | None = None
    grade: Grade | None = None
    insurance: InsuranceCode | None = None
    home_zip: ZipCode | None = None
    language: LanguageTag | None = None
    language_needed: bool = False
    times: Annotated[tuple[DayPart, ...], Field(max_length=3)] = ()

    def need(self, needs: Needs) -> Need:
        """Return the need as it is weighed; the district's `needs` say which are restricted."""
        return Need(
            category=self.category,
            site=self.site,
            restricted=needs.restricted(self.category),
            age=self.age,
            grade=place_of(self.grade),
            insurance=self.insurance,
            home_zip=self.home_zip,
            language=self.language,
            language_needed=self.language_needed,
            times=frozenset(self.times),
        )


class WhyBody(NeedBody):
    """A need, and the service that is asked about."""

    service: ProviderKey


async def need_sight(context: Context, caller: Principal, bearer: str, body: NeedBody) -> Needs:
    """Pass who may ask for this school, and for a referral with a restricted need who may see it.

    Returns the kinds of need that the district has.

    Raises:
        EnlaceError: they may not, referral, which says so, does not answer, or the district has no
            such need.
    """
    caller.need_site(body.site, Role.COORDINATOR, Role.CARE_TEAM, what="site")
    needs = await context.district.need_known([body.category])
    if body.referral is not None and needs.restricted(body.category):
        await _check(context, bearer, body, body.referral)
    return needs


async def recorded(
    context: Context, bearer: str, body: NeedBody, needs: Needs, missing: tuple[str, ...]
) -> bool:
    """Record for the referral, where one is named, what is missing; tell whether that was done.

    The caller must see the referral. While that cannot be looked up nothing is recorded, and the
    matches are told all the same.

    Raises:
        EnlaceError: they may not see it, or it is of another school or need.
    """
    if body.referral is None:
        return False
    if missing:
        await _check(context, bearer, body, body.referral)
    weighed = Weighed(body.referral, body.site, needs.on_topics(body.category), missing)
    await record_outcome(context.store, context.clock, weighed)
    return bool(missing)


async def _check(context: Context, bearer: str, body: NeedBody, referral: str) -> None:
    seen = await context.sight.see(referral, bearer, what="referral")
    if not isinstance(seen, dict):
        raise unknown("referral")
    if (seen.get("site"), seen.get("category")) != (body.site, body.category.value):
        raise rule(
            "not-this-referral",
            "This referral is of another school or another need. Nothing was recorded: read the "
            "referral again and ask with its own school and category.",
            es="Esta derivación es de otra escuela o de otra necesidad. No se anotó nada: vuelva a "
            "leerla y pregunte con su propia escuela y categoría.",
        )
