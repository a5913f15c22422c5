"""For whom a service is, when, where and for how much, as staff enter it."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Phone, ZipCode, written
from services.chassis.grades import place_of
from services.chassis.http.commands import Body
from services.partner.api.context import Site
from services.partner.api.needs import Grade, InsuranceCode
from services.partner.model.service import Place
from services.partner.model.terms import Cost, Hours, Terms, Weekday

_clock = written(
    "([01][0-9]|2[0-3]):[0-5][0-9]",
    "write the time with four figures, as 08:30",
    "escriba la hora con cuatro cifras, como 08:30",
)
ClockTime = Annotated[str, Field(max_length=5), AfterValidator(_clock)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class HoursBody(Body):
    """When a service is open on one day of the week, local to it."""

    day: Weekday
    opens_at: ClockTime
    closes_at: ClockTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes_at <= self.opens_at:
            raise TwoTonguesError(
                "closes_at is not after opens_at: correct one of them; hours over midnight are two",
                "closes_at no es posterior a opens_at: corrija una de las dos; un horario que pasa "
                "de medianoche son dos",
            )
        return self


class TermsBody(Body):
    """What a service asks and offers, whole. What is left out excludes nobody.

    Attributes:
        insurance: codes of those it takes, `none` among them where it takes families without any.
        zips: where families must live.
        interpreter: whether it brings one for a language that its staff do not speak.
        hours: of a usual week.
        campuses: the schools on whose grounds it is given.
    """

    first_grade: Grade | None = None
    last_grade: Grade | None = None
    insurance: Annotated[tuple[InsuranceCode, ...], Field(max_length=50)] = ()
    zips: Annotated[tuple[ZipCode, ...], Field(max_length=500)] = ()
    interpreter: bool | None = None
    cost: Cost | None = None
    hours: Annotated[tuple[HoursBody, ...], Field(max_length=50)] = ()
    campuses: Annotated[tuple[Site, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _grades_in_order(self) -> Self:
        first, last = place_of(self.first_grade), place_of(self.last_grade)
        if first is not None and last is not None and last < first:
            raise TwoTonguesError(
                "last_grade is below first_grade: correct one of them",
                "last_grade es menor que first_grade: corrija uno de los dos",
            )
        return self

    def terms(self) -> Terms:
        """Return them as they are kept."""
        fields = dict(self)
        hours = tuple(Hours(**dict(each)) for each in self.hours)
        return Terms(**{**fields, "hours": hours})


class PlaceBody(Body):
    """Where a service is offered. Coordinates are WGS 84 degrees, both or none."""

    name: Line | None = None
    lines: Annotated[tuple[Line, ...], Field(max_length=5)] = ()
    city: Line | None = None
    state: Line | None = None
    postal_code: Annotated[str, Field(max_length=16)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    phones: Annotated[tuple[Phone, ...], Field(max_length=10)] = ()
    transportation: Annotated[str, Field(max_length=1_000)] | None = None
    accessibility: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    source_id: Annotated[str, Field(max_length=400)] | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise TwoTonguesError(
                "a point has a latitude and a longitude: send both, or none",
                "un punto tiene latitud y longitud: envíe las dos, o ninguna",
            )
        return self

    def place(self) -> Place:
        """Return it as it is kept."""
        return Place(**dict(self))
