"""Who may consent, and who may take a consent back. Given, when, then."""

from datetime import date

import pytest

from contracts.categories import Category
from contracts.codes import Language, Relation
from services.chassis.errors import EnlaceError
from services.referral.model.consenting import age_on, check_giver, check_revoker
from services.referral.model.people import Contact
from services.referral.model.rules import Rules
from tests.referral.build import SEALED, TODAY, consent, family

COUNSELING = (Category.MENTAL_HEALTH,)
SELF = Contact(
    id="per-self",
    relation=Relation.SELF,
    reads=Language.SPANISH,
    may_be_told=True,
    profile=SEALED,
)


def refused(age: int | None = None, rules: Rules | None = None, **changes: object) -> str | None:
    home = family()
    home = home.having(contacts=(*home.contacts, SELF))
    try:
        check_giver(consent(**changes), "stu-1", home, age, rules or Rules())
    except EnlaceError as error:
        return error.slug
    return None


@pytest.mark.parametrize(
    ("given_by", "slug"),
    [
        ("per-mother", None),
        ("per-father", "may-not-consent"),
        ("per-stranger", "not-a-contact"),
        ("per-self", "students-own"),
    ],
)
def test_a_guardian_is_one_of_the_familys_contacts_who_may_be_told(
    given_by: str, slug: str | None
) -> None:
    assert refused(given_by=given_by) == slug


@pytest.mark.parametrize(
    ("age", "categories", "slug"),
    [
        (12, COUNSELING, None),
        (11, COUNSELING, "minor-too-young"),
        (None, COUNSELING, "birth-date-missing"),
        (15, (Category.DENTAL,), "minor-may-not-consent"),
        (15, (*COUNSELING, Category.DENTAL), "minor-may-not-consent"),
        (18, (Category.DENTAL,), None),
    ],
)
def test_a_minor_consents_alone_where_the_law_says_so(
    age: int | None, categories: tuple[Category, ...], slug: str | None
) -> None:
    assert refused(age=age, given_by="stu-1", categories=categories) == slug


def test_the_law_is_configuration() -> None:
    elsewhere = Rules(minor_consents_from={Category.SUBSTANCE_USE: 14, Category.MENTAL_HEALTH: 14})
    assert refused(12, elsewhere, given_by="stu-1", categories=COUNSELING) == "minor-too-young"
    both = (*COUNSELING, Category.SUBSTANCE_USE)
    assert refused(14, elsewhere, given_by="stu-1", categories=both) is None


def test_a_refusal_names_the_way_out() -> None:
    with pytest.raises(EnlaceError, match=r"mental-health from 12 years\. .* ask a guardian"):
        check_giver(consent(given_by="stu-1", categories=COUNSELING), "stu-1", family(), 9, Rules())


def test_only_a_student_is_asked_whether_a_guardian_may_know() -> None:
    assert refused(guardian_may_know=True) == "not-the-students"


@pytest.mark.parametrize(
    ("given_by", "by", "allowed"),
    [
        ("per-mother", "per-mother", True),
        ("per-mother", "per-father", True),
        ("per-mother", None, True),
        ("per-mother", "per-stranger", False),
        ("per-mother", "stu-1", False),
        ("stu-1", "stu-1", True),
        ("stu-1", None, True),
        ("stu-1", "per-mother", False),
    ],
)
def test_taking_back_is_easier_than_giving_but_a_students_own_is_the_students(
    given_by: str, by: str | None, *, allowed: bool
) -> None:
    given = consent(given_by=given_by)
    if allowed:
        check_revoker(given, "stu-1", family(), by)
        return
    with pytest.raises(EnlaceError, match="Nothing was changed"):
        check_revoker(given, "stu-1", family(), by)


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(2014, 10, 13), 12), (date(2014, 10, 14), 11), (date(2012, 2, 29), 14), (None, None)],
)
def test_age_counts_whole_years(born: date | None, age: int | None) -> None:
    assert age_on(born, TODAY) == age
