"""Which services could help, and why. Pure; each reason is a code with words for people."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import AgreementStatus
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity
from services.partner.model.service import Service

_WORDS = {
    "seats-free": ("{n} lugares libres", "{n} seats free"),
    "seat-free": ("1 lugar libre", "1 seat free"),
    "no-seats": ("Sin lugares por ahora", "No seats just now"),
    "waitlist": ("Con lista de espera: {n}", "Waitlist: {n}"),
    "closed": ("No recibe a nadie por ahora", "Takes nobody just now"),
    "assessment-first": ("Pide una evaluación antes", "Asks for an assessment first"),
    "seats-unknown": ("No ha dicho cuántos lugares tiene", "Has not told how many seats it has"),
    "seats-old": ("Dato de hace {n} días: pregunte", "Told {n} days ago: ask first"),
    "language-spoken": ("Atiende en el idioma de la familia", "Speaks the family's language"),
    "language-unknown": ("No ha dicho qué idiomas habla", "Has not told its languages"),
    "language-missing": ("No atiende en el idioma de la familia", "Not in the family's language"),
    "agreement-ends": ("El convenio termina el {n}", "The agreement ends on {n}"),
    "no-agreement": ("Sin convenio vigente para esta escuela", "No live agreement for this school"),
    "agreement-expired": ("El convenio ya venció", "The agreement has expired"),
    "other-schools": ("Solo para otras escuelas", "For other schools only"),
    "not-there": ("Ya no está en el directorio", "No longer in the directory"),
    "nobody-to-ask": ("Sin contacto a quien preguntar", "Nobody to ask there"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for or against, in Spanish and English."""

    code: str
    es: str
    en: str


def reason(code: str, n: object = "") -> Reason:
    """Return a reason with its words."""
    es, en = _WORDS[code]
    return Reason(code, es.format(n=n), en.format(n=n))


@dataclass(frozen=True, slots=True)
class Place:
    """A service, and what decides whether it fits."""

    service: Service
    agency: Agency
    agreements: tuple[Agreement, ...]
    capacity: Capacity | None


@dataclass(frozen=True, slots=True)
class Match:
    """A service that fits, with the reasons that speak for and against it."""

    place: Place
    reasons: tuple[Reason, ...]
    stale: bool


def excluded(place: Place, site: str, now: datetime) -> Reason | None:
    """Return why no offer can go to a service; None where one can."""
    if not place.service.serves(site):
        return reason("other-schools")
    if not any(each.covers(site, now) for each in place.agreements):
        over = any(
            site in each.sites and each.settled(now).status is AgreementStatus.EXPIRED
            for each in place.agreements
        )
        return reason("agreement-expired" if over else "no-agreement")
    if place.agency.answers is None:
        return reason("nobody-to-ask")
    return None


def match(
    place: Place, site: str, language: str | None, stale_after: timedelta, now: datetime
) -> Match:
    """Return what speaks for and against a service that an offer can go to."""
    age = now - place.capacity.as_of if place.capacity else timedelta()
    stale = age > stale_after
    reasons = [_seats(place.capacity)]
    if stale:
        reasons.append(reason("seats-old", age.days))
    if language is not None:
        reasons.append(_language(place.service, language))
    ends = _ends(place, site, now)
    if ends is not None:
        reasons.append(ends)
    return Match(place, tuple(reasons), stale)


_SCORE = {"no-seats": 4, "waitlist": 4, "closed": 6, "seats-unknown": 2, "assessment-first": 1}
_SCORE |= {"language-missing": 3, "language-unknown": 1, "seats-old": 1}


def ranked(matches: list[Match]) -> list[Match]:
    """Order matches: free seats, the family's language and fresh figures first."""

    def key(found: Match) -> tuple[int, str, str]:
        score = sum(_SCORE.get(each.code, 0) for each in found.reasons)
        return score, found.place.service.name.casefold(), found.place.service.id

    return sorted(matches, key=key)


def _seats(capacity: Capacity | None) -> Reason:
    if capacity is None:
        return reason("seats-unknown")
    match capacity.status.value:
        case "capacity":
            one = capacity.available == 1
            return reason("seat-free") if one else reason("seats-free", capacity.available)
        case "additional-assessment-required":
            return reason("assessment-first")
        case "waitlist":
            return reason("waitlist", len(capacity.waitlist))
        case _:
            return reason("closed" if capacity.available > 0 else "no-seats")


def _language(service: Service, language: str) -> Reason:
    spoken = {each.lower().split("-")[0] for each in service.languages}
    if not spoken:
        return reason("language-unknown")
    asked = language.lower().split("-")[0]
    return reason("language-spoken" if asked in spoken else "language-missing")


def _ends(place: Place, site: str, now: datetime) -> Reason | None:
    live = [each for each in place.agreements if each.covers(site, now)]
    last = [each.until for each in live]
    if any(day is None for day in last):
        return None
    expiring = all(each.settled(now).status is AgreementStatus.EXPIRING for each in live)
    return reason("agreement-ends", max(day for day in last if day)) if expiring else None
