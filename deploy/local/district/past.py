"""What happened in the sample district: each referral's story, planned from the fixed seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.categories import RESTRICTED, Category
from contracts.codes import AgreementStatus, Urgency
from deploy.local.district.agencies import SampleAgency, SampleService
from deploy.local.district.ids import Kind, sample_id
from deploy.local.district.people import SEED, SampleFamily, SampleStudent

SCHOOL_DAYS = 60
"""Three months."""

REFERRALS = 120
"""As many as can be lived through in a minute on two cores."""

_BUSY = (2, 7)  # days from the asking to the first report, to the completion


class Ending(StrEnum):
    """How a story goes on after the asking."""

    VERIFIED = "verified"
    DISPUTED = "disputed"
    UNASKED = "unasked"
    UNDER_WAY = "under-way"
    SILENT = "silent"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    LATE_CONSENT = "late-consent"
    NO_SHOW = "no-show"
    WAITLISTED = "waitlisted"
    PROMOTED = "promoted"


_SHARES = {
    Ending.VERIFIED: 36,
    Ending.DISPUTED: 5,
    Ending.UNASKED: 9,
    Ending.UNDER_WAY: 7,
    Ending.SILENT: 5,
    Ending.DECLINED: 10,
    Ending.EXPIRED: 6,
    Ending.CANCELLED: 5,
    Ending.LATE_CONSENT: 5,
    Ending.NO_SHOW: 4,
    Ending.WAITLISTED: 5,
    Ending.PROMOTED: 3,
}
_NEEDS: dict[Category, int] = {
    Category.DENTAL: 14,
    Category.VISION: 10,
    Category.FOOD: 12,
    Category.MENTAL_HEALTH: 12,
    Category.HOUSING: 8,
    Category.TUTORING: 8,
    Category.AFTER_SCHOOL: 8,
    Category.MEDICAL: 6,
    Category.CLOTHING: 5,
    Category.FAMILY_SUPPORT: 5,
}
"""Weights of the commonest needs; the others have 1 each."""

WORDS: dict[Category, str] = {
    Category.DENTAL: "Says that chewing hurts; has not seen a dentist for two years.",
    Category.VISION: "Sits in the first row and still cannot read the board.",
    Category.FOOD: "The family runs out of food before the end of the month.",
    Category.HOUSING: "They share one room with another family since the summer.",
    Category.TUTORING: "Reads two grades below; asks for help with homework.",
}
"""What a coordinator wrote; the others are in general words."""

_IN_GENERAL = "The family asked for help with this at the front desk."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service that is asked, with its agency."""

    agency: SampleAgency
    service: SampleService


@dataclass(frozen=True, slots=True)
class Story:
    """One referral's past. Days are counted in school days from the first.

    Attributes:
        created: when the need was written down and the services asked.
        answered: when the agency answered.
        reported: when it told of an appointment.
        completed: when it told the end.
        replied: how many days the family takes to answer.
        identified: whether the agency reads who the child is.
    """

    id: str
    consent: str
    family: SampleFamily
    student: SampleStudent
    category: Category
    urgency: Urgency
    candidates: tuple[Candidate, ...]
    ending: Ending
    created: int
    answered: int
    reported: int
    completed: int
    replied: int
    identified: bool

    @property
    def words(self) -> str:
        """What the coordinator wrote."""
        return said_of(self.category)


def said_of(category: Category) -> str:
    """Return what a coordinator writes of a need."""
    return WORDS.get(category, _IN_GENERAL)


def stories(families: Sequence[SampleFamily], agencies: Sequence[SampleAgency]) -> list[Story]:
    """Return all stories, oldest first, the same at every call for the same people."""
    chance = random.Random(SEED + 2)
    by_need = _services(agencies)
    days = sorted(chance.randrange(SCHOOL_DAYS) for _ in range(REFERRALS))
    # A family seldom comes twice in three months.
    who = chance.sample(list(families), REFERRALS)
    return [
        _story(chance, number, day, family, by_need)
        for number, (day, family) in enumerate(zip(days, who, strict=True))
    ]


def _services(agencies: Sequence[SampleAgency]) -> dict[Category, list[Candidate]]:
    found: dict[Category, list[Candidate]] = {}
    for agency in agencies:
        if agency.status not in (AgreementStatus.ACTIVE, AgreementStatus.EXPIRING):
            continue
        for service in agency.services:
            found.setdefault(service.category, []).append(Candidate(agency, service))
    return found


def _story(
    chance: random.Random,
    number: int,
    day: int,
    family: SampleFamily,
    by_need: dict[Category, list[Candidate]],
) -> Story:
    near = {
        category: [each for each in candidates if family.site in each.service.sites]
        for category, candidates in by_need.items()
    }
    open_needs = [category for category, candidates in near.items() if candidates]
    category = chance.choices(open_needs, [_NEEDS.get(each, 1) for each in open_needs])[0]
    several = 2 if chance.random() < 0.5 else 1  # noqa: PLR2004 - half are asked of two
    most = 1 if category in RESTRICTED else min(several, len(near[category]))
    candidates = _of_different_agencies(chance.sample(near[category], most))
    urgency = chance.choices(
        (Urgency.ROUTINE, Urgency.SOON, Urgency.URGENT, Urgency.CRISIS), (50, 32, 15, 3)
    )[0]
    answered = day + chance.randint(1, 3)
    reported = answered + chance.randint(1, _BUSY[0])
    return Story(
        id=sample_id(Kind.REFERRAL, number),
        consent=sample_id(Kind.CONSENT, number),
        family=family,
        student=chance.choice(family.students),
        category=category,
        urgency=urgency,
        candidates=candidates,
        ending=chance.choices(list(_SHARES), list(_SHARES.values()))[0],
        created=day,
        answered=answered,
        reported=reported,
        completed=reported + chance.randint(2, _BUSY[1]),
        replied=chance.randint(1, 2),
        identified=chance.random() < 0.3,  # noqa: PLR2004 - not every agency looks
    )


def _of_different_agencies(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple({each.agency.id: each for each in found}.values())
