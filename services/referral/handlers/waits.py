"""By what a waitlist may order a child: numbers and flags, and nothing of a restricted need."""

from collections.abc import Sequence
from typing import Any

from contracts.referrals import Candidate, Waits
from services.referral.handlers.desk import Desk
from services.referral.model.care import CareTeam
from services.referral.model.people import Student
from services.referral.model.referral import WITH_AGENCY, Referral, State

_HELPED = sorted(each.value for each in {*WITH_AGENCY, State.COMPLETED})
_MOST_SIBLINGS = 40


async def waits_of(desk: Desk, referral: Referral, candidates: Sequence[Candidate]) -> Waits:
    """Return a child's tier, and the services asked that help or helped a sibling.

    A restricted need waits by its urgency and time alone; and what a sibling is helped with where
    the need is restricted is nobody's to know from a waitlist.
    """
    restricted = desk.rules().restricted
    if referral.category in restricted:
        return Waits()
    team = await desk.store.get(CareTeam, referral.student)
    others: dict[str, Any] = {"family": referral.family, "_id": {"$ne": referral.student}}
    siblings = [each.id async for each in desk.store.find(Student, others, limit=_MOST_SIBLINGS)]
    helped: dict[str, Any] = {
        "student": {"$in": siblings},
        "state": {"$in": _HELPED},
        "claim.service": {"$in": sorted({each.service for each in candidates})},
    }
    found = [each async for each in desk.store.find(Referral, helped)] if siblings else []
    told = (each.claim for each in found if each.category not in restricted)
    there = {claim.service for claim in told if claim is not None}
    return Waits(
        tier=team.tier if team else None,
        siblings=tuple(each.service for each in candidates if each.service in there),
    )
