"""What a directory says of a service in words, and what of it decides whether the service fits."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from services.partner.directory.categories import OWN_TAXONOMY_NAME
from services.partner.directory.model import (
    CalendarDay,
    CostOption,
    DirectoryPackage,
    Language,
    Link,
    LinkKind,
    Phone,
    Program,
    RequiredDocument,
    Schedule,
    ServiceArea,
    ServiceStatus,
    TaxonomyTerm,
)
from services.partner.directory.model import Service as Listed
from services.partner.model import listing as kept
from services.partner.model.comparable import cost_of, hours_of, interpreter_of, zips_of
from services.partner.model.listing import Area, Listing, Opening, Paper, SpecialDays, Term
from services.partner.model.terms import Terms

Owner = tuple[LinkKind, str]
T = TypeVar("T", Opening, kept.Telephone)
K = TypeVar("K")
V = TypeVar("V")

_WEEK = {day: at for at, day in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_MOST_ABOVE = 12
"""Terms above one another that are kept: no classification is as deep."""


class Listings:
    """Looks up what hangs on services and places, once for a whole directory."""

    def __init__(self, package: DirectoryPackage) -> None:
        self._terms = {each.source_id: each for each in package.taxonomy_terms}
        self._programs = {each.source_id: each for each in package.programs}
        self._areas = _grouped(
            (each.service_source_id, _area(each)) for each in package.service_areas
        )
        self._papers = _grouped(
            (each.service_source_id, _paper(each)) for each in package.required_documents
        )
        self._costs = _grouped(
            (each.service_source_id, _price(each)) for each in package.cost_options
        )
        self._joins = _grouped(
            (each.service_source_id, each.source_id) for each in package.services_at_locations
        )
        self._special_days = _special_days(package)
        self._languages = _hanging((each.links, each) for each in package.languages)
        self._schedules = _hanging((each.links, _opening(each)) for each in package.schedules)
        self._telephones = _hanging((each.links, self._telephone(each)) for each in package.phones)

    def listing(self, listed: Listed) -> Listing:
        """Return what the directory says of a service in words."""
        known = (self._terms.get(each) for each in listed.taxonomy_term_source_ids)
        owners = self._owners(listed)
        ran_on = {None, ServiceStatus.ACTIVE, ServiceStatus.INACTIVE}
        return Listing(
            status=None if listed.status in ran_on else listed.status,
            program=self._program(listed.program_source_id),
            alternate_name=listed.alternate_name,
            url=listed.url,
            email=listed.email,
            interpretation_services=listed.interpretation_services,
            application_process=listed.application_process,
            fees_description=listed.fees_description,
            wait_time=listed.wait_time,
            eligibility_description=listed.eligibility_description,
            alert=listed.alert,
            areas=tuple(self._areas.get(listed.source_id, ())),
            papers=tuple(self._papers.get(listed.source_id, ())),
            # What an export of ours says of needs is the category, and no term besides.
            terms=tuple(
                self._term(each)
                for each in known
                if each is not None and each.taxonomy != OWN_TAXONOMY_NAME
            ),
            schedules=tuple(_each(self._schedules, owners)),
            special_days=tuple(self._special_days.get(listed.source_id, {}).values()),
            telephones=tuple(_each(self._telephones, owners)),
            languages=self.tongues(LinkKind.SERVICE, listed.source_id),
            costs=tuple(self._costs.get(listed.source_id, ())),
        )

    def terms(self, listed: Listed) -> Terms:
        """Return what of it can be compared; what a sentence leaves open stays untold."""
        costs = self._costs.get(listed.source_id, ())
        return Terms(
            zips=zips_of(self._areas.get(listed.source_id, ())),
            interpreter=interpreter_of(listed.interpretation_services),
            cost=cost_of(listed.fees_description, costs),
            hours=hours_of(list(_each(self._schedules, self._owners(listed)))),
        )

    def schedules(self, kind: LinkKind, source_id: str) -> tuple[Opening, ...]:
        """Return when something is open."""
        return tuple(self._schedules.get((kind, source_id), ()))

    def telephones(self, kind: LinkKind, source_id: str) -> tuple[kept.Telephone, ...]:
        """Return the telephones of something."""
        return tuple(self._telephones.get((kind, source_id), ()))

    def tongues(self, kind: LinkKind, source_id: str) -> tuple[kept.Tongue, ...]:
        """Return what is said of languages that a code does not hold."""
        spoken = self._languages.get((kind, source_id), ())
        return tuple(_tongue(each) for each in spoken if each.note or not each.code)

    def _owners(self, listed: Listed) -> list[Owner]:
        joins = self._joins.get(listed.source_id, ())
        joined = [(LinkKind.SERVICE_AT_LOCATION, each) for each in joins]
        return [(LinkKind.SERVICE, listed.source_id), *joined]

    def _program(self, source_id: str | None) -> kept.Program | None:
        found = None if source_id is None else self._programs.get(source_id)
        return None if found is None else program(found)

    def _telephone(self, each: Phone) -> kept.Telephone:
        spoken = self._languages.get((LinkKind.PHONE, each.source_id), ())
        return kept.Telephone(
            id=each.source_id,
            number=each.number,
            e164=each.e164,
            extension=each.extension,
            type=each.type,
            description=each.description,
            languages=tuple(_tongue(one) for one in spoken),
        )

    def _term(self, each: TaxonomyTerm) -> Term:
        above: list[TaxonomyTerm] = []
        parent = self._terms.get(each.parent_source_id or "")
        while parent is not None and len(above) < _MOST_ABOVE:
            above.append(parent)
            parent = self._terms.get(parent.parent_source_id or "")
        return _term(each, tuple(_term(one) for one in above))


def program(each: Program) -> kept.Program:
    """Return a program as it is kept."""
    return kept.Program(
        id=each.source_id,
        name=each.name,
        alternate_name=each.alternate_name,
        description=each.description,
    )


def _each(found: dict[Owner, list[T]], owners: Iterable[Owner]) -> Iterable[T]:
    """Yield what hangs on any of these, each once, the first owner's first."""
    once = {each.id: each for owner in owners for each in found.get(owner, ())}
    return once.values()


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Return values by key, in an order that is that of no file.

    A source that exports its rows in another order the next time says the same.
    """
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    for values in found.values():
        values.sort(key=_place)
    return found


def _place(value: object) -> tuple[str, str, str]:
    if isinstance(value, Opening):
        days = "".join(str(_WEEK.get(day[-2:], 9)) for day in (value.byday or "").split(","))
        return days, value.opens_at or "", value.id
    if isinstance(value, str):
        return "", "", value
    return "", "", str(getattr(value, "id", None) or getattr(value, "source_id", ""))


def _hanging(pairs: Iterable[tuple[Iterable[Link], V]]) -> dict[Owner, list[V]]:
    """Return what hangs on records, by record."""
    return _grouped(
        ((link.kind, link.source_id), value) for links, value in pairs for link in links
    )


def _special_days(package: DirectoryPackage) -> dict[str, dict[str, SpecialDays]]:
    """Return the days on which usual times do not hold, by service, each once.

    Those of a place are those of every service that is offered there.
    """
    there: dict[Owner, list[str]] = {}
    for service in package.services:
        there[LinkKind.SERVICE, service.source_id] = [service.source_id]
    for join in package.services_at_locations:
        for kind, id in (
            (LinkKind.LOCATION, join.location_source_id),
            (LinkKind.SERVICE_AT_LOCATION, join.source_id),
        ):
            there.setdefault((kind, id), []).append(join.service_source_id)
    found: dict[str, dict[str, SpecialDays]] = {}
    for each in package.holiday_schedules:
        days = SpecialDays(
            id=each.source_id,
            first=_iso(each.start_date),
            last=_iso(each.end_date),
            closed=each.closed,
            opens_at=each.opens_at.isoformat() if each.opens_at else None,
            closes_at=each.closes_at.isoformat() if each.closes_at else None,
        )
        for link in each.links:
            for id in there.get((link.kind, link.source_id), ()):
                found.setdefault(id, {})[days.id] = days
    return found


def _iso(day: CalendarDay) -> str:
    year = "-" if day.year is None else f"{day.year:04}"
    return f"{year}-{day.month:02}-{day.day:02}"


def _area(each: ServiceArea) -> Area:
    return Area(
        id=each.source_id,
        name=each.name,
        description=each.description,
        extent=each.extent,
        extent_type=each.extent_type,
    )


def _paper(each: RequiredDocument) -> Paper:
    return Paper(id=each.source_id, document=each.document, uri=each.uri)


def _price(each: CostOption) -> kept.Price:
    return kept.Price(
        id=each.source_id,
        option=each.option,
        currency=each.currency,
        amount=each.amount,
        amount_description=each.amount_description,
        valid_from=each.valid_from.isoformat() if each.valid_from else None,
        valid_to=each.valid_to.isoformat() if each.valid_to else None,
    )


def _tongue(each: Language) -> kept.Tongue:
    code = each.code.lower() if each.code else None
    return kept.Tongue(id=each.source_id, name=each.name, code=code, note=each.note)


def _term(each: TaxonomyTerm, above: Sequence[Term] = ()) -> Term:
    return Term(
        id=each.source_id,
        code=each.code,
        name=each.name,
        description=each.description,
        taxonomy=each.taxonomy,
        parent=each.parent_source_id,
        above=tuple(above),
    )


def _opening(each: Schedule) -> Opening:
    days = ",".join(each.byday) or None
    return Opening(
        id=each.source_id,
        freq=each.freq,
        interval=each.interval,
        byday=days,
        bymonthday=",".join(str(day) for day in each.bymonthday) or None,
        dtstart=each.dtstart.isoformat() if each.dtstart else None,
        until=each.until.isoformat() if each.until else None,
        valid_from=each.valid_from.isoformat() if each.valid_from else None,
        valid_to=each.valid_to.isoformat() if each.valid_to else None,
        opens_at=each.opens_at.isoformat() if each.opens_at else None,
        closes_at=each.closes_at.isoformat() if each.closes_at else None,
        description=each.description,
        schedule_link=each.schedule_link,
        attending_type=each.attending_type,
        notes=each.notes,
    )
