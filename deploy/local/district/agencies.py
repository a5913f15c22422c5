"""The sample district's 60 agencies, their 150 services and seats, agreements in every state."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.categories import Category
from contracts.codes import AgreementStatus, CapacityUnit, Channel, Language
from deploy.local.district.ids import Kind, sample_id
from deploy.local.district.names import STAFF_FAMILY, STAFF_GIVEN
from deploy.local.district.people import SEED
from deploy.local.district.phones import sample_phone
from deploy.local.personas import AGENCIES, SITES

COUNT = 60
SERVICES = 150
_EVERYWHERE = (0, 3, 6)  # the first service of each agency that a persona or a demonstration needs
_FIRST_PHONE = 1_000  # families have the numbers before it

SECOND_DENTAL = "Clearwater Children's Dentistry"
"""Beside the agency of a persona, the one that a demonstration offers to."""

_PLACES = (
    *(
        "Alder Street",
        "Bayleaf",
        "Copper Hill",
        "Dry Creek",
        "Eucalyptus",
        "Foothill",
        "Golden Oak",
    ),
    *(
        "Heron Bay",
        "Iris Court",
        "Jade Valley",
        "Kite Hill",
        "Laurel Grove",
        "Mariposa",
        "Nightingale",
    ),
    *(
        "Orchard Row",
        "Poppy Field",
        "Quarry Lake",
        "Redtail",
        "Saltmarsh",
        "Tule Fog",
        "Willow Bend",
    ),
)

KINDS: dict[Category, tuple[str, tuple[str, ...], CapacityUnit]] = {
    Category.DENTAL: (
        "Dental Clinic",
        ("Check-up and cleaning", "Fillings", "Sealants at school"),
        CapacityUnit.APPOINTMENTS_PER_WEEK,
    ),
    Category.VISION: (
        "Eye Care",
        ("Eye examination", "Glasses"),
        CapacityUnit.APPOINTMENTS_PER_WEEK,
    ),
    Category.MEDICAL: (
        "Health Center",
        ("Well-child visit", "Asthma clinic", "Vaccinations"),
        CapacityUnit.APPOINTMENTS_PER_WEEK,
    ),
    Category.MENTAL_HEALTH: (
        "Counseling",
        ("Counseling for children", "Family counseling", "Grief group"),
        CapacityUnit.SEATS,
    ),
    Category.SUBSTANCE_USE: (
        "Recovery House",
        ("Youth recovery group", "Family support group"),
        CapacityUnit.SEATS,
    ),
    Category.FOOD: ("Food Pantry", ("Weekly groceries", "Weekend backpack"), CapacityUnit.SEATS),
    Category.HOUSING: (
        "Housing Alliance",
        ("Rent help", "Shelter intake", "Tenant advice"),
        CapacityUnit.SEATS,
    ),
    Category.UTILITIES: (
        "Energy Fund",
        ("Utility bill help", "Internet at home"),
        CapacityUnit.ONE_TIME,
    ),
    Category.CLOTHING: ("Closet", ("School clothes", "Shoes and coats"), CapacityUnit.ONE_TIME),
    Category.TRANSPORTATION: (
        "Rides",
        ("Bus passes", "Rides to appointments"),
        CapacityUnit.ONE_TIME,
    ),
    Category.LEGAL: (
        "Legal Aid",
        ("Legal clinic", "Family law help"),
        CapacityUnit.APPOINTMENTS_PER_WEEK,
    ),
    Category.IMMIGRATION: (
        "Newcomers' Law Project",
        ("Immigration consultation", "Know-your-rights visit"),
        CapacityUnit.APPOINTMENTS_PER_WEEK,
    ),
    Category.EMPLOYMENT: (
        "Job Center",
        ("Job search for parents", "Teen job training"),
        CapacityUnit.SEATS,
    ),
    Category.TUTORING: (
        "Reading Room",
        ("Reading tutor", "Math tutor", "Homework club"),
        CapacityUnit.SEATS,
    ),
    Category.AFTER_SCHOOL: (
        "Youth Club",
        ("After-school club", "Summer camp", "Soccer league"),
        CapacityUnit.SEATS,
    ),
    Category.MENTORING: ("Mentors", ("One-to-one mentor", "Mentoring circle"), CapacityUnit.SEATS),
    Category.CHILDCARE: (
        "Children's House",
        ("Before-school care", "Toddler care"),
        CapacityUnit.SEATS,
    ),
    Category.FAMILY_SUPPORT: (
        "Family Resource Center",
        ("Parenting class", "Home visits", "Diaper bank"),
        CapacityUnit.SEATS,
    ),
    Category.DOMESTIC_VIOLENCE: (
        "Safe Harbor",
        ("Safety planning", "Children's advocate"),
        CapacityUnit.SEATS,
    ),
    Category.SPECIAL_NEEDS: (
        "Inclusion Center",
        ("Parent advocate", "Speech support"),
        CapacityUnit.SEATS,
    ),
}
"""What agencies of each kind are called, what they do, and in what they count their seats."""

_STATES = (
    AgreementStatus.DRAFT,
    AgreementStatus.IN_REVIEW,
    AgreementStatus.EXPIRING,
    AgreementStatus.EXPIRED,
    AgreementStatus.ENDED,
)


@dataclass(frozen=True, slots=True)
class SampleService:
    """A service, with its seats at every school that it serves."""

    id: str
    name: str
    category: Category
    languages: tuple[str, ...]
    sites: tuple[str, ...]
    unit: CapacityUnit
    maximum: int
    available: int


@dataclass(frozen=True, slots=True)
class SampleAgency:
    """An agency with the person who answers for it, and its agreement.

    Attributes:
        status: what its agreement is to be now; the dates make it so.
        starts: first day of the agreement.
        until: its last day.
    """

    id: str
    name: str
    contact: str
    person: str
    reads: Language
    channel: Channel
    phone: str | None
    email: str | None
    agreement: str
    status: AgreementStatus
    starts: date
    until: date
    services: tuple[SampleService, ...]

    @property
    def address(self) -> str:
        """Where its messages arrive: a telephone number or a mail address."""
        found = self.phone if self.channel is Channel.SMS else self.email
        return found or ""


def agencies(today: date) -> list[SampleAgency]:
    """Return all agencies, the same at every call for one date.

    Args:
        today: the local date on which the district is shown; agreements end around it.
    """
    chance = random.Random(SEED + 1)
    kinds = _kinds()
    share = [SERVICES // COUNT + (number < SERVICES % COUNT) for number in range(COUNT)]
    found, services = [], 0
    for number, (category, count) in enumerate(zip(kinds, share, strict=True)):
        found.append(_agency(chance, number, category, range(services, services + count), today))
        services += count
    return found


def _kinds() -> list[Category]:
    """Return each agency's kind: those of the personas first, then all in turn."""
    kinds = [Category.DENTAL, Category.MENTAL_HEALTH, Category.DENTAL]
    everything = list(KINDS)
    return [*kinds, *(everything[number % len(everything)] for number in range(COUNT - len(kinds)))]


def _agency(
    chance: random.Random, number: int, category: Category, services: range, today: date
) -> SampleAgency:
    name = _name(number, category)
    person = f"{chance.choice(STAFF_GIVEN)} {chance.choice(STAFF_FAMILY)}"
    # The two of a demonstration: one is written to, the other is texted.
    by_text = number == 2 or (number > 2 and chance.random() < 0.4)  # noqa: PLR2004
    status = AgreementStatus.ACTIVE
    if number > 2 and number % 6 == 0:  # noqa: PLR2004 - one in six has no plain, living one
        status = _STATES[number // 6 % len(_STATES)]
    starts, until = _term(chance, status, today)
    slug = "".join(letter if letter.isalnum() else "-" for letter in name.lower()).replace(
        "--", "-"
    )
    return SampleAgency(
        id=_agency_id(number),
        name=name,
        contact=sample_id(Kind.AGENCY_CONTACT, number),
        person=person,
        reads=chance.choices((Language.ENGLISH, Language.SPANISH), (80, 20))[0],
        channel=Channel.SMS if by_text else Channel.EMAIL,
        phone=sample_phone(_FIRST_PHONE + number) if by_text else None,
        email=f"referrals@{slug}.example.org",
        agreement=sample_id(Kind.AGREEMENT, number),
        status=status,
        starts=starts,
        until=until,
        services=tuple(_service(chance, each, category, each - services[0]) for each in services),
    )


def _agency_id(number: int) -> str:
    own = list(AGENCIES)
    return own[number] if number < len(own) else sample_id(Kind.AGENCY, number + 1)


def _name(number: int, category: Category) -> str:
    own = [*AGENCIES.values(), SECOND_DENTAL]
    if number < len(own):
        return own[number]
    return f"{_PLACES[number * 5 % len(_PLACES)]} {KINDS[category][0]}"


def _term(chance: random.Random, status: AgreementStatus, today: date) -> tuple[date, date]:
    """Return first and last day of an agreement that stands like this today."""
    starts = today - timedelta(days=chance.randint(300, 500))
    if status is AgreementStatus.EXPIRING:
        return starts, today + timedelta(days=chance.randint(10, 50))
    if status is AgreementStatus.EXPIRED:
        return starts, today - timedelta(days=chance.randint(5, 30))
    return starts, today + timedelta(days=chance.randint(200, 400))


def _service(chance: random.Random, number: int, category: Category, place: int) -> SampleService:
    _, names, unit = KINDS[category]
    suffix = "" if place < len(names) else " II"
    maximum = chance.randint(4, 24)
    # Those of a demonstration serve every school, the others a few around them.
    near = chance.sample(list(SITES), chance.randint(1, 3))
    sites = tuple(SITES) if number in _EVERYWHERE else tuple(sorted(near))
    return SampleService(
        id=sample_id(Kind.SERVICE, number),
        name=names[place % len(names)] + suffix,
        category=category,
        languages=("en", "es") if chance.random() < 0.6 else ("en",),  # noqa: PLR2004
        sites=sites,
        unit=unit,
        maximum=maximum,
        available=chance.randint(2, maximum),
    )
