"""What a service directory says, in the names of Open Referral HSDS 3.0.

`source_id` is the id that the directory's own file gives; making Enlace's ids is the importer's
business. Where a file gives no id (a list inside a column of the older CSV layout) the source id is
derived from its owner's and contains a colon. Times of day are local to the place; ages are years.
"""

from datetime import date, time
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.categories import Category
from services.chassis.tabular import Problem, Record, Tally

SourceId = Annotated[str, Field(min_length=1, max_length=400)]
PersonalText = Annotated[str | None, Field(repr=False)]
"""Text about a person: never part of a representation, and so never of a log."""


class Format(StrEnum):
    """The layouts that are understood."""

    HSDS_JSON = "hsds-3.0-json"
    HSDS_CSV = "hsds-3.0-csv"
    OHANA_CSV = "ohana-csv"


class LinkKind(StrEnum):
    """What a phone, contact, schedule or language can belong to."""

    ORGANIZATION = "organization"
    SERVICE = "service"
    LOCATION = "location"
    SERVICE_AT_LOCATION = "service_at_location"
    CONTACT = "contact"
    PHONE = "phone"


class Link(Record):
    """One record that another belongs to. The standard lets a record belong to several."""

    kind: LinkKind
    source_id: SourceId


class ServiceStatus(StrEnum):
    """Whether a service runs (HSDS `service.status`)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"
    TEMPORARILY_CLOSED = "temporarily closed"


class LocationType(StrEnum):
    """What kind of place a location or address is (HSDS `location_type`)."""

    PHYSICAL = "physical"
    POSTAL = "postal"
    VIRTUAL = "virtual"


class Organization(Record):
    """An agency."""

    source_id: SourceId
    name: str
    alternate_name: str | None = None
    description: str | None = None
    email: str | None = None
    website: str | None = None
    parent_organization_source_id: SourceId | None = None


class Program(Record):
    """A group of services under one name."""

    source_id: SourceId
    organization_source_id: SourceId | None = None
    name: str
    alternate_name: str | None = None
    description: str | None = None


class Coordinates(Record):
    """WGS 84 degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Address(Record):
    """Where a location is, or where its post goes."""

    source_id: SourceId
    address_type: LocationType | None = None
    attention: PersonalText = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    region: str | None = None
    state_province: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Location(Record):
    """A place."""

    source_id: SourceId
    organization_source_id: SourceId | None = None
    location_type: LocationType | None = None
    name: str | None = None
    alternate_name: str | None = None
    description: str | None = None
    transportation: str | None = None
    url: str | None = None
    coordinates: Coordinates | None = None
    addresses: tuple[Address, ...] = ()
    accessibility: tuple[str, ...] = ()


class Service(Record):
    """What an agency does for people. No status means that the directory states none."""

    source_id: SourceId
    organization_source_id: SourceId
    program_source_id: SourceId | None = None
    name: str
    alternate_name: str | None = None
    description: str | None = None
    url: str | None = None
    email: str | None = None
    status: ServiceStatus | None = None
    interpretation_services: str | None = None
    application_process: str | None = None
    fees_description: str | None = None
    wait_time: str | None = None
    eligibility_description: str | None = None
    audience: str | None = None
    minimum_age: float | None = None
    maximum_age: float | None = None
    alert: str | None = None
    assured_date: date | None = None
    keywords: tuple[str, ...] = ()
    taxonomy_term_source_ids: tuple[SourceId, ...] = ()
    categories: tuple[Category, ...] = ()


class ServiceAtLocation(Record):
    """A service as offered at one place."""

    source_id: SourceId
    service_source_id: SourceId
    location_source_id: SourceId
    description: str | None = None


class Contact(Record):
    """A person or desk to ask for."""

    source_id: SourceId
    name: PersonalText = None
    title: str | None = None
    department: str | None = None
    email: PersonalText = None
    links: tuple[Link, ...]


class Phone(Record):
    """A number as the directory writes it, and in E.164 where such a number can exist."""

    source_id: SourceId
    number: Annotated[str, Field(repr=False)]
    e164: PersonalText = None
    extension: str | None = None
    type: str | None = None
    description: str | None = None
    links: tuple[Link, ...]


class Schedule(Record):
    """When something is open, in the words of iCalendar: `byday` holds MO to SU or 1MO, -1FR."""

    source_id: SourceId
    valid_from: date | None = None
    valid_to: date | None = None
    dtstart: date | None = None
    until: date | None = None
    freq: str | None = None
    interval: int | None = None
    byday: tuple[str, ...] = ()
    bymonthday: tuple[str, ...] = ()
    opens_at: time | None = None
    closes_at: time | None = None
    description: str | None = None
    schedule_link: str | None = None
    attending_type: str | None = None
    notes: str | None = None
    links: tuple[Link, ...]


class CalendarDay(Record):
    """A day; without a year, that day of every year."""

    year: Annotated[int, Field(ge=1800, le=9999)] | None
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


class HolidaySchedule(Record):
    """Days on which the usual times do not hold (HSDS 1.x; 3.0 has no place for it)."""

    source_id: SourceId
    start_date: CalendarDay
    end_date: CalendarDay
    closed: bool
    opens_at: time | None = None
    closes_at: time | None = None
    links: tuple[Link, ...]


class Language(Record):
    """A language spoken. `code` is ISO 639 or BCP 47, where the name has one."""

    source_id: SourceId
    name: str | None = None
    code: str | None = None
    note: str | None = None
    links: tuple[Link, ...]


class ServiceArea(Record):
    """Where people may live to be served."""

    source_id: SourceId
    service_source_id: SourceId
    name: str | None = None
    description: str | None = None
    extent: str | None = None
    extent_type: str | None = None


class RequiredDocument(Record):
    """What to bring."""

    source_id: SourceId
    service_source_id: SourceId
    document: str
    uri: str | None = None


class CostOption(Record):
    """What a family pays, for some or at some time. `amount` is in `currency`."""

    source_id: SourceId
    service_source_id: SourceId
    option: str | None = None
    currency: str | None = None
    amount: float | None = None
    amount_description: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class TaxonomyTerm(Record):
    """A term of a classification; no category means that Enlace maps it to no kind of need."""

    source_id: SourceId
    code: str | None = None
    name: str
    description: str | None = None
    parent_source_id: SourceId | None = None
    taxonomy: str | None = None
    category: Category | None = None


class DirectoryPackage(Record):
    """A whole directory: what could be read, what could not, and what was left out.

    Attributes:
        unread: the tables, by the standard's name of one record, of which something could not be
            read or that are not there: of these nobody can tell what has gone.
    """

    format: Format
    organizations: tuple[Organization, ...] = ()
    programs: tuple[Program, ...] = ()
    services: tuple[Service, ...] = ()
    locations: tuple[Location, ...] = ()
    services_at_locations: tuple[ServiceAtLocation, ...] = ()
    contacts: tuple[Contact, ...] = ()
    phones: tuple[Phone, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    holiday_schedules: tuple[HolidaySchedule, ...] = ()
    languages: tuple[Language, ...] = ()
    service_areas: tuple[ServiceArea, ...] = ()
    required_documents: tuple[RequiredDocument, ...] = ()
    cost_options: tuple[CostOption, ...] = ()
    taxonomy_terms: tuple[TaxonomyTerm, ...] = ()
    ignored: tuple[Tally, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()

    @property
    def unmapped_terms(self) -> tuple[TaxonomyTerm, ...]:
        """The terms that stand for no kind of need that Enlace knows."""
        return tuple(term for term in self.taxonomy_terms if term.category is None)

    @property
    def uncategorized_services(self) -> tuple[Service, ...]:
        """The services that no search by need would find until somebody gives them a category."""
        return tuple(service for service in self.services if not service.categories)
