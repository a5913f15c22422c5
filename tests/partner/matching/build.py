"""Builders for matching: a dentist that fits everybody, until a test says otherwise."""

from datetime import timedelta
from typing import Any

from contracts.categories import Category
from contracts.referrals import Candidate as Named
from services.partner.model.matching.candidate import (
    UNMEASURED,
    Candidate,
    Measured,
    seats_of,
)
from services.partner.model.matching.candidate import candidate as looked_at
from services.partner.model.matching.near import Ground
from services.partner.model.matching.need import Need
from services.partner.model.matching.prepare import prepare
from services.partner.model.matching.rank import Found, weigh
from services.partner.model.matching.scale import Scale
from services.partner.model.matching.weights import Weights
from services.partner.model.matching.words import worded
from services.partner.model.service import Place
from services.partner.model.terms import Terms
from tests.partner.build import NOW, SITE, SMILES, agency, agreement, capacity, service

NOWHERE = Ground()


def need(**changes: Any) -> Need:
    return Need(**{"category": Category.DENTAL, "site": SITE, **changes})


def candidate(
    name: Named = SMILES,
    *,
    seats: int | None = 1,
    terms: Terms | None = None,
    measured: Measured = UNMEASURED,
    agreements: tuple[Any, ...] | None = None,
    reachable: bool = True,
    told: timedelta = timedelta(),
    **changes: Any,
) -> Candidate:
    known = {} if seats is None else {SITE: seats_of(capacity(seats, name, as_of=NOW - told))}
    return looked_at(
        service(name, terms=terms or Terms(), **changes),
        agency(name) if reachable else agency(name, contacts=()),
        (agreement(name),) if agreements is None else agreements,
        known,
        measured,
    )


def at(latitude: float, longitude: float, **changes: Any) -> Place:
    return Place(latitude=latitude, longitude=longitude, **changes)


def scale(ground: Ground = NOWHERE, **weights: float) -> Scale:
    return Scale(NOW, timedelta(days=14), Weights.model_validate(weights), ground)


def found(*candidates: Candidate, ground: Ground = NOWHERE, **asked: Any) -> Found:
    wanted, measure = need(**asked), scale(ground)
    return weigh(prepare(candidates, wanted.kind, measure), wanted, measure)


def against(one: Candidate, **asked: Any) -> list[str]:
    """Return the codes of everything that keeps a service from a need."""
    apart = found(one, **asked).apart
    return [said.code for each in apart for said in each.obstacles]


def for_it(one: Candidate, ground: Ground = NOWHERE, **asked: Any) -> dict[str, str]:
    """Return the reasons of a service that fits: English words by code."""
    (match,) = found(one, ground=ground, **asked).matches
    return {each.code: each.en for each in worded(match.score.said)}


def order(*candidates: Candidate, ground: Ground = NOWHERE, **asked: Any) -> list[str]:
    """Return the ids of those that fit, best first."""
    matches = found(*candidates, ground=ground, **asked).matches
    return [each.candidate.service.id for each in matches]
