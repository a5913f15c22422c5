"""The sample district's families and students: 800 and 1,200, in twelve schools."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.codes import Language, Relation
from deploy.local.district.names import FAMILY, GIVEN
from deploy.local.district.phones import sample_phone
from deploy.local.personas import SITES
from services.referral.model.household import roster_id

FAMILIES = 800
STUDENTS = 1_200
SEED = 8_400

_LANGUAGES = (Language.SPANISH, Language.ENGLISH, Language.TAGALOG, Language.VIETNAMESE)
_SHARES = (50, 36, 8, 6)
_GRADES = {
    **dict.fromkeys(("site-01", "site-02", "site-03", "site-04", "site-05", "site-06"), (0, 5)),
    "site-07": (0, 8),
    **dict.fromkeys(("site-08", "site-09", "site-10"), (6, 8)),
    **dict.fromkeys(("site-11", "site-12"), (9, 12)),
}


@dataclass(frozen=True, slots=True)
class SampleContact:
    """Somebody around a child. `phone` is None where they cannot be texted.

    Attributes:
        source_id: in the school's roster.
    """

    id: str
    source_id: str
    relation: Relation
    given_name: str
    reads: Language
    phone: str | None
    may_be_told: bool


@dataclass(frozen=True, slots=True)
class SampleStudent:
    """A child."""

    id: str
    given_name: str
    family_name: str
    birth_date: date
    grade: str
    sis_id: str


@dataclass(frozen=True, slots=True)
class SampleFamily:
    """A household with its children, all at one school."""

    id: str
    site: str
    surname: str
    contacts: tuple[SampleContact, ...]
    students: tuple[SampleStudent, ...]

    @property
    def told(self) -> SampleContact:
        """The contact who is told first."""
        return self.contacts[0]


@dataclass(frozen=True, slots=True)
class _Household:
    """Ids of a household, as a roster's import gives them."""

    site: str
    number: int

    def guardian(self, place: int) -> str:
        """Return a person's id in the roster."""
        return f"G{200_000 + 2 * self.number + place}"

    def child(self, place: int) -> str:
        """Return a child's id in the roster."""
        return f"S{100_000 + 2 * self.number + place}"

    @property
    def family(self) -> str:
        """The household's id: that of its first child names it."""
        return roster_id(self.site, "family", self.child(0))

    def contact(self, place: int) -> str:
        """Return a person's id."""
        return roster_id(self.site, "contact", f"{self.family}/{self.guardian(place)}")


def families(today: date) -> list[SampleFamily]:
    """Return all families, the same at every call for one date.

    Args:
        today: the local date; ages follow from it.
    """
    chance = random.Random(SEED)
    sites = list(SITES)
    second = STUDENTS - FAMILIES  # so many families have two children here
    found = []
    for number in range(FAMILIES):
        children = 2 if number % 2 == 0 and number // 2 < second else 1
        found.append(_family(chance, number, sites[number % len(sites)], children, today))
    return found


def _family(
    chance: random.Random, number: int, site: str, children: int, today: date
) -> SampleFamily:
    reads = chance.choices(_LANGUAGES, _SHARES)[0]
    surname = chance.choice(FAMILY[reads])
    relation = chance.choices(
        (Relation.MOTHER, Relation.FATHER, Relation.GRANDPARENT, Relation.GUARDIAN),
        (70, 18, 7, 5),
    )[0]
    place = _Household(site, number)
    first = SampleContact(
        place.contact(0),
        place.guardian(0),
        relation,
        chance.choice(GIVEN[reads]),
        reads,
        sample_phone(number),
        may_be_told=True,
    )
    contacts = [first]
    if chance.random() < 0.2:  # noqa: PLR2004 - one in five lists a second person
        contacts.append(
            SampleContact(
                place.contact(1),
                place.guardian(1),
                Relation.RELATIVE,
                chance.choice(GIVEN[reads]),
                reads,
                None,
                may_be_told=False,
            )
        )
    students = tuple(
        _student(chance, place.child(each), _Home(site, surname, reads), today)
        for each in range(children)
    )
    return SampleFamily(place.family, site, surname, tuple(contacts), students)


@dataclass(frozen=True, slots=True)
class _Home:
    site: str
    surname: str
    reads: Language


def _student(chance: random.Random, source: str, home: _Home, today: date) -> SampleStudent:
    lowest, highest = _GRADES[home.site]
    grade = chance.randint(lowest, highest)
    # Children turn five before kindergarten's first of September.
    autumn = today.year if today.month >= 8 else today.year - 1  # noqa: PLR2004
    born = date(autumn - 5 - grade, 8, 31) - timedelta(days=chance.randint(0, 364))
    return SampleStudent(
        roster_id(home.site, "student", source),
        chance.choice(GIVEN[home.reads]),
        home.surname,
        born,
        "KG" if grade == 0 else str(grade),
        source,
    )
