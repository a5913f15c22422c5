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
    """A term of the directory's classification."""

    model_config = ConfigDict(frozen=True)

    id: str
    code: str | None = None
    name: str
    taxonomy: str | None = None
    parent: str | None = None


class Opening(BaseModel):
    """A line of a schedule, in the words of iCalendar: dates and times as ISO texts."""

    model_config = ConfigDict(frozen=True)

    id: str
    freq: str | None = None
    interval: int | None = None
    byday: str | None = None
    bymonthday: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    description: str | None = None


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
    """What the directory says, by the standard's names (HSDS 3.0 `service`)."""

    model_config = ConfigDict(frozen=True)

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
