"""What is the same for every child with one kind of need at one school, worked out once for all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.partner.model.confirmed import is_old
from services.partner.model.matching.candidate import Candidate, Measured, Standing, standing
from services.partner.model.matching.exclude import always
from services.partner.model.matching.near import ON_CAMPUS_MILES, miles
from services.partner.model.matching.need import Kind
from services.partner.model.matching.scale import UNTOLD, Scale, Value
from services.partner.model.matching.weights import Weights
from services.partner.model.matching.words import Said
from services.partner.model.terms import Cost

_AT_ONCE, _SLOW = timedelta(hours=4), timedelta(days=5)
_DAY, _MONTH = timedelta(days=1), timedelta(days=30)
_COST = {Cost.FREE: 1.0, Cost.INSURANCE: 0.8, Cost.SLIDING: 0.6, Cost.FEE: 0.1}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A candidate as it stands for one kind of need at one school.

    Attributes:
        against: what keeps it from every child with this need.
        values: what counts the same for every child: its answers and its cost.
        on_campus: it is given on the school's grounds.
        entry: that nobody has said for long that its entry holds; empty where somebody has.
    """

    candidate: Candidate
    agreements: Standing
    against: tuple[Said, ...]
    values: tuple[Value, ...]
    on_campus: bool
    entry: tuple[Said, ...] = ()


def prepare(candidates: Iterable[Candidate], kind: Kind, scale: Scale) -> tuple[Prepared, ...]:
    """Prepare candidates, by name; an agency's agreements are looked at once.

    What comes of it holds for the local day.
    """
    stands: dict[tuple[str, str], Standing] = {}
    found = []
    for each in sorted(candidates, key=lambda one: (one.asks.name, one.service.id)):
        # Most agreements name no services: then they stand alike for all of the agency's.
        named = any(one.services for one in each.agreements)
        key = (each.agency.id, each.service.id if named else "")
        stand = stands.get(key)
        if stand is None:
            stand = standing(each.agreements, kind.site, scale.now, each.service.id)
            stands[key] = stand
        found.append(
            Prepared(
                candidate=each,
                agreements=stand,
                against=tuple(always(each, stand, kind)),
                values=(*_answers(each.measured, scale.weights), _cost(each, scale.weights)),
                on_campus=_on_campus(each, kind.site, scale),
                entry=_entry(each, scale),
            )
        )
    return tuple(found)


def _entry(candidate: Candidate, scale: Scale) -> tuple[Said, ...]:
    confirmed = candidate.service.confirmed
    if not is_old(confirmed, scale.now, scale.entry_old_after):
        return ()
    if confirmed is None:
        return (Said("entry-unconfirmed"),)
    return (Said("entry-old", (scale.now - confirmed.at).days // _MONTH.days),)


def _on_campus(candidate: Candidate, site: str, scale: Scale) -> bool:
    if site in candidate.service.terms.campuses:
        return True
    school = scale.ground.schools.get(site)
    return school is not None and any(
        miles(school, each) <= ON_CAMPUS_MILES for each in candidate.asks.points
    )


def _cost(candidate: Candidate, weights: Weights) -> Value:
    cost = candidate.service.terms.cost
    if cost is None or cost not in _COST:  # a later release's
        return weights.cost, UNTOLD, None, ""
    return weights.cost, _COST[cost], f"cost-{cost.value}", ""


def _answers(measured: Measured, weights: Weights) -> tuple[Value, Value]:
    reply, accepted = measured.reply, measured.accepted
    soon: Value = (weights.reply, UNTOLD, None, "")
    if reply is not None:
        late = (reply - _AT_ONCE) / (_SLOW - _AT_ONCE)
        if reply < _DAY:
            code, n = "replies-in-hours", max(1, round(reply / timedelta(hours=1)))
        else:
            code, n = "replies-in-days", round(reply / _DAY)
        soon = (weights.reply, min(1.0, max(0.0, 1 - late)), code, n)
    if accepted is None:
        return soon, (weights.acceptance, UNTOLD, None, "")
    return soon, (weights.acceptance, accepted, "accepts", round(accepted * 10))
