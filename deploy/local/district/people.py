"""The sample district's families and students: 800 and 1,200, in twelve schools."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.codes import Language, Relation
from deploy.local.district.ids import Kind, sample_id
from deploy.local.district.names import FAMILY, GIVEN
from deploy.local.district.phones import sample_phone
from deploy.local.personas import SITES

FAMILIES = 800
STUDENTS = 1_200
SEED = 8_400

_LANGUAGES = (Language.SPANISH, Language.ENGLISH, Language.TAGALOG, Language.VIETNAMESE)
_SHARES = (50, 36, 8, 6)
_ZIPS = ("94990", "94991", "94992", "94993")  # of no post office
_INSURANCE = ("medi-cal", "medi-cal", "private", "none")
_GRADES = {
    **dict.fromkeys(("site-01", "site-02", "site-03", "site-04", "site-05", "site-06"), (0, 5)),
    "site-07": (0, 8),
    **dict.fromkeys(("site-08", "site-09", "site-10"), (6, 8)),
    **dict.fromkeys(("site-11", "site-12"), (9, 12)),
}


@dataclass(frozen=True, slots=True)
class SampleContact:
    """Somebody around a child. `phone` is None where they cannot be texted."""

    id: str
    relation: Relation
    given_name: str
    reads: Language
    phone: str | None
    may_be_told: bool

    def body(self) -> dict[str, object]:
        """Return what the API takes."""
        return {
            "id": self.id,
            "relation": self.relation.value,
            "given_name": self.given_name,
            "reads": self.reads.value,
            "phone": self.phone,
            "may_be_told": self.may_be_told,
        }


@dataclass(frozen=True, slots=True)
class SampleStudent:
    """A child."""

    id: str
    given_name: str
    family_name: str
    birth_date: date
    grade: str
    home_zip: str
    insurance: str
    sis_id: str


@dataclass(frozen=True, slots=True)
class SampleFamily:
    """A household with its children, all at one school."""

    id: str
    site: str
    contacts: tuple[SampleContact, ...]
    students: tuple[SampleStudent, ...]

    @property
    def told(self) -> SampleContact:
        """The contact who is told first."""
        return self.contacts[0]

    def body(self) -> dict[str, object]:
        """Return what the API takes for the household."""
        return {"site": self.site, "contacts": [each.body() for each in self.contacts]}

    def student_body(self, student: SampleStudent) -> dict[str, object]:
        """Return what the API takes for one of its children."""
        return {
            "site": self.site,
            "family": self.id,
            "given_name": student.given_name,
            "family_name": student.family_name,
            "birth_date": student.birth_date.isoformat(),
            "grade": student.grade,
            "home_zip": student.home_zip,
            "insurance": student.insurance,
            "sis_id": student.sis_id,
            "reads": self.told.reads.value,
        }


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
    first = SampleContact(
        sample_id(Kind.CONTACT, 2 * number),
        relation,
        chance.choice(GIVEN[reads]),
        reads,
        sample_phone(number),
        may_be_told=True,
    )
    contacts = [first]
    if chance.random() < 0.3:  # noqa: PLR2004 - nearly a third list a second person
        other = Relation.FATHER if relation is Relation.MOTHER else Relation.RELATIVE
        contacts.append(
            SampleContact(
                sample_id(Kind.CONTACT, 2 * number + 1),
                other,
                chance.choice(GIVEN[reads]),
                reads,
                None,
                # Some are under a custody note: nothing may ever be sent to them.
                may_be_told=chance.random() < 0.6,  # noqa: PLR2004
            )
        )
    home_zip, insurance = chance.choice(_ZIPS), chance.choice(_INSURANCE)
    students = tuple(
        _student(chance, 2 * number + each, _Home(site, surname, reads, home_zip, insurance), today)
        for each in range(children)
    )
    return SampleFamily(sample_id(Kind.FAMILY, number), site, tuple(contacts), students)


@dataclass(frozen=True, slots=True)
class _Home:
    site: str
    surname: str
    reads: Language
    home_zip: str
    insurance: str


def _student(chance: random.Random, number: int, home: _Home, today: date) -> SampleStudent:
    lowest, highest = _GRADES[home.site]
    grade = chance.randint(lowest, highest)
    # Children turn five before kindergarten's first of September.
    autumn = today.year if today.month >= 8 else today.year - 1  # noqa: PLR2004
    born = date(autumn - 5 - grade, 8, 31) - timedelta(days=chance.randint(0, 364))
    return SampleStudent(
        sample_id(Kind.STUDENT, number),
        chance.choice(GIVEN[home.reads]),
        home.surname,
        born,
        "KG" if grade == 0 else str(grade),
        home.home_zip,
        home.insurance,
        f"S{100_000 + number}",
    )
