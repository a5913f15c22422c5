"""What a directory says of a service in words, and what of it decides whether the service fits."""

import re
from collections.abc import Sequence

from services.partner.directory.model import (
    CalendarDay,
    DirectoryPackage,
    LinkKind,
    Schedule,
    ServiceArea,
    TaxonomyTerm,
)
from services.partner.directory.model import Service as Listed
from services.partner.model.listing import Area, Listing, Opening, Paper, SpecialDays, Term
from services.partner.model.terms import Cost, Hours, Terms, Weekday

_FREE = frozenset(
    {"free", "free of charge", "no cost", "no charge", "no fee", "none", "gratis", "sin costo"}
)
_ZIPS = re.compile(r"[0-9]{5}(?:[\s,;]+[0-9]{5})*")
_DAYS = {day.value: day for day in Weekday}
_MOST_ZIPS = 500


class Listings:
    """Looks up what hangs on services, once for a whole directory."""

    def __init__(self, package: DirectoryPackage) -> None:
        self._terms = {each.source_id: each for each in package.taxonomy_terms}
        self._areas: dict[str, list[ServiceArea]] = {}
        for area in package.service_areas:
            self._areas.setdefault(area.service_source_id, []).append(area)
        self._papers: dict[str, list[Paper]] = {}
        for each in package.required_documents:
            paper = Paper(id=each.source_id, document=each.document, uri=each.uri)
            self._papers.setdefault(each.service_source_id, []).append(paper)
        joined = {each.source_id: each.service_source_id for each in package.services_at_locations}
        self._special_days = _special_days(package)
        self._schedules: dict[str, list[Schedule]] = {}
        for schedule in package.schedules:
            for link in schedule.links:
                service = (
                    link.source_id
                    if link.kind is LinkKind.SERVICE
                    else joined.get(link.source_id)
                    if link.kind is LinkKind.SERVICE_AT_LOCATION
                    else None
                )
                if service is not None:
                    self._schedules.setdefault(service, []).append(schedule)

    def listing(self, listed: Listed) -> Listing:
        """Return what the directory says of a service in words."""
        known = (self._terms.get(each) for each in listed.taxonomy_term_source_ids)
        return Listing(
            alternate_name=listed.alternate_name,
            url=listed.url,
            email=listed.email,
            interpretation_services=listed.interpretation_services,
            application_process=listed.application_process,
            fees_description=listed.fees_description,
            wait_time=listed.wait_time,
            eligibility_description=listed.eligibility_description,
            alert=listed.alert,
            areas=tuple(_area(each) for each in self._areas.get(listed.source_id, ())),
            papers=tuple(self._papers.get(listed.source_id, ())),
            terms=tuple(_term(each) for each in known if each is not None),
            schedules=tuple(_opening(each) for each in self._schedules.get(listed.source_id, ())),
            special_days=tuple(self._special_days.get(listed.source_id, {}).values()),
        )

    def terms(self, listed: Listed) -> Terms:
        """Return what of it can be compared; what a sentence leaves open stays untold."""
        speaks = (listed.interpretation_services or "").strip().casefold()
        return Terms(
            zips=zips_of(self._areas.get(listed.source_id, ())),
            interpreter=True if speaks and not speaks.startswith(("no", "n/a")) else None,
            cost=cost_of(listed.fees_description),
            hours=hours_of(self._schedules.get(listed.source_id, ())),
        )


def _special_days(package: DirectoryPackage) -> dict[str, dict[str, SpecialDays]]:
    """Return the days on which usual times do not hold, by service, each once.

    Those of a place are those of every service that is offered there.
    """
    there: dict[tuple[LinkKind, str], list[str]] = {}
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


def cost_of(text: str | None) -> Cost | None:
    """Return what a family pays, where the words say nothing else besides."""
    plain = " ".join((text or "").casefold().replace(".", " ").split())
    if plain in _FREE:
        return Cost.FREE
    return Cost.SLIDING if plain in {"sliding scale", "sliding fee scale"} else None


def zips_of(areas: Sequence[ServiceArea]) -> tuple[str, ...]:
    """Return the ZIP codes of areas that are lists of such, all of them; else none."""
    found: dict[str, None] = {}
    for area in areas:
        text = next((each for each in (area.extent, area.name) if each), "").strip()
        if _ZIPS.fullmatch(text) is None:
            return ()
        found |= dict.fromkeys(re.findall("[0-9]{5}", text))
    return tuple(found) if len(found) <= _MOST_ZIPS else ()


def hours_of(schedules: Sequence[Schedule]) -> tuple[Hours, ...]:
    """Return the hours of a usual week; what is monthly or without times is left to the words."""
    found = {
        Hours(
            day=_DAYS[day],
            opens_at=f"{each.opens_at:%H:%M}",
            closes_at=f"{each.closes_at:%H:%M}",
        ): None
        for each in schedules
        if each.opens_at and each.closes_at and each.opens_at < each.closes_at
        if (each.freq or "WEEKLY").upper() == "WEEKLY" and each.interval in {None, 1}
        for day in each.byday
        if day in _DAYS
    }
    return tuple(found)


def _area(each: ServiceArea) -> Area:
    return Area(
        id=each.source_id,
        name=each.name,
        description=each.description,
        extent=each.extent,
        extent_type=each.extent_type,
    )


def _term(each: TaxonomyTerm) -> Term:
    return Term(
        id=each.source_id,
        code=each.code,
        name=each.name,
        taxonomy=each.taxonomy,
        parent=each.parent_source_id,
    )


def _opening(each: Schedule) -> Opening:
    days = ",".join(each.byday) or None
    return Opening(
        id=each.source_id,
        freq=each.freq,
        interval=each.interval,
        byday=days,
        bymonthday=",".join(str(day) for day in each.bymonthday) or None,
        valid_from=each.valid_from.isoformat() if each.valid_from else None,
        valid_to=each.valid_to.isoformat() if each.valid_to else None,
        opens_at=each.opens_at.isoformat() if each.opens_at else None,
        closes_at=each.closes_at.isoformat() if each.closes_at else None,
        description=each.description,
    )
