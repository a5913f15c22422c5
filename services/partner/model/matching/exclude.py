"""Filters: why no offer can go to a service for this need."""

from services.partner.model.matching.candidate import Admits, Candidate, Standing, span
from services.partner.model.matching.need import Kind, Need
from services.partner.model.matching.words import Said
from services.partner.model.service import Service


def closed(candidate: Candidate, agreements: Standing, site: str) -> list[Said]:
    """Return why no offer at all can go from a school to a service; nothing where one can."""
    found = []
    if candidate.gone:
        found.append(Said("not-there"))
    if not candidate.service.serves(site):
        found.append(Said("other-schools"))
    if not agreements.covered:
        expired = "agreement-expired" if agreements.expired else "no-agreement"
        found.append(Said("papers-lacking" if agreements.lacks else expired))
    if not candidate.reachable:
        found.append(Said("nobody-to-ask"))
    return found


def always(candidate: Candidate, agreements: Standing, kind: Kind) -> list[Said]:
    """Return what keeps a service from every child with this kind of need."""
    found = []
    if candidate.service.category != kind.category:
        if kind.category not in candidate.service.also:
            found.append(Said("other-need"))
        elif kind.restricted:
            # Topics know it by its main work, which would not keep the need's name to itself.
            found.append(Said("not-its-main-work"))
    return found + closed(candidate, agreements, kind.site)


def unfit(candidate: Candidate, need: Need) -> list[Said]:
    """Return what keeps a service from this child besides; nothing where it fits.

    A fact that the need does not tell, and a term that the service does not, exclude nobody.
    """
    service, asks = candidate.service, candidate.asks
    found: list[Said] = []
    age, grade = need.age, need.grade
    if age is not None:
        if service.minimum_age is not None and age < service.minimum_age:
            found.append(Said("too-young", years(service.minimum_age)))
        elif service.maximum_age is not None and age > service.maximum_age:
            found.append(Said("too-old", years(service.maximum_age)))
    if grade is not None and _beyond(grade, asks.first_grade, asks.last_grade):
        found.append(Said("other-grades", grades(service)))
    if need.insurance and asks.insurance and need.insurance not in asks.insurance:
        found.append(Said("insurance-not-taken"))
    if need.home_zip and asks.zips and need.home_zip not in asks.zips:
        found.append(Said("out-of-area"))
    if need.language and need.language_needed and asks.spoken and not service.terms.interpreter:
        asked = need.language.lower().split("-")[0]
        if asked not in asks.spoken:
            found.append(Said("language-not-available"))
    return found


def not_agreed(agreements: Standing, need: Need) -> list[Said]:
    """Return what keeps this child from every agreement that holds; of several, from the nearest.

    As with a service's own terms, a fact that the need does not tell excludes nobody.
    """
    against = [_outside(each, need) for each in agreements.admits]
    return min(against, key=len, default=[])


def _outside(admits: Admits, need: Need) -> list[Said]:
    found: list[Said] = []
    if need.age is not None and _beyond(need.age, admits.minimum_age, admits.maximum_age):
        found.append(Said("agreed-ages", span(admits.minimum_age, admits.maximum_age)))
    if need.grade is not None and _beyond(need.grade, admits.first_grade, admits.last_grade):
        found.append(Said("agreed-grades", admits.grades))
    if need.insurance and admits.insurance and need.insurance not in admits.insurance:
        found.append(Said("agreed-insurance"))
    if need.home_zip and admits.zips and need.home_zip not in admits.zips:
        found.append(Said("agreed-zips"))
    return found


def _beyond(value: int, low: int | None, high: int | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def asks_more(agreements: Standing, need: Need) -> bool:
    """Tell whether an agreement goes by something that the need does not tell."""
    return any(
        (need.age is None and (each.minimum_age is not None or each.maximum_age is not None))
        or (need.grade is None and each.grades != "")
        or (need.insurance is None and each.insurance)
        or (need.home_zip is None and each.zips)
        for each in agreements.admits
    )


def years(age: float) -> str:
    """Return an age as people say it: 6, or 2.5."""
    return f"{age:g}"


def grades(service: Service) -> str:
    """Return the grades that a service takes: `KG-05`, or an end that is open."""
    return span(service.terms.first_grade, service.terms.last_grade)
