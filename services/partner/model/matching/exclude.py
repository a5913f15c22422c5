"""Filters: why no offer can go to a service for this need."""

from services.partner.model.matching.candidate import Candidate, Standing
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
    if grade is not None and (
        (asks.first_grade is not None and grade < asks.first_grade)
        or (asks.last_grade is not None and grade > asks.last_grade)
    ):
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


def years(age: float) -> str:
    """Return an age as people say it: 6, or 2.5."""
    return f"{age:g}"


def grades(service: Service) -> str:
    """Return the grades that a service takes: `KG-05`, or an end that is open."""
    terms = service.terms
    if terms.first_grade == terms.last_grade:
        return terms.first_grade or ""
    return f"{terms.first_grade or '…'}-{terms.last_grade or '…'}"
