"""What a directory says of a service in its own words, kept for readers and for the export."""

from pydantic import BaseModel, ConfigDict


class Area(BaseModel):
    """Where people may live to be served, as the directory says it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str | None = None
    description: str | None = None
    extent: str | None = None
    extent_type: str | None = None


class Paper(BaseModel):
    """Something to bring."""

    model_config = ConfigDict(frozen=True)

    id: str
    document: str
    uri: str | None = None


class Term(BaseModel):
    """A term of the directory's classification.

    Attributes:
        parent: the id of the term that it is a part of; None where the directory does not hold it.
        above: the terms that it is a part of, the nearest first, so that a tree stays whole of
            which services name the leaves alone.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    code: str | None = None
    name: str
    description: str | None = None
    taxonomy: str | None = None
    parent: str | None = None
    above: tuple["Term", ...] = ()


class Opening(BaseModel):
    """A line of a schedule, in the words of iCalendar: dates and times as ISO texts."""

    model_config = ConfigDict(frozen=True)

    id: str
    freq: str | None = None
    interval: int | None = None
    byday: str | None = None
    bymonthday: str | None = None
    dtstart: str | None = None
    until: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    description: str | None = None
    schedule_link: str | None = None
    attending_type: str | None = None
    notes: str | None = None


class Tongue(BaseModel):
    """A language, as the directory says it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str | None = None
    code: str | None = None
    note: str | None = None


class Telephone(BaseModel):
    """A telephone of a desk.

    Attributes:
        number: as the directory writes it.
        e164: the same in E.164; None where no such number can exist.
        extension: behind it, in figures or words.
        type: `voice`, `text`, `fax`, `cell`, `video`, `pager` or `textphone`, as it writes it.
        languages: that are spoken there.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    e164: str | None = None
    extension: str | None = None
    type: str | None = None
    description: str | None = None
    languages: tuple[Tongue, ...] = ()


class Price(BaseModel):
    """What a family pays, for some or at some time. `amount` is in `currency`, days are ISO."""

    model_config = ConfigDict(frozen=True)

    id: str
    option: str | None = None
    currency: str | None = None
    amount: float | None = None
    amount_description: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class Program(BaseModel):
    """A group of an agency's services under one name."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    alternate_name: str | None = None
    description: str | None = None


class PostalAddress(BaseModel):
    """A further address of a place: where its post goes."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str | None = None
    lines: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class PlaceListing(BaseModel):
    """What the directory says of a place besides where it is (HSDS 3.0 `location`).

    Attributes:
        offered: what is special about the service at this place (`service_at_location`).
        addresses: further ones than where it is.
        telephones: what is said of its telephones; a place's `phones` tell which of them hold.
    """

    model_config = ConfigDict(frozen=True)

    location_type: str | None = None
    alternate_name: str | None = None
    description: str | None = None
    url: str | None = None
    address_type: str | None = None
    region: str | None = None
    country: str | None = None
    offered: str | None = None
    addresses: tuple[PostalAddress, ...] = ()
    telephones: tuple[Telephone, ...] = ()
    schedules: tuple[Opening, ...] = ()


class Listed(BaseModel):
    """A person at an agency whom its directory lists.

    Attributes:
        id: the contact's, who stands with the agency, sealed.
        services: ids of the services that they are asked about; none: of the agency's whole work.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    services: tuple[str, ...] = ()


class AgencyListing(BaseModel):
    """What the directory says of an agency besides (HSDS 3.0 `organization`).

    Attributes:
        parent: id of the agency that it is a part of.
    """

    model_config = ConfigDict(frozen=True)

    alternate_name: str | None = None
    email: str | None = None
    parent: str | None = None
    telephones: tuple[Telephone, ...] = ()
    programs: tuple[Program, ...] = ()
    people: tuple[Listed, ...] = ()


class SpecialDays(BaseModel):
    """Days on which the usual times do not hold: a holiday, a week of shorter hours.

    Attributes:
        first: `2026-11-26`, or `--11-26` for that day of every year.
        last: in the same form; the first itself for a single day.
        closed: nobody is there; otherwise the hours are those given.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    first: str
    last: str
    closed: bool
    opens_at: str | None = None
    closes_at: str | None = None


class Listing(BaseModel):
    """What the directory says, by the standard's names (HSDS 3.0 `service`).

    Attributes:
        status: why it does not run, where the directory says more than that.
        languages: what it says of languages besides their codes.
    """

    model_config = ConfigDict(frozen=True)

    status: str | None = None
    program: Program | None = None
    alternate_name: str | None = None
    url: str | None = None
    email: str | None = None
    interpretation_services: str | None = None
    application_process: str | None = None
    fees_description: str | None = None
    wait_time: str | None = None
    eligibility_description: str | None = None
    alert: str | None = None
    areas: tuple[Area, ...] = ()
    papers: tuple[Paper, ...] = ()
    terms: tuple[Term, ...] = ()
    schedules: tuple[Opening, ...] = ()
    special_days: tuple[SpecialDays, ...] = ()
    telephones: tuple[Telephone, ...] = ()
    languages: tuple[Tongue, ...] = ()
    costs: tuple[Price, ...] = ()
