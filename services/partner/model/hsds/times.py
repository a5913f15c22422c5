"""When something is open."""

from collections.abc import Iterable

from services.partner.model.comparable import hours_of, weekly
from services.partner.model.hsds.ids import Record, derived, told, web
from services.partner.model.hsds.special_days import schedules_of
from services.partner.model.listing import Opening
from services.partner.model.service import Service

_FREQUENCIES = frozenset({"WEEKLY", "MONTHLY"})
_WEEK = "MO,TU,WE,TH,FR,SA,SU"
_MONTHS = 12


def service_schedules(of: Service, id: str) -> list[Record]:
    """Return when a service is open: as its directory says it, where staff say nothing else."""
    special = [found for each in of.listing.special_days for found in schedules_of(id, each)]
    said = of.listing.schedules
    if set(hours_of(said)) == set(of.terms.hours):
        return [*schedules("service_id", id, said), *special]
    rest = [each for each in said if not weekly(each)]
    return [*_hours(of, id), *schedules("service_id", id, rest), *special]


def schedules(owner: str, id: str, said: Iterable[Opening]) -> list[Record]:
    """Return schedules as a directory says them, of the record that the field `owner` names."""
    return [_schedule(owner, id, each) for each in said]


def _hours(of: Service, id: str) -> list[Record]:
    return [
        {
            "id": derived("schedule", id, each.day.value, each.opens_at, each.closes_at),
            "service_id": id,
            "freq": "WEEKLY",
            "byday": each.day.value,
            "opens_at": each.opens_at,
            "closes_at": each.closes_at,
        }
        for each in of.terms.hours
    ]


def _schedule(owner: str, of: str, each: Opening) -> Record:
    said = each.model_dump(exclude={"id"})
    said |= {"schedule_link": web(each.schedule_link)} | _often(each)
    return told({"id": derived("schedule", of, each.id), owner: of, **said})


def _often(each: Opening) -> Record:
    """Return how often it recurs: the standard knows weeks and months alone."""
    if each.freq == "DAILY" and each.interval in {None, 1}:
        return {"freq": "WEEKLY", "byday": each.byday or _WEEK}
    if each.freq == "YEARLY":
        return {"freq": "MONTHLY", "interval": _MONTHS * (each.interval or 1)}
    return {"freq": each.freq if each.freq in _FREQUENCIES else None}
