"""A service of an agency: what it does, for whom, and where."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.agencies import ServiceChanged
from contracts.categories import UNCATEGORIZED, WITHHELD, Category
from services.chassis.aggregate import Aggregate
from services.chassis.needs import Needs
from services.partner.model.confirmed import Confirmed
from services.partner.model.listing import Listing, PlaceListing
from services.partner.model.names import fold
from services.partner.model.terms import Terms
from services.partner.model.threeway import Difference, Fields

__all__ = ["UNCATEGORIZED", "Place", "Service"]


class Place(BaseModel):
    """Where a service is offered. Coordinates are WGS 84 degrees.

    Attributes:
        source_id: its id in the directory that it came from.
        transportation: how to get there.
        accessibility: what the place has for people with disabilities.
        told: what its directory says of it besides.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    lines: tuple[str, ...] = ()
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    phones: tuple[str, ...] = ()
    source_id: str | None = None
    transportation: str | None = None
    accessibility: tuple[str, ...] = ()
    told: PlaceListing = PlaceListing()


class Service(Aggregate):
    """A service.

    Attributes:
        category: the kind of need it meets first; `other` until somebody says.
        also: further kinds of need.
        sites: the schools it serves; none means every school that its agency's agreements cover.
        languages: spoken there, as BCP 47.
        minimum_age: in years; None means no limit.
        terms: for whom it is besides, when and for how much.
        listing: what its directory says of it in words.
        sourced: what its directory said last, by field; see `threeway`.
        differences: what its directory and staff have both changed, until somebody settles it.
        confirmed: who last said that this holds.
        fingerprint: keyed hash of the body that staff sent last; empty after an import.
        created: keyed hash of the body that entered it, so that a late repeat is known as one.
    """

    COLLECTION: ClassVar[str] = "services"
    STAMPED: ClassVar[bool] = True

    agency: str
    name: str
    category: Category
    description: str | None = None
    also: tuple[Category, ...] = ()
    sites: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    minimum_age: float | None = None
    maximum_age: float | None = None
    locations: tuple[Place, ...] = ()
    terms: Terms = Terms()
    listing: Listing = Listing()
    retired: bool = False
    source: str | None = None
    source_id: str | None = None
    source_fingerprint: str | None = None
    sourced: dict[str, Any] = Field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    confirmed: Confirmed | None = None
    fingerprint: str = ""
    created: str = ""

    def fields(self) -> Fields:
        """Return what a directory can say of it, as JSON holds it, by field."""
        return flat(self)

    def serves(self, site: str) -> bool:
        """Tell whether it is there for a school, as far as it says itself."""
        return not self.sites or site in self.sites

    def meets(self, category: Category) -> bool:
        """Tell whether it is for this kind of need."""
        return category in {self.category, *self.also}

    def event(self, needs: Needs) -> ServiceChanged:
        """Return its present state for the other services, by the district's kinds of need."""
        category = needs.on_topics(self.category)
        return ServiceChanged(
            agency=self.agency,
            service=self.id,
            # With its name, the service's id in a referral's events would name the need.
            name=WITHHELD.value if category == WITHHELD else self.name,
            category=category,
            sites=self.sites,
            retired=self.retired,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the BSON form, with the name as it is searched and sorted."""
        return {**super().to_document(), "name_folded": fold(self.name)}


SOURCED = frozenset(
    {
        *("agency", "name", "description", "category", "also", "languages", "retired"),
        *("minimum_age", "maximum_age", "locations", "listing", "terms"),
    }
)
"""What a directory says of a service."""


def flat(of: BaseModel) -> Fields:
    """Return the fields that a directory can say; each of the terms is one of its own."""
    fields: Fields = of.model_dump(mode="json", include=set(SOURCED))
    terms: Fields = fields.pop("terms")
    return {**fields, **{f"terms.{name}": value for name, value in terms.items()}}


def nested(fields: Fields) -> Fields:
    """Return such fields as a service is made of."""
    terms = {
        name.removeprefix("terms."): value
        for name, value in fields.items()
        if name.startswith("terms.")
    }
    own = {name: value for name, value in fields.items() if not name.startswith("terms.")}
    return {**own, "terms": terms} if terms else own
